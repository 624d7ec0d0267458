"""The canonical agent's name (NAME001) and sources that share one (NAME002)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from agentmerge.errors import PolicyError
from agentmerge.model import Agent, Conflict, FieldDecision, Finding, Outcome
from agentmerge.rules.chosen import Chosen, line_of, settle, subject, votes
from agentmerge.rules.policy import Policy
from agentmerge.rules.text.agent_name import FORMAT, is_name, name_problem, slug

# Letters in which "debugger" and "debugging" agree.
_STEM = 5


def check_name(policy: Policy) -> None:
    """Raise ``PolicyError`` when the policy or the command line names the agent as no agent may be named."""
    problem = name_problem(policy.name) if policy.name else None
    if problem:
        raise PolicyError((f"{'--name' if 'name' in policy.command_line else f'{policy.origin} name'}: {problem}",))


def same_name(text: str) -> str:
    """What names that differ only in case and separators have in common: look-ups ignore both."""
    return "".join(_name_words(unicodedata.normalize("NFC", text)))


def own_words(agents: Sequence[Agent], policy: Policy) -> Mapping[str, frozenset[str]]:
    """Of each agent, the words of its name that the canonical agent's name has not: "junior" of a junior engineer."""
    chosen = [word[:_STEM] for word in _name_words(str(choose_name(agents, policy).value))]
    names = {agent.source.id: _name_words(str(agent.value("name") or "")) for agent in agents}
    return {source: frozenset(word for word in words if word[:_STEM] not in chosen) for source, words in names.items()}


def choose_name(agents: Sequence[Agent], policy: Policy) -> Chosen:
    """NAME001: the policy's name, else the commonest, else the one whose words most names share; always a valid one."""
    given = [(source, str(value)) for source, value in votes(agents, "name")]
    if policy.name:
        lost = f"the policy names the agent {policy.name!r}"
        return Chosen(key="name", value=policy.name, present=True, decisions=settle("name", "NAME001", given, policy.name, lost, lost))
    if not given:
        return Chosen(key="name", value="agent", present=True, decisions=())
    at = subject("name", given)
    by_rank = policy.base is not None or policy.choice("name", at=at) == "priority"
    words: Counter[str] = Counter()
    for _, name in given:
        words.update(set(_name_words(name)))
    count = Counter(same_name(name) for _, name in given)
    exact = Counter(name for _, name in given)

    def standing(entry: tuple[str, str]) -> tuple[object, ...]:
        source, name = entry
        own = _name_words(name)
        shared = sum(words[w] for w in own) / max(1, len(own))
        rank = policy.rank(source, at=at)
        return (rank if by_rank else 0, -count[same_name(name)], -shared, -len(own), -exact[name], rank, source)

    ranked = sorted(given, key=standing)
    source, wanted = ranked[0]
    name = next((name for _, name in ranked if is_name(name)), slug(wanted))
    bearers = count[same_name(name)]
    why = f"borne by {bearers} of {len(given)} sources" if bearers > 1 else "its words are shared by most names"
    decisions = settle("name", "NAME001", given, name, why, f"the agent is named {name!r}")
    if name == wanted:
        return Chosen(key="name", value=name, present=True, decisions=decisions)
    note = f"{wanted!r} is no valid name ({FORMAT}): the agent is named {name!r}"
    return Chosen(
        key="name",
        value=name,
        present=True,
        decisions=tuple(_refused(d, note) if d.source == source else d for d in decisions),
        findings=(Finding(code="NAME001", source=source, line=line_of(agents, source, "name"), message=note),),
    )


def _refused(decision: FieldDecision, note: str) -> FieldDecision:
    return decision._replace(outcome=Outcome.OVERRIDDEN, why=note)


def _name_words(name: str) -> list[str]:
    return [word for word in re.split(r"[^\w]+|_", name.lower()) if word]


def namesakes(agents: Sequence[Agent], policy: Policy) -> tuple[tuple[Conflict, ...], tuple[Finding, ...]]:
    """NAME002: sources of one name, or of names that differ only in case and separators; as a note or a conflict."""
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for source, value in votes(agents, "name"):
        groups[same_name(str(value))].append((source, str(value)))
    conflicts, findings = [], []
    for group in groups.values():
        if len(group) < 2:
            continue
        sources = ", ".join(f"{source} (line {line_of(agents, source, 'name')})" for source, _ in group[1:])
        first, name = group[0]
        others = sorted({own for _, own in group} - {name})
        spelt = f" (also written {', '.join(map(repr, others))})" if others else ""
        why = f"{name!r}{spelt} is the name of {sources} too: of agents of one name only one loads, so the merged one must replace them"
        if policy.choice("namesakes", at=subject("name", group)) == "ask":
            conflicts.append(_asked(f"namesakes-{first}", group, why))
        else:
            findings.append(Finding(code="NAME002", source=first, line=line_of(agents, first, "name"), message=why))
    return tuple(conflicts), tuple(findings)


def _asked(name: str, group: Sequence[tuple[str, str]], why: str) -> Conflict:
    members = tuple(f"{source}:name" for source, _ in group)
    return Conflict(id=name, kind="namesakes", members=members, decision="merged all the same", resolved=False, rule="NAME002", why=why)
