"""Compose the frontmatter of the canonical agent by the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.errors import SourceError
from agentmerge.merge.answered_keys import RULE, answered_key, answered_tools, with_answer
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.describe import describe
from agentmerge.model import Agent, Capability, Conflict, FieldDecision, Finding, Header, Outcome, Value
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.decisions import KeyAnswer
from agentmerge.rules.frontmatter import choose_others
from agentmerge.rules.keys import KNOWN_KEYS
from agentmerge.rules.names import choose_name
from agentmerge.rules.policy import Policy, Subject
from agentmerge.rules.privileges.capabilities import capabilities
from agentmerge.rules.privileges.privilege import unused_allowances
from agentmerge.rules.privileges.tool_strategies import Grant, Omitted, Strategy
from agentmerge.rules.privileges.tools import ToolsDecision, decide_tools, with_more
from agentmerge.rules.privileges.toolset import ToolSet, effective, read_tools

_NO_ANSWERS: Mapping[str, KeyAnswer] = {}


class Head(NamedTuple):
    """The composed frontmatter and what became of every key of every source."""

    header: Header
    name: str
    fields: tuple[FieldDecision, ...]
    conflicts: tuple[Conflict, ...]
    capabilities: tuple[Capability, ...]
    findings: tuple[Finding, ...]


def compose_header(
    agents: Sequence[Agent],
    comparison: Comparison,
    language: str,
    policy: Policy,
    tools: ToolsDecision,
    wanted: Sequence[str] = (),
    versions: frozenset[frozenset[str]] = frozenset(),
    told: Mapping[str, KeyAnswer] = _NO_ANSWERS,
) -> Head:
    """The canonical frontmatter of all agents; one agent alone keeps its own, made valid YAML.

    ``wanted`` are tools that a rule adds to what was decided, because statements need them; ``versions`` are pairs of
    sources of which one is a translation or fork of the other; ``told`` are a person's answers by key.
    """
    if len(agents) == 1:
        return _own(agents[0], policy.name)
    name = answered_key(agents, "name", None if policy.name else told.get("name")) or choose_name(agents, policy)
    description, described = describe(agents, comparison, language, policy, str(name.value), versions)
    stated = answered_key(agents, "description", told.get("description"))
    if stated is not None and stated.value:
        description, described = str(stated.value), stated.decisions
    grants = grants_of(agents, policy)
    if "tools" not in told:  # What a person listed is the list.
        tools = with_more(tools, grants, tuple(wanted))
    tool_fields, tool_conflicts, findings = _accounted(agents, grants, tools)
    if "tools" in told:
        tool_fields = tuple(made._replace(rule=RULE) for made in tool_fields)
    others = tuple(with_answer(agents, chosen, told.get(chosen.key)) for chosen in choose_others(agents, policy))
    values: dict[str, Value] = {"name": name.value, "description": description}
    if tools.names is not None:
        values["tools"] = _listed(tools.names)
    if tools.denied:
        values["disallowedTools"] = _listed(tools.denied)
    values.update({chosen.key: chosen.value for chosen in others if chosen.present})
    order = [*(key for key in KNOWN_KEYS if key in values), *(key for key in values if key not in KNOWN_KEYS)]
    return Head(
        header=Header(fields=tuple((key, values[key]) for key in order)),
        name=str(name.value),
        fields=_in_order(agents, (*name.decisions, *described, *tool_fields, *(d for chosen in others for d in chosen.decisions))),
        conflicts=(*tool_conflicts, *_conflicts((name, *others))),
        capabilities=capabilities(values, tools.capabilities, agents, grants),
        findings=(*findings, *unused_allowances(agents, policy), *(f for chosen in (name, *others) for f in chosen.findings)),
    )


def _own(agent: Agent, wanted: str | None) -> Head:
    """An agent's own frontmatter: its text when that is valid YAML, else its values written anew.

    A name that the policy or the command line wants takes the place of its own.
    """
    if wanted and wanted != agent.value("name"):
        return _renamed(agent, wanted)
    values = tuple((f.key, f.value) for f in agent.fields)
    fields = _kept(agent)
    verbatim = (
        None if agent.findings else "\n".join(line.rstrip() if n in (0,) else line for n, line in enumerate(agent.frontmatter.split("\n")))
    )
    name = str(agent.value("name") or agent.source.id)
    return Head(header=Header(fields=values, verbatim=verbatim), name=name, fields=fields, conflicts=(), capabilities=(), findings=())


def _kept(agent: Agent) -> tuple[FieldDecision, ...]:
    return tuple(
        FieldDecision(source=agent.source.id, key=f.key, outcome=Outcome.KEPT, rule="KEEP001", why="the only source") for f in agent.fields
    )


def _renamed(agent: Agent, name: str) -> Head:
    values: dict[str, Value] = {"name": name, **{f.key: f.value for f in agent.fields if f.key != "name"}}
    why = f"the policy names the agent {name!r}"
    lost = FieldDecision(source=agent.source.id, key="name", outcome=Outcome.OVERRIDDEN, rule="NAME001", why=why)
    fields = tuple(lost if made.key == "name" else made for made in _kept(agent))
    return Head(header=Header(fields=tuple(values.items())), name=name, fields=fields, conflicts=(), capabilities=(), findings=())


def _conflicts(chosen: Sequence[Chosen]) -> tuple[Conflict, ...]:
    return tuple(conflict for one in chosen for conflict in one.conflicts)


def _listed(names: Sequence[str]) -> Value:
    """Tool names as one comma text, as the format documents it; a list when a name holds a comma."""
    return tuple(names) if not names or any("," in name for name in names) else ", ".join(names)


def _listed_by(agent: Agent, key: str) -> ToolSet:
    """The tools that a key of an agent lists; an error names the key's line."""
    try:
        return read_tools(agent.value(key), present=agent.has(key))
    except SourceError as error:
        line = next((f.lines[0] for f in agent.fields if f.key == key), 1)
        raise SourceError(error.what, where=f"{agent.source.path}:{line}", fix=error.fix) from None


def grants_of(agents: Sequence[Agent], policy: Policy) -> tuple[Grant, ...]:
    """What each source may use."""
    at = _tools_subject(agents)
    grants = []
    for agent in agents:
        allowed = _listed_by(agent, "tools")
        denied = _listed_by(agent, "disallowedTools")
        grants.append(
            Grant(
                source=agent.source.id,
                tools=effective(allowed, denied),
                priority=-policy.rank(agent.source.id, at=at),
            )
        )
    return tuple(grants)


def _tools_subject(agents: Sequence[Agent]) -> Subject:
    """What a decision on tools is about; an omitted list says something too, so every source is in it."""
    return Subject(key="tools", sources=tuple(agent.source.id for agent in agents))


def choose_tools(agents: Sequence[Agent], policy: Policy, told: Mapping[str, KeyAnswer] = _NO_ANSWERS) -> ToolsDecision:
    """TOOLS001: what the canonical agent may use; one agent alone keeps its key as it is, unread.

    A person's answer (``told``) comes first.
    """
    if len(agents) == 1:
        return ToolsDecision(names=None, denied=(), capabilities=(), notes=(), why="the only source", resolved=True)
    grants, at = grants_of(agents, policy), _tools_subject(agents)
    answered = answered_tools(grants, told["tools"]) if "tools" in told else None
    if answered is not None:
        return answered
    chosen = policy.option("tools", "set", at=at)
    return decide_tools(
        grants,
        strategy=Strategy(policy.choice("tools", at=at)),
        omitted=Omitted(policy.choice("tools", "omitted", at=at)),
        chosen=tuple(chosen) if isinstance(chosen, tuple) else (),
    )


def _accounted(
    agents: Sequence[Agent], grants: Sequence[Grant], decision: ToolsDecision
) -> tuple[tuple[FieldDecision, ...], tuple[Conflict, ...], tuple[Finding, ...]]:
    fields = []
    for grant in grants:
        agent = next(a for a in agents if a.source.id == grant.source)
        for key in ("tools", "disallowedTools"):
            if agent.has(key):
                same = decision.names is not None and set(decision.names) == set(grant.tools.names)
                outcome = Outcome.MERGED if same or key == "disallowedTools" else Outcome.OVERRIDDEN
                fields.append(FieldDecision(source=grant.source, key=key, outcome=outcome, rule="TOOLS001", why=decision.why))
    conflicts: tuple[Conflict, ...] = ()
    if not decision.resolved:
        members = tuple(f"{grant.source}:tools" for grant in grants)
        listed = ", ".join(decision.names) if decision.names is not None else "every tool"
        conflicts = (
            Conflict(id="tools", kind="tools", members=members, decision=listed, resolved=False, rule="TOOLS001", why=decision.why),
        )
    findings = tuple(Finding(code="TOOLS001", source="", line=0, message=note) for note in decision.notes)
    return tuple(fields), conflicts, findings


def _in_order(agents: Sequence[Agent], made: Sequence[FieldDecision]) -> tuple[FieldDecision, ...]:
    """Decisions source by source in the order of their keys; a key that no rule took is dropped."""
    by_key = {(d.source, d.key): d for d in made}
    return tuple(
        by_key.get(
            (agent.source.id, f.key),
            FieldDecision(source=agent.source.id, key=f.key, outcome=Outcome.DROPPED, rule="KEYS001", why="an empty value"),
        )
        for agent in agents
        for f in agent.fields
    )
