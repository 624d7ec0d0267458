"""Split a text into sentences, in four languages, and tell a text's language by its script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_ABBREVIATION = re.compile(r"(?:\b(?i:e\.g|i\.e|etc|vs|cf|approx|no|fig|ver|v|inc|ltd|mr|ms|dr|st|al)|\b[A-Z])\.$")
_LONGEST_ABBREVIATION = 8
# A backslash keeps "2." from beginning a list.
_NUMBER = re.compile(r"\d{1,9}\\?\.")
# What is quoted within a Japanese sentence (「はい。」と言う) ends nothing. Possessive, and never
# begun within a run of stops: linear on hostile runs.
_END = re.compile(r"(?<![.!?…])(?P<stop>[.!?…]++)[\"')\]*_”’]*+(?=\s|$)|(?P<wide>[。！？]++)[」』）\"'”’)*_]*+(?!(?<=[」』])[ぁ-ん])")
_OPAQUE = re.compile(r"`+[^`\n]*`+|\[[^\[\]\n]*\]\([^()\n]*\)|https?://\S*[^\s.,;:!?)]")
_SMALL_LETTER = re.compile(r"\s++[a-z]")
_CLOSING = {")": "(", "）": "（", "」": "「", "』": "『", "]": "["}
_BRACKETS = frozenset("".join((*_CLOSING, *_CLOSING.values())))


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Half-open offsets of each sentence, without surrounding blanks.

    A full stop inside code, a link, brackets, a number or after an abbreviation ends nothing.
    """
    opaque = [match.span() for match in _OPAQUE.finditer(text)]
    last = len(text.rstrip())
    start = counted = position = 0
    brackets: Counter[str] = Counter()
    for match in _END.finditer(text):
        while position < len(opaque) and opaque[position][1] <= match.start():
            position += 1
        if position < len(opaque) and opaque[position][0] < match.start():
            continue
        stop = match.end()
        brackets.update(char for char in text[counted:stop] if char in _BRACKETS)
        counted = stop
        closed = all(brackets[opening] <= brackets[closing] for closing, opening in _CLOSING.items())
        if stop < last and not (closed and _ends_sentence(text, start, match)):
            continue
        yield from _trimmed(text, start, stop)
        start = stop
        brackets.clear()
    yield from _trimmed(text, start, len(text))


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the stop that ``match`` found ends the sentence that begins at ``start``."""
    end = match.end(match.lastgroup or 0)
    if _ABBREVIATION.search(text[max(start, end - _LONGEST_ABBREVIATION) : end]):
        return False
    if _NUMBER.fullmatch(text[max(start, end - 2 * _LONGEST_ABBREVIATION) : end].lstrip()):
        return False
    return not (text[end - 1] == "." and _SMALL_LETTER.match(text, match.end()))


def _trimmed(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if start < stop:
        yield start, stop


_CODE = re.compile(r"`[^`]*`")
_SCRIPT = re.compile(r"(?P<ko>[\uac00-\ud7a3])|(?P<ja>[\u3041-\u30fa])|(?P<zh>[\u3400-\u9fff])|(?P<en>[A-Za-z]+)")


def language_of(text: str, fallback: str = "en") -> str:
    """``ko``, ``ja``, ``zh`` or ``en`` by script; ``fallback`` is the language of the file.

    A single foreign word in brackets does not make an English sentence Korean, while one Korean
    word among product names does make a line of a Korean file Korean.
    """
    counts = {"ko": 0, "ja": 0, "zh": 0, "en": 0}
    for match in _SCRIPT.finditer(_CODE.sub(" ", text)):
        counts[match.lastgroup or "en"] += 1
    cjk = counts["ko"] + counts["ja"] + counts["zh"]
    if not cjk or (fallback == "en" and cjk < counts["en"]):
        return "en" if counts["en"] else fallback
    if counts["ko"] * 2 >= cjk:
        return "ko"
    if counts["ja"] * 8 >= cjk:
        return "ja"
    return "ja" if fallback == "ja" else "zh"
