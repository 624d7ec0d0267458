"""The policy file: typed, every mistake at once with its line, and no input that hangs."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import Policy, iter_settings, load_pack, load_policy, pack_names, parse_policy
from agentmerge.rules.registry import BY_KEY


def _problems(text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    return caught.value.problems


def test_the_default_pack_says_what_the_registry_says() -> None:
    pack = load_pack("default")
    assert list(iter_settings(pack)) == list(iter_settings(Policy()))
    assert {key: dict(options) for key, options in pack.settings.items()} == {
        key: {name: option.default for name, option in rule.options.items() if option.default != ()}
        for key, rule in BY_KEY.items()
        if rule.options
    }
    assert (pack.language, pack.provenance) == (Policy().language, Policy().provenance)
    assert load_policy() == Policy()


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_loads(name: str) -> None:
    assert parse_policy(f"extends: {name}", "p.yaml").option("tools", "strategy") == load_pack(name).option("tools", "strategy")


def test_every_mistake_is_told_at_once_in_order_of_lines() -> None:
    text = """\
languag: en
extends: [default, backand]
provenance: loud
name: [a]
rules:
  tool: union
  tools: unoin
  description: {max_length: 0, lenght: 3}
  model: {strategy: [majority]}
  duplicates:
    prefer: longst
"""
    assert _problems(text) == (
        "p.yaml:1 languag: unknown key 'languag' (did you mean 'language'?)",
        "p.yaml:2 extends: unknown pack 'backand' (did you mean 'backend'?)",
        "p.yaml:3 provenance: unknown provenance 'loud' (one of inline, section, sidecar, none)",
        "p.yaml:4 name: must be a text, not ['a'] (put it in quotes)",
        "p.yaml:6 rules.tool: unknown key 'tool' (did you mean 'tools'?)",
        "p.yaml:7 rules.tools.strategy: unknown strategy 'unoin' (did you mean 'union'?)",
        "p.yaml:8 rules.description.lenght: unknown key 'lenght' (did you mean 'max_length'?)",
        "p.yaml:8 rules.description.max_length: must be a whole number above 0, not 0 (such as 1024)",
        "p.yaml:9 rules.model.strategy: unknown strategy ['majority'] (did you mean 'majority'?)",
        "p.yaml:11 rules.duplicates.prefer: unknown prefer 'longst' (did you mean 'longest'?)",
    )


def test_a_rule_without_options_is_no_setting() -> None:
    (problem,) = _problems("rules: {frontmatter: x}")
    assert problem.startswith("p.yaml:1 rules.frontmatter: unknown key 'frontmatter' (")


@pytest.mark.parametrize(
    "text", ["rules: {tools: union}", "rules: {tools: {strategy: union}}", "rules:\n  tools:\n    strategy: 'union'\n"]
)
def test_a_word_is_short_for_a_rules_strategy(text: str) -> None:
    policy = parse_policy(text, "p.yaml")
    assert policy.choice("tools") == "union"
    assert policy.choice("tools", "omitted") == "all"


def test_later_packs_and_the_file_win() -> None:
    assert parse_policy("extends: [backend, default]", "p.yaml").language == "keep"
    assert parse_policy("extends: [default, backend]", "p.yaml").language == "en"
    assert parse_policy("extends: backend\nlanguage: ko", "p.yaml").language == "ko"
    policy = parse_policy("extends: backend\nrules: {code: keep}", "p.yaml")
    assert policy.choice("code") == "keep"
    assert policy.choice("model") == "majority"


def test_the_command_line_wins_and_is_remembered() -> None:
    policy = parse_policy("name: a\nlanguage: ko", "p.yaml").with_command_line(name="b", language=None)
    assert (policy.name, policy.language) == ("b", "ko")
    assert policy.command_line == {"name": "b"}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~", "rules:\n", "\ufeffname: x\n"])
def test_an_empty_policy_sets_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_policy(file).settings == {}


def test_values_are_texts_numbers_or_nothing() -> None:
    policy = parse_policy("name: yes\nsources: [1, a.md]\npriority: a\nrules: {tools: {strategy: set, set: 'Read, Grep'}}", "p.yaml")
    assert (policy.name, policy.sources, policy.priority) == ("yes", ("1", "a.md"), ("a",))
    assert policy.option("tools", "set") == ("Read", "Grep")


_LETTERS = "abcdefghijklmnopqrstuvwxy"
REFUSED = {
    "a key twice": ("name: a\noutput: o\nname: b\n", "p.yaml:3 name: stands twice, first on line 1 (keep one)"),
    "an inner key twice": ("rules:\n  tools: union\n  tools: set\n", "p.yaml:3 rules.tools: stands twice, first on line 2 (keep one)"),
    "two documents": ("name: a\n---\nname: b\n", "p.yaml:2 a second YAML document (keep one)"),
    "an open bracket": ("name: [", "p.yaml:1 is not valid YAML: "),
    "a tab": ("rules:\n\ttools: union\n", "p.yaml:2 is not valid YAML: "),
    "a control character": ("name: \x01", "p.yaml:1 is not valid YAML: "),
    "a list as a key": ("? [a]\n: b\n", "p.yaml:1 a key must be a word"),
    "an alias": ("name: &x a\noutput: *x\n", "p.yaml:1 name: YAML anchors and aliases are not read (write the value out)"),
    "a bomb": (
        "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in itertools.pairwise(_LETTERS)),
        "p.yaml:1 a: YAML anchors",
    ),
    "deep lists": ("name: " + "[" * 100_000, "p.yaml:1 name: is nested too deeply"),
    "deep maps": ("name: " + "{a: " * 50_000, "p.yaml:1 name: is nested too deeply"),
    "deep indentation": ("- " * 100_000, "p.yaml:1 0: is nested too deeply"),
    "a list": ("- a\n", "p.yaml:1 must be a map of keys"),
    "rules as a list": ("rules: [a]\n", "p.yaml:1 rules: must be a map of rules"),
    "sources as a map": ("sources: {a: b}\n", "p.yaml:1 sources: must be a list of texts"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_policy_is_refused_at_once(case: str) -> None:
    text, said = REFUSED[case]
    start = time.process_time()
    (problem,) = _problems(text)
    assert problem.startswith(said)
    # A bomb that expands takes minutes; refusing takes milliseconds.
    assert time.process_time() - start < 5


def test_a_tag_builds_nothing() -> None:
    assert parse_policy("name: !!python/object/apply:os.getcwd x", "p.yaml").name == "x"


def test_a_huge_policy_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("#" * (300 << 10), encoding="utf-8")
    with pytest.raises(PolicyError, match="larger than 256 KiB"):
        load_policy(file)
