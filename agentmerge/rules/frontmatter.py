"""Rules for the frontmatter keys other than ``name``, ``description`` and ``tools``.

Each rule takes what the sources say and returns the value that stays and what became of the
others; none of them looks at a body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from agentmerge.model import Agent, Conflict, Value
from agentmerge.rules.chosen import Chosen, dropped, settle, subject, votes
from agentmerge.rules.keys import KNOWN_KEYS, choose_keys, choose_plain
from agentmerge.rules.policy import Policy
from agentmerge.rules.privileges.powers import PRIVILEGE_KEYS
from agentmerge.rules.privileges.privilege import choose_privilege

_MODELS = ("haiku", "sonnet", "opus")


def choose_model(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """MODEL001: the model most of the sources that name one name; omitted is no vote."""
    given = votes(agents, "model")
    at = subject("model", given)
    strategy = policy.choice("model", at=at)
    if not given or strategy == "drop":
        return Chosen(key="model", value=None, present=False, decisions=dropped("model", "MODEL001", given, "the policy drops the model"))
    count = Counter(str(value) for _, value in given)

    def first(entry: tuple[str, Value]) -> int:
        source, value = entry
        return {"majority": -count[str(value)], "priority": policy.rank(source, at=at), "largest": -_size(value)}[strategy]

    value = min(given, key=lambda entry: (first(entry), policy.rank(entry[0], at=at), -_size(entry[1]), entry[0]))[1]
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
    decisions = settle("model", "MODEL001", given, value, why, f"the model is {value}")
    return Chosen(key="model", value=value, present=True, decisions=decisions, conflicts=conflicts)


def _size(model: Value) -> int:
    """A model's place among those whose order is known; -1 for another."""
    return _MODELS.index(str(model)) if str(model) in _MODELS else -1


def choose_color(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """COLOR001: kept when the sources that state a colour agree, by default."""
    given = votes(agents, "color")
    count = Counter(str(value) for _, value in given)
    at = subject("color", given)
    strategy = policy.choice("color", at=at)
    if not given or strategy == "drop" or (strategy == "agree" and len(count) > 1):
        why = "the policy drops the colour" if strategy == "drop" else "cosmetic, and the sources differ"
        return Chosen(key="color", value=None, present=False, decisions=dropped("color", "COLOR001", given, why))
    by_rank = strategy == "priority"
    rank = {source: policy.rank(source, at=at) for source, _ in given}
    value = min(given, key=lambda e: (rank[e[0]] if by_rank else 0, -count[str(e[1])], rank[e[0]], str(e[1])))[1]
    return Chosen(
        key="color",
        value=value,
        present=True,
        decisions=settle("color", "COLOR001", given, value, "the sources' colour", f"the colour is {value}"),
    )


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
