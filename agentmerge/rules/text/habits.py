"""Habits of code that a team may forbid, and the statements that forbid them (``data/habits.tsv``).

Few, written patterns: an exception's own text sent to the client, a secret in the source, ``any`` for a type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

HABITS = {
    "leak": "sends an exception's own text to the client",
    "secret": "holds a secret in the source",
    "any": "gives a value the type any",
}
_LANGUAGES = {
    **dict.fromkeys(("js", "jsx", "javascript", "node", "mjs"), "javascript"),
    **dict.fromkeys(("ts", "tsx", "typescript"), "typescript"),
    **dict.fromkeys(("py", "python", "python3"), "python"),
    **dict.fromkeys(("go", "golang"), "go"),
    **dict.fromkeys(("cs", "csharp", "c#"), "csharp"),
    **dict.fromkeys(("kt", "kotlin"), "kotlin"),
    **dict.fromkeys(("rb", "ruby"), "ruby"),
}
# An example may show what not to do; then it says so.
_WARNED = re.compile(
    r"❌|✗|\b(?:bad|wrong|avoid|don['’]?t|do not|never|insecure|vulnerable|unsafe|anti-?pattern|before|incorrect|problem|violation)\b"
    r"|나쁜|잘못|금지|취약|안티|悪い|誤り|禁止|脆弱|NG\b|错误示例|不要|反例|反模式|不推荐",
    re.IGNORECASE,
)
_ABOVE = 6
_LINE = 400
_TEXT = 1000


class Seen(NamedTuple):
    """A line of code (0 = the first line of the block, its fence) that has a habit."""

    habit: str
    line: int


@cache
def _rows() -> tuple[tuple[str, str, tuple[str, ...], str], ...]:
    lines = (Path(__file__).with_name("data") / "habits.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple((habit, what, tuple(where.split(",")), pattern) for habit, what, where, pattern in rows)


@cache
def _pattern(habit: str, what: str, language: str = "") -> re.Pattern[str] | None:
    found = [p for h, w, where, p in _rows() if (h, w) == (habit, what) and (not language or language in where or "*" in where)]
    return re.compile("|".join(f"(?:{pattern})" for pattern in found), re.IGNORECASE) if found else None


def habits_in(block: str, fence: str) -> Iterator[Seen]:
    """The first line of each habit in a fenced block; ``fence`` is its language. What warns of itself shows none."""
    language = _LANGUAGES.get(fence.lower(), fence.lower())
    lines = block.split("\n")
    for habit in HABITS:
        pattern = _pattern(habit, "code", language)
        for number, line in enumerate(lines if pattern and language else ()):
            if pattern and pattern.search(line[:_LINE]):
                if not any(_WARNED.search(above) and _is_comment(above) for above in lines[max(0, number - _ABOVE) : number + 1]):
                    yield Seen(habit, number)
                break


def _is_comment(line: str) -> bool:
    return re.search(r"//|#|/\*|<!--|^\s*\*|--\s", line) is not None


def forbids(text: str, title: str, habit: str, *, flipped: bool) -> bool:
    """Whether a statement under a heading forbids a habit; ``flipped``: the heading is one such as "Anti-patterns"."""
    pattern, context = _pattern(habit, "names" if flipped else "says"), _pattern(habit, "context")
    text = text[:_TEXT]
    if pattern is None or not pattern.search(text):
        return False
    return context is None or context.search(f"{title}\n{text}") is not None


def warns(title: str) -> bool:
    """Whether a heading says that what it shows must not be done."""
    return _WARNED.search(title) is not None
