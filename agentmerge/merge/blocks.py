"""The blocks of a part: paragraphs, lists, tables and code, as they stand in the file or fused by kind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from agentmerge.merge.arrangement import arranged, runs_of
from agentmerge.merge.drafts import Draft, Team, title_of
from agentmerge.merge.roles import role_of
from agentmerge.merge.rows import joined
from agentmerge.merge.style import even
from agentmerge.model import Chunk, HeadingStyle, Kind, Outcome, Unit


@dataclass(slots=True)
class _Group:
    """Units of one block: a paragraph, a list, a table, a code block; the paragraph ``lead`` introduces it."""

    kind: str
    units: list[Unit]
    lead: list[Unit] = field(default_factory=list)


def chunks_of(draft: Draft, team: Team) -> Iterable[Chunk]:
    """The blocks of a part: as in the file when one section is left, else by kind."""
    kept = [u for u in draft.units if team.kept(u)]
    # Of identities that stay the first that was decided opens the agent; others are claims.
    identity = next(
        (team.units[made.unit] for made in team.decided.values() if made.rule == "PERS001" and team.kept(team.units[made.unit])), None
    )
    if identity not in kept or identity is None or identity.source == team.policy.base:
        identity = None
    if identity is not None and identity.item is None:
        opening = [u for u in kept if u.block == identity.block]
        if opening[-1].kind is not Kind.LEAD:
            # The identity comes first, with what else its author says in that paragraph.
            yield Chunk(kind="paragraph", units=tuple(u.id for u in opening))
            kept = [u for u in kept if u.block != identity.block]
            identity = None
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
    groups = _hanging_last(groups)
    if identity is not None:
        groups = _opened(groups, identity)
    title = title_of(draft, team)
    for group in _with_joined_tables(groups, team):
        if group.lead:
            yield Chunk(kind="lead", units=tuple(u.id for u in group.lead))
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


_EACH = re.compile(r"\b(?:each|every|any|all|always)\b|각|모든|매번|各|毎|すべて|每", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:when|if|unless|before|after|without|except)\b|경우|때|면|場合|とき|如果|时|時", re.IGNORECASE)
# What a line that ends in a colon would be read to lead in.
_LED = frozenset(("list", "steps", "checks", "table", "code", "raw"))
_GROUP_ORDER = ("paragraph", "steps", "list", "table", "code", "raw", "checks", "definition")


def _fused(groups: list[_Group], team: Team) -> list[_Group]:
    """One paragraph run, one bullet list, one checklist; procedures and what has a lead stay whole."""
    fused: dict[str, _Group] = {}
    result: list[_Group] = []
    # A checklist that is introduced takes in those that are not.
    for group in _led_once(sorted(groups, key=lambda g: g.kind == "checks" and not g.lead), team):
        if group.kind not in ("list", "checks") or (group.lead and (group.kind == "list" or group.kind in fused)):
            result.append(group)
        elif group.kind in fused:
            fused[group.kind].units.extend(group.units)
        else:
            fused[group.kind] = group
            result.append(group)
    for group in result:
        if group.kind in ("list", "checks") and (not group.lead or len({unit.source for unit in group.units}) > 1):
            group.units = arranged(group.units, team)
    behind = {id(group): shown for group in result if (shown := _explained(group, result, team))}
    ordered: list[_Group] = []
    for group in sorted(result, key=lambda g: (_closes(g, team), _GROUP_ORDER.index(g.kind), bool(g.lead))):
        if id(group) not in behind:
            ordered.append(group)
            ordered.extend(other for other in result if behind.get(id(other)) is group)
    return ordered


def _closes(group: _Group, team: Team) -> bool:
    """Whether a paragraph stands behind a list in its file: what it says closes the part."""
    first = group.units[0]
    section = team.sections[first.section].units
    before = section[: section.index(first.id)] if first.id in section else ()
    return group.kind == "paragraph" and not group.lead and any(team.units[unit].item is not None for unit in before)


def _explained(group: _Group, groups: Sequence[_Group], team: Team) -> _Group | None:
    """The block of code or table that a paragraph stands behind in its file, or the one that stands for it: it speaks of what is shown."""
    if group.kind != "paragraph" or group.lead:
        return None
    section = team.sections[group.units[0].section].units
    at = section.index(group.units[0].id) if group.units[0].id in section else 0
    if not at or team.units[section[at - 1]].kind not in (Kind.CODE, Kind.ROW):
        return None
    shown = section[at - 1]
    while (made := team.decided.get(shown)) and made.into:
        shown = made.into
    return next((other for other in groups if any(unit.id == shown for unit in other.units)), None)


def _led_once(groups: Sequence[_Group], team: Team) -> list[_Group]:
    """Lists that several sources lead in with the same words, or as what to report each time, are one list under one lead-in."""
    first: dict[tuple[str, ...], _Group] = {}
    result: list[_Group] = []
    for group in groups:
        words = _reports(group.lead) or tuple(team.comparison.readings[unit.id].key for unit in group.lead)
        same = first.setdefault((group.kind, *words), group) if words and group.kind in ("list", "checks") else group
        if same is group:
            result.append(group)
            continue
        same.units.extend(group.units)
        for unit, other in zip(group.lead, same.lead, strict=True):
            team.record(unit.id, Outcome.MERGED, "DUP001", "the same lead-in", other.id)
    return result


def _reports(lead: Sequence[Unit]) -> tuple[str, ...]:
    """What stands for a lead-in that says no more than what to report each time: "For each issue, provide:"."""
    if len(lead) == 1 and role_of(lead[0].text) == "output" and _EACH.search(lead[0].text) and not _CONDITION.search(lead[0].text):
        return ("what to report each time",)
    return ()


def _appended(groups: Sequence[_Group], base: str | None) -> list[_Group]:
    """The blocks of the base as they are; list items of others go to the end of its last list, other blocks behind."""
    result = [group for group in groups if group.units[0].source == base]
    last = {group.kind: group for group in result if group.kind in ("list", "checks")}
    for group in groups:
        if group.units[0].source == base:
            continue
        if group.kind in last and not group.lead:
            last[group.kind].units.extend(group.units)
        else:
            result.append(group)
    return result


def _hanging_last(groups: Sequence[_Group]) -> list[_Group]:
    """A paragraph that leads in what stands under the next headings goes last, so that it leads in no list of this part."""
    hanging = {
        n
        for n, (group, behind) in enumerate(pairwise(groups))
        if group.kind == "paragraph" and group.units[-1].text.endswith((":", "：")) and not behind.lead and behind.kind in _LED
    }
    order = sorted(range(len(groups)), key=lambda n: n in hanging)
    return [groups[n] for n in order]


def _opened(groups: Sequence[_Group], identity: Unit) -> list[_Group]:
    """The identity that leads a list in, or is an item of one, comes first with that list."""
    first = next(g for g in groups if identity in g.lead or identity in g.units)
    first.units = [unit for run in sorted(runs_of(first.units), key=lambda run: identity not in run) for unit in run]
    return [first, *(g for g in groups if g is not first)]


def _groups(units: Sequence[Unit], team: Team) -> list[_Group]:
    groups: list[_Group] = []
    lead: list[Unit] = []
    held: set[str] = set()
    for unit in units:
        last = groups[-1] if groups else None
        if unit.kind is Kind.LEAD and unit.item is None:
            if lead:
                groups.append(_Group("paragraph", lead))
            # The sentences before it in its paragraph stay with it.
            whole = last is not None and not lead and last.kind == "paragraph" and last.units[-1].block == unit.block
            before = groups.pop() if whole else _Group("paragraph", [])
            lead = [*before.lead, *before.units, unit]
            continue
        kind = _group_kind(unit, team)
        same = last is not None and last.kind == kind and last.units[-1].block == unit.block
        joins = last is not None and kind in ("list", "checks") and last.kind == kind and not last.lead
        if last is not None and not lead and (same or joins or _above(unit, held, team)):
            last.units.append(unit)
        else:
            groups.append(_Group(kind, [unit], lead))
            held.clear()
        held.add(unit.id)
        lead = []
    return [*groups, _Group("paragraph", lead)] if lead else groups


def _above(unit: Unit, held: Container[str], team: Team) -> str | None:
    """Which of those a unit is nested in, whatever has gone between them."""
    above = unit.parent
    while above is not None and above not in held:
        above = team.units[above].parent
    return above


def _group_kind(unit: Unit, team: Team) -> str:
    if unit.item is not None:
        if unit.id in team.procedures or (unit.parent and unit.parent in team.procedures):
            return "steps"
        return "checks" if unit.kind is Kind.CHECK else "list"
    return _block_kind(unit)


def _block_kind(unit: Unit) -> str:
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
        while position + 1 < len(group.units) and _stands_with(together[-1], group.units[position + 1], team, draft):
            position += 1
            together.append(group.units[position])
        position += 1
        above = _above(unit, depth_of, team)
        depth = depth_of[above] + 1 if above else 0
        for member in together:
            depth_of[member.id] = depth
        if not unit.marker:
            kind = "lead" if together[-1].kind is Kind.LEAD else _block_kind(unit)
            # A list that a block of the item interrupts begins anew.
            counters = {d: n for d, n in counters.items() if d < depth}
            yield Chunk(kind=kind, units=tuple(u.id for u in together), depth=depth)
        else:
            counters = {d: n for d, n in counters.items() if d <= depth}
            ordered = unit.ordered and (numbered or depth > 0)
            counters[depth] = counters.get(depth, 0) + 1
            box = unit.marker[unit.marker.index("[") :] if unit.marker.endswith("]") else ""
            marker = f"{counters[depth]}." if ordered else f"- {box}".strip()
            yield Chunk(kind="item", units=tuple(u.id for u in together), depth=depth, marker=marker)


def _stands_with(unit: Unit, other: Unit, team: Team, draft: Draft) -> bool:
    """Whether what follows in a list belongs to the same item, or to the same table or paragraph in an item."""
    if unit.marker:
        return unit.kind in (Kind.ITEM, Kind.CHECK, Kind.HEADING) and _same_item(unit, other, team, draft)
    if other.marker or (other.source, other.item, other.parent) != (unit.source, unit.item, unit.parent):
        return False
    near = other.lines[0] - unit.lines[1] <= 1
    prose = unit.kind is Kind.SENTENCE and other.kind in (Kind.SENTENCE, Kind.LEAD) and near
    return prose or (unit.kind is other.kind is Kind.ROW and other.info != "header")


def _same_item(unit: Unit, other: Unit, team: Team, draft: Draft) -> bool:
    """Sentences of one list item stay together, unless their bold lead became a heading."""
    if other.item != unit.item or other.source != unit.source or not other.marker:
        return False
    section = team.sections[unit.section]
    lifted = section.style is HeadingStyle.ITEM and section in draft.members
    return not lifted
