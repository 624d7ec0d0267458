"""What a text claims, as a direction: from claims in several wordings, and from labelled pairs.

Co-occurrence tells the matter of a text; it draws "write unit tests" to "test edge cases". These
vectors were taught the difference: concepts by which authors say one claim in other words point the
same way, concepts that tell two claims of one matter apart do not, and a concept weighs what it says
about a claim (its length). They are learnt by ``bench/meaning.py`` and shipped (``data/meaning.tsv``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from agentmerge.merge.directions import Direction, Vectors, total

VECTORS = Vectors(Path(__file__).with_name("data") / "meaning.tsv")
DIMENSIONS = 64


@cache
def vector(concept: str) -> Sequence[int]:
    """The vector of one concept, its length the weight; empty when no lesson and no file has it."""
    return VECTORS.of(concept)


def meaning(concepts: Iterable[str]) -> Direction:
    """What a text of these concepts claims, of unit length."""
    return total(its for concept in sorted(concepts) if (its := vector(concept)))
