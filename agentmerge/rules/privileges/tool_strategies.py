"""TOOLS001: how each strategy picks tools from several sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agentmerge.rules.privileges.tool_names import HIGH_RISK, risk
from agentmerge.rules.privileges.toolset import Denials, Held, ToolSet, read_tools


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A source's effective tools; a higher ``priority`` wins."""

    source: str
    tools: ToolSet
    priority: int


class Side(Held):
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
class Picked:
    """A strategy's answer: ``tools`` ``None`` is every tool; ``writers`` are those whose spelling counts."""

    tools: frozenset[str] | None
    writers: tuple[Side, ...]
    why: str
    resolved: bool = True


def set_list(chosen: tuple[str, ...]) -> Picked:
    wanted = Side(Grant(source="", tools=read_tools(chosen, present=True), priority=0))
    tools = None if wanted.tools.everything else wanted.named
    return Picked(tools=tools, writers=(wanted,), why="set: the list that the policy names")


def pick(sources: tuple[Side, ...], strategy: Strategy, omitted: Omitted) -> Picked:
    silent = tuple(side for side in sources if side.tools.omitted)
    counted = tuple(side for side in sources if not (omitted is Omitted.IGNORE and side.tools.omitted))
    if all(side.tools.everything for side in counted):
        return Picked(tools=None, writers=(), why="no source that counts lists its tools, so the key stays out and every tool is inherited")
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


def _by(strategy: Strategy, counted: tuple[Side, ...]) -> Picked:
    if strategy is Strategy.PRIORITY:
        return _first(counted)
    if strategy is Strategy.UNION:
        return _union(counted)
    if strategy is Strategy.MAJORITY:
        return _majority(counted)
    return _shared(strategy, counted)


def _first(counted: tuple[Side, ...]) -> Picked:
    first = min(counted, key=lambda side: (-side.priority, side.source))
    tools = None if first.tools.everything else first.named
    says = "inherits every tool" if tools is None else "lists its tools"
    return Picked(tools=tools, writers=(first,), why=f"priority: {first.source} comes first, and it {says}")


def _union(counted: tuple[Side, ...]) -> Picked:
    whole = tuple(side.source for side in counted if side.tools.everything)
    if whole:
        return Picked(tools=None, writers=counted, why=f"union: {', '.join(whole)} inherits every tool, so the key stays out")
    return Picked(tools=every_named(counted), writers=counted, why=f"union of {_count(len(counted), 'list')}")


def _majority(counted: tuple[Side, ...]) -> Picked:
    tools = frozenset(tool for tool in every_named(counted) if 2 * sum(side.has(tool) for side in counted) > len(counted))
    why = f"majority: the tools that more than half of {_count(len(counted), 'source')} have"
    return Picked(tools=tools, writers=counted, why=why)


def _shared(strategy: Strategy, counted: tuple[Side, ...]) -> Picked:
    lists = tuple(side for side in counted if not side.tools.everything)
    tools = frozenset(tool for tool in every_named(lists) if all(side.has(tool) for side in lists))
    why = f"{strategy}: the tools that {_count(len(lists), 'list')} share"
    if strategy is Strategy.LEAST_PRIVILEGE:
        why += f", without those of class {HIGH_RISK} and above that not every source names"
        if len(lists) < len(counted):
            tools = frozenset(tool for tool in tools if risk(tool) < HIGH_RISK)
    return Picked(tools=tools, writers=counted, why=why)


def without(picked: Picked, denials: Denials) -> Picked:
    if picked.tools is None:
        return picked
    return replace(picked, tools=frozenset(tool for tool in picked.tools if not denials.hit(tool)))


def startable(picked: Picked, sources: tuple[Side, ...], denials: Denials) -> Picked:
    """The answer, or one source's list where the answer leaves nothing of what the sources have."""
    if picked.tools is None or picked.tools or not any(side.tools.everything or side.named for side in sources):
        return picked
    last = _smallest(sources, denials)
    if last is None:
        why = f"{picked.why}; that leaves no tool, and no source has a list to fall back to"
        return replace(picked, why=why, resolved=False)
    tools = frozenset(tool for tool in last.named if not denials.hit(tool)) or last.named
    why = f"{picked.why}; that leaves no tool, and an agent without tools cannot start: the list of {last.source} is taken"
    return Picked(tools=tools, writers=(last,), why=why, resolved=False)


def every_named(sources: tuple[Side, ...]) -> frozenset[str]:
    return frozenset().union(*(side.named for side in sources))


def _smallest(sources: tuple[Side, ...], denials: Denials) -> Side | None:
    """The list with the fewest risky tools, of those that a denial does not empty, if there are such."""
    lists = [side for side in sources if not side.tools.everything and side.named]
    usable = [side for side in lists if not all(denials.hit(key) for key in side.named)]
    return min(
        usable or lists,
        key=lambda side: (sum(risk(key) >= HIGH_RISK for key in side.named), side.source),
        default=None,
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
