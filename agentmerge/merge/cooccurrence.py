"""What a text is about, as a direction: from which concepts occur together in agent files.

Concepts that stand beside the same others point the same way, in whatever language they were
written; so statements about one matter are alike even where no concept is in both. The vectors are
learnt from counts by ``bench/cooccurrence.py`` and shipped (``data/cooccurrence.tsv``).
"""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import mul
from pathlib import Path

from agentmerge.merge.lexicon import Lexicon

VECTORS = Path(__file__).with_name("data") / "cooccurrence.tsv"
DIMENSIONS = 48

Direction = tuple[float, ...]
NOWHERE: Direction = ()


@cache
def _rows() -> Mapping[str, str]:
    lines = VECTORS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("# "))


@cache
def _vector(concept: str) -> Direction:
    """The vector of one concept, of unit length; ``NOWHERE`` when the corpus hardly has it."""
    row = _rows().get(concept)
    return _unit(array("b", base64.b85decode(row))) if row else NOWHERE


def direction(concepts: Iterable[str], lexicon: Lexicon) -> Direction:
    """What a text of these concepts is about, of unit length; rare concepts weigh more."""
    known = [(vector, lexicon.rarity(concept)) for concept in sorted(concepts) if (vector := _vector(concept))]
    return _unit([sum(part) for part in zip(*([weight * x for x in vector] for vector, weight in known), strict=True)])


def together(directions: Iterable[Direction]) -> Direction:
    """The mean of some directions, of unit length."""
    return _unit([sum(part) for part in zip(*(one for one in directions if one), strict=True)])


def likeness(a: Direction, b: Direction) -> float:
    """The cosine of the angle between two directions (-1 to 1); 0 when one is ``NOWHERE``."""
    return sum(map(mul, a, b)) if a and b else 0.0


def _unit(vector: Sequence[float]) -> Direction:
    length = math.sqrt(sum(map(mul, vector, vector)))
    return tuple(x / length for x in vector) if length else NOWHERE
