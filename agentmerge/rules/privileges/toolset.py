"""Tool sets: what one source may use, read from every form in which lists are written.

Where the documentation is silent, the reading is the one that credits a source with less, so that
a gain is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agentmerge.errors import SourceError
from agentmerge.model import Value
from agentmerge.rules.privileges.tool_names import ALL_MCP, FOREIGN, STAR, base, renamed, server_of, specified, today, tool_of

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

    @property
    def omitted(self) -> bool:
        """Whether every tool is granted because no list is written."""
        return self.everything and not self.names


EVERYTHING = ToolSet(everything=True, names=(), denied=())


def read_tools(value: Value, *, present: bool) -> ToolSet:
    """What a ``tools`` or ``disallowedTools`` value names.

    Not present: everything. ``null``: the documentation does not say; read as not present.
    ``[]`` and an empty string: nothing. A comma string or a list: its names; commas inside
    parentheses do not split, and ``Agent(a`` and ``b)``, which YAML made of one entry, are joined
    again, and an unclosed specifier is cut. ``"*"`` anywhere: everything. A map of name to boolean,
    which is another program's form: the names that are true, or everything but the false ones when
    none is true; its names are translated. Raises ``SourceError`` for any other shape.
    """
    if not present or value is None:
        return EVERYTHING
    if isinstance(value, Mapping):
        return _read_map(value)
    entries = _split(_joined(value))
    found = _read_entries(entries)
    return replace(found, notes=unique((*found.notes, *_foreign(found.names))))


def effective(tools: ToolSet, disallowed: ToolSet) -> ToolSet:
    """What is left of ``tools`` once ``disallowed`` is taken away; a name in both is removed.

    A specifier in ``disallowed`` removes the whole tool. ``mcp__srv`` and ``mcp__srv__*`` remove a
    server, ``mcp__*`` every server, ``*`` every tool. An omitted ``disallowedTools`` (read as
    everything, without a ``*``) takes nothing away.
    """
    if disallowed.omitted:
        return tools
    notes = unique((*tools.notes, *disallowed.notes))
    if disallowed.everything:
        return ToolSet(everything=False, names=(), denied=(), notes=notes)
    whole = (f"{name} in 'disallowedTools' removes all of {tool_of(name)}" for name in disallowed.names if specified(name))
    notes = unique((*notes, *whole))
    denied = unique(tool for name in (*tools.denied, *disallowed.names) if (tool := tool_of(name)))
    if tools.everything:
        return replace(tools, denied=denied, notes=notes)
    denials = Denials(denied)
    names = tuple(name for name in tools.names if not denials.hit(tool_of(name)))
    # "mcp__srv" without "mcp__srv__delete" has no shorter form, so that denial has to stay.
    held = frozenset(tool_of(name) for name in names)
    narrower = tuple(entry for entry in denied if server_of(entry) in held)
    return ToolSet(everything=False, names=names, denied=narrower, notes=notes)


def grants(tools: ToolSet, name: str) -> bool:
    """Whether ``tools`` has the tool ``name``.

    ``mcp__srv`` and ``mcp__srv__*`` have each tool of their server; ``Bash(git:*)`` has all of Bash;
    aliases count as what they are now, and a retired name is never granted.
    """
    return Held(tools).has(tool_of(name))


class Denials:
    """Denied entries, indexed: long lists are matched without comparing each entry with each tool."""

    __slots__ = ("_exact", "_lengths", "_prefixes")

    def __init__(self, denied: Iterable[str]) -> None:
        self._exact = frozenset(tool_of(entry) for entry in denied)
        # Only "mcp__*" and "mcp__srv__*" are documented; another trailing star is read as meant, which credits less.
        self._prefixes = frozenset(entry[:-1] for entry in self._exact if entry.endswith(STAR))
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})

    def hit(self, tool: str) -> bool:
        return _covered(self._exact, tool) or any(tool[:length] in self._prefixes for length in self._lengths)


class Held:
    """A tool set, indexed by tool; ``named`` are the tools that its list names."""

    __slots__ = ("denials", "named", "tools")

    def __init__(self, tools: ToolSet) -> None:
        self.tools = tools
        self.named = frozenset(tool_of(name) for name in tools.names) - {"", STAR, ALL_MCP}
        self.denials = Denials(tools.denied)

    def has(self, tool: str) -> bool:
        return bool(tool) and not self.denials.hit(tool) and (self.tools.everything or _covered(self.named, tool))


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items in their order, each once."""
    return tuple(dict.fromkeys(items))


def _covered(held: frozenset[str], tool: str) -> bool:
    return tool in held or server_of(tool) in held


# --- forms of lists ----------------------------------------------------------------------------


def _read_map(value: Mapping[str, Value]) -> ToolSet:
    if not all(isinstance(granted, bool) for granted in value.values()):
        raise SourceError("a tool map has a value that is neither true nor false", fix="write a list of tool names")
    read: dict[str, tuple[str, ...]] = {}
    having = _read_entries(_translated((name for name, granted in value.items() if granted), read, denied=False))
    without = _read_entries(_translated((name for name, granted in value.items() if not granted), read, denied=True))
    if read:
        told = ", ".join(f"{name} as {' and '.join(meant)}" for name, meant in sorted(read.items()))
        having = replace(having, notes=(*having.notes, f"names of another program in a map of tools are read as today's: {told}"))
    if without.everything:
        # {"*": false, Read: true} only says what a list says anyway.
        return having
    if value and not any(value.values()):
        having = ToolSet(everything=True, names=(STAR,), denied=(), notes=having.notes)
    elif not having.everything:
        # In a list of what is granted, a perhaps too wide denial may not take away what the map grants itself.
        surely = frozenset(having.names)
        without = replace(without, names=tuple(name for name in without.names if name not in surely or value.get(name) is False))
    return effective(having, without)


def _translated(names: Iterable[str], read: dict[str, tuple[str, ...]], *, denied: bool) -> list[str]:
    """Entries of a map under today's names; ``read`` takes down what was translated."""
    entries: list[str] = []
    for name in _split(", ".join(names)):
        meant = _meant(name, denied=denied)
        if meant != (name,):
            read[name] = meant
        entries.extend(meant)
    return entries


def _meant(name: str, *, denied: bool) -> tuple[str, ...]:
    known = FOREIGN.get(name)
    if known:
        return (*known.surely, *known.perhaps) if denied else known.surely
    # "server_*" is how OpenCode names every tool of a server.
    server = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*(?:_[A-Za-z0-9-]+)*)_\*", name)
    return (f"mcp__{server[1]}",) if server and not name.startswith("mcp__") else (name,)


def _foreign(names: Iterable[str]) -> Iterable[str]:
    """One note for a list's names that only other programs know; ``edit/editFiles`` is Copilot's."""
    found = unique(name for name in map(base, names) if name.partition("/")[0] in FOREIGN)
    if found:
        today_ = unique(tool for name in found for tool in FOREIGN[name.partition("/")[0]].surely)
        are = "is no known tool" if len(found) == 1 else "are no known tools"
        yield f"{', '.join(found)} {are}: another program's name; here it would be {', '.join(today_)}"


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
    notes = unique(note for entry in entries if (note := renamed(entry)))
    # Half a specifier is no specifier; kept, it would swallow the entries written after it.
    entries = [entry[: min(open_)].strip(_EDGE) if (open_ := _unclosed(entry)) else entry for entry in entries]
    if STAR in entries:
        return ToolSet(everything=True, names=(STAR,), denied=(), notes=notes)
    names = unique(name for entry in entries if (name := today(entry)))
    return ToolSet(everything=False, names=names, denied=(), notes=notes)
