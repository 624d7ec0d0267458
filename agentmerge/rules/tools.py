"""TOOLS001: one tool list of several, with every gain named."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from agentmerge.model import Capability
from agentmerge.rules.tool_names import HIGH_RISK, STAR, place, renamed, risk, server_of, today, tool_of, without_effect
from agentmerge.rules.toolset import Denials, Held, ToolSet, read_tools, unique


class Strategy(StrEnum):
    """How one list is made of several."""

    UNION = "union"
    INTERSECTION = "intersection"
    MAJORITY = "majority"
    LEAST_PRIVILEGE = "least-privilege"
    PRIORITY = "priority"
    SET = "set"


class Omitted(StrEnum):
    """What a source without ``tools`` counts as."""

    ALL = "all"
    IGNORE = "ignore"
    ASK = "ask"


EVERY_TOOL = "every tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A source's effective tools; a higher ``priority`` wins."""

    source: str
    tools: ToolSet
    priority: int


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
    sources = tuple(_Side(grant) for grant in ordered)
    picked = _set(chosen) if strategy is Strategy.SET else _pick(sources, strategy, omitted)
    denied = unique(tool for side in sources for name in side.tools.denied if (tool := tool_of(name)))
    notes = [note for side in (*sources, *picked.writers) for note in _notes(side.tools)]
    if strategy is not Strategy.SET:
        notes.extend(_denied_by(picked, sources, Denials(denied)))
        picked = _without(picked, Denials(denied))
    picked = _startable(picked, sources, Denials(denied))
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


class _Side(Held):
    """A grant with its tools indexed."""

    __slots__ = ("grant",)

    def __init__(self, grant: Grant) -> None:
        super().__init__(grant.tools)
        self.grant = grant

    @property
    def source(self) -> str:
        return self.grant.source

    @property
    def priority(self) -> int:
        return self.grant.priority


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picked:
    """A strategy's answer: ``tools`` ``None`` is every tool; ``writers`` are those whose spelling counts."""

    tools: frozenset[str] | None
    writers: tuple[_Side, ...]
    why: str
    resolved: bool = True


def _set(chosen: tuple[str, ...]) -> _Picked:
    wanted = _Side(Grant(source="", tools=read_tools(chosen, present=True), priority=0))
    tools = None if wanted.tools.everything else wanted.named
    return _Picked(tools=tools, writers=(wanted,), why="set: the list that the policy names")


def _pick(sources: tuple[_Side, ...], strategy: Strategy, omitted: Omitted) -> _Picked:
    silent = tuple(side for side in sources if side.tools.omitted)
    counted = tuple(side for side in sources if not (omitted is Omitted.IGNORE and side.tools.omitted))
    if all(side.tools.everything for side in counted):
        return _Picked(
            tools=None, writers=(), why="no source that counts lists its tools, so the key stays out and every tool is inherited"
        )
    picked = _by(strategy, counted)
    asked = omitted is Omitted.ASK and bool(silent)
    if strategy is Strategy.PRIORITY:
        # A list that was asked for by its source is what it is, whatever the others leave out.
        asked = asked and picked.tools is None and picked.writers[0].tools.omitted
    if not silent:
        return picked
    ids = ", ".join(side.source for side in silent)
    as_what = "is left out" if omitted is Omitted.IGNORE else "counts as having every tool"
    why = f"{picked.why}; without 'tools', {ids} {as_what}" + (", which a person should confirm" if asked else "")
    return replace(picked, why=why, resolved=not asked)


def _by(strategy: Strategy, counted: tuple[_Side, ...]) -> _Picked:
    if strategy is Strategy.PRIORITY:
        return _first(counted)
    if strategy is Strategy.UNION:
        return _union(counted)
    if strategy is Strategy.MAJORITY:
        return _majority(counted)
    return _shared(strategy, counted)


def _first(counted: tuple[_Side, ...]) -> _Picked:
    first = min(counted, key=lambda side: (-side.priority, side.source))
    tools = None if first.tools.everything else first.named
    says = "inherits every tool" if tools is None else "lists its tools"
    return _Picked(tools=tools, writers=(first,), why=f"priority: {first.source} comes first, and it {says}")


def _union(counted: tuple[_Side, ...]) -> _Picked:
    whole = tuple(side.source for side in counted if side.tools.everything)
    if whole:
        return _Picked(tools=None, writers=counted, why=f"union: {', '.join(whole)} inherits every tool, so the key stays out")
    return _Picked(tools=_every(counted), writers=counted, why=f"union of {_count(len(counted), 'list')}")


def _majority(counted: tuple[_Side, ...]) -> _Picked:
    tools = frozenset(tool for tool in _every(counted) if 2 * sum(side.has(tool) for side in counted) > len(counted))
    why = f"majority: the tools that more than half of {_count(len(counted), 'source')} have"
    return _Picked(tools=tools, writers=counted, why=why)


def _shared(strategy: Strategy, counted: tuple[_Side, ...]) -> _Picked:
    lists = tuple(side for side in counted if not side.tools.everything)
    tools = frozenset(tool for tool in _every(lists) if all(side.has(tool) for side in lists))
    why = f"{strategy}: the tools that {_count(len(lists), 'list')} share"
    if strategy is Strategy.LEAST_PRIVILEGE:
        why += f", without those of class {HIGH_RISK} and above that not every source names"
        if len(lists) < len(counted):
            tools = frozenset(tool for tool in tools if risk(tool) < HIGH_RISK)
    return _Picked(tools=tools, writers=counted, why=why)


def _denied_by(picked: _Picked, sources: tuple[_Side, ...], denials: Denials) -> Iterable[str]:
    for tool in filter(denials.hit, _every(sources) if picked.tools is None else picked.tools):
        by = ", ".join(side.source for side in sources if side.denials.hit(tool))
        yield f"{tool} is left out: denied by {by}"


def _without(picked: _Picked, denials: Denials) -> _Picked:
    if picked.tools is None:
        return picked
    return replace(picked, tools=frozenset(tool for tool in picked.tools if not denials.hit(tool)))


def _startable(picked: _Picked, sources: tuple[_Side, ...], denials: Denials) -> _Picked:
    """The answer, or one source's list where the answer leaves nothing of what the sources have."""
    if picked.tools is None or picked.tools or not any(side.tools.everything or side.named for side in sources):
        return picked
    last = _smallest(sources, denials)
    if last is None:
        why = f"{picked.why}; that leaves no tool, and no source has a list to fall back to"
        return replace(picked, why=why, resolved=False)
    tools = frozenset(tool for tool in last.named if not denials.hit(tool)) or last.named
    why = f"{picked.why}; that leaves no tool, and an agent without tools cannot start: the list of {last.source} is taken"
    return _Picked(tools=tools, writers=(last,), why=why, resolved=False)


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


def _every(sources: tuple[_Side, ...]) -> frozenset[str]:
    return frozenset().union(*(side.named for side in sources))


def _smallest(sources: tuple[_Side, ...], denials: Denials) -> _Side | None:
    """The list with the fewest risky tools, of those that a denial does not empty, if there are such."""
    lists = [side for side in sources if not side.tools.everything and side.named]
    usable = [side for side in lists if not all(denials.hit(key) for key in side.named)]
    return min(
        usable or lists,
        key=lambda side: (sum(risk(key) >= HIGH_RISK for key in side.named), side.source),
        default=None,
    )


def tool_gains(result: ToolSet, grants: Iterable[Grant]) -> tuple[Capability, ...]:
    """What ``result`` has and some grant had not; highest risk first."""
    sides = tuple(_Side(grant) for grant in sorted(grants, key=lambda grant: grant.source))
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


def _written(tools: frozenset[str], writers: tuple[_Side, ...]) -> tuple[str, ...]:
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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
