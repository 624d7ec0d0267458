"""Which of two sources says that it is the younger, by its own frontmatter: no clock and no file date decides a build."""

from __future__ import annotations

import re

from agentmerge.model import Agent

# Looked at in this order; both sources must have the same key.
AGE_KEYS = ("updated", "last_updated", "date", "version")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:\D.*)?")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")


def younger(a: Agent, b: Agent) -> Agent | None:
    """The source that says it is younger than the other; ``None`` when neither does or they cannot be compared."""
    for key in AGE_KEYS:
        one, two = _age(a, key), _age(b, key)
        if one and two and one != two:
            return a if one > two else b
    return None


def _age(agent: Agent, key: str) -> tuple[int, ...]:
    pattern = _VERSION if key == "version" else _DATE
    found = pattern.fullmatch(str(agent.value(key) or "").strip())
    if found is None:
        return ()
    return tuple(int(part) for part in (found[1].split(".") if key == "version" else found.groups()))
