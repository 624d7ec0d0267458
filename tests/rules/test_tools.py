"""Tool lists: how they are read, what is left of them, and what several of them make."""

from __future__ import annotations

import time
from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.errors import SourceError
from agentmerge.model import Capability, Value
from agentmerge.rules.privileges.tool_names import ALIASES, risk, tool_names
from agentmerge.rules.privileges.tool_strategies import Grant, Omitted, Strategy
from agentmerge.rules.privileges.tools import EVERY_TOOL, ToolsDecision, allowed, decide_tools, with_more
from agentmerge.rules.privileges.toolset import ToolSet, effective, grants, read_tools

Text = str | tuple[str | None, str] | None
OMIT = None
STAR = ("*",)


def some(*names: str, denied: tuple[str, ...] = (), notes: tuple[str, ...] = ()) -> ToolSet:
    return ToolSet(everything=False, names=names, denied=denied, notes=notes)


def every(*, denied: tuple[str, ...] = (), names: tuple[str, ...] = ()) -> ToolSet:
    return ToolSet(everything=True, names=names, denied=denied)


def tools(text: str | None, but: str | None = None) -> ToolSet:
    """``tools: text`` and ``disallowedTools: but``; ``None`` is an omitted key."""
    return effective(read_tools(text, present=text is not None), read_tools(but, present=but is not None))


def team(*texts: Text, priority: dict[str, int] | None = None) -> tuple[Grant, ...]:
    """Sources a, b, c, …; a pair is ``(tools, disallowedTools)``."""
    made = []
    for id_, text in zip("abcdefgh", texts, strict=False):
        held = tools(*text) if isinstance(text, tuple) else tools(text)
        made.append(Grant(source=id_, tools=held, priority=(priority or {}).get(id_, 0)))
    return tuple(made)


def names(decision: ToolsDecision) -> str:
    return "EVERY" if decision.names is None else ", ".join(decision.names)


def gains(decision: ToolsDecision) -> list[str]:
    """Each capability as ``tool: granted by > lacking``."""
    return [f"{c.name}: {''.join(c.granted_by)} > {''.join(c.lacking)}" for c in decision.capabilities]


# --- read_tools ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Read, Grep", ("Read", "Grep")),
        ("Read,Grep,", ("Read", "Grep")),
        ("Grep, Read, Grep", ("Grep", "Read")),
        ("Read\nGrep", ("Read", "Grep")),
        ("Agent(a, b), Read", ("Agent(a, b)", "Read")),
        ("Bash(git log --format=(%h, %s)), Read", ("Bash(git log --format=(%h, %s))", "Read")),
        ("Bash(git, Read", ("Bash", "Read")),
        ("Bash(git, Agent(a, b), Read", ("Bash", "Agent(a, b)", "Read")),
        (("Bash(git", "Read"), ("Bash", "Read")),
        ("a)(b, c(d)(e, (", ("a)", "c(d)")),
        ("Read), Grep", ("Read)", "Grep")),
        ('["Read", "Grep"]', ("Read", "Grep")),
        ("[[''Read'', Grep]]", ("Read", "Grep")),
        ("", ()),
        (" , ", ()),
        ((), ()),
        (("Read", "Grep"), ("Read", "Grep")),
        (("Agent(a", "b)", "Read"), ("Agent(a, b)", "Read")),
        (("Read", None, "Grep"), ("Read", "Grep")),
        (("Read, Grep", "Glob"), ("Read", "Grep", "Glob")),
        ({"Read": True, "Bash": False, "Grep": True}, ("Read", "Grep")),
        ({"*": False, "Read": True}, ("Read",)),
        ({}, ()),
        ("Bash(git:*), Bash(npm:*)", ("Bash(git:*)", "Bash(npm:*)")),
        ("mcp__s__t, mcp__s__*, mcp__s", ("mcp__s__t", "mcp__s__*", "mcp__s")),
        # What is not known is left as it is written: other tools' names, other cases, other punctuation.
        ("READ, editFiles, DiffblueCover/*", ("READ", "editFiles", "DiffblueCover/*")),
        ("읽기、Read", ("읽기、Read",)),
        ("All tools", ("All tools",)),
    ],
)
def test_names_are_read_from_every_form(value: Value, expected: tuple[str, ...]) -> None:
    assert read_tools(value, present=True) == some(*expected)


@pytest.mark.parametrize(
    ("value", "expected", "notes"),
    [
        ("Task, Read", ("Agent", "Read"), ("Task is now Agent",)),
        ("Task(a, b)", ("Agent(a, b)",), ("Task is now Agent",)),
        ("Edit, MultiEdit", ("Edit",), ("MultiEdit is now Edit",)),
        ("LS, NotebookRead, Read", ("Read",), ("LS is retired", "NotebookRead is retired")),
        ("LSTool, View", ("Read",), ("LSTool is retired", "View is now Read")),
        ({"LS": True, "Read": True}, ("Read",), ("LS is retired",)),
        ("LSP, MultiEditor, TaskGet", ("LSP", "MultiEditor", "TaskGet"), ()),
    ],
)
def test_old_names_become_new_ones(value: Value, expected: tuple[str, ...], notes: tuple[str, ...]) -> None:
    assert read_tools(value, present=True) == some(*expected, notes=notes)


@pytest.mark.parametrize(
    ("value", "granted", "denied", "note"),
    [
        ({"read": True, "bash": False}, "Read", "", "bash as Bash, read as Read"),
        ({"read_file": True, "run_shell_command": True}, "Read, Bash", "", "read_file as Read, run_shell_command as Bash"),
        ({"search": True, "web": True}, "Glob, Grep, WebFetch, WebSearch", "", "search as Glob and Grep, web as WebFetch and WebSearch"),
        (
            {"Create": True, "FetchUrl": True, "Execute": False},
            "Write, WebFetch",
            "",
            "Create as Write, Execute as Bash, FetchUrl as WebFetch",
        ),
        # One name holds more in one program than in another: it grants the least and takes away the most.
        ({"edit": True}, "Edit", "", "edit as Edit"),
        ({"edit": False}, "EVERY", "Edit, Write", "edit as Edit and Write"),
        ({"write": True}, "Write", "", "write as Write"),
        ({"write": False, "read": True}, "Read", "", "read as Read, write as Write and Edit"),
        # ... but not what the map itself grants.
        ({"write": True, "edit": False}, "Write", "", "edit as Edit and Write, write as Write"),
        ({"Write": True, "Edit": False}, "Write", "", None),
        ({"Write": False, "edit": False, "Read": True}, "Read", "", "edit as Edit and Write"),
        ({"hub_*": True}, "mcp__hub", "", "hub_* as mcp__hub"),
        ({"my-hub_2_*": True, "read": True}, "mcp__my-hub_2, Read", "", "my-hub_2_* as mcp__my-hub_2, read as Read"),
        ({"hub_*": False}, "EVERY", "mcp__hub", "hub_* as mcp__hub"),
        ({"mcp__hub__*": True}, "mcp__hub__*", "", None),
        ({"Read": True, "todo": True}, "Read, todo", "", None),
        ({"*": False, "read": True}, "Read", "", "read as Read"),
    ],
)
def test_a_map_is_translated(value: Value, granted: str, denied: str, note: str | None) -> None:
    found = read_tools(value, present=True)
    assert ("EVERY" if found.everything else ", ".join(found.names), ", ".join(found.denied)) == (granted, denied)
    start = "names of another program in a map of tools are read as today's: "
    assert [text.removeprefix(start) for text in found.notes if text.startswith(start)] == ([] if note is None else [note])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("bash, Read", "bash is no known tool: another program's name; here it would be Bash"),
        ("read, search", "read, search are no known tools: another program's name; here it would be Read, Glob, Grep"),
        ("edit/editFiles", "edit/editFiles is no known tool: another program's name; here it would be Edit"),
        ("run_shell_command(ls)", "run_shell_command is no known tool: another program's name; here it would be Bash"),
        ("READ, editFiles, hub_*, github/*, todo", None),
        ("Read, Bash", None),
    ],
)
def test_a_list_keeps_other_programs_names_and_says_so(text: str, note: str | None) -> None:
    found = read_tools(text, present=True)
    assert ", ".join(found.names) == text
    assert found.notes == (() if note is None else (note,))


@pytest.mark.parametrize(
    ("value", "present", "expected"),
    [
        (None, False, every()),
        ("Read", False, every()),
        (None, True, every()),
        ("*", True, every(names=STAR)),
        (("*",), True, every(names=STAR)),
        ("Read, *", True, every(names=STAR)),
        ({"*": True}, True, every(names=STAR)),
        ({"*": True, "Bash": False}, True, every(names=STAR, denied=("Bash",))),
        ({"Bash": False, "Write": False}, True, every(names=STAR, denied=("Bash", "Write"))),
    ],
)
def test_everything(value: Value, present: bool, expected: ToolSet) -> None:
    assert read_tools(value, present=present) == expected


def test_a_map_keeps_a_denial_inside_a_granted_server() -> None:
    assert read_tools({"mcp__s": True, "mcp__s__drop": False}, present=True) == some("mcp__s", denied=("mcp__s__drop",))


@pytest.mark.parametrize("value", [42, 1.5, True, False, ("Read", 1), (("Read",),), ({"Read": True},), {"Read": "yes"}, {"Read": None}])
def test_other_shapes_are_the_users_error(value: Value) -> None:
    with pytest.raises(SourceError, match="tool"):
        read_tools(value, present=True)


# --- effective ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "but", "left", "denied"),
    [
        ("Read, Bash", "Bash", "Read", ""),
        ("Read, Bash", "Write", "Read, Bash", ""),
        ("Read, Bash", "", "Read, Bash", ""),
        ("Read, Bash", None, "Read, Bash", ""),
        ("Read, Bash", "Read, Bash", "", ""),
        ("Read, Bash(git:*)", "Bash", "Read", ""),
        ("Read, Bash", "Bash(rm:*)", "Read", ""),
        ("Read, Agent(a)", "Task", "Read", ""),
        ("Edit, MultiEdit", "MultiEdit", "", ""),
        ("Read", "LS", "Read", ""),
        ("Read, mcp__s__t, mcp__s, mcp__s__*", "mcp__s", "Read", ""),
        ("Read, mcp__s__t, mcp__s, mcp__s__*", "mcp__s__*", "Read", ""),
        ("Read, mcp__s__t, mcp__z", "mcp__*", "Read", ""),
        ("mcp__s__t, mcp__s2__t", "mcp__s", "mcp__s2__t", ""),
        ("mcp__s, Read", "mcp__s__t", "mcp__s, Read", "mcp__s__t"),
        ("mcp__s__*, Read", "mcp__s__t, Bash", "mcp__s__*, Read", "mcp__s__t"),
        ("mcp__s__get_x, mcp__s__put", "mcp__s__get_*", "mcp__s__put", ""),
        ("Read, Bash", "*", "", ""),
        (None, None, "EVERY", ""),
        (None, "Bash, Write", "EVERY", "Bash, Write"),
        (None, "Bash(rm:*), Task", "EVERY", "Bash, Agent"),
        (None, "mcp__*", "EVERY", "mcp__*"),
        (None, "LS", "EVERY", ""),
        (None, "*", "", ""),
        ("*", "Bash", "EVERY", "Bash"),
    ],
)
def test_effective(held: str | None, but: str | None, left: str, denied: str) -> None:
    result = tools(held, but)
    assert ("EVERY" if result.everything else ", ".join(result.names)) == left
    assert ", ".join(result.denied) == denied


def test_effective_keeps_what_was_denied_before() -> None:
    assert effective(every(denied=("Write",)), some("Bash", "Write")).denied == ("Write", "Bash")


def test_effective_says_what_an_entry_really_does() -> None:
    assert tools("Read, LS", "Bash(rm:*), MultiEdit").notes == (
        "LS is retired",
        "MultiEdit is now Edit",
        "Bash(rm:*) in 'disallowedTools' removes all of Bash",
    )


# --- grants and risk ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "but", "name", "expected"),
    [
        ("Read", None, "Read", True),
        ("Read", None, "Write", False),
        ("Read", None, "read", False),
        ("", None, "Read", False),
        (None, None, "Read", True),
        (None, None, "mcp__s__t", True),
        (None, "Read", "Read", False),
        (None, "mcp__s", "mcp__s__t", False),
        (None, "mcp__*", "mcp__s", False),
        (None, "mcp__*", "Read", True),
        (None, "mcp__s__t", "mcp__s", True),
        ("Bash(git:*)", None, "Bash", True),
        ("Bash", None, "Bash(git:*)", True),
        ("Agent", None, "Task", True),
        ("Task", None, "Agent", True),
        ("Task(a, b)", None, "Agent", True),
        ("MultiEdit", None, "Edit", True),
        ("Edit", None, "MultiEdit", True),
        ("LS", None, "LS", False),
        (None, None, "LS", False),
        (None, None, "NotebookRead", False),
        ("mcp__s", None, "mcp__s__t", True),
        ("mcp__s__*", None, "mcp__s__t", True),
        ("mcp__s__*", None, "mcp__s", True),
        ("mcp__s", None, "mcp__s__*", True),
        ("mcp__s__t", None, "mcp__s__t", True),
        ("mcp__s__t", None, "mcp__s", False),
        ("mcp__s__t", None, "mcp__s__t__u", False),
        ("mcp__s", None, "mcp__s2__t", False),
        ("mcp__s", "mcp__s__t", "mcp__s__t", False),
        ("mcp__s", "mcp__s__t", "mcp__s__u", True),
        # "mcp__*" works in disallowedTools only, and no other pattern is documented.
        ("mcp__*", None, "mcp__s__t", False),
        ("mcp__s__get_*", None, "mcp__s__get_x", False),
    ],
)
def test_grants(held: str | None, but: str | None, name: str, expected: bool) -> None:
    assert grants(tools(held, but), name) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TodoWrite", 0),
        ("CronList", 0),
        ("AskUserQuestion", 0),
        ("Read", 1),
        ("Glob", 1),
        ("LSP", 1),
        ("LS", 1),
        ("ReadMcpResourceTool", 2),
        ("WebFetch", 3),
        ("Write", 4),
        ("MultiEdit", 4),
        ("ExitWorktree", 4),
        ("SendMessage", 5),
        ("Agent", 6),
        ("Task", 6),
        ("Task(a)", 6),
        ("Bash", 7),
        ("Bash(git:*)", 7),
        ("Monitor", 7),
        ("mcp__s__t", 8),
        ("mcp__s", 8),
        ("bash", 8),
        ("nonsense", 8),
        ("", 8),
    ],
)
def test_risk(name: str, expected: int) -> None:
    assert risk(name) == expected


def test_known_names() -> None:
    known = tool_names()
    assert {"Read", "Bash", "Agent", "PowerShell", "EnterPlanMode"} | set(ALIASES) <= known
    assert not {"bash", "*", ""} & known
    assert not [name for name in known if risk(name) == 8]
    assert {now for now in ALIASES.values() if now} <= known - set(ALIASES)


# --- decide_tools: truth tables -----------------------------------------------------------------

ALL, IGNORE, ASK = Omitted.ALL, Omitted.IGNORE, Omitted.ASK
U, N, M, L, P = Strategy.UNION, Strategy.INTERSECTION, Strategy.MAJORITY, Strategy.LEAST_PRIVILEGE, Strategy.PRIORITY
EACH = tuple(product(Strategy, Omitted))
EACH_UNSET = tuple(product((U, N, M, L, P), Omitted))

TABLE: list[tuple[Strategy, Omitted, tuple[str | None, ...], str, bool]] = [
    # two lists
    (U, ALL, ("Read, Bash", "Write"), "Read, Write, Bash", True),
    (N, ALL, ("Read, Bash", "Write, Read"), "Read", True),
    (M, ALL, ("Read, Bash", "Write, Read"), "Read", True),
    (L, ALL, ("Read, Bash", "Bash, Read"), "Read, Bash", True),
    (L, ALL, ("Read, Bash", "Write, Read"), "Read", True),
    (P, ALL, ("Read, Bash", "Write"), "Read, Bash", True),
    # a list and a source without one
    (U, ALL, ("Read, Bash", OMIT), "EVERY", True),
    (U, ASK, ("Read, Bash", OMIT), "EVERY", False),
    (U, IGNORE, ("Read, Bash", OMIT), "Read, Bash", True),
    (N, ALL, ("Read, Bash", OMIT), "Read, Bash", True),
    (N, ASK, ("Read, Bash", OMIT), "Read, Bash", False),
    (N, IGNORE, ("Read, Bash", OMIT), "Read, Bash", True),
    (M, ALL, ("Read, Bash", OMIT), "Read, Bash", True),
    (M, ASK, ("Read, Bash", OMIT), "Read, Bash", False),
    (M, IGNORE, ("Read, Bash", OMIT), "Read, Bash", True),
    (L, ALL, ("Read, Bash", OMIT), "Read", True),
    (L, ASK, ("Read, Bash", OMIT), "Read", False),
    (L, IGNORE, ("Read, Bash", OMIT), "Read, Bash", True),
    (P, ALL, (OMIT, "Read"), "EVERY", True),
    (P, ASK, (OMIT, "Read"), "EVERY", False),
    (P, IGNORE, (OMIT, "Read"), "Read", True),
    (P, ASK, ("Read", OMIT), "Read", True),
    # "*" is no omission: it counts under every reading, and asks nothing
    (U, IGNORE, ("Read", "*"), "EVERY", True),
    (U, ASK, ("Read", "*"), "EVERY", True),
    (M, IGNORE, ("Read", "*"), "Read", True),
    (L, IGNORE, ("Read, Bash", "*"), "Read", True),
    (P, IGNORE, ("*", "Read"), "EVERY", True),
    # nobody lists
    *((strategy, omitted, (OMIT, OMIT), "EVERY", True) for strategy, omitted in EACH_UNSET),
    *((strategy, omitted, (OMIT, "*"), "EVERY", True) for strategy, omitted in EACH_UNSET),
    # everybody lists nothing
    *((strategy, omitted, ("", ""), "", True) for strategy, omitted in EACH_UNSET),
    # three: more than half is two
    (M, ALL, ("Read, Bash", "Read, Write", "Read, Bash"), "Read, Bash", True),
    (M, ALL, ("Read, Bash", "Read, Write", OMIT), "Read, Write, Bash", True),
    (M, IGNORE, ("Read, Bash", "Read, Write", OMIT), "Read", True),
    (M, ALL, ("Bash", "", OMIT), "Bash", True),
    (M, ALL, ("Bash", OMIT, OMIT), "Bash", True),
    (N, ALL, ("Read, Bash, Glob", "Glob, Read, Bash", "Bash, Glob"), "Glob, Bash", True),
    (L, ALL, ("Read, Agent", "Agent, Read", "Read, Agent"), "Read, Agent", True),
    (L, ALL, ("Read, SendMessage, mcp__s__t, Agent", "mcp__s, SendMessage, Agent, Read", OMIT), "Read, SendMessage", True),
    (L, IGNORE, ("Read, mcp__s__t", "mcp__s, Read", OMIT), "Read, mcp__s__t", True),
    # four: two of four is not more than half
    (M, ALL, ("Read, Bash", "Read, Bash", "Read", "Read"), "Read", True),
    (M, ALL, ("Read, Bash", "Read, Bash", "Read", OMIT), "Read, Bash", True),
    (M, IGNORE, ("Read, Bash", "Read, Bash", "Read", OMIT), "Read, Bash", True),
    (M, IGNORE, ("Read, Bash", "Read", OMIT, OMIT), "Read", True),
    # five
    (M, ALL, ("Read", "Read, Bash", "Read, Bash", "Read, Bash, Edit", "Edit"), "Read, Bash", True),
    (M, ASK, ("Read", "Read, Bash", "Edit", OMIT, OMIT), "Read, Edit, Bash", False),
    (M, IGNORE, ("Read", "Read, Bash", "Edit", OMIT, OMIT), "Read", True),
    (U, IGNORE, ("Read", "Bash", "Edit", OMIT, "Glob"), "Read, Edit, Glob, Bash", True),
    # servers cover their tools, not the other way round
    (N, ALL, ("mcp__s", "mcp__s__t"), "mcp__s__t", True),
    (N, ALL, ("mcp__s__*", "mcp__s"), "mcp__s", True),
    (M, ALL, ("mcp__s", "mcp__s__t", "mcp__s__u"), "mcp__s__t, mcp__s__u", True),
    # old and new names are one tool
    (N, ALL, ("Task, MultiEdit", "Agent, Edit"), "Edit, Agent", True),
    # what works in disallowedTools only is no grant
    (U, ALL, ("Read, mcp__*", "Grep"), "Read, Grep", True),
]


@pytest.mark.parametrize(("strategy", "omitted", "texts", "expected", "resolved"), TABLE)
def test_strategies(strategy: Strategy, omitted: Omitted, texts: tuple[str | None, ...], expected: str, resolved: bool) -> None:
    decision = decide_tools(team(*texts), strategy=strategy, omitted=omitted)
    assert (names(decision), decision.resolved) == (expected, resolved)


@pytest.mark.parametrize(
    ("priority", "expected"),
    [({}, "Read"), ({"b": 1}, "Write"), ({"a": 1, "c": 2}, "Bash"), ({"b": 1, "c": 1}, "Write"), ({"a": -1}, "Write")],
)
def test_priority_then_source_id(priority: dict[str, int], expected: str) -> None:
    assert names(decide_tools(team("Read", "Write", "Bash", priority=priority), strategy=P, omitted=ALL)) == expected


@pytest.mark.parametrize("omitted", Omitted)
@pytest.mark.parametrize(
    ("texts", "chosen", "expected", "expected_gains"),
    [
        (("Read", "Bash"), ("Read",), "Read", ["Read: a > b"]),
        (("Read", OMIT), ("Bash", "Read"), "Read, Bash", ["Bash: b > a"]),
        (("Read", "Read"), ("mcp__s", "Bash"), "Bash, mcp__s", ["mcp__s:  > ab", "Bash:  > ab"]),
        (("Read", "Read"), ("Read, Task", "LS"), "Read, Agent", ["Agent:  > ab"]),
        (("Read", OMIT), ("*",), "EVERY", ["every tool: b > a"]),
        (("Bash", "Bash"), ("Bash(git:*)",), "Bash(git:*)", []),
        ((("Read", "Bash"), (OMIT, "Bash")), ("Bash",), "Bash", ["Bash:  > ab"]),
    ],
)
def test_set(omitted: Omitted, texts: tuple[Text, ...], chosen: tuple[str, ...], expected: str, expected_gains: list[str]) -> None:
    decision = decide_tools(team(*texts), strategy=Strategy.SET, omitted=omitted, chosen=chosen)
    assert (names(decision), gains(decision), decision.resolved) == (expected, expected_gains, True)
    assert "Bash" not in decision.denied


def test_chosen_is_for_set_only() -> None:
    assert names(decide_tools(team("Read", "Read"), strategy=M, omitted=ALL, chosen=("Bash",))) == "Read"


# --- nothing left -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "omitted", "texts", "expected"),
    [
        (N, ALL, ("Write", "Read"), "Write"),
        (N, ALL, ("Bash", "Read, Write"), "Read, Write"),
        (M, ALL, ("Bash, Agent", "Bash(git:*)", "Read, mcp__s, Agent", ""), "Bash(git:*)"),
        (L, ALL, ("Bash", OMIT), "Bash"),
        (N, ALL, ("Bash", ""), "Bash"),
        (P, ALL, ("", "Bash"), "Bash"),
        (Strategy.SET, ALL, ("Read, Bash", "Edit"), "Edit"),
        (N, ALL, ("", OMIT), ""),
        (Strategy.SET, ALL, (OMIT, OMIT), ""),
    ],
)
def test_an_empty_result_falls_back_and_is_unresolved(
    strategy: Strategy, omitted: Omitted, texts: tuple[str | None, ...], expected: str
) -> None:
    decision = decide_tools(team(*texts), strategy=strategy, omitted=omitted)
    assert (names(decision), decision.resolved) == (expected, False)
    assert "leaves no tool" in decision.why


def test_the_fallback_names_its_source() -> None:
    decision = decide_tools(team("Bash", "Read"), strategy=N, omitted=ALL)
    assert "the list of b is taken" in decision.why
    assert gains(decision) == ["Read: b > a"]


# --- denied -------------------------------------------------------------------------------------


def test_denied_is_the_union_in_a_fixed_order() -> None:
    decision = decide_tools(team((OMIT, "mcp__*, WebFetch"), (OMIT, "Bash(rm:*), Write")), strategy=M, omitted=ALL)
    assert (names(decision), decision.denied) == ("EVERY", ("Write", "Bash", "WebFetch", "mcp__*"))


@pytest.mark.parametrize("strategy", [U, N, M, L, P])
def test_what_one_source_denies_is_left_out_and_said(strategy: Strategy) -> None:
    decision = decide_tools(team("Read, Bash", "Read, Bash", (OMIT, "Bash")), strategy=strategy, omitted=IGNORE)
    assert (names(decision), decision.denied) == ("Read", ("Bash",))
    assert "Bash is left out: denied by c" in decision.notes


def test_a_denial_is_said_when_the_key_stays_out() -> None:
    decision = decide_tools(team("Read, Bash", (OMIT, "Bash")), strategy=U, omitted=ALL)
    assert (names(decision), decision.denied, decision.notes) == ("EVERY", ("Bash",), ("Bash is left out: denied by b",))


def test_a_denial_inside_a_server_survives() -> None:
    decision = decide_tools(team(("mcp__s", "mcp__s__drop"), "mcp__s"), strategy=M, omitted=ALL)
    assert (names(decision), decision.denied, gains(decision)) == ("mcp__s", ("mcp__s__drop",), [])


def test_the_fallback_prefers_a_list_that_no_denial_empties() -> None:
    decision = decide_tools(team("Write", "Bash, Agent", (OMIT, "Write")), strategy=N, omitted=ALL)
    assert (names(decision), decision.denied, decision.resolved) == ("Bash, Agent", ("Write",), False)


def test_a_last_resort_list_lifts_the_denial_that_would_undo_it() -> None:
    decision = decide_tools(team("mcp__s__t", (OMIT, "mcp__*, Write")), strategy=M, omitted=IGNORE)
    assert (names(decision), decision.denied, decision.resolved) == ("mcp__s__t", ("Write",), False)
    assert "the denial of mcp__* is lifted: the list names it" in decision.notes
    assert gains(decision) == ["mcp__s__t: a > b"]


def test_a_source_that_denies_every_tool_has_none() -> None:
    assert gains(decide_tools(team("Read", (OMIT, "*")), strategy=U, omitted=ALL)) == ["Read: a > b"]


def test_the_fallback_takes_a_list_that_a_denial_leaves_something_of() -> None:
    decision = decide_tools(team("Write, Read", "Bash", (OMIT, "Write")), strategy=N, omitted=ALL)
    assert (names(decision), decision.resolved) == ("Read", False)


# --- more than was decided ----------------------------------------------------------------------


def test_more_tools_are_gains_of_those_that_lack_them() -> None:
    sources = team("Read, WebFetch", "Read", (OMIT, "Bash"))
    decision = decide_tools(sources, strategy=N, omitted=ALL)
    more = with_more(decision, sources, ("Bash", "WebFetch"))
    assert (names(more), more.denied) == ("Read, Bash, WebFetch", ())
    assert gains(more) == ["Bash:  > abc", "WebFetch: ac > b"]
    assert more.why == f"{decision.why}; with Bash, WebFetch, which statements need"
    assert grants(allowed(more), "Bash")
    assert not grants(allowed(decision), "Bash")


@pytest.mark.parametrize(("texts", "wanted"), [((OMIT, OMIT), ("Bash",)), (("Read", "Read"), ())])
def test_every_tool_and_no_wish_stay_as_they_are(texts: tuple[str | None, ...], wanted: tuple[str, ...]) -> None:
    sources = team(*texts)
    decision = decide_tools(sources, strategy=M, omitted=ALL)
    assert with_more(decision, sources, wanted) == decision


# --- names, capabilities, notes -----------------------------------------------------------------


def test_names_stand_in_one_order() -> None:
    text = (
        "mcp__b__t, mcp__a, zeta, Apply, Skill, LSP, Artifact, Task, TodoWrite, WebSearch, WebFetch, PowerShell, "
        "Bash, Grep, Glob, NotebookEdit, Edit, Write, Read"
    )
    assert names(decide_tools(team(text), strategy=U, omitted=ALL)) == (
        "Read, Write, Edit, NotebookEdit, Glob, Grep, Bash, PowerShell, WebFetch, WebSearch, TodoWrite, Agent, Skill, "
        "Artifact, LSP, Apply, zeta, mcp__a, mcp__b__t"
    )


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("Bash(git:*)", "Bash(git:*)"), "Bash(git:*)"),
        (("Bash(git:*)", "Bash(npm:*)"), "Bash"),
        (("Bash(git:*)", "Bash"), "Bash"),
        (("Bash(git:*), Bash(npm:*)", "Bash(npm:*), Bash(git:*)"), "Bash(git:*), Bash(npm:*)"),
        (("Bash(git:*), Bash", "Bash(git:*), Bash"), "Bash"),
        (("Bash(git:*)", "Bash(git:*)", "Read"), "Bash(git:*)"),
        (("Bash(git:*)", OMIT), "Bash"),
        (("Task(a, b)", "Agent(a, b)"), "Agent(a, b)"),
        (("mcp__s__*", "mcp__s__*"), "mcp__s__*"),
        (("mcp__s__*", OMIT), "mcp__s__*"),
    ],
)
def test_a_specifier_stays_when_all_agree(texts: tuple[str | None, ...], expected: str) -> None:
    assert names(decide_tools(team(*texts), strategy=M, omitted=ALL)) == expected


def test_capabilities_come_by_risk_then_name() -> None:
    decision = decide_tools(team("Read, Write, Bash, mcp__s__t", "Edit, Agent, Skill, WebFetch", OMIT), strategy=U, omitted=IGNORE)
    # c has every tool: it grants, even where it does not count.
    assert gains(decision) == [
        "mcp__s__t: ac > b",
        "Bash: ac > b",
        "Agent: bc > a",
        "Skill: bc > a",
        "Edit: bc > a",
        "Write: ac > b",
        "WebFetch: bc > a",
        "Read: ac > b",
    ]


def test_every_tool_is_one_capability() -> None:
    decision = decide_tools(team("Read", OMIT, "*", ""), strategy=U, omitted=ALL)
    assert decision.capabilities == (Capability(name=EVERY_TOOL, granted_by=("b", "c"), lacking=("a", "d")),)
    assert "b, c inherits every tool" in decision.why


def test_a_reviewer_that_becomes_a_writer_is_named() -> None:
    decision = decide_tools(team("Read, Grep", "Read, Write, Grep", "Read, Write, Grep"), strategy=M, omitted=ALL)
    assert (names(decision), gains(decision)) == ("Read, Write, Grep", ["Write: bc > a"])


def test_notes_say_what_was_dropped_and_what_does_not_restrict() -> None:
    decision = decide_tools(team("MultiEdit, LS, Bash(git:*)", "LS, Agent(a, b), mcp__*"), strategy=U, omitted=ALL)
    assert decision.notes == (
        "Agent(a, b) limits only a main session: a subagent may start every agent",
        "Bash(git:*) grants all of Bash",
        "LS is retired",
        "MultiEdit is now Edit",
        "mcp__* grants nothing: it works in 'disallowedTools' only",
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        *((name, "is never granted to a subagent") for name in ("AskUserQuestion", "EnterPlanMode", "EndConversation", "Workflow")),
        *((name, "is never granted to a subagent") for name in ("ScheduleWakeup", "TaskOutput", "WaitForMcpServers", "BashOutputTool")),
        ("ExitPlanMode", "only with 'permissionMode: plan'"),
        ("Agent", None),
        ("TaskStop", None),
    ],
)
def test_what_a_subagent_never_gets_is_said(name: str, says: str | None) -> None:
    notes = [note for note in decide_tools(team(name, "Read"), strategy=U, omitted=ALL).notes if "is now" not in note]
    assert [says in note for note in notes if says] == ([True] if says else [])
    assert len(notes) == (1 if says else 0)


def test_old_names_in_a_tool_set_made_by_hand_count_as_new_ones() -> None:
    made = (Grant(source="a", tools=some("Task", "LS"), priority=0),)
    decision = decide_tools(made, strategy=U, omitted=ALL)
    assert (names(decision), decision.notes) == ("Agent", ("LS is retired", "Task is now Agent"))


def test_why_counts_lists() -> None:
    assert decide_tools(team("Read", OMIT), strategy=N, omitted=IGNORE).why.startswith("intersection: the tools that 1 list share;")
    assert decide_tools(team("Read", "Read"), strategy=U, omitted=ALL).why == "union of 2 lists"


@pytest.mark.parametrize(
    ("omitted", "part"),
    [
        (ALL, "b counts as having every tool"),
        (IGNORE, "b is left out"),
        (ASK, "b counts as having every tool, which a person should confirm"),
    ],
)
def test_why_says_what_an_omitted_list_counts_as(omitted: Omitted, part: str) -> None:
    assert decide_tools(team("Read", OMIT), strategy=M, omitted=omitted).why.endswith(part)


# --- laws ---------------------------------------------------------------------------------------

LISTS: tuple[Text, ...] = (
    *(OMIT, "*", "", "Read", "Read, Bash", "Bash(git:*), Write", "Agent, mcp__s", "mcp__s__t, Read", "Task, LS, mcp__s__*"),
    *((OMIT, "Bash"), (OMIT, "mcp__s__t, Read"), ("mcp__s", "mcp__s__t")),
)
CHOSEN = ("Read", "Bash")
PROBES = ("Read", "Write", "Bash", "Agent", "mcp__s", "mcp__s__t", "mcp__other__t", "WebFetch")


def granted(decision: ToolsDecision) -> ToolSet:
    """What the canonical agent really has: its own lists, read as a source's are."""
    held = read_tools(decision.names, present=decision.names is not None)
    return effective(held, read_tools(decision.denied, present=bool(decision.denied)))


def unnamed(decision: ToolsDecision, sources: tuple[Grant, ...]) -> list[str]:
    """Tools that the agent has and a source had not, without a capability that says so."""
    told = {(c.name, id_) for c in decision.capabilities for id_ in c.lacking}
    servers = {name: name.rpartition("__")[0] for name in PROBES if name.count("__") == 2}
    return [
        f"{probe} for {source.source}"
        for probe in PROBES
        if grants(granted(decision), probe)
        for source in sources
        if not grants(source.tools, probe)
        and not {(EVERY_TOOL, source.source), (probe, source.source), (servers.get(probe, ""), source.source)} & told
    ]


@pytest.mark.parametrize(("strategy", "omitted"), EACH)
def test_no_gain_without_a_capability(strategy: Strategy, omitted: Omitted) -> None:
    for texts in combinations(LISTS, 3):
        sources = team(*texts)
        decision = decide_tools(sources, strategy=strategy, omitted=omitted, chosen=CHOSEN)
        assert not unnamed(decision, sources), texts


@pytest.mark.parametrize(("strategy", "omitted"), EACH)
def test_adding_a_source_adds_no_tool_without_a_capability(strategy: Strategy, omitted: Omitted) -> None:
    for pair, added in product(combinations(LISTS, 2), LISTS):
        texts = (*pair, added)
        sources = team(*texts)
        before = granted(decide_tools(sources[:2], strategy=strategy, omitted=omitted, chosen=CHOSEN))
        after = decide_tools(sources, strategy=strategy, omitted=omitted, chosen=CHOSEN)
        named = {capability.name for capability in after.capabilities}
        for probe in PROBES:
            if grants(granted(after), probe) and not grants(before, probe):
                everybody = all(grants(source.tools, probe) for source in sources)
                # Least privilege may drop a risky tool that all have, and take it back when nothing else is left: unresolved.
                excused = everybody and strategy is L and not after.resolved
                assert excused or {probe, probe.rpartition("__")[0], EVERY_TOOL} & named, (texts, probe)


@pytest.mark.parametrize(("strategy", "omitted"), EACH)
def test_the_order_of_sources_does_not_matter(strategy: Strategy, omitted: Omitted) -> None:
    for texts in combinations(LISTS, 3):
        sources = team(*texts, priority={"b": 1})
        results = {decide_tools(order, strategy=strategy, omitted=omitted, chosen=CHOSEN) for order in permutations(sources)}
        assert len(results) == 1, texts


@pytest.mark.parametrize(("strategy", "omitted"), EACH_UNSET)
@pytest.mark.parametrize("text", LISTS)
def test_one_source_keeps_what_it_has(strategy: Strategy, omitted: Omitted, text: Text) -> None:
    sources = team(text)
    decision = decide_tools(sources, strategy=strategy, omitted=omitted)
    assert (decision.capabilities, decision.resolved) == ((), True)
    assert [grants(granted(decision), probe) for probe in PROBES] == [grants(sources[0].tools, probe) for probe in PROBES]


@pytest.mark.parametrize(("strategy", "omitted"), EACH_UNSET)
def test_a_result_alone_gives_itself(strategy: Strategy, omitted: Omitted) -> None:
    for texts in combinations(LISTS, 2):
        first = decide_tools(team(*texts), strategy=strategy, omitted=omitted)
        again = decide_tools((Grant(source="z", tools=granted(first), priority=0),), strategy=strategy, omitted=omitted)
        assert again.names == first.names, texts


NAMES = st.sampled_from(
    [*PROBES, "*", "mcp__*", "mcp__s__*", "LS", "Task(a, b)", "Bash(git:*)", "x*", "Bash(", "(", ")", ")(", "'Read", "mcp__", "mcp____", ""]
)
TEXTS = st.one_of(st.none(), st.lists(NAMES, max_size=5).map(", ".join))


@settings(deadline=None, max_examples=300, database=None, derandomize=True)
@given(
    st.lists(st.tuples(TEXTS, TEXTS), max_size=5),
    st.sampled_from(Strategy),
    st.sampled_from(Omitted),
    st.lists(NAMES, max_size=3).map(tuple),
)
def test_laws_hold_for_odd_lists(
    pairs: list[tuple[str | None, str | None]], strategy: Strategy, omitted: Omitted, chosen: tuple[str, ...]
) -> None:
    sources = tuple(Grant(source=f"s{i}", tools=tools(*pair), priority=i % 2) for i, pair in enumerate(pairs))
    decision = decide_tools(sources, strategy=strategy, omitted=omitted, chosen=chosen)
    assert not unnamed(decision, sources)
    assert decision == decide_tools(sources[::-1], strategy=strategy, omitted=omitted, chosen=chosen)
    if decision.names is not None:
        held = granted(decision)
        assert held.names == decision.names
        if any(source.tools.everything for source in sources) and not decision.names:
            assert not decision.resolved


def test_long_lists_take_no_time() -> None:
    many = ", ".join(f"mcp__s{i}__t, name{i}" for i in range(10_000))
    odd = "(" * 50_000 + ",(" * 50_000
    started = time.monotonic()
    decision = decide_tools(team(many, (OMIT, many + ", x*, mcp__s1*"), odd), strategy=M, omitted=ALL)
    assert decision.names
    assert time.monotonic() - started < 10
