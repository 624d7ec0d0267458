"""The skeleton of a template: what it says whoever fills it in, and the values that it shows as examples.

A template is JSON, or prose with headings and labels. Two templates are one when the keys of the one stand in the other
in the same order, and what they show under them is no more than examples: neither options, nor ranges, nor demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

MAX_TEXT = 20_000
# Fewer keys are no skeleton: any two notes have one or two words in common.
LEAST = 3
# Words that make a value a text.
_A_TEXT = 8
_MAX_DEPTH = 30

_TOKEN = re.compile(r"(?P<note>//[^\n]*|/\*[\s\S]*?\*/)|(?P<text>\"(?:\\.|[^\"\\\n])*\")|(?P<mark>[{}\[\],:])|(?P<word>[^\s{}\[\],:\"]+)")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]+(?P<title>.+)|[ \t]*(?:\*\*|__)(?P<bold>[^*_]+)(?:\*\*|__)[ \t]*[:：]?[ \t]*")
_LABEL = re.compile(
    r"[ \t]*(?:[-*+>][ \t]+|\d{1,2}[.)][ \t]+)*(?:\[[ xX]?\][ \t]+)?"
    r"(?:(?:\*\*|__)(?P<strong>[^*_\n]{1,60}?)[:：]?(?:\*\*|__)[ \t]*[:：]?"
    r"|(?P<plain>[^:：*_`|\[\]{}<>【】\n.!?。]{2,40})(?::(?=[ \t]|$)|[：]))[ \t]*(?P<value>.*)"
)
_RULE = re.compile(r"[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|?[ \t]*")
_BLANK = re.compile(r"\[[^\[\]\n]*\]|\{[^{}\n]*\}|<[^<>\n]*>|【[^【】\n]*】|\.\.\.|…|_{2,}|\b(?:XX?|YY?|N|Z)\b(?=$|[\s/%,)])")
_OPTIONS = re.compile(r"[ \t]*(?:\||/(?![ \t]*/))[ \t]*")
_OPTION = re.compile(r"[^\W\d][\w .+-]{0,30}")
_RANGE = re.compile(r"\d+(?:\.\d+)?[ \t]*[-–~][ \t]*\d+(?:\.\d+)?%?")
_TYPES = frozenset(("string", "number", "integer", "boolean", "object", "array", "float", "date"))
# What makes a value a demand on whoever fills it in.
_DEMAND = re.compile(
    r"\b(?:max(?:imum)?|min(?:imum)?|at (?:most|least)|up to|no more than|fewer than|must|never|only|always|required|optional|do not)\b"
    r"|최대|최소|이상|이하|반드시|필수|선택|최소한|以上|以下|必ず|必須|任意|最大|最小|必须|至少|最多|不得|可选",
    re.IGNORECASE,
)


class Slot(NamedTuple):
    """One key of a template, with the values that it shows."""

    key: str
    values: tuple[str, ...]


class Skeleton(NamedTuple):
    """The keys of a template in order; ``kind`` is ``json`` or ``prose``.

    ``notes`` are comments, and lines above the first key; ``blanks`` counts the lines that are to be filled in.
    """

    kind: str
    slots: tuple[Slot, ...]
    notes: frozenset[str]
    blanks: int

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in order."""
        return tuple(slot.key for slot in self.slots)


class Difference(NamedTuple):
    """One key under which two templates show different values."""

    key: str
    here: str
    there: str


def skeleton_of(text: str) -> Skeleton | None:
    """The skeleton of what stands in a fence; ``None`` when it has none."""
    text = text[:MAX_TEXT]
    bare = re.sub(r"^(?:[ \t]*//[^\n]*)?\s+", "", text)
    found = _json(text) if bare.startswith(("{", "[{", "[\n")) else prose_skeleton(text.split("\n"))
    return found if found is not None and len(found.slots) >= LEAST else None


# --- JSON --------------------------------------------------------------------------------------


def _json(text: str) -> Skeleton | None:
    values: dict[str, list[str]] = {}
    notes: set[str] = set()
    path: list[str] = []
    key = ""
    tokens = list(_TOKEN.finditer(text))
    for n, token in enumerate(tokens):
        mark = token[0]
        if token.lastgroup == "note":
            notes.add(" ".join(mark.strip("/* \t").split()))
        elif mark in "{[":
            path.append(key)
            key = ""
            if len(path) > _MAX_DEPTH:
                return None
        elif mark in "}]":
            key = path.pop() if path else ""
        elif mark == ",":
            key = ""
        elif token.lastgroup == "text" and n + 1 < len(tokens) and tokens[n + 1][0] == ":":
            key = mark[1:-1]
            values.setdefault(_path(path, key), [])
        elif mark != ":" and (key or path):
            values.setdefault(_path(path, key), []).append(mark.strip('"'))
    slots = tuple(Slot(name, (" ".join(found),) if found else ()) for name, found in values.items() if name)
    return Skeleton("json", slots, frozenset(notes), sum(bool(_BLANK.search(v)) for s in slots for v in s.values)) if not path else None


def _path(path: Sequence[str], key: str) -> str:
    return ".".join(part for part in (*path, key) if part)


# --- prose -------------------------------------------------------------------------------------


def prose_skeleton(lines: Sequence[str]) -> Skeleton:
    """The headings, labels and heads of tables of a text to fill in, in order, each with the lines below it."""
    slots: list[tuple[str, list[str]]] = [("", [])]
    for n, line in enumerate(lines):
        if not line.strip() or _RULE.fullmatch(line) or line.lstrip().startswith(("```", "~~~")):
            continue
        key, value = _keyed(line, lines[n + 1] if n + 1 < len(lines) else "")
        if key:
            slots.append((key, [value] if value else []))
        else:
            slots[-1][1].append(line.strip())
    found = tuple(Slot(key, tuple(values)) for key, values in slots if key)
    first = frozenset(_bare(line) for line in slots[0][1] if not _BLANK.search(line))
    return Skeleton("prose", found, first, sum(bool(_BLANK.search(line)) for line in lines))


def _keyed(line: str, following: str) -> tuple[str, str]:
    """The key that a line states, and its value; an empty key when it is a value of the key above."""
    if line.lstrip().startswith("|"):
        return (_plain(line), "") if _RULE.fullmatch(following) and following.strip() else ("", line)
    heading = _HEADING.fullmatch(line)
    if heading:
        title = heading["title"] or heading["bold"] or ""
        return _plain(title), " ".join(_BLANK.findall(title))
    label = _LABEL.fullmatch(line)
    return (_plain(label["strong"] or label["plain"]), label["value"].strip()) if label else ("", line)


def _plain(title: str) -> str:
    """A key without its blanks, marks, numbers and case."""
    bare = re.sub(r"[^\w|/&]+", " ", _BLANK.sub(" ", title)).strip().lower()
    return re.sub(r"^\d+ | \d+$", "", bare) or bare


# --- two of them -------------------------------------------------------------------------------


def stands_for(full: Skeleton, other: Skeleton, *, translated: bool = False) -> tuple[Difference, ...] | None:
    """What ``other`` shows differently, when ``full`` can stand for it; ``None`` when it says anything of its own.

    ``translated``: the two stand in one place of two versions, so texts that differ say the same.
    """
    if full.kind != other.kind or not other.notes <= full.notes or not _in_order(other.keys, full.keys):
        return None
    own: Mapping[str, Slot] = {slot.key: slot for slot in reversed(full.slots)}
    found: list[Difference] = []
    for slot in other.slots:
        here, there = (" / ".join(one.values) for one in (own[slot.key], slot))
        if here == there:
            continue
        if (there and not here) or not (translated or _is_example(here, there)):
            return None
        if there:
            found.append(Difference(slot.key, here, there))
    return tuple(found)


def _in_order(keys: Sequence[str], among: Sequence[str]) -> bool:
    rest = iter(among)
    return all(key in rest for key in keys)


def _is_example(here: str, there: str) -> bool:
    """Whether two values under one key are two examples of it rather than two answers to what it may hold."""
    for said in (_options, _ranges, _types):
        own, others = said(here), said(there)
        if own != others and own and others and not others <= own:
            return False
        if others and not own:
            return False
    return not any(_DEMAND.search(value) or _is_content(value) for value in (here, there)) or _bare(here) == _bare(there)


def _is_content(value: str) -> bool:
    """Whether a value is a whole text with nothing to fill in: what it says is more than an example."""
    return not _BLANK.search(value) and (
        len(value.split()) >= _A_TEXT or len(re.findall(r"[\u3041-\u9fff\uac00-\ud7a3]", value)) >= 3 * _A_TEXT
    )


def _options(value: str) -> frozenset[str]:
    """The words that a value lets one choose from; none when it is a text."""
    inside = value.strip().strip("[](){}<>\"'")
    parts = [part.strip(" []\"'*`") for part in _OPTIONS.split(inside)]
    chosen = len(parts) > 1 and all(_OPTION.fullmatch(part) and len(part.split()) <= 3 for part in parts)
    return frozenset(part.lower() for part in parts) if chosen else frozenset()


def _ranges(value: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", found) for found in _RANGE.findall(value)) if len(value) < 20 else frozenset()


def _types(value: str) -> frozenset[str]:
    return frozenset((value.lower(),)) & _TYPES


def _bare(value: str) -> str:
    return " ".join(re.sub(r"\W+", " ", value).lower().split())


def said(differences: Sequence[Difference], most: int = 6) -> Iterator[str]:
    """Each difference in words, as many as a reader looks at."""
    for one in differences[:most]:
        yield f"{one.key}: {_short(one.here)!r} here, {_short(one.there)!r} there"
    if len(differences) > most:
        yield f"and {len(differences) - most} more"


def _short(value: str, most: int = 60) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"
