"""What a policy may name under ``privilege: {allow: […]}``."""

from __future__ import annotations

from agentmerge.rules.privileges.powers import MODES
from agentmerge.rules.privileges.tool_names import base, tool_names

# The end of its path: it may stand under ``rules`` or under an override.
ALLOW_PATH = ("privilege", "allow")
_WHOLE = ("hooks", "mcpServers", "skills", "memory", "initialPrompt", "background")
_NAMED = ("hooks", "mcpServers", "skills", "permissionMode")
_MODES = tuple(f"permissionMode.{mode}" for mode in MODES)
_FORMS = "hooks, hooks.Stop, mcpServers, mcpServers.github, skills, skills.x, memory, permissionMode.acceptEdits, initialPrompt, background"


def allow_problem(entry: str) -> str | None:
    """What is wrong with an entry, with a suggestion; ``None`` for one of a known form."""
    key, dot, name = entry.partition(".")
    if entry in _WHOLE or entry in _MODES or (dot and name.strip() and key in _NAMED and key != "permissionMode"):
        return None
    return f"{entry!r} is nothing that a policy can allow ({_suggestion(entry, key, name)})"


def _suggestion(entry: str, key: str, name: str) -> str:
    from difflib import get_close_matches

    if key == "permissionMode":
        close = get_close_matches(name, MODES, n=1)
        return f"did you mean '{key}.{close[0]}'?" if close else f"name the mode: one of {', '.join(_MODES)}"
    if key == "isolation":
        return "isolation limits the agent, so it stays wherever a source has it"
    if base(entry) in tool_names() or entry.startswith("mcp__"):
        return "tools are chosen by the rule 'tools'"
    close = get_close_matches(key, (*_WHOLE, "permissionMode"), n=1, cutoff=0.7)
    if not close:
        return f"write one of {_FORMS}"
    meant = f"{close[0]}.{name}" if name and close[0] in _NAMED else close[0]
    return f"did you mean '{meant}'?" if allow_problem(meant) is None else f"write one of {_FORMS}"
