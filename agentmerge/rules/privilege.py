"""PRIV001: of what several sources let their agents do beyond tools, the strictest; executable things only if the policy names them.

Leaving out a key that limits (a mode stricter than the default, isolation) would widen, so those
stay under every strategy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Agent, Conflict, FieldDecision, Finding, Outcome, Value
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.policy import Policy, Subject
from agentmerge.rules.powers import (
    DEFAULT_MODE,
    ISOLATED,
    MODES,
    PRIVILEGE_KEYS,
    SCOPES,
    entries,
    mode_rank,
    parts,
    scope_rank,
    switched_on,
    value_text,
)

_RUNS = {"hooks": "runs commands", "mcpServers": "starts a server", "initialPrompt": "starts work unasked"}


class _Given(NamedTuple):
    """A key as the sources have it: ``said`` are those that state it, the most trusted first."""

    key: str
    sources: tuple[str, ...]
    said: tuple[tuple[str, Value], ...]
    rank: Mapping[str, int]
    allow: frozenset[str]
    drop: bool

    @property
    def everywhere(self) -> bool:
        return len(self.said) == len(self.sources)

    def allowed(self, name: str) -> bool:
        return self.key in self.allow or f"{self.key}.{name}" in self.allow

    def shown(self, name: str) -> str:
        return f"{self.key}.{name}" if name else self.key


class _Verdict(NamedTuple):
    """What stays of a key (``None``: nothing), why, and what the sources disagree on."""

    value: Value
    why: str
    conflicts: tuple[Conflict, ...] = ()


def choose_privilege(agents: Sequence[Agent], key: str, policy: Policy) -> Chosen:
    """What the canonical agent has of a key of privilege, and what became of it in each source."""
    given = _given(agents, key, policy)
    verdict = _RULES.get(key, _by_entry)(given)
    decisions = tuple(_decisions(given, verdict))
    return Chosen(key=key, value=verdict.value, present=verdict.value is not None, decisions=decisions, conflicts=verdict.conflicts)


def _given(agents: Sequence[Agent], key: str, policy: Policy) -> _Given:
    at = Subject(key=key)
    rank = {agent.source.id: policy.rank(agent.source.id, at=at) for agent in agents}
    said = [(agent.source.id, agent.value(key)) for agent in agents if agent.value(key) not in (None, "")]
    return _Given(
        key=key,
        sources=tuple(agent.source.id for agent in agents),
        said=tuple(sorted(said, key=lambda entry: (rank[entry[0]], entry[0]))),
        rank=rank,
        allow=allowance(policy, key),
        drop=policy.choice("privilege", at=at) == "drop",
    )


def _decisions(given: _Given, verdict: _Verdict) -> Iterable[FieldDecision]:
    kept = False
    stays = parts(given.key, verdict.value)
    for source, own in sorted(given.said):
        if verdict.value is not None and parts(given.key, own) == stays:
            outcome = Outcome.MERGED if kept else Outcome.KEPT
            kept = True
        else:
            outcome = Outcome.DROPPED if verdict.value is None else Outcome.OVERRIDDEN
        yield FieldDecision(source=source, key=given.key, outcome=outcome, rule="PRIV001", why=verdict.why)


def _conflict(given: _Given, decision: str, why: str, *, resolved: bool = True, name: str = "", members: Iterable[str] = ()) -> Conflict:
    sources = sorted(members) or sorted(source for source, _ in given.said)
    return Conflict(
        id=given.shown(name),
        kind="privilege",
        members=tuple(f"{source}:{given.key}" for source in sources),
        decision=decision,
        resolved=resolved,
        rule="PRIV001",
        why=why,
    )


def _to_keep(names: Iterable[str]) -> str:
    """The line of a policy that lets these in."""
    written = ", ".join(name if re.fullmatch(r"[A-Za-z][\w.-]*", name) else json.dumps(name, ensure_ascii=False) for name in names)
    return f"to keep it write 'privilege: {{allow: [{written}]}}' under 'rules:'"


# --- modes, memory, isolation, background -------------------------------------------------------


def _mode(given: _Given) -> _Verdict:
    known = [(source, str(value), MODES[str(value)]) for source, value in given.said if str(value) in MODES]
    unknown = sorted(f"{source}: {value_text(value)}" for source, value in given.said if str(value) not in MODES)
    ranks = [rank for _, _, rank in known] + [DEFAULT_MODE] * (len(given.sources) - len(known))
    value = _allowed_mode(given, known) or _strictest_mode(given, known, min(ranks))
    stays = f"permissionMode: {value} stays" if value else "permissionMode is left out, which is the default mode"
    if len(set(ranks)) == 1 and not unknown and (mode_rank(value) == ranks[0]):
        return _Verdict(value, "every source has it alike" if value else "the default, which no mode is too")
    why = f"the strictest of {', '.join(sorted(f'{source}: {mode}' for source, mode, _ in known))}" if known else "no mode is known"
    if len(known) < len(given.sources):
        why += "; no mode counts as the default"
    if given.drop and min(ranks) > DEFAULT_MODE:
        why = "the policy drops what is wider than the default"
    if f"permissionMode.{value}" in given.allow:
        why = f"the policy allows permissionMode.{value}"
    if unknown:
        why += f"; not known, and left out: {', '.join(unknown)}"
    wider = [mode for _, mode, rank in sorted(known, key=lambda entry: entry[2]) if rank > (mode_rank(value) or 0)]
    if wider and not given.allow:
        why += f"; {_to_keep([f'permissionMode.{wider[0]}'])}"
    return _Verdict(value, why, (_conflict(given, stays, why, resolved=not unknown),))


def _allowed_mode(given: _Given, known: Sequence[tuple[str, str, int]]) -> str | None:
    """The strictest of the modes that the policy names and a source has."""
    named = [(rank, mode) for _, mode, rank in known if f"permissionMode.{mode}" in given.allow]
    return min(named)[1] if named else None


def _strictest_mode(given: _Given, known: Sequence[tuple[str, str, int]], strictest: int) -> str | None:
    # To inherit the parent's mode is no wider than the default, so the default is written only when all write it.
    if strictest == DEFAULT_MODE and len(known) < len(given.sources):
        return None
    if given.drop and strictest >= DEFAULT_MODE:
        return None
    return next(mode for _, mode, rank in known if rank == strictest)


def _memory(given: _Given) -> _Verdict:
    having = [(source, value) for source, value in given.said if scope_rank(value)]
    everywhere = len(having) == len(given.sources) and not given.drop
    if not having:
        return _Verdict(None, "it is off")
    unknown = [value_text(value) for _, value in having if scope_rank(value) > len(SCOPES)]
    names = ", ".join(sorted(source for source, _ in having))
    if not everywhere and not given.allow:
        why = f"the policy drops it, and {names} had it" if given.drop else f"not every source has it: {names}"
        why += f"; it lets an agent read and write files; {_to_keep(['memory'])}"
        return _Verdict(None, why, (_conflict(given, "memory is left out", why),))
    if unknown:
        why = f"scopes that are not known: {', '.join(sorted(unknown))}"
        return _Verdict(None, why, (_conflict(given, "memory is left out", why, resolved=False),))
    value = SCOPES[min(scope_rank(value) for _, value in having) - 1]
    if everywhere and len({scope_rank(value) for _, value in having}) == 1:
        return _Verdict(value, "every source has it alike")
    why = f"the narrowest scope of {', '.join(sorted(f'{source}: {own}' for source, own in having))}"
    why = why if everywhere else f"the policy allows it; {why}"
    return _Verdict(value, why, (_conflict(given, f"memory: {value} stays", why),))


def _isolation(given: _Given) -> _Verdict:
    values = {value_text(value) for _, value in given.said}
    if len(values) == 1 and given.everywhere:
        return _Verdict(given.said[0][1], "every source has it alike")
    if ISOLATED in values:
        names = ", ".join(sorted(source for source, value in given.said if value == ISOLATED))
        why = f"{names} works apart; it limits, so it stays"
        return _Verdict(ISOLATED, why, (_conflict(given, f"isolation: {ISOLATED} stays", why),))
    if not values:
        return _Verdict(None, "it is empty")
    why = f"not known: {', '.join(sorted(values))}"
    return _Verdict(None, why, (_conflict(given, "isolation is left out", why, resolved=False),))


def _background(given: _Given) -> _Verdict:
    having = sorted(source for source, value in given.said if switched_on(value))
    if not having:
        return _Verdict(False if given.everywhere and given.said else None, "it is off")
    if len(having) == len(given.sources) and not given.drop:
        return _Verdict(True, "every source has it alike")
    if given.allow:
        why = f"the policy allows it; {', '.join(having)} runs in the background"
        return _Verdict(True, why, (_conflict(given, "background: true stays", why),))
    why = f"only {', '.join(having)} runs in the background; {_to_keep(['background'])}"
    return _Verdict(None, why, (_conflict(given, "background is left out", why),))


# --- hooks, servers, skills, first prompts ------------------------------------------------------


def _by_entry(given: _Given) -> _Verdict:
    owned = [(source, parts(given.key, value)) for source, value in given.said]
    names = list(dict.fromkeys(name for _, own in owned for name in own))
    outside = [name for name in names if not _enters(given, name, owned)]
    writers = {name: _writer(given, name, owned) for name in names if name not in outside}
    stays = {name: source for name, source in writers.items() if source is not None}
    undecided = [name for name in writers if name not in stays]
    conflicts = (
        *((_left_out(given, outside, owned),) if outside else ()),
        *(_differing(given, name, owned, stays.get(name)) for name in writers if name in undecided or len(_wordings(name, owned)) > 1),
    )
    why = "; ".join(
        [f"{', '.join(map(given.shown, stays))} stays"] * bool(stays) + [f"{c.decision}: {c.why}" for c in conflicts if c.id not in stays]
    )
    return _Verdict(_rebuilt(given, stays), why or "it is empty", conflicts)


_Owned = Sequence[tuple[str, Mapping[str, str]]]


def _enters(given: _Given, name: str, owned: _Owned) -> bool:
    """Whether an entry may stay at all: the policy names it, or it is a skill of every source."""
    if not _nameable(given, name):
        return False
    if given.allowed(name):
        return True
    return given.key == "skills" and not given.drop and sum(name in own for _, own in owned) == len(given.sources)


def _wordings(name: str, owned: _Owned) -> frozenset[str]:
    return frozenset(own[name] for _, own in owned if name in own)


def _writer(given: _Given, name: str, owned: _Owned) -> str | None:
    """The source whose definition stays: the first, if those that are trusted as much have the same."""
    having = [(source, own[name]) for source, own in owned if name in own]
    first = given.rank[having[0][0]]
    same = {text for source, text in having if given.rank[source] == first}
    return having[0][0] if len(same) == 1 else None


def _left_out(given: _Given, names: Sequence[str], owned: _Owned) -> Conflict:
    shown = [given.shown(name) for name in names]
    members = [source for source, own in owned if any(name in own for name in names)]
    reason = f"it {_RUNS[given.key]}, and the policy does not name it" if given.key in _RUNS else "it enters when every source has it"
    why = f"{_havers(given, names, owned)}; {'the policy drops it' if given.drop else reason}"
    nameable = [given.shown(name) for name in names if _nameable(given, name)]
    why += f"; {_to_keep(nameable)}" if nameable else "; what it says is no form that the format knows"
    return _conflict(given, f"{', '.join(shown)} {'is' if len(shown) == 1 else 'are'} left out", why, members=members)


def _nameable(given: _Given, name: str) -> bool:
    """Whether an entry can be allowed: in a form that no reader knows it has no name."""
    return bool(name) or given.key == "initialPrompt"


def _havers(given: _Given, names: Sequence[str], owned: _Owned) -> str:
    """Who has what: ``every source has hooks.Stop, only a has hooks.PreToolUse``, or ``only a has it`` of all of them."""
    had: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        had.setdefault(tuple(sorted(source for source, own in owned if name in own)), []).append(given.shown(name))
    if len(had) == 1:
        return f"{_who(given, next(iter(had)))} {'it' if len(names) == 1 else 'them'}"
    return ", ".join(f"{_who(given, sources)} {', '.join(shown)}" for sources, shown in had.items())


def _who(given: _Given, sources: Sequence[str]) -> str:
    if len(sources) == len(given.sources):
        return "every source has"
    return f"only {' and '.join(sources)} {'has' if len(sources) == 1 else 'have'}"


def _differing(given: _Given, name: str, owned: _Owned, winner: str | None) -> Conflict:
    members = [source for source, own in owned if name in own]
    shown = given.shown(name)
    if winner is None:
        why = f"{', '.join(sorted(members))} define it differently, and none comes first by priority"
        return _conflict(given, f"{shown} is left out", why, resolved=False, name=name, members=members)
    return _conflict(given, f"{shown} of {winner} stays", f"{', '.join(sorted(members))} define it differently", name=name, members=members)


def _rebuilt(given: _Given, stays: Mapping[str, str]) -> Value:
    """The key's value, of the entries that stay, each as its source writes it."""
    if not stays:
        return None
    values = dict(given.said)
    found = {name: next(e.value for e in entries(given.key, values[source]) if e.name == name) for name, source in stays.items()}
    if given.key == "initialPrompt":
        return found[""]
    if given.key == "hooks" or all(isinstance(values[source], Mapping) for source in stays.values()):
        return found
    return tuple(name if value is None else {name: value} for name, value in found.items())


_RULES: Mapping[str, Callable[[_Given], _Verdict]] = {
    "permissionMode": _mode,
    "memory": _memory,
    "isolation": _isolation,
    "background": _background,
}


# --- what the policy names ----------------------------------------------------------------------


def allowance(policy: Policy, key: str) -> frozenset[str]:
    """What the policy allows of a key: its own name for all of it, else ``key.name``."""
    allow = policy.option("privilege", "allow", at=Subject(key=key))
    named = allow if isinstance(allow, tuple) else ()
    return frozenset(str(entry) for entry in named if str(entry).partition(".")[0] == key)


def unused_allowances(agents: Sequence[Agent], policy: Policy) -> Iterator[Finding]:
    """A note for each allowed thing that no source has."""
    for key in PRIVILEGE_KEYS:
        there = set().union(*(_named(key, agent) for agent in agents))
        for entry in sorted(allowance(policy, key) - there):
            yield Finding(code="PRIV001", source="", line=0, message=f"the policy allows {entry}, and no source has it")


def _named(key: str, agent: Agent) -> Iterator[str]:
    """The names by which a policy can allow what an agent has of a key."""
    if key == "permissionMode":
        yield f"{key}.{agent.value(key)}"
        return
    for name in parts(key, agent.value(key)):
        yield from (key, f"{key}.{name}")
