"""Which pairs of units are worth a comparison: the closest few of each, from an inverted index.

A unit looks up its concepts, rarest first, in the lists of the units that have them, until it has
visited about ``_BUDGET`` entries; of what it met, the closest few of each source are paired with
it, ``_ALL`` at most. So the work grows with the number of units, not with its square.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from agentmerge.merge.claims import Reading
from agentmerge.merge.vectors import Said, Vector
from agentmerge.model import Kind

# Partners of a unit in each other source, in its own source, and in all.
_EACH = 4
_OWN = 2
_ALL = 20
_BUDGET = 1000
_LOOKED_AT = 160
_NEAR_ENOUGH = 0.5
_LEAST = 0.2
_SILENT = frozenset((Kind.COMMENT, Kind.TAG, Kind.DEFINITION))


def comparable(a: Reading, b: Reading) -> bool:
    """Whether two units can make one claim: code only with code, unless it is a template of prose."""
    if Kind.CODE in (a.unit.kind, b.unit.kind):
        return a.unit.kind is b.unit.kind or a.template or b.template
    return Kind.HTML not in (a.unit.kind, b.unit.kind) or a.unit.kind is b.unit.kind


def candidate_pairs(team: Sequence[Said]) -> Iterator[tuple[int, int]]:
    """Pairs of indexes into ``team``, the lower one first, sorted; within one source of statements only."""
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for n, said in enumerate(team):
        if said.reading.unit.kind not in _SILENT:
            for concept, weight, share in _looked_up(said):
                index[concept].append((n, weight * share))
    chosen = {pair for n, said in enumerate(team) if said.reading.unit.kind not in _SILENT for pair in _closest(n, said, team, index)}
    chosen.update(_same_roles(team))
    yield from sorted(chosen)


def _looked_up(said: Said) -> Iterator[tuple[str, float, float]]:
    yield from said.all.items
    known = said.all.meets
    yield from ((concept, weight, share) for concept, weight, share in said.title.items if concept not in known)


def _closest(n: int, said: Said, team: Sequence[Said], index: dict[str, list[tuple[int, float]]]) -> Iterator[tuple[int, int]]:
    near = _near(said.all) | {concept: share for concept, _, share in said.title.items}
    met: dict[int, float] = defaultdict(float)
    visited = 0
    for concept in sorted(near, key=lambda c: (len(index.get(c, ())), c)):
        entries = index.get(concept, ())
        visited += len(entries)
        if visited > _BUDGET and met:
            break
        share = near[concept]
        for other, weight in entries[:_BUDGET]:
            met[other] += share * weight
    met.pop(n, None)
    closest = [(-round(mass, 9), other) for other, mass in met.items() if mass >= _LEAST]
    if len(closest) > _LOOKED_AT:
        closest = heapq.nsmallest(_LOOKED_AT, closest)
    else:
        closest.sort()
    own = said.reading.unit.source
    taken: dict[str, int] = defaultdict(int)
    left = _ALL
    for _, other in closest:
        source = team[other].reading.unit.source
        if taken[source] < (_OWN if source == own else _EACH) and _fits(said.reading, team[other].reading):
            taken[source] += 1
            left -= 1
            yield (n, other) if n < other else (other, n)
            if not left:
                return


def _near(vector: Vector) -> dict[str, float]:
    """What to look up for a vector: its own concepts, and those that say at least half of one."""
    own = {concept for concept, _, _ in vector.items}
    return {concept: share for concept, share in vector.meets.items() if concept in own or share >= _NEAR_ENOUGH}


def _fits(a: Reading, b: Reading) -> bool:
    if a.unit.source == b.unit.source and not (a.is_statement and b.is_statement):
        return False
    return comparable(a, b)


def _same_roles(team: Sequence[Said]) -> Iterator[tuple[int, int]]:
    """Headings that give their sections one role ("Best Practices", "작업 원칙"), whatever their words."""
    by_role: dict[str, list[int]] = defaultdict(list)
    for n, said in enumerate(team):
        if said.reading.place.names:
            by_role[said.reading.place.names].append(n)
    for members in by_role.values():
        for at, n in enumerate(members):
            others = (m for m in islice(members, at + 1, at + 1 + 2 * _ALL) if team[m].reading.unit.source != team[n].reading.unit.source)
            yield from ((n, m) for m in islice(others, _ALL))
