"""Traditional and simplified Chinese, by the table ``data/han.tsv``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice, product
from pathlib import Path

_MOST_FORMS = 8


def simplified(text: str) -> str:
    """A text of the same length with the simplified form of each traditional character that the table has."""
    return text if text.isascii() else text.translate(_simple())


def traditional(text: str) -> Iterator[str]:
    """The same text in traditional characters, with the words of Taiwan and without, in each way that they may be written."""
    for table in (_characters(), _words()):
        pieces = re.findall("|".join(map(re.escape, sorted(table, key=len, reverse=True))) + "|.", text, re.DOTALL)
        ways = product(*(table.get(piece, _characters().get(piece, (piece,))) for piece in pieces))
        yield from (form for form in map("".join, islice(ways, _MOST_FORMS)) if form != text)


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    lines = Path(__file__).with_name("data").joinpath("han.tsv").read_text(encoding="utf-8").splitlines()
    cells = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple((simple, forms) for simple, forms in cells)


@cache
def _characters() -> Mapping[str, tuple[str, ...]]:
    return {simple: tuple(forms) for simple, forms in _rows() if len(simple) == 1}


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    return {simple: tuple(forms.split("|")) for simple, forms in _rows() if len(simple) > 1}


@cache
def _simple() -> Mapping[int, str]:
    return {ord(form): simple for simple, forms in _characters().items() for form in forms}
