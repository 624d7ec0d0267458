"""Split a text into sentences, in four languages, and tell a text's language by its script."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|no|fig|ver|v|inc|ltd|mr|ms|dr|st|al)|\b[A-Z])\.$", re.IGNORECASE)
_END = re.compile(r"[.!?…]+[\"')\]*_”’]*(?=\s|$)|[。！？]+[」』）\"'”’)*_]*")
_OPAQUE = re.compile(r"`+[^`\n]*`+|\[[^\]\n]*\]\([^)\n]*\)|https?://\S*[^\s.,;:!?)]")
_CLOSING = {")": "(", "）": "（", "」": "「", "』": "『", "]": "["}


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Half-open offsets of each sentence, without surrounding blanks.

    A full stop inside code, a link, brackets, a number or after an abbreviation ends nothing.
    """
    opaque = [match.span() for match in _OPAQUE.finditer(text)]
    start = 0
    for match in _END.finditer(text):
        stop = match.end()
        if any(a < match.start() < b for a, b in opaque):
            continue
        piece = text[start:stop]
        if not _ends_sentence(piece, text[stop:]):
            continue
        yield from _trimmed(text, start, stop)
        start = stop
    yield from _trimmed(text, start, len(text))


def _ends_sentence(piece: str, rest: str) -> bool:
    if not rest.strip():
        return True
    body = piece.rstrip("\"')]*_”’")
    if _ABBREVIATION.search(body) or re.fullmatch(r"\s*\d+\.", body):
        return False
    if body.endswith(".") and re.match(r"\s+[a-z]", rest):
        return False
    return all(piece.count(opened) <= piece.count(closed) for closed, opened in _CLOSING.items())


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
