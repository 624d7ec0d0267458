"""Packs and files that a policy extends: what comes from where, and every way in which that fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from agentmerge.api import build, check
from agentmerge.errors import PolicyError
from agentmerge.model import Outcome
from agentmerge.output.rules_page import pack_lines
from agentmerge.pipeline import Build
from agentmerge.rules.policy import PACKS, Policy, load_pack, load_policy, pack_names, parse_policy
from agentmerge.rules.registry import BY_KEY, RULES

EXAMPLE = ROOT / "examples" / "backend"


def files(folder: Path, **texts: str) -> Path:
    """Policies by name (``a__b``: ``a/b.yaml``); returns the one named ``own``."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "own.yaml"


def problems(file: Path) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    return tuple(text.replace(file.parent.as_posix(), "D") for text in caught.value.problems)


# --- what comes from where ---------------------------------------------------------------------


def test_a_file_is_extended_relative_to_the_one_that_names_it(tmp_path: Path) -> None:
    own = files(
        tmp_path,
        own="extends: [backend, sub/team.yaml]\n",
        sub__team="extends: ../base.yaml\nrules: {tools: union}\nlanguage: ko\n",
        base="rules: {tools: intersection, model: largest}\n",
    )
    policy = load_policy(own)
    assert (policy.choice("tools"), policy.choice("model"), policy.language) == ("union", "largest", "ko")
    text = own.read_text(encoding="utf-8")
    assert parse_policy(text, "own.yaml", folder=tmp_path).settings == policy.settings


def test_what_a_pack_takes_from_the_default_pack_overrides_no_file_beside_it(tmp_path: Path) -> None:
    own = files(tmp_path, own="extends: [team.yaml, backend]\n", team="rules: {model: largest, code: keep}\n")
    policy = load_policy(own)
    assert (policy.choice("model"), policy.choice("code"), policy.language) == ("largest", "one-per-framework", "en")


def test_what_comes_in_twice_counts_once_at_its_lowest_place(tmp_path: Path) -> None:
    own = files(
        tmp_path,
        own="extends: [a.yaml, b.yaml]\n",
        a="extends: base.yaml\nrules: {tools: union}\n",
        b="extends: base.yaml\nrules: {color: drop}\n",
        base="rules: {tools: intersection, color: majority}\n",
    )
    policy = load_policy(own)
    assert (policy.choice("tools"), policy.choice("color")) == ("union", "drop")


def test_what_belongs_to_one_agent_is_not_inherited(tmp_path: Path) -> None:
    own = files(tmp_path, own="extends: t.yaml\n", t="name: x\noutput: o.md\nsources: [s]\npriority: [p]\nprovenance: none\n")
    policy = load_policy(own)
    assert (policy.name, policy.output, policy.sources) == (None, None, ())
    assert (policy.priority, policy.provenance) == (("p",), "none")


def test_vocabulary_adds_up_and_a_model_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    own = files(
        tmp_path,
        own="extends: sub/t.yaml\nlexicon: {b: [bb], c: [own]}\n",
        sub__t="lexicon: {a: [aa], c: [theirs]}\nsemantic: {model: models/x, weight: 1.5}\n",
    )
    policy = load_policy(own)
    assert {entry.concept: entry.terms for entry in policy.lexicon} == {"a": ("aa",), "b": ("bb",), "c": ("own",)}
    assert policy.semantic == ("sub/models/x", 1.5)


def test_a_change_of_an_extended_file_makes_the_build_stale(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Works on {name}\n---\n\n- Do {name}\n", encoding="utf-8")
    own = files(tmp_path, own="extends: team.yaml\nsources: [a.md, b.md]\noutput: out.md\n", team="rules: {model: largest}\n")
    built = build(policy_file=own)
    built.write()
    assert check(built.canonical).fresh
    files(tmp_path, team="rules: {model: drop}\n")
    assert "the policy own.yaml has changed" in check(built.canonical).reasons


# --- mistakes ----------------------------------------------------------------------------------


def test_mistakes_of_every_file_are_told_at_once(tmp_path: Path) -> None:
    own = files(
        tmp_path,
        own="nmae: x\nextends: [bakcend, gone.yaml, team.yaml, sub, a.yml/]\nrules: {tools: unoin}\n",
        team="rules:\n  tool: union\nextends: [deeper.yaml]\n",
        deeper="language: klingon\n",
    )
    assert problems(own) == (
        "D/own.yaml:1 nmae: unknown key 'nmae' (did you mean 'name'?)",
        "D/own.yaml:2 extends: unknown pack 'bakcend' (did you mean 'backend'?)",
        "D/own.yaml:2 extends: D/gone.yaml: cannot be read: No such file or directory (check the path)",
        "D/team.yaml:2 rules.tool: unknown key 'tool' (did you mean 'tools'?)",
        "D/deeper.yaml:1 language: unknown language 'klingon' (one of keep, en, ko, ja, zh)",
        "D/own.yaml:2 extends: unknown pack 'sub' (one of backend, default, reviewer, strict, or a file that ends in .yaml)",
        "D/own.yaml:2 extends: unknown pack 'a.yml/' (one of backend, default, reviewer, strict, or a file that ends in .yaml)",
        "D/own.yaml:3 rules.tools.strategy: unknown strategy 'unoin' (did you mean 'union'?)",
    )


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"own": "extends: own.yaml\n"}, "D/own.yaml:1 extends: D/own.yaml extends this file in its turn: a circle"),
        ({"own": "extends: a.yaml\n", "a": "\nextends: own.yaml\n"}, "D/a.yaml:2 extends: D/own.yaml extends this file in its turn"),
        ({"own": "extends: a.yaml\n", "a": "extends: ./sub/../a.yaml\n"}, "D/a.yaml:1 extends: D/a.yaml extends this file in its turn"),
        ({"own": "extends: a.yaml\n", "a": "- a\n"}, "D/a.yaml:1 must be a map of keys"),
        ({"own": "extends: a.yaml\n", "a": "name: [\n"}, "D/a.yaml:2 is not valid YAML: "),
        ({"own": "extends: a.yaml\n", "a": "#" * (300 << 10)}, "D/own.yaml:1 extends: D/a.yaml: larger than 256 KiB"),
        ({"own": 'extends: "a\\0.yaml"\n'}, "D/own.yaml:1 extends: D/a\0.yaml cannot be resolved"),
        ({"own": f"extends: {'x' * 300}.yaml\n"}, f"D/own.yaml:1 extends: D/{'x' * 300}.yaml: cannot be read: File name too long"),
        ({"own": "extends: {a: b}\n"}, "D/own.yaml:1 extends: must be a list of texts"),
    ],
)
def test_what_cannot_be_extended_is_one_line(tmp_path: Path, texts: dict[str, str], said: str) -> None:
    (problem,) = problems(files(tmp_path, **texts))
    assert problem.startswith(said)


def test_a_folder_and_a_broken_link_are_told(tmp_path: Path) -> None:
    own = files(tmp_path, own="extends: [folder.yaml, loop.yaml]\n")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    folder, loop = problems(own)
    assert folder == "D/own.yaml:1 extends: D/folder.yaml: is a folder, not a policy (name a YAML file)"
    assert loop.startswith("D/own.yaml:1 extends: D/loop.yaml")


def test_a_long_chain_ends(tmp_path: Path) -> None:
    chain = {f"f{n}": f"extends: f{n + 1}.yaml\n" for n in range(200)}
    (problem,) = problems(files(tmp_path, own="extends: f0.yaml\n", **chain, f200="name: x\n"))
    assert "of a chain (extend fewer)" in problem


def test_a_wide_net_of_files_is_read_once_each(tmp_path: Path) -> None:
    net = {f"f{n}": f"extends: [f{n + 1}.yaml, ./f{n + 1}.yaml, f{n + 2}.yaml]\nrules: {{tools: union}}\n" for n in range(30)}
    own = files(tmp_path, own="extends: [f0.yaml, f1.yaml]\n", **net, f30="rules: {model: largest}\n", f31="rules: {color: drop}\n")
    policy = load_policy(own)
    assert (policy.choice("tools"), policy.choice("model"), policy.choice("color")) == ("union", "largest", "drop")


# --- packs -------------------------------------------------------------------------------------


def test_the_packs_are_those_that_the_documents_name() -> None:
    assert pack_names() == ("backend", "default", "reviewer", "strict")


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_says_for_whom_it_is_and_sets_what_exists(name: str) -> None:
    text = (PACKS / f"{name}.yaml").read_text(encoding="utf-8")
    head = text.partition("\nextends:" if name != "default" else "\nlanguage:")[0]
    assert head.startswith("# ")
    assert all(line.startswith("# ") for line in head.splitlines())
    assert len(head.split()) >= 20
    assert set(load_pack(name).settings) <= set(BY_KEY)


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_builds_the_shipped_example(name: str, tmp_path: Path) -> None:
    copy = tmp_path / "backend"
    shutil.copytree(EXAMPLE, copy)
    (copy / "agentmerge.yaml").write_text(f"extends: {name}\nname: x\nsources: [sources/*.md]\noutput: out.md\n", encoding="utf-8")
    built = build(policy_file=copy / "agentmerge.yaml")
    assert len(built.agents) == 5
    assert sum(d.outcome is Outcome.KEPT for d in built.decisions) > 100
    if not built.failed:
        built.write()
        assert check(built.canonical).fresh
    record = json.loads(built.ledger)["policy"]["rules"]
    assert record["tools"]["strategy"] == load_pack(name).choice("tools")


def test_strict_grants_no_tool_that_a_list_has_not(tmp_path: Path) -> None:
    result = _pair(tmp_path, "strict")
    assert 'tools: "Read"\n' in result.text or "tools: Read\n" in result.text
    assert result.capabilities == ()


def test_a_reviewer_reads_only_and_keeps_no_mode(tmp_path: Path) -> None:
    result = _pair(tmp_path, "reviewer")
    assert 'tools: "Read, Glob, Grep"' in result.text
    assert "permissionMode" not in result.text


def _pair(folder: Path, pack: str) -> Build:
    for name, tools in (("a", "Read, Write, Bash"), ("b", "Read, Edit")):
        head = f"name: {name}\ndescription: Reviews {name}\ntools: {tools}\npermissionMode: acceptEdits\n"
        (folder / f"{name}.md").write_text(f"---\n{head}---\n\n- Review {name}\n", encoding="utf-8")
    policy = parse_policy(f"extends: {pack}", "p")
    return build([folder / "a.md", folder / "b.md"], policy=policy, output=folder / "out.md")


def test_the_page_of_a_rule_names_packs_that_choose_otherwise() -> None:
    assert pack_lines(BY_KEY["tools"]) == (
        "reviewer: {strategy: set, set: [Read, Grep, Glob]}",
        "strict: {strategy: intersection, omitted: ask}",
    )
    assert all("default:" not in line for rule in RULES for line in pack_lines(rule))
    assert Policy().choice("tools") == "majority"
