"""Unknown keys: what the policy says of each, dialects, and nothing hidden under ``metadata``."""

from __future__ import annotations

import pytest

from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Outcome, Value
from agentmerge.rules.chosen import votes
from agentmerge.rules.dialects import LIMITS, told, tools_with
from agentmerge.rules.keys import KNOWN_KEYS, choose_keys, strategy_for
from agentmerge.rules.policy import parse_policy


def agents(*frontmatter: str) -> tuple[Agent, ...]:
    texts = [f"---\nname: x\ndescription: d\n{lines}\n---\n\nBody.\n" for lines in frontmatter]
    return tuple(agent_from_source(source_from_bytes(text.encode(), f"{name}.md", name)) for name, text in zip("abcd", texts, strict=False))


@pytest.mark.parametrize(
    ("key", "strategy"),
    [("x-keep", "keep"), ("x-other", "drop"), ("capabilities", "lift"), ("owner", "agree"), ("X-keep", "agree")],
)
def test_the_first_pattern_that_matches_decides(key: str, strategy: str) -> None:
    policy = parse_policy("rules: {keys: {strategy: agree, patterns: {x-keep: keep, 'x-*': drop, 'cap*': lift}}}", "p.yaml")
    assert strategy_for(key, votes(agents(f"{key}: v"), key), policy) == strategy


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("temperature", "a key of OpenCode and Gemini CLI: Claude Code ignores it"),
        ("globs", "a key of Cursor: Claude Code ignores it"),
        ("permissions", "a key of OpenCode and Kiro: Claude Code ignores it"),
        ("owner", "not a key of the format: agent tools ignore it"),
    ],
)
def test_a_key_of_another_tool_is_told(key: str, why: str) -> None:
    assert told(key) == why


def test_every_limit_is_a_key_of_a_known_tool() -> None:
    assert all(tools_with(key) for key in LIMITS)
    assert not any(tools_with(key) for key in KNOWN_KEYS)


NAMESPACED: list[tuple[list[str], Value]] = [
    (["k: 1", "k: 1"], {"k": 1}),
    (["k: 1", "k: 2"], {"a": {"k": 1}, "b": {"k": 2}}),
    (["k: 1", "m: 2"], {"a": {"k": 1}, "b": {"m": 2}}),
    (["k: 1\nmetadata: {v: x}", "k: 1\nmetadata: {v: x}"], {"v": "x", "k": 1}),
    (["metadata: {v: x}", "k: 1"], {"a": {"v": "x"}, "b": {"k": 1}}),
    (["k: 1\nmetadata: {k: 2}", "m: 1"], {"a": {"k": 1, "metadata": {"k": 2}}, "b": {"m": 1}}),
    (["metadata: {b: 2}", "metadata: {b: 2}\nk: 1"], {"metadata": {"b": 2}, "b": {"k": 1}}),
    (["metadata: text\nk: 1", "k: 1"], {"k": 1, "a": {"metadata": "text"}}),
]


@pytest.mark.parametrize(("lines", "value"), NAMESPACED)
def test_nothing_is_hidden_under_metadata(lines: list[str], value: Value) -> None:
    found = choose_keys(agents(*lines), parse_policy("rules: {keys: namespace}", "p.yaml"))
    assert [(chosen.key, chosen.value, chosen.present) for chosen in found] == [("metadata", value, True)]
    assert {(d.source, d.key) for d in found[0].decisions} == {(f.source, f.key) for a in agents(*lines) for f in a.fields[2:]}


def test_kept_metadata_is_the_ground_that_others_are_put_on() -> None:
    policy = parse_policy("rules: {keys: {strategy: keep, patterns: {team: namespace}}}", "p.yaml")
    found = choose_keys(agents("metadata: {v: 1}\nteam: red", "metadata: {v: 1}"), policy)
    assert [(chosen.key, chosen.value) for chosen in found] == [("metadata", {"v": 1, "a": {"team": "red"}})]


def test_a_pattern_may_drop_metadata_all_the_same() -> None:
    policy = parse_policy("rules: {keys: {patterns: {metadata: drop, team: namespace}}}", "p.yaml")
    found = choose_keys(agents("metadata: {v: 1}\nteam: red", "name2: b"), policy)
    assert {d.key: d.outcome for chosen in found for d in chosen.decisions}["metadata"] is Outcome.DROPPED


@pytest.mark.parametrize("key", ["permission", "readonly", "allowed-tools", "sandbox_mode"])
def test_a_limit_that_is_left_out_is_told_with_its_line(key: str) -> None:
    found = choose_keys(agents(f"{key}: x", "owner: y"), parse_policy("", "p.yaml"))
    assert [(f.source, f.line) for chosen in found for f in chosen.findings] == [("a", 4)]


@pytest.mark.parametrize("strategy", ["keep", "agree", "namespace"])
def test_a_limit_that_stays_needs_no_note(strategy: str) -> None:
    found = choose_keys(agents("readonly: true", "readonly: true"), parse_policy(f"rules: {{keys: {strategy}}}", "p.yaml"))
    assert [f for chosen in found for f in chosen.findings] == []
