"""Compare two readings: features of the pair, and one fitted score.

Sums are ``math.fsum``: exact, so that no hash order can change a score.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from agentmerge.merge.claims import Facet, Reading
from agentmerge.merge.lexicon import ConceptClass, Lexicon
from agentmerge.model import Kind

WEIGHTS = Path(__file__).with_name("data") / "weights.json"

FEATURES = (
    "bias",
    "facet",
    "facet_contained",
    "facet_mass",
    "whole",
    "contained",
    "mass",
    "action",
    "wording",
    "wording_same_language",
    "context",
    "title",
    "one_facet",
    "headings",
    "heading_title",
    "code",
    "polarity",
    "technology",
    "numbers",
)

# How much a shared concept of each class says about a shared claim, before rarity.
_CLASS_WEIGHT: Mapping[str, float] = {
    ConceptClass.TECHNOLOGY: 1.2,
    ConceptClass.OBJECT: 1.0,
    ConceptClass.ARTEFACT: 1.0,
    ConceptClass.ACTION: 0.6,
    ConceptClass.QUALITY: 0.6,
    ConceptClass.CONDITION: 0.5,
    ConceptClass.GENERIC: 0.1,
}
# How much of a claim is lost when a concept of each class is: what is acted on counts, how hardly.
_CONTENT_WEIGHT: Mapping[str, float] = {
    ConceptClass.TECHNOLOGY: 1.2,
    ConceptClass.OBJECT: 1.0,
    ConceptClass.ARTEFACT: 1.0,
    ConceptClass.ACTION: 0.6,
    ConceptClass.QUALITY: 0.4,
    ConceptClass.CONDITION: 0.25,
    ConceptClass.GENERIC: 0.03,
}
_UNKNOWN_WEIGHT = 0.6
_RARE_ENOUGH = 0.12
_SHARED_ENOUGH = 0.5
_MAX_BLOCK_WORDING = 600


class Weights(NamedTuple):
    """The fitted score: a weight per feature, and the probabilities above which we act."""

    values: tuple[float, ...]
    link: float
    merge: float
    review: float


@cache
def action_families() -> Mapping[str, str]:
    """The family of each action that has one (``data/actions.tsv``)."""
    found: dict[str, str] = {}
    for line in WEIGHTS.with_name("actions.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            family, members = line.split("\t")
            found.update(dict.fromkeys(members.split("|"), family))
    return found


@cache
def default_weights() -> Weights:
    """The weights that the package ships."""
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(tuple(data["weights"][name] for name in FEATURES), data["link"], data["merge"], data["review"])


class Scored(NamedTuple):
    """A pair of readings with its features and probability."""

    a: Reading
    b: Reading
    features: tuple[float, ...]
    score: float
    shared: frozenset[str]


class Comparison:
    """The concept weights of one team and the comparison of its readings, pair by pair."""

    def __init__(self, team: Sequence[Sequence[Reading]], lexicon: Lexicon) -> None:
        self.team = team
        self.lexicon = lexicon
        self.readings = {r.unit.id: r for readings in team for r in readings}
        counts: Counter[str] = Counter()
        for reading in self.readings.values():
            counts.update(reading.wide | reading.title)
        total = max(20, len(self.readings))
        self.weight = {c: self._class_weight(c) * (0.35 + math.log(total / (1 + n)) / math.log(total)) for c, n in counts.items()}
        self._masses: dict[frozenset[str], tuple[float, float]] = {}
        self._contents: dict[str, float] = {}
        self._totals: dict[tuple[frozenset[str], bool], float] = {}
        self._own: dict[frozenset[str], frozenset[str]] = {}
        self._there: dict[tuple[frozenset[str], frozenset[str]], tuple[frozenset[str], frozenset[str]]] = {}

    def _class_weight(self, concept: str) -> float:
        if concept.startswith("w:"):
            return _UNKNOWN_WEIGHT
        return _CLASS_WEIGHT[self.lexicon.kinds[concept]] * (0.4 + 0.8 * self.lexicon.rarity(concept))

    # --- what claims say -----------------------------------------------------------------------

    def content(self, concepts: Iterable[str], *, foreign: bool = False) -> float:
        """How much claims of these concepts say; ``foreign``: for a comparison across languages."""
        return math.fsum([self._content(concept, foreign) for concept in concepts])

    def _content_of(self, concepts: frozenset[str], foreign: bool) -> float:
        """The same for a set that is asked for again and again."""
        known = self._totals.get((concepts, foreign))
        if known is None:
            known = self._totals[(concepts, foreign)] = self.content(concepts, foreign=foreign)
        return known

    def _content(self, concept: str, foreign: bool) -> float:
        if concept.startswith("w:"):
            return 0.25 if foreign else _UNKNOWN_WEIGHT
        known = self._contents.get(concept)
        if known is None:
            known = _CONTENT_WEIGHT[self.lexicon.kinds[concept]] * (0.15 + 1.1 * self.lexicon.rarity(concept))
            self._contents[concept] = known
        return known

    def said(self, concepts: frozenset[str], other: frozenset[str], wide: frozenset[str], *, foreign: bool = False) -> float:
        """The share of what ``concepts`` say that a text of ``other`` concepts says too (0 to 1).

        A narrower concept there says the broader one here; a broader one there says half of it;
        an action counts for most where the other has an action of the same family.
        """
        own = self._without_implied(concepts)
        total = self._content_of(own, foreign)
        if not total:
            return 0.0
        there, acts = self._with_implied(other, wide)
        left = own - there
        if not left:
            return 1.0
        share = [self._content_of(own & there, foreign)]
        families = action_families()
        for concept in left:
            if families.get(concept) in acts:
                share.append(0.8 * self._content(concept, foreign))
            elif not there.isdisjoint(self.lexicon.broader_than(concept)):
                share.append(0.5 * self._content(concept, foreign))
        return math.fsum(share) / total

    def _without_implied(self, concepts: frozenset[str]) -> frozenset[str]:
        """A broader concept stands for nothing of its own beside the narrower one that brought it."""
        known = self._own.get(concepts)
        if known is None:
            known = concepts - {b for c in concepts for b in self.lexicon.broader_than(c)} or concepts
            self._own[concepts] = known
        return known

    def _with_implied(self, other: frozenset[str], wide: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """All that a text says, broader concepts too, and the families of its actions."""
        known = self._there.get((other, wide))
        if known is None:
            there = other | wide | {b for c in other for b in self.lexicon.broader_than(c)}
            families = action_families()
            known = self._there[(other, wide)] = (there, frozenset(families[c] for c in there if c in families))
        return known

    # --- candidates ----------------------------------------------------------------------------

    def pairs(self, *, within: bool = False) -> Iterator[tuple[Reading, Reading]]:
        """Pairs that share enough to be worth a comparison; ``within`` adds statements of one source."""
        index: dict[str, list[str]] = defaultdict(list)
        for reading in self.readings.values():
            if reading.unit.kind not in (Kind.COMMENT, Kind.TAG, Kind.DEFINITION):
                for concept in reading.wide | reading.title:
                    if self.weight[concept] > _RARE_ENOUGH:
                        index[concept].append(reading.unit.id)
        shared: dict[tuple[str, str], float] = defaultdict(float)
        for concept in sorted(index):
            weight = self.weight[concept]
            for pair in combinations(index[concept], 2):
                shared[pair] += weight
        for (first, second), mass in shared.items():
            if mass >= _SHARED_ENOUGH:
                a, b = self.readings[first], self.readings[second]
                if a.unit.source != b.unit.source or (within and a.is_statement and b.is_statement):
                    yield a, b

    # --- features ------------------------------------------------------------------------------

    def mass(self, concepts: Iterable[str]) -> float:
        """The weight of concepts in this team."""
        get = self.weight.get
        return math.fsum([get(concept, _UNKNOWN_WEIGHT) for concept in concepts])

    def _mass_of(self, concepts: frozenset[str], same_language: bool) -> float:
        """The weight of a set; across languages a word that no concept covers cannot match, so it counts little."""
        known = self._masses.get(concepts)
        if known is None:
            unknown = self.mass(c for c in concepts if c.startswith("w:"))
            own = self.mass(concepts)
            known = self._masses[concepts] = (own, own - 0.65 * unknown)
        return known[0] if same_language else known[1]

    def overlap(self, a: frozenset[str], b: frozenset[str], same_language: bool) -> tuple[float, float, float]:
        """Weighted Jaccard, containment in the smaller, and shared mass of two concept sets."""
        shared = a & b
        if not shared:
            return 0.0, 0.0, 0.0
        common = self._mass_of(shared, True)
        extra = 0.0 if same_language else common - self._mass_of(shared, False)
        left, right = self._mass_of(a, same_language) + extra, self._mass_of(b, same_language) + extra
        return common / (left + right - common), common / min(left, right), common

    def compare(self, a: Reading, b: Reading, weights: Weights) -> Scored:
        """Features and score of one pair."""
        same_language = a.unit.language == b.unit.language
        best, facets = self._best_facets(a, b, same_language)
        whole = self.overlap(a.wide, b.wide, True) if same_language else self.overlap(a.concepts, b.concepts, False)
        heads = a.heading_like + b.heading_like
        title = self.overlap(a.title, b.title, same_language)[0]
        wording = _wording(a, b) if same_language else 0.0
        technology = bool(a.technologies or b.technologies) and a.technologies.isdisjoint(b.technologies)
        features = (
            1.0,
            best[0],
            best[1],
            min(best[2], 2.5),
            whole[0],
            whole[1],
            min(whole[2], 4.0),
            self._shared_class(a, b, facets),
            wording,
            wording * wording,
            self.overlap(a.context, b.context, same_language)[0],
            title,
            float(min(len(a.facets), len(b.facets)) <= 1),
            heads / 2,
            title if heads else 0.0,
            float(a.unit.kind is Kind.CODE and b.unit.kind is Kind.CODE),
            float(_polarity_differs(a, b, facets)),
            float(technology),
            float(bool(a.numbers and b.numbers and a.numbers.isdisjoint(b.numbers))),
        )
        shared = (a.concepts & b.concepts) | (a.title & b.title)
        return Scored(a, b, features, probability(features, weights), shared)

    def _best_facets(self, a: Reading, b: Reading, same_language: bool) -> tuple[tuple[float, float, float], tuple[Facet, Facet] | None]:
        """The pair of facets that share most, with their overlap."""
        best, facets, top = (0.0, 0.0, 0.0), None, 0.0
        for x in a.facets:
            left = x.wide if same_language else x.concepts
            for y in b.facets:
                right = y.wide if same_language else y.concepts
                if left.isdisjoint(right):
                    continue
                found = self.overlap(left, right, same_language)
                value = found[0] + 0.5 * found[1] + 0.2 * min(found[2], 2.0)
                if value > top:
                    best, facets, top = found, (x, y), value
        return best, facets

    def _shared_class(self, a: Reading, b: Reading, facets: tuple[Facet, Facet] | None) -> float:
        """1 when the best facets share an object or technology, 0.5 an action or quality only."""
        shared = facets[0].concepts & facets[1].concepts if facets else a.concepts & b.concepts
        kinds = {self.lexicon.kinds.get(c, "object") for c in shared}
        if kinds & {ConceptClass.OBJECT, ConceptClass.ARTEFACT, ConceptClass.TECHNOLOGY}:
            return 1.0
        return 0.5 if kinds & {ConceptClass.ACTION, ConceptClass.QUALITY} else 0.0


def _polarity_differs(a: Reading, b: Reading, facets: tuple[Facet, Facet] | None) -> bool:
    if a.unit.language != b.unit.language:
        return a.negative != b.negative
    return facets is not None and facets[0].negative != facets[1].negative


def _wording(a: Reading, b: Reading) -> float:
    if len(a.key) > _MAX_BLOCK_WORDING or len(b.key) > _MAX_BLOCK_WORDING:
        return 1.0 if a.key == b.key else 0.0
    return float(fuzz.token_sort_ratio(a.key, b.key)) / 100


def probability(features: Sequence[float], weights: Weights) -> float:
    """The logistic score of a feature vector."""
    return 1 / (1 + math.exp(-sum(x * w for x, w in zip(features, weights.values, strict=True))))
