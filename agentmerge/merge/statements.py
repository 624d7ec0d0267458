"""Merge statements whose claims other statements make (DUP001, DUP002, LANG001).

A statement goes when others that stay make all of its claims, or all but a shade of them when one of
them surely makes the same. Guards come first: what differs in numbers, polarity or named
technologies is never merged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agentmerge.merge.align import covered, guard
from agentmerge.merge.claims import Reading, negates
from agentmerge.merge.coverage import (
    COVERED,
    EMPTY,
    all_said,
    claims_of,
    is_minimal_pair,
    label_said,
    names_said,
    nearly_said,
    said,
    unsaid,
)
from agentmerge.merge.identity import opening_of
from agentmerge.merge.partners import CERTAIN, MERGED, Partners, partners_for
from agentmerge.merge.selection import Place, Selection
from agentmerge.merge.table import Table
from agentmerge.merge.trims import trimmed, unsaid_members
from agentmerge.merge.whole import settle_procedures
from agentmerge.model import HeadingStyle, Outcome, Unit
from agentmerge.rules.text.quantities import is_unit
from agentmerge.rules.wording import Wording, worth

# Less than certainty is enough for statements that share this part of the longer one.
_GOOD_PART = 0.4


def merge_statements(table: Table) -> None:
    """Merge each statement whose claims others make, procedures before single statements."""
    order = _least_worth_first(table)
    openings = frozenset(opening.id for agent in table.agents if (opening := opening_of(agent)))
    asked = frozenset(member for conflict in table.conflicts if not conflict.resolved for member in conflict.members)
    selection = Selection(
        order,
        (unit for unit in table.units if table.stands(unit)),
        {unit: partners_for(table, table.units[unit]) for unit in order},
        lambda unit, there: _place(table, table.units[unit], there, whole=unit in openings, asked=unit in asked),
        table.procedures.keys(),
    )
    settle_procedures(table, selection)
    selection.select()
    table.trims.update(trimmed(table, [unit for unit in order if unit in selection.standing], selection.partners, selection.rests))
    for unit in order:
        place = selection.place(unit) if unit in selection.gone else None
        if place is not None:
            table.record(unit, Outcome.MERGED, place.rule, place.why, place.into)


def _least_worth_first(table: Table) -> list[str]:
    """The statements that no rule has decided, the least worth keeping first."""
    units = [unit for unit in table.undecided() if unit.kind in MERGED]
    beside: Counter[tuple[str, int | None]] = Counter((u.block, u.item) for u in units if u.item is not None)
    rank = {
        # Of equal wordings the one stays whose list item says more beside it, so that no item is torn apart.
        u.id: (worth(wording_of(table, u), table.policy, table.language, at=table.subject(u.id)), beside[(u.block, u.item)], u.id)
        for u in units
    }
    return sorted(rank, key=lambda u: rank[u])


def wording_of(table: Table, unit: Unit) -> Wording:
    """What the choice between wordings looks at."""
    reading, section = table.reading(unit.id), table.sections[unit.section]
    # The sentences of a list item share the bold lead that one of a single sentence has in its text.
    led = section.style is HeadingStyle.ITEM and section.heading is not None
    lead = table.reading(section.heading or "").title if led else frozenset[str]()
    mass = table.comparison.content(reading.concepts | lead) + 0.5 * len(reading.numbers)
    return Wording(
        unit=unit.id, source=unit.source, language=unit.language, mass=mass, length=len(unit.text), whole=unit.id in table.procedures
    )


def _place(table: Table, unit: Unit, there: Partners, *, whole: bool, asked: bool) -> Place | None:
    """Where a statement is said among partners that stay, with what goes unsaid; ``whole``: nothing may.

    Of one that a person is ``asked`` about nothing may either, least of all the point: it would settle the question unseen.
    """
    for twin in there.twins:
        return Place(twin, "LANG001", _why(table, twin, "says it in the same place of a translation"))
    if there.peers[0][1] < table.weights.merge:
        return None
    reading, peers = table.reading(unit.id), [table.reading(peer) for peer, _ in there.peers]
    covering = [*peers, *(table.reading(other) for other in there.own)]
    if not names_said(reading, covering) or not label_said(table.comparison, reading, covering):
        return None
    there_said = frozenset[str]().union(*(other.concepts for other in covering))
    if not _order_of(reading.concepts - _PREFERS) <= _order_of(there_said) or (asked and not _POINT & reading.concepts <= there_said):
        return None
    lost = not all_said(table.comparison, reading, covering)
    if lost and (whole or asked or there.peers[0][1] < CERTAIN or not _is_shade(table, reading, peers)):
        return None
    # The one that says most of it; of equals the surest.
    sure = [
        peer for peer, score in there.peers if score >= CERTAIN or (score >= table.weights.merge and _of_one_size(table, reading, peer))
    ]
    if not sure:
        return None
    best = max(sure, key=lambda peer: _weight_said(table, reading, table.reading(peer)))
    place = _settled(table, unit, best, covering, lost=lost)
    foreign = unit.language == table.language != table.units[best].language
    return place._replace(foreign=foreign) if place else None


def _of_one_size(table: Table, reading: Reading, peer: str) -> bool:
    """Whether a statement says a good part of what a partner says: a fragment ("Error handling") goes only into what surely means it."""
    return covered(table.comparison, table.reading(peer), reading) >= _GOOD_PART


def _settled(table: Table, unit: Unit, best: str, covering: Sequence[Reading], *, lost: bool) -> Place | None:
    """The rule and the reason by which ``best`` stands for a statement that ``covering`` says; ``None`` when the policy keeps it."""
    reading, other = table.reading(unit.id), table.reading(best)
    shade = ", ".join(unsaid(table.comparison, reading, covering)) if lost else ""
    less = f"; what nothing says again: {shade}" if shade else ""
    share = round(covered(table.comparison, reading, other), 1)
    fuller = share < COVERED or table.comparison.content(other.concepts) > 1.3 * table.comparison.content(reading.concepts)
    if fuller and table.policy.choice("contained", at=table.subject(unit.id)) == "keep":
        return None
    if share < COVERED:
        said_by = ", ".join(f"{one.source} line {one.lines[0]}" for one in _sayers(table, reading, other, covering))
        return Place(best, "DUP002", f"all that it says is said by {said_by}{less}", lost)
    if fuller:
        return Place(best, "DUP002", _why(table, best, "says this and more") + less, lost)
    if unit.language != other.unit.language:
        return Place(best, "LANG001", _why(table, best, "says the same in the preferred language") + less, lost)
    return Place(best, "DUP001", _why(table, best, "says the same, more informatively") + less, lost)


def _sayers(table: Table, reading: Reading, best: Reading, covering: Sequence[Reading]) -> list[Unit]:
    """The units that say a statement together: the best, and for each clause that it lacks the first that has it."""
    found = [best]
    for claim in claims_of(table.comparison, reading):
        if not said(table.comparison, claim, reading.unit.language, found):
            found += [one for one in covering if said(table.comparison, claim, reading.unit.language, (one,))][:1]
    return [one.unit for one in found]


# What two statements that differ in a figure, in tone or in a hedge differ in: no claim of its own.
_POINT = frozenset(
    (
        *("at-least", "at-most", "exceed", "high", "low", "limit", "threshold", "meaningful", "appropriate", "enough", "time"),
        *("always", "all", "must", "possible", "optional", "where-appropriate", "when-possible", "if-needed", "if-when"),
    )
)

# When, in what order, and whether nothing else: who says so means it ("Profile first"), however little it weighs.
_ORDER = {concept: concept for concept in ("before", "after", "until", "during", "only")} | dict.fromkeys(("first", "prioritize"), "before")
# To prefer a thing says that it comes first, and asks for no order of others.
_PREFERS = frozenset(("prioritize",))


def _order_of(concepts: frozenset[str]) -> frozenset[str]:
    """What concepts say of time and order; what comes first comes before the rest."""
    return frozenset(_ORDER[concept] for concept in concepts if concept in _ORDER)


def says_all_but(table: Table, unit: str, winner: str) -> bool:
    """Whether ``winner`` and what stands beside it say all that a unit says, but for the point on which the two differ.

    Numbers, polarity, tone and hedges are that point, so none of them is compared.
    """
    reading, other = table.reading(unit), table.reading(winner)
    beside = [table.reading(one) for one, _ in table.partners.get(unit, ()) if one != winner and table.stands(one)]
    whole = (other, *(one for one in beside if guard(reading, one) is None))
    if not names_said(reading._replace(numbers=frozenset()), whole):
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


def _is_shade(table: Table, reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether what others leave unsaid is a shade only: no member of a list, and none of them differs in what it is about.

    Nor is it one when the statement's partners are all that say it as well: of what several make a point no trace would stay.
    """
    if not nearly_said(table.comparison, reading, covering) or any(is_minimal_pair(reading.unit.text, o.unit.text) for o in covering):
        return False
    partners = [partner for partner, _ in table.partners.get(reading.unit.id, ())]
    for concept in unsaid(table.comparison, reading, covering):
        sayers = {unit for unit, other in table.comparison.readings.items() if concept in other.concepts} - {reading.unit.id}
        if sayers and sayers.issubset(partners):
            return False
    return not unsaid_members(table, reading, covering)


def _why(table: Table, best: str, what: str) -> str:
    unit = table.units[best]
    return f"{unit.source} line {unit.lines[0]} {what}"


def _weight_said(table: Table, reading: Reading, other: Reading) -> tuple[float, float]:
    """How much of a statement another one says: its clauses that are said, then its words."""
    there = [facet for facet in reading.facets if said(table.comparison, facet, reading.unit.language, (other,))]
    weight = sum(table.comparison.content(facet.concepts) for facet in there)
    return round(weight, 2), round(covered(table.comparison, reading, other), 1)
