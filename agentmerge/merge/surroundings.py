"""What the pairs around a pair say of it: rivals, third parties, neighbours, sections.

Two lines are the likelier one claim when neither has a better partner, when both have one partner
in a third file, and when the lines beside them, or most of their sections, go together as well.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.claims import Reading

SURROUNDINGS = (
    "score",
    "over_rival_of_a",
    "over_rival_of_b",
    "third_party",
    "siblings",
    "below",
    "neighbours",
    "partners_of_a",
    "partners_of_b",
)
_FLOOR = 0.01


class _Sections(NamedTuple):
    """How well two sections go together: the best score of each unit, and their sums."""

    left: Mapping[int, float]
    right: Mapping[int, float]
    total_left: float
    total_right: float


_APART = _Sections({}, {}, 0.0, 0.0)


def surroundings_of(
    readings: Sequence[Reading], pairs: Sequence[tuple[int, int]], scores: Sequence[float], least: float = 0.0
) -> list[tuple[float, ...] | None]:
    """The features of each pair that come from the others, in the order of ``SURROUNDINGS``.

    ``pairs`` are indexes into ``readings``, the lower one first; ``scores`` their first scores.
    ``None`` for a pair whose first score is below ``least``: nothing around it could make it likely;
    and for a pair within one source: nobody labelled what an author says twice, so what the pairs
    around it mean there is not known.
    """
    around = _Around(readings, pairs, scores)
    return [
        around.features(i, j, score) if score >= least and around.source[i] != around.source[j] else None
        for (i, j), score in zip(pairs, scores, strict=True)
    ]


class _Around:
    def __init__(self, readings: Sequence[Reading], pairs: Sequence[tuple[int, int]], scores: Sequence[float]) -> None:
        self.readings = readings
        self.source = [reading.unit.source for reading in readings]
        self.score = dict(zip(pairs, scores, strict=True))
        self.partners: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self.best: dict[tuple[int, str], list[tuple[float, int]]] = defaultdict(list)
        self.total: dict[tuple[int, str], float] = defaultdict(float)
        for (i, j), score in self.score.items():
            for one, other in ((i, j), (j, i)):
                self.partners[one].append((other, score))
                key = (one, self.source[other])
                self.total[key] += score
                self.best[key].append((-score, other))
        for best in self.best.values():
            best.sort()
        self.units: dict[str, list[int]] = defaultdict(list)
        for n, reading in enumerate(readings):
            if reading.place.opens is None:
                for section in reading.place.sections:
                    self.units[section].append(n)
        self._sections: dict[tuple[str, str], _Sections] = {}

    def features(self, i: int, j: int, score: float) -> tuple[float, ...]:
        a, b = self.readings[i].place, self.readings[j].place
        log_odds = _log_odds(score)
        siblings = self._siblings(a.sections[0], b.sections[0], i, j)
        below = self._below(a.opens, b.opens) if a.opens and b.opens else 0.0
        return (
            log_odds,
            log_odds - _log_odds(self._rival(i, j)),
            log_odds - _log_odds(self._rival(j, i)),
            self._third(i, j),
            siblings,
            below,
            max(self._beside(i + 1, j + 1, i, j), self._beside(i - 1, j - 1, i, j)),
            self.total[(i, self.source[j])],
            self.total[(j, self.source[i])],
        )

    def _rival(self, i: int, j: int) -> float:
        """The best score that ``i`` has with another unit of the source of ``j``."""
        return next((-score for score, other in self.best[(i, self.source[j])] if other != j), 0.0)

    def _third(self, i: int, j: int) -> float:
        """How well both go with one unit of a third source."""
        most, own, other = 0.0, self.source[i], self.source[j]
        known = self.score.get
        for k, score in self.partners[i]:
            if score > most and self.source[k] != own and self.source[k] != other:
                both = score * known((k, j) if k < j else (j, k), 0.0)
                if both > most:
                    most = both
        return math.sqrt(most)

    def _beside(self, i: int, j: int, of: int, to: int) -> float:
        if not (i >= 0 and j < len(self.source)) or self.source[i] != self.source[of] or self.source[j] != self.source[to]:
            return 0.0
        return self.score.get((i, j), 0.0)

    def _between(self, left: str, right: str) -> _Sections:
        known = self._sections.get((left, right))
        if known is None:
            a, b = self.units.get(left, []), self.units.get(right, [])
            known = _APART
            if a and b:
                inside_a, inside_b = set(a), set(b)
                best_a = {n: max((s for m, s in self.partners[n] if m in inside_b), default=0.0) for n in a}
                best_b = {m: max((s for n, s in self.partners[m] if n in inside_a), default=0.0) for m in b}
                known = _Sections(best_a, best_b, sum(best_a.values()), sum(best_b.values()))
            self._sections[(left, right)] = known
        return known

    def _siblings(self, left: str, right: str, i: int, j: int) -> float:
        """How well the other units of the two sections go together."""
        found = self._between(left, right)
        others_a, others_b = len(found.left) - (i in found.left), len(found.right) - (j in found.right)
        if not others_a or not others_b or not found.left or not found.right:
            return 0.0
        rest_a, rest_b = found.total_left - found.left.get(i, 0.0), found.total_right - found.right.get(j, 0.0)
        return (rest_a / others_a + rest_b / others_b) / 2

    def _below(self, left: str, right: str) -> float:
        """How well what stands below two headings goes together."""
        found = self._between(left, right)
        return min(found.total_left / len(found.left), found.total_right / len(found.right)) if found.left and found.right else 0.0


def _log_odds(score: float) -> float:
    bounded = max(_FLOOR, min(1 - _FLOOR, score))
    return math.log(bounded / (1 - bounded))
