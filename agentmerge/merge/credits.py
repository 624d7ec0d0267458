"""Say in the account what a person decided (DEC001): in headings, in conflicts, and of sources that are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.merge.answered import LAYOUT, RULE
from agentmerge.merge.compose import Body
from agentmerge.merge.told import Told, wishes
from agentmerge.model import Agent, Conflict, Decision, FieldDecision, Finding, Kind, Outcome
from agentmerge.rules.decisions import BOTH, DIFFERENT, SAME, said


def credited(body: Body, told: Told, agents: Sequence[Agent]) -> Body:
    """The body with a person's part in its headings named, and with what could not be followed as findings."""
    if not told.answered and not told.keep and not told.drop:
        return body
    units = {unit.id: unit for agent in agents for unit in agent.units}
    decisions = dict(body.decisions)
    findings = list(body.findings)

    def find(unit: str, message: str) -> None:
        findings.append(Finding(code=RULE, source=units[unit].source, line=units[unit].lines[0], message=message))

    for unit, note in wishes(told, stay=True).items():
        if units[unit].kind in LAYOUT:
            if decisions[unit].outcome is Outcome.KEPT:
                decisions[unit] = decisions[unit]._replace(rule=RULE, why=said(note))
            else:
                find(unit, f"a person keeps it, but a {units[unit].kind} goes with what stands under it: {decisions[unit].why}")
    for unit, note in wishes(told, stay=False).items():
        if units[unit].kind is Kind.HEADING:
            if decisions[unit].outcome is Outcome.KEPT:
                find(unit, "a person drops it, but what stands under it stays and has no other heading")
            else:
                decisions[unit] = decisions[unit]._replace(rule=RULE, why=said(note))
    for pair, entry in told.same.items():
        for unit in sorted(pair):
            made = decisions[unit]
            if made.outcome is Outcome.MERGED and made.into in pair and made.rule != RULE:
                decisions[unit] = made._replace(rule=RULE, why=said(entry.note))
    for pair, entry in told.apart.items():
        for unit in sorted(pair):
            if decisions[unit].rule == "KEEP001" and decisions[unit].outcome is Outcome.KEPT:
                other = next(iter(pair - {unit}))
                decisions[unit] = decisions[unit]._replace(rule=RULE, why=f"kept apart from {other}: {said(entry.note)}")
    return body._replace(decisions=decisions, findings=tuple(findings))


def settled_conflicts(conflicts: Sequence[Conflict], told: Told) -> tuple[Conflict, ...]:
    """The same conflicts; one that an answer is about is decided, whichever rule found it."""
    return tuple(_settled(conflict, told) for conflict in conflicts)


def _settled(conflict: Conflict, told: Told) -> Conflict:
    if conflict.resolved or conflict.rule == RULE:
        return conflict
    keys = {member.rpartition(":")[2] for member in conflict.members}
    if len(keys) == 1 and conflict.rule != "TOOLS001" and (answer := told.keys.get(next(iter(keys)))) is not None:
        return conflict._replace(resolved=True, rule=RULE, why=f"{conflict.why}; {said(answer.note)}", fails=False)
    for judged in told.judged:
        members = {unit for side in judged.units for unit in side}
        if set(conflict.members) <= members and judged.entry.answer != SAME:
            done = "both stay" if judged.entry.answer in (BOTH, DIFFERENT) else conflict.decision
            return conflict._replace(resolved=True, rule=RULE, decision=f"{done}: {said(judged.entry.note)}", fails=False)
    return conflict


# --- sources that are left out -----------------------------------------------------------------


def excluded_decisions(agents: Sequence[Agent], told: Told) -> Mapping[str, Decision]:
    """Every unit of a source that a person left out is dropped."""
    return {
        unit.id: Decision(unit=unit.id, outcome=Outcome.DROPPED, into=None, rule=RULE, why=_left_out(agent, told))
        for agent in agents
        if agent.source.id in told.excluded
        for unit in agent.units
    }


def excluded_fields(agents: Sequence[Agent], told: Told) -> tuple[FieldDecision, ...]:
    """Every frontmatter key of a source that a person left out is dropped."""
    return tuple(
        FieldDecision(source=agent.source.id, key=f.key, outcome=Outcome.DROPPED, rule=RULE, why=_left_out(agent, told))
        for agent in agents
        if agent.source.id in told.excluded
        for f in agent.fields
    )


def _left_out(agent: Agent, told: Told) -> str:
    return f"its source is left out: {said(told.excluded[agent.source.id].note)}"
