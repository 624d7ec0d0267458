"""Decide what becomes of each statement: kept, merged, overridden, dropped, and by which rule.

Each pass looks at what earlier ones left undecided. What the policy takes out goes first, then what
contradicts; only what may stay is compared for merging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.align import Aligned
from agentmerge.merge.answered import settle_answered
from agentmerge.merge.answers import settle_answers
from agentmerge.merge.contradictions import settle_clashes
from agentmerge.merge.examples import settle_examples
from agentmerge.merge.exclusive import settle_exclusive
from agentmerge.merge.forms import settle_templates
from agentmerge.merge.habits import report_habits
from agentmerge.merge.lengths import settle_lengths
from agentmerge.merge.loose import report
from agentmerge.merge.own_names import settle_own_names
from agentmerge.merge.persona import settle_persona
from agentmerge.merge.references import settle_references
from agentmerge.merge.rivals import Kept, settle_rivals
from agentmerge.merge.scales import settle_scales
from agentmerge.merge.scopes import settle_scopes
from agentmerge.merge.score import Weights
from agentmerge.merge.shapes import settle_shapes
from agentmerge.merge.siblings import report_old_names, settle_siblings
from agentmerge.merge.stack import settle_stack
from agentmerge.merge.statements import merge_statements
from agentmerge.merge.table import Table, table_of
from agentmerge.merge.tables import settle_equal_tables, settle_joined_tables, settle_translated_tables
from agentmerge.merge.told import Told, wishes
from agentmerge.model import Agent, Conflict, Decision, Finding, Kind, Outcome, Trim
from agentmerge.rules.policy import Policy
from agentmerge.rules.privileges.toolset import ToolSet


class Decisions(NamedTuple):
    """Every unit's decision by unit id, what is in conflict or odd, and the language that wordings are in.

    ``wanted`` are tools that a rule asks to add to the canonical agent; ``liked`` and ``disliked`` are
    units that a person keeps or drops, for the choice among headings. ``forms`` are of answers, which stay whole;
    ``trims`` is what stays of units of which others say a part.
    """

    units: Mapping[str, Decision]
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    wanted: tuple[str, ...]
    language: str
    procedures: Mapping[str, str]
    trims: Mapping[str, Trim]
    liked: frozenset[str] = frozenset()
    disliked: frozenset[str] = frozenset()
    forms: Kept = Kept()


_NOTHING_TOLD = Told()


def decide(
    agents: Sequence[Agent], aligned: Aligned, weights: Weights, policy: Policy, tools: ToolSet, told: Told = _NOTHING_TOLD
) -> Decisions:
    """Decide every statement of a team; headings, lead-ins and tags are left to composition.

    What a person decided (``told``) comes first.
    """
    table = table_of(agents, aligned, weights, policy, tools)
    settle_answered(table, told, aligned.clashes)
    _drop_comments(table)
    settle_stack(table)
    notes = (*settle_references(table), *settle_siblings(table), *settle_scopes(table))
    settle_persona(table)
    settle_answers(table)
    settle_clashes(table, tuple(clash for clash in aligned.clashes if frozenset((clash.a, clash.b)) not in told.answered))
    settle_exclusive(table)
    settle_scales(table)
    settle_lengths(table)
    if policy.plugins:
        from agentmerge.merge.plugins import settle_plugins  # Most policies name none.

        settle_plugins(table)
    settle_examples(table)
    settle_shapes(table)
    settle_templates(table, aligned.versions)
    forms = settle_rivals(table, aligned.versions, wishes(told, stay=False))
    settle_equal_tables(table)
    settle_translated_tables(table)
    settle_joined_tables(table)
    report_habits(table)
    settle_own_names(table)
    merge_statements(table)
    report(table, notes)
    report_old_names(table)
    return Decisions(
        units=table.made,
        conflicts=tuple(table.conflicts),
        findings=tuple(table.findings),
        wanted=tuple(sorted(set(table.wanted))),
        language=table.language,
        procedures={unit: name for unit, name in table.procedures.items() if name not in table.dissolved},
        trims=table.trims,
        liked=frozenset(wishes(told, stay=True)),
        disliked=frozenset(wishes(told, stay=False)),
        forms=forms,
    )


def _drop_comments(table: Table) -> None:
    for unit in table.units.values():
        if unit.kind is Kind.COMMENT and table.policy.choice("comments", at=table.subject(unit.id)) == "drop":
            table.record(unit.id, Outcome.DROPPED, "COMM001", "comments of sources do not pass into the canonical agent")
