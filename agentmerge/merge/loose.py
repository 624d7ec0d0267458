"""Statements that may go without leaving a gap, and notes on those that are still there in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from agentmerge.merge.table import Table
from agentmerge.model import Kind, Unit

_SILENT = frozenset((Kind.HEADING, Kind.LEAD, Kind.COMMENT, Kind.TAG))


class Note(NamedTuple):
    """What to tell a reader about a statement, if it stands in the end."""

    rule: str
    unit: Unit
    message: str


def loose(table: Table) -> frozenset[str]:
    """The statements on which nothing rests: no steps, nothing nested in them, no label that others share."""
    parents = {unit.parent for unit in table.units.values() if unit.parent}
    shared: Counter[tuple[str, str, int | None]] = Counter((unit.source, unit.block, unit.item) for unit in table.units.values())
    return frozenset(
        unit.id
        for unit in table.units.values()
        if unit.id not in parents and not unit.ordered and not (unit.label and shared[(unit.source, unit.block, unit.item)] > 1)
    )


def is_last(table: Table, unit: Unit) -> bool:
    """Whether a statement is all that is left to say: an agent without a body cannot be."""
    return not any(other.id != unit.id and other.kind not in _SILENT and table.stands(other.id) for other in table.units.values())


def report(table: Table, notes: Iterable[Note]) -> None:
    """Pass on the notes on statements that stand."""
    for note in notes:
        if table.stands(note.unit.id):
            table.find(note.rule, note.unit, note.message)
