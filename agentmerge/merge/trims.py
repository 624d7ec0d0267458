"""Trim statements that stay: members of a list in them that other statements say go, the rest stays word for word (DUP002)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from agentmerge.merge.align import covered
from agentmerge.merge.authors import asks
from agentmerge.merge.claims import STATEMENTS, Facet, Reading, reread
from agentmerge.merge.coverage import COVERED, all_said, claims_of, is_unknown, said
from agentmerge.merge.lists import Cut, cut_of
from agentmerge.merge.partners import CERTAIN, Partners
from agentmerge.merge.table import Table
from agentmerge.model import Agent, Decision, Outcome, Trim, Unit

# Of a member of a list others must say at least this much.
_HALF = 0.5


def trimmed(table: Table, standing: Sequence[str], partners: Callable[[str], Partners], rests: Callable[[str], bool]) -> dict[str, Trim]:
    """The statements that can do without a part of them, the least worth keeping first.

    ``partners`` are the standing partners of a statement; ``rests`` is whether all that rests on a statement is still said.
    A statement that says what another one was trimmed of stays whole itself.
    """
    found: dict[str, Trim] = {}
    relied: set[str] = set()
    disputed = {member for conflict in table.conflicts for member in conflict.members}
    for unit in standing:
        if unit in relied or unit in disputed or not _may_be_cut(table, table.units[unit]):
            continue
        cut = cut_of(table.units[unit].text, table.comparison.lexicon)
        trim = _trim(table, unit, cut, partners(unit)) if cut else None
        if trim is None or not _holds(table, unit, trim, rests):
            continue
        found[unit] = trim
        relied.update(trim.said_by)
    return found


def with_trims(decisions: Mapping[str, Decision], trims: Mapping[str, Trim], agents: Sequence[Agent]) -> dict[str, Decision]:
    """The same decisions; those of trimmed units say what was cut and who says it."""
    texts = {unit.id: unit.text for agent in agents for unit in agent.units if unit.id in trims}
    found = dict(decisions)
    for unit, trim in trims.items():
        if decisions[unit].outcome is Outcome.KEPT:
            cut = ", ".join(repr(part) for part in trim.cut(texts[unit]))
            why = f"{decisions[unit].why}; cut, as {' and '.join(trim.said_by)} say{'s' * (len(trim.said_by) == 1)} it: {cut}"
            found[unit] = decisions[unit]._replace(why=why, trim=trim)
    return found


def as_trimmed(agents: Sequence[Agent], decisions: Mapping[str, Decision]) -> Sequence[Agent]:
    """The same agents with the texts of trimmed units as they stand in the canonical agent."""
    trims = {unit: made.trim for unit, made in decisions.items() if made.trim is not None}
    if not trims:
        return agents
    return [replace(agent, units=tuple(_standing(unit, trims.get(unit.id)) for unit in agent.units)) for agent in agents]


def _standing(unit: Unit, trim: Trim | None) -> Unit:
    return replace(unit, text=trim.of(unit.text)) if trim else unit


def _may_be_cut(table: Table, unit: Unit) -> bool:
    """Whether a statement is one that a cut leaves whole: none of a procedure, of the base, or that says what must not be done."""
    reading = table.reading(unit.id)
    return (
        unit.kind in STATEMENTS
        and unit.source != table.policy.base
        and unit.id not in table.procedures
        and unit.id not in table.pinned
        and not reading.negative
        and not reading.flipped
        and table.policy.choice("contained", at=table.subject(unit.id)) != "keep"
    )


def unsaid_members(table: Table, reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether a statement is a list with a member of which others make no claim: a clause that can stand for itself is no shade."""
    comparison, language = table.comparison, reading.unit.language
    cut = cut_of(reading.unit.text, comparison.lexicon)
    if cut is None:
        return False
    for n in range(len(cut.members)):
        claims = claims_of(comparison, reread(reading, cut.member(n), comparison.lexicon))
        if all(other.unit.language != language for other in covering):
            # Words of another script that the lexicon does not know have no counterpart to be compared with.
            claims = tuple(kept for claim in claims if (kept := _known(claim)).concepts)
        if claims and not any(said(comparison, claim, language, covering, _HALF) for claim in claims):
            return True
    return False


def _known(claim: Facet) -> Facet:
    return claim._replace(concepts=frozenset(c for c in claim.concepts if not is_unknown(c)))


def _trim(table: Table, unit: str, cut: Cut, there: Partners) -> Trim | None:
    """What can go of a statement when its partners say it; never all of it."""
    if not there.peers or there.peers[0][1] < table.weights.merge:
        return None
    by = dict(_said_members(table, unit, cut, there))
    if not by or len(by) == len(cut.members):
        return None
    return Trim(cut.without(by.keys()), tuple(sorted(set(by.values()))))


def _said_members(table: Table, unit: str, cut: Cut, there: Partners) -> Iterator[tuple[int, str]]:
    """The members that may go and the surest partner that says each."""
    reading, lexicon = table.reading(unit), table.comparison.lexicon
    for n in range(len(cut.members)):
        if n in cut.fixed:
            continue
        member = reread(reading, cut.member(n), lexicon)
        if not claims_of(table.comparison, member):
            continue
        sayer = next((peer for peer, score in there.peers if score >= CERTAIN and _says(table, peer, member)), None)
        if sayer is not None:
            yield n, sayer


def _says(table: Table, peer: str, member: Reading) -> bool:
    """Whether a partner makes the claims of a member, of what its label names, and in a clause that says no more.

    "Least-privilege IAM" does not say "IAM", nor "name the database (PostgreSQL)" what "Tuning: PostgreSQL" says.
    """
    other, comparison = table.reading(peer), table.comparison
    if asks(other.unit.text) or not all_said(comparison, member, (other,)):
        return False
    if member.title and covered(comparison, member._replace(concepts=member.title), other) < COVERED:
        return False
    return any(said(comparison, clause, other.unit.language, (member,)) for clause in claims_of(comparison, other))


def _holds(table: Table, unit: str, trim: Trim, rests: Callable[[str], bool]) -> bool:
    """Read a statement anew as it is trimmed; take that back when something rests on what would go."""
    readings: dict[str, Reading] = table.comparison.readings
    before = readings[unit]
    text = trim.of(table.units[unit].text)
    readings[unit] = reread(before, text, table.comparison.lexicon, label=before.unit.label)
    if rests(unit):
        return True
    readings[unit] = before
    rests(unit)
    return False
