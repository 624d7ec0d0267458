"""PRIV001: of what several sources let their agents do beyond tools, the strictest; executable things only if the policy names them.

Leaving out a key that limits (a mode stricter than the default, isolation) would widen, so those
stay under every strategy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agentmerge.model import Agent, FieldDecision, Finding, Outcome
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.policy import Policy, Subject
from agentmerge.rules.privileges.entrants import choose_entries
from agentmerge.rules.privileges.given import Given, Verdict
from agentmerge.rules.privileges.limits import choose_background, choose_isolation, choose_memory, choose_mode
from agentmerge.rules.privileges.powers import PRIVILEGE_KEYS, parts

_RULES: Mapping[str, Callable[[Given], Verdict]] = {
    "permissionMode": choose_mode,
    "memory": choose_memory,
    "isolation": choose_isolation,
    "background": choose_background,
}


def choose_privilege(agents: Sequence[Agent], key: str, policy: Policy) -> Chosen:
    """What the canonical agent has of a key of privilege, and what became of it in each source."""
    given = _given(agents, key, policy)
    verdict = _RULES.get(key, choose_entries)(given)
    decisions = tuple(_decisions(given, verdict))
    return Chosen(key=key, value=verdict.value, present=verdict.value is not None, decisions=decisions, conflicts=verdict.conflicts)


def _given(agents: Sequence[Agent], key: str, policy: Policy) -> Given:
    at = _at(key, agents)
    rank = {agent.source.id: policy.rank(agent.source.id, at=at) for agent in agents}
    said = [(agent.source.id, agent.value(key)) for agent in agents if agent.value(key) not in (None, "")]
    return Given(
        key=key,
        sources=tuple(agent.source.id for agent in agents),
        said=tuple(sorted(said, key=lambda entry: (rank[entry[0]], entry[0]))),
        rank=rank,
        allow=allowance(policy, at),
        drop=policy.choice("privilege", at=at) == "drop",
    )


def _decisions(given: Given, verdict: Verdict) -> Iterable[FieldDecision]:
    kept = False
    stays = parts(given.key, verdict.value)
    for source, own in sorted(given.said):
        if verdict.value is not None and parts(given.key, own) == stays:
            outcome = Outcome.MERGED if kept else Outcome.KEPT
            kept = True
        else:
            outcome = Outcome.DROPPED if verdict.value is None else Outcome.OVERRIDDEN
        yield FieldDecision(source=source, key=given.key, outcome=outcome, rule="PRIV001", why=verdict.why)


def _at(key: str, agents: Sequence[Agent]) -> Subject:
    """What a decision on a key is about; an omitted key says something too, so every source is in it."""
    return Subject(key=key, sources=tuple(agent.source.id for agent in agents))


def allowance(policy: Policy, at: Subject) -> frozenset[str]:
    """What the policy allows of a subject's key: its own name for all of it, else ``key.name``."""
    allow = policy.option("privilege", "allow", at=at)
    named = allow if isinstance(allow, tuple) else ()
    return frozenset(str(entry) for entry in named if str(entry).partition(".")[0] == at.key)


def unused_allowances(agents: Sequence[Agent], policy: Policy) -> Iterator[Finding]:
    """A note for each allowed thing that no source has."""
    for key in PRIVILEGE_KEYS:
        there = set().union(*(_named(key, agent) for agent in agents))
        for entry in sorted(allowance(policy, _at(key, agents)) - there):
            yield Finding(code="PRIV001", source="", line=0, message=f"the policy allows {entry}, and no source has it")


def _named(key: str, agent: Agent) -> Iterator[str]:
    """The names by which a policy can allow what an agent has of a key."""
    if key == "permissionMode":
        yield f"{key}.{agent.value(key)}"
        return
    for name in parts(key, agent.value(key)):
        yield from (key, f"{key}.{name}")
