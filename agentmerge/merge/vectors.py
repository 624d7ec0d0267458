"""What a clause says as a weighted vector of concepts, and how much two vectors share.

A concept counts whole; the concepts that a longer term is made of, and the broader ones that it
implies, count in part. A concept that the other text lacks is met in part by one near to it
(``data/near.tsv``), so that "diagnose the failure" and "find the root cause" share something.
Vectors are built in sorted order, so no hash order can change a sum.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.claims import Reading
from agentmerge.merge.cooccurrence import direction
from agentmerge.merge.directions import Direction, together
from agentmerge.merge.lexicon import ConceptClass, Lexicon
from agentmerge.merge.meaning import meaning

# How much a shared concept of each class says about a shared claim, before rarity.
CLASS_WEIGHT: Mapping[str, float] = {
    ConceptClass.TECHNOLOGY: 1.2,
    ConceptClass.OBJECT: 1.0,
    ConceptClass.ARTEFACT: 1.0,
    ConceptClass.ACTION: 0.6,
    ConceptClass.QUALITY: 0.6,
    ConceptClass.CONDITION: 0.5,
    ConceptClass.GENERIC: 0.1,
}
UNKNOWN_WEIGHT = 0.6
# Across languages a word that no concept covers cannot match, so it counts little.
_UNKNOWN_ABROAD = 0.35
_PART = 0.5
_BROADER = (0.4, 0.15)
_WHOLE = 0.99
_SEEN = 0.5


class Vector(NamedTuple):
    """``items`` are (concept, weight, share) with the share of the concept that is said (0 to 1).

    ``meets`` is the share of any concept that this vector meets, near ones included; ``mass`` the
    weight of all, ``abroad`` the same for a comparison across languages.
    """

    items: tuple[tuple[str, float, float], ...]
    meets: Mapping[str, float]
    mass: float
    abroad: float

    def whole(self) -> Iterable[tuple[str, float]]:
        """The concepts that are said whole, with their weights."""
        return ((concept, weight) for concept, weight, share in self.items if share > _WHOLE)


EMPTY = Vector((), {}, 0.0, 0.0)


class Said(NamedTuple):
    """The vectors of one reading: each clause, all of it, its title, the heading above it.

    ``about`` is the direction of the reading, ``section`` that of its section, ``claims`` what it means,
    ``at`` where in its file that section stands (0 the first, 1 the last).
    """

    reading: Reading
    facets: tuple[Vector, ...]
    all: Vector
    title: Vector
    context: Vector
    about: Direction
    section: Direction
    claims: Direction
    at: float


def shares_of(own: frozenset[str], wide: frozenset[str], lexicon: Lexicon) -> Mapping[str, float]:
    """The share of each concept that a text of these concepts says."""
    implied = lexicon.implied(own)
    base = own - implied
    shares = dict.fromkeys(sorted(base), 1.0)
    shares.update(dict.fromkeys(sorted(wide - base - implied), _PART))
    for concept, share in list(shares.items()):
        for broader, part in zip(lexicon.broader_than(concept), _BROADER, strict=False):
            shares[broader] = max(shares.get(broader, 0.0), share * part)
    return shares


def vectors_of(team: Sequence[Sequence[Reading]], lexicon: Lexicon) -> tuple[Said, ...]:
    """The vectors of every reading of a team, in file order; a concept that many units share weighs less."""
    readings = [reading for readings in team for reading in readings]
    maker = _Maker(lexicon)
    shares = [[maker.shares(facet.concepts, facet.wide) for facet in reading.facets] for reading in readings]
    titles = [maker.shares(reading.title, reading.title) for reading in readings]
    counts: Counter[str] = Counter()
    for facets, title in zip(shares, titles, strict=True):
        counts.update({concept for facet in (*facets, title) for concept, share in facet.items() if share >= _SEEN})
    maker.weigh(counts, len(readings))
    all_said = [reading.concepts | reading.title for reading in readings]
    about = [direction(concepts, lexicon) for concepts in all_said]
    within: dict[str, list[Direction]] = defaultdict(list)
    for reading, its in zip(readings, about, strict=True):
        within[reading.unit.section].append(its)
    sections = {section: together(directions) for section, directions in within.items()}
    stands = {section: at for each in team for section, at in _order_of(each)}
    return tuple(
        Said(
            reading,
            tuple(map(maker.vector, facets)),
            maker.vector(_most(facets)),
            maker.vector(title),
            maker.vector(maker.shares(reading.context, reading.context)),
            its,
            sections[reading.unit.section],
            meaning(concepts),
            stands[reading.unit.section],
        )
        for reading, facets, title, concepts, its in zip(readings, shares, titles, all_said, about, strict=True)
    )


def _order_of(readings: Sequence[Reading]) -> Iterable[tuple[str, float]]:
    """The sections of one source with where they stand, from 0 to 1: whole sections, so that one more line moves none."""
    sections = list(dict.fromkeys(reading.unit.section for reading in readings))
    return ((section, n / max(1, len(sections) - 1)) for n, section in enumerate(sections))


def _most(facets: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    if len(facets) == 1:
        return facets[0]
    most: dict[str, float] = {}
    for facet in facets:
        for concept, share in facet.items():
            if share > most.get(concept, 0.0):
                most[concept] = share
    return most


class _Maker:
    """Makes vectors; texts that say the same share one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._shares: dict[tuple[frozenset[str], frozenset[str]], Mapping[str, float]] = {}
        self._vectors: dict[int, tuple[Mapping[str, float], Vector]] = {}
        self._weights: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._total = 20.0

    def shares(self, own: frozenset[str], wide: frozenset[str]) -> Mapping[str, float]:
        known = self._shares.get((own, wide))
        if known is None:
            known = self._shares[(own, wide)] = shares_of(own, wide, self.lexicon)
        return known

    def weigh(self, counts: Counter[str], units: int) -> None:
        self._counts, self._total = counts, stepped(max(20, units))

    def weight(self, concept: str) -> float:
        known = self._weights.get(concept)
        if known is None:
            rarity = team_rarity(self._counts[concept], self._total)
            known = self._weights[concept] = max(0.01, class_weight(concept, self.lexicon) * rarity)
        return known

    def vector(self, shares: Mapping[str, float]) -> Vector:
        if not shares:
            return EMPTY
        known = self._vectors.get(id(shares))
        if known is None:
            known = self._vectors[id(shares)] = (shares, self._vector(shares))
        return known[1]

    def _vector(self, shares: Mapping[str, float]) -> Vector:
        items = tuple((concept, self.weight(concept), shares[concept]) for concept in sorted(shares))
        meets = dict(shares)
        for concept, share in shares.items():
            for other, nearness in self.lexicon.near(concept).items():
                if share * nearness > meets.get(other, 0.0):
                    meets[other] = share * nearness
        mass = sum(weight * share for _, weight, share in items)
        unknown = sum(weight * share for concept, weight, share in items if concept.startswith("w:"))
        return Vector(items, meets, mass, mass - (1 - _UNKNOWN_ABROAD) * unknown)


def class_weight(concept: str, lexicon: Lexicon) -> float:
    """How much a concept weighs before a team's own counts."""
    if concept.startswith("w:"):
        return UNKNOWN_WEIGHT
    return CLASS_WEIGHT[lexicon.kinds[concept]] * (0.4 + 0.8 * lexicon.rarity(concept))


def team_rarity(count: int, units: float) -> float:
    """How much more a concept tells that ``count`` of the team's units have than one that all have."""
    return 0.35 + math.log(units / (1 + count)) / math.log(units)


def stepped(units: int) -> float:
    """The size of a team in steps of about 1.4, so that one line more or less hardly ever moves every weight."""
    return math.exp2(round(2 * math.log2(units)) / 2)


class Overlap(NamedTuple):
    """What two vectors share: of both together, of the one that says less of its own, and by weight."""

    both: float
    contained: float
    mass: float


NOTHING = Overlap(0.0, 0.0, 0.0)


def met(a: Vector, b: Vector) -> float:
    """The weight of what ``a`` says that ``b`` meets."""
    meets = b.meets
    total = 0.0
    for concept, weight, share in a.items:
        there = meets.get(concept)
        if there:
            total += weight * (there if there < share else share)
    return total


def overlap(a: Vector, b: Vector, foreign: bool) -> Overlap:
    """How much two vectors share; ``foreign``: their texts are in different languages."""
    if not a.items or not b.items:
        return NOTHING
    left = met(a, b)
    if not left:
        return NOTHING
    mass_a, mass_b = (a.abroad, b.abroad) if foreign else (a.mass, b.mass)
    left, right = min(left, mass_a), min(met(b, a), mass_b)
    common = (left + right) / 2
    return Overlap(common / max(1e-6, mass_a + mass_b - common), max(left / mass_a, right / mass_b), common)
