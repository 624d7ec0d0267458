"""Headings that say the same in any language or wording, by the table ``data/headings.tsv``."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path

_COLUMNS = ("en", "ko", "ja", "zh")
# What stands around the words of a heading: markup, emoji and their names, a number, a colon at the end.
_NUMBER = r"\d+(?:\.\d+)*(?:[.)、:](?!\d)|\ufe0f?\u20e3|\s+[-–—]\s)|\d+(?:\.\d+)+\s|[\u2460-\u24ff\u2776-\u2793]|[一二三四五六七八九十]+、"
_BEFORE = re.compile(rf"(?::\w+:|{_NUMBER}|[^\w(（])+")
_LEADING_NUMBER = re.compile(rf"(?:{_NUMBER})\s*(?=[^\W\d_])")
_AFTER = re.compile(r"[^\w)）]+$")
_GLOSS = re.compile(r"\s*[()（）/／|｜]\s*")
# "Your Mission" and "Mission" are one name; the table may have both, as each has its translation.
_OWNERS = re.compile(r"(?:your|our|my|the)\s+|(?:당신의|우리의|나의)\s*|あなたの|[你您我]的", re.IGNORECASE)


def bare(title: str) -> str:
    """A heading without markup, emoji, its number and the colon at its end."""
    title = re.sub(r"[*`~]+|(?<!\w)_+|_+(?!\w)", "", title)
    start = _BEFORE.match(title)
    return unicodedata.normalize("NFKC", _AFTER.sub("", title[start.end() if start else 0 :]))


def without_number(title: str) -> str:
    """A heading without the number that it bears among the sections of its file ("3. Decisions", "二、接口"); "5 Whys" bears none."""
    start = _LEADING_NUMBER.match(title)
    return title[start.end() :] if start else title


def without_colon(title: str) -> str:
    """A heading without the colon that it ends in."""
    return title.rstrip(":： ")


@cache
def name_of(title: str) -> str | None:
    """The name, in English, of a heading that the table has in any language; None when it has not.

    A heading with its own translation beside it (``역할 (Role)``) has the name of both.
    """
    words = bare(title)
    whole = _names().get(_key(_OWNERS.sub("", words, count=1))) or _names().get(_key(words))
    if whole:
        return whole
    named = {_names().get(_key(part)) for part in _GLOSS.split(words) if part}
    return named.pop() if len(named) == 1 else None


def same_name(one: str, other: str) -> bool:
    """Whether two headings are one name in the table."""
    name = name_of(one)
    return name is not None and name == name_of(other)


def of_one_name(headings: Mapping[str, str]) -> Iterator[frozenset[str]]:
    """Pairs of headings (texts by id) that are one name in the table."""
    groups: dict[str, list[str]] = defaultdict(list)
    for heading, text in headings.items():
        if name := name_of(text):
            groups[name].append(heading)
    for group in groups.values():
        yield from map(frozenset, combinations(group, 2))


def in_language(text: str, language: str) -> str | None:
    """What the table has in a language for a heading in another one."""
    return _translations().get((text.strip(), language))


def in_any_language(text: str) -> frozenset[str]:
    """What the table has for a heading in the languages that are not its own."""
    return frozenset(there for language in _COLUMNS if (there := in_language(text, language)))


def rows() -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The rows of the table: the words of each language, the preferred one first."""
    lines = Path(__file__).with_name("data").joinpath("headings.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(tuple(cell.split("|")) for cell in line.split("\t")) for line in lines if line and not line.startswith("#"))


def _key(words: str) -> str:
    """What two spellings of one heading share: neither case nor spaces nor hyphens."""
    return re.sub(r"[\s_-]+", "", words).lower()


@cache
def _names() -> Mapping[str, str]:
    return {_key(word): row[0][0] for row in rows() for cell in row for word in cell}


@cache
def _translations() -> Mapping[tuple[str, str], str]:
    """Headings by their text and the language wanted."""
    return {
        (text, language): there[0]
        for row in rows()
        for here in row
        for there, language in zip(row, _COLUMNS, strict=True)
        if there is not here
        for text in here
    }
