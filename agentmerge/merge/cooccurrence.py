"""What a text is about, as a direction: from which concepts occur together in agent files.

Concepts that stand beside the same others point the same way, in whatever language they were
written; so statements about one matter are alike even where no concept is in both. The vectors are
learnt from counts by ``bench/cooccurrence.py`` and shipped (``data/cooccurrence.tsv``).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from agentmerge.merge.directions import Direction, Vectors, total, unit
from agentmerge.merge.lexicon import Lexicon

VECTORS = Vectors(Path(__file__).with_name("data") / "cooccurrence.tsv")
DIMENSIONS = 48


@cache
def vector(concept: str) -> Direction:
    """The vector of one concept, of unit length; ``NOWHERE`` when the corpus hardly has it."""
    return unit(VECTORS.of(concept))


def direction(concepts: Iterable[str], lexicon: Lexicon) -> Direction:
    """What a text of these concepts is about, of unit length; rare concepts weigh more."""
    known = [(its, lexicon.rarity(concept)) for concept in sorted(concepts) if (its := vector(concept))]
    return total([weight * x for x in its] for its, weight in known)
