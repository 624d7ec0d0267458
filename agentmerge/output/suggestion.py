"""Whether one source says most of what the others say, so that it could be the base."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentmerge.model import Agent, Alignment, Kind

_STATEMENTS = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE, Kind.ROW, Kind.CODE))
_MOST = 0.6
_SURE = 0.6


def suggested_base(agents: Sequence[Agent], alignments: Iterable[Alignment]) -> tuple[Agent, float] | None:
    """The source with partners for most statements of all the others, and their share (0 to 1); ``None`` when there is none."""
    source_of = {unit.id: unit.source for agent in agents for unit in agent.units if unit.kind in _STATEMENTS}
    pairs = [(al.a, al.b) for al in alignments if al.score >= _SURE and al.a in source_of and al.b in source_of]
    found = []
    for agent in agents:
        own = agent.source.id
        others = {unit for unit, source in source_of.items() if source != own}
        said = {a for pair in pairs for a, b in (pair, pair[::-1]) if a in others and source_of[b] == own}
        if others:
            found.append((len(said) / len(others), len(source_of) - len(others), own, agent))
    best = max(found, key=lambda entry: entry[:3], default=None)
    return (best[3], best[0]) if best is not None and best[0] >= _MOST else None
