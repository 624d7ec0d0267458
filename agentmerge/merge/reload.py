"""Read composed frontmatter again and compare it with what it was composed from."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.errors import SourceError
from agentmerge.merge.frontmatter import read_frontmatter
from agentmerge.model import Header, Source, Value


def reloaded(text: str, header: Header) -> str | None:
    """The first key that our own reader finds otherwise in ``text`` than in the header; ``None``: all are the same."""
    source = Source(id="", path="", text=f"{text}\n", sha256="", body_line=text.count("\n") + 2)
    try:
        fields, findings = read_frontmatter(source)
    except SourceError as error:
        return error.what
    if findings:
        return findings[0].message
    found = {f.key: f.value for f in fields}
    for key, value in header.fields:
        if key not in found or not alike(value, found[key]):
            return key
    return next((f.key for f in fields if f.key not in dict(header.fields)), None)


def alike(a: Value, b: Value) -> bool:
    """Whether two values are the same, in kind too: ``1`` is not ``true``."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(alike(a[key], b[key]) for key in a)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(alike, a, b))
    return type(a) is type(b) and a == b
