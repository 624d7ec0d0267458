"""Frontmatter as text that strict YAML parsers and the vendors' tools read alike.

Texts are plain when nothing in them can be misread, else double-quoted on one line (JSON's
escapes are YAML's); lists of tools are one comma text, as the vendors document them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from agentmerge.model import Header, Value

_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?: [\w./()*,+&-]+)*", re.ASCII)
_WORD = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"])
_UNSAFE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar(text: str) -> str:
    """A text as a YAML scalar on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text.endswith((" ", ",")):
        return text
    return _UNSAFE.sub(lambda m: f"\\u{ord(m.group()):04x}", json.dumps(text, ensure_ascii=False))


def value_text(value: Value) -> str:
    """Any frontmatter value on one line: scalars as above, lists and maps in flow style."""
    if isinstance(value, str):
        return scalar(value)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow_key(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(_flow(item) for item in value) + "]"


def _flow(value: Value) -> str:
    """A value inside a flow collection, where commas and brackets end a plain scalar."""
    if isinstance(value, str):
        return _UNSAFE.sub(lambda m: f"\\u{ord(m.group()):04x}", json.dumps(value, ensure_ascii=False))
    return value_text(value)


def _flow_key(key: str) -> str:
    """A key of a flow map; YAML takes one of more than 1024 characters only when it is marked."""
    text = _flow(key)
    return text if len(text) <= 1000 else f"? {text}"


def _key(key: str) -> str:
    return key if _WORD.fullmatch(key) else _flow(key)


def frontmatter_text(header: Header) -> str:
    """The frontmatter block with its fences, LF line ends, a line a key."""
    if header.verbatim is not None:
        return header.verbatim
    lines = ["---", *(f"{_key(key)}: {value_text(value)}" for key, value in header.fields), "---"]
    return "\n".join(lines)
