"""Sources that need no merging: a source alone, and sources of equal text, of which one speaks for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.merge.compose import Body
from agentmerge.model import Agent, Decision, FieldDecision, Outcome, Outline


def one_of_each(agents: Sequence[Agent]) -> tuple[tuple[Agent, ...], tuple[tuple[Agent, Agent], ...]]:
    """The agents of different text, and each copy with the agent whose text it has."""
    first: dict[str, Agent] = {}
    copies = []
    for agent in agents:
        original = first.setdefault(agent.source.text, agent)
        if original is not agent:
            copies.append((agent, original))
    return tuple(first.values()), tuple(copies)


def decide_copies(copies: Sequence[tuple[Agent, Agent]], decisions: Mapping[str, Decision]) -> Mapping[str, Decision]:
    """Decisions for the units of copies: each is merged into the unit that it repeats, or ends as that does."""
    made = {}
    for copy, original in copies:
        for unit, same in zip(copy.units, original.units, strict=True):
            decided = decisions[same.id]
            why = f"the file is a copy of {original.source.id}"
            if decided.outcome is Outcome.KEPT:
                made[unit.id] = Decision(unit=unit.id, outcome=Outcome.MERGED, into=same.id, rule="DUP001", why=why)
            else:
                made[unit.id] = decided._replace(unit=unit.id, why=f"{why}: {decided.why}")
    return made


def copied_fields(copies: Sequence[tuple[Agent, Agent]]) -> tuple[FieldDecision, ...]:
    """Decisions for the frontmatter keys of copies."""
    return tuple(
        FieldDecision(
            source=copy.source.id, key=f.key, outcome=Outcome.MERGED, rule="DUP001", why=f"the file is a copy of {original.source.id}"
        )
        for copy, original in copies
        for f in copy.fields
    )


def pass_whole(agent: Agent) -> Body:
    """One source alone is its own canonical agent: its body passes unchanged."""
    kept = {unit.id: Decision(unit=unit.id, outcome=Outcome.KEPT, into=None, rule="KEEP001", why="the only source") for unit in agent.units}
    return Body(outline=Outline(parts=(), verbatim=agent.source.id), decisions=kept, conflicts=(), findings=(), wanted=(), language="en")
