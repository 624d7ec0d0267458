"""Two scales of verdict or severity are a conflict (CONF005): one for each pair of scales."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.claims import STATEMENTS, is_template, plain
from agentmerge.merge.sides import Parting, settle_parting
from agentmerge.merge.table import Table
from agentmerge.model import Agent, Kind, Section, Unit
from agentmerge.rules.text.scales import KINDS, Lead, Scale, compatible, lead_of, only_scale, scale_of, scales_in

_LISTED = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE, Kind.ROW, Kind.LEAD, Kind.HEADING))
_DATA_FENCES = frozenset(("json", "jsonc", "json5", "yaml", "yml"))
_LEAD_WORDS = 80
# More scales of one kind than a team has that means them.
_MOST = 20


class Defined(NamedTuple):
    """A scale with the units of one source that define it."""

    scale: Scale
    source: str
    units: tuple[str, ...]


def settle_scales(table: Table) -> None:
    """Find the scales that sources prescribe, and decide each pair that differs."""
    defined = [one for agent in table.agents for one in _defined(table, agent)]
    places = {unit: n for n, unit in enumerate(table.units)}
    for kind in KINDS:
        groups = [_in_order(group, places) for group in _groups([one for one in defined if one.scale.kind == kind])[:_MOST]]
        groups.sort(key=lambda group: places[group[0].units[0]])
        for n, first in enumerate(groups):
            for second in groups[n + 1 :]:
                _settle_pair(table, first, second)


def _groups(defined: Sequence[Defined]) -> list[list[Defined]]:
    """The definitions by scale; a part of a scale stands with the whole."""
    groups: list[list[Defined]] = []
    for one in sorted(defined, key=lambda d: -len(d.scale.levels)):
        home = next((group for group in groups if compatible(group[0].scale, one.scale)), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return groups


def _settle_pair(table: Table, first: Sequence[Defined], second: Sequence[Defined]) -> None:
    if {one.source for one in first} & {one.source for one in second}:
        return  # An author who has both uses them for two things.
    scales = first[0].scale, second[0].scale
    sizes = [len(scale.levels) for scale in scales]
    # Of two severities the one with more levels tells more apart; of two verdicts nobody can tell.
    finer = None if scales[0].kind == "verdict" or sizes[0] == sizes[1] else int(sizes[1] > sizes[0])
    parting = Parting(
        kind="scales",
        a=_members(first),
        b=_members(second),
        why=f"two scales of {scales[0].kind}: {scales[0].shown()} and {scales[1].shown()}",
        stricter=finer,
    )
    settle_parting(table, parting, lambda unit: table.units[unit].kind in STATEMENTS and only_scale(plain(table.units[unit].text)))


def _in_order(group: Sequence[Defined], places: Mapping[str, int]) -> list[Defined]:
    return sorted(group, key=lambda one: places[one.units[0]])


def _members(group: Sequence[Defined]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(unit for one in group for unit in one.units))


# --- where a source defines a scale ------------------------------------------------------------


def _defined(table: Table, agent: Agent) -> Iterator[Defined]:
    """The scales of one source: enumerations in a line, then lists, tables, headings and templates."""
    blocks: dict[str, list[tuple[Unit, Lead]]] = defaultdict(list)
    for unit in agent.units:
        if not table.stands(unit.id):
            continue
        if unit.kind is Kind.CODE:
            yield from _fenced(table, unit)
        elif unit.kind in _LISTED:
            for scale in scales_in(plain(unit.text), _above(table, unit)):
                yield Defined(scale, agent.source.id, (unit.id,))
            if lead := lead_of(unit.text[:_LEAD_WORDS]):
                blocks[unit.block].append((unit, lead))
    for found in blocks.values():
        listed = scale_of([lead for _, lead in found], _titles(table, found[0][0]))
        if listed is not None:
            yield Defined(listed, agent.source.id, tuple(unit.id for unit, _ in found))
    yield from _headed(table, agent)


def _above(table: Table, unit: Unit) -> str:
    return table.sections[unit.section].title


def _titles(table: Table, unit: Unit) -> tuple[str, ...]:
    """The words that name a list: its heading, and the one above that."""
    section: Section | None = table.sections[unit.section]
    found: list[str] = []
    while section is not None and len(found) < 2:
        found.append(section.title)
        section = table.sections.get(section.parent or "")
    return tuple(found)


def _fenced(table: Table, unit: Unit) -> Iterator[Defined]:
    """The scales of a template for a report, or of an example of data; other code defines none."""
    info = (unit.info.split() or [""])[0].lower()
    if not (is_template(unit) or info in _DATA_FENCES or not info):
        return
    for scale in scales_in(unit.text, _above(table, unit)):
        yield Defined(scale, unit.source, (unit.id,))
    lines = unit.text.split("\n")[1:-1]
    leads = [(line, lead) for line in lines if (lead := lead_of(line[:_LEAD_WORDS], heading=line.lstrip().startswith("#")))]
    spread = scale_of([lead for _, lead in leads], [line for line, _ in leads] + list(_titles(table, unit)))
    if spread is not None:
        yield Defined(spread, unit.source, (unit.id,))


def _headed(table: Table, agent: Agent) -> Iterator[Defined]:
    """The scales that sister headings make: Critical Issues, Warnings, Suggestions."""
    sisters: dict[str | None, list[tuple[Section, Lead]]] = defaultdict(list)
    for section in agent.sections:
        if section.heading and (lead := lead_of(plain(section.title), heading=True)):
            sisters[section.parent].append((section, lead))
    for parent, found in sisters.items():
        above = [table.sections[parent].title] if parent else []
        scale = scale_of([lead for _, lead in found], [section.title for section, _ in found] + above)
        if scale is not None:
            units = tuple(section.heading for section, _ in found if section.heading)
            yield Defined(scale, agent.source.id, units)
