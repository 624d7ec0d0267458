"""Decide what becomes of each statement: kept, merged, overridden, dropped, and by which rule.

Each pass looks at what earlier ones left undecided. What the policy takes out goes first, then what
contradicts; only what may stay is compared for merging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.align import Aligned
from agentmerge.merge.contradictions import settle_clashes
from agentmerge.merge.examples import settle_equal_tables, settle_examples, settle_translated_tables
from agentmerge.merge.habits import report_habits
from agentmerge.merge.lengths import settle_lengths
from agentmerge.merge.persona import settle_persona
from agentmerge.merge.procedures import mergeable, procedures_of
from agentmerge.merge.scales import settle_scales
from agentmerge.merge.score import Weights
from agentmerge.merge.shapes import settle_shapes
from agentmerge.merge.statements import merge_statements
from agentmerge.merge.table import Table, table_of
from agentmerge.model import Agent, Conflict, Decision, Finding, Kind, Outcome
from agentmerge.rules.policy import Policy
from agentmerge.rules.tools import ToolSet


class Decisions(NamedTuple):
    """Every unit's decision by unit id, what is in conflict or odd, and the language that wordings are in.

    ``wanted`` are tools that a rule asks to add to the canonical agent.
    """

    units: Mapping[str, Decision]
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    wanted: tuple[str, ...]
    language: str
    procedures: Mapping[str, str]


def decide(agents: Sequence[Agent], aligned: Aligned, weights: Weights, policy: Policy, tools: ToolSet) -> Decisions:
    """Decide every statement of a team; headings, lead-ins and tags are left to composition."""
    table = table_of(agents, aligned, weights, policy, tools)
    procedures = procedures_of(agents)
    _drop_comments(table)
    settle_persona(table)
    settle_clashes(table, aligned.clashes)
    settle_scales(table)
    settle_lengths(table)
    settle_examples(table)
    settle_shapes(table)
    settle_equal_tables(table)
    settle_translated_tables(table)
    report_habits(table)
    merge_statements(table, procedures, mergeable(procedures, aligned.alignments))
    return Decisions(
        units=table.made,
        conflicts=tuple(table.conflicts),
        findings=tuple(table.findings),
        wanted=tuple(sorted(set(table.wanted))),
        language=table.language,
        procedures=procedures,
    )


def _drop_comments(table: Table) -> None:
    for unit in table.units.values():
        if unit.kind is Kind.COMMENT and table.policy.choice("comments", at=table.subject(unit.id)) == "drop":
            table.record(unit.id, Outcome.DROPPED, "COMM001", "comments of sources do not pass into the canonical agent")
