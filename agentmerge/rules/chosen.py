"""What a rule makes of one frontmatter key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agentmerge.model import Agent, Conflict, FieldDecision, Finding, Outcome, Value
from agentmerge.rules.policy import Subject


class Chosen(NamedTuple):
    """A key's value in the canonical agent (``present`` false: the key is left out)."""

    key: str
    value: Value
    present: bool
    decisions: tuple[FieldDecision, ...]
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()


Votes = Sequence[tuple[str, Value]]


def votes(agents: Sequence[Agent], key: str) -> list[tuple[str, Value]]:
    """Who says what, by source id; an empty value (``model:``) says nothing."""
    return [(agent.source.id, agent.value(key)) for agent in agents if agent.value(key) not in (None, "")]


def subject(key: str, given: Votes) -> Subject:
    """What a decision on a key is about, for the policy's selectors: the key, and the sources that state it."""
    return Subject(key=key, sources=tuple(source for source, _ in given))


def settle(key: str, rule: str, given: Votes, value: Value, why: str, lost: str) -> tuple[FieldDecision, ...]:
    """Decisions of a key of which ``value`` stays: equal ones are kept or merged, others overridden."""
    made = []
    kept = False
    for source, own in given:
        if own == value:
            outcome, reason = (Outcome.MERGED, "the same value") if kept else (Outcome.KEPT, why)
            kept = True
        else:
            outcome, reason = Outcome.OVERRIDDEN, lost
        made.append(FieldDecision(source=source, key=key, outcome=outcome, rule=rule, why=reason))
    return tuple(made)


def dropped(key: str, rule: str, given: Votes, why: str) -> tuple[FieldDecision, ...]:
    """Decisions of a key that is left out."""
    return tuple(FieldDecision(source=source, key=key, outcome=Outcome.DROPPED, rule=rule, why=why) for source, _ in given)


def line_of(agents: Sequence[Agent], source: str, key: str) -> int:
    """The line on which a source states a key."""
    return next(f.lines[0] for agent in agents if agent.source.id == source for f in agent.fields if f.key == key)
