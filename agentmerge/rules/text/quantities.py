"""Figures in a statement: what they measure, whether they are a floor or a ceiling, and which of two is stricter.

Units of one measure are compared in one unit: 1 s is 1000 ms. Four languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from re import Match
from typing import NamedTuple

from agentmerge.rules.text.lazy import Lazy

DIRECTIONS = Path(__file__).with_name("data") / "directions.tsv"
_REACH = 28
# One text is compared with many others.
_REMEMBERED = 4096


# Subjects of which one may ask for "enough"; of a function's length or a list's items nobody does.
_GRADED = frozenset(("coverage", "password", "key", "review", "contrast", "availability", "timeout", "latency", "complexity", "error-rate"))
_RATING = 3
_LONGEST = 300
_REPORT = Lazy(r"[\"“'*_]*(?:Successfully )?(?:[A-Z][a-z]+ed|Built|Cut|Found|Ran|Managing|Running)\b(?!\s*:)")


class Bound(StrEnum):
    """What a figure is: the least, the most, or neither is said."""

    FLOOR = "floor"
    CEILING = "ceiling"
    EXACT = "exact"


class Quantity(NamedTuple):
    """A figure: ``value`` in the base unit of its ``measure`` (ms, bytes, a count); ``text`` as written."""

    value: float
    measure: str
    bound: Bound
    text: str


# measure -> words of its units with their factor.
_UNITS: dict[str, dict[str, float]] = {
    "%": dict.fromkeys(("%", "％", "percent", "퍼센트", "프로", "パーセント"), 1),
    "time": {
        **dict.fromkeys(("ms", "millisecond", "milliseconds", "밀리초", "ミリ秒", "毫秒"), 1),
        **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "초", "秒"), 1000),
        **dict.fromkeys(("min", "mins", "minute", "minutes", "분", "分", "分钟", "分間"), 60_000),
        **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "시간", "時間", "小时"), 3_600_000),
        **dict.fromkeys(("d", "day", "days", "일", "日", "天"), 86_400_000),
        **dict.fromkeys(("week", "weeks", "주", "週間", "周"), 604_800_000),
    },
    "size": {
        **dict.fromkeys(("kb", "kib"), 1),
        **dict.fromkeys(("mb", "mib"), 1024),
        **dict.fromkeys(("gb", "gib"), 1024 * 1024),
    },
    "px": {"px": 1},
    "bits": dict.fromkeys(("bit", "bits", "비트", "ビット", "位"), 1),
    "lines": dict.fromkeys(("line", "lines", "loc", "줄", "라인", "행", "行"), 1),
    "characters": dict.fromkeys(("char", "chars", "character", "characters", "글자", "문자", "자", "文字", "字", "个字符", "字符"), 1),
    "words": dict.fromkeys(("word", "words", "단어", "単語", "语", "个词", "单词"), 1),
    "sentences": dict.fromkeys(("sentence", "sentences", "문장", "文", "句", "句话"), 1),
    "points": dict.fromkeys(("bullet", "bullets", "점", "点", "个要点"), 1),
    "times": dict.fromkeys(("time", "times", "attempt", "attempts", "retry", "retries", "회", "번", "回", "次"), 1),
    "people": dict.fromkeys(
        (
            "reviewer",
            "reviewers",
            "approval",
            "approvals",
            "approver",
            "approvers",
            "person",
            "people",
            "명",
            "명의",
            "人",
            "名",
            "个人",
            "位",
        ),
        1,
    ),
    "arguments": dict.fromkeys(("parameter", "parameters", "argument", "arguments", "매개변수", "인자", "引数", "个参数", "参数"), 1),
    "levels": dict.fromkeys(("level", "levels", "단계", "段", "階層", "层"), 1),
    "files": dict.fromkeys(("file", "files", "파일", "ファイル", "文件", "个文件"), 1),
    "items": dict.fromkeys(("item", "items", "개", "개의", "個", "件", "个", "项", "건"), 1),
}

_FIGURE = Lazy(
    r"(?<![A-Za-z0-9_./-])(?P<low>\d+(?:[.,]\d+)*)(?:\s*[-–~〜～]\s*(?P<high>\d+(?:[.,]\d+)*))?(?P<plus>\+)?[ \t-]{0,2}"
    r"(?P<unit>[%％]|[A-Za-z]+|[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{1,5})?(?P<after>\+)?"
)
# A ceiling said by denying more comes before "more"; a floor said by denying less before "less".
_CEILING = Lazy(
    r"\b(?:at most|max(?:imum)?|no(?:t)? (?:more|longer|greater|higher) than|less than|fewer than|below|under|within|up to"
    r"|or (?:less|fewer|lower|shorter)"
    r"|(?:not|never) exceed\w*|does(?: not|n't) exceed|don'?t exceed|limit(?:ed)? to|capp?(?:ed)? at|shorter than|lower than)\b|<=?|≤"
    r"|이하|이내|미만|최대|까지|(?:넘|초과하)지\s*(?:않|마|말)"
    r"|以下|以内|未満|最大|まで|(?:超え|超過し)(?:ない|ず)"
    r"|最多|至多|不超过|不得超过|不大于|小于|低于|少于|之内|以内",
)
_FLOOR = Lazy(
    r"\b(?:at least|min(?:imum)?|no(?:t)? (?:less|fewer|lower|shorter) than|more than|greater than|above|over|exceeds?"
    r"|or (?:more|higher|above|greater|better|longer)"
    r"|(?:not|never) (?:drop|fall) below|longer than|higher than)\b|>=?|≥"
    r"|이상|최소|초과|넘(?:어|게|는|도록)|(?:밑돌|떨어지)지\s*(?:않|마|말)"
    r"|以上|最低|少なくとも|超え|上回|(?:下回ら|割ら)(?:ない|ず)"
    r"|至少|不低于|不少于|不小于|超过|大于|高于",
)
_NOT_ABOVE = Lazy(
    r"(?:not|never|doesn't|don'?t) exceed|(?:초과하|넘)지|超え(?:ない|ず)|不(?:得)?超过|no(?:t)? (?:more|longer|greater|higher) than"
)
_NOT_BELOW = Lazy(
    r"(?:drop|fall) below|no(?:t)? (?:less|fewer|lower|shorter) than|(?:밑돌|떨어지)지|(?:下回ら|割ら)(?:ない|ず)|不(?:低于|少于|小于)"
)
_WHEN = Lazy(r"\b(?:if|when|whenever|once)\b|(?:으면|하면|할 때)|(?:たら|場合|なら)|如果|若|则|时")
_VAGUE = Lazy(
    r"\b(?:meaningful|sufficient|adequate|reasonable|appropriate|good|high|short|low|strong|proper)\b"
    r"|충분|적절|합리적|높은|짧은|낮은|의미\s?있는|十分|適切|妥当|高い|短い|低い|充分|足够|合理|适当|较高|较短"
)


@lru_cache(_REMEMBERED)
def quantities_of(text: str) -> tuple[Quantity, ...]:
    """The figures of a statement that measure something, in order; of a range the end that its bound is about."""
    lowered = text.lower()
    return tuple(_quantities(lowered))


def _quantities(text: str) -> Iterator[Quantity]:
    figures = [match for match in _FIGURE.finditer(text) if _measure(match["unit"] or "")]
    for n, match in enumerate(figures):
        before = max(figures[n - 1].end() if n else 0, match.start() - _REACH)
        after = min(figures[n + 1].start() if n + 1 < len(figures) else len(text), match.end() + _REACH)
        measure, factor = _measure(match["unit"] or "") or ("", 1.0)
        bound = Bound.FLOOR if match["plus"] or match["after"] else _bound(_clause(text, before, match, after))
        if bound is Bound.FLOOR and _WHEN.search(text[max(0, match.start() - _REACH) : after]):
            bound = Bound.CEILING  # "If it is over 50 lines, split it": that much is too much.
        if match["high"] and bound is Bound.EXACT:
            bound = Bound.CEILING
        figure = match["high"] if match["high"] and bound is Bound.CEILING else match["low"]
        yield Quantity(float(figure.replace(",", "").rstrip(".")) * factor, measure, bound, match[0].strip())


def _clause(text: str, before: int, match: Match[str], after: int) -> str:
    """What stands around a figure, up to the next mark that ends a clause."""
    start, end = match.span()
    left = max((text.rfind(mark, before, start) for mark in ",;:.、。，；：("), default=-1)
    ends = [at for mark in ",;.、。，；)" if (at := text.find(mark, end, after)) != -1]
    return text[max(before, left + 1) : min(ends, default=after)]


def _bound(clause: str) -> Bound:
    if _NOT_ABOVE.search(clause):
        return Bound.CEILING
    if _NOT_BELOW.search(clause):
        return Bound.FLOOR
    floor, ceiling = _FLOOR.search(clause), _CEILING.search(clause)
    if floor and ceiling:
        return Bound.EXACT  # Both are said: which of them is about the figure is not sure.
    return Bound.FLOOR if floor else Bound.CEILING if ceiling else Bound.EXACT


@cache
def _words() -> dict[str, tuple[str, float]]:
    return {word: (measure, factor) for measure, words in _UNITS.items() for word, factor in words.items()}


def _measure(word: str) -> tuple[str, float] | None:
    """The measure and factor of a unit word: whole for Latin, at its start elsewhere."""
    words = _words()
    if word in words:
        return words[word]
    if word and word[0] > "\u3000":
        return next((words[word[:size]] for size in (4, 3, 2, 1) if word[:size] in words), None)
    return None


def is_unit(stem: str) -> bool:
    """Whether a word, cut to its stem ("minut"), is that of a unit."""
    return len(stem) > 1 and any(word.startswith(stem) for word in _words())


@cache
def _subjects() -> tuple[tuple[str, str, Lazy], ...]:
    rows = (line.split("\t") for line in DIRECTIONS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return tuple((name, stricter, Lazy(rf"\b(?:{en})|{ko}|{ja}|{zh}")) for name, stricter, en, ko, ja, zh in rows)


@lru_cache(_REMEMBERED)
def subjects_of(text: str) -> frozenset[str]:
    """What a statement's figures are about, of the subjects whose direction is known."""
    lowered = text.lower()
    return frozenset(name for name, _, pattern in _subjects() if pattern.search(lowered))


@lru_cache(_REMEMBERED)
def vague_subjects(text: str) -> frozenset[str]:
    """What a statement asks for enough of without saying how much; a mere rating ("Complexity: low") asks for nothing."""
    if len(text) > _LONGEST or (":" in text[:-1] and len(text.split()) <= _RATING):
        return frozenset()
    return subjects_of(text) & _GRADED if _VAGUE.search(text.lower()) and not quantities_of(text) else frozenset()


def is_report(text: str) -> bool:
    """Whether a statement tells what was done ("Reduced latency by 40 %") rather than what to do."""
    return _REPORT.match(text) is not None


def differ(a: tuple[Quantity, ...], b: tuple[Quantity, ...]) -> tuple[Quantity, Quantity] | None:
    """Two figures of one measure that cannot both be meant; a floor below a ceiling is a range, equal figures agree."""
    left = [q for q in a if not any(q.measure == other.measure and q.value == other.value for other in b)]
    right = [q for q in b if not any(q.measure == other.measure and q.value == other.value for other in a)]
    return next(((one, two) for one in left for two in right if one.measure == two.measure and not _is_range(one, two)), None)


def _is_range(one: Quantity, two: Quantity) -> bool:
    floors = [q for q in (one, two) if q.bound is Bound.FLOOR]
    ceilings = [q for q in (one, two) if q.bound is Bound.CEILING]
    return bool(floors and ceilings) and floors[0].value <= ceilings[0].value


def stricter_of(a: Quantity, b: Quantity, subjects: frozenset[str]) -> Quantity | None:
    """The stricter of two figures: of floors the higher, of ceilings the lower, else by what both measure; ``None``: nobody can tell."""
    bounds = {q.bound for q in (a, b)} - {Bound.EXACT}
    if bounds == {Bound.FLOOR}:
        return max(a, b, key=lambda q: q.value)
    if bounds == {Bound.CEILING}:
        return min(a, b, key=lambda q: q.value)
    directions = {stricter for name, stricter, _ in _subjects() if name in subjects}
    if bounds or len(directions) != 1:
        return None
    pick = max if directions == {"higher"} else min
    return pick(a, b, key=lambda q: q.value)
