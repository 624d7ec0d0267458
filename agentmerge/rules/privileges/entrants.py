"""PRIV001 for keys with many entries: skills that all have; hooks, servers and first prompts that the policy names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.model import Conflict, Value
from agentmerge.rules.privileges.given import Given, Verdict, conflict, to_keep
from agentmerge.rules.privileges.powers import entries, parts

_RUNS = {"hooks": "runs commands", "mcpServers": "starts a server", "initialPrompt": "starts work unasked"}


def choose_entries(given: Given) -> Verdict:
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
    told = {one.id for one in conflicts}
    agreed = [shown for name in stays if (shown := given.shown(name)) not in told]
    why = [f"{', '.join(agreed)} {'stays' if len(agreed) == 1 else 'stay'}"] if agreed else []
    why += [f"{one.decision}: {one.why}" for one in conflicts]
    return Verdict(_rebuilt(given, stays), "; ".join(why) or "it is empty", conflicts)


_Owned = Sequence[tuple[str, Mapping[str, str]]]


def _enters(given: Given, name: str, owned: _Owned) -> bool:
    """Whether an entry may stay at all: the policy names it, or it is a skill of every source."""
    if not _nameable(given, name):
        return False
    if given.allowed(name):
        return True
    return given.key == "skills" and not given.drop and sum(name in own for _, own in owned) == len(given.sources)


def _wordings(name: str, owned: _Owned) -> frozenset[str]:
    return frozenset(own[name] for _, own in owned if name in own)


def _writer(given: Given, name: str, owned: _Owned) -> str | None:
    """The source whose definition stays: the first, if those that are trusted as much have the same."""
    having = [(source, own[name]) for source, own in owned if name in own]
    first = given.rank[having[0][0]]
    same = {text for source, text in having if given.rank[source] == first}
    return having[0][0] if len(same) == 1 else None


def _left_out(given: Given, names: Sequence[str], owned: _Owned) -> Conflict:
    shown = [given.shown(name) for name in names]
    members = [source for source, own in owned if any(name in own for name in names)]
    reason = f"what {_RUNS[given.key]} enters by name only" if given.key in _RUNS else "a skill enters when every source has it"
    why = f"{_havers(given, names, owned)}; {'the policy drops it' if given.drop else reason}"
    nameable = [given.shown(name) for name in names if _nameable(given, name)]
    why += f"; {to_keep(nameable)}" if nameable else "; what it says is no form that the format knows"
    return conflict(given, f"{', '.join(shown)} {'is' if len(shown) == 1 else 'are'} left out", why, members=members)


def _nameable(given: Given, name: str) -> bool:
    """Whether an entry can be allowed: in a form that no reader knows it has no name."""
    return bool(name) or given.key == "initialPrompt"


def _havers(given: Given, names: Sequence[str], owned: _Owned) -> str:
    """Who has what: ``every source has hooks.Stop, only a has hooks.PreToolUse``, or ``only a has it`` of all of them."""
    had: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        had.setdefault(tuple(sorted(source for source, own in owned if name in own)), []).append(given.shown(name))
    if len(had) == 1:
        return f"{_who(given, next(iter(had)))} {'it' if len(names) == 1 else 'them'}"
    return ", ".join(f"{_who(given, sources)} {', '.join(shown)}" for sources, shown in had.items())


def _who(given: Given, sources: Sequence[str]) -> str:
    if len(sources) == len(given.sources):
        return "every source has"
    return f"only {' and '.join(sources)} {'has' if len(sources) == 1 else 'have'}"


def _differing(given: Given, name: str, owned: _Owned, winner: str | None) -> Conflict:
    members = [source for source, own in owned if name in own]
    shown = given.shown(name)
    if winner is None:
        why = f"{', '.join(sorted(members))} define it differently, and none comes first by priority"
        return conflict(given, f"{shown} is left out", why, resolved=False, name=name, members=members)
    return conflict(given, f"{shown} of {winner} stays", f"{', '.join(sorted(members))} define it differently", name=name, members=members)


def _rebuilt(given: Given, stays: Mapping[str, str]) -> Value:
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
