"""Align units of different sources that make the same claim.

Candidates come from an index of rare shared concepts; each candidate pair has a few features
(best shared facet, whole overlap, headings, wording), and one logistic score fitted on labelled
teams turns them into a probability (``data/weights.json``; ``bench/alignment.py fit`` makes it).
Guards come before similarity: a pair that differs in polarity, numbers or named technologies is
never ``same``.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path

from rapidfuzz import fuzz

from agentmerge.merge.claims import Facet, Reading
from agentmerge.merge.lexicon import ConceptClass, Lexicon
from agentmerge.merge.parallel import parallel_pairs
from agentmerge.model import Alignment, Candidate, Kind, Relation

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
    "rank",
)

# How much a shared concept of each class says about a shared claim, before rarity.
_CLASS_WEIGHT = {
    ConceptClass.TECHNOLOGY: 1.2,
    ConceptClass.OBJECT: 1.0,
    ConceptClass.ARTEFACT: 1.0,
    ConceptClass.ACTION: 0.6,
    ConceptClass.QUALITY: 0.6,
    ConceptClass.CONDITION: 0.5,
    ConceptClass.GENERIC: 0.1,
}
# How much of a claim is lost when a concept of each class is: what is acted on counts, how hardly.
_CONTENT_WEIGHT = {
    ConceptClass.TECHNOLOGY: 1.2,
    ConceptClass.OBJECT: 1.0,
    ConceptClass.ARTEFACT: 1.0,
    ConceptClass.ACTION: 0.45,
    ConceptClass.QUALITY: 0.4,
    ConceptClass.CONDITION: 0.25,
    ConceptClass.GENERIC: 0.03,
}
_UNKNOWN_WEIGHT = 0.6
_MAX_BLOCK_WORDING = 600


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted score: a weight per feature, and the probabilities above which we act."""

    values: tuple[float, ...]
    link: float
    merge: float
    review: float


@cache
def default_weights() -> Weights:
    """The weights that the package ships."""
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(tuple(data["weights"][name] for name in FEATURES), data["link"], data["merge"], data["review"])


@dataclass(frozen=True, slots=True)
class Scored:
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
        for readings in team:
            for reading in readings:
                counts.update(reading.wide | reading.title)
        total = max(20, len(self.readings))
        self.weight: dict[str, float] = {
            concept: self._class_weight(concept) * (0.35 + math.log(total / (1 + count)) / math.log(total)) for concept, count in counts.items()
        }

    def _class_weight(self, concept: str) -> float:
        if concept.startswith("w:"):
            return _UNKNOWN_WEIGHT
        return _CLASS_WEIGHT[ConceptClass(self.lexicon.kinds[concept])] * (0.4 + 0.8 * self.lexicon.rarity(concept))

    def content(self, concepts: Iterable[str], *, foreign: bool = False) -> float:
        """How much claims of these concepts say; ``foreign``: for a comparison across languages."""
        unknown = 0.25 if foreign else _UNKNOWN_WEIGHT
        total = 0.0
        for concept in concepts:
            if concept.startswith("w:"):
                total += unknown
            else:
                total += _CONTENT_WEIGHT[ConceptClass(self.lexicon.kinds[concept])] * (0.15 + 1.1 * self.lexicon.rarity(concept))
        return total

    # --- candidates ----------------------------------------------------------------------------

    def pairs(self, *, within: bool = False) -> Iterator[tuple[Reading, Reading]]:
        """Pairs that share enough to be worth a comparison; ``within`` adds pairs of one source."""
        index: dict[str, list[Reading]] = defaultdict(list)
        for readings in self.team:
            for reading in readings:
                if reading.unit.kind in (Kind.COMMENT, Kind.TAG, Kind.DEFINITION):
                    continue
                for concept in reading.wide | reading.title:
                    if self.weight[concept] > 0.12:
                        index[concept].append(reading)
        shared: dict[tuple[str, str], float] = defaultdict(float)
        for concept in sorted(index):
            weight = self.weight[concept]
            for a, b in combinations(index[concept], 2):
                if within or a.unit.source != b.unit.source:
                    shared[(a.unit.id, b.unit.id)] += weight
        for (first, second), mass in shared.items():
            if mass >= 0.3:
                yield self.readings[first], self.readings[second]

    # --- features ------------------------------------------------------------------------------

    def mass(self, concepts: Iterable[str]) -> float:
        weight = self.weight
        return sum(weight.get(concept, _UNKNOWN_WEIGHT) for concept in concepts)

    def overlap(self, a: frozenset[str], b: frozenset[str], same_language: bool) -> tuple[float, float, float]:
        """Weighted Jaccard, containment in the smaller, and shared mass of two concept sets."""
        shared = a & b
        if not shared:
            return 0.0, 0.0, 0.0
        common = self.mass(shared)
        left, right = self._sized(a, shared, same_language), self._sized(b, shared, same_language)
        return common / (left + right - common), common / min(left, right), common

    def _sized(self, concepts: frozenset[str], shared: frozenset[str], same_language: bool) -> float:
        # Across languages a word that no concept covers cannot match, so it counts little.
        weight = self.weight
        return sum(
            weight.get(c, _UNKNOWN_WEIGHT) * (1.0 if same_language or c in shared or not c.startswith("w:") else 0.35) for c in concepts
        )

    def compare(self, a: Reading, b: Reading, weights: Weights) -> Scored:
        """Features and score of one pair."""
        same_language = a.unit.language == b.unit.language
        best, best_facets = (0.0, 0.0, 0.0), None
        for x in a.facets:
            for y in b.facets:
                left, right = (x.wide, y.wide) if same_language else (x.concepts, y.concepts)
                if left.isdisjoint(right):
                    continue
                found = self.overlap(left, right, same_language)
                if found[0] + 0.5 * found[1] + 0.2 * min(found[2], 2.0) > best[0] + 0.5 * best[1] + 0.2 * min(best[2], 2.0):
                    best, best_facets = found, (x, y)
        whole = self.overlap(a.wide, b.wide, True) if same_language else self.overlap(a.concepts, b.concepts, False)
        heads = a.heading_like + b.heading_like
        title = self.overlap(a.title, b.title, same_language)[0] if a.title and b.title else 0.0
        wording = _wording(a, b) if same_language else 0.0
        context = self.overlap(a.context, b.context, same_language)[0] if a.context and b.context else 0.0
        polarity = best_facets is not None and best_facets[0].negative != best_facets[1].negative
        technology = bool(a.technologies or b.technologies) and a.technologies.isdisjoint(b.technologies)
        code = a.unit.kind is Kind.CODE and b.unit.kind is Kind.CODE
        features = (
            1.0,
            best[0],
            best[1],
            min(best[2], 2.5),
            whole[0],
            whole[1],
            min(whole[2], 4.0),
            self._shared_class(a, b, best_facets),
            wording,
            wording * wording,
            context,
            title,
            1.0 if min(len(a.facets), len(b.facets)) <= 1 else 0.0,
            heads / 2,
            title if heads else 0.0,
            1.0 if code else 0.0,
            1.0 if polarity else 0.0,
            1.0 if technology else 0.0,
            1.0 if a.numbers and b.numbers and a.numbers.isdisjoint(b.numbers) else 0.0,
            0.0,
        )
        shared = (a.concepts & b.concepts) | (a.title & b.title)
        return Scored(a, b, features, probability(features, weights), shared)

    def _shared_class(self, a: Reading, b: Reading, facets: tuple[Facet, Facet] | None) -> float:
        """1 when the best facets share an object or technology, 0.5 an action or quality only."""
        shared = facets[0].concepts & facets[1].concepts if facets else a.concepts & b.concepts
        kinds = {self.lexicon.kinds.get(c, "object") for c in shared}
        if kinds & {ConceptClass.OBJECT, ConceptClass.ARTEFACT, ConceptClass.TECHNOLOGY}:
            return 1.0
        return 0.5 if kinds & {ConceptClass.ACTION, ConceptClass.QUALITY} else 0.0


def _wording(a: Reading, b: Reading) -> float:
    if len(a.key) > _MAX_BLOCK_WORDING or len(b.key) > _MAX_BLOCK_WORDING:
        return 1.0 if a.key == b.key else 0.0
    return float(fuzz.token_sort_ratio(a.key, b.key)) / 100


def probability(features: Sequence[float], weights: Weights) -> float:
    """The logistic score of a feature vector."""
    return 1 / (1 + math.exp(-sum(x * w for x, w in zip(features, weights.values, strict=True))))


def comparable(a: Reading, b: Reading) -> bool:
    """Headings align with headings and labelled leads, code with code, statements with statements."""
    kinds = (a.unit.kind, b.unit.kind)
    if Kind.CODE in kinds:
        return kinds[0] is kinds[1]
    if a.heading_like or b.heading_like:
        return bool(a.title and b.title)
    return Kind.HTML not in kinds or kinds[0] is kinds[1]


def scored_pairs(
    team: Sequence[Sequence[Reading]], lexicon: Lexicon, weights: Weights, *, within: bool = False
) -> tuple[Comparison, list[Scored]]:
    """Every candidate pair of a team, with features and score, in a fixed order."""
    comparison = Comparison(team, lexicon)
    scored = [comparison.compare(a, b, weights) for a, b in comparison.pairs(within=within) if comparable(a, b)]
    scored.sort(key=lambda s: (s.a.unit.id, s.b.unit.id))
    return comparison, scored


def evidence_of(scored: Scored) -> tuple[str, ...]:
    """What speaks for a pair, in words a person can check."""
    found = [f"concept {concept}" for concept in sorted(scored.shared) if not concept.startswith("w:")]
    words = sorted(c.removeprefix("w:") for c in scored.shared if c.startswith("w:"))
    if words:
        found.append("words " + " ".join(words))
    wording = scored.features[FEATURES.index("wording")]
    if wording >= 0.5:
        found.append(f"wording {wording:.2f}")
    if scored.features[FEATURES.index("title")] > 0.5:
        found.append("headings agree")
    return tuple(found)


def guard(a: Reading, b: Reading) -> str | None:
    """Why two units must not be merged as duplicates however similar they look, or ``None``."""
    if a.numbers != b.numbers and a.numbers and b.numbers:
        return f"numbers differ: {_listed(a.numbers)} and {_listed(b.numbers)}"
    if a.technologies and b.technologies and a.technologies.isdisjoint(b.technologies):
        return f"different technologies: {_listed(a.technologies)} and {_listed(b.technologies)}"
    if opposed(a, b):
        return "one says do, the other do not"
    return None


def opposed(a: Reading, b: Reading) -> bool:
    """Whether the facets that the two share most are of opposite polarity."""
    return _polarity_of_shared(a, b) != _polarity_of_shared(b, a)


def _polarity_of_shared(a: Reading, b: Reading) -> bool:
    best = max(a.facets, key=lambda f: len(f.concepts & b.concepts), default=None)
    return best.negative if best else False


def _listed(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def relation_of(comparison: Comparison, scored: Scored) -> Relation:
    """How two aligned units relate, by what each says that the other does not."""
    if guard(scored.a, scored.b) is not None:
        return Relation.CONFLICTS if _conflicting(scored) else Relation.OVERLAPS
    left, right = covered(comparison, scored.a, scored.b), covered(comparison, scored.b, scored.a)
    if left >= 0.8 and right >= 0.8:
        return Relation.SAME
    return Relation.CONTAINS if max(left, right) >= 0.8 else Relation.OVERLAPS


def _conflicting(scored: Scored) -> bool:
    """Numbers or polarity that clash in otherwise equal statements (not merely other products)."""
    a, b = scored.a, scored.b
    if a.heading_like or b.heading_like or a.unit.kind is Kind.CODE:
        return False
    facet = scored.features[FEATURES.index("facet")]
    if opposed(a, b):
        return facet >= 0.7
    return bool(a.numbers and b.numbers and a.numbers != b.numbers) and facet >= 0.5


def covered(comparison: Comparison, part: Reading, whole: Reading) -> float:
    """The share of what ``part`` says (by weight) that ``whole`` says too."""
    concepts = part.concepts or part.title
    if not concepts:
        return 0.0
    other = whole.concepts | whole.title | {b for c in whole.concepts for b in comparison.lexicon.broader_than(c)}
    foreign = part.unit.language != whole.unit.language
    total = comparison.content(concepts, foreign=foreign)
    return comparison.content(concepts & other, foreign=foreign) / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The alignments of a team, and candidates for a person.

    ``placed`` are pairs of units at the same place in two versions of one file (a translation, a
    fork); ``versions`` the pairs of source ids that are such versions.
    """

    comparison: Comparison
    alignments: tuple[Alignment, ...]
    candidates: tuple[Candidate, ...]
    placed: frozenset[tuple[str, str]]
    versions: frozenset[frozenset[str]]


def align(team: Sequence[Sequence[Reading]], lexicon: Lexicon, weights: Weights) -> Aligned:
    """Alignments (above the link threshold) and candidates (above the review threshold)."""
    comparison, scored = scored_pairs(team, lexicon, weights, within=True)
    in_order, versions = parallel_versions(team, scored)
    known = {(s.a.unit.id, s.b.unit.id) for s in scored}
    scored.extend(comparison.compare(a, b, weights) for (x, y), (a, b) in in_order.items() if (x, y) not in known)
    alignments, candidates = [], []
    for pair in sorted(scored, key=lambda s: (s.a.unit.id, s.b.unit.id)):
        a, b = pair.a.unit, pair.b.unit
        placed = (a.id, b.id) in in_order
        if placed or (pair.score >= weights.link and frozenset((a.source, b.source)) not in versions):
            score = max(pair.score, weights.link) if placed else pair.score
            evidence = ("same place in a version of the file",) if placed else ()
            alignments.append(
                Alignment(
                    a=a.id, b=b.id, relation=relation_of(comparison, pair), score=round(score, 3), evidence=(*evidence, *evidence_of(pair))
                )
            )
        elif pair.score >= weights.review:
            candidates.append(Candidate(a=a.id, b=b.id, score=round(pair.score, 3), evidence=evidence_of(pair)))
    return Aligned(
        comparison=comparison,
        alignments=tuple(alignments),
        candidates=tuple(candidates),
        placed=frozenset(in_order),
        versions=versions,
    )


def parallel_versions(
    team: Sequence[Sequence[Reading]], scored: Sequence[Scored]
) -> tuple[Mapping[tuple[str, str], tuple[Reading, Reading]], frozenset[frozenset[str]]]:
    """Pairs of units that stand at the same place in two versions of one file, and which files those are.

    Between two versions order decides, so other pairs of theirs are left to a person.
    """
    by_sources: dict[tuple[str, str], dict[tuple[str, str], float]] = defaultdict(dict)
    for pair in scored:
        by_sources[(pair.a.unit.source, pair.b.unit.source)][(pair.a.unit.id, pair.b.unit.id)] = pair.score
    placed: dict[tuple[str, str], tuple[Reading, Reading]] = {}
    versions = set()
    for left, right in combinations([readings for readings in team if readings], 2):
        sources = (left[0].unit.source, right[0].unit.source)
        found = parallel_pairs(left, right, by_sources.get(sources, {}))
        if found is not None:
            versions.add(frozenset(sources))
            placed.update({(a.unit.id, b.unit.id): (a, b) for a, b in found})
    return placed, frozenset(versions)


def by_unit(alignments: Iterable[Alignment]) -> Mapping[str, tuple[Alignment, ...]]:
    """Alignments of each unit, best first."""
    found: dict[str, list[Alignment]] = defaultdict(list)
    for alignment in alignments:
        found[alignment.a].append(alignment)
        found[alignment.b].append(alignment)
    return {unit: tuple(sorted(listed, key=lambda al: (-al.score, al.a, al.b))) for unit, listed in found.items()}
