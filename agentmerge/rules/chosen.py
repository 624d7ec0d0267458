"""What a rule makes of one frontmatter key."""

from __future__ import annotations

from typing import NamedTuple

from agentmerge.model import Conflict, FieldDecision, Value


class Chosen(NamedTuple):
    """A key's value in the canonical agent (``present`` false: the key is left out)."""

    key: str
    value: Value
    present: bool
    decisions: tuple[FieldDecision, ...]
    conflicts: tuple[Conflict, ...] = ()
