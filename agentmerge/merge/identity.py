"""The sentences in which a file says what its agent is."""

from __future__ import annotations

import re

from agentmerge.model import Agent, Kind, Unit

_IDENTITY = re.compile(
    r"(?:you are|you're|act as|you act as) (?:an?\b|the\b|\*\*)|as an? [^.,]{3,60}, you\b|(?:당신은|너는|귀하는)\s"
    r"|.*(?:전문가|에이전트|개발자|엔지니어|아키텍트)(?:입니다|이다)[.。]?$"
    r"|(?:あなたは|貴方は)|.*(?:専門家|エキスパート|エンジニア|エージェント)(?:です|である)[.。]?$|(?:你是|您是|你将扮演|作为(?:一名|一个|一位))",
    re.IGNORECASE | re.DOTALL,
)


def identities_of(agent: Agent) -> tuple[Unit, ...]:
    """The sentences in which a source says what its agent is, near its top."""
    statements = [u for u in agent.units if u.kind in (Kind.SENTENCE, Kind.ITEM)][:4]
    return tuple(u for u in statements if _IDENTITY.match(u.text.lstrip("*# ")))
