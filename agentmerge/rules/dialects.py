"""Frontmatter keys of other agent tools: whose they are, and which of them grant or limit something there."""

from __future__ import annotations

from collections.abc import Mapping

# Tool, then its keys that Claude Code does not read. A key may belong to several.
_KEYS: Mapping[str, str] = {
    "OpenCode": "mode temperature top_p steps maxSteps permission permissions prompt hidden disable",
    "Copilot": "target disable-model-invocation user-invocable mcp-servers metadata infer",
    "VS Code": "argument-hint handoffs agents",
    "Cursor": "readonly is_background globs alwaysApply",
    "Gemini CLI": "kind temperature max_turns timeout_mins",
    "Codex": "developer_instructions model_reasoning_effort sandbox_mode mcp_servers nickname_candidates",
    "Qwen Code": "approvalMode",
    "Kiro": "permissions resources allowedTools toolsSettings",
    "Roo Code": "slug roleDefinition groups whenToUse customInstructions",
    "Factory": "reasoningEffort",
    "Windsurf": "trigger",
    "Agent Skills": "license compatibility metadata allowed-tools",
}
# What the agent may do there hangs on these.
LIMITS = frozenset(
    (
        "permission", "permissions", "readonly", "allowed-tools", "allowedTools", "toolsSettings", "sandbox_mode", "approvalMode",
        "groups", "mcp-servers", "mcp_servers", "disable-model-invocation",
    )
)  # fmt: skip


def tools_with(key: str) -> tuple[str, ...]:
    """The tools that have a key, ``()`` when none of the known ones has it."""
    return tuple(tool for tool, keys in _KEYS.items() if key in keys.split())


def told(key: str) -> str:
    """What a key outside the format is, in words for the ledger."""
    tools = tools_with(key)
    if not tools:
        return "not a key of the format: agent tools ignore it"
    return f"a key of {' and '.join((', '.join(tools[:-1]), tools[-1])) if len(tools) > 1 else tools[0]}: Claude Code ignores it"
