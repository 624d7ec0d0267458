"""TOOLS001: one tool list of several, with every gain named."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agentmerge.model import Capability
from agentmerge.rules.privileges.tool_names import STAR, place, renamed, risk, server_of, today, tool_of, without_effect
from agentmerge.rules.privileges.tool_strategies import (
    Grant,
    Omitted,
    Picked,
    Side,
    Strategy,
    every_named,
    pick,
    set_list,
    startable,
    without,
)
from agentmerge.rules.privileges.toolset import Denials, Held, ToolSet, unique

EVERY_TOOL = "every tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsDecision:
    """The canonical agent's tools: ``names`` is ``None`` when the key stays out (inherits every tool).

    ``denied`` belongs in ``disallowedTools``. ``capabilities`` come highest risk first.
    ``resolved`` is false when a person should confirm; ``why`` says what was done.
    """

    names: tuple[str, ...] | None
    denied: tuple[str, ...]
    capabilities: tuple[Capability, ...]
    notes: tuple[str, ...]
    why: str
    resolved: bool


def decide_tools(grants: tuple[Grant, ...], *, strategy: Strategy, omitted: Omitted, chosen: tuple[str, ...] = ()) -> ToolsDecision:
    """One tool list from several, with every gain named; the order of ``grants`` does not matter.

    Union: what any source has. Intersection: what every list has. Majority: what more than half of
    the sources have, of the tools that a list names. Least privilege: the intersection without
    tools of class 6 and above, unless every source names them. Priority: the list of the source
    with the highest priority, then the first id. Set: ``chosen``.

    A source without ``tools`` counts as having every tool (``ALL``), is left out of the count
    (``IGNORE``), or counts as having every tool, unresolved when others list theirs (``ASK``; not
    with ``chosen``, nor when the first source by priority has a list). An intersection is of lists
    alone; with ``ALL`` a source without one names no tool of class 6 and above.

    A tool that one source denies is left out, except when ``chosen`` names it. When nothing would
    be left although a source has something, the list with the fewest tools of class 6 and above
    (then the first source id) is taken, unresolved.
    """
    ordered = sorted(grants, key=lambda grant: (grant.source, -grant.priority, grant.tools.names, grant.tools.denied))
    sources = tuple(Side(grant) for grant in ordered)
    picked = set_list(chosen) if strategy is Strategy.SET else pick(sources, strategy, omitted)
    denied = unique(tool for side in sources for name in side.tools.denied if (tool := tool_of(name)))
    notes = [note for side in (*sources, *picked.writers) for note in _notes(side.tools)]
    if strategy is not Strategy.SET:
        notes.extend(_denied_by(picked, sources, Denials(denied)))
        picked = without(picked, Denials(denied))
    picked = startable(picked, sources, Denials(denied))
    # What still denies a listed tool would undo the list, which the user or the last resort has asked for.
    lifted = _lifted(denied, picked.tools or frozenset())
    notes.extend(f"the denial of {entry} is lifted: the list names it" for entry in lifted)
    decision = ToolsDecision(
        names=None if picked.tools is None else _written(picked.tools, picked.writers),
        denied=tuple(sorted((entry for entry in denied if entry not in lifted), key=place)),
        capabilities=(),
        notes=tuple(sorted(set(notes))),
        why=picked.why,
        resolved=picked.resolved,
    )
    return replace(decision, capabilities=tool_gains(allowed(decision), ordered))


def allowed(decision: ToolsDecision) -> ToolSet:
    """What the canonical agent may use by a decision."""
    return ToolSet(everything=decision.names is None, names=decision.names or (), denied=decision.denied)


def with_more(decision: ToolsDecision, grants: tuple[Grant, ...], wanted: tuple[str, ...]) -> ToolsDecision:
    """A decision with more tools, each of them reported as a gain of the sources that lack it."""
    if decision.names is None or not wanted:
        return decision
    names = tuple(sorted({*decision.names, *wanted}, key=lambda name: place(tool_of(name))))
    lifted = _lifted(decision.denied, frozenset(tool_of(name) for name in names) - {""})
    more = replace(
        decision,
        names=names,
        denied=tuple(entry for entry in decision.denied if entry not in lifted),
        why=f"{decision.why}; with {', '.join(sorted(wanted))}, which statements need",
    )
    return replace(more, capabilities=tool_gains(allowed(more), grants))


def _denied_by(picked: Picked, sources: tuple[Side, ...], denials: Denials) -> Iterable[str]:
    for tool in filter(denials.hit, every_named(sources) if picked.tools is None else picked.tools):
        by = ", ".join(side.source for side in sources if side.denials.hit(tool))
        yield f"{tool} is left out: denied by {by}"


def _lifted(denied: tuple[str, ...], tools: frozenset[str]) -> frozenset[str]:
    """The denied entries that would take one of ``tools`` away."""
    exact = tools | {server_of(tool) for tool in tools}
    ordered = sorted(tools)

    def takes(entry: str) -> bool:
        if entry in exact:
            return True
        prefix = entry[:-1]
        at = bisect_left(ordered, prefix)
        return entry.endswith(STAR) and at < len(ordered) and ordered[at].startswith(prefix)

    return frozenset(filter(takes, denied))


def tool_gains(result: ToolSet, grants: Iterable[Grant]) -> tuple[Capability, ...]:
    """What ``result`` has and some grant had not; highest risk first."""
    sides = tuple(Side(grant) for grant in sorted(grants, key=lambda grant: grant.source))
    if result.everything:
        limited = tuple(side.source for side in sides if not side.tools.everything)
        whole = tuple(side.source for side in sides if side.tools.everything)
        return (Capability(name=EVERY_TOOL, granted_by=whole, lacking=limited),) if limited else ()
    gains = []
    for tool in sorted(Held(result).named, key=lambda tool: (-risk(tool), tool)):
        having = tuple(side.source for side in sides if side.has(tool))
        lacking = tuple(side.source for side in sides if side.source not in having)
        if lacking:
            gains.append(Capability(name=tool, granted_by=having, lacking=lacking))
    return tuple(gains)


def _written(tools: frozenset[str], writers: tuple[Side, ...]) -> tuple[str, ...]:
    """The names in their fixed order, with a specifier where all writers that have the tool write the same."""
    spelled = [(side, _forms(side.tools)) for side in writers]
    names: list[str] = []
    for tool in sorted(tools, key=place):
        ways = {frozenset(forms.get(tool, ())) for side, forms in spelled if side.has(tool)}
        if tool.startswith("mcp__"):
            # "mcp__srv__*" and "mcp__srv" are the same grant, so one that inherits it has no say in the spelling.
            ways.discard(frozenset())
        only = next(iter(ways)) if len(ways) == 1 else frozenset()
        names.extend(sorted(only) if only and tool not in only else [tool])
    return tuple(names)


def _forms(tools: ToolSet) -> Mapping[str, set[str]]:
    """How each tool of a list is spelled."""
    forms: dict[str, set[str]] = {}
    for name in tools.names:
        forms.setdefault(tool_of(name), set()).add(today(name) or "")
    return forms


def _notes(tools: ToolSet) -> Iterable[str]:
    yield from tools.notes
    for name in tools.names:
        yield from filter(None, (without_effect(name), renamed(name)))
