"""Frontmatter: YAML when it is YAML, and line by line, as agent tools do, when it is not.

Values are built from ruamel.yaml's *events*, not by its constructors: that keeps line numbers,
stays linear on nested or aliased input, and never turns a text into a date or an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentmerge.errors import SourceError
from agentmerge.model import Field, Finding, Scalar, Source, Value

MAX_DEPTH = 20

_KEY = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_SIMPLE = re.compile(r"[A-Za-z_][\w.-]*: [A-Za-z0-9가-힣ぁ-ん一-龥][^:#\n\"'\\{}\[\]&*!|>%@`]*$")
_INT = re.compile(r"[-+]?[0-9]{1,18}$")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_CONSTANTS: dict[str, Scalar] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip


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
    spans = list(_top_level_keys(lines))
    findings: tuple[Finding, ...] = ()
    try:
        values = _simple(lines) or _load("\n".join(lines) + "\n")
    except (_Refused, _yaml_error()) as error:
        mark = getattr(error, "problem_mark", None)
        line = error.line if isinstance(error, _Refused) else (mark.line if mark else 0)
        problem = str(getattr(error, "problem", "") or "not valid YAML").split("\n")[0]
        what = error.what if isinstance(error, _Refused) else f"frontmatter is not valid YAML ({problem})"
        values = _lenient(lines, spans)
        message = f"{what}; read line by line, as agent tools do"
        findings = (Finding(code="READ001", source=source.id, line=line + 2, message=message),)
    if not spans:
        raise SourceError("the frontmatter has no 'key: value' line", where=f"{source.path}:2", fix="add 'name:' and 'description:'")
    fields = []
    seen: dict[str, int] = {}
    for key, first, last in spans:
        if key in seen:
            raise SourceError(
                f"key {key!r} stands twice (first on line {seen[key]})", where=f"{source.path}:{first + 2}", fix="keep one of them"
            )
        seen[key] = first + 2
        raw = "\n".join(lines[first : last + 1])
        fields.append(Field(source=source.id, key=key, value=values.get(key), raw=raw, lines=(first + 2, last + 2)))
    return tuple(fields), findings


def _yaml_error() -> type[Exception]:
    from ruamel.yaml.error import YAMLError

    return YAMLError


def _top_level_keys(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Keys at column 0 with their first and last line (0-based); what follows a key is its own."""
    open_key: tuple[str, int] | None = None
    last = 0
    for number, line in enumerate(lines):
        match = re.match(r"(?:([A-Za-z_][\w.-]*)|\"([^\"]+)\"|'([^']+)')[ \t]*:(?=[ \t]|$)", line)
        if match:
            if open_key:
                yield (*open_key, last)
            open_key = (match.group(1) or match.group(2) or match.group(3), number)
        if line.strip():
            last = number
    if open_key:
        yield (*open_key, last)


def _simple(lines: list[str]) -> dict[str, Value] | None:
    """The values when every line is a bare ``key: words`` (most files): no YAML parser needed."""
    values: dict[str, Value] = {}
    for line in lines:
        if not _SIMPLE.match(line):
            return None
        key, _, value = line.partition(": ")
        if key in values:
            return None
        values[key] = _plain(value.strip())
    return values or None


def _plain(text: str) -> Scalar:
    """A plain scalar by YAML 1.2's core schema."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text


def _load(text: str) -> dict[str, Value]:
    """A YAML map's values from parser events; raises ``_Refused`` or a ``YAMLError``."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    events = YAML(typ="safe", pure=True).parse(text)
    depth = 0

    def build(event: object) -> Value:
        nonlocal depth
        name = type(event).__name__
        line = event.start_mark.line  # type: ignore[attr-defined]
        if name == "AliasEvent" or getattr(event, "anchor", None):
            raise _Refused("YAML anchors and aliases are not read in frontmatter", line)
        tag = getattr(event, "tag", None)
        if tag and not (name == "ScalarEvent" and str(tag) == "!"):
            raise _Refused(f"YAML tag {tag!s} is not read in frontmatter", line)
        if name == "ScalarEvent":
            plain = event.implicit[0]  # type: ignore[attr-defined]
            value: str = event.value  # type: ignore[attr-defined]
            return _plain(value) if plain else value
        depth += 1
        if depth > MAX_DEPTH:
            raise _Refused(f"nested deeper than {MAX_DEPTH}", line)
        if name == "SequenceStartEvent":
            items = []
            while type(step := next(events)).__name__ != "SequenceEndEvent":
                items.append(build(step))
            depth -= 1
            return tuple(items)
        result: dict[str, Value] = {}
        while type(step := next(events)).__name__ != "MappingEndEvent":
            if type(step).__name__ != "ScalarEvent":
                raise _Refused("a map or list as a key", step.start_mark.line)
            result[str(step.value)] = build(next(events))
        depth -= 1
        return result

    for event in events:
        if type(event).__name__ in ("ScalarEvent", "SequenceStartEvent"):
            raise MarkedYAMLError(problem="not a map of keys", problem_mark=event.start_mark)
        if type(event).__name__ == "MappingStartEvent":
            values = build(event)
            for _ in events:
                pass
            return values if isinstance(values, dict) else {}
    return {}


def _lenient(lines: list[str], spans: list[tuple[str, int, int]]) -> dict[str, Value]:
    """Values line by line: each key's own lines as YAML if they parse alone, else as they stand.

    This is what agent tools evidently do with an unquoted ``: `` in a description.
    """
    values: dict[str, Value] = {}
    for key, first, last in spans:
        block = lines[first : last + 1]
        try:
            values[key] = _load("\n".join(block) + "\n").get(key)
        except (_yaml_error(), _Refused):
            match = _KEY.match(block[0])
            head = (match.group(2) or "") if match else block[0].partition(":")[2]
            values[key] = "\n".join([head.strip(), *(line.rstrip() for line in block[1:])]).strip()
    return values
