"""The sentences in which a file says what its agent is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from agentmerge.model import Agent, Kind, Unit

# What says so wherever it stands near the top.
_IDENTITY = re.compile(
    r"(?:you are|you're|act as|you act as|you will act as) (?:an?\b|the\b|this project['’]s|our\b|\*\*)|you are (?-i:[A-Z])(?!N\b)"
    r"|as an? [^.,]{3,60}, you\b|i am (?:an?|your) |(?:당신은|너는|귀하는)\s"
    r"|.*(?:전문가|에이전트|개발자|엔지니어|아키텍트)(?:입니다|이다)[.。]?$"
    r"|[^,.]{2,60}(?:전문가|에이전트|개발자|엔지니어|아키텍트|리뷰어)로서\s"
    r"|(?:あなたは|貴方は)|.*(?:専門家|エキスパート|エンジニア|エージェント)(?:です|である)[.。]?$"
    r"|(?:你是|您是|你将扮演|您将扮演|你将担任|作为(?:一名|一个|一位|资深|专业))",
    re.IGNORECASE | re.DOTALL,
)
# What says so as the first sentence of a file only: a role without a verb, a label, the first person.
_TRADE = r"(?:expert|specialist|engineer|architect|developer|strategist|designer|analyst|reviewer|researcher|consultant|advisor|writer)"
_OPENING = re.compile(
    rf"(?:an? |the )?(?:(?!(?:an?|the|your|our)\b)\w[\w/&.+#-]*[ \t]){{0,7}}{_TRADE} "
    r"(?:who|that|specializ\w+|specialis\w+|focus\w*|for|with|in|responsible|dedicated|skilled)\b"
    r"|(?:role|역할|役割|角色)(?:\*\*)?[ \t]*[:：]"
    r"|.*(?:専門家|エキスパート|エンジニア|エージェント|ストラテジスト|スペシャリスト)[.。]?$|.*(?:전문가|전문 에이전트)[.。]?$|我是",
    re.IGNORECASE | re.DOTALL,
)
_NEAR_TOP = 4
# A preamble of standing rules may come first; a paragraph that opens so is an identity behind it too.
_BEHIND_A_PREAMBLE = 14
_PLAIN = re.compile(r"(?:you are|you're) (?:an?\b|the\b)|당신은\s|あなたは|(?:你是|您是)", re.IGNORECASE)


def opening_of(agent: Agent) -> Unit | None:
    """The first statement of a source, when it stands above its sections: what the agent does, if it does not say what it is."""
    first = next(
        (unit for unit in agent.units if unit.kind in (Kind.SENTENCE, Kind.ITEM, Kind.HEADING) and not unit.text.startswith("# ")), None
    )
    return first if first and first.kind is not Kind.HEADING else None


def identities_of(agent: Agent) -> tuple[Unit, ...]:
    """The sentences in which a source says what its agent is, near its top."""
    statements = [u for u in agent.units if u.kind in (Kind.SENTENCE, Kind.ITEM)][:_BEHIND_A_PREAMBLE]
    found = [u for n, u in enumerate(statements[:_NEAR_TOP]) if _is_identity(u, first=n == 0)]
    return tuple(found or list(_later(statements))[:1])


def _is_identity(unit: Unit, *, first: bool) -> bool:
    text = unit.text.lstrip("*# ")
    return bool(_IDENTITY.match(text)) or (first and unit.kind is Kind.SENTENCE and bool(_OPENING.match(text)))


def _later(statements: list[Unit]) -> Iterator[Unit]:
    """Sentences behind a preamble that open a paragraph with what the agent is."""
    for before, unit in pairwise(statements):
        if unit.kind is Kind.SENTENCE and unit.block != before.block and _PLAIN.match(unit.text.lstrip("*# ")):
            yield unit
