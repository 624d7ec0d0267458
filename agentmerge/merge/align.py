"""Align units of different sources that make the same claim.

Candidates come from an inverted index over concepts (``candidates``); each pair has features of its
own (``features``) and of the pairs around it (``surroundings``), and a logistic score fitted on
labelled teams turns them into a probability (``score``). Guards come before similarity: a pair that
differs in polarity, numbers or named technologies is never ``same``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.merge.candidates import candidate_pairs
from agentmerge.merge.claims import Reading, plain
from agentmerge.merge.clashes import Clash, find_clashes
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.features import OWN, evidence, features_of, leads_of
from agentmerge.merge.lexicon import Lexicon
from agentmerge.merge.parallel import parallel_pairs
from agentmerge.merge.score import Weights, probability
from agentmerge.merge.semantic import Witness
from agentmerge.merge.surroundings import surroundings_of
from agentmerge.merge.vectors import Said, vectors_of
from agentmerge.model import Alignment, Candidate, Relation

_NEAR_SHOWN = 3
# Below this first score hardly any pair becomes an alignment, whatever stands around it.
_HOPELESS = 0.02


class Scored(NamedTuple):
    """A pair of readings with its features, its score alone and its score among the other pairs."""

    a: Reading
    b: Reading
    features: tuple[float, ...]
    alone: float
    score: float

    @property
    def shared(self) -> frozenset[str]:
        """The concepts that both say."""
        return (self.a.concepts & self.b.concepts) | (self.a.title & self.b.title)


class _Pairs(NamedTuple):
    """The pairs of a team, by indexes into its vectors, with their features and first scores."""

    said: tuple[Said, ...]
    pairs: tuple[tuple[int, int], ...]
    features: tuple[tuple[float, ...], ...]


def pairs_of(team: Sequence[Sequence[Reading]], lexicon: Lexicon) -> _Pairs:
    """The candidate pairs of a team, with the features of each pair alone."""
    said = vectors_of(team, lexicon)
    pairs = tuple(candidate_pairs(said))
    return _with_leads(said, pairs, [features_of(said[i], said[j], lexicon) for i, j in pairs])


def _with_leads(said: tuple[Said, ...], pairs: tuple[tuple[int, int], ...], own: Sequence[tuple[float, ...]]) -> _Pairs:
    return _Pairs(said, pairs, tuple((*features, *leads) for features, leads in zip(own, leads_of(said, pairs, own), strict=True)))


def _with_pairs(found: _Pairs, more: Iterable[tuple[str, str]], lexicon: Lexicon) -> _Pairs:
    """The same with ``more`` pairs of unit ids; what each pair says by itself is not computed again."""
    said = found.said
    at = {one.reading.unit.id: n for n, one in enumerate(said)}
    known = {pair: features[: len(OWN)] for pair, features in zip(found.pairs, found.features, strict=True)}
    known.update({(i, j): features_of(said[i], said[j], lexicon) for i, j in ((at[a], at[b]) for a, b in more) if (i, j) not in known})
    pairs = tuple(sorted(known))
    return _with_leads(said, pairs, [known[pair] for pair in pairs])


def scored_pairs(found: _Pairs, weights: Weights, witness: Witness | None = None) -> tuple[Scored, ...]:
    """The same pairs with their scores; a ``witness`` has a say in the first."""
    readings = [one.reading for one in found.said]
    alone = [probability(features, weights.alone) for features in found.features]
    if witness is not None:
        alone = witness.reweigh([plain(reading.unit.text) for reading in readings], found.pairs, alone)
    among = surroundings_of(readings, found.pairs, alone, _HOPELESS)
    return tuple(
        Scored(readings[i], readings[j], features, first, first if others is None else probability((*features, *others), weights.among))
        for (i, j), features, first, others in zip(found.pairs, found.features, alone, among, strict=True)
    )


def partners_of(alignments: Iterable[Alignment | Candidate]) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """The units that each unit is aligned with, and how surely, the surest first."""
    found: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for al in alignments:
        found[al.a].append((al.b, al.score))
        found[al.b].append((al.a, al.score))
    return {unit: tuple(sorted(others, key=lambda other: (-other[1], other[0]))) for unit, others in found.items()}


def evidence_of(scored: Scored, lexicon: Lexicon) -> tuple[str, ...]:
    """What speaks for a pair, in words a person can check."""
    a, b = scored.a, scored.b
    found = [f"concept {concept}" for concept in sorted(scored.shared) if not concept.startswith("w:")]
    words = sorted(c.removeprefix("w:") for c in scored.shared if c.startswith("w:"))
    if words:
        found.append("words " + " ".join(words))
    wording = evidence(scored.features, "wording")
    if wording >= 0.5:
        found.append(f"wording {wording:.2f}")
    if evidence(scored.features, "title") > 0.5:
        found.append("headings agree")
    if evidence(scored.features, "heading_role"):
        found.append(f"both head a section of {a.place.names}")
    if evidence(scored.features, "identity"):
        found.append("both say what the agent is")
    left, right = a.concepts | a.title, b.concepts | b.title
    near = [f"{one} near {other}" for one in sorted(left - right) for other in sorted(lexicon.near(one).keys() & (right - left))]
    return (*found, *near[:_NEAR_SHOWN]) or ("the pairs around it",)


def guard(a: Reading, b: Reading) -> str | None:
    """Why two units must not be merged as duplicates however similar they look, or ``None``."""
    if a.numbers != b.numbers and a.numbers and b.numbers:
        return f"numbers differ: {_listed(a.numbers)} and {_listed(b.numbers)}"
    if a.technologies and b.technologies and a.technologies.isdisjoint(b.technologies):
        return f"different technologies: {_listed(a.technologies)} and {_listed(b.technologies)}"
    if opposed(a, b):
        return "one says do, the other do not"
    if a.place.identity != b.place.identity:
        return "one says what the agent is"
    if bool(a.directives) != bool(b.directives):
        return "one says in which language to answer"
    if [d.asked for d in a.directives] != [d.asked for d in b.directives]:
        return "they ask for different languages, or for different texts"
    return None


def opposed(a: Reading, b: Reading) -> bool:
    """Whether what the two share is said in one and denied in the other.

    Across languages whole statements are compared: negation stands before what it negates in one
    language and behind it in another, so single clauses say little.
    """
    if a.unit.language != b.unit.language:
        return a.negative != b.negative
    return _polarity_of_shared(a, b) != _polarity_of_shared(b, a)


def _polarity_of_shared(a: Reading, b: Reading) -> bool:
    best = max(a.facets, key=lambda f: len(f.concepts & b.concepts), default=None)
    return best.negative if best else False


def _listed(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def relation_of(comparison: Comparison, scored: Scored) -> Relation:
    """How two aligned units relate, by what each says that the other does not."""
    if guard(scored.a, scored.b) is not None:
        return Relation.OVERLAPS
    left, right = covered(comparison, scored.a, scored.b), covered(comparison, scored.b, scored.a)
    if left >= 0.8 and right >= 0.8:
        return Relation.SAME
    return Relation.CONTAINS if max(left, right) >= 0.8 else Relation.OVERLAPS


def covered(comparison: Comparison, part: Reading, whole: Reading) -> float:
    """The share of what ``part`` says (by weight) that ``whole`` says too."""
    foreign = part.unit.language != whole.unit.language
    return comparison.said(part.concepts or part.title, whole.concepts | whole.title, whole.wide, foreign=foreign)


class Aligned(NamedTuple):
    """The alignments of a team, and candidates for a person.

    ``placed`` are pairs of units at the same place in two versions of one file (a translation, a
    fork); ``versions`` the pairs of source ids that are such versions; ``clashes`` are statements
    that cannot both hold, aligned or not. ``apart`` are pairs that a person called different.
    """

    comparison: Comparison
    alignments: tuple[Alignment, ...]
    candidates: tuple[Candidate, ...]
    placed: frozenset[tuple[str, str]]
    versions: frozenset[frozenset[str]]
    clashes: tuple[Clash, ...]
    apart: frozenset[frozenset[str]] = frozenset()


def align(team: Sequence[Sequence[Reading]], lexicon: Lexicon, weights: Weights, witness: Witness | None = None) -> Aligned:
    """Alignments (above the link threshold) and candidates (above the review threshold)."""
    comparison = Comparison(team, lexicon)
    found = pairs_of(team, lexicon)
    scored = scored_pairs(found, weights, witness)
    in_order, versions = parallel_versions(team, scored)
    if in_order:
        scored = scored_pairs(_with_pairs(found, in_order, lexicon), weights, witness)
    clashes = find_clashes(comparison, scored, weights)
    alignments, candidates = [], []
    for pair in sorted(scored, key=lambda s: (s.a.unit.id, s.b.unit.id)):
        a, b = pair.a.unit, pair.b.unit
        placed = (a.id, b.id) in in_order
        if placed or (pair.score >= weights.link and frozenset((a.source, b.source)) not in versions):
            score = max(pair.score, weights.link) if placed else pair.score
            why = ("same place in a version of the file",) if placed else ()
            alignments.append(
                Alignment(
                    a=a.id,
                    b=b.id,
                    relation=Relation.CONFLICTS if (a.id, b.id) in clashes else relation_of(comparison, pair),
                    score=round(score, 3),
                    evidence=(*why, *evidence_of(pair, lexicon)),
                )
            )
        elif pair.score >= weights.review:
            candidates.append(Candidate(a=a.id, b=b.id, score=round(pair.score, 3), evidence=evidence_of(pair, lexicon)))
    return Aligned(
        comparison=comparison,
        alignments=tuple(alignments),
        candidates=tuple(candidates),
        placed=frozenset(in_order),
        versions=versions,
        clashes=tuple(clashes[key] for key in sorted(clashes)),
    )


def parallel_versions(
    team: Sequence[Sequence[Reading]], scored: Sequence[Scored]
) -> tuple[Mapping[tuple[str, str], tuple[Reading, Reading]], frozenset[frozenset[str]]]:
    """Pairs of units that stand at the same place in two versions of one file, and which files those are.

    Between two versions order decides, so other pairs of theirs are left to a person.
    """
    by_sources: dict[tuple[str, str], dict[tuple[str, str], float]] = defaultdict(dict)
    for pair in scored:
        by_sources[(pair.a.unit.source, pair.b.unit.source)][(pair.a.unit.id, pair.b.unit.id)] = pair.alone
    placed: dict[tuple[str, str], tuple[Reading, Reading]] = {}
    versions = set()
    for left, right in combinations([readings for readings in team if readings], 2):
        sources = (left[0].unit.source, right[0].unit.source)
        found = parallel_pairs(left, right, by_sources.get(sources, {}))
        if found is not None:
            versions.add(frozenset(sources))
            placed.update({(a.unit.id, b.unit.id): (a, b) for a, b in found})
    return placed, frozenset(versions)
