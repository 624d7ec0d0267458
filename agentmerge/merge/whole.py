"""Procedures go whole or stay whole: a step gives way only when its procedure does.

Taken one by one, steps would leave two procedures with gaps, or one woven from both. So each
procedure is asked first whether others say all of its steps, in one place for the most part.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from agentmerge.merge.selection import Place, Selection
from agentmerge.merge.table import Table
from agentmerge.model import Unit

# The share of steps that one list must say: scattered over an agent they are no procedure.
_IN_ONE_PLACE = 0.5
# From this share of steps on a procedure gives way, and the steps that are left become list items.
_MOST = 2 / 3


def settle_procedures(table: Table, selection: Selection) -> None:
    """Let each procedure go whose steps others say, the least worth keeping first; the others stay as they are."""
    members: dict[str, list[Unit]] = defaultdict(list)
    for unit in table.units.values():
        if unit.id in table.procedures and unit.id not in table.made:
            members[table.procedures[unit.id]].append(unit)
    for name in sorted(members, key=lambda name: _worth(table, name, members[name])):
        steps = [unit.id for unit in members[name]]
        went = selection.let_go(steps)
        if _is_said(table, steps, [place for unit in went if (place := selection.place(unit)) is not None]):
            table.dissolved.add(name)
            selection.free(steps)
        else:
            selection.keep(went)


def _is_said(table: Table, steps: Sequence[str], places: Sequence[Place]) -> bool:
    if len(places) < max(_MOST * len(steps), 2):
        return False
    blocks = Counter(table.units[place.into].block for place in places)
    return max(blocks.values()) >= _IN_ONE_PLACE * len(steps)


def _worth(table: Table, name: str, steps: Sequence[Unit]) -> tuple[object, ...]:
    """A sort key: the procedure with the highest key is the last to give way."""
    source = steps[0].source
    fits = sum(unit.language in (table.language, "code") for unit in steps) / len(steps)
    trust = -table.policy.rank(source, at=table.subject(*(unit.id for unit in steps)))
    return (source == table.policy.base, round(fits), trust, len(steps), sum(len(unit.text) for unit in steps), name)
