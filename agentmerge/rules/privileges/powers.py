"""What a frontmatter lets an agent do beyond its list of tools, entry by entry."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agentmerge.model import Value

PRIVILEGE_KEYS = ("permissionMode", "skills", "mcpServers", "hooks", "memory", "background", "isolation", "initialPrompt")
# How much a mode lets pass without a question. An omitted mode is the parent's, read as the default.
MODES = {"plan": 0, "dontAsk": 1, "default": 2, "manual": 2, "acceptEdits": 3, "auto": 4, "bypassPermissions": 5}
DEFAULT_MODE = MODES["default"]
# Whose notes a memory is, narrowest first.
SCOPES = ("local", "project", "user")
MEMORY_TOOLS = ("Read", "Write", "Edit")
ISOLATED = "worktree"


class Entry(NamedTuple):
    """One thing that a key grants: ``name`` is "" for a single value; ``value`` ``None`` is a bare name."""

    name: str
    value: Value


def entries(key: str, value: Value) -> tuple[Entry, ...]:
    """What a key of privilege grants, in the order written; an empty value grants nothing."""
    if value is None or value == "" or (key in ("background", "memory") and not switched_on(value)):
        return ()
    if isinstance(value, Mapping):
        return tuple(Entry(str(name), own) for name, own in value.items())
    if isinstance(value, str) and key in ("skills", "mcpServers") and "\n" not in value:
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(_items(value)) if isinstance(value, tuple) else (Entry("", value),)


def _items(value: tuple[Value, ...]) -> Iterator[Entry]:
    for item in value:
        # An inline server is a map with its name as the key.
        if isinstance(item, Mapping) and (len(item) == 1 or all(isinstance(own, Mapping) for own in item.values())):
            yield from (Entry(str(name), own) for name, own in item.items())
        else:
            yield Entry(value_text(item), None if isinstance(item, str) else item)


def parts(key: str, value: Value) -> Mapping[str, str]:
    """The entries of a key as text, by name."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in entries(key, value):
        found[entry.name].append(entry.name if entry.value is None else value_text(entry.value))
    return {name: ", ".join(texts) for name, texts in found.items()}


def value_text(value: Value) -> str:
    """A value on one line, the same for equal values."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, default=dict)
    return " ".join(text.split())


def switched_on(value: Value) -> bool:
    """Whether a switch is on, in YAML's older words too."""
    return value not in (None, False, "", 0) and str(value).lower() not in ("no", "off", "false")


def mode_rank(value: Value) -> int | None:
    """The place of a mode among the others, strictest first; ``None`` for one that is not known."""
    return DEFAULT_MODE if value in (None, "") else MODES.get(str(value))


def scope_rank(value: Value) -> int:
    """How far a memory reaches: 0 is off, then its place in ``SCOPES``, and beyond them for an unknown scope."""
    if not entries("memory", value):
        return 0
    return SCOPES.index(str(value)) + 1 if str(value) in SCOPES else len(SCOPES) + 1
