"""Frontmatter keys that the format does not know (KEYS001): dropped, kept, put under ``metadata``, or lifted into the body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from agentmerge.model import Agent, Conflict, Field, FieldDecision, Finding, Kind, Outcome, Value
from agentmerge.rules.chosen import Chosen, Votes, dropped, line_of, settle, subject, votes
from agentmerge.rules.dialects import LIMITS, told, tools_with
from agentmerge.rules.policy import Policy

# Keys that the Claude Code format defines (https://code.claude.com/docs/en/sub-agents).
KNOWN_KEYS = (
    "name", "description", "tools", "disallowedTools", "model", "permissionMode", "maxTurns", "skills", "mcpServers", "hooks", "memory",
    "background", "effort", "isolation", "color", "initialPrompt",
)  # fmt: skip
CODE = "KEYS001"
_HOME = "metadata"


def unknown_keys(agents: Sequence[Agent]) -> tuple[str, ...]:
    """The keys of the sources that the format does not know, sorted."""
    return tuple(sorted({f.key for agent in agents for f in agent.fields} - set(KNOWN_KEYS)))


def strategy_for(key: str, given: Votes, policy: Policy) -> str:
    """What the policy does with an unknown key: its first pattern that matches, else the strategy."""
    at = subject(key, given)
    return _pattern(key, given, policy) or policy.choice("keys", at=at)


def _pattern(key: str, given: Votes, policy: Policy) -> str | None:
    patterns = policy.option("keys", "patterns", at=subject(key, given))
    assert isinstance(patterns, tuple)
    return next((str(word) for pattern, word in patterns if fnmatchcase(key, str(pattern))), None)


def choose_keys(agents: Sequence[Agent], policy: Policy) -> tuple[Chosen, ...]:
    """Every unknown key of the sources; those that go under ``metadata`` are one choice."""
    given = {key: votes(agents, key) for key in unknown_keys(agents)}
    strategies = {key: strategy_for(key, given[key], policy) for key in given if given[key]}
    spaced = [key for key, strategy in strategies.items() if strategy == "namespace"]
    if spaced and _HOME in strategies and _HOME not in spaced and not _pattern(_HOME, given[_HOME], policy):
        # What already stands where other keys are moved to is not lost by it.
        spaced.append(_HOME)
    chosen = [choose_plain(agents, key, policy, strategies[key]) for key in strategies if key not in spaced]
    if not spaced:
        return tuple(chosen)
    kept = next((one for one in chosen if one.key == _HOME and one.present), None)
    home = _namespaced(agents, {key: given[key] for key in sorted(spaced)}, kept)
    return (*(one for one in chosen if one is not kept), home)


def choose_plain(agents: Sequence[Agent], key: str, policy: Policy, strategy: str | None = None) -> Chosen:
    """One key without a rule of its own; one of the format is kept when the sources that have it agree."""
    given = votes(agents, key)
    strategy = strategy or ("agree" if key in KNOWN_KEYS else strategy_for(key, given, policy))
    if not given:
        return Chosen(key=key, value=None, present=False, decisions=())
    differ = any(value != given[0][1] for _, value in given)
    if strategy == "lift":
        return Chosen(key=key, value=None, present=False, decisions=tuple(_lifted(agents, key)), findings=_limits(agents, key, given))
    if strategy == "drop" or (strategy == "agree" and differ):
        why = told(key) if strategy == "drop" else "the sources differ"
        return Chosen(key=key, value=None, present=False, decisions=dropped(key, CODE, given, why), findings=_limits(agents, key, given))
    at = subject(key, given)
    ranks = {source: policy.rank(source, at=at) for source, _ in given}
    source, value = min(given, key=lambda entry: (ranks[entry[0]], entry[0]))
    first = {str(own) for name, own in given if ranks[name] == ranks[source]}
    return Chosen(
        key=key,
        value=value,
        present=True,
        decisions=settle(key, CODE, given, value, "kept as it is", f"the value of {source} stays"),
        conflicts=(_loss(key, given, source, resolved=len(first) == 1),) if differ else (),
    )


def _loss(key: str, given: Votes, winner: str, *, resolved: bool) -> Conflict:
    return Conflict(
        id=key,
        kind="keys",
        members=tuple(f"{source}:{key}" for source, _ in given),
        decision=f"the value of {winner} stays",
        resolved=resolved,
        rule=CODE,
        why=f"sources differ in {key}",
    )


def _limits(agents: Sequence[Agent], key: str, given: Votes) -> tuple[Finding, ...]:
    """A note for each source whose key grants or limits something in another tool and is left out."""
    if key not in LIMITS:
        return ()
    where = " and ".join(tools_with(key))
    what = f"{key!r} is left out: it grants or limits what the agent may do in {where}, so there the merged agent may do other things"
    return tuple(Finding(code=CODE, source=source, line=line_of(agents, source, key), message=what) for source, _ in given)


# --- lifted into the body ------------------------------------------------------------------------


def _lifted(agents: Sequence[Agent], key: str) -> Iterator[FieldDecision]:
    for agent in agents:
        for f in agent.fields:
            if f.key == key and f.value not in (None, ""):
                count = len(lifted_units(agent, f))
                left = sum(1 for _ in _leaves(f.value)) - count
                outside = f"; {_counted(left, 'value')} (numbers, paths, patterns) stay{'s' if left == 1 else ''} out" if left > 0 else ""
                if count:
                    why = f"lifted into the body: {_counted(count, 'statement')}{outside}"
                    yield FieldDecision(source=f.source, key=key, outcome=Outcome.KEPT, rule=CODE, why=why)
                else:
                    why = "states nothing that could be lifted into the body"
                    yield FieldDecision(source=f.source, key=key, outcome=Outcome.DROPPED, rule=CODE, why=why)


def lifted_units(agent: Agent, field: Field) -> tuple[int, ...]:
    """The list items that were lifted from a key's lines; sentences of one text are one."""
    first, last = field.lines
    found = {u.item for u in agent.units if u.kind is not Kind.HEADING and first <= u.lines[0] <= last}
    return tuple(sorted(item for item in found if item is not None))


def _leaves(value: Value) -> Iterator[Value]:
    """The scalars of a value, in order."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    elif value not in (None, ""):
        yield value


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


# --- under ``metadata`` --------------------------------------------------------------------------


def _namespaced(agents: Sequence[Agent], given: Mapping[str, Votes], kept: Chosen | None) -> Chosen:
    """One ``metadata`` map: a key that every source has alike stands in it, others under their source's id.

    ``kept`` is a ``metadata`` key that the policy keeps as it is.
    """
    shared: dict[str, Value] = {}
    own: dict[str, dict[str, Value]] = {}
    decisions = list(kept.decisions) if kept else []
    for key, said in given.items():
        if len(said) == len(agents) and all(value == said[0][1] for _, value in said):
            shared[key] = said[0][1]
            decisions.extend(settle(key, CODE, said, said[0][1], "every source has it: under 'metadata'", ""))
            continue
        for source, value in said:
            own.setdefault(source, {})[key] = value
            decisions.append(FieldDecision(source=source, key=key, outcome=Outcome.KEPT, rule=CODE, why=f"under 'metadata', at {source!r}"))
    if kept:
        shared[_HOME] = kept.value
    places = {source: _spread(values, ()) for source, values in sorted(own.items())}
    value = {**_spread(shared, tuple(places)), **places}
    return Chosen(key=_HOME, value=value, present=True, decisions=tuple(decisions), conflicts=kept.conflicts if kept else ())


def _spread(values: Mapping[str, Value], taken: Sequence[str]) -> dict[str, Value]:
    """The values with the entries of an own ``metadata`` map among them; as it is, when one would hide another."""
    inner = values.get(_HOME)
    rest = {key: value for key, value in values.items() if key != _HOME}
    if inner is None:
        return rest
    if isinstance(inner, Mapping) and not {*inner} & {*rest, *taken}:
        return {**inner, **rest}
    return {**rest, _HOME: inner}
