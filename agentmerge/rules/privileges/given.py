"""A key of privilege as the sources have it, and what PRIV001 makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Conflict, Value


class Given(NamedTuple):
    """A key as the sources have it: ``said`` are those that state it, the most trusted first."""

    key: str
    sources: tuple[str, ...]
    said: tuple[tuple[str, Value], ...]
    rank: Mapping[str, int]
    allow: frozenset[str]
    drop: bool

    @property
    def everywhere(self) -> bool:
        return len(self.said) == len(self.sources)

    def allowed(self, name: str) -> bool:
        return self.key in self.allow or f"{self.key}.{name}" in self.allow

    def shown(self, name: str) -> str:
        return f"{self.key}.{name}" if name else self.key


class Verdict(NamedTuple):
    """What stays of a key (``None``: nothing), why, and what the sources disagree on."""

    value: Value
    why: str
    conflicts: tuple[Conflict, ...] = ()


def conflict(given: Given, decision: str, why: str, *, resolved: bool = True, name: str = "", members: Iterable[str] = ()) -> Conflict:
    sources = sorted(members) or sorted(source for source, _ in given.said)
    return Conflict(
        id=given.shown(name),
        kind="privilege",
        members=tuple(f"{source}:{given.key}" for source in sources),
        decision=decision,
        resolved=resolved,
        rule="PRIV001",
        why=why,
    )


def to_keep(names: Sequence[str], what: str = "") -> str:
    """How to let these in: the very line of a policy."""
    written = ", ".join(name if re.fullmatch(r"[A-Za-z][\w.-]*", name) else json.dumps(name, ensure_ascii=False) for name in names)
    kept = what or ("it" if len(names) == 1 else "them")
    return f"to keep {kept} write 'privilege: {{allow: [{written}]}}' under 'rules:'"
