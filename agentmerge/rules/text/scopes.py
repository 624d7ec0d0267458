"""Statements that confine an agent to a subject, or set subjects aside as another's, in four languages (SCOPE001).

How they are written is in ``data/scopes.tsv``. A demand ("only after the tests pass"), a forbidden act ("do not modify
files") and what is hedged ("unless it is exploitable") confine nothing.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from agentmerge.rules.text.clauses import LONGEST
from agentmerge.rules.text.lazy import Lazy


class Scope(NamedTuple):
    """What a statement says of an agent's subjects: ``only`` these, and ``aside``: not those.

    ``whole``: the statement says nothing else. ``brief``: in a clause at its end, or in two words, so that only a field of work will do.
    """

    only: tuple[str, ...]
    aside: tuple[str, ...]
    whole: bool
    brief: bool = False


_X = r"(?P<x>[^.;:!?。；：！？，—–\"“]{2,140}?)"
# A subject that opens a pattern opens a clause; only then is it known where it begins.
_OPENS = r"(?:^|(?<=[.;:!?—–(,。；：！？，、]))\s*"
# What is said stands in quotation marks.
_SPOKEN = ('"', "“", "「", "『")
_FEW = 3
_OPENED = ("only", "bare", "not", "aside")
# What may stand before and behind without being a point of its own.
_HEAD = Lazy(
    r"(?:(?:scope|focus|important|note|constraints?|boundar(?:y|ies)|limits?|role|범위|역할|중요|範囲|役割|重要|范围|角色|职责)\s*[:：]\s*)?"
    r"(?:[\s,>*-]*\b(?:did (?:i|you)|please|always|also|strictly|you|you're|we|i|are|is|it|this|the|agent|reviewer|should|must|shall|will"
    r"|may|can|and|your|당신은|이|에이전트는|あなたは|このエージェントは|你|您|本代理|请)\b)*[\s,>*-]*",
    re.IGNORECASE,
)
# Who does so, before what: "이 리뷰어는 보안", "このエージェントは性能".
_TOPIC = Lazy(r"^.*\w(?:은|는|이|가)\s+(?=\S)|^[^はを]*は、?(?=.)", re.IGNORECASE)
# Whose it is adds nothing: " - other reviewers handle those".
_DOES = r"(?:handles?|covers?|checks?|reviews?|do|does|owns?|takes? care of|jobs?|tasks?|work|will|can|(?:is|are) responsible(?: for)?)"
_WHOSE = (
    r"(?:(?:that|this|those|these|it)(?:['’]s| is| are)? )?(?:(?:for|the job of|up to|left to|handled by|covered by|use|see) )?"
    r"(?:the |an? )?(?:(?:other|another|separate|different|dedicated|speciali[sz]ed|specialist|sibling) (?:[a-z]+ )?(?:sub-?)?"
    rf"(?:agent|reviewer|specialist|expert)s?|`?[a-z0-9]+(?:-[a-z0-9]+)+`?)(?:['’]s?)?(?: {_DOES})*(?: (?:this|that|it|these|those|them))?"
    r"|(?:다른|별도의?) (?:에이전트|리뷰어)(?:가|에서|이|의) ?(?:담당|처리|맡|몫|검토)[가-힣]*"
    r"|(?:他の|別の)(?:エージェント|レビュアー)(?:が|の) ?(?:担当|処理|対応)[ぁ-ん]*"
    r"|(?:那是)?(?:由)?(?:其他|另一个?|别的)(?:代理|智能体|agent)(?:的事|的活|负责|处理)"
)
_TAIL = Lazy(
    r"(?:,? (?:and )?nothing (?:else|more))?(?:\s*[（(][^()（）]{0,80}[)）])?"
    rf"(?:\s*[—–,;:，；、-]+\s*(?:{_WHOSE}))?[\s.:;!?。：；！？)）]*",
    re.IGNORECASE,
)
# A condition or an exception: then a statement confines less than it seems to.
_CONDITION = Lazy(
    r"\b(?:unless|except|excluding|other than|when|whenever|if|until|while|without|before|after|once)\b"
    r"|경우|제외하고|아니면|이상|除き|除く|場合|とき|以外|除非|除了|除外|如果"
)
# An exception leaves a subject set aside all the same.
_EXCEPTION = Lazy(r"\s*[,(（，]?\s*(?:\b(?:unless|except|excluding|other than)\b|제외하고|除き|除く|除非|除了)", re.IGNORECASE)
# What makes a subject narrower than its words: not the subject is set aside, but some of it.
_RESTRICTS = Lazy(
    r"\b(?:where|that|which|who|whose|from|within|per|specified|listed|mentioned|defined|explicitly|provided|supplied|given|confirmed|verified|authori[sz]ed|actionable|safe"
    r"|actual(?:ly)?|real|changed|modified|recent(?:ly)?|existing|new|yet|beyond|it|they|this|these|those|anything|everything|something|what)\b|[%\d]|변경|기존|새로|무엇|変更|既存|新規|何|变更|现有|新增|什么|哪些|任何"
)
_NOT = Lazy(r"\s*[,(，、]?\s*\b(?:but not|and not|not|never|rather than)\b\s*(?:on |about |for )?", re.IGNORECASE)
_ALREADY = Lazy(r"\bnot only\b|만(?:\s*아니라)|だけでなく|のみならず|不仅|不只|不是(?:只|仅)", re.IGNORECASE)
# What belongs to no subject: "for security", "and nothing else".
_AROUND = Lazy(r"^for |(?:,| and)? nothing (?:else|more)$", re.IGNORECASE)
_PARTS = Lazy(
    r"\s*(?:[,，、/;·&]|\b(?:and|or|nor|plus|as well as)\b|\s(?:및|또는|그리고|혹은)\s|(?<=[가-힣])[와과](?=\s)"
    r"|や|および|または|と(?=\S)|和|与|及|或)\s*",
    re.IGNORECASE,
)
# Among what is set aside an act may be forbidden as well.
_FORBIDS = Lazy(r"(?:never|do not|don't|no|must not|should not)\b|不要|禁止|请勿", re.IGNORECASE)
_BRACKETS = Lazy(r"\s*[（(][^()（）]*[)）]")


class _Row(NamedTuple):
    """A way to say so, and the words of which a text ``needs`` one to be worth a search."""

    kind: str
    needs: tuple[str, ...]
    pattern: Lazy


@cache
def _rows() -> tuple[_Row, ...]:
    lines = (Path(__file__).with_name("data") / "scopes.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple(_Row(kind, tuple(needs.split("|")), _pattern(kind, pattern)) for kind, needs, pattern in rows)


def _pattern(kind: str, text: str) -> Lazy:
    """A row's pattern; a subject at its end runs as far as the clause does."""
    if kind not in _OPENED:
        return Lazy(text, re.IGNORECASE)
    before, after = text.split("{X}")
    edge = (r"(?<![\w-])" if before[0].isascii() else "") if before else _OPENS
    greedy = _X if after else rf"{_X}(?=\s*(?:$|[.;:!?。；：！？，—–]))"
    return Lazy(f"{edge}{before}{greedy}{after}" + (r"(?![\w-])" if after[-1:].isascii() and after else ""), re.IGNORECASE)


def scope_of(text: str) -> Scope | None:
    """The subjects that a statement keeps to or sets aside; ``None`` when it does neither."""
    if len(text) > LONGEST or text.startswith(_SPOKEN):
        return None
    lowered = text.lower()
    rows = [row for row in _rows() if row.kind in _OPENED and any(word in lowered for word in row.needs)]
    if not rows or _ALREADY.search(text):
        return None
    return next((found for row in rows if (match := row.pattern.search(text)) and (found := _read(text, row.kind, match))), None)


def _read(text: str, kind: str, match: re.Match[str]) -> Scope | None:
    if kind == "not" and (exception := _EXCEPTION.search(text[match.start("x") :])):
        subjects = match["x"][: exception.start()]
        return None if _RESTRICTS.search(subjects.lower()) else Scope((), _parts(_TOPIC.sub("", subjects)), whole=False)
    subjects = match["x"] if kind in ("only", "bare") else _BRACKETS.sub("", match["x"])
    subjects = _AROUND.sub("", _TOPIC.sub("", subjects))
    if _CONDITION.search(text.lower()) or _RESTRICTS.search(subjects.lower()):
        return None
    only, aside = _cut(subjects) if kind in ("only", "bare") else ("", subjects)
    whole = kind != "aside" and bool(_HEAD.fullmatch(text[: match.start()]) and _TAIL.fullmatch(text[match.end() :]))
    if kind == "bare" and not (whole and not aside and 0 < len(only.split()) <= _FEW):
        return None
    return Scope(_parts(only), _parts(aside), whole, kind in ("bare", "aside"))


def _cut(subjects: str) -> tuple[str, str]:
    """What comes before and after "not"."""
    match = _NOT.search(subjects)
    return (subjects[: match.start()], subjects[match.end() :]) if match else (subjects, "")


def _parts(subjects: str) -> tuple[str, ...]:
    """The single subjects of an enumeration."""
    found = (part.strip(" `*\"'()（）") for part in _PARTS.split(_BRACKETS.sub("", subjects)))
    return tuple(part for part in found if part)


@lru_cache(1024)
def sets_aside(title: str) -> bool:
    """Whether what stands below a heading or lead-in is set aside."""
    return any(row.kind == "places" and row.pattern.search(title.strip()) for row in _rows())


def introduces(title: str) -> bool:
    """Whether a heading says by itself what a list below it is: what to look at."""
    return any(row.kind == "introduces" and row.pattern.search(title) for row in _rows())


def listed(text: str, label: str) -> Scope | None:
    """What an item sets aside that stands where things are set aside: its label, or its words before a bracket."""
    exception = _EXCEPTION.search(text)
    if exception:
        text = text[: exception.start()]
    if _CONDITION.search(text.lower()) or len(text) > LONGEST:
        return None
    if _FORBIDS.match(text):
        return scope_of(text)
    named = label or re.split(r"[（(:：—–;；]", text)[0]
    if _RESTRICTS.search(named.lower()):
        return None
    rest = text[len(named) :].strip(" :：—–-*") if text.startswith(named) else text
    return Scope((), _parts(named), whole=exception is None and (not rest or bool(_BRACKETS.fullmatch(rest)) or scope_of(text) is not None))
