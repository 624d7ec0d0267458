"""One identity sentence opens the canonical agent (PERS001)."""

from __future__ import annotations

from agentmerge.merge.identity import identities_of
from agentmerge.merge.table import Table
from agentmerge.model import Outcome, Unit


def settle_persona(table: Table) -> None:
    """Keep the identity that shares most with the others."""
    found = [unit for agent in table.agents for unit in identities_of(agent) if table.stands(unit.id)]
    at = table.subject(*(unit.id for unit in found))
    if table.policy.choice("persona", at=at) == "keep":
        return
    if len({unit.source for unit in found}) < 2:
        return

    def central(unit: Unit) -> tuple[float, ...]:
        own = table.reading(unit.id).concepts
        shared = sum(table.comparison.mass(own & table.reading(other.id).concepts) for other in found if other.source != unit.source)
        fits = 1.0 if unit.language == table.language else 0.0
        return (fits, -float(table.policy.rank(unit.source, at=at)), round(shared, 2), -float(len(unit.text)))

    chosen = sorted(found, key=lambda u: (u.id not in table.pinned, tuple(-x for x in central(u)), u.id))[0]
    table.record(chosen.id, Outcome.KEPT, "PERS001", "the one identity sentence: it shares most with the others")
    for unit in found:
        # What an author adds about the agent that was chosen is part of that identity.
        if unit is not chosen and unit.source != chosen.source:
            table.record(unit.id, Outcome.OVERRIDDEN, "PERS001", "one identity sentence is enough", chosen.id)
