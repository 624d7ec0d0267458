"""Align a translation or a fork with its original unit by unit, in order.

After Gale and Church (1993): a text and its translation say the same in the same order with
lengths in proportion. Where most mutually best pairs of two files run in order, they are anchors,
and the stretches between anchors are aligned by kind, length and score with dynamic programming.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from agentmerge.merge.claims import Reading
from agentmerge.model import Kind

_ANCHOR = 0.35
# Real versions keep the order of nearly all, cousins of about four in five.
_IN_ORDER = 0.93
_COVERED = 0.4
_FEWEST = 5
_FEWEST_SAID = 3
# A version has about the length of its original.
_MUCH_LONGER = 1.35
_SKIP = -0.35
_MAX_GAP = 60
_ATTACHED = frozenset((Kind.COMMENT, Kind.TAG))

Score = Mapping[tuple[str, str], float]


def parallel_pairs(a: Sequence[Reading], b: Sequence[Reading], score: Score) -> tuple[tuple[Reading, Reading], ...] | None:
    """The unit-by-unit alignment of two files, or ``None`` when neither is a version of the other.

    ``score`` holds the probability of each compared pair, by unit ids, ``a`` first.
    """
    left = [r for r in a if r.unit.kind not in _ATTACHED]
    right = [r for r in b if r.unit.kind not in _ATTACHED]
    anchors = _anchors(left, right, score)
    if anchors is None:
        return None
    matched: list[tuple[int, int]] = []
    low = (0, 0)
    for anchor in (*anchors, (len(left), len(right))):
        matched.extend(_gap(left, right, low, anchor, score))
        if anchor[0] < len(left):
            matched.append(anchor)
        low = (anchor[0] + 1, anchor[1] + 1)
    return tuple((left[i], right[j]) for i, j in matched)


def _anchors(left: Sequence[Reading], right: Sequence[Reading], score: Score) -> list[tuple[int, int]] | None:
    best_left: dict[int, tuple[float, int]] = {}
    best_right: dict[int, tuple[float, int]] = {}
    at_left = {r.unit.id: n for n, r in enumerate(left)}
    at_right = {r.unit.id: n for n, r in enumerate(right)}
    for (x, y), value in score.items():
        i, j = at_left.get(x), at_right.get(y)
        if i is None or j is None or value < _ANCHOR or not _alike(left[i], right[j]):
            continue
        best_left[i] = max(best_left.get(i, (0.0, 0)), (value, -j))
        best_right[j] = max(best_right.get(j, (0.0, 0)), (value, -i))
    mutual = sorted((i, -j) for i, (_, j) in best_left.items() if best_right.get(-j, (0.0, 1))[1] == -i)
    smaller = min(len(left), len(right))
    if smaller < _FEWEST or len(mutual) < _COVERED * smaller or max(len(left), len(right)) > _MUCH_LONGER * smaller:
        return None
    # Most files have a heading "Rules", and each says what the agent is: what they say besides must go together too.
    said = sum(_tells(left[i]) for i, _ in mutual)
    if said < max(_FEWEST_SAID, _COVERED * min(sum(map(_tells, left)), sum(map(_tells, right)))):
        return None
    run = _longest_run(mutual)
    return run if len(run) >= _IN_ORDER * len(mutual) else None


def _tells(reading: Reading) -> bool:
    """Whether a unit says something that not every agent file says."""
    return not reading.place.identity and not reading.place.names


def _longest_run(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence that rises in both files."""
    tails: list[int] = []
    at: list[int] = []
    back: list[int] = []
    for n, (_, j) in enumerate(pairs):
        place = bisect_left(tails, j)
        back.append(at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(j)
            at.append(n)
        else:
            tails[place] = j
            at[place] = n
    run = []
    n = at[-1] if at else -1
    while n >= 0:
        run.append(pairs[n])
        n = back[n]
    return run[::-1]


def _alike(a: Reading, b: Reading) -> bool:
    """Whether two units are of one make: the same kind, headings and items at the same depth."""
    return a.unit.kind is b.unit.kind and a.unit.depth == b.unit.depth


def _gap(
    left: Sequence[Reading], right: Sequence[Reading], low: tuple[int, int], high: tuple[int, int], score: Score
) -> Iterator[tuple[int, int]]:
    """The best monotone alignment of the units between two anchors."""
    rows, columns = high[0] - low[0], high[1] - low[1]
    if rows <= 0 or columns <= 0 or rows > _MAX_GAP or columns > _MAX_GAP:
        return
    table = [[(_SKIP * (i + j), "") for j in range(columns + 1)] for i in range(rows + 1)]
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            match = _match(left[low[0] + i - 1], right[low[1] + j - 1], score)
            options = [(table[i - 1][j][0] + _SKIP, "up"), (table[i][j - 1][0] + _SKIP, "left")]
            if match is not None:
                options.append((table[i - 1][j - 1][0] + match, "match"))
            table[i][j] = max(options)
    found = []
    i, j = rows, columns
    while i and j:
        step = table[i][j][1]
        if step == "match":
            found.append((low[0] + i - 1, low[1] + j - 1))
            i, j = i - 1, j - 1
        elif step == "up":
            i -= 1
        else:
            j -= 1
    yield from reversed(found)


def _match(a: Reading, b: Reading, score: Score) -> float | None:
    if not _alike(a, b):
        return None
    if a.numbers and b.numbers and a.numbers.isdisjoint(b.numbers):
        return None
    length = math.exp(-abs(math.log((len(a.unit.text) + 8) / (len(b.unit.text) + 8))) / 2)
    return 0.1 + 0.4 * length + score.get((a.unit.id, b.unit.id), 0.0)
