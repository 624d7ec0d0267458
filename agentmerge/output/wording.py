"""How a statement is shown: verbatim, but for a full stop or a bold lead that its list or heading makes superfluous."""

from __future__ import annotations

import re

_STOP = re.compile(r"(?<=[^\s.。…])[.。]$")
_LEAD = re.compile(r"(?:\*\*|__)[^*\n]+?(?:(?:\*\*|__)[ \t]*[:：]|[:：](?:\*\*|__))[ \t]*(?=\S)")


def without_stop(text: str) -> str:
    """A statement without its final full stop."""
    return _STOP.sub("", text)


def without_lead(text: str) -> str:
    """A statement without the bold lead that opens it."""
    return _LEAD.sub("", text, count=1) if _LEAD.match(text) else text


def shown_as(text: str) -> tuple[str, ...]:
    """All ways in which a statement may be shown, each a slice of it."""
    bare = without_lead(text)
    return (text, without_stop(text), bare, without_stop(bare))
