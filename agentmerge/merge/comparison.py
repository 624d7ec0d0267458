"""How much claims say, and how much of one another two texts say.

Sums are ``math.fsum``: exact, so that no hash order can change a score.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from agentmerge.merge.claims import Reading
from agentmerge.merge.lexicon import ConceptClass, Lexicon
from agentmerge.merge.vectors import UNKNOWN_WEIGHT, class_weight, team_rarity

# A clause is said in part at most when something in it that weighs more is not said as well there.
_DISPENSABLE = 0.3
_IN_PART = 0.6
_AS_GOOD = 0.8
# Actions that make another claim of the same thing: to analyse it, to avoid it, to report it.
_TELLING = frozenset(("examine", "verify", "find", "oppose", "improve", "tell", "observe"))
ACTIONS = Path(__file__).with_name("data") / "actions.tsv"

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


@cache
def action_families() -> Mapping[str, str]:
    """The family of each action that has one (``data/actions.tsv``)."""
    found: dict[str, str] = {}
    for line in ACTIONS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            family, members = line.split("\t")
            found.update(dict.fromkeys(members.split("|"), family))
    return found


class Comparison:
    """What the readings of one team say, by weight."""

    def __init__(self, team: Sequence[Sequence[Reading]], lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.readings = {r.unit.id: r for readings in team for r in readings}
        counts: Counter[str] = Counter()
        for reading in self.readings.values():
            counts.update(reading.wide | reading.title)
        total = max(20, len(self.readings))
        self.weight = {c: class_weight(c, lexicon) * team_rarity(n, total) for c, n in counts.items()}
        self._masses: dict[frozenset[str], tuple[float, float]] = {}
        self._contents: dict[str, float] = {}
        self._totals: dict[tuple[frozenset[str], bool], float] = {}
        self._own: dict[frozenset[str], frozenset[str]] = {}
        self._there: dict[tuple[frozenset[str], frozenset[str]], tuple[frozenset[str], frozenset[str]]] = {}
        self._said: dict[tuple[frozenset[str], frozenset[str], frozenset[str], bool], float] = {}

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
            return 0.25 if foreign else UNKNOWN_WEIGHT
        known = self._contents.get(concept)
        if known is None:
            known = _CONTENT_WEIGHT[self.lexicon.kinds[concept]] * (0.15 + 1.1 * self.lexicon.rarity(concept))
            self._contents[concept] = known
        return known

    def said(self, concepts: frozenset[str], other: frozenset[str], wide: frozenset[str], *, foreign: bool = False) -> float:
        """The share of what ``concepts`` say that a text of ``other`` concepts says too (0 to 1).

        A narrower concept there says the broader one here; a broader one there says half of it; a near
        one says its part, and an action of the same family most of it. A text that has nothing
        as good for one of the things that are spoken of says the clause in part at most.
        """
        key = (concepts, other, wide, foreign)
        known = self._said.get(key)
        if known is None:
            known = self._said[key] = self._share_said(concepts, other, wide, foreign)
        return known

    def _share_said(self, concepts: frozenset[str], other: frozenset[str], wide: frozenset[str], foreign: bool) -> float:
        own = self.without_implied(concepts)
        total = self._content_of(own, foreign)
        if not total:
            return 0.0
        there, acts = self._with_implied(other, wide)
        left = own - there
        if not left:
            return 1.0
        share = [self._content_of(own & there, foreign)]
        missing = False
        for concept in left:
            content = self._content(concept, foreign)
            part = self._part(concept, there, acts)
            share.append(part * content)
            missing = missing or (part < _AS_GOOD and (content > _DISPENSABLE or action_families().get(concept) in _TELLING))
        said = math.fsum(share) / total
        return min(said, _IN_PART) if missing else said

    def part_said(self, concept: str, other: frozenset[str], wide: frozenset[str]) -> float:
        """How much of one concept a text of ``other`` concepts says (0 to 1)."""
        there, acts = self._with_implied(other, wide)
        return 1.0 if concept in there else self._part(concept, there, acts)

    def _part(self, concept: str, there: frozenset[str], acts: frozenset[str]) -> float:
        """How much of a concept that a text does not say itself it says in other words."""
        near = max((part for other, part in self.lexicon.near(concept).items() if part >= 0.5 and other in there), default=0.0)
        if action_families().get(concept) in acts:
            return max(near, 0.8)
        return max(near, 0.0 if there.isdisjoint(self.lexicon.broader_than(concept)) else 0.5)

    def without_implied(self, concepts: frozenset[str]) -> frozenset[str]:
        """The concepts but for broader ones, which stand for nothing of their own beside the narrower one that brought them."""
        known = self._own.get(concepts)
        if known is None:
            known = concepts - self.lexicon.implied(concepts) or concepts
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

    # --- overlap -----------------------------------------------------------------------------------

    def mass(self, concepts: Iterable[str]) -> float:
        """The weight of concepts in this team."""
        get = self.weight.get
        return math.fsum([get(concept, UNKNOWN_WEIGHT) for concept in concepts])

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
