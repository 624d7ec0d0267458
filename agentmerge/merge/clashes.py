"""Find statements that cannot both hold: another number for one quantity, always against never.

A clash lowers the score of a pair, so it is looked for with that part of the score left out: two
demands for test coverage that differ in their percentage are hardly alike, and just that matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from agentmerge.merge.claims import Facet, Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.features import FEATURES, evidence
from agentmerge.merge.score import Weights, probability
from agentmerge.model import Kind

_SURE = 0.55
_SAME_FACET = 0.75
_SAME_WHOLE = 0.6
_UNLIKE = tuple(FEATURES.index(name) for name in ("polarity", "numbers"))

# Words that forbid; "without" or "no" deny a thing, they forbid nothing.
_FORBIDS = re.compile(
    r"\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid)\b|금지|지\s*(?:마|말|않)|말\s*것|피(?:한|하|해)"
    r"|禁止|(?:し|れ)ない(?:こと|で|$)|てはいけない|避ける|不要|不得|避免|严禁|切勿|请勿",
    re.IGNORECASE,
)


class Pair(Protocol):
    """A compared pair of readings."""

    @property
    def a(self) -> Reading: ...
    @property
    def b(self) -> Reading: ...
    @property
    def features(self) -> tuple[float, ...]: ...


class Clash(NamedTuple):
    """Two units that clash; ``kind`` is the key of the rule that settles it (``numbers``, ``polarity``, …).

    ``stricter`` and ``newer`` are the unit that is so, ``None`` when nobody can tell.
    """

    a: str
    b: str
    kind: str
    why: str
    stricter: str | None = None
    newer: str | None = None


def find_clashes(comparison: Comparison, scored: Iterable[Pair], weights: Weights) -> Mapping[tuple[str, str], Clash]:
    """The clashes among compared pairs of different sources, by pair of unit ids."""
    found: dict[tuple[str, str], Clash] = {}
    for pair in scored:
        a, b = pair.a, pair.b
        if a.unit.source == b.unit.source or not _statements(a, b):
            continue
        if probability(_forgiving(pair.features), weights.alone) < _SURE:
            continue
        why = _numbers_clash(comparison, a, b)
        kind = "numbers" if why else "polarity"
        why = why or _polarity_clashes(comparison, pair)
        if why:
            found[(a.unit.id, b.unit.id)] = Clash(a=a.unit.id, b=b.unit.id, kind=kind, why=why)
    return found


def _statements(a: Reading, b: Reading) -> bool:
    return (
        not (a.heading_like or b.heading_like)
        and Kind.CODE not in (a.unit.kind, b.unit.kind)
        and Kind.ROW not in (a.unit.kind, b.unit.kind)
    )


def _forgiving(features: Sequence[float]) -> tuple[float, ...]:
    return tuple(0.0 if n in _UNLIKE else value for n, value in enumerate(features))


def _numbers_clash(comparison: Comparison, a: Reading, b: Reading) -> str | None:
    """Two values of one unit of measure for one thing."""
    only_a, only_b = a.numbers - b.numbers, b.numbers - a.numbers
    for one in sorted(only_a):
        for two in sorted(only_b):
            unit = _measure(one)
            if unit and unit == _measure(two) and _share_a_thing(comparison, a, b):
                return f"numbers differ: {one} and {two}"
    return None


def _measure(number: str) -> str:
    return re.sub(r"^[\d.]+", "", number)


def _share_a_thing(comparison: Comparison, a: Reading, b: Reading) -> bool:
    """Whether the clauses share something that can be measured: an object, a quality, a product."""
    shared = {c for c in a.concepts & b.concepts if not c.startswith("w:")}
    return any(
        comparison.lexicon.kinds[c] in ("object", "artefact", "technology", "quality") and comparison.lexicon.rarity(c) > 0.15
        for c in shared
    )


def _polarity_clashes(comparison: Comparison, pair: Pair) -> str | None:
    """The same clause, forbidden in one and demanded in the other."""
    a, b = pair.a, pair.b
    if _forbids(a) == _forbids(b) or a.unit.language != b.unit.language:
        return None
    if evidence(pair.features, "whole") < _SAME_WHOLE:
        return None
    for x in a.facets:
        for y in b.facets:
            if x.negative != y.negative and _one_clause(comparison, x, y) and _forbids(a if x.negative else b):
                return "one says do, the other do not"
    return None


def _forbids(reading: Reading) -> bool:
    """Whether a statement forbids: by its words, or by a heading such as "Anti-patterns" above it."""
    return bool(_FORBIDS.search(reading.unit.text)) != reading.flipped


def _one_clause(comparison: Comparison, x: Facet, y: Facet) -> bool:
    return comparison.overlap(x.wide, y.wide, True)[0] >= _SAME_FACET
