"""Rules for the frontmatter keys other than ``description`` and ``tools``.

Each rule takes what the sources say and returns the value that stays and what became of the
others; none of them looks at a body.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from agentmerge.model import Agent, Conflict, FieldDecision, Outcome, Value
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.policy import Policy, Subject
from agentmerge.rules.powers import PRIVILEGE_KEYS
from agentmerge.rules.privilege import choose_privilege

# Keys that the Claude Code format defines (https://code.claude.com/docs/en/sub-agents).
KNOWN_KEYS = (
    "name", "description", "tools", "disallowedTools", "model", "permissionMode", "maxTurns", "skills", "mcpServers", "hooks", "memory",
    "background", "effort", "isolation", "color", "initialPrompt",
)  # fmt: skip
_MODELS = ("haiku", "sonnet", "opus")


def _votes(agents: Sequence[Agent], key: str) -> list[tuple[str, Value]]:
    """Who says what; an empty value (``model:``) says nothing."""
    return [(agent.source.id, agent.value(key)) for agent in agents if agent.value(key) not in (None, "")]


def _at(key: str, given: Sequence[tuple[str, Value]]) -> Subject:
    """What a decision on a key is about, for the policy's selectors: the key, and the sources that state it."""
    return Subject(key=key, sources=tuple(source for source, _ in given))


def _settle(key: str, rule: str, given: Sequence[tuple[str, Value]], value: Value, why: str, lost: str) -> tuple[FieldDecision, ...]:
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


def _dropped(key: str, rule: str, given: Sequence[tuple[str, Value]], why: str) -> tuple[FieldDecision, ...]:
    return tuple(FieldDecision(source=source, key=key, outcome=Outcome.DROPPED, rule=rule, why=why) for source, _ in given)


def choose_name(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """NAME001: the policy's name, else the commonest, else the one whose words most names share."""
    given = [(source, str(value)) for source, value in _votes(agents, "name")]
    if policy.name:
        lost = f"the policy names the agent {policy.name!r}"
        return Chosen(key="name", value=policy.name, present=True, decisions=_settle("name", "NAME001", given, policy.name, lost, lost))
    if not given:
        return Chosen(key="name", value="agent", present=True, decisions=())
    at = _at("name", given)
    words: Counter[str] = Counter()
    for _, name in given:
        words.update(set(_name_words(name)))
    count = Counter(name for _, name in given)

    def standing(entry: tuple[str, str]) -> tuple[object, ...]:
        source, name = entry
        own = _name_words(name)
        shared = sum(words[w] for w in own) / max(1, len(own))
        first = policy.rank(source, at=at) if policy.choice("name", at=at) == "priority" else 0
        return (first, -count[name], -shared, -len(own), policy.rank(source, at=at), source)

    name = min(given, key=standing)[1]
    why = f"borne by {count[name]} of {len(given)} sources" if count[name] > 1 else "its words are shared by most names"
    return Chosen(
        key="name", value=name, present=True, decisions=_settle("name", "NAME001", given, name, why, f"the agent is named {name!r}")
    )


def _name_words(name: str) -> list[str]:
    return [word for word in re.split(r"[^\w]+|_", name.lower()) if word]


def choose_model(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """MODEL001: the model most of the sources that name one name; omitted is no vote."""
    given = _votes(agents, "model")
    at = _at("model", given)
    strategy = policy.choice("model", at=at)
    if not given or strategy == "drop":
        return Chosen(key="model", value=None, present=False, decisions=_dropped("model", "MODEL001", given, "the policy drops the model"))
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
    decisions = _settle("model", "MODEL001", given, value, why, f"the model is {value}")
    return Chosen(key="model", value=value, present=True, decisions=decisions, conflicts=conflicts)


def _size(model: Value) -> int:
    """A model's place among those whose order is known; -1 for another."""
    return _MODELS.index(str(model)) if str(model) in _MODELS else -1


def choose_color(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """COLOR001: kept when the sources that state a colour agree, by default."""
    given = _votes(agents, "color")
    count = Counter(str(value) for _, value in given)
    at = _at("color", given)
    strategy = policy.choice("color", at=at)
    if not given or strategy == "drop" or (strategy == "agree" and len(count) > 1):
        why = "the policy drops the colour" if strategy == "drop" else "cosmetic, and the sources differ"
        return Chosen(key="color", value=None, present=False, decisions=_dropped("color", "COLOR001", given, why))
    by_rank = strategy == "priority"
    rank = {source: policy.rank(source, at=at) for source, _ in given}
    value = min(given, key=lambda e: (rank[e[0]] if by_rank else 0, -count[str(e[1])], rank[e[0]], str(e[1])))[1]
    return Chosen(
        key="color",
        value=value,
        present=True,
        decisions=_settle("color", "COLOR001", given, value, "the sources' colour", f"the colour is {value}"),
    )


def choose_plain(agents: Sequence[Agent], key: str, policy: Policy) -> Chosen:
    """A key of the format without a rule of its own, or an unknown key (KEYS001)."""
    given = _votes(agents, key)
    at = _at(key, given)
    strategy = "agree" if key in KNOWN_KEYS else policy.choice("keys", at=at)
    values = [value for _, value in given]
    if not given or strategy == "drop" or (strategy == "agree" and any(value != values[0] for value in values)):
        why = "not a key of the format: agent tools ignore it" if strategy == "drop" else "the sources differ"
        return Chosen(key=key, value=None, present=False, decisions=_dropped(key, "KEYS001", given, why))
    value = min(given, key=lambda e: (policy.rank(e[0], at=at), e[0]))[1]
    return Chosen(
        key=key, value=value, present=True, decisions=_settle(key, "KEYS001", given, value, "kept as it is", "another source's value stays")
    )


def choose_others(agents: Sequence[Agent], policy: Policy) -> tuple[Chosen, ...]:
    """Every key but name, description, tools and disallowedTools, in the format's order."""
    keys = {f.key for agent in agents for f in agent.fields} - {"name", "description", "tools", "disallowedTools"}
    known = [key for key in KNOWN_KEYS if key in keys]
    rules: dict[str, Callable[[Sequence[Agent], Policy], Chosen]] = {"model": choose_model, "color": choose_color}
    chosen = []
    for key in (*known, *sorted(keys - set(KNOWN_KEYS))):
        if key in rules:
            chosen.append(rules[key](agents, policy))
        elif key in PRIVILEGE_KEYS:
            chosen.append(choose_privilege(agents, key, policy))
        else:
            chosen.append(choose_plain(agents, key, policy))
    return tuple(chosen)
