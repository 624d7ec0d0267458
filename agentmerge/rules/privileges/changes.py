"""What two agents' frontmatter allows: tools, modes, hooks, servers and other keys that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentmerge.changes import Change, FieldChange, PrivilegeChange
from agentmerge.errors import SourceError
from agentmerge.model import Agent
from agentmerge.rules.keys import KNOWN_KEYS
from agentmerge.rules.privileges.powers import PRIVILEGE_KEYS, mode_rank, parts, value_text
from agentmerge.rules.privileges.tool_names import risk
from agentmerge.rules.privileges.tools import EVERY_TOOL
from agentmerge.rules.privileges.toolset import ToolSet, effective, grants, read_tools

# --- tools -------------------------------------------------------------------------------------


def _tools_in(agent: Agent, key: str) -> ToolSet:
    try:
        return read_tools(agent.value(key), present=agent.has(key))
    except SourceError as error:
        raise SourceError(error.what, where=f"{agent.source.path}: {key}", fix=error.fix) from None


def _effective(agent: Agent) -> ToolSet:
    return effective(_tools_in(agent, "tools"), _tools_in(agent, "disallowedTools"))


def tool_changes(old: Agent, new: Agent) -> Iterator[PrivilegeChange]:
    """Tools that only one of the agents may use, riskiest first, and tools that are limited otherwise."""
    before, after = _effective(old), _effective(new)
    if before.everything != after.everything:
        yield _every_tool(before, after)
    named = {_tool(name) for name in (*before.names, *after.names, *before.denied, *after.denied)} - {"*", ""}
    for name in sorted(named, key=lambda name: (-risk(name), name)):
        had, has = grants(before, name), grants(after, name)
        if has and not had and before.everything >= after.everything:
            yield PrivilegeChange(name=name, kind=Change.GAINED, old=None, new=_written(after, name) or name, text=f"may now use {name}")
        elif had and not has and after.everything >= before.everything:
            yield PrivilegeChange(
                name=name, kind=Change.LOST, old=_written(before, name) or name, new=None, text=f"may no longer use {name}"
            )
        elif had and has and (ways := (_written(before, name), _written(after, name)))[0] != ways[1] and all(ways):
            text = f"{ways[0]} is now {ways[1]}; either way all of {name} is granted"
            yield PrivilegeChange(name=name, kind=Change.CHANGED, old=ways[0], new=ways[1], text=text)


def _every_tool(before: ToolSet, after: ToolSet) -> PrivilegeChange:
    was, now = _shown(before), _shown(after)
    kind = Change.GAINED if after.everything else Change.LOST
    return PrivilegeChange(name=EVERY_TOOL, kind=kind, old=was, new=now, text=f"may use {now}; before, {was}")


def _shown(tools: ToolSet) -> str:
    but = f" but {', '.join(tools.denied)}" if tools.denied else ""
    return (EVERY_TOOL if tools.everything else ", ".join(tools.names) or "no tool") + but


def _tool(name: str) -> str:
    base = name.partition("(")[0].strip()
    return base.removesuffix("__*") if base != "mcp__*" else base


def _written(tools: ToolSet, name: str) -> str:
    return ", ".join(sorted(written for written in tools.names if _tool(written) == name))


# --- other keys --------------------------------------------------------------------------------


def key_changes(key: str, old: Agent, new: Agent) -> Iterator[PrivilegeChange]:
    """What one key of privilege grants, entry by entry."""
    before, after = parts(key, old.value(key)), parts(key, new.value(key))
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            shown = f"{key}.{name}" if name else key
            yield PrivilegeChange(name=shown, kind=_change(key, was, now), old=was, new=now, text=_sentence(shown, was, now))


def _change(key: str, was: str | None, now: str | None) -> Change:
    if key == "permissionMode":
        ranks = [mode_rank(mode) for mode in (was, now)]
        if ranks[0] is None or ranks[1] is None or ranks[0] == ranks[1]:
            return Change.CHANGED
        return Change.GAINED if ranks[1] > ranks[0] else Change.LOST
    if was is not None and now is not None:
        return Change.CHANGED
    # Isolation limits: without it the agent works in the shared checkout.
    return Change.GAINED if (was is None) != (key == "isolation") else Change.LOST


def _sentence(name: str, was: str | None, now: str | None) -> str:
    if was is None:
        return f"{name} is set: {now}"
    return f"{name} is not set any more: was {was}" if now is None else f"{name} is {now}, was {was}"


def field_changes(old: Agent, new: Agent, tools: Sequence[PrivilegeChange], others: Sequence[PrivilegeChange]) -> Iterator[FieldChange]:
    """Keys whose values differ and that no privilege change already tells of."""
    told = {change.name.partition(".")[0] for change in others}
    keys = {f.key for agent in (old, new) for f in agent.fields}
    for key in [*(key for key in KNOWN_KEYS if key in keys), *sorted(keys - set(KNOWN_KEYS))]:
        if key not in told and _differs(key, old, new, tools):
            yield FieldChange(key=key, old=_field_text(old, key), new=_field_text(new, key))


def _differs(key: str, old: Agent, new: Agent, tools: Sequence[PrivilegeChange]) -> bool:
    if key in ("tools", "disallowedTools"):
        before, after = _tools_in(old, key), _tools_in(new, key)
        told = {change.name for change in tools}
        if key == "tools" and told:
            return False
        return any(_tool(name) not in told for name in {*before.names} ^ {*after.names})
    if key in PRIVILEGE_KEYS:
        return old.has(key) != new.has(key)
    return _field_text(old, key) != _field_text(new, key)


def _field_text(agent: Agent, key: str) -> str | None:
    return value_text(agent.value(key)) if agent.has(key) else None
