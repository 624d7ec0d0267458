"""What a text is about or means, as a direction: arithmetic and the shipped tables of vectors."""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import mul
from pathlib import Path

Direction = tuple[float, ...]
NOWHERE: Direction = ()


class Vectors:
    """A shipped table of vectors by concept, in signed bytes (-127 to 127) in base 85; read when first asked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def rows(self) -> Mapping[str, str]:
        """The encoded vector of each concept."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return dict(line.split("\t") for line in lines if not line.startswith("# "))

    def of(self, concept: str) -> Sequence[int]:
        """The numbers of one concept's vector; none for a concept that the table has not."""
        return array("b", base64.b85decode(self.rows.get(concept, "")))


def total(vectors: Iterable[Sequence[float]]) -> Direction:
    """The sum of some vectors, of unit length; ``NOWHERE`` when there are none, or they cancel out."""
    return unit([sum(part) for part in zip(*vectors, strict=True)])


def together(directions: Iterable[Direction]) -> Direction:
    """The mean of some directions, of unit length."""
    return total(one for one in directions if one)


def likeness(a: Direction, b: Direction) -> float:
    """The cosine of the angle between two directions (-1 to 1); 0 when one is ``NOWHERE``."""
    return sum(map(mul, a, b)) if a and b else 0.0


def unit(vector: Sequence[float]) -> Direction:
    """A vector brought to unit length."""
    length = math.sqrt(sum(map(mul, vector, vector)))
    return tuple(x / length for x in vector) if length else NOWHERE
