"""Third-party rules: loaded only when named, held to their contract, never a traceback, and part of the account."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from conftest import PLUGIN, ROOT, Offer, Run

from agentmerge.api import build, check, verify
from agentmerge.errors import PluginError, PolicyError
from agentmerge.model import Outcome
from agentmerge.output.ledger import SCHEMA
from agentmerge.pipeline import Build
from agentmerge.rules.plugin import Conflicting, Drop, Note, Option, Overridden, Plugin, Rule, View
from agentmerge.rules.policy import load_policy, parse_policy

EXAMPLE = PLUGIN
MODULE = "agentmerge_house_style"

# --- the example -------------------------------------------------------------------------------


def example(folder: Path) -> Path:
    """A copy of the example's policy and sources."""
    shutil.copytree(EXAMPLE / "sources", folder / "sources")
    return Path(shutil.copy(EXAMPLE / "agentmerge.yaml", folder))


@pytest.mark.usefixtures("house")
def test_the_example_package_does_what_it_says(tmp_path: Path) -> None:
    file = example(tmp_path)
    built = build(policy_file=file)
    own = [d for d in built.decisions if d.rule == "HOUSE001"]
    texts = {unit.id: unit.text for agent in built.agents for unit in agent.units}
    assert {texts[d.unit]: (str(d.outcome), d.why) for d in own} == {
        "Deliver world-class release notes": ("dropped", "'world-class' is praise"),
        "Be the rockstar of every launch": ("dropped", "'rockstar' is praise"),
    }
    assert [(f.source, f.line, f.message) for f in built.findings if f.code == "HOUSE001"] == [
        ("ines", 13, "OPS-4211 may be closed by now"),
        ("ines", 17, "'passionate' is praise"),
    ]
    assert "world-class" not in built.text
    assert "passionate" in built.text
    built.write()
    assert verify(built.canonical) == ()
    assert check(built.canonical).reasons == ()


@pytest.mark.usefixtures("house")
def test_the_ledger_names_the_plugin_and_is_valid(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    ledger = json.loads(build(policy_file=example(tmp_path)).ledger)
    assert ledger["policy"]["plugins"] == [{"name": "house-style", "code": "HOUSE001", "version": "0.1.0"}]
    assert ledger["policy"]["rules"]["house-style"] == {"words": ["rockstar"]}
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(ledger)) == []


@pytest.mark.usefixtures("house")
def test_a_rebuild_without_a_policy_file_loads_the_plugin_by_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example(tmp_path)
    policy = parse_policy("plugins: house-style", "p")
    built = build([tmp_path / "sources"], policy=policy, output=tmp_path / "out.md")
    built.write()
    assert check(built.canonical).reasons == ()
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    (reason,) = check(built.canonical).reasons
    assert reason.startswith("it cannot be built again: plugin 'house-style' is not installed")


@pytest.mark.usefixtures("house")
def test_another_version_of_a_plugin_makes_a_build_stale(tmp_path: Path, offer: Offer) -> None:
    built = build(policy_file=example(tmp_path))
    built.write()
    offer("agentmerge-house-style", {"house-style": f"{MODULE}:plugin"}, version="0.2.0")
    assert check(built.canonical).reasons == ("the plugin house-style is of version 0.2.0, not 0.1.0",)


@pytest.mark.usefixtures("house")
def test_the_catalogue_has_the_rule_when_the_policy_names_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = example(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("rules").out.splitlines()[-1].startswith("HOUSE001  house-style")
    assert "words: []  # further words of praise" in run("rules", "house-style", "--policy", file).out
    assert json.loads(run("rules", "HOUSE001", "--format", "json").out)["key"] == "house-style"
    assert "house-style" in json.loads(run("rules", "--schema").out)["$defs"]["rules"]["properties"]
    (tmp_path / "bare").mkdir()
    monkeypatch.chdir(tmp_path / "bare")
    assert "HOUSE001" not in run("rules").out
    assert run("rules", "house-style").code == 2


def test_a_broken_policy_hides_only_its_plugins_unless_it_is_asked_for(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agentmerge.yaml").write_text("nmae: x\n", encoding="utf-8")
    ran = run("rules")
    assert (ran.code, ran.err) == (0, "agentmerge: agentmerge.yaml has mistakes, so rules of its plugins are not listed\n")
    assert run("rules", "--policy", "agentmerge.yaml").code == 2


@pytest.mark.usefixtures("house")
def test_options_of_a_plugin_are_checked_like_any_other(tmp_path: Path) -> None:
    assert tmp_path.is_dir()
    with pytest.raises(PolicyError) as caught:
        parse_policy("plugins: [house-style]\nrules:\n  house-style: {strategy: drpo, wrods: [a]}\n", "p.yaml")
    assert caught.value.problems == (
        "p.yaml:3 rules.house-style.wrods: unknown key 'wrods' (did you mean 'words'?)",
        "p.yaml:3 rules.house-style.strategy: unknown strategy 'drpo' (did you mean 'drop'?)",
    )
    with pytest.raises(PolicyError, match="unknown key 'house-style'"):
        parse_policy("rules: {house-style: drop}", "p.yaml")


@pytest.mark.usefixtures("house")
def test_a_plugin_of_an_extended_file_is_loaded_once_and_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("plugins: [house-style]\n", encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text("extends: team.yaml\nplugins: house-style\nrules: {house-style: note}\n", encoding="utf-8")
    policy = load_policy(own)
    assert [one.name for one in policy.plugins] == ["house-style"]
    assert policy.choice("house-style") == "note"
    assert policy.option("house-style", "words") == ()


def test_nothing_is_imported_that_no_policy_names(tmp_path: Path) -> None:
    """In a process of its own: neither a plugin nor the code that looks for one."""
    site = tmp_path / "evil-1.0.dist-info"
    site.mkdir()
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n", encoding="utf-8")
    (site / "entry_points.txt").write_text("[agentmerge.rules]\nevil = evil_rules:plugin\n", encoding="utf-8")
    (tmp_path / "evil_rules.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
    script = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
        "from agentmerge import build, load_policy\n"
        f"build([{str(EXAMPLE / 'sources')!r}], policy=load_policy(), output={str(tmp_path / 'out.md')!r})\n"
        "print([name for name in ('evil_rules', 'importlib.metadata', 'agentmerge.merge.plugins') if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-S", "-c", _with_path(script)], capture_output=True, encoding="utf-8", check=False)
    assert ran.stdout.strip() == "[]", ran.stderr


def _with_path(script: str) -> str:
    """The script with this process's path: ``-S`` keeps other packages' start-up hooks out."""
    return f"import sys; sys.path[:] = {sys.path!r}\n{script}"


def test_the_example_imports_nothing_but_the_contract() -> None:
    """What a plugin may rely on is one module."""
    import ast

    tree = ast.parse((EXAMPLE / MODULE / "__init__.py").read_text(encoding="utf-8"))
    named = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert {name for name in named if name and name.startswith("agentmerge")} == {"agentmerge.rules.plugin"}


# --- the contract ------------------------------------------------------------------------------

RULE = Rule(code="ACME001", key="acme", summary="A rule.", why="A reason.", options={})
A = """\
---
name: a
description: Works on a
tools: Read
---

# Title

## Tests

- Validate user input
- Keep a changelog

```sh
make
```
"""
B = A.replace("name: a", "name: b").replace("Keep a changelog", "Rotate the keys").replace("make", "make all")


def judged(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    judge: Callable[[View], Iterable[Any]],
    rule: Rule = RULE,
    policy: str = "plugins: [acme]",
) -> Build:
    """The two agents built with a plugin that stands in this test."""
    for name, text in (("a", A), ("b", B)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    fake(monkeypatch, Plugin(rule, judge))
    return build([folder / "a.md", folder / "b.md"], policy=parse_policy(policy, "p"), output=folder / "out.md")


def fake(monkeypatch: pytest.MonkeyPatch, value: object, name: str = "acme") -> None:
    """An entry point that yields ``value``, or raises it."""

    class Point:
        def __init__(self) -> None:
            self.name, self.value, self.dist = name, "acme:plugin", None

        def load(self) -> object:
            if isinstance(value, BaseException):
                raise value
            return value

    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: (Point(),))


def test_a_plugin_sees_undecided_statements_with_their_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[View] = []

    def judge(view: View) -> Iterable[Any]:
        seen.append(view)
        return ()

    options = {"level": Option(default="low", choices=("low", "high"))}
    policy = "plugins: [acme]\noverrides: [{for: {section: tests, source: b}, rules: {acme: high}}]\n"
    judged(tmp_path, monkeypatch, judge, RULE._replace(options=options), policy)
    (view,) = seen
    assert view.tools == ("Read",)
    assert dict(view.options) == {"level": "low"}
    assert [(s.id, s.kind, s.sections, dict(s.options)) for s in view.statements] == [
        ("a:11", "item", ("Tests", "Title"), {"level": "low"}),
        ("a:12", "item", ("Tests", "Title"), {"level": "low"}),
        ("a:14", "code", ("Tests", "Title"), {"level": "low"}),
        ("b:11", "item", ("Tests", "Title"), {"level": "high"}),
        ("b:12", "item", ("Tests", "Title"), {"level": "high"}),
        ("b:14", "code", ("Tests", "Title"), {"level": "high"}),
    ]
    first = view.statements[0]
    assert (first.text, first.language, first.source, first.line) == ("Validate user input", "en", "a", 11)
    assert {"validate", "input"} <= {word for concept in first.concepts for word in concept.split("-")}
    assert not any(concept.startswith("w:") for s in view.statements for concept in s.concepts)


def test_verdicts_are_carried_out_in_file_order_whatever_order_they_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = [
        Note("b:12", "look at the keys"),
        Conflicting(("a:14", "b:14"), "two ways to make it"),
        Overridden("b:11", "a:11", "a says it first"),
        Drop("a:12", "nobody reads it"),
        Note("a:11", "who validates?"),
    ]
    one = judged(tmp_path, monkeypatch, lambda _: verdicts)
    other = judged(tmp_path, monkeypatch, lambda _: reversed(verdicts))
    assert one.ledger == other.ledger
    assert one.text == other.text
    made = {d.unit: d for d in one.decisions if d.rule == "ACME001"}
    assert (made["a:12"].outcome, made["a:12"].why) == (Outcome.DROPPED, "nobody reads it")
    assert (made["b:11"].outcome, made["b:11"].into) == (Outcome.OVERRIDDEN, "a:11")
    assert [(f.line, f.message) for f in one.findings if f.code == "ACME001"] == [(11, "who validates?"), (12, "look at the keys")]
    (conflict,) = [c for c in one.unresolved if c.rule == "ACME001"]
    assert (conflict.members, conflict.why) == (("a:14", "b:14"), "two ways to make it")
    one.write()
    assert verify(one.canonical) == ()


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["nonsense"], "says 'str', which is no verdict"),
        ([None], "says 'NoneType', which is no verdict"),
        ([("a:11", "why")], "says 'tuple', which is no verdict"),
        ([Drop("a:99", "x")], "speaks of statement 'a:99', which is unknown or decided already"),
        ([Drop("a:7", "x")], "speaks of statement 'a:7', which is unknown or decided already"),
        ([Drop(["a:11"], "x")], r"speaks of statement \['a:11'\], which is unknown"),  # type: ignore[arg-type]
        ([Drop("a:11", "")], "gives no reason on one line"),
        ([Drop("a:11", "two\nlines")], "gives no reason on one line"),
        ([Note("a:11", 3)], "gives no reason on one line"),  # type: ignore[arg-type]
        ([Drop("a:11", "x"), Drop("a:11", "y")], "decides statement 'a:11' twice"),
        ([Drop("a:11", "x"), Overridden("a:11", "b:11", "y")], "decides statement 'a:11' twice"),
        ([Overridden("a:11", "a:11", "x")], "overrides statement 'a:11' by itself"),
        ([Overridden("a:11", "b:11", "x"), Drop("b:11", "y")], "lets statement 'b:11' stay in one verdict and go in another"),
        ([Overridden("a:11", "b:11", "x"), Overridden("b:11", "a:11", "y")], "lets statement 'b:11' stay in one verdict and go in another"),
        ([Conflicting(("a:11",), "x")], "names fewer than two statements"),
        ([Conflicting(("a:11", "a:11"), "x")], "names fewer than two statements"),
        ([Conflicting({"a:11", "b:11"}, "x")], "names the statements of a conflict in no tuple"),  # type: ignore[arg-type]
        ([Conflicting(("a:11", "b:11"), "x"), Drop("b:11", "y")], "lets statement 'b:11' stay in one verdict and go in another"),
        (7, "failed: TypeError: 'int' object is not iterable"),
    ],
)
def test_what_a_plugin_may_not_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdicts: Any, said: str) -> None:
    with pytest.raises(PluginError, match=rf"^plugin 'acme' \(rule ACME001\) {said}.* \(tell its author, or take it out of 'plugins'\)$"):
        judged(tmp_path, monkeypatch, lambda _: verdicts)


@pytest.mark.parametrize("error", [ZeroDivisionError("division\nby zero"), SystemExit(3), RecursionError("deep")])
def test_a_plugin_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def judge(_: View) -> Iterable[Any]:
        yield Note("a:11", "so far so good")
        raise error

    with pytest.raises(PluginError, match=r"^plugin 'acme' \(rule ACME001\) failed: \w+: ") as caught:
        judged(tmp_path, monkeypatch, judge)
    assert "\n" not in str(caught.value)


def test_the_command_line_says_it_in_one_line(run: Run, offer: Offer, project: Path) -> None:
    text = "from agentmerge.rules.plugin import Plugin, Rule\nplugin = Plugin(Rule('ACME001', 'acme', 's', 'w', {}), lambda view: 1 / 0)\n"
    offer("acme_rules", {"acme": "acme_rules:plugin"}, text)
    (project / "agentmerge.yaml").write_text("plugins: [acme]\nsources: [agents]\noutput: out.md\n", encoding="utf-8")
    ran = run("build")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "agentmerge: error: plugin 'acme' (rule ACME001) failed: ZeroDivisionError: division by zero"
        " (tell its author, or take it out of 'plugins')\n"
    )
    assert not (project / "out.md").exists()


# --- loading -----------------------------------------------------------------------------------


def refused(text: str = "plugins: [acme]") -> str:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    (problem,) = caught.value.problems
    return problem


def judge_nothing(_: View) -> Iterable[Any]:
    return ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (ImportError("no module named x"), "cannot be loaded from acme:plugin: ImportError: no module named x"),
        (SystemExit(0), "cannot be loaded from acme:plugin: SystemExit: 0"),
        (42, "is no Plugin: acme:plugin is of type int"),
        (RULE, "is no Plugin: acme:plugin is of type Rule"),
        (Plugin(RULE, "judge"), "is incomplete: acme:plugin needs a Rule and a function"),  # type: ignore[arg-type]
        (Plugin("rule", judge_nothing), "is incomplete"),  # type: ignore[arg-type]
        (Plugin(RULE._replace(summary=""), judge_nothing), "has a rule without code, key, summary, why or options"),
        (Plugin(RULE._replace(code="acme1"), judge_nothing), "has the code 'acme1', which is not three to five capitals"),
        (Plugin(RULE._replace(code="TOOLS001"), judge_nothing), "has the code TOOLS001, which another rule has"),
        (Plugin(RULE._replace(key="Acme Rules"), judge_nothing), "has the key 'Acme Rules', which is not lower-case"),
        (Plugin(RULE._replace(key="tools"), judge_nothing), "has the key 'tools', which another rule has"),
        (Plugin(RULE._replace(options={"a": 1}), judge_nothing), "has an option 'a' whose kind"),  # type: ignore[dict-item]
        (Plugin(RULE._replace(options={"a": Option("x", ("y",))}), judge_nothing), "has an option 'a' whose kind"),
        (Plugin(RULE._replace(options={"a": Option(0, kind="number")}), judge_nothing), "has an option 'a' whose kind"),
        (Plugin(RULE._replace(options={"a": Option([], kind="texts")}), judge_nothing), "has an option 'a' whose kind"),
        (Plugin(RULE._replace(options={"a": Option((), kind="map")}), judge_nothing), "has an option 'a' whose kind"),
        (Plugin(RULE._replace(options={"a": Option("x", kind="regex")}), judge_nothing), "has an option 'a' whose kind"),
    ],
)
def test_what_is_no_plugin_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch, value: object, said: str) -> None:
    fake(monkeypatch, value)
    assert refused().startswith(f"p.yaml:1 plugins: plugin 'acme' {said}")


def test_a_missing_plugin_is_told_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, Plugin(RULE, judge_nothing))
    assert refused("name: x\nplugins: [acne]") == "p.yaml:2 plugins: plugin 'acne' is not installed (did you mean 'acme'?)"
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    assert refused() == "p.yaml:1 plugins: plugin 'acme' is not installed (install the package that offers it)"


def test_two_packages_of_one_name_and_two_rules_of_one_key_are_told(offer: Offer) -> None:
    text = "from agentmerge.rules.plugin import Plugin, Rule\nplugin = Plugin(Rule('ACME001', 'acme', 's', 'w', {}), lambda view: ())\n"
    offer("acme_one", {"acme": "acme_one:plugin", "other": "acme_one:plugin"}, text)
    assert refused("plugins: [acme, other]") == (
        "p.yaml:1 plugins: plugin 'other' has the code ACME001, which another rule has (tell its author, or take it out of 'plugins')"
    )
    offer("acme_two", {"acme": "acme_two:plugin"}, text)
    assert "is offered by acme_one:plugin, acme_two:plugin (uninstall all but one)" in refused()
