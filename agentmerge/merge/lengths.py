"""Demands on the answer that rule one another out are a conflict (CONF006): a cap against explanations, JSON against a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.roles import role_of
from agentmerge.merge.sides import Parting, settle_parting
from agentmerge.merge.table import Table
from agentmerge.model import Section, Unit
from agentmerge.rules.text.lengths import Asked, Demand, demands_of, rule_out

_ALONE = 0.6
# Kinds of demands that are told as one: what limits the answer, what wants more of it.
_SHORT = (Demand.CAP, Demand.BARE, Demand.SILENT, Demand.BRIEF)
_MORE = (Demand.DETAIL, Demand.EXPLAIN)


def settle_lengths(table: Table) -> None:
    """Find demands on the length and format of the answer that cannot both be met, and decide them."""
    asked = {unit.id: found for unit in table.units.values() if (found := _asked(table, unit))}
    _settle_length(table, asked)
    _settle_formats(table, asked)


def _asked(table: Table, unit: Unit) -> tuple[Asked, ...]:
    if unit.kind not in STATEMENTS or not table.stands(unit.id) or table.reading(unit.id).flipped:
        return ()
    return demands_of(plain(unit.text), about_output=_about_output(table, unit))


def _about_output(table: Table, unit: Unit) -> bool:
    section: Section | None = table.sections[unit.section]
    for _ in range(2):
        if section is None:
            return False
        if role_of(section.title) == "output":
            return True
        section = table.sections.get(section.parent or "")
    return False


def _by_source(table: Table, asked: Mapping[str, tuple[Asked, ...]]) -> Mapping[str, frozenset[Demand]]:
    found: dict[str, set[Demand]] = defaultdict(set)
    for unit, demands in asked.items():
        found[table.units[unit].source] |= {one.demand for one in demands}
    return {source: frozenset(demands) for source, demands in found.items()}


def _settle_length(table: Table, asked: Mapping[str, tuple[Asked, ...]]) -> None:
    """One conflict between all that limits the answer and all that wants more of it."""
    own = _by_source(table, asked)
    # An author who asks for both has an answer in mind that meets both.
    both = {source for source, demands in own.items() if any(rule_out(a, b) for a in demands for b in demands)}
    short, more = _opposed(table, _members(table, asked, _SHORT, both), _members(table, asked, _MORE, both))
    if short and more:
        _settle(table, asked, short, more, stricter=0)


def _members(table: Table, asked: Mapping[str, tuple[Asked, ...]], demands: tuple[Demand, ...], but: set[str]) -> dict[str, Asked]:
    """The units that make one of the demands, each with the first that it makes; none of the sources ``but``."""
    found = {}
    for unit, ones in asked.items():
        chosen = sorted((one for one in ones if one.demand in demands), key=lambda one: demands.index(one.demand))
        if chosen and table.units[unit].source not in but:
            found[unit] = chosen[0]
    return found


def _opposed(table: Table, a: dict[str, Asked], b: dict[str, Asked]) -> tuple[dict[str, Asked], dict[str, Asked]]:
    """What of two sides another source's demand on the other side rules out."""
    a = _met(table, a, b)
    b = _met(table, b, a)
    return _met(table, a, b), b


def _met(table: Table, side: dict[str, Asked], other: dict[str, Asked]) -> dict[str, Asked]:
    there = {(two.demand, table.units[unit].source) for unit, two in other.items()}
    return {
        unit: one
        for unit, one in side.items()
        if any(rule_out(one.demand, demand) and source != table.units[unit].source for demand, source in there)
    }


def _settle_formats(table: Table, asked: Mapping[str, tuple[Asked, ...]]) -> None:
    own = _by_source(table, asked)
    for narrow in (Demand.JSON, Demand.PLAIN):
        against = tuple(d for d in Demand if rule_out(narrow, d) and d is not Demand.JSON)
        mixed = {source for source, demands in own.items() if narrow in demands and not demands.isdisjoint(against)}
        only, other = _opposed(table, _members(table, asked, (narrow,), mixed), _members(table, asked, against, mixed))
        if only and other:
            _settle(table, asked, only, other, stricter=None)


def _settle(
    table: Table, asked: Mapping[str, tuple[Asked, ...]], a: Mapping[str, Asked], b: Mapping[str, Asked], stricter: int | None
) -> None:
    one, two = next(iter(a.values())), next(iter(b.values()))
    why = f"the answer: {one.demand} ('{one.words}') against {two.demand} ('{two.words}')"
    parting = Parting("shapes", tuple(a), tuple(b), why, stricter)
    settle_parting(table, parting, lambda unit: unit in table.units and max(x.share for x in asked[unit]) >= _ALONE)
