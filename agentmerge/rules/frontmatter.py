"""Rules for the frontmatter keys other than ``name``, ``description`` and ``tools``.

Each rule takes what the sources say and returns the value that stays and what became of the
others; none of them looks at a body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from agentmerge.model import Agent, Conflict, Value
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.chosen import dropped as _dropped
from agentmerge.rules.chosen import settle as _settle
from agentmerge.rules.chosen import votes as _votes
from agentmerge.rules.keys import KNOWN_KEYS, choose_keys, choose_plain
from agentmerge.rules.policy import Policy

PRIVILEGE_KEYS = ("permissionMode", "skills", "mcpServers", "hooks", "memory", "background", "isolation", "initialPrompt")
_MODELS = ("haiku", "sonnet", "opus")


def choose_model(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """MODEL001: the model most of the sources that name one name; omitted is no vote."""
    given = _votes(agents, "model")
    strategy = policy.choice("model")
    if not given or strategy == "drop":
        return Chosen(key="model", value=None, present=False, decisions=_dropped("model", "MODEL001", given, "the policy drops the model"))
    count = Counter(str(value) for _, value in given)

    def first(entry: tuple[str, Value]) -> int:
        source, value = entry
        return {"majority": -count[str(value)], "priority": policy.rank(source), "largest": -_size(value)}[strategy]

    value = min(given, key=lambda entry: (first(entry), policy.rank(entry[0]), -_size(entry[1]), entry[0]))[1]
    why = f"named by {count[str(value)]} of {len(given)} sources that name one"
    conflicts: tuple[Conflict, ...] = ()
    if len(count) > 1:
        best = min(map(first, given))
        tie = len({str(value) for source, value in given if first((source, value)) == best}) > 1
        named = ", ".join(sorted(count))
        conflicts = (
            Conflict(
                id="model",
                kind="model",
                members=tuple(f"{s}:model" for s, _ in given),
                decision=f"{value} stays",
                resolved=not tie,
                rule="MODEL001",
                why=f"sources name {named}",
            ),
        )
    decisions = _settle("model", "MODEL001", given, value, why, f"the model is {value}")
    return Chosen(key="model", value=value, present=True, decisions=decisions, conflicts=conflicts)


def _size(model: Value) -> int:
    """A model's place among those whose order is known; -1 for another."""
    return _MODELS.index(str(model)) if str(model) in _MODELS else -1


def choose_color(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """COLOR001: kept when the sources that state a colour agree, by default."""
    given = _votes(agents, "color")
    count = Counter(str(value) for _, value in given)
    strategy = policy.choice("color")
    if not given or strategy == "drop" or (strategy == "agree" and len(count) > 1):
        why = "the policy drops the colour" if strategy == "drop" else "cosmetic, and the sources differ"
        return Chosen(key="color", value=None, present=False, decisions=_dropped("color", "COLOR001", given, why))
    by_rank = strategy == "priority"
    value = min(given, key=lambda e: (policy.rank(e[0]) if by_rank else 0, -count[str(e[1])], policy.rank(e[0]), str(e[1])))[1]
    return Chosen(
        key="color",
        value=value,
        present=True,
        decisions=_settle("color", "COLOR001", given, value, "the sources' colour", f"the colour is {value}"),
    )


def choose_privilege(agents: Sequence[Agent], key: str, policy: Policy) -> Chosen:
    """PRIV001: a mode, hook, server, memory or skill stays only when every source has it alike."""
    given = _votes(agents, key)
    if not given:
        return Chosen(key=key, value=None, present=False, decisions=())
    alike = len(given) == len(agents) and all(value == given[0][1] for _, value in given)
    if alike and policy.choice("privilege") != "drop":
        return Chosen(
            key=key, value=given[0][1], present=True, decisions=_settle(key, "PRIV001", given, given[0][1], "every source has it alike", "")
        )
    names = ", ".join(source for source, _ in given)
    lost = f"only {names} {'has' if len(given) == 1 else 'have'} it" if len(given) < len(agents) else "the sources differ"
    why = "the policy drops it" if alike else f"enters only when every source has it alike; {lost}"
    conflict = Conflict(
        id=key,
        kind="privilege",
        members=tuple(f"{source}:{key}" for source, _ in given),
        decision=f"{key} is left out",
        resolved=True,
        rule="PRIV001",
        why="the policy drops it" if alike else lost,
    )
    return Chosen(key=key, value=None, present=False, decisions=_dropped(key, "PRIV001", given, why), conflicts=(conflict,))


def choose_others(agents: Sequence[Agent], policy: Policy) -> tuple[Chosen, ...]:
    """Every key but name, description, tools and disallowedTools, in the format's order."""
    keys = {f.key for agent in agents for f in agent.fields} - {"name", "description", "tools", "disallowedTools"}
    known = [key for key in KNOWN_KEYS if key in keys]
    rules: dict[str, Callable[[Sequence[Agent], Policy], Chosen]] = {"model": choose_model, "color": choose_color}
    chosen = []
    for key in known:
        if key in rules:
            chosen.append(rules[key](agents, policy))
        elif key in PRIVILEGE_KEYS:
            chosen.append(choose_privilege(agents, key, policy))
        else:
            chosen.append(choose_plain(agents, key, policy))
    return (*chosen, *choose_keys(agents, policy))
