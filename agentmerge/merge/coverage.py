"""Whether statements that stay say what another one says: clause by clause, or all but a shade of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from agentmerge.merge.claims import Facet, Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.lexicon import ConceptClass

COVERED = 0.68
# A clause that says no more than this ("when applicable") may go unsaid; any other must be said elsewhere.
EMPTY = 0.2
# Of a statement that another surely makes too this share may go unsaid, and of each clause that one.
_UNSAID = 0.5
_CLAUSE_UNSAID = 0.6
# Of an author's own restatement less.
_OWN_UNSAID = 0.25
# A clause of few things may be spread over the clauses of another statement, when that has few.
_ONE_STATEMENT = 4
_SPREAD = 2
# What an author's own restatement must hold at least: concepts that are not generic.
_SUBSTANCE = 3
_SYNONYM = 0.8


def _things(comparison: Comparison, facet: Facet) -> frozenset[str]:
    """What a clause speaks of: its concepts but for broader ones that others imply, and generic ones."""
    lexicon = comparison.lexicon
    return frozenset(c for c in facet.concepts - lexicon.implied(facet.concepts) if lexicon.kinds.get(c) != ConceptClass.GENERIC)


def said(comparison: Comparison, facet: Facet, language: str, covering: Iterable[Reading]) -> bool:
    """Whether one of the readings makes the claim of a facet, with the same polarity."""
    for reading in covering:
        foreign = reading.unit.language != language
        spread = len(reading.facets) <= _ONE_STATEMENT and len(_things(comparison, facet)) <= _SPREAD
        whole = (Facet(reading.concepts, reading.wide, reading.negative),) if spread else ()
        for other in (*reading.facets, *whole):
            if other.negative == facet.negative:
                part = comparison.said(facet.concepts, other.concepts, other.wide, foreign=foreign)
                if part >= COVERED:
                    return True
    return False


def nearly_said(comparison: Comparison, reading: Reading, covering: Sequence[Reading], *, unsaid: float = _UNSAID) -> bool:
    """Whether readings together say all of a statement but a share ``unsaid`` of its content (0 to 1).

    Which of their clauses says it does not matter; polarity does. No clause may go unsaid for the most part.
    """
    foreign = any(other.unit.language != reading.unit.language for other in covering)
    lost: list[float] = []
    masses: list[float] = []
    for facet in reading.facets:
        if facet.label:
            continue
        own = comparison.without_implied(facet.concepts)
        shares = [(comparison.content((c,), foreign=foreign), _best_part(comparison, c, covering)) for c in own]
        mass = math.fsum(content for content, _ in shares)
        left = math.fsum(content * (1 - part) for content, part in shares)
        if mass > EMPTY and left > _CLAUSE_UNSAID * mass:
            return False
        masses.append(mass)
        lost.append(left)
    return math.fsum(lost) <= unsaid * math.fsum(masses)


def _best_part(comparison: Comparison, concept: str, covering: Iterable[Reading]) -> float:
    return max((comparison.part_said(concept, other.concepts | other.title, other.wide) for other in covering), default=0.0)


def restates(comparison: Comparison, reading: Reading, other: Reading) -> bool:
    """Whether one author's other statement says a statement again: all its concepts, or near all of what it says.

    One author's two statements are two on purpose; short ones ("Risk: low") belong to what they stand under.
    """
    lexicon = comparison.lexicon
    there = other.wide | other.title
    own = reading.concepts | reading.title
    if sum(c.startswith("w:") or lexicon.kinds[c] != ConceptClass.GENERIC for c in own) < _SUBSTANCE:
        return False
    if nearly_said(comparison, reading, (other,), unsaid=_OWN_UNSAID):
        return True
    return all(c in there or any(part >= _SYNONYM and o in there for o, part in lexicon.near(c).items()) for c in own)
