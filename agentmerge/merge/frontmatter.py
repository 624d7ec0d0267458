"""Frontmatter: YAML when it is YAML, and line by line, as agent tools do, when it is not.

Values are built from ruamel.yaml's *events*, not by its constructors: that keeps line numbers,
stays linear on nested or aliased input, and never turns a text into a date or an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentmerge.errors import SourceError
from agentmerge.model import Field, Finding, Scalar, Source, Value

MAX_DEPTH = 20

_ANY_KEY = re.compile(r"(?:([A-Za-z_][\w.-]*)|\"([^\"]+)\"|'([^']+)')[ \t]*:(?=[ \t]|$)")
_OPENING_TAG = re.compile(r"<([A-Za-z_][\w-]*)>")
_CLOSING_TAG = re.compile(r"</([A-Za-z_][\w-]*)>")
_SIMPLE = re.compile(r"[A-Za-z_][\w.-]*: [A-Za-z0-9\u3041-\ud7a3][^:#\n\"'\\{}\[\]&*!|>%@`]*$")
# A double-quoted text with JSON's escapes only is the same text in YAML.
_QUOTED = re.compile(r"[A-Za-z_][\w.-]*: \"(?:[^\"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\\[\"\\/bfnrt])*\"$")
_HALF = re.compile("[\ud800-\udfff]")
_INT = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?[0-9]{1,18}\.[0-9]{1,18}")
_CONSTANTS: dict[str, Scalar] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Key:
    """A top-level key with its line (0-based, within the block) and value."""

    name: str
    line: int
    value: Value


class _Refused(Exception):
    """YAML that we do not read: too deep, aliases, tags. ``line`` is 0-based within the block."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def read_frontmatter(source: Source) -> tuple[tuple[Field, ...], tuple[Finding, ...]]:
    """The top-level keys of a source's frontmatter, in order, with their lines.

    What is not YAML, or has aliases, tags or a nesting deeper than 20, is read line by line, with a
    finding. Raises ``SourceError`` when there is no key at all or one key stands twice.
    """
    lines = source.text.split("\n")[1 : source.body_line - 2]
    findings: tuple[Finding, ...] = ()
    try:
        keys = _simple(lines) or _load("\n".join(lines) + "\n")
    except (_Refused, _yaml_error()) as error:
        keys = tuple(_lenient(lines))
        findings = (_finding(source, error, len(lines)),)
    if not keys:
        raise SourceError("the frontmatter has no 'key: value' line", where=f"{source.path}:2", fix="add 'name:' and 'description:'")
    seen: dict[str, int] = {}
    for key in keys:
        if key.name in seen:
            raise SourceError(
                f"key {key.name!r} stands twice (first on line {seen[key.name]})",
                where=f"{source.path}:{key.line + 2}",
                fix="keep one of them",
            )
        seen[key.name] = key.line + 2
    return tuple(_fields(source, lines, keys)), findings


def _fields(source: Source, lines: list[str], keys: tuple[_Key, ...]) -> Iterator[Field]:
    """Each key with the lines up to the next one, without blank lines at the end."""
    for n, key in enumerate(keys):
        last = (keys[n + 1].line if n + 1 < len(keys) else len(lines)) - 1
        while last > key.line and not lines[last].strip():
            last -= 1
        raw = "\n".join(lines[key.line : last + 1])
        yield Field(source=source.id, key=key.name, value=key.value, raw=raw, lines=(key.line + 2, last + 2))


def _finding(source: Source, error: Exception, count: int) -> Finding:
    """Why the frontmatter, of ``count`` lines, was not read as YAML."""
    if isinstance(error, _Refused):
        what, line = error.what, error.line
    else:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", "") or "not valid YAML").split("\n")[0]
        what, line = f"frontmatter is not valid YAML ({problem})", mark.line if mark else 0
    line = min(line, count - 1) + 2
    return Finding(code="READ001", source=source.id, line=line, message=f"{what}; read line by line, as agent tools do")


def _yaml_error() -> type[Exception]:
    from ruamel.yaml.error import YAMLError

    return YAMLError


def _top_level_keys(lines: list[str]) -> Iterator[tuple[str, int]]:
    """Keys at column 0 with their line (0-based); a line between ``<example>`` and its end is no key."""
    closed = {name: number for number, line in enumerate(lines) for name in _CLOSING_TAG.findall(line)}
    inside = ""
    for number, line in enumerate(lines):
        if inside:
            inside = "" if f"</{inside}>" in line else inside
            continue
        match = _ANY_KEY.match(line)
        if match:
            yield match.group(1) or match.group(2) or match.group(3), number
        opened = _OPENING_TAG.findall(line)
        if opened and f"</{opened[-1]}>" not in line and closed.get(opened[-1], 0) > number:
            inside = opened[-1]


def _simple(lines: list[str]) -> tuple[_Key, ...] | None:
    """The keys when every line is ``key: words`` or ``key: "words"`` (most files): no YAML parser needed."""
    if not all(_SIMPLE.match(line) or _QUOTED.match(line) for line in lines):
        return None
    parts = [line.partition(": ") for line in lines]
    return tuple(
        _Key(name, number, json.loads(value) if value.startswith('"') else _plain(value.strip()))
        for number, (name, _, value) in enumerate(parts)
    )


def _plain(text: str) -> Scalar:
    """A plain scalar: a number only when it is written as one would write it (not ``010``, ``1.10``)."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text


def _load(text: str) -> tuple[_Key, ...]:
    """The keys of a YAML map, from parser events; raises ``_Refused`` or a ``YAMLError``."""
    from ruamel.yaml import YAML

    events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
    kinds = ("StreamStartEvent", "DocumentStartEvent")
    event = next(step for step in events if type(step).__name__ not in kinds)
    if type(event).__name__ == "StreamEndEvent":
        return ()
    if type(event).__name__ != "MappingStartEvent" or event.flow_style:
        raise _Refused("frontmatter is not a map of keys", event.start_mark.line)
    _check(event)
    keys = []
    while type(step := next(events)).__name__ != "MappingEndEvent":
        keys.append(_Key(_name(step), step.start_mark.line, _build(next(events), events, 2)))
    for step in events:
        if type(step).__name__ == "DocumentStartEvent":
            raise _Refused("more than one YAML document", step.start_mark.line)
    return tuple(keys)


def _check(event: Any) -> None:
    """Refuse what only a YAML constructor could make sense of."""
    line = event.start_mark.line
    if type(event).__name__ == "AliasEvent" or event.anchor:
        raise _Refused("YAML anchors and aliases are not read in frontmatter", line)
    tag = getattr(event, "tag", None)
    if tag and not (type(event).__name__ == "ScalarEvent" and str(tag) == "!"):
        raise _Refused(f"YAML tag {tag!s} is not read in frontmatter", line)


def _name(event: Any) -> str:
    if type(event).__name__ not in ("ScalarEvent", "AliasEvent"):
        raise _Refused("a map or list as a key", event.start_mark.line)
    _check(event)
    return _whole(str(event.value))


def _whole(text: str) -> str:
    """A text whose halves of characters (``\\ud83d\\ude80``, as JSON writes them) are joined; a half alone is no character."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _build(event: Any, events: Iterator[Any], depth: int) -> Value:
    """The value that begins with ``event``; reads ``events`` up to its end."""
    _check(event)
    kind = type(event).__name__
    if kind == "ScalarEvent":
        return _plain(event.value) if event.implicit[0] else _whole(str(event.value))
    if depth > MAX_DEPTH:
        raise _Refused(f"nested deeper than {MAX_DEPTH}", event.start_mark.line)
    if kind == "SequenceStartEvent":
        items = []
        while type(step := next(events)).__name__ != "SequenceEndEvent":
            items.append(_build(step, events, depth + 1))
        return tuple(items)
    result: dict[str, Value] = {}
    while type(step := next(events)).__name__ != "MappingEndEvent":
        name = _name(step)
        if name in result:
            raise _Refused(f"key {name!r} stands twice in one map", step.start_mark.line)
        result[name] = _build(next(events), events, depth + 1)
    return result


def _lenient(lines: list[str]) -> Iterator[_Key]:
    """Keys line by line: each key's own lines as YAML if they parse alone, else as they stand.

    This is what agent tools evidently do with an unquoted ``: `` in a description.
    """
    found = list(_top_level_keys(lines))
    for n, (name, first) in enumerate(found):
        block = lines[first : found[n + 1][1] if n + 1 < len(found) else len(lines)]
        try:
            alone = _load("\n".join(block) + "\n")
        except (_yaml_error(), _Refused):
            alone = ()
        if len(alone) == 1:
            yield _Key(name, first, alone[0].value)
        else:
            head = _ANY_KEY.sub("", block[0], count=1)
            yield _Key(name, first, "\n".join([head.strip(), *(line.rstrip() for line in block[1:])]).strip())
