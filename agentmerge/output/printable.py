"""Texts of others on a terminal: they can neither command it nor reorder a line."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def printable(text: str) -> str:
    """A text that cannot command a terminal or reorder a line."""
    return _UNPRINTABLE.sub(lambda m: f"U+{ord(m.group()):04X}", text)
