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
# A clause of few things may be spread over the clauses of another statement, when that has few.
_ONE_STATEMENT = 4
_SPREAD = 2
_FEW_WORDS = 2


def _things(comparison: Comparison, facet: Facet) -> frozenset[str]:
    """What a clause speaks of: its concepts but for broader ones that others imply, and generic ones."""
    lexicon = comparison.lexicon
    return frozenset(c for c in facet.concepts - lexicon.implied(facet.concepts) if lexicon.kinds.get(c) != ConceptClass.GENERIC)


def said(comparison: Comparison, facet: Facet, language: str, covering: Iterable[Reading], share: float = COVERED) -> bool:
    """Whether one of the readings makes the claim of a facet, or that share of it, with the same polarity."""
    few = len(_things(comparison, facet)) <= _SPREAD
    for reading in covering:
        foreign = reading.unit.language != language
        spread = few and len(reading.facets) <= _ONE_STATEMENT
        whole = (Facet(reading.concepts, reading.wide, reading.negative),) if spread else ()
        for other in (*reading.facets, *whole):
            if other.negative == facet.negative:
                part = comparison.said(facet.concepts, other.concepts, other.wide, foreign=foreign)
                if part >= share:
                    return True
    return False


def claims_of(comparison: Comparison, reading: Reading) -> tuple[Facet, ...]:
    """The clauses of a statement that say something: no label, no empty phrase; where all say as little, each."""
    clauses = [facet for facet in reading.facets if not facet.label]
    return tuple([facet for facet in clauses if comparison.content(facet.concepts) > EMPTY] or clauses)


def all_said(comparison: Comparison, reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether readings make every claim of a statement, and name each of its figures, products and literals."""
    claims = claims_of(comparison, reading)
    return names_said(reading, covering) and all(said(comparison, facet, reading.unit.language, covering) for facet in claims)


def names_said(reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether each figure, product and literal of a statement stands in one of the readings."""
    return (
        reading.numbers <= _all(other.numbers for other in covering)
        and reading.technologies <= _all(other.technologies for other in covering)
        and reading.literals <= _all(other.literals for other in covering)
    )


def label_said(comparison: Comparison, reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether readings say most of what the label of a statement names: "**Unit of work**: one transaction" names a pattern.

    What it only does counts as said ("**Report only**: never edit files"), unless it is a value's name ("**REQUEST CHANGES**: …").
    """
    named = frozenset[str]().union(*(comparison.without_implied(facet.concepts) for facet in reading.facets if facet.label))
    kinds = comparison.lexicon.kinds
    value = reading.unit.label.isupper()
    things = [c for c in named if value or kinds.get(c) not in (ConceptClass.ACTION, ConceptClass.GENERIC)]
    left = math.fsum(comparison.content((c,)) * (1 - _best_part(comparison, c, covering)) for c in things)
    return left <= EMPTY or 2 * left < math.fsum(comparison.content((c,)) for c in named)


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def nearly_said(comparison: Comparison, reading: Reading, covering: Sequence[Reading]) -> bool:
    """Whether readings together say all of a statement but a share of its content.

    Which of their clauses says it does not matter, but no clause may go unsaid for the most part.
    """
    foreign = any(other.unit.language != reading.unit.language for other in covering)
    apart = all(other.unit.language != reading.unit.language for other in covering)
    script = reading.unit.language != "en"
    lost: list[float] = []
    masses: list[float] = []
    for facet in reading.facets:
        if facet.label:
            continue
        parts = {
            c: _best_part(comparison, c, covering) for c in comparison.without_implied(facet.concepts) if not (apart and is_unknown(c))
        }
        if script and any(_is_name(c) and not part for c, part in parts.items()):
            return False
        contents = {c: comparison.content((c,), foreign=foreign) for c in parts}
        mass = math.fsum(contents.values())
        left = math.fsum(contents[c] * (1 - part) for c, part in parts.items())
        if mass > EMPTY and left > _CLAUSE_UNSAID * mass:
            return False
        masses.append(mass)
        lost.append(left)
    return math.fsum(lost) <= _UNSAID * math.fsum(masses)


def unsaid(comparison: Comparison, reading: Reading, covering: Sequence[Reading]) -> tuple[str, ...]:
    """What of a statement none of the readings says, in words, generic concepts left out."""
    kinds = comparison.lexicon.kinds
    own = frozenset[str]().union(*(comparison.without_implied(facet.concepts) for facet in reading.facets if not facet.label))
    gone = (c for c in own if kinds.get(c) != ConceptClass.GENERIC and not _best_part(comparison, c, covering))
    return tuple(sorted(c.removeprefix("w:") for c in gone))


def is_unknown(concept: str) -> bool:
    """Whether a concept is a word in another script than Latin that the lexicon has not: no other language's text has it."""
    return concept.startswith("w:") and not concept.isascii()


def _is_name(concept: str) -> bool:
    """Whether an unknown word is in Latin letters: in a text of another script it names something."""
    return concept.startswith("w:") and concept.isascii()


def is_minimal_pair(a: str, b: str) -> bool:
    """Whether two texts are alike but for a few words in place of others: what they differ in is what each is about."""
    one, two = a.lower().split(), b.lower().split()
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    left, right = len(one) - start - end, len(two) - start - end
    return 0 < left <= _FEW_WORDS and 0 < right <= _FEW_WORDS and start + end >= max(left, right)


def _best_part(comparison: Comparison, concept: str, covering: Iterable[Reading]) -> float:
    return max((comparison.part_said(concept, other.concepts | other.title, other.wide) for other in covering), default=0.0)
