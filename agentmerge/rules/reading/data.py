"""The YAML of a policy as plain data with the line of each key, from parser events.

Nothing is constructed, nothing expands: anchors and aliases are refused, tags are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from agentmerge.errors import PolicyError

MAX_DEPTH = 8

Lines = Mapping[tuple[str, ...], int]

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})")
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def load_data(text: str, shown: str) -> tuple[Mapping[str, Any], Lines]:
    """The map and the line of each key by its path; ``shown`` names the text in errors.

    Raises ``PolicyError`` for what is not one YAML map.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    loader = _Loader(shown, YAML(typ="safe", pure=True).parse(text))
    try:
        data = loader.document()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "has a character that YAML does not allow"
        raise PolicyError((f"{shown}:{mark.line + 1 if mark else 1} is not valid YAML: {problem} (correct it)",)) from None
    if not isinstance(data, Mapping):
        raise PolicyError((f"{shown}:1 must be a map of keys (such as 'extends: default')",))
    return data, loader.lines


class _Loader:
    """Builds plain data from YAML events; ``lines`` has the line of each key, by its path."""

    def __init__(self, shown: str, events: Iterator[Any]) -> None:
        self.shown = shown
        self.events = events
        self.lines: dict[tuple[str, ...], int] = {}

    def refuse(self, event: Any, what: str, path: tuple[str, ...] = ()) -> NoReturn:
        key = f" {'.'.join(path)}:" if path else ""
        raise PolicyError((f"{self.shown}:{event.start_mark.line + 1}{key} {what}",))

    def document(self) -> Any:
        """The one document's data; an empty one is an empty map."""
        data: Any = {}
        documents = 0
        for event in self.events:
            if _named(event, "DocumentStart"):
                documents += 1
                if documents > 1:
                    self.refuse(event, "a second YAML document (keep one)")
            elif not _named(event, "StreamStart", "StreamEnd", "DocumentEnd"):
                data = self.value(event, ())
        return {} if data is None else data

    def value(self, event: Any, path: tuple[str, ...]) -> Any:
        if _named(event, "Alias") or event.anchor:
            self.refuse(event, "YAML anchors and aliases are not read (write the value out)", path)
        if len(path) > MAX_DEPTH:
            self.refuse(event, "is nested too deeply (no key of a policy is)", path[:1])
        if _named(event, "Scalar"):
            return _scalar(event.value) if event.implicit[0] else event.value
        if _named(event, "SequenceStart"):
            return self.items(path)
        return self.map(path)

    def items(self, path: tuple[str, ...]) -> list[Any]:
        found: list[Any] = []
        while not _named(event := next(self.events), "SequenceEnd"):
            inner = (*path, str(len(found)))
            self.lines[inner] = event.start_mark.line + 1
            found.append(self.value(event, inner))
        return found

    def map(self, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not _named(event := next(self.events), "MappingEnd"):
            if not _named(event, "Scalar"):
                self.refuse(event, "a key must be a word", path)
            inner = (*path, str(event.value))
            if inner in self.lines:
                self.refuse(event, f"stands twice, first on line {self.lines[inner]} (keep one)", inner)
            self.lines[inner] = event.start_mark.line + 1
            found[inner[-1]] = self.value(next(self.events), inner)
        return found


def _named(event: object, *names: str) -> bool:
    return type(event).__name__.removesuffix("Event") in names


def _scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar as YAML 1.2 and so an editor reads it: nothing, true or false, a number, or its text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
