"""Settle statements that cannot both hold (CONF001 to CONF008), by the strategy of their rule."""

from __future__ import annotations

from agentmerge.merge.clashes import Clash
from agentmerge.merge.statements import says_all_but
from agentmerge.merge.table import Table
from agentmerge.model import Outcome
from agentmerge.rules.age import younger
from agentmerge.rules.contradictions import Side, Strategy, decide_contradiction
from agentmerge.rules.policy import Subject
from agentmerge.rules.registry import BY_KEY


def settle_clashes(table: Table, clashes: tuple[Clash, ...]) -> None:
    """Decide each clash whose two statements still stand."""
    for clash in clashes:
        if table.stands(clash.a) and table.stands(clash.b):
            settle(table, clash)


def settle(table: Table, clash: Clash) -> None:
    """Decide one clash: the loser is overridden, or both stay; the conflict is recorded either way.

    A loser that says more than what clashes stays as well: deciding a number must not cost a claim.
    """
    rule = BY_KEY[clash.kind].code
    at = table.subject(clash.a, clash.b)
    strategy = Strategy(table.policy.choice(clash.kind, at=at))
    newer = clash.newer or _younger(table, clash)
    sides = (_side(table, clash, clash.a, at, newer), _side(table, clash, clash.b, at, newer))
    verdict = decide_contradiction(strategy, *sides)
    decision, resolved = verdict.decision, verdict.resolved
    if verdict.winner is not None:
        loser = clash.b if verdict.winner == clash.a else clash.a
        if loser in table.pinned:
            decision, resolved = f"{verdict.decision}, and {loser} stays too, for a person keeps it", False
        elif not verdict.resolved and loser in table.procedures:
            # A procedure stays whole until somebody decides.
            decision = f"{verdict.decision}, and {loser} stays too, for it is a step of a procedure"
        elif says_all_but(table, loser, verdict.winner):
            table.record(loser, Outcome.OVERRIDDEN, rule, f"{clash.why}; {verdict.decision}", verdict.winner)
        else:
            decision, resolved = f"{verdict.decision}, and {loser} stays too, for it says more", False
    table.dispute(
        clash.kind,
        (clash.a, clash.b),
        decision=decision,
        resolved=resolved,
        rule=rule,
        why=clash.why,
        fails=verdict.fails,
        marked=verdict.marked,
    )


def _younger(table: Table, clash: Clash) -> str | None:
    """The unit whose source says that it is the younger."""
    agents = {agent.source.id: agent for agent in table.agents}
    a, b = (agents[table.units[unit].source] for unit in (clash.a, clash.b))
    found = younger(a, b)
    return None if found is None else clash.a if found is a else clash.b


def _side(table: Table, clash: Clash, unit: str, at: Subject, newer: str | None) -> Side:
    source = table.units[unit].source
    return Side(
        unit=unit,
        source=source,
        rank=table.policy.rank(source, at=at),
        stricter=clash.stricter == unit,
        newer=newer == unit,
        safest=clash.safest == unit,
    )
