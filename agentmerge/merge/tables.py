"""Tables that several sources have: equal ones are one, translated ones too, and those with the same columns are joined by row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.align import guard
from agentmerge.merge.claims import concepts_of, literals_of, numbers_of, plain
from agentmerge.merge.sides import Parting, settle_parting
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit

_CELL = re.compile(r"(?<!\\)\|")


class _Grid(NamedTuple):
    """A table of one source: its head, its rows below, the line that leads it in, and what its heading says."""

    head: Unit
    rows: tuple[Unit, ...]
    lead: str
    title: frozenset[str]


def _tables(table: Table) -> Mapping[str, list[Unit]]:
    """The undecided rows of each table."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in table.units.values():
        if unit.kind is Kind.ROW and unit.id not in table.made:
            found[unit.block].append(unit)
    return found


def settle_equal_tables(table: Table) -> None:
    """Tables of equal text are one table; other rows stay with their table."""
    tables: dict[tuple[str, ...], str] = {}
    blocks = _tables(table)
    for block, rows in blocks.items():
        key = tuple(table.reading(row.id).key for row in rows)
        first = tables.setdefault(key, block)
        if first != block and not any(frozenset((a.id, b.id)) in table.clashing for a, b in zip(rows, blocks[first], strict=True)):
            for row, same in zip(rows, blocks[first], strict=True):
                table.record(row.id, Outcome.MERGED, "DUP001", "the same table row", same.id)


def settle_translated_tables(table: Table) -> None:
    """A table goes when each of its rows has a twin in a table of the preferred language."""
    for rows in _tables(table).values():
        twins = [next((t for t in table.twins.get(row.id, ()) if table.stands(t)), None) for row in rows]
        known = [table.units[t] for t in twins if t is not None]
        whole = len(known) == len(rows) and len({t.block for t in known}) == 1
        if whole and sum(row.language == table.language for row in rows) < sum(row.language == table.language for row in known):
            for row, twin in zip(rows, known, strict=True):
                table.record(row.id, Outcome.MERGED, "LANG001", "the same table in the preferred language", twin.id)


# --- joined by row -----------------------------------------------------------------------------


def settle_joined_tables(table: Table) -> None:
    """Tables of several sources with the same columns, on one topic, become one: one head, then the rows of all."""
    left = sorted(_grids(table), key=lambda grid: _standing(table, grid))
    while left:
        first = left.pop(0)
        taken = [first.head.source]
        for other in list(left):
            if _may_go(table, other, taken) and _is_one_table(table, first, other):
                _join(table, first, other)
                taken.append(other.head.source)
                left.remove(other)


def _may_go(table: Table, grid: _Grid, taken: Sequence[str]) -> bool:
    """Whether a table may lose its head: it is not the base's, no person keeps it, and one of its author's is not there yet."""
    return grid.head.source not in (*taken, table.policy.base) and grid.head.id not in table.pinned


def cells_of(row: str) -> tuple[str, ...]:
    """The cells of a table's row, as written."""
    return tuple(cell.strip() for cell in _CELL.split(row.strip().removeprefix("|").removesuffix("|")))


def key_of(row: str) -> str:
    """What the first cell of a row names, without marks and case."""
    return " ".join(plain(cells_of(row)[0]).lower().split())


def _grids(table: Table) -> Iterator[_Grid]:
    """The tables that nothing has decided yet, each of one width and outside of lists."""
    for rows in _tables(table).values():
        head, below = rows[0], tuple(rows[1:])
        width = len(cells_of(head.text))
        if head.info == "header" and head.item is None and below and all(len(cells_of(row.text)) == width > 1 for row in below):
            heading = table.sections[head.section].heading
            yield _Grid(head, below, _lead_of(table, head), table.reading(heading).title if heading else frozenset())


def _lead_of(table: Table, head: Unit) -> str:
    """The words of the line that leads a table in; none when no line does."""
    known = table.sections[head.section].units
    before = table.units[known[known.index(head.id) - 1]] if known.index(head.id) else None
    return table.reading(before.id).key if before is not None and before.kind is Kind.LEAD else ""


def _standing(table: Table, grid: _Grid) -> tuple[object, ...]:
    head = grid.head
    rank = table.policy.rank(head.source, at=table.subject(head.id))
    return (head.source != table.policy.base, rank, head.language != table.language, -len(grid.rows), head.id)


def _is_one_table(table: Table, one: _Grid, other: _Grid) -> bool:
    """Whether two tables have the same columns and speak of one thing: by their headings, or by a row that both have."""
    columns = cells_of(one.head.text), cells_of(other.head.text)
    if one.lead != other.lead or len(columns[0]) != len(columns[1]):
        return False  # What leads a table in may say what it holds for.
    if not all(_is_same(table, a, b) for a, b in zip(*columns, strict=True)):
        return False
    if one.title - other.title and other.title - one.title:
        return False
    keys = {key_of(row.text) for row in one.rows} & {key_of(row.text) for row in other.rows}
    return bool(keys) or not one.title.isdisjoint(other.title)


def _is_same(table: Table, a: str, b: str, *, literal: bool = False) -> bool:
    """Whether two cells say the same, in one language or in two; ``literal``: in the same words, marks and case apart."""
    words = [" ".join(plain(cell).lower().split()) for cell in (a, b)]
    if literal or words[0] == words[1]:
        return words[0] == words[1]
    said = [concepts_of(plain(cell), table.comparison.lexicon) for cell in (a, b)]
    return said[0] == said[1] != frozenset() and set(numbers_of(a)) == set(numbers_of(b)) and literals_of(a) == literals_of(b)


def _join(table: Table, first: _Grid, other: _Grid) -> None:
    table.record(
        other.head.id, Outcome.MERGED, "DUP001", f"{first.head.source} line {first.head.lines[0]} has the same columns", first.head.id
    )
    for row in other.rows:
        same = next((one for one in first.rows if table.stands(one.id) and _is_one_thing(table, one, row)), None)
        if same is not None:
            _settle_rows(table, same, row)


def _is_one_thing(table: Table, a: Unit, b: Unit) -> bool:
    """Whether two rows are for one thing, by their first cells: words of one language name what they name."""
    return _is_same(table, cells_of(a.text)[0], cells_of(b.text)[0], literal=a.language == b.language)


def _settle_rows(table: Table, here: Unit, there: Unit) -> None:
    """Of two rows for one thing the fuller stays; where each says something of its own, both stay and a person is told."""
    if frozenset((here.id, there.id)) not in table.clashing and guard(table.reading(here.id), table.reading(there.id)) is None:
        for kept, gone in ((here, there), (there, here)):
            if gone.source != table.policy.base and gone.id not in table.pinned and _holds(table, kept, gone):
                equal = _holds(table, gone, kept)
                why = (
                    f"{kept.source} line {kept.lines[0]} is the same row"
                    if equal
                    else f"{kept.source} line {kept.lines[0]} says this and more"
                )
                table.record(gone.id, Outcome.MERGED, "DUP001" if equal else "DUP002", why, kept.id)
                return
    numbers = [frozenset(numbers_of(row.text)) for row in (here, there)]
    why = f"two rows for {cells_of(here.text)[0]!r}: {_rest(here)} against {_rest(there)}"
    if numbers[0] != numbers[1] and all(numbers):
        settle_parting(table, Parting("numbers", (here.id,), (there.id,), why), lambda gone: _only_numbers(table, here, there, gone))
    else:
        table.clashing |= {frozenset((here.id, there.id))}
        table.find("DUP001", here, f"{why} ({there.source} line {there.lines[0]}); both stay, side by side")


def _only_numbers(table: Table, here: Unit, there: Unit, gone: str) -> bool:
    """Whether a row says nothing but other figures than the row that stays."""
    full, other = (there, here) if gone == here.id else (here, there)
    pairs = zip(cells_of(full.text), cells_of(other.text), strict=True)
    return all(_cell_holds(table, a, b, True) for a, b in pairs if set(numbers_of(a)) == set(numbers_of(b)))


def _rest(row: Unit) -> str:
    return repr(" | ".join(cells_of(row.text)[1:]))


def _holds(table: Table, full: Unit, other: Unit) -> bool:
    """Whether each cell of a row says all that the cell of the other does."""
    literal = full.language == other.language
    return all(_cell_holds(table, a, b, literal) for a, b in zip(cells_of(full.text), cells_of(other.text), strict=True))


def _cell_holds(table: Table, full: str, other: str, literal: bool) -> bool:
    one, two = (" ".join(plain(cell).lower().split()) for cell in (full, other))
    return (
        not two
        or one == two
        or re.search(rf"(?<!\w){re.escape(two)}(?!\w)", one) is not None
        or _is_same(table, full, other, literal=literal)
    )
