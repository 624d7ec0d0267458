"""Put the rows of tables that were joined under the head that stays for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.merge.drafts import Draft, Team
from agentmerge.merge.tables import key_of
from agentmerge.model import Kind, Unit


def join_rows(drafts: Sequence[Draft], team: Team) -> None:
    """Move the rows whose head was merged to the part in which that head stands."""
    homes = {unit.id: draft for draft in drafts for unit in draft.units if unit.kind is Kind.ROW}
    heads = _heads(team)
    for draft in drafts:
        moved = [unit for unit in draft.units if unit.kind is Kind.ROW and homes.get(_new_head(unit, heads, team), draft) is not draft]
        if moved:
            draft.units = [unit for unit in draft.units if unit not in moved]
            for unit in moved:
                homes[_new_head(unit, heads, team)].units.append(unit)


def joined(tables: Sequence[list[Unit]], team: Team) -> list[list[Unit]]:
    """The tables of a part, with rows of others behind the row for the same thing, else at the end."""
    heads = _heads(team)
    found: dict[str, list[Unit]] = {}
    result: list[list[Unit]] = []
    for rows in tables:
        if rows[0].info == "header":
            found[rows[0].id] = rows
    for rows in tables:
        target = found.get(_new_head(rows[0], heads, team))
        if target is None or target is rows:
            result.append(rows)
            continue
        for row in rows:
            target.insert(_place(row, target, team), row)
    return result


def _place(row: Unit, target: Sequence[Unit], team: Team) -> int:
    """Where a row goes in a table: behind the row for the same thing, or to the place of the one that it stands for, else to the end."""
    same = [n for n, one in enumerate(target) if one.info != "header" and key_of(one.text) == key_of(row.text)]
    if same:
        return same[-1] + 1
    gone = [one for one in team.units.values() if one.block == target[0].block and _went_into(one, row, team)]
    later = [n for n, one in enumerate(target) if gone and one.block == target[0].block and one.start > gone[0].start]
    return later[0] if later else len(target)


def _went_into(unit: Unit, row: Unit, team: Team) -> bool:
    made = team.decided.get(unit.id)
    return made is not None and made.into == row.id


def _heads(team: Team) -> Mapping[str, str]:
    """The head of each table, by the table's block."""
    return {unit.block: unit.id for unit in team.units.values() if unit.kind is Kind.ROW and unit.info == "header"}


def _new_head(row: Unit, heads: Mapping[str, str], team: Team) -> str:
    """The head that a row stands under: its own, or the one that its own was merged into."""
    return team.final(heads.get(row.block, ""))
