"""Versions of products that a statement names, and whether two of them can both be meant."""

from __future__ import annotations

from typing import NamedTuple

from agentmerge.rules.text.lazy import Lazy

# What is numbered and has no versions.
_NO_PRODUCT = frozenset(
    (
        *(
            "phase",
            "step",
            "level",
            "tier",
            "section",
            "chapter",
            "figure",
            "table",
            "top",
            "port",
            "error",
            "status",
            "code",
            "sprint",
            "day",
        ),
        *(
            "day",
            "week",
            "quarter",
            "year",
            "stage",
            "round",
            "part",
            "rule",
            "priority",
            "option",
            "page",
            "line",
            "item",
            "iteration",
            "issue",
        ),
        *("task", "article", "appendix", "http", "https", "class", "grade", "score", "wcag", "number", "no"),
    )
)
_VERSION = Lazy(
    r"(?<![\w.])(?P<name>[A-Za-z][A-Za-z.+#]*[A-Za-z+#]|[가-힣]{2,}|[ァ-ヶー]{2,})(?:\s+|\s?v)(?:version\s|버전\s)?"
    r"v?(?P<version>\d+(?:\.\d+)*)(?!\s?[%％\d]|\.\d)(?P<open>\+|\.x)?"
    r"(?P<later>\s*(?:or (?:later|newer|higher|above)|and (?:later|above)|이상|以上|以降|及以上|或更高))?"
    r"(?P<unit>\s?[A-Za-z가-힣ぁ-んァ-ヶ一-鿿]*)"
)
# A figure with one of these behind it is a quantity.
_UNIT = frozenset(
    (
        *("ms", "s", "sec", "seconds", "minutes", "min", "hours", "days", "kb", "mb", "gb", "px", "lines", "characters", "words", "items"),
        *(
            "files",
            "times",
            "percent",
            "초",
            "분",
            "시간",
            "일",
            "개",
            "명",
            "회",
            "줄",
            "秒",
            "分",
            "行",
            "個",
            "件",
            "次",
            "天",
            "回",
            "人",
        ),
    )
)


class Version(NamedTuple):
    """A product and its version; ``open``: that one or a later one."""

    name: str
    number: tuple[int, ...]
    open: bool
    text: str


def versions_of(text: str) -> tuple[Version, ...]:
    """What a statement names with a version, in order; whether the name is a product is for the caller to know."""
    found = []
    for match in _VERSION.finditer(text):
        unit = match["unit"].strip().lower()
        if match["name"].lower() in _NO_PRODUCT or (unit in _UNIT and not match["open"]):
            continue
        number = tuple(int(part) for part in match["version"].split("."))
        shown = match[0][: match.start("unit") - match.start()].strip()
        found.append(Version(match["name"], number, match["open"] == "+" or bool(match["later"]), shown))
    return tuple(found)


def agree(a: Version, b: Version) -> bool:
    """Whether two versions of one product can both be meant: one is the other in less detail, or lies above an open one."""
    shorter = min(len(a.number), len(b.number))
    if a.number[:shorter] == b.number[:shorter]:
        return True
    low, high = sorted((a, b), key=lambda version: version.number)
    return low.open and not high.open
