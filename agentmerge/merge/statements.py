"""Merge statements whose claims other statements make (DUP001, DUP002, LANG001).

Statements are taken from the least worth keeping to the most; one goes when other statements that
stay make all of its claims, or all but a shade of them when one of them surely makes the same.
Guards come first: what differs in numbers, polarity or named technologies is never merged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from agentmerge.merge.align import covered, guard
from agentmerge.merge.claims import STATEMENTS, Reading, negates
from agentmerge.merge.coverage import COVERED, EMPTY, is_minimal_pair, nearly_said, restates, said, unsaid
from agentmerge.merge.table import Table
from agentmerge.merge.whole import Target, settle_procedures
from agentmerge.model import Decision, Kind, Outcome, Unit
from agentmerge.rules.text.quantities import is_unit
from agentmerge.rules.wording import Wording, worth

_MERGED = STATEMENTS | {Kind.HTML}
# From this score on the other surely makes the claim; then a small part of the wording may go unsaid.
_CERTAIN = 0.8
# An author's own statement is a restatement only when the other is this surely the same.
_OWN_WORDS = 0.9
_BLANK = re.compile(r"\[[^\[\]]+\]|\{[^{}]+\}|<[^<>]+>")


def merge_statements(table: Table) -> None:
    """Merge each statement whose claims others make, procedures before single statements."""
    settle_procedures(table, lambda unit: _target(table, unit), lambda unit, target: _take(table, unit, target))
    order = [unit for unit in table.units.values() if unit.kind in _MERGED and unit.id not in table.made]
    beside: Counter[tuple[str, int | None]] = Counter((u.block, u.item) for u in order if u.item is not None)
    rank = {
        # Of equal wordings the one stays whose list item says more beside it, so that no item is torn apart.
        u.id: (worth(wording_of(table, u), table.policy, table.language, at=table.subject(u.id)), beside[(u.block, u.item)], u.id)
        for u in order
    }
    for unit in sorted(order, key=lambda u: rank[u.id]):
        target = _target(table, unit)
        if target is not None:
            _take(table, unit, target)


def _take(table: Table, unit: Unit, target: Target) -> None:
    """Merge a unit into its target; what it had taken must find a place of its own among what stays."""
    into, why, rule = target
    table.record(unit.id, Outcome.MERGED, rule, why, into)
    for earlier in table.absorbed.pop(unit.id, []):
        again = _target(table, table.units[earlier])
        assert again is not None
        table.record(earlier, Outcome.MERGED, again[2], again[1], again[0])
        table.absorbed[again[0]].append(earlier)
    table.absorbed[into].append(unit.id)


def wording_of(table: Table, unit: Unit) -> Wording:
    """What the choice between wordings looks at."""
    reading = table.reading(unit.id)
    mass = table.comparison.content(reading.concepts) + 0.5 * len(reading.numbers)
    return Wording(
        unit=unit.id, source=unit.source, language=unit.language, mass=mass, length=len(unit.text), whole=_stays_whole(table, unit)
    )


def _stays_whole(table: Table, unit: Unit) -> bool:
    """Whether a unit is a step of a procedure that has not given way as a whole."""
    return unit.id in table.procedures and table.procedures[unit.id] not in table.dissolved


def _target(table: Table, unit: Unit) -> Target | None:
    """The unit that can take this one's place, why (with what goes unsaid), and by which rule; the base stays whole."""
    if unit.source == table.policy.base or _stays_whole(table, unit):
        return None
    reading = table.reading(unit.id)
    for twin in table.twins.get(unit.id, ()):
        if frozenset((unit.id, twin)) in table.clashing:
            continue
        if table.stands(twin) and table.units[twin].kind is unit.kind and _others_settle(table, unit):
            return twin, _why(table, twin, "says it in the same place of a translation"), "LANG001"
    others = []
    for other_id, score in table.partners.get(unit.id, ()):
        other = table.units[other_id]
        if other.kind not in _MERGED or not table.stands(other_id) or guard(reading, table.reading(other_id)):
            continue
        if other.source == unit.source and not (score >= _OWN_WORDS and restates(table.comparison, reading, table.reading(other_id))):
            continue
        if (unit.kind is Kind.CHECK) != (other.kind is Kind.CHECK) and other.source == unit.source:
            continue  # Who states a rule and then asks to check it means both.
        if frozenset((unit.id, other_id)) in table.clashing or _is_blank(unit) != _is_blank(other):
            continue
        if table.policy.language not in ("keep", other.language) and unit.language == table.policy.language:
            continue  # Who asks for one language does not want its wordings to give way to another's.
        others.append((other_id, score))
    if not others:
        return None
    if others[0][1] < table.weights.merge:
        return None
    covering = [table.reading(other) for other, _ in others]
    missing = [facet for facet in reading.facets if not facet.label and not said(table.comparison, facet, unit.language, covering)]
    lost = any(table.comparison.content(facet.concepts) > EMPTY for facet in missing)
    if lost and not _is_shade(table, reading, others):
        return None
    if not reading.numbers <= _all(r.numbers for r in covering):
        return None
    if not reading.technologies <= _all(r.technologies for r in covering) or not reading.literals <= _all(r.literals for r in covering):
        return None
    if not _others_settle(table, unit):
        return None
    # The one that says most of it; of equals the surest.
    sure = [o for o, score in others if score >= table.weights.merge]
    best = max(sure, key=lambda o: _weight_said(table, reading, table.reading(o)))
    shade = ", ".join(unsaid(table.comparison, reading, covering)) if lost else ""
    less = f"; what nothing says again: {shade}" if shade else ""
    share = round(covered(table.comparison, reading, table.reading(best)), 1)
    fuller = share < COVERED or table.comparison.content(table.reading(best).concepts) > 1.3 * table.comparison.content(reading.concepts)
    if fuller and table.policy.choice("contained", at=table.subject(unit.id)) == "keep":
        return None
    if share < COVERED:
        said_by = ", ".join(f"{table.units[o].source} line {table.units[o].lines[0]}" for o, _ in others)
        return best, f"all that it says is said by {said_by}{less}", "DUP002"
    if fuller:
        return best, _why(table, best, "says this and more") + less, "DUP002"
    if unit.language != table.units[best].language:
        return best, _why(table, best, "says the same in the preferred language") + less, "LANG001"
    return best, _why(table, best, "says the same, more informatively") + less, "DUP001"


# What two statements that differ in a figure, in tone or in a hedge differ in: no claim of its own.
_POINT = frozenset(
    (
        *("at-least", "at-most", "exceed", "high", "low", "limit", "threshold", "meaningful", "appropriate", "enough", "time"),
        *("always", "all", "must", "possible", "optional", "where-appropriate", "when-possible", "if-needed", "if-when"),
    )
)


def says_all_but(table: Table, unit: str, winner: str) -> bool:
    """Whether ``winner`` and what stands beside it say all that a unit says, but for the point on which the two differ.

    Numbers, polarity, tone and hedges are that point, so none of them is compared.
    """
    reading, other = table.reading(unit), table.reading(winner)
    beside = [table.reading(one) for one, _ in table.partners.get(unit, ()) if one != winner and table.stands(one)]
    whole = (other, *(one for one in beside if guard(reading, one) is None))
    if not reading.literals <= _all(r.literals for r in whole) or not reading.technologies <= _all(r.technologies for r in whole):
        return False
    blind = [r._replace(facets=tuple(facet._replace(negative=False) for facet in r.facets), negative=False) for r in whole]
    facets = (
        facet._replace(concepts=frozenset(c for c in facet.concepts - _POINT if not _is_point(c)), negative=False)
        for facet in reading.facets
        if not facet.label
    )
    return all(
        said(table.comparison, facet, reading.unit.language, blind) for facet in facets if table.comparison.content(facet.concepts) > EMPTY
    )


def _is_point(word: str) -> bool:
    return word.startswith("w:") and (negates(word) or is_unit(word[2:]))


def _is_blank(unit: Unit) -> bool:
    """Whether a unit is a blank of a template to fill in (``[Root cause]``) rather than a statement."""
    return _BLANK.fullmatch(unit.text) is not None


def _is_shade(table: Table, reading: Reading, others: Sequence[tuple[str, float]]) -> bool:
    """Whether what others leave unsaid is a shade only: the surest makes the claim, and none differs in what it is about."""
    covering = [table.reading(other) for other, _ in others]
    return (
        others[0][1] >= _CERTAIN
        and nearly_said(table.comparison, reading, covering)
        and not any(is_minimal_pair(reading.unit.text, other.unit.text) for other in covering)
    )


def _why(table: Table, best: str, what: str) -> str:
    unit = table.units[best]
    return f"{unit.source} line {unit.lines[0]} {what}"


def _weight_said(table: Table, reading: Reading, other: Reading) -> tuple[float, float]:
    """How much of a statement another one says: its clauses that are said, then its words."""
    there = [facet for facet in reading.facets if said(table.comparison, facet, reading.unit.language, (other,))]
    weight = sum(table.comparison.content(facet.concepts) for facet in there)
    return round(weight, 2), round(covered(table.comparison, reading, other), 1)


def _others_settle(table: Table, unit: Unit) -> bool:
    """Whether all that was merged into a unit finds another place when this unit goes."""
    earlier = table.absorbed.get(unit.id, [])
    if not earlier:
        return True
    table.made[unit.id] = Decision(unit=unit.id, outcome=Outcome.MERGED, into=None, rule="", why="")
    try:
        return all(_target(table, table.units[one]) is not None for one in earlier)
    finally:
        del table.made[unit.id]


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
