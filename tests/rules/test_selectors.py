"""Overrides: which decisions a selector picks, which of several holds, and every mistake that one can make."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from agentmerge.api import build, check
from agentmerge.errors import PolicyError
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import UNNAMED, Policy, Subject, load_policy, parse_policy
from agentmerge.rules.reading.selectors import Selector, matches

SECURITY = Subject(sections=("Tokens", "Security & Privacy"), sources=("quality", "minsu"), concepts=frozenset(("token", "coverage")))
TOOLS = Subject(key="tools", sources=("quality",))


def policy(text: str) -> Policy:
    return parse_policy(text, "p.yaml")


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        policy(text)
    return caught.value.problems


# --- what matches ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("x-*", "x-team", True),
        ("x-*", "x-", True),
        ("x-*", "ax-", False),
        ("*", "", True),
        ("a*c*e", "abcde", True),
        ("a*c*e", "abcd", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("a?", "ab", False),
        ("a.c", "abc", False),
        ("a*", "a\nb", True),
        ("", "a", False),
    ],
)
def test_a_star_is_the_only_wildcard(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def test_many_stars_do_not_take_long() -> None:
    start = time.process_time()
    assert not matches("*" * 2000 + "b", "a" * 20_000)
    assert not matches("a*" * 8 + "b", "a" * 60)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("selector", "subject", "expected"),
    [
        (Selector(section=("security*",)), SECURITY, True),
        (Selector(section=("SECURITY & PRIVACY",)), SECURITY, True),
        (Selector(section=("tokens",)), SECURITY, True),
        (Selector(section=("Security",)), SECURITY, False),
        (Selector(section=("Testing", "Tok*")), SECURITY, True),
        (Selector(source=("quality",)), SECURITY, True),
        (Selector(source=("min*",)), SECURITY, True),
        (Selector(source=("Quality",)), SECURITY, False),
        (Selector(concept=("coverage",)), SECURITY, True),
        (Selector(concept=("line-coverage",)), SECURITY, False),
        (Selector(section=("tokens",), source=("quality",), concept=("cover*",)), SECURITY, True),
        (Selector(section=("tokens",), source=("other",), concept=("coverage",)), SECURITY, False),
        (Selector(key=("tools",)), SECURITY, False),
        (Selector(key=("*",)), SECURITY, False),
        (Selector(key=("t*",)), TOOLS, True),
        (Selector(key=("Tools",)), TOOLS, False),
        (Selector(key=("tools",), source=("quality",)), TOOLS, True),
        (Selector(key=("tools",), source=("minsu",)), TOOLS, False),
        (Selector(section=("*",)), TOOLS, False),
        (Selector(concept=("*",)), TOOLS, False),
    ],
)
def test_a_selector_matches_when_each_of_its_fields_does(selector: Selector, subject: Subject, expected: bool) -> None:
    assert selector.matches(subject) is expected


def test_titles_match_however_their_letters_are_composed() -> None:
    assert Selector(section=("보안",)).matches(Subject(sections=("보안",)))


# --- which one holds ---------------------------------------------------------------------------

LOOK_UP = """\
rules: {numbers: newest}
priority: [a, b]
overrides:
  - {for: {source: quality}, rules: {numbers: priority}}
  - {for: {source: quality, section: Tokens}, rules: {numbers: strictest}, priority: [quality]}
  - {for: {section: Tokens}, rules: {numbers: fail, versions: fail}}
  - {for: {key: tools}, rules: {tools: union}}
"""


def test_the_more_specific_comes_first_then_the_one_that_stands_first() -> None:
    found = policy(LOOK_UP)
    assert found.choice("numbers", at=SECURITY) == "strictest"
    assert found.choice("numbers", at=Subject(sources=("quality",))) == "priority"
    assert found.choice("numbers", at=Subject(sources=("quality",), sections=("Other",))) == "priority"
    assert found.choice("numbers", at=Subject(sources=("x",), sections=("Tokens",))) == "fail"
    assert found.choice("numbers", at=Subject(sources=("x",))) == found.choice("numbers") == "newest"


def test_an_option_that_an_override_does_not_set_comes_from_the_next_one() -> None:
    found = policy(LOOK_UP)
    assert found.choice("versions", at=SECURITY) == "fail"
    assert (found.choice("tools", at=TOOLS), found.choice("tools", "omitted", at=TOOLS)) == ("union", "all")
    assert found.choice("tools", at=SECURITY) == "majority"


def test_who_is_trusted_here_comes_before_who_is_trusted_in_general() -> None:
    found = policy(LOOK_UP)
    assert [found.rank(source, at=SECURITY) for source in ("quality", "a", "b", "other")] == [0, 1, 2, UNNAMED]
    assert [found.rank(source, at=TOOLS) for source in ("quality", "a", "b")] == [UNNAMED, 0, 1]
    assert [found.rank(source) for source in ("quality", "a", "b")] == [UNNAMED, 0, 1]


def test_a_higher_file_wins_even_over_a_more_specific_override_of_a_lower_one(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text(
        "priority: [a]\nrules: {versions: newest}\noverrides:\n"
        "  - {for: {section: Tokens, source: quality}, rules: {numbers: fail, versions: fail}, priority: [b]}\n",
        encoding="utf-8",
    )
    own = tmp_path / "own.yaml"
    own.write_text("extends: team.yaml\nrules: {numbers: ask}\n", encoding="utf-8")
    found = load_policy(own)
    assert (found.choice("numbers", at=SECURITY), found.choice("versions", at=SECURITY)) == ("ask", "fail")
    assert (found.rank("b", at=SECURITY), found.rank("a", at=SECURITY)) == (0, 1)
    own.write_text("extends: team.yaml\npriority: [c]\noverrides: [{for: {section: T*}, rules: {versions: ask}}]\n", encoding="utf-8")
    found = load_policy(own)
    assert (found.choice("numbers", at=SECURITY), found.choice("versions", at=SECURITY)) == ("fail", "ask")
    assert (found.rank("c", at=SECURITY), found.rank("b", at=SECURITY)) == (0, UNNAMED)


# --- mistakes ----------------------------------------------------------------------------------


def test_every_mistake_is_told_with_its_line() -> None:
    text = """\
overrides:
  - rules: {numbers: strictest}
  - for: {}
    rules: {numbers: strictest}
  - for: {sektion: Security}
    rules: {numbers: stricktest}
  - for: {section: Security}
  - for: {section: Security, key: tools}
    priority: [a]
  - for: {section: A, concept: b}
    rules: {name: priority}
  - for: {key: x-*}
    rules:
      numbers: ask
  - for: {source: []}
    rules: {tool: union}
  - for: {source: [1]}
    priority: {a: b}
  - 7
  - for: Security
    rules: [a]
    when: now
"""
    assert problems(text) == (
        "p.yaml:2 overrides.0.for: names no field (give it one of section, source, concept, key, or set the rule under 'rules')",
        "p.yaml:3 overrides.1.for: names no field (give it one of section, source, concept, key, or set the rule under 'rules')",
        "p.yaml:5 overrides.2.for.sektion: unknown key 'sektion' (did you mean 'section'?)",
        "p.yaml:6 overrides.2.rules.numbers.strategy: unknown strategy 'stricktest' (did you mean 'strictest'?)",
        "p.yaml:7 overrides.3: decides nothing (give it 'rules' or 'priority')",
        "p.yaml:8 overrides.4.for: never matches: a frontmatter key stands in no section and has no concept (make two overrides)",
        "p.yaml:11 overrides.5.rules.name: decides frontmatter, and 'section' picks statements (use 'key' or 'source')",
        "p.yaml:14 overrides.6.rules.numbers: decides statements, and 'key' picks frontmatter (use 'section', 'concept' or 'source')",
        "p.yaml:15 overrides.7.for.source: is empty (name something, or take it out)",
        "p.yaml:16 overrides.7.rules.tool: unknown key 'tool' (did you mean 'tools'?)",
        "p.yaml:17 overrides.8.for.source: must be a list of texts (such as [Security, 'Data *'])",
        "p.yaml:18 overrides.8.priority: must be a list of texts (such as [quality])",
        "p.yaml:19 overrides.9: must be a map (such as {for: {section: Security}, rules: {numbers: strictest}})",
        "p.yaml:20 overrides.10.for: must be a map (such as {section: Security})",
        "p.yaml:21 overrides.10.rules: must be a map of rules (such as 'tools: union')",
        "p.yaml:22 overrides.10.when: unknown key 'when' (one of for, rules, priority)",
    )


def test_overrides_that_are_no_list_are_told() -> None:
    assert problems("overrides: {for: {source: a}}")[0].startswith("p.yaml:1 overrides: must be a list (such as")


# --- in a build --------------------------------------------------------------------------------

A = """\
---
name: tester
description: Guards the tests
tools: Read, Bash
model: opus
---

# Tester

## Testing

- Keep test coverage above 80%

## Operations

- Restart a worker within 30 s
"""
B = A.replace("80%", "90%").replace("30 s", "60 s").replace("Bash", "Grep").replace("opus", "haiku")


def project(folder: Path, rules: str) -> Path:
    for name, text in (("ann", A), ("ben", B)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    file = folder / "agentmerge.yaml"
    file.write_text(f"sources: [ann.md, ben.md]\noutput: out.md\n{rules}", encoding="utf-8")
    return file


def made(folder: Path, rules: str) -> Build:
    return build(policy_file=project(folder, rules))


def lost(result: Build) -> set[str]:
    """The statements that gave way to a source with priority; what only gave way until a person decides is not among them."""
    return {d.unit for d in result.decisions if d.outcome is Outcome.OVERRIDDEN and d.rule == "CONF001" and "by priority" in d.why}


@pytest.mark.parametrize(
    ("selector", "gone"),
    [
        ("{section: Testing}", {"ben:12"}),
        ("{section: oper*}", {"ben:16"}),
        ("{section: Tester}", {"ben:12", "ben:16"}),
        ("{concept: coverage}", {"ben:12"}),
        ("{source: ann, concept: coverage}", {"ben:12"}),
        ("{source: ann}", {"ben:12", "ben:16"}),
        ("{section: Elsewhere}", set()),
    ],
)
def test_a_contradiction_is_decided_where_it_stands(tmp_path: Path, selector: str, gone: set[str]) -> None:
    result = made(tmp_path, f"overrides: [{{for: {selector}, rules: {{numbers: priority}}, priority: [ann]}}]\n")
    assert len([c for c in result.conflicts if c.rule == "CONF001"]) == 2
    assert lost(result) == gone
    assert len([c for c in result.unresolved if c.rule == "CONF001"]) == 2 - len(gone)


def test_a_key_is_decided_by_its_own_override(tmp_path: Path) -> None:
    rules = "overrides: [{for: {key: t*}, rules: {tools: union}}, {for: {key: model}, rules: {model: priority}, priority: [ben]}]\n"
    result = made(tmp_path, rules)
    assert 'tools: "Read, Grep, Bash"' in result.text
    assert "model: haiku" in result.text
    assert "model: opus" in made(tmp_path, "").text


def test_overrides_stand_in_the_ledger_and_a_rebuild_needs_no_policy_file(tmp_path: Path) -> None:
    rules = (
        "rules: {keys: {patterns: {'x-*': keep}}}\n"
        "overrides: [{for: {section: Testing, source: [ann, ben]}, rules: {numbers: priority}, priority: [ben]}]\n"
    )
    file = project(tmp_path, rules)
    result = build(policy_file=file)
    record = json.loads(result.ledger)["policy"]
    assert record["overrides"] == [
        {"for": {"section": ["Testing"], "source": ["ann", "ben"]}, "rules": {"numbers": {"strategy": "priority"}}, "priority": ["ben"]}
    ]
    result.write()
    assert check(result.canonical).reasons == ()
    file.write_text(file.read_text(encoding="utf-8").replace("Testing", "Operations"), encoding="utf-8")
    assert f"the policy {file.name} has changed" in check(result.canonical).reasons

    alone = build([tmp_path / "ann.md", tmp_path / "ben.md"], policy=parse_policy(rules, "p"), output=tmp_path / "other.md")
    alone.write()
    assert lost(alone) == {"ann:12"}
    assert check(alone.canonical).reasons == ()


def test_without_overrides_the_ledger_says_nothing_of_them(tmp_path: Path) -> None:
    assert "overrides" not in json.loads(made(tmp_path, "").ledger)["policy"]


def test_names_that_are_not_there_are_told_with_their_lines(tmp_path: Path) -> None:
    rules = "overrides:\n- for: {source: [ann, bne]}\n  rules: {numbers: ask}\n  priority: [x]\n- for: {source: an*}\n  priority: [ben]\n"
    file = project(tmp_path, rules)
    with pytest.raises(PolicyError) as caught:
        build(policy_file=file)
    assert caught.value.problems == (
        f"{file.as_posix()}:4 overrides.0.for.source: no source 'bne' (did you mean 'ben'?)",
        f"{file.as_posix()}:6 overrides.0.priority: no source 'x' (one of ann, ben)",
    )
    file = project(tmp_path, "overrides: [{for: {concept: [coverge, cover*]}, rules: {numbers: ask}}]\n")
    with pytest.raises(PolicyError, match=r"yaml:3 overrides\.0\.for\.concept: no concept 'coverge' \(did you mean 'coverage'\?\)"):
        build(policy_file=file)


def test_a_shared_file_may_speak_of_sources_that_a_build_has_not(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("priority: [zoe]\noverrides: [{for: {source: zoe}, rules: {numbers: ask}}]\n", encoding="utf-8")
    assert made(tmp_path, "extends: team.yaml\n").agents


def test_a_concept_of_the_teams_own_can_be_named(tmp_path: Path) -> None:
    rules = "lexicon: {worker-restart: [restart a worker]}\noverrides: [{for: {concept: worker-restart}, rules: {numbers: priority}}]\n"
    result = made(tmp_path, f"priority: [ann]\n{rules}")
    assert lost(result) == {"ben:16"}
