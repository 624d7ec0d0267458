"""What a text is about or means, as a direction: arithmetic and the shipped tables of vectors."""

from __future__ import annotations

import base64
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import mul
from pathlib import Path

Direction = tuple[float, ...]
NOWHERE: Direction = ()


def rows_of(path: Path) -> Mapping[str, str]:
    """The rows of a table by concept, each a vector of signed bytes in base 85."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("# "))


def decoded(row: str) -> Sequence[int]:
    """The numbers of a row (-127 to 127)."""
    return array("b", base64.b85decode(row))


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
