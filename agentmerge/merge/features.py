"""What speaks for and against a pair of units making one claim, as numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

from rapidfuzz import fuzz

from agentmerge.merge.claims import Facet, Reading
from agentmerge.merge.directions import likeness
from agentmerge.merge.lexicon import ConceptClass, Lexicon
from agentmerge.merge.vectors import NOTHING, Overlap, Said, Vector, overlap
from agentmerge.model import Kind

# What a pair says by itself.
OWN = (
    "bias",
    # The closest clauses of the two, all that they say, and the wording within one language.
    "facet",
    "facet_contained",
    "facet_mass",
    "whole",
    "whole_contained",
    "whole_mass",
    "wording",
    "wording_squared",
    # Where they stand.
    "context",
    "same_role",
    "title",
    "title_contained",
    "headings",
    "one_heading",
    "heading_role",
    "plain_role",
    "identity",
    "document_title",
    "code",
    "foreign",
    # What guards look at.
    "polarity",
    "technology",
    "numbers",
    # Single concepts: how many are shared, the two weightiest; by class what the closest clauses
    # share, and which things the clause that leaves less unsaid, and the other, say alone.
    "shared",
    "strongest",
    "second",
    "shared_object",
    "shared_technology",
    "shared_action",
    "shared_quality",
    "shared_word",
    "alone_object_less",
    "alone_technology_less",
    "alone_object_more",
    "alone_technology_more",
    # What the two, and their sections, are about; what the two mean; what form and place they have.
    "likeness",
    "section_likeness",
    "meaning",
    "same_kind",
    "place_apart",
    "one_quoted",
)
# Whether other statements of the other's source are more like each.
LEADS = ("over_likest_less", "over_likest_more")
FEATURES = (*OWN, *LEADS)
_LIKENESS = OWN.index("likeness")
_CLASSES: Mapping[str, int] = {
    ConceptClass.OBJECT: 0,
    ConceptClass.ARTEFACT: 0,
    ConceptClass.TECHNOLOGY: 1,
    ConceptClass.ACTION: 2,
    ConceptClass.QUALITY: 3,
    ConceptClass.CONDITION: 3,
    ConceptClass.GENERIC: 3,
}
_WORD = 4
_ABROAD = 0.35
_COUNTED = 0.2
_MAX_BLOCK_WORDING = 600


class Closest(NamedTuple):
    """The closest clauses of two units, and what they share."""

    overlap: Overlap
    a: int
    b: int


def leads_of(
    said: Sequence[Said], pairs: Sequence[tuple[int, int]], features: Sequence[tuple[float, ...]]
) -> tuple[tuple[float, ...], ...]:
    """How much more alike each pair (by index) is than each of the two and its likest other partner there, in the order of ``LEADS``."""
    source = [one.reading.unit.source for one in said]
    alike = [own[_LIKENESS] for own in features]
    top: dict[tuple[int, str], list[tuple[float, int]]] = defaultdict(list)
    for (i, j), value in zip(pairs, alike, strict=True):
        top[(i, source[j])].append((value, j))
        top[(j, source[i])].append((value, i))
    likest = {key: nlargest(2, found) for key, found in top.items()}

    def rival(i: int, j: int) -> float:
        return next((value for value, other in likest[(i, source[j])] if other != j), 0.0)

    return tuple(tuple(sorted((value - rival(i, j), value - rival(j, i)))) for (i, j), value in zip(pairs, alike, strict=True))


def features_of(a: Said, b: Said, lexicon: Lexicon) -> tuple[float, ...]:
    """The features of a pair by itself, in the order of ``OWN``."""
    one, two = a.reading, b.reading
    foreign = one.unit.language != two.unit.language
    closest = closest_facets(a, b, foreign)
    facet = closest.overlap if closest else NOTHING
    whole = overlap(a.all, b.all, foreign)
    title = overlap(a.title, b.title, foreign)
    word = 0.0 if foreign else wording(one, two)
    headings = one.heading_like + two.heading_like
    same_name = headings == 2 and one.place.names != "" and one.place.names == two.place.names
    role = one.place.role
    return (
        1.0,
        facet.both,
        facet.contained,
        min(facet.mass, 2.5),
        whole.both,
        whole.contained,
        min(whole.mass, 4.0),
        word,
        word * word,
        overlap(a.context, b.context, foreign).both,
        float(role == two.place.role and role != "domain"),
        title.both,
        title.contained,
        float(headings == 2),
        float(headings == 1),
        float(same_name),
        float(same_name and one.place.plain and two.place.plain),
        float(one.place.identity and two.place.identity),
        float(one.place.document and two.place.document),
        float(one.unit.kind is Kind.CODE and two.unit.kind is Kind.CODE),
        float(foreign),
        float(polarity_differs(one, two, closest)),
        float(bool(one.technologies or two.technologies) and one.technologies.isdisjoint(two.technologies)),
        float(bool(one.numbers and two.numbers) and one.numbers.isdisjoint(two.numbers)),
        *_strongest(a.all, b.all),
        *_by_class(a, b, closest, foreign, lexicon),
        likeness(a.about, b.about),
        likeness(a.section, b.section),
        likeness(a.claims, b.claims),
        float(one.unit.kind is two.unit.kind),
        abs(a.at - b.at),
        float(one.quoted != two.quoted),
    )


def closest_facets(a: Said, b: Said, foreign: bool) -> Closest | None:
    """The pair of clauses that share most, or ``None`` when none share anything."""
    found, top = None, 0.0
    for n, left in enumerate(a.facets):
        for m, right in enumerate(b.facets):
            shared = overlap(left, right, foreign)
            value = shared.both + 0.5 * shared.contained + 0.2 * min(shared.mass, 2.0)
            if value > top:
                found, top = Closest(shared, n, m), value
    return found


def polarity_differs(a: Reading, b: Reading, closest: Closest | None) -> bool:
    """Whether the closest clauses differ in negation; across languages clauses say too little, so all count."""
    if closest is None or a.unit.language != b.unit.language:
        return a.negative != b.negative
    left: Facet = a.facets[closest.a]
    return left.negative != b.facets[closest.b].negative


def wording(a: Reading, b: Reading) -> float:
    """How alike two texts of one language are in their words (0 to 1)."""
    if len(a.key) > _MAX_BLOCK_WORDING or len(b.key) > _MAX_BLOCK_WORDING:
        return 1.0 if a.key == b.key else 0.0
    return float(fuzz.token_sort_ratio(a.key, b.key)) / 100


def _strongest(a: Vector, b: Vector) -> tuple[float, float, float]:
    """How many concepts both say themselves (near ones left out), and the weights of the first two."""
    there = {concept: share for concept, _, share in b.items}
    shared = sorted((weight * min(share, there[concept]) for concept, weight, share in a.items if concept in there), reverse=True)
    count = sum(weight > _COUNTED for weight in shared)
    return min(count, 5), min(shared[0], 2.0) if shared else 0.0, min(shared[1], 2.0) if len(shared) > 1 else 0.0


def _by_class(a: Said, b: Said, closest: Closest | None, foreign: bool, lexicon: Lexicon) -> tuple[float, ...]:
    shared = [0.0] * 5
    alone: list[list[float]] = []
    if closest is not None:
        left, right = a.facets[closest.a], b.facets[closest.b]
        for one, other in ((left, right), (right, left)):
            rest = [0.0] * 5
            for concept, weight in one.whole():
                kind = _WORD if concept.startswith("w:") else _CLASSES[lexicon.kinds[concept]]
                own = weight * _ABROAD if foreign and kind == _WORD else weight
                there = min(1.0, other.meets.get(concept, 0.0))
                shared[kind] += own * there / 2
                rest[kind] += own * (1 - there)
            alone.append(rest)
        alone.sort(key=sum)
    less, more = alone if alone else (shared, shared)
    return (*shared, less[0], less[1], more[0], more[1])


def evidence(scored_features: Sequence[float], name: str) -> float:
    """The value of one feature by its name."""
    return scored_features[FEATURES.index(name)]
