"""Statements and code that are the same but for the name of their own agent (REF002)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from agentmerge.merge.claims import STATEMENTS
from agentmerge.merge.identity import identities_of
from agentmerge.merge.loose import loose
from agentmerge.merge.siblings import names_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit
from agentmerge.rules.names import choose_name
from agentmerge.rules.text.siblings import same_name, without_names

_CODE = "REF002"


def settle_own_names(table: Table) -> None:
    """Merge what is the same but for its agent's own name into the one that bears the merged agent's, or the base's."""
    names = {agent.source.id: names_of(agent) for agent in table.agents}
    rank = _ranks(table, names)
    for group in _alike(table, names).values():
        group.sort(key=lambda unit: rank[unit.source])
        stays = group[0]
        for unit in group[1:]:
            pair = frozenset((unit.id, stays.id))
            if unit.source != stays.source and unit.source != table.policy.base and pair not in table.clashing:
                why = f"the same but for its agent's own name, and {stays.source} is the one that is left"
                table.record(unit.id, Outcome.MERGED, _CODE, why, stays.id)


def _ranks(table: Table, names: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[object, ...]]:
    """Whose name is left: the base's, then who is called as the merged agent is, then by priority."""
    called = str(choose_name(table.agents, table.policy).value)
    return {
        source: (source != table.policy.base, not any(same_name(name, called) for name in own), table.policy.rank(source), source)
        for source, own in names.items()
    }


def _alike(table: Table, names: Mapping[str, tuple[str, ...]]) -> Mapping[tuple[Kind, str], list[Unit]]:
    """What names its own agent, by its text without that name."""
    found: dict[tuple[Kind, str], list[Unit]] = defaultdict(list)
    may_go = loose(table)
    identities = {unit.id for agent in table.agents for unit in identities_of(agent)}
    for unit in table.undecided():
        if (unit.kind is Kind.CODE or (unit.kind in STATEMENTS and unit.id in may_go)) and unit.id not in identities:
            bare = without_names(unit.text, names[unit.source])
            if bare != unit.text and unit.id not in table.procedures:
                found[(unit.kind, " ".join(bare.lower().split()))].append(unit)
    return found
