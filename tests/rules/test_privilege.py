"""PRIV001, key by key: what stays, what a conflict says, and what a policy may name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentmerge.errors import PolicyError
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Capability
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.policy import Policy, parse_policy
from agentmerge.rules.privileges.allow import allow_problem
from agentmerge.rules.privileges.capabilities import capabilities
from agentmerge.rules.privileges.powers import PRIVILEGE_KEYS
from agentmerge.rules.privileges.privilege import choose_privilege, unused_allowances
from agentmerge.rules.privileges.tool_strategies import Grant
from agentmerge.rules.privileges.toolset import effective, read_tools

ABSENT: Any = object()
LINT, TEST = [{"command": "make lint"}], [{"command": "make test"}]


def agents(key: str, *values: Any, **more: Any) -> tuple[Agent, ...]:
    made = []
    for id_, value in zip("abcd", values, strict=False):
        keys = {**({} if value is ABSENT else {key: value}), **more}
        lines = "".join(f"{name}: {json.dumps(own)}\n" for name, own in keys.items())
        text = f"---\nname: {id_}\ndescription: d\n{lines}---\n\nBody.\n"
        made.append(agent_from_source(source_from_bytes(text.encode(), f"{id_}.md", id_)))
    return tuple(made)


def policy(*allow: str, strategy: str = "strictest", priority: str = "") -> Policy:
    return parse_policy(
        json.dumps({"priority": list(priority), "rules": {"privilege": {"strategy": strategy, "allow": list(allow)}}}), "p.yaml"
    )


def chosen(key: str, *values: Any, allow: tuple[str, ...] = (), **options: str) -> Chosen:
    return choose_privilege(agents(key, *values), key, policy(*allow, **options))


def outcomes(made: Chosen) -> str:
    return " ".join(f"{d.source}:{d.outcome}" for d in made.decisions)


@pytest.mark.parametrize(
    ("key", "values", "stays", "undecided", "outcome"),
    [
        # the strictest mode wins; no mode is the default
        ("permissionMode", ["plan", "plan"], "plan", None, "a:kept b:merged"),
        ("permissionMode", ["plan", "acceptEdits"], "plan", False, "a:kept b:overridden"),
        ("permissionMode", ["acceptEdits", ABSENT], None, False, "a:dropped"),
        ("permissionMode", ["plan", ABSENT], "plan", False, "a:kept"),
        ("permissionMode", ["dontAsk", "plan"], "plan", False, "a:overridden b:kept"),
        ("permissionMode", ["dontAsk", ABSENT], "dontAsk", False, "a:kept"),
        ("permissionMode", ["default", "dontAsk"], "dontAsk", False, "a:overridden b:kept"),
        ("permissionMode", ["default", "manual"], "default", None, "a:kept b:overridden"),
        ("permissionMode", ["default", ABSENT], None, None, "a:dropped"),
        ("permissionMode", ["default", "acceptEdits"], "default", False, "a:kept b:overridden"),
        ("permissionMode", ["auto", "acceptEdits"], "acceptEdits", False, "a:overridden b:kept"),
        ("permissionMode", ["auto", "bypassPermissions"], "auto", False, "a:kept b:overridden"),
        ("permissionMode", ["bypassPermissions", "bypassPermissions"], "bypassPermissions", None, "a:kept b:merged"),
        # a mode that nobody knows is left out, and a person is asked
        ("permissionMode", ["yolo", ABSENT], None, True, "a:dropped"),
        ("permissionMode", ["yolo", "yolo"], None, True, "a:dropped b:dropped"),
        ("permissionMode", ["yolo", "plan"], "plan", True, "a:overridden b:kept"),
        ("permissionMode", ["yolo", "auto"], None, True, "a:dropped b:dropped"),
        # memory: only if all have it, the narrowest
        ("memory", ["project", "project"], "project", None, "a:kept b:merged"),
        ("memory", ["project", "user"], "project", False, "a:kept b:overridden"),
        ("memory", ["project", "local"], "local", False, "a:overridden b:kept"),
        ("memory", ["user", ABSENT], None, False, "a:dropped"),
        ("memory", ["user", False], None, False, "a:dropped b:dropped"),
        ("memory", [False, ABSENT], None, None, "a:dropped"),
        ("memory", ["team", "user"], None, True, "a:dropped b:dropped"),
        ("memory", ["team", ABSENT], None, False, "a:dropped"),
        # isolation limits
        ("isolation", ["worktree", ABSENT], "worktree", False, "a:kept"),
        ("isolation", ["worktree", "worktree"], "worktree", None, "a:kept b:merged"),
        ("isolation", ["box", "box"], "box", None, "a:kept b:merged"),
        ("isolation", ["box", "worktree"], "worktree", False, "a:overridden b:kept"),
        ("isolation", ["box", ABSENT], None, True, "a:dropped"),
        # background only if all
        ("background", [True, True], True, None, "a:kept b:merged"),
        ("background", [True, ABSENT], None, False, "a:dropped"),
        ("background", [True, False], None, False, "a:dropped b:dropped"),
        ("background", [False, False], False, None, "a:kept b:merged"),
        ("background", [False, ABSENT], None, None, "a:dropped"),
        # skills that all have
        ("skills", [["x", "y"], ["y"]], ("y",), False, "a:overridden b:kept"),
        ("skills", ["x, y", ["y", "x"]], ("x", "y"), None, "a:kept b:merged"),
        ("skills", [["x"], ["y"]], None, False, "a:dropped b:dropped"),
        ("skills", [["x"], ABSENT], None, False, "a:dropped"),
        ("skills", [[], ["x"]], None, False, "a:dropped b:dropped"),
        ("skills", [[], []], None, None, "a:dropped b:dropped"),
        # what executes never enters unnamed, even if all have it
        ("hooks", [{"Stop": LINT}, {"Stop": LINT}], None, False, "a:dropped b:dropped"),
        ("hooks", [{"Stop": LINT}, ABSENT], None, False, "a:dropped"),
        ("hooks", [{}, ABSENT], None, None, "a:dropped"),
        ("hooks", ["lint.sh", "lint.sh"], None, False, "a:dropped b:dropped"),
        ("mcpServers", [["hub"], ["hub"]], None, False, "a:dropped b:dropped"),
        ("mcpServers", [{"hub": {"url": "u"}}, ABSENT], None, False, "a:dropped"),
        ("initialPrompt", ["Begin", "Begin"], None, False, "a:dropped b:dropped"),
        ("initialPrompt", ["", ABSENT], None, None, ""),
    ],
)
def test_the_strictest_stays(key: str, values: list[Any], stays: Any, undecided: bool | None, outcome: str) -> None:
    made = chosen(key, *values)
    assert (made.value, made.present) == (stays, stays is not None)
    assert [not c.resolved for c in made.conflicts] == ([] if undecided is None else [undecided])
    assert outcomes(made) == outcome
    assert all(c.rule == "PRIV001" and c.kind == "privilege" for c in made.conflicts)


@pytest.mark.parametrize(
    ("key", "values", "allow", "stays", "undecided"),
    [
        ("hooks", [{"Stop": LINT}, ABSENT], ("hooks",), {"Stop": LINT}, []),
        ("hooks", [{"Stop": LINT}, ABSENT], ("hooks.Stop",), {"Stop": LINT}, []),
        ("hooks", [{"Stop": LINT, "PreToolUse": TEST}, ABSENT], ("hooks.Stop",), {"Stop": LINT}, [False]),
        ("hooks", [{"Stop": LINT}, ABSENT], ("hooks.PreToolUse",), None, [False]),
        ("hooks", [{"Stop": LINT}, {"Stop": TEST}], ("hooks",), None, [True]),
        ("hooks", [{"Stop": LINT}, {"Stop": TEST}, {"PreToolUse": LINT}], ("hooks",), {"PreToolUse": LINT}, [True]),
        ("hooks", ["lint.sh", "lint.sh"], ("hooks",), None, [False]),
        ("mcpServers", [["hub", "shop"], ABSENT], ("mcpServers.hub",), ["hub"], [False]),
        ("mcpServers", ["hub, shop", "hub"], ("mcpServers",), ["hub", "shop"], []),
        ("mcpServers", [{"hub": {"url": "u"}}, [{"hub": {"url": "u"}}]], ("mcpServers",), {"hub": {"url": "u"}}, []),
        ("mcpServers", [["hub"], [{"shop": {"url": "u"}}]], ("mcpServers",), ["hub", {"shop": {"url": "u"}}], []),
        ("mcpServers", [["hub"], {"hub": {"url": "u"}}], ("mcpServers",), None, [True]),
        ("skills", [["x"], ["y"]], ("skills.x",), ["x"], [False]),
        ("skills", [["x"], ["y"]], ("skills",), ["x", "y"], []),
        ("memory", ["user", ABSENT], ("memory",), "user", [False]),
        ("memory", ["user", "local", ABSENT], ("memory",), "local", [False]),
        ("permissionMode", ["acceptEdits", ABSENT], ("permissionMode.acceptEdits",), "acceptEdits", [False]),
        ("permissionMode", ["acceptEdits", "plan"], ("permissionMode.acceptEdits",), "acceptEdits", [False]),
        ("permissionMode", ["acceptEdits", ABSENT], ("permissionMode.auto",), None, [False]),
        ("permissionMode", ["auto", "acceptEdits", "plan"], ("permissionMode.auto", "permissionMode.acceptEdits"), "acceptEdits", [False]),
        ("initialPrompt", ["Begin", ABSENT], ("initialPrompt",), "Begin", []),
        ("initialPrompt", ["Begin", "Begin now"], ("initialPrompt",), None, [True]),
        ("background", [True, ABSENT], ("background",), True, [False]),
    ],
)
def test_what_the_policy_names_enters(key: str, values: list[Any], allow: tuple[str, ...], stays: Any, undecided: list[bool]) -> None:
    made = chosen(key, *values, allow=allow)
    assert json.loads(json.dumps(made.value, default=dict)) == stays
    assert [not c.resolved for c in made.conflicts] == undecided
    dropping = chosen(key, *values, allow=allow, strategy="drop")
    assert (dropping.value, len(dropping.conflicts)) == (made.value, len(made.conflicts))


def test_of_definitions_that_differ_the_more_trusted_one_stays() -> None:
    made = chosen("hooks", {"Stop": LINT}, {"Stop": TEST}, allow=("hooks",), priority="b")
    assert json.loads(json.dumps(made.value, default=dict)) == {"Stop": TEST}
    (conflict,) = made.conflicts
    assert (conflict.id, conflict.resolved, conflict.decision) == ("hooks.Stop", True, "hooks.Stop of b stays")


@pytest.mark.parametrize(
    ("key", "values", "stays"),
    [
        ("permissionMode", ["plan", ABSENT], "plan"),
        ("permissionMode", ["bypassPermissions", "bypassPermissions"], None),
        ("permissionMode", ["default", "default"], None),
        ("isolation", ["worktree", ABSENT], "worktree"),
        ("memory", ["user", "user"], None),
        ("skills", [["x"], ["x"]], None),
        ("background", [True, True], None),
    ],
)
def test_to_drop_takes_away_what_widens_and_leaves_what_limits(key: str, values: list[Any], stays: str | None) -> None:
    assert chosen(key, *values, strategy="drop").value == stays


@pytest.mark.parametrize(
    ("key", "values", "line"),
    [
        ("hooks", [{"Stop": LINT, "PreToolUse": TEST}, {"Stop": LINT}], "privilege: {allow: [hooks.Stop, hooks.PreToolUse]}"),
        ("mcpServers", [["the hub"], ABSENT], 'privilege: {allow: ["mcpServers.the hub"]}'),
        ("skills", [["x", "y"], ["y"]], "privilege: {allow: [skills.x]}"),
        ("memory", ["user", ABSENT], "privilege: {allow: [memory]}"),
        ("permissionMode", ["auto", "acceptEdits", ABSENT], "privilege: {allow: [permissionMode.acceptEdits]}"),
        ("initialPrompt", ["Begin", ABSENT], "privilege: {allow: [initialPrompt]}"),
        ("background", [True, ABSENT], "privilege: {allow: [background]}"),
    ],
)
def test_a_conflict_tells_the_line_that_lets_it_in(key: str, values: list[Any], line: str) -> None:
    made = agents(key, *values)
    (conflict,) = choose_privilege(made, key, policy()).conflicts
    assert conflict.resolved
    assert f"write '{line}' under 'rules:'" in conflict.why
    told = parse_policy(f"rules:\n  {line}\n", "p.yaml")
    assert choose_privilege(made, key, told).value is not None


def test_a_conflict_says_who_has_what() -> None:
    (conflict,) = chosen("hooks", {"Stop": LINT, "PreToolUse": TEST}, {"Stop": LINT}).conflicts
    assert conflict.why.startswith("every source has hooks.Stop, only a has hooks.PreToolUse; what runs commands enters by name only; ")
    assert conflict.decision == "hooks.Stop, hooks.PreToolUse are left out"
    (conflict,) = chosen("mcpServers", ["hub"], ["hub"], ABSENT).conflicts
    assert conflict.why.startswith("only a and b have it; what starts a server enters by name only")
    assert conflict.members == ("a:mcpServers", "b:mcpServers")


def test_a_source_without_the_entry_is_no_member_of_its_conflict() -> None:
    made = chosen("hooks", {"Stop": LINT}, {"PreToolUse": LINT}, {"Stop": TEST}, allow=("hooks",))
    (conflict,) = made.conflicts
    assert (conflict.id, conflict.members) == ("hooks.Stop", ("a:hooks", "c:hooks"))
    assert conflict.why == "a, c define it differently, and none comes first by priority"


def test_a_value_of_no_known_form_is_left_out_and_cannot_be_allowed() -> None:
    (conflict,) = chosen("skills", "x\ny is prose", ABSENT, allow=("skills",)).conflicts
    assert (conflict.decision, "allow:" in conflict.why) == ("skills is left out", False)


@pytest.mark.parametrize("key", PRIVILEGE_KEYS)
def test_a_key_that_no_source_fills_is_nothing(key: str) -> None:
    assert choose_privilege(agents(key, None, ABSENT), key, policy()) == Chosen(key=key, value=None, present=False, decisions=())


# --- what a policy may name ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        *("hooks", "hooks.Stop", "mcpServers", "mcpServers.github", "mcpServers.a.b", "skills", "skills.x", "memory"),
        *("permissionMode.acceptEdits", "permissionMode.manual", "initialPrompt", "background"),
    ],
)
def test_known_forms_are_allowed(entry: str) -> None:
    assert allow_problem(entry) is None


@pytest.mark.parametrize(
    ("entry", "suggestion"),
    [
        ("hook.Stop", "did you mean 'hooks.Stop'?"),
        ("mcpservers.github", "did you mean 'mcpServers.github'?"),
        ("skill", "did you mean 'skills'?"),
        ("memory.user", "did you mean 'memory'?"),
        ("hooks.", "did you mean 'hooks'?"),
        ("permissionMode", "name the mode: one of permissionMode.plan, "),
        ("permissionMode.acceptEdit", "did you mean 'permissionMode.acceptEdits'?"),
        ("permissionMode.xyz", "name the mode: one of permissionMode.plan, "),
        ("isolation", "isolation limits the agent, so it stays"),
        ("Bash", "tools are chosen by the rule 'tools'"),
        ("Bash(git:*)", "tools are chosen by the rule 'tools'"),
        ("mcp__github__search", "tools are chosen by the rule 'tools'"),
        ("quux", "write one of hooks, hooks.Stop"),
        ("", "write one of hooks, hooks.Stop"),
    ],
)
def test_other_forms_are_errors_with_a_suggestion(entry: str, suggestion: str) -> None:
    problem = allow_problem(entry)
    assert problem is not None
    assert problem.startswith(f"{entry!r} is nothing that a policy can allow (")
    assert suggestion in problem


def test_a_policy_with_wrong_entries_names_each_with_its_line() -> None:
    with pytest.raises(PolicyError) as error:
        parse_policy("rules:\n  privilege:\n    allow: [hook.Stop, memory, Bash]\n", "p.yaml")
    assert [problem.split(" is nothing")[0] for problem in error.value.problems] == [
        "p.yaml:3 rules.privilege.allow: 'hook.Stop'",
        "p.yaml:3 rules.privilege.allow: 'Bash'",
    ]


def test_lists_of_other_rules_are_not_looked_at() -> None:
    assert parse_policy("rules:\n  tools: {strategy: set, set: [Bash, hook.Stop]}\n", "p.yaml").option("tools", "set") == (
        "Bash",
        "hook.Stop",
    )


def test_what_no_source_has_is_a_note() -> None:
    made = agents("hooks", {"Stop": LINT}, ABSENT, permissionMode="auto", skills="x")
    allow = ("hooks", "hooks.Stop", "hooks.PreToolUse", "mcpServers", "skills.x", "skills.y", "permissionMode.auto", "permissionMode.plan")
    notes = [finding.message for finding in unused_allowances(made, policy(*allow, "memory"))]
    assert notes == [
        "the policy allows permissionMode.plan, and no source has it",
        "the policy allows skills.y, and no source has it",
        "the policy allows mcpServers, and no source has it",
        "the policy allows hooks.PreToolUse, and no source has it",
        "the policy allows memory, and no source has it",
    ]


# --- the report ---------------------------------------------------------------------------------


def gains(header: dict[str, Any], *fronts: dict[str, Any]) -> list[str]:
    made = tuple(agents("x", ABSENT, **front)[0] for front in fronts)
    made = tuple(
        agent_from_source(source_from_bytes(a.source.text.encode(), f"{id_}.md", id_)) for id_, a in zip("abcd", made, strict=False)
    )
    granted = [
        Grant(
            source=a.source.id,
            tools=effective(
                read_tools(a.value("tools"), present=a.has("tools")),
                read_tools(a.value("disallowedTools"), present=a.has("disallowedTools")),
            ),
            priority=0,
        )
        for a in made
    ]
    tools = (Capability(name="Bash", granted_by=("a",), lacking=("b",)), Capability(name="mcp__x", granted_by=(), lacking=("a",)))
    found = capabilities(header, tools if "tools" in header else (), made, granted)
    return [f"{c.name}: {''.join(c.granted_by)} > {''.join(c.lacking)}" for c in found]


def test_what_executes_comes_first_then_by_risk() -> None:
    header = {
        "tools": "Bash, mcp__x",
        "permissionMode": "bypassPermissions",
        "hooks": {"Stop": LINT},
        "mcpServers": ("hub",),
        "skills": ("s",),
        "initialPrompt": "Go",
        "background": True,
        "memory": "user",
    }
    assert gains(header, {}, {"tools": "Read", **header}) == [
        "hooks.Stop: b > a",
        "mcpServers.hub: b > a",
        "permissionMode.bypassPermissions: b > a",
        "mcp__x: b > a",
        "Bash: a > b",
        "initialPrompt: b > a",
        "skills.s: b > a",
        "memory: b > a",
        "background: b > a",
    ]


@pytest.mark.parametrize(
    ("header", "a", "expected"),
    [
        ({"memory": "user"}, {"memory": "user"}, []),
        ({"memory": "local"}, {"memory": "user"}, []),
        ({"memory": "user"}, {"memory": "local"}, ["memory:  > a"]),
        # it brings tools, whatever is denied: nobody says which comes first
        ({"memory": "user"}, {"tools": "Read"}, ["Edit:  > a", "Write:  > a", "memory:  > a"]),
        ({"memory": "user", "disallowedTools": "Write"}, {"tools": "Read, Edit"}, ["Write:  > a", "memory:  > a"]),
        ({"memory": "user"}, {"tools": "Read", "memory": "user"}, []),
        ({"memory": "user"}, {"tools": "Read", "memory": "user", "disallowedTools": "Write"}, ["Write:  > a"]),
        ({"memory": "user", "disallowedTools": "Write"}, {"memory": "user", "disallowedTools": "Write"}, []),
        ({"memory": "user", "disallowedTools": "*"}, {"memory": "user", "disallowedTools": "*"}, []),
        # an unknown mode is credited as the default, and so is none
        ({"permissionMode": "acceptEdits"}, {}, ["permissionMode.acceptEdits:  > a"]),
        ({"permissionMode": "acceptEdits"}, {"permissionMode": "yolo"}, ["permissionMode.acceptEdits:  > a"]),
        ({"permissionMode": "default"}, {}, []),
        ({}, {"permissionMode": "plan"}, ["permissionMode.default:  > a"]),
        ({}, {"permissionMode": "auto"}, []),
        ({}, {"isolation": "worktree"}, ["the shared checkout:  > a"]),
        ({"isolation": "worktree"}, {}, []),
        ({"hooks": {"Stop": TEST}}, {"hooks": {"Stop": LINT}}, ["hooks.Stop:  > a"]),
        ({"mcpServers": ["hub"]}, {"mcpServers": "hub"}, []),
        ({"mcpServers": [{"hub": {"url": "u"}}]}, {"mcpServers": {"hub": {"url": "u"}}}, []),
        ({"mcpServers": ["hub"]}, {"mcpServers": {"hub": {"url": "u"}}}, ["mcpServers.hub:  > a"]),
        ({"skills": ["x"]}, {"skills": "x, y"}, []),
        ({"background": False}, {}, []),
    ],
)
def test_what_a_header_gains_over_a_source(header: dict[str, Any], a: dict[str, Any], expected: list[str]) -> None:
    written = {key: tuple(value) if isinstance(value, list) else value for key, value in header.items()}
    assert gains(written, a) == expected
