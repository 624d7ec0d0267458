"""What the canonical agent may do and some source may not: by name, what executes first, then by risk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agentmerge.model import Agent, Capability, Value
from agentmerge.rules.privileges.powers import DEFAULT_MODE, ISOLATED, MEMORY_TOOLS, mode_rank, parts, scope_rank
from agentmerge.rules.privileges.tool_names import UNKNOWN_RISK, risk
from agentmerge.rules.privileges.tool_strategies import Grant
from agentmerge.rules.privileges.tools import EVERY_TOOL
from agentmerge.rules.privileges.toolset import EVERYTHING, Held, effective, read_tools

NO_ISOLATION = "the shared checkout"
_EXECUTES = UNKNOWN_RISK + 2
_EVERY = UNKNOWN_RISK + 1
_BY_ENTRY = ("hooks", "mcpServers", "skills", "initialPrompt", "background")
_RISKS = {
    EVERY_TOOL: _EVERY,
    "permissionMode.bypassPermissions": _EVERY,
    "permissionMode.auto": risk("Bash"),
    "initialPrompt": risk("Agent"),
    "skills": risk("Skill"),
    "memory": risk("Write"),
    NO_ISOLATION: risk("Write"),
    "permissionMode": risk("Write"),
    "background": risk("TodoWrite"),
}


def capabilities(
    header: Mapping[str, Value], tools: Iterable[Capability], agents: Sequence[Agent], grants: Sequence[Grant]
) -> tuple[Capability, ...]:
    """Every gain: those of the tool lists, and those of a header's other keys over the agents that went in."""
    lacking: dict[str, set[str]] = {gain.name: set(gain.lacking) for gain in tools}
    for name, source in (*_key_gains(header, agents), *_memory_gains(header, agents, grants)):
        lacking.setdefault(name, set()).add(source)
    ids = sorted(agent.source.id for agent in agents)
    return tuple(
        Capability(
            name=name,
            granted_by=tuple(id_ for id_ in ids if id_ not in lacking[name]),
            lacking=tuple(id_ for id_ in ids if id_ in lacking[name]),
        )
        for name in sorted(lacking, key=lambda name: (-_danger(name), name))
    )


def _danger(name: str) -> int:
    key = name.partition(".")[0]
    if key in ("hooks", "mcpServers"):
        return _EXECUTES
    return _RISKS.get(name, _RISKS.get(key, risk(name)))


def _key_gains(header: Mapping[str, Value], agents: Sequence[Agent]) -> Iterator[tuple[str, str]]:
    """Each gain by name, with the source that had not got it."""
    mode = header.get("permissionMode")
    rank = mode_rank(mode) or 0
    for agent in agents:
        id_ = agent.source.id
        for key in _BY_ENTRY:
            before = parts(key, agent.value(key))
            for name, text in parts(key, header.get(key)).items():
                if before.get(name) != text:
                    yield f"{key}.{name}" if name else key, id_
        had = mode_rank(agent.value("permissionMode"))
        if rank > (DEFAULT_MODE if had is None else had):
            yield f"permissionMode.{mode or 'default'}", id_
        if scope_rank(header.get("memory")) > scope_rank(agent.value("memory")):
            yield "memory", id_
        if agent.value("isolation") == ISOLATED != header.get("isolation"):
            yield NO_ISOLATION, id_


def _memory_gains(header: Mapping[str, Value], agents: Sequence[Agent], grants: Sequence[Grant]) -> Iterator[tuple[str, str]]:
    """Tools that a memory brings.

    The documentation does not say whether a denial beats it: what is a gain either way is told.
    """
    if not scope_rank(header.get("memory")):
        return
    brought = _undenied(header.get("disallowedTools"))
    held = {grant.source: Held(grant.tools) for grant in grants}
    for agent in agents:
        had = _undenied(agent.value("disallowedTools")) if scope_rank(agent.value("memory")) else frozenset()
        for tool in MEMORY_TOOLS:
            lacks = not held[agent.source.id].has(tool) and tool not in had
            if lacks and (tool in brought or not scope_rank(agent.value("memory"))):
                yield tool, agent.source.id


def _undenied(disallowed: Value) -> frozenset[str]:
    """What is left of a memory's tools where a denial beats it."""
    denied = effective(EVERYTHING, read_tools(disallowed, present=disallowed is not None))
    return frozenset(tool for tool in MEMORY_TOOLS if Held(denied).has(tool))
