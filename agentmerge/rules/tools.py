"""Tool lists: what a source may use, and the one list of the canonical agent.

Facts are those of Claude Code's ``tools`` and ``disallowedTools``. Where the documentation is
silent, the reading is the one that credits a source with less, so that a gain is reported.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from agentmerge.errors import SourceError
from agentmerge.model import Capability, Value


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
HIGH_RISK = 6
UNKNOWN_RISK = 8

_CLASSES: tuple[tuple[str, ...], ...] = (
    (
        *("TodoWrite", "TaskCreate", "TaskGet", "TaskList", "TaskUpdate", "ToolSearch", "ReportFindings", "CronList", "ListAgents"),
        # Named but not classed by the reference: they address the session or its user, and a subagent never gets them.
        *("AskUserQuestion", "EnterPlanMode", "ExitPlanMode", "EndConversation", "WaitForMcpServers"),
    ),
    ("Read", "Glob", "Grep", "LSP", "TaskOutput"),
    ("ListMcpResourcesTool", "ReadMcpResourceTool"),
    ("WebSearch", "WebFetch"),
    ("Edit", "Write", "NotebookEdit", "EnterWorktree", "ExitWorktree"),
    ("Artifact", "SendUserFile", "ShareOnboardingGuide", "PushNotification", "SendMessage"),
    ("Agent", "Skill", "Workflow", "CronCreate", "CronDelete", "RemoteTrigger", "ScheduleWakeup", "TaskStop"),
    ("Bash", "PowerShell", "Monitor"),
)
_RISK: dict[str, int] = {name: level for level, names in enumerate(_CLASSES) for name in names}

# Old name -> today's name; None: the tool is gone and its name grants nothing.
ALIASES: Mapping[str, str | None] = {
    "Task": "Agent",
    "View": "Read",
    "MultiEdit": "Edit",
    "LS": None,
    "LSTool": None,
    "NotebookRead": None,
    "AgentOutputTool": "TaskOutput",
    "BashOutputTool": "TaskOutput",
    # Not verified by the reference; both are read as what most likely replaced them.
    "KillShell": "TaskStop",
    "KillBash": "TaskStop",
}
_RETIRED_RISK = 1

_ORDER = (
    *("Read", "Write", "Edit", "NotebookEdit", "Glob", "Grep", "Bash", "PowerShell"),
    *("WebFetch", "WebSearch", "TodoWrite", "Agent", "Skill"),
)
_PLACE = {name: place for place, name in enumerate(_ORDER)}

_STAR = "*"
_ALL_MCP = "mcp__*"
# What may surround an entry and is no part of it.
_EDGE = " \t\r\n\f\v\u00a0\u3000\ufeff'\""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSet:
    """What one source may use: ``names`` without ``denied``, or every tool without ``denied``.

    ``names`` are canonical, in the order written, without doubles, specifiers kept. With
    ``everything`` they are empty (no ``tools``, or a null one) or ``("*",)`` (the source says so
    itself, which is no omission). ``denied`` has whole tools and MCP patterns, and only what still
    matters: with a list, entries narrower than a server that the list names. ``notes`` are
    sentences about entries that do not mean what they say.
    """

    everything: bool
    names: tuple[str, ...]
    denied: tuple[str, ...]
    notes: tuple[str, ...] = ()


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


def tool_names() -> frozenset[str]:
    """Every built-in tool name that is known, retired names and aliases included."""
    return frozenset(_RISK) | frozenset(ALIASES)


def risk(name: str) -> int:
    """The risk class of a tool, 0 (bookkeeping) to 7 (executes); unknown and MCP tools are 8.

    Takes aliases and specifiers; a retired name counts as reading, which is all that it ever did.
    """
    if name.partition("(")[0].strip() in ALIASES and not _key(name):
        return _RETIRED_RISK
    return _RISK.get(_key(name), UNKNOWN_RISK)


def read_tools(value: Value, *, present: bool) -> ToolSet:
    """What a ``tools`` or ``disallowedTools`` value names.

    Not present: everything. ``null``: the documentation does not say; read as not present.
    ``[]`` and an empty string: nothing. A comma string or a list: its names; commas inside
    parentheses do not split, and ``Agent(a`` and ``b)``, which YAML made of one entry, are joined
    again, and an unclosed specifier is cut. ``"*"`` anywhere: everything. A map of name to boolean: the names that are true, or
    everything but the false ones when none is true. Raises ``SourceError`` for any other shape.
    """
    if not present or value is None:
        return ToolSet(everything=True, names=(), denied=())
    if isinstance(value, Mapping):
        return _read_map(value)
    return _read_entries(_split(_joined(value)))


def effective(tools: ToolSet, disallowed: ToolSet) -> ToolSet:
    """What is left of ``tools`` once ``disallowed`` is taken away; a name in both is removed.

    A specifier in ``disallowed`` removes the whole tool. ``mcp__srv`` and ``mcp__srv__*`` remove a
    server, ``mcp__*`` every server, ``*`` every tool. An omitted ``disallowedTools`` (read as
    everything, without a ``*``) takes nothing away.
    """
    if disallowed.everything and _STAR not in disallowed.names:
        return tools
    notes = _unique((*tools.notes, *disallowed.notes))
    if disallowed.everything:
        return ToolSet(everything=False, names=(), denied=(), notes=notes)
    whole = (f"{name} in 'disallowedTools' removes all of {_key(name)}" for name in disallowed.names if _specified(name))
    notes = _unique((*notes, *whole))
    denied = _unique(key for name in (*tools.denied, *disallowed.names) if (key := _key(name)))
    if tools.everything:
        return replace(tools, denied=denied, notes=notes)
    denials = _Denials(denied)
    names = tuple(name for name in tools.names if not denials.hit(_key(name)))
    # "mcp__srv" without "mcp__srv__delete" has no shorter form, so that denial has to stay.
    held = frozenset(_key(name) for name in names)
    narrower = tuple(entry for entry in denied if _server(entry) in held)
    return ToolSet(everything=False, names=names, denied=narrower, notes=notes)


def grants(tools: ToolSet, name: str) -> bool:
    """Whether ``tools`` has the tool ``name``.

    ``mcp__srv`` and ``mcp__srv__*`` have each tool of their server; ``Bash(git:*)`` has all of Bash;
    aliases count as what they are now, and a retired name is never granted.
    """
    return _Side(Grant(source="", tools=tools, priority=0)).has(_key(name))


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
    picked = _pick(sources, strategy=strategy, omitted=omitted, chosen=chosen)
    denied = _unique(key for side in sources for name in side.tools.denied if (key := _key(name)))
    denials = _Denials(denied)
    notes = [note for side in (*sources, *picked.writers) for note in _notes(side.tools)]
    why, resolved, keys, writers = picked.why, picked.resolved, picked.keys, picked.writers

    if strategy is not Strategy.SET:
        for key in filter(denials.hit, _every(sources) if keys is None else keys):
            by = ", ".join(side.source for side in sources if side.denials.hit(key))
            notes.append(f"{key} is left out: denied by {by}")
        keys = keys and frozenset(key for key in keys if not denials.hit(key))
    if keys is not None and not keys and any(side.tools.everything or side.named for side in sources):
        fallback = _smallest(sources, denials)
        resolved = False
        if fallback is None:
            why += "; that leaves no tool, and no source has a list to fall back to"
        else:
            writers = (fallback,)
            keys = frozenset(key for key in fallback.named if not denials.hit(key)) or fallback.named
            why += f"; that leaves no tool, and an agent without tools cannot start: the list of {fallback.source} is taken"
    if keys is not None:
        # What still denies a listed tool would undo the list, which the user or the last resort has asked for.
        lifted = _lifted(denied, keys)
        notes.extend(f"the denial of {entry} is lifted: the list names it" for entry in lifted)
        denied = tuple(entry for entry in denied if entry not in lifted)

    return ToolsDecision(
        names=None if keys is None else _written(keys, writers),
        denied=tuple(sorted(denied, key=_place)),
        capabilities=_capabilities(keys, sources),
        notes=tuple(sorted(set(notes))),
        why=why,
        resolved=resolved,
    )


def allowed(decision: ToolsDecision) -> ToolSet:
    """What the canonical agent may use by a decision."""
    return ToolSet(everything=decision.names is None, names=decision.names or (), denied=decision.denied)


def with_more(decision: ToolsDecision, grants: tuple[Grant, ...], wanted: tuple[str, ...]) -> ToolsDecision:
    """A decision with more tools, each of them reported as a gain of the sources that lack it."""
    if decision.names is None or not wanted:
        return decision
    sources = tuple(_Side(grant) for grant in sorted(grants, key=lambda grant: grant.source))
    keys = frozenset(_key(name) for name in (*decision.names, *wanted)) - {""}
    names = tuple(sorted({*decision.names, *wanted}, key=lambda name: _place(_key(name))))
    lifted = _lifted(decision.denied, keys)
    return replace(
        decision,
        names=names,
        denied=tuple(entry for entry in decision.denied if entry not in lifted),
        capabilities=_capabilities(keys, sources),
        why=f"{decision.why}; with {', '.join(sorted(wanted))}, which statements need",
    )


class _Denials:
    """Denied entries, indexed: long lists are matched without comparing each entry with each tool."""

    __slots__ = ("_exact", "_lengths", "_prefixes")

    def __init__(self, denied: Iterable[str]) -> None:
        self._exact = frozenset(_key(entry) for entry in denied)
        # Only "mcp__*" and "mcp__srv__*" are documented; another trailing star is read as meant, which credits less.
        self._prefixes = frozenset(entry[:-1] for entry in self._exact if entry.endswith(_STAR))
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def hit(self, key: str) -> bool:
        return _covered(self._exact, key) or any(key[:length] in self._prefixes for length in self._lengths)


class _Side:
    """A grant with its tools indexed by key."""

    __slots__ = ("denials", "named", "priority", "source", "tools")

    def __init__(self, grant: Grant) -> None:
        self.source = grant.source
        self.tools = grant.tools
        self.priority = grant.priority
        self.named = frozenset(_key(name) for name in grant.tools.names) - {"", _STAR, _ALL_MCP}
        self.denials = _Denials(grant.tools.denied)

    def has(self, key: str) -> bool:
        return bool(key) and not self.denials.hit(key) and (self.tools.everything or _covered(self.named, key))

    @property
    def omits(self) -> bool:
        return self.tools.everything and not self.tools.names


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picked:
    """A strategy's answer: ``keys`` ``None`` is every tool; ``writers`` are those whose spelling counts."""

    keys: frozenset[str] | None
    writers: tuple[_Side, ...]
    why: str
    resolved: bool = True


def _pick(sources: tuple[_Side, ...], *, strategy: Strategy, omitted: Omitted, chosen: tuple[str, ...]) -> _Picked:
    keys: frozenset[str] | None
    if strategy is Strategy.SET:
        wanted = _Side(Grant(source="", tools=read_tools(chosen, present=True), priority=0))
        keys = None if wanted.tools.everything else wanted.named
        return _Picked(keys=keys, writers=(wanted,), why="set: the list that the policy names")

    silent = tuple(side for side in sources if side.omits)
    counted = tuple(side for side in sources if not (omitted is Omitted.IGNORE and side.omits))
    lists = tuple(side for side in counted if not side.tools.everything)
    if not lists:
        return _Picked(keys=None, writers=(), why="no source that counts lists its tools, so the key stays out and every tool is inherited")

    asked = omitted is Omitted.ASK and bool(silent)
    every = _every(lists)
    writers = counted
    if strategy is Strategy.PRIORITY:
        first = min(counted, key=lambda side: (-side.priority, side.source))
        writers = (first,)
        # A list that was asked for by its source is what it is, whatever the others leave out.
        asked = asked and first.omits
        keys = None if first.tools.everything else first.named
        why = f"priority: {first.source} comes first, and it " + ("inherits every tool" if keys is None else "lists its tools")
    elif strategy is Strategy.UNION:
        whole = tuple(side.source for side in counted if side.tools.everything)
        keys = None if whole else every
        why = f"union: {', '.join(whole)} inherits every tool, so the key stays out" if whole else f"union of {_count(len(lists), 'list')}"
    elif strategy is Strategy.MAJORITY:
        keys = frozenset(key for key in every if 2 * sum(side.has(key) for side in counted) > len(counted))
        why = f"majority: the tools that more than half of {_count(len(counted), 'source')} have"
    else:
        keys = frozenset(key for key in every if all(side.has(key) for side in lists))
        why = f"{strategy}: the tools that {_count(len(lists), 'list')} share"
        if strategy is Strategy.LEAST_PRIVILEGE:
            why += f", without those of class {HIGH_RISK} and above that not every source names"
            if len(lists) < len(counted):
                keys = frozenset(key for key in keys if risk(key) < HIGH_RISK)
    if silent:
        ids = ", ".join(side.source for side in silent)
        as_what = "is left out" if omitted is Omitted.IGNORE else "counts as having every tool"
        why += f"; without 'tools', {ids} {as_what}" + (", which a person should confirm" if asked else "")
    return _Picked(keys=keys, writers=writers, why=why, resolved=not asked)


def _lifted(denied: tuple[str, ...], keys: frozenset[str]) -> frozenset[str]:
    """The denied entries that would take one of ``keys`` away."""
    exact = keys | {_server(key) for key in keys}
    ordered = sorted(keys)

    def takes(entry: str) -> bool:
        if entry in exact:
            return True
        prefix = entry[:-1]
        at = bisect_left(ordered, prefix)
        return entry.endswith(_STAR) and at < len(ordered) and ordered[at].startswith(prefix)

    return frozenset(filter(takes, denied))


def _every(sources: tuple[_Side, ...]) -> frozenset[str]:
    return frozenset().union(*(side.named for side in sources))


def _smallest(sources: tuple[_Side, ...], denials: _Denials) -> _Side | None:
    """The list with the fewest risky tools, of those that a denial does not empty, if there are such."""
    lists = [side for side in sources if not side.tools.everything and side.named]
    usable = [side for side in lists if not all(denials.hit(key) for key in side.named)]
    return min(
        usable or lists,
        key=lambda side: (sum(risk(key) >= HIGH_RISK for key in side.named), side.source),
        default=None,
    )


def _capabilities(keys: frozenset[str] | None, sources: tuple[_Side, ...]) -> tuple[Capability, ...]:
    if keys is None:
        limited = tuple(side.source for side in sources if not side.tools.everything)
        whole = tuple(side.source for side in sources if side.tools.everything)
        return (Capability(name=EVERY_TOOL, granted_by=whole, lacking=limited),) if limited else ()
    gains = []
    for key in sorted(keys, key=lambda key: (-risk(key), key)):
        lacking = tuple(side.source for side in sources if not side.has(key))
        if lacking:
            having = tuple(side.source for side in sources if side.has(key))
            gains.append(Capability(name=key, granted_by=having, lacking=lacking))
    return tuple(gains)


def _written(keys: frozenset[str], writers: tuple[_Side, ...]) -> tuple[str, ...]:
    """The names in their fixed order, with a specifier where all writers that have the tool write the same."""
    spelled: list[tuple[_Side, dict[str, set[str]]]] = []
    for side in writers:
        forms: dict[str, set[str]] = {}
        for name in side.tools.names:
            forms.setdefault(_key(name), set()).add(_resolved(name) or "")
        spelled.append((side, forms))
    names: list[str] = []
    for key in sorted(keys, key=_place):
        ways = {frozenset(forms.get(key, ())) for side, forms in spelled if side.has(key)}
        if key.startswith("mcp__"):
            # "mcp__srv__*" and "mcp__srv" are the same grant, so one that inherits it has no say in the spelling.
            ways.discard(frozenset())
        only = next(iter(ways)) if len(ways) == 1 else frozenset()
        names.extend(sorted(only) if only and key not in only else [key])
    return tuple(names)


def _notes(tools: ToolSet) -> Iterable[str]:
    yield from tools.notes
    for name in tools.names:
        if _key(name) == _ALL_MCP and not tools.everything:
            yield f"{_ALL_MCP} grants nothing: it works in 'disallowedTools' only"
        elif _specified(name) and _key(name) == "Agent":
            yield f"{name} limits only a main session: a subagent may start every agent"
        elif _specified(name) and _key(name):
            yield f"{name} grants all of {_key(name)}"
        yield from _renamed(name)


def _read_map(value: Mapping[str, Value]) -> ToolSet:
    if not all(isinstance(granted, bool) for granted in value.values()):
        raise SourceError("a tool map has a value that is neither true nor false", fix="write a list of tool names")
    having = _read_entries(_split(", ".join(name for name, granted in value.items() if granted)))
    without = _read_entries(_split(", ".join(name for name, granted in value.items() if not granted)))
    if without.everything:
        # {"*": false, Read: true} only says what a list says anyway.
        return replace(having, denied=())
    if value and not any(value.values()):
        having = ToolSet(everything=True, names=(_STAR,), denied=())
    return effective(having, without)


def _joined(value: Value) -> str:
    if isinstance(value, str):
        text = value.strip()
        # What a line-by-line reader leaves of a list that is not valid YAML.
        return text.lstrip("[").rstrip("]") if text.startswith("[") and text.endswith("]") else text
    if isinstance(value, tuple) and all(item is None or isinstance(item, str) for item in value):
        # One string again: YAML splits "Agent(a, b)" in a flow list at its comma.
        return ", ".join(item for item in value if isinstance(item, str))
    raise SourceError("a tool list that is neither names nor a list of names", fix="write 'tools: Read, Grep' or a list")


def _split(text: str) -> list[str]:
    """Entries of a comma string; a parenthesis that is never closed holds nothing together."""
    unclosed = _unclosed(text)
    parts: list[str] = []
    start = depth = 0
    for at, char in enumerate(text):
        if char == "(" and at not in unclosed:
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char in ",\n" and not depth:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return [entry for part in parts if (entry := part.strip(_EDGE))]


def _unclosed(text: str) -> frozenset[int]:
    """Places of the opening parentheses that nothing closes."""
    opened: list[int] = []
    for found in re.finditer(r"[()]", text):
        if found[0] == "(":
            opened.append(found.start())
        elif opened:
            opened.pop()
    return frozenset(opened)


def _read_entries(entries: list[str]) -> ToolSet:
    notes = _unique(note for entry in entries for note in _renamed(entry))
    # Half a specifier is no specifier; kept, it would swallow the entries written after it.
    entries = [entry[: min(open_)].strip(_EDGE) if (open_ := _unclosed(entry)) else entry for entry in entries]
    if _STAR in entries:
        return ToolSet(everything=True, names=(_STAR,), denied=(), notes=notes)
    names = _unique(name for entry in entries if (name := _resolved(entry)))
    return ToolSet(everything=False, names=names, denied=(), notes=notes)


def _renamed(entry: str) -> Iterable[str]:
    base = entry.partition("(")[0].strip()
    if base in ALIASES:
        now = ALIASES[base]
        yield f"{base} is now {now}" if now else f"{base} is retired"


def _resolved(entry: str) -> str | None:
    """The entry under today's name, specifier kept; ``None`` for a retired tool."""
    base, bracket, specifier = entry.partition("(")
    name = base.strip()
    if name not in ALIASES:
        return entry
    now = ALIASES[name]
    return now and now + bracket + specifier


def _key(entry: str) -> str:
    """The tool that an entry is about: no specifier, today's name, ``mcp__srv__*`` as ``mcp__srv``; "" if retired."""
    name = (_resolved(entry) or "").partition("(")[0].strip()
    server = _server(name)
    return server if server and name == f"{server}__*" else name


def _specified(entry: str) -> bool:
    return "(" in entry


def _server(key: str) -> str:
    """``mcp__srv`` of ``mcp__srv__tool``, else ""."""
    parts = key.split("__", 2)
    return f"mcp__{parts[1]}" if len(parts) == 3 and parts[0] == "mcp" and parts[1] else ""


def _covered(held: frozenset[str], key: str) -> bool:
    return key in held or _server(key) in held


def _place(key: str) -> tuple[int, int, str]:
    if key in _PLACE:
        return (0, _PLACE[key], key)
    if key.startswith("mcp__"):
        return (3, 0, key)
    return (1 if key in _RISK else 2, 0, key)


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
