"""Read examples of JSON leniently into shapes: key by key what type a value has.

Comments, ``...``, ``{...}``, bare words, single quotes, trailing commas and several values in one block are read as
people mean them. What cannot be read ends the reading; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MAX_TEXT = 20_000
_MAX_DEPTH = 30
_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/|(?<![\"'\w])\#[^\n]*|<!--.*?-->)|(?P<string>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')"
    r"|(?P<dots>\.\.\.|…)|(?P<mark>[{}\[\],:|])|(?P<line>\n)|(?P<word>[^\s{}\[\],:|\"']+)",
    re.DOTALL,
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
# A type in place of a value, as in "id": "number".
_TYPES = {
    **dict.fromkeys(("string", "str", "text"), "string"),
    **dict.fromkeys(("number", "integer", "int", "float", "double"), "number"),
    **dict.fromkeys(("boolean", "bool", "true", "false"), "boolean"),
    **dict.fromkeys(("object", "dict", "map"), "object"),
    **dict.fromkeys(("array", "list"), "array"),
}


class Shape(NamedTuple):
    """The shape of a value: ``object``, ``array``, ``string``, ``number``, ``boolean`` or ``any`` (nobody can tell).

    ``keys`` are an object's, in order; ``item`` is what an array holds, if it shows one.
    """

    type: str
    keys: tuple[tuple[str, Shape], ...] = ()
    item: Shape | None = None

    def get(self, key: str) -> Shape | None:
        """The shape under a key."""
        return next((shape for name, shape in self.keys if name == key), None)

    def paths(self, prefix: str = "") -> Mapping[str, str]:
        """The type under each path of keys (``error.details``); what arrays hold stands under ``details[]``."""
        found: dict[str, str] = {}
        for name, shape in self.keys:
            found[prefix + name] = shape.type
            found.update(shape.paths(f"{prefix}{name}."))
            if shape.item is not None:
                found.update(shape.item.paths(f"{prefix}{name}[]."))
        return found


class Example(NamedTuple):
    """One value of a block: the comment that stands before it, its shape, and where in the text it starts."""

    label: str
    shape: Shape
    start: int


def examples_in(text: str) -> tuple[Example, ...]:
    """The objects and arrays of a block, as far as they can be read."""
    tokens = [match for match in _TOKEN.finditer(text[:MAX_TEXT]) if match.lastgroup]
    return tuple(_examples(_Tokens(tokens)))


def _examples(tokens: _Tokens) -> Iterator[Example]:
    label = ""
    while (token := tokens.peek(comments=True)) is not None:
        if token.lastgroup == "comment":
            label = token[0].strip("/*#<>!- \t")
            tokens.step()
        elif token[0] in ("{", "["):
            shape = _value(tokens, 0)
            if shape is None:
                return
            yield Example(label, shape, token.start())
            label = ""
        else:
            label = label if token.lastgroup == "line" else ""
            tokens.step()


class _Tokens:
    """A cursor over tokens; comments and line ends are skipped unless asked for."""

    def __init__(self, found: list[re.Match[str]]) -> None:
        self._found = found
        self._at = 0

    def peek(self, *, comments: bool = False) -> re.Match[str] | None:
        while not comments and self._at < len(self._found) and self._found[self._at].lastgroup in ("comment", "line"):
            self._at += 1
        return self._found[self._at] if self._at < len(self._found) else None

    def step(self) -> None:
        self._at += 1

    def ends_line(self) -> bool:
        """Whether the line ends here; comments do not count."""
        at = self._at
        while at < len(self._found) and self._found[at].lastgroup == "comment":
            at += 1
        return at >= len(self._found) or self._found[at].lastgroup == "line"


def _value(tokens: _Tokens, depth: int) -> Shape | None:
    """The shape of the next value; ``None`` when the text breaks off."""
    token = tokens.peek()
    if token is None or depth > _MAX_DEPTH:
        return None
    if token[0] == "{":
        return _object(tokens, depth)
    if token[0] == "[":
        return _array(tokens, depth)
    return _scalar(tokens)


def _object(tokens: _Tokens, depth: int) -> Shape | None:
    tokens.step()
    keys: dict[str, Shape] = {}
    while (token := tokens.peek()) is not None:
        tokens.step()
        if token[0] == "}":
            return Shape("object", tuple(keys.items()))
        if token.lastgroup not in ("string", "word"):
            continue
        colon = tokens.peek()
        if colon is None:
            return None
        if colon[0] != ":":
            continue
        tokens.step()
        shape = _value(tokens, depth + 1)
        if shape is None:
            return None
        keys.setdefault(token[0].strip("\"'?"), shape)
    return None


def _array(tokens: _Tokens, depth: int) -> Shape | None:
    tokens.step()
    item: Shape | None = None
    while (token := tokens.peek()) is not None:
        if token[0] == "]":
            tokens.step()
            return Shape("array", item=item)
        if token[0] in (",", ":", "|", "}") or token.lastgroup == "dots":
            tokens.step()
            continue
        shape = _value(tokens, depth + 1)
        if shape is None:
            return None
        item = item or shape
    return None


def _scalar(tokens: _Tokens) -> Shape | None:
    """A text, a number, a type in place of a value; of several words in a row nobody can tell."""
    parts: list[re.Match[str]] = []
    while (token := tokens.peek()) is not None and token[0] not in (",", "}", "]"):
        if parts and tokens.ends_line():
            break
        parts.append(token)
        tokens.step()
        if tokens.ends_line():
            break
    if not parts:
        return Shape("any")
    return Shape(_type_of(parts[0]) if len(parts) == 1 else "any")


def _type_of(token: re.Match[str]) -> str:
    text = token[0].strip("\"'<>").lower()
    if text in _TYPES and (token.lastgroup == "word" or text not in ("true", "false", "text", "list", "map")):
        return _TYPES[text]
    if token.lastgroup == "string":
        return "any" if re.fullmatch(r"<.*>|\{.*\}|\[.*\]|\$\{.*|.*\|.*", token[0][1:-1]) else "string"
    if _NUMBER.fullmatch(token[0]):
        return "number"
    return "any"
