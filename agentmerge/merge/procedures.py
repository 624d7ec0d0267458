"""Procedures: ordered steps that are kept whole or merged whole, never interleaved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from agentmerge.merge.roles import role_of
from agentmerge.model import Agent, Alignment, Section, Unit

_SAME_PROCEDURE = 0.6


def procedures_of(agents: Sequence[Agent]) -> Mapping[str, str]:
    """For each unit that is part of a procedure, the id of that procedure (its list's block).

    A procedure is a numbered list in a section for workflow, or numbered steps under a heading
    that says so, of at least two steps.
    """
    found: dict[str, str] = {}
    for agent in agents:
        sections = {s.id: s for s in agent.sections}
        steps: dict[str, set[int]] = defaultdict(set)
        members: dict[str, list[str]] = defaultdict(list)
        for unit in agent.units:
            if unit.item is None:
                continue
            numbered = unit.ordered or unit.block in steps
            if numbered and _is_workflow(unit, sections):
                steps[unit.block].add(unit.item)
                members[unit.block].append(unit.id)
        for block, ids in members.items():
            if len(steps[block]) >= 2:
                found.update(dict.fromkeys(ids, block))
    return found


def _is_workflow(unit: Unit, sections: Mapping[str, Section]) -> bool:
    section: Section | None = sections[unit.section]
    for _ in range(2):
        if section is None:
            return False
        if role_of(section.title) == "workflow":
            return True
        section = sections.get(section.parent or "")
    return False


def mergeable(procedure: Mapping[str, str], alignments: Sequence[Alignment]) -> frozenset[tuple[str, str]]:
    """Pairs of procedures of which most steps of the first align with the second."""
    sizes: dict[str, int] = defaultdict(int)
    for block in procedure.values():
        sizes[block] += 1
    hits: dict[tuple[str, str], set[str]] = defaultdict(set)
    for al in alignments:
        for a, b in ((al.a, al.b), (al.b, al.a)):
            if a in procedure and b in procedure:
                hits[(procedure[a], procedure[b])].add(a)
    return frozenset(pair for pair, units in hits.items() if len(units) >= _SAME_PROCEDURE * sizes[pair[0]])
