"""Names of tools: what they are called today, how risky they are, and what other programs call them.

Facts are those of Claude Code's ``tools`` and ``disallowedTools``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

STAR = "*"
ALL_MCP = "mcp__*"
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

_SUBAGENTS_NEVER = frozenset(
    ("AskUserQuestion", "EnterPlanMode", "EndConversation", "ScheduleWakeup", "TaskOutput", "WaitForMcpServers", "Workflow")
)

_ORDER = (
    *("Read", "Write", "Edit", "NotebookEdit", "Glob", "Grep", "Bash", "PowerShell"),
    *("WebFetch", "WebSearch", "TodoWrite", "Agent", "Skill"),
)
_PLACE = {name: place for place, name in enumerate(_ORDER)}


class Foreign(NamedTuple):
    """What another program's name for tools means here: ``surely`` these, ``perhaps`` those too.

    Programs differ in what one name holds (``edit`` has writing in Copilot, not in OpenCode), so a
    name grants what it surely means, and takes away all that it may mean.
    """

    surely: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


# OpenCode, Copilot, Gemini CLI, Qwen Code, Kiro, Roo Code and Factory.
FOREIGN: Mapping[str, Foreign] = {
    **dict.fromkeys(("read", "read_file"), Foreign(("Read",))),
    "write": Foreign(("Write",), ("Edit",)),
    **dict.fromkeys(("write_file", "Create"), Foreign(("Write",))),
    "edit": Foreign(("Edit",), ("Write",)),
    "replace": Foreign(("Edit",)),
    **dict.fromkeys(("bash", "shell", "execute", "command", "run_shell_command", "Execute"), Foreign(("Bash",))),
    "glob": Foreign(("Glob",)),
    **dict.fromkeys(("grep", "grep_search"), Foreign(("Grep",))),
    "search": Foreign(("Glob", "Grep")),
    **dict.fromkeys(("webfetch", "web_fetch", "FetchUrl"), Foreign(("WebFetch",))),
    **dict.fromkeys(("websearch", "web_search", "google_web_search"), Foreign(("WebSearch",))),
    "web": Foreign(("WebFetch", "WebSearch")),
    **dict.fromkeys(("task", "agent", "use_subagent"), Foreign(("Agent",))),
}


def tool_names() -> frozenset[str]:
    """Every built-in tool name that is known, retired names and aliases included."""
    return frozenset(_RISK) | frozenset(ALIASES)


def risk(name: str) -> int:
    """The risk class of a tool, 0 (bookkeeping) to 7 (executes); unknown and MCP tools are 8.

    Takes aliases and specifiers; a retired name counts as reading, which is all that it ever did.
    """
    if base(name) in ALIASES and not tool_of(name):
        return _RETIRED_RISK
    return _RISK.get(tool_of(name), UNKNOWN_RISK)


def base(entry: str) -> str:
    """An entry's name as written, without its specifier."""
    return entry.partition("(")[0].strip()


def specified(entry: str) -> bool:
    """Whether an entry has a specifier: ``Bash(git:*)``."""
    return "(" in entry


def today(entry: str) -> str | None:
    """The entry under today's name, specifier kept; ``None`` for a retired tool."""
    name, bracket, specifier = entry.partition("(")
    if name.strip() not in ALIASES:
        return entry
    now = ALIASES[name.strip()]
    return now and now + bracket + specifier


def tool_of(entry: str) -> str:
    """The tool that an entry is about: no specifier, today's name, ``mcp__srv__*`` as ``mcp__srv``; "" if retired."""
    name = base(today(entry) or "")
    server = server_of(name)
    return server if server and name == f"{server}__*" else name


def server_of(tool: str) -> str:
    """``mcp__srv`` of ``mcp__srv__tool``, else ""."""
    parts = tool.split("__", 2)
    return f"mcp__{parts[1]}" if len(parts) == 3 and parts[0] == "mcp" and parts[1] else ""


def place(tool: str) -> tuple[int, int, str]:
    """Where a tool stands in a written list."""
    if tool in _PLACE:
        return (0, _PLACE[tool], tool)
    if tool.startswith("mcp__"):
        return (3, 0, tool)
    return (1 if tool in _RISK else 2, 0, tool)


def renamed(entry: str) -> str | None:
    """What became of a name that is not in use any more, as a note."""
    name = base(entry)
    if name not in ALIASES:
        return None
    now = ALIASES[name]
    return f"{name} is now {now}" if now else f"{name} is retired"


def without_effect(entry: str) -> str | None:
    """Why an entry of a list does not do what it seems to do, as a note."""
    tool = tool_of(entry)
    if tool == ALL_MCP:
        return f"{ALL_MCP} grants nothing: it works in 'disallowedTools' only"
    if tool in _SUBAGENTS_NEVER:
        return f"{tool} is never granted to a subagent, even if its list names it"
    if tool == "ExitPlanMode":
        return f"{tool} is granted to a subagent only with 'permissionMode: plan'"
    if not specified(entry) or not tool:
        return None
    if tool == "Agent":
        return f"{entry} limits only a main session: a subagent may start every agent"
    return f"{entry} grants all of {tool}"
