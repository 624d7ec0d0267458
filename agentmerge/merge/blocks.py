"""The blocks of a part: paragraphs, lists, tables and code, as they stand in the file or fused by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentmerge.merge.drafts import Draft, Team
from agentmerge.merge.rows import joined
from agentmerge.merge.style import even
from agentmerge.model import Chunk, HeadingStyle, Kind, Outcome, Unit


@dataclass(slots=True)
class _Group:
    """Units of one block: a paragraph, a list, a table, a code block; ``lead`` introduces it."""

    kind: str
    units: list[Unit]
    lead: Unit | None = None


def chunks_of(draft: Draft, team: Team) -> Iterable[Chunk]:
    """The blocks of a part: as in the file when one section is left, else by kind."""
    kept = [u for u in draft.units if team.kept(u)]
    # Of identities that stay the first that was decided opens the agent; others are claims.
    identity = next(
        (team.units[made.unit] for made in team.decided.values() if made.rule == "PERS001" and team.kept(team.units[made.unit])), None
    )
    if identity in kept and identity is not None and identity.source != team.policy.base:
        # The identity comes first, with what else its author says in that paragraph.
        kept = [u for u in kept if u.block != identity.block]
        first = [u for u in draft.units if team.kept(u) and u.block == identity.block]
        yield Chunk(kind="paragraph", units=tuple(u.id for u in first))
    counts: dict[str, int] = defaultdict(int)
    for unit in kept:
        counts[unit.source] += 1
    order = sorted(counts, key=lambda s: (team.rank(s, kept), -counts[s], s))
    groups: list[_Group] = []
    for source in order:
        groups.extend(_groups([u for u in kept if u.source == source], team))
    if team.policy.base in order:
        groups = _appended(groups, team.policy.base)
    elif len({u.section for u in kept if team.sections[u.section].style is not HeadingStyle.ITEM}) > 1:
        groups = _fused(groups, team)
    title = frozenset[str]().union(*(team.comparison.readings[s.heading].title for s in draft.members if s.heading))
    for group in _with_joined_tables(groups, team):
        if group.lead:
            yield Chunk(kind="lead", units=(group.lead.id,))
        if group.kind in ("list", "steps", "checks"):
            items = _items(group, team, draft, numbered=group.kind == "steps" or _keeps_numbers(group, order, team, draft))
            yield from items if team.policy.base in order else even(tuple(items), title, team)
        else:
            yield Chunk(kind=group.kind, units=tuple(u.id for u in group.units))


def _with_joined_tables(groups: list[_Group], team: Team) -> list[_Group]:
    """The blocks with the rows of tables that were joined in one table."""
    tables = joined([group.units for group in groups if group.kind == "table"], team)
    return [group for group in groups if group.kind != "table" or any(group.units is rows for rows in tables)]


def _keeps_numbers(group: _Group, order: Sequence[str], team: Team, draft: Draft) -> bool:
    """A numbered list of one author stays numbered, unless its items are sentences of a lifted lead."""
    lifted = any(team.sections[u.section].style is HeadingStyle.ITEM and team.sections[u.section] in draft.members for u in group.units)
    return (len(order) == 1 or group.units[0].source == team.policy.base) and group.units[0].ordered and not lifted


_GROUP_ORDER = ("paragraph", "steps", "list", "table", "code", "raw", "checks", "definition")


def _fused(groups: list[_Group], team: Team) -> list[_Group]:
    """One paragraph run, one bullet list, one checklist; procedures and what has a lead stay whole."""
    fused: dict[str, _Group] = {}
    result: list[_Group] = []
    # A checklist that is introduced takes in those that are not.
    for group in _led_once(sorted(groups, key=lambda g: g.kind == "checks" and g.lead is None), team):
        if group.kind not in ("list", "checks") or (group.lead and (group.kind == "list" or group.kind in fused)):
            result.append(group)
        elif group.kind in fused:
            fused[group.kind].units.extend(group.units)
        else:
            fused[group.kind] = group
            result.append(group)
    for group in fused.values():
        group.units = _arranged(group.units, team)
    return sorted(result, key=lambda g: (_GROUP_ORDER.index(g.kind), g.lead is not None))


def _led_once(groups: Sequence[_Group], team: Team) -> list[_Group]:
    """Lists that several sources lead in with the same words are one list under one lead-in."""
    first: dict[tuple[str, str], _Group] = {}
    result: list[_Group] = []
    for group in groups:
        same = first.setdefault((group.kind, team.comparison.readings[group.lead.id].key), group) if group.lead else group
        if same is group or same.lead is None or group.lead is None or group.kind not in ("list", "checks"):
            result.append(group)
        else:
            same.units.extend(group.units)
            team.record(group.lead.id, Outcome.MERGED, "DUP001", "the same lead-in", same.lead.id)
    return result


def _appended(groups: Sequence[_Group], base: str | None) -> list[_Group]:
    """The blocks of the base as they are; list items of others go to the end of its last list, other blocks behind."""
    result = [group for group in groups if group.units[0].source == base]
    last = {group.kind: group for group in result if group.kind in ("list", "checks")}
    for group in groups:
        if group.units[0].source == base:
            continue
        if group.kind in last and group.lead is None:
            last[group.kind].units.extend(group.units)
        else:
            result.append(group)
    return result


def _arranged(units: Sequence[Unit], team: Team) -> list[Unit]:
    """Items in the preferred language before the others, then those of one lead side by side, each with what is nested in it."""
    runs: list[list[Unit]] = []
    for unit in units:
        same = runs and runs[-1][0].source == unit.source and (unit.depth > 0 or unit.item == runs[-1][0].item)
        if same:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    runs.sort(key=lambda run: run[0].language not in (team.language, "code"))
    places: dict[object, int] = {}
    for place, run in enumerate(runs):
        places.setdefault(_lead_of(run[0], team), place)
    runs.sort(key=lambda run: places[_lead_of(run[0], team)])
    return [unit for run in runs for unit in run]


def _lead_of(unit: Unit, team: Team) -> object:
    """What the bold lead of an item names; an item without one stands for itself."""
    return (team.comparison.readings[unit.id].title if unit.label else None) or unit.id


def _groups(units: Sequence[Unit], team: Team) -> list[_Group]:
    groups: list[_Group] = []
    lead: Unit | None = None
    for unit in units:
        if unit.kind is Kind.LEAD and unit.item is None:
            lead = unit
            continue
        kind = _group_kind(unit, team)
        last = groups[-1] if groups else None
        same = last is not None and last.kind == kind and last.units[-1].block == unit.block and lead is None
        if last is not None and (same or (kind in ("list", "checks") and last.kind == kind and lead is None and not last.lead)):
            last.units.append(unit)
        else:
            groups.append(_Group(kind, [unit], lead))
        lead = None
    return groups


def _group_kind(unit: Unit, team: Team) -> str:
    if unit.item is not None:
        if unit.id in team.procedures or (unit.parent and unit.parent in team.procedures):
            return "steps"
        return "checks" if unit.kind is Kind.CHECK else "list"
    return {Kind.ROW: "table", Kind.CODE: "code", Kind.HTML: "raw", Kind.COMMENT: "raw", Kind.DEFINITION: "definition"}.get(
        unit.kind, "paragraph"
    )


def _items(group: _Group, team: Team, draft: Draft, *, numbered: bool) -> Iterable[Chunk]:
    """List items with their sentences; what is nested in a kept item stays below it."""
    depth_of: dict[str, int] = {}
    counters: dict[int, int] = {}
    position = 0
    while position < len(group.units):
        unit = group.units[position]
        together = [unit]
        if unit.kind in (Kind.ITEM, Kind.CHECK, Kind.HEADING) and unit.marker:
            while position + 1 < len(group.units) and _same_item(unit, group.units[position + 1], team, draft):
                position += 1
                together.append(group.units[position])
        position += 1
        depth = depth_of[unit.parent] + 1 if unit.parent in depth_of else 0
        for member in together:
            depth_of[member.id] = depth
        if unit.kind is Kind.CODE or unit.kind in (Kind.HTML, Kind.COMMENT):
            yield Chunk(kind="code", units=(unit.id,), depth=depth)
        elif unit.kind is Kind.ROW:
            yield Chunk(kind="table", units=(unit.id,), depth=depth)
        elif not unit.marker:
            yield Chunk(kind="paragraph", units=tuple(u.id for u in together), depth=depth)
        else:
            counters = {d: n for d, n in counters.items() if d <= depth}
            ordered = unit.ordered and (numbered or depth > 0)
            counters[depth] = counters.get(depth, 0) + 1
            box = unit.marker[unit.marker.index("[") :] if unit.marker.endswith("]") else ""
            marker = f"{counters[depth]}." if ordered else f"- {box}".strip()
            yield Chunk(kind="item", units=tuple(u.id for u in together), depth=depth, marker=marker)


def _same_item(unit: Unit, other: Unit, team: Team, draft: Draft) -> bool:
    """Sentences of one list item stay together, unless their bold lead became a heading."""
    if other.item != unit.item or other.source != unit.source or not other.marker:
        return False
    section = team.sections[unit.section]
    lifted = section.style is HeadingStyle.ITEM and section in draft.members
    return not lifted
