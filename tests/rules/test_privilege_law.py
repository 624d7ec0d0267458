"""The law of privilege, over whole matrices of forms: no gain without its name, and never more than the policy allows.

The oracle below is a small model of what a frontmatter allows, written from the format's
documentation. It shares no code with the program, only the names of what is reported.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.merge.align import align
from agentmerge.merge.claims import read_claims
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.header import Head, choose_tools, compose_header
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.score import default_weights
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent
from agentmerge.rules.policy import Policy, parse_policy

Front = Mapping[str, Any]
Form = str | None

# --- the oracle: what a frontmatter allows ------------------------------------------------------

PROBES = ("Read", "Write", "Edit", "Grep", "Bash", "Agent", "WebFetch", "mcp__x__y", "mcp__x__z", "mcp__other__t", "Unheard")
EXECUTES = ("Bash", "Agent", "mcp__x__y", "mcp__x__z", "mcp__other__t", "Unheard")
OLD = {"Task": "Agent", "LS": None}
ELSEWHERE = {"read": ("Read",), "bash": ("Bash",), "edit": ("Edit", "Write")}
MODE = ("plan", "dontAsk", "default", "acceptEdits", "auto", "bypassPermissions")
SCOPE = (None, "local", "project", "user")


def words(value: Any) -> list[str]:
    """Names of a list, specifiers cut, old names made new."""
    text = value if isinstance(value, str) else ", ".join(value)
    found = (re.sub(r"\(.*?\)", "", text)).split(",")
    return [now for name in found if name.strip() and (now := OLD.get(name.strip(), name.strip()))]


def covers(name: str, probe: str, *, denying: bool = False) -> bool:
    server = probe.rpartition("__")[0] if probe.startswith("mcp__") else "?"
    return name in (probe, server, f"{server}__*") or (denying and (name == "*" or (name == "mcp__*" and server != "?")))


@cache
def _reach(given: str, memory_first: bool) -> frozenset[str]:
    held, denied, memory = json.loads(given)
    remembered = {"Read", "Write", "Edit"} if memory in SCOPE[1:] else set()
    if isinstance(held, dict):
        held = [now for name, granted in held.items() if granted for now in ELSEWHERE.get(name, (name,))[:1]]
    every = held is None or "*" in words(held)
    reached = {probe for probe in PROBES if every or any(covers(name, probe) for name in words(held))} | remembered
    refused = {probe for probe in PROBES if denied and any(covers(name, probe, denying=True) for name in words(denied))}
    return frozenset(reached - refused | (remembered if memory_first else set()))


def reach(front: Front, *, memory_first: bool = False) -> frozenset[str]:
    """The tools that may be used; the documentation does not say whether memory or a denial comes first."""
    return _reach(json.dumps([front.get(key) for key in ("tools", "disallowedTools", "memory")]), memory_first)


def lists(front: Front) -> bool:
    """Whether it restricts its tools by a list."""
    return front.get("tools") is not None and "*" not in (front["tools"] if isinstance(front["tools"], Mapping) else words(front["tools"]))


def mode(front: Front) -> int:
    own = {"manual": "default"}.get(front.get("permissionMode") or "", front.get("permissionMode"))
    return MODE.index(own) if own in MODE else MODE.index("default")


def scope(front: Front) -> int:
    return SCOPE.index(front.get("memory")) if front.get("memory") in SCOPE else 0


def entries(front: Front, key: str) -> dict[str, str]:
    """What a key lets in, by the name that a report gives it, with its definition."""
    value = front.get(key)
    if key == "background":
        return {key: "true"} if value is True else {}
    if not value:
        return {}
    if key == "initialPrompt":
        return {key: str(value)}
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    named = value.items() if isinstance(value, Mapping) else [(n, None) if isinstance(n, str) else next(iter(n.items())) for n in value]
    return {f"{key}.{name}": json.dumps(own, sort_keys=True) for name, own in named}


ENTRIES = ("hooks", "mcpServers", "skills", "initialPrompt", "background")


def more(wide: Front, narrow: Front) -> Iterator[frozenset[str]]:
    """Each thing that ``wide`` may do and ``narrow`` may not, as the names by which it may be told."""
    for memory_first in (False, True):
        for probe in sorted(reach(wide, memory_first=memory_first) - reach(narrow, memory_first=memory_first)):
            yield frozenset({probe, "every tool", *([probe.rpartition("__")[0]] if "__" in probe else [])})
    for key in ENTRIES:
        yield from (frozenset({name}) for name, own in entries(wide, key).items() if entries(narrow, key).get(name) != own)
    if mode(wide) > mode(narrow):
        yield frozenset({f"permissionMode.{MODE[mode(wide)]}"})
    if scope(wide) > scope(narrow):
        yield frozenset({"memory"})
    if narrow.get("isolation") == "worktree" != wide.get("isolation"):
        yield frozenset({"the shared checkout"})


# --- the program under the oracle ---------------------------------------------------------------


@cache
def agent(id_: str, front: str) -> Agent:
    """An agent with this frontmatter (as JSON, which is YAML), of a body that does not matter."""
    lines = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in json.loads(front).items())
    text = f"---\nname: {id_}\ndescription: Works\n{lines}\n---\n\n- Work\n".replace("\n\n---", "\n---")
    return agent_from_source(source_from_bytes(text.encode(), f"{id_}.md", id_))


@cache
def comparison() -> Comparison:
    lexicon = default_lexicon()
    return align([read_claims(agent(id_, "{}"), lexicon) for id_ in "ab"], lexicon, default_weights()).comparison


@cache
def policy(text: str) -> Policy:
    return parse_policy(text, "p.yaml")


def merged(fronts: Sequence[Front], rules: Mapping[str, Any], priority: str = "") -> tuple[Head, Front]:
    """The composed head, and the frontmatter that it says."""
    agents = tuple(agent(id_, json.dumps(front)) for id_, front in zip("abcd", fronts, strict=False))
    chosen = policy(json.dumps({"priority": list(priority), "rules": rules}))
    head = compose_header(agents, comparison(), "en", chosen, choose_tools(agents, chosen))
    return head, dict(head.header.fields)


def untold(head: Head, result: Front, fronts: Sequence[Front]) -> list[str]:
    """Law (a): gains over a source that no capability names."""
    told = {(c.name, id_) for c in head.capabilities for id_ in c.lacking}
    return [
        f"{'/'.join(sorted(names))} for {id_}"
        for id_, front in zip("abcd", fronts, strict=False)
        for names in more(result, front)
        if not {(name, id_) for name in names} & told
    ]


def unheard_gain(head: Head, before: Front, after: Front) -> list[frozenset[str]]:
    """Law (c): what the result has more than before a source came, and nothing says so.

    Two things are told as conflicts, because no source lacks them: a tool that a least-privilege
    list takes back when nothing else is left, which is a person's to decide, and a mode that the
    policy names.
    """
    told = {c.name for c in head.capabilities}
    asked = [c.decision for c in head.conflicts if not c.resolved] + [c.why for c in head.conflicts if "the policy allows" in c.why]
    return [names for names in more(after, before) if not names & told and not any(name in " ".join(asked) for name in names)]


# --- the matrix of tools ------------------------------------------------------------------------

NOTHING: Any = object()
TOOLS: tuple[Any, ...] = (
    *(NOTHING, None, [], "", "Read", "Bash", "Bash(git:*)", "mcp__x__y", "mcp__x", "*", ["Read", "Grep"]),
    *({"read": True, "bash": False}, "Task, Read", "LS, Read"),
)
DENIED: tuple[Any, ...] = (NOTHING, "Bash", "mcp__x", "Bash(rm:*)")
STRATEGIES = ("union", "intersection", "majority", "least-privilege", "priority", "set")
OMITTED = ("all", "ignore", "ask")
SET = ["Read", "Bash", "mcp__x__y"]


def front_of(**keys: Any) -> Front:
    return {key: value for key, value in keys.items() if value is not NOTHING}


TOOL_FORMS = tuple(front_of(tools=tools, disallowedTools=denied) for tools, denied in product(TOOLS, DENIED))
PAIRS = tuple(combinations_with_replacement(TOOL_FORMS, 2))


def tool_rules(strategy: str, omitted: str) -> Mapping[str, Any]:
    return {"tools": {"strategy": strategy, "omitted": omitted, "set": SET}}


def beyond(strategy: str, omitted: str, result: Front, fronts: Sequence[Front]) -> list[str]:
    """Law (b): tools that the result has and the policy does not give."""
    counted = [front for front in fronts if omitted != "ignore" or front.get("tools") is not None]
    ruling = [front for front in counted if lists(front)]
    found = []
    for probe in reach(result):
        having = [front for front in counted if probe in reach(front)]
        every = all(probe in reach(front) for front in ruling)
        inside = {
            "union": bool(having),
            "majority": 2 * len(having) > len(counted) or not ruling,
            "intersection": every,
            "least-privilege": every and (probe not in EXECUTES or len(ruling) in (0, len(counted))),
            "priority": bool(counted) and probe in reach(counted[0]),
            "set": any(covers(name, probe) for name in SET),
        }
        if counted and not inside[strategy]:
            found.append(probe)
    return found


@pytest.mark.parametrize(("strategy", "omitted"), tuple(product(STRATEGIES, OMITTED)))
def test_every_pair_of_tool_forms_keeps_the_law(strategy: str, omitted: str) -> None:
    assert len(PAIRS) == 1596
    rules = tool_rules(strategy, omitted)
    for pair in PAIRS:
        head, result = merged(pair, rules)
        assert not untold(head, result, pair), pair
        undecided = [c for c in head.conflicts if c.rule == "TOOLS001" and not c.resolved]
        wide = beyond(strategy, omitted, result, pair)
        # What is left when a rule leaves nothing is one source's list, and a person's to confirm.
        assert not wide or (undecided and "leaves no tool" in undecided[0].why), (pair, wide)
        assert not undecided or not wide or any(lists(front) and not list(more(result, front)) for front in pair), pair


@pytest.mark.parametrize(("strategy", "omitted"), tuple(product(STRATEGIES, OMITTED)))
def test_a_third_source_adds_no_tool_in_silence(strategy: str, omitted: str) -> None:
    rules = tool_rules(strategy, omitted)
    thirds = tuple(front_of(tools=tools) for tools in (NOTHING, "Bash", ["Read", "Bash"], "mcp__x", "*", []))
    for pair, third in product(PAIRS[::11], thirds):
        _, before = merged(pair, rules)
        head, after = merged((*pair, third), rules)
        assert not untold(head, after, (*pair, third)), (pair, third)
        assert not unheard_gain(head, before, after), (pair, third)


# --- the matrices of the other keys -------------------------------------------------------------

LINT = [{"hooks": [{"type": "command", "command": "make lint"}]}]
TEST = [{"hooks": [{"type": "command", "command": "make test"}]}]
FORMS: Mapping[str, tuple[Any, ...]] = {
    "permissionMode": (NOTHING, None, "plan", "dontAsk", "default", "manual", "acceptEdits", "auto", "bypassPermissions", "yolo"),
    "memory": (NOTHING, None, False, "local", "project", "user"),
    "hooks": (NOTHING, None, {}, {"Stop": LINT}, {"Stop": TEST}, {"Stop": LINT, "PreToolUse": TEST}, {"PreToolUse": TEST}),
    "mcpServers": (
        *(NOTHING, None, [], "hub", ["hub"], ["hub", "shop"], {"shop": {"command": "s"}}, [{"shop": {"command": "s"}}]),
        *([{"shop": {"command": "t"}}, "hub"], {"hub": {"url": "u"}}),
    ),
    "skills": (NOTHING, None, [], "lint", ["lint", "notes"], ["notes", "lint"], "notes", ["deploy"]),
    "background": (NOTHING, False, True),
    "isolation": (NOTHING, None, "worktree"),
    "initialPrompt": (NOTHING, "", "Begin", "Begin now"),
}
ALLOWED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "permissionMode": ((), ("permissionMode.acceptEdits",), ("permissionMode.bypassPermissions", "permissionMode.auto")),
    "memory": ((), ("memory",)),
    "hooks": ((), ("hooks",), ("hooks.Stop",), ("hooks.PreToolUse",)),
    "mcpServers": ((), ("mcpServers",), ("mcpServers.shop",)),
    "skills": ((), ("skills",), ("skills.notes",)),
    "background": ((), ("background",)),
    "isolation": ((),),
    "initialPrompt": ((), ("initialPrompt",)),
}


def beyond_allowed(result: Front, fronts: Sequence[Front], allow: Iterable[str]) -> list[str]:
    """Law (b) for the other keys: what stands in the result although neither the policy nor every source lets it."""
    allow = set(allow)
    found = []
    for key in ENTRIES:
        own = [entries(front, key) for front in fronts]
        for name, text in entries(result, key).items():
            named = bool({key, name} & allow) and any(each.get(name) == text for each in own)
            shared = key in ("skills", "background") and all(name in each for each in own)
            found += [] if named or shared else [name]
    if mode(result) > min(map(mode, fronts)) and f"permissionMode.{MODE[mode(result)]}" not in allow:
        found.append("permissionMode")
    narrowest = min(map(scope, fronts)) if "memory" not in allow else max(map(scope, fronts))
    return found + (["memory"] if scope(result) > narrowest else [])


def key_pairs(key: str) -> Iterator[tuple[Front, Front]]:
    forms = [front_of(**{key: value}) for value in FORMS[key]]
    rest = [front_of(tools="Read"), front_of(tools="Read, Write, Edit"), front_of(tools="Read", disallowedTools="Write"), {}]
    for one, other in product(forms, forms):
        for a, b in product(rest, rest) if key == "memory" else ((rest[0], rest[0]),):
            yield {**one, **a}, {**other, **b}


COUNTS = {"permissionMode": 100, "memory": 576, "hooks": 49, "mcpServers": 100, "skills": 64, "background": 9, "isolation": 9}
COUNTS |= {"initialPrompt": 16}


@pytest.mark.parametrize("strategy", ["strictest", "drop"])
@pytest.mark.parametrize("key", FORMS)
def test_every_pair_of_a_key_keeps_the_law(key: str, strategy: str) -> None:
    pairs = tuple(key_pairs(key))
    assert len(pairs) == COUNTS[key]
    for allow, pair, priority in product(ALLOWED[key], pairs, ("", "b")):
        head, result = merged(pair, {"privilege": {"strategy": strategy, "allow": list(allow)}}, priority)
        assert not untold(head, result, pair), (pair, allow)
        assert not beyond_allowed(result, pair, allow), (pair, allow, result)
        if strategy == "drop" and not allow:
            assert not [name for k in ENTRIES for name in entries(result, k)], pair


# --- products, sampled --------------------------------------------------------------------------

ALLOWABLE = tuple(sorted({entry for sets in ALLOWED.values() for entries_ in sets for entry in entries_}))


def fronts() -> st.SearchStrategy[Front]:
    keys: Mapping[str, Sequence[Any]] = {"tools": TOOLS, "disallowedTools": DENIED, **FORMS}
    return st.fixed_dictionaries({key: st.sampled_from(values) for key, values in keys.items()}).map(lambda found: front_of(**found))


@settings(deadline=None, max_examples=600, database=None, derandomize=True)
@given(
    st.lists(fronts(), min_size=2, max_size=4),
    st.sampled_from(STRATEGIES),
    st.sampled_from(OMITTED),
    st.sampled_from(["strictest", "drop"]),
    st.sets(st.sampled_from(ALLOWABLE), max_size=3),
    st.sampled_from(["", "b", "ba"]),
)
def test_any_team_keeps_the_law(team: list[Front], strategy: str, omitted: str, privilege: str, allow: set[str], priority: str) -> None:
    rules = {**tool_rules(strategy, omitted), "privilege": {"strategy": privilege, "allow": sorted(allow)}}
    head, result = merged(team, rules, priority)
    assert not untold(head, result, team)
    assert not beyond_allowed(result, team, allow)
    _, before = merged(team[:-1], rules, priority)
    assert not unheard_gain(head, before, result)


def test_what_is_told_is_a_gain() -> None:
    """The report is no alarm that always rings: equal sources gain nothing."""
    rings = Counter(bool(merged((form, form), tool_rules(s, "all"))[0].capabilities) for form in TOOL_FORMS for s in STRATEGIES[:5])
    assert rings == {False: 5 * len(TOOL_FORMS)}


def test_the_oracle_sees_a_widening() -> None:
    head, result = merged(({"tools": "Read"}, {"tools": "Read"}), {})
    wider = {**result, "tools": "Read, Bash", "hooks": {"Stop": LINT}, "permissionMode": "auto", "memory": "user"}
    assert untold(head, wider, ({"tools": "Read"},)) == [
        *("Bash/every tool for a", "Edit/every tool for a", "Write/every tool for a") * 2,
        "hooks.Stop for a",
        "permissionMode.auto for a",
        "memory for a",
    ]
