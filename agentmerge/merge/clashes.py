"""Find statements that cannot both hold: another number or version for one thing, always against never, must against may.

A clash lowers the score of a pair, so it is looked for with that part of the score left out: two
demands for test coverage that differ in their percentage are hardly alike, and just that matters.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from agentmerge.merge.claims import Facet, Reading, concepts_of, is_technology
from agentmerge.merge.claims import plain as plain_text
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.features import FEATURES, evidence
from agentmerge.merge.lexicon import normalise
from agentmerge.merge.score import Weights, probability
from agentmerge.model import Kind
from agentmerge.rules.text.modality import Force, force_of, hedge_of
from agentmerge.rules.text.quantities import Quantity, differ, is_report, quantities_of, stricter_of, subjects_of, vague_subjects
from agentmerge.rules.text.versions import Version, agree, versions_of

_SURE = 0.55
_SAME_FACET = 0.75
_SAME_WHOLE = 0.6
# Each text is compared with many: what is read of it is kept for as many texts as a large team has at hand.
_REMEMBERED = 4096
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_CLAUSE_END = re.compile(r"[,;，；。、]|\.\s|\s[—–]\s|:\s|：")
_THINGS = frozenset(("object", "artefact", "technology", "quality"))
# Of these one conflict of a statement with each other source is enough: the others ask the same question again.
_TOLD_ONCE = frozenset(("hedges", "modality", "enough"))
_UNLIKE = tuple(FEATURES.index(name) for name in ("polarity", "numbers"))

# Words that forbid; "without" or "no" deny a thing, they forbid nothing.
_FORBIDS = re.compile(
    r"\b(?:touch|change|edit|allow|accept) zero\b"
    r"|\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid)\b|금지|지\s*(?:마|말|않)|말\s*것|피(?:한|하|해)"
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

    ``stricter`` and ``newer`` are the unit that is so, ``None`` when nobody can tell; ``safest`` is the
    one to stay while nobody has decided, ``None`` for both.
    """

    a: str
    b: str
    kind: str
    why: str
    stricter: str | None = None
    newer: str | None = None
    safest: str | None = None


class _Found(NamedTuple):
    """What is wrong between two readings, before it is a clash; ``stricter`` and ``newer`` are one of the two."""

    why: str
    stricter: Reading | None = None
    newer: Reading | None = None
    safest: Reading | None = None


def find_clashes(comparison: Comparison, scored: Iterable[Pair], weights: Weights) -> Mapping[tuple[str, str], Clash]:
    """The clashes among compared pairs of different sources, by pair of unit ids; of several kinds the first that is found."""
    found: dict[tuple[str, str], Clash] = {}
    seen: set[tuple[str, str, str]] = set()
    for pair in scored:
        a, b = pair.a, pair.b
        if a.unit.source == b.unit.source or not _statements(a, b):
            continue
        sure = probability(_forgiving(pair.features), weights.alone) >= _SURE
        for kind, find in _KINDS:
            clash = find(comparison, pair, sure)
            if clash is not None:
                told = {(kind, a.unit.id, b.unit.source), (kind, b.unit.id, a.unit.source)}
                if told.isdisjoint(seen) or kind not in _TOLD_ONCE:
                    found[(a.unit.id, b.unit.id)] = _clash(a, b, kind, clash)
                seen |= told
                break
    for clashing in version_clashes(comparison, comparison.readings.values()):
        found.setdefault((clashing.a, clashing.b), clashing)
    return found


def _clash(a: Reading, b: Reading, kind: str, found: _Found) -> Clash:
    def name(reading: Reading | None) -> str | None:
        return reading and reading.unit.id

    rule = "numbers" if kind == "enough" else kind
    return Clash(a.unit.id, b.unit.id, rule, found.why, name(found.stricter), name(found.newer), name(found.safest))


def _statements(a: Reading, b: Reading) -> bool:
    return (
        not (a.heading_like or b.heading_like)
        and Kind.CODE not in (a.unit.kind, b.unit.kind)
        and Kind.ROW not in (a.unit.kind, b.unit.kind)
    )


def _forgiving(features: Sequence[float]) -> tuple[float, ...]:
    return tuple(0.0 if n in _UNLIKE else value for n, value in enumerate(features))


def _numbers_clash(comparison: Comparison, pair: Pair, sure: bool) -> _Found | None:
    """Two figures of one measure for one thing."""
    a, b = pair.a, pair.b
    if sure and a.numbers and b.numbers and _share_a_thing(comparison, a, b) and not _reports(pair):
        figures = differ(quantities_of(a.unit.text), quantities_of(b.unit.text))
        if figures is None or _says_both(a, b, figures):
            return None
        about = (subjects_of(a.unit.text), subjects_of(b.unit.text))
        if all(about) and about[0].isdisjoint(about[1]):
            return None
        subjects = about[0] | about[1]
        winner = stricter_of(*figures, subjects)
        stricter = None if winner is None else a if winner is figures[0] else b
        # "Coverage" of tests and of documents may share a word and a measure: of two things both figures stay.
        safest = stricter if _one_thing(comparison, pair) else None
        return _Found(f"numbers differ: {figures[0].text} and {figures[1].text}", stricter=stricter, safest=safest)
    return None


def _says_both(a: Reading, b: Reading, figures: tuple[Quantity, Quantity]) -> bool:
    """Whether one statement names the other's figure too ("250 words each, up to 500 in all")."""
    named = [set(_DIGITS.findall(reading.unit.text)) for reading in (a, b)]
    own = [_DIGITS.findall(figure.text)[-1] for figure in figures]
    return own[0] in named[1] or own[1] in named[0]


def _reports(pair: Pair) -> bool:
    return is_report(pair.a.unit.text) or is_report(pair.b.unit.text)


def _enough_clash(comparison: Comparison, pair: Pair, sure: bool) -> _Found | None:  # noqa: ARG001
    """A figure against a vague demand. What both measure is told by its name, so likeness of the rest is not asked for."""
    a, b = pair.a, pair.b
    if bool(a.numbers) == bool(b.numbers) or not _share_a_thing(comparison, a, b) or _reports(pair):
        return None
    bounded, vague = (a, b) if a.numbers else (b, a)
    shared = subjects_of(bounded.unit.text) & vague_subjects(vague.unit.text)
    if not shared or not quantities_of(bounded.unit.text):
        return None
    figure = quantities_of(bounded.unit.text)[0].text
    return _Found(f"one says {figure}, the other only that there be enough ({', '.join(sorted(shared))})", stricter=bounded, safest=bounded)


def version_clashes(comparison: Comparison, readings: Iterable[Reading]) -> Iterator[Clash]:
    """Sources that prescribe different versions of one product: each with the one of the highest, so that their number stays linear.

    A source that names several versions of a product tells of them rather than prescribing one.
    """
    named: dict[str, dict[str, list[tuple[Version, Reading]]]] = defaultdict(lambda: defaultdict(list))
    for reading in readings:
        if reading.is_statement and reading.numbers and reading.technologies:
            for version in versions_of(reading.unit.text):
                for product in _products(version.name, comparison) & reading.technologies:
                    named[product][reading.unit.source].append((version, reading))
    for _, sources in sorted(named.items()):
        firm = [found for _, found in sorted(sources.items()) if all(agree(found[0][0], other) for other, _ in found)]
        top, b = max((found[0] for found in firm), key=lambda said: said[0].number, default=(None, None))
        for one, a in (found[0] for found in firm):
            if top is not None and b is not None and not agree(one, top):
                left, right = sorted((a, b), key=lambda reading: reading.unit.id)
                why = " and ".join(v.text for v in ((one, top) if left is a else (top, one)))
                yield _clash(left, right, "versions", _Found(f"versions differ: {why}", stricter=b, newer=b))


def _products(name: str, comparison: Comparison) -> frozenset[str]:
    lexicon = comparison.lexicon
    return frozenset(m.concept for m in lexicon.mentions(normalise(name)) if is_technology(m.concept, lexicon))


def _share_a_thing(comparison: Comparison, a: Reading, b: Reading) -> bool:
    """Whether the clauses share something that can be measured: an object, a quality, a product."""
    shared = {c for c in a.concepts & b.concepts if not c.startswith("w:")}
    return any(comparison.lexicon.kinds[c] in _THINGS and comparison.lexicon.rarity(c) > 0.15 for c in shared)


def _polarity_clash(comparison: Comparison, pair: Pair, sure: bool) -> _Found | None:
    """The same clause, forbidden in one and demanded in the other; the prohibition is the stricter."""
    a, b = pair.a, pair.b
    if not sure or a.unit.language != b.unit.language or _forbids(a) == _forbids(b) or _reports(pair):
        return None
    if evidence(pair.features, "whole") < _SAME_WHOLE:
        return None
    for x in a.facets:
        for y in b.facets:
            if x.negative != y.negative and _one_clause(comparison, x, y) and _forbids(a if x.negative else b):
                stricter = a if _forbids(a) else b
                # A heading may forbid something else than each line below it ("Do not use helpers for: …").
                return _Found("one says do, the other do not", stricter=stricter, safest=None if stricter.flipped else stricter)
    return None


def _modality_clash(comparison: Comparison, pair: Pair, sure: bool) -> _Found | None:
    """One must what the other may."""
    a, b = pair.a, pair.b
    forces = (_force(a), _force(b))
    if not sure or set(forces) != {Force.DEMANDS, Force.PERMITS} or not _one_thing(comparison, pair):
        return None
    stricter = a if forces[0] is Force.DEMANDS else b
    return _Found("one says must, the other may", stricter=stricter, safest=stricter)


def _hedges_clash(comparison: Comparison, pair: Pair, sure: bool) -> _Found | None:
    """One demands what the other hedges. The hedge may be wisdom, so neither is the safer."""
    a, b = pair.a, pair.b
    hedges = (_hedge(a.unit.text), _hedge(b.unit.text))
    if not sure or bool(hedges[0]) == bool(hedges[1]):
        return None
    hedged, plain = (a, b) if hedges[0] else (b, a)
    if _force(plain) is not Force.DEMANDS or hedged.negative != plain.negative or not _one_thing(comparison, pair):
        return None
    if not _hedges_that(comparison, hedged, plain):
        return None
    return _Found(f"one demands it, the other says '{hedges[0] or hedges[1]}'", stricter=plain)


def _hedges_that(comparison: Comparison, hedged: Reading, plain: Reading) -> bool:
    """Whether the clause that is hedged is about what the other statement says."""
    before, hedge, after = plain_text(hedged.unit.text).lower().partition(_hedge(hedged.unit.text))
    end = _CLAUSE_END.search(after)
    rest = after[: end.start()] if hedge and end else after
    starts = [0, *(match.end() for match in _CLAUSE_END.finditer(before))]
    for start in reversed(starts):
        clause = concepts_of(f"{before[start:]} {rest}", comparison.lexicon)
        things = {c for c in clause if comparison.lexicon.kinds.get(c) in _THINGS}
        if things:
            return not things.isdisjoint(plain.concepts | plain.wide)
    return False


def _force(reading: Reading) -> Force:
    """How strongly a statement asks; what stands in a checklist or under "Anti-patterns" is asked without exception."""
    if reading.unit.kind is Kind.CHECK or reading.flipped:
        return Force.DEMANDS
    return _force_of(reading.unit.text)


@lru_cache(_REMEMBERED)
def _force_of(text: str) -> Force:
    return force_of(text)


@lru_cache(_REMEMBERED)
def _hedge(text: str) -> str:
    return hedge_of(text)


def _one_thing(comparison: Comparison, pair: Pair) -> bool:
    """Whether the statements are about one thing, and nearly all that the shorter says."""
    a, b = pair.a, pair.b
    jaccard, contained, _ = comparison.overlap(a.wide, b.wide, a.unit.language == b.unit.language)
    return max(jaccard, contained) >= _SAME_WHOLE and _share_a_thing(comparison, a, b)


def _forbids(reading: Reading) -> bool:
    """Whether a statement forbids: by its words, or by a heading such as "Anti-patterns" above it."""
    return bool(_FORBIDS.search(reading.unit.text)) != reading.flipped


def _one_clause(comparison: Comparison, x: Facet, y: Facet) -> bool:
    return comparison.overlap(x.wide, y.wide, True)[0] >= _SAME_FACET


# In this order: what is a number is not looked at for its tone.
_KINDS: tuple[tuple[str, Callable[[Comparison, Pair, bool], _Found | None]], ...] = (
    ("numbers", _numbers_clash),
    ("enough", _enough_clash),
    ("polarity", _polarity_clash),
    ("modality", _modality_clash),
    ("hedges", _hedges_clash),
)
