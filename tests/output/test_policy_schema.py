"""The published schema of a policy: as generated, valid for every policy that is shown, and of one mind with the parser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Run
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from agentmerge.errors import PolicyError
from agentmerge.output.policy_schema import POLICY_SCHEMA, policy_schema, schema_text
from agentmerge.rules.policy import PACKS, parse_policy
from agentmerge.rules.reading.data import load_data
from agentmerge.rules.registry import KEY_RULES, RULES, Option

SCHEMA = policy_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def by_schema(text: str) -> list[str]:
    """What the schema objects to in a policy, read as an editor reads it."""
    data = YAML(typ="safe", pure=True).load(text)
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors({} if data is None else data)]


def by_parser(text: str, folder: Path) -> tuple[str, ...]:
    try:
        parse_policy(text, "p.yaml", folder=folder)
    except PolicyError as error:
        return error.problems
    return ()


def shown_policies() -> Iterator[Any]:
    """Every policy that the project ships or shows."""
    for path in sorted([*PACKS.glob("*.yaml"), *ROOT.glob("examples/**/agentmerge.yaml"), *ROOT.glob("tests/golden/*/agentmerge.yaml")]):
        yield pytest.param(path.read_text(encoding="utf-8"), id=path.relative_to(ROOT).as_posix())
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/README.md")]):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for number, text in enumerate(blocks, 1):
            yield pytest.param(text, id=f"{page.relative_to(ROOT).as_posix()}, block {number}")


def test_the_committed_schema_is_the_generated_one() -> None:
    assert POLICY_SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "agentmerge rules --schema > agentmerge/rules/schema/agentmerge.schema.json"
    )
    Draft202012Validator.check_schema(SCHEMA)


def test_the_command_prints_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("rules", "--schema").out == schema_text()


@pytest.mark.parametrize("text", list(shown_policies()))
def test_every_policy_that_is_shown_is_valid(text: str) -> None:
    assert by_schema(text) == []


def plain(option: Option) -> object:
    """An option's default as JSON has it."""
    if option.kind == "map":
        return {}
    return list(option.default) if isinstance(option.default, tuple) else option.default


def test_every_option_is_explained() -> None:
    described = SCHEMA["$defs"]["rules"]["properties"]
    for rule in RULES:
        if rule.options:
            said = described[rule.key]
            assert said["description"] == f"{rule.code}: {rule.summary} {rule.why}"
            options = said["anyOf"][1]["properties"]
            assert list(options) == list(rule.options)
            for name, option in rule.options.items():
                assert options[name]["default"] == plain(option)
                assert options[name].get("description", "").lower() == option.help.lower()
    assert all("description" in entry for entry in SCHEMA["properties"].values())


BROKEN = [
    "nmae: x",
    "name: 5",
    "name: true",
    "name: ' '",
    "output: [a]",
    "sources: {a: b}",
    "sources: 5",
    "sources: [[a]]",
    "priority: [true]",
    "language: klingon",
    "provenance: [section]",
    "extends: strickt",
    "extends: [default, 7]",
    "lexicon: [a]",
    "lexicon: {a: []}",
    "lexicon: {a: {class: thing, en: [b]}}",
    "lexicon: {a: {en: [' ']}}",
    "lexicon: {a: {near: [b]}}",
    "lexicon: {a: {en: [b], broader: [c]}}",
    "semantic: {weight: 1}",
    "semantic: {model: m, weight: 3}",
    "semantic: {model: m, weight: '1'}",
    "semantic: 1.5",
    "rules: [tools]",
    "rules: {tool: union}",
    "rules: {tools: unoin}",
    "rules: {tools: {stratgy: union}}",
    "rules: {tools: {set: [1]}}",
    "rules: {description: {max_length: 0}}",
    "rules: {description: {max_length: 1.5}}",
    "rules: {keys: {patterns: [a]}}",
    "rules: {keys: {patterns: {x-*: hold}}}",
    "rules: {frontmatter: x}",
    "rules: {numbers: [ask]}",
    "overrides: {for: {section: a}}",
    "overrides: [a]",
    "overrides: [{rules: {numbers: ask}}]",
    "overrides: [{for: {}, rules: {numbers: ask}}]",
    "overrides: [{for: {sektion: a}, rules: {numbers: ask}}]",
    "overrides: [{for: {section: []}, rules: {numbers: ask}}]",
    "overrides: [{for: {section: ''}, rules: {numbers: ask}}]",
    "overrides: [{for: {section: a}}]",
    "overrides: [{for: {section: a}, rules: {}}]",
    "overrides: [{for: {section: a, key: b}, priority: [c]}]",
    "overrides: [{for: {section: a}, rules: {tools: union}}]",
    "overrides: [{for: {concept: a}, rules: {name: priority}}]",
    "overrides: [{for: {key: a}, rules: {numbers: ask}}]",
    "overrides: [{for: {key: a}, rules: {tool: union}}]",
    "overrides: [{for: {source: a}, priority: {b: c}}]",
    "plugins: {a: b}",
    "plugins: [' ']",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_policy_is_refused_by_both(text: str, tmp_path: Path) -> None:
    assert by_schema(text)
    assert by_parser(text, tmp_path)


def test_rules_of_plugins_are_left_open_where_a_policy_may_have_some() -> None:
    assert by_schema("plugins: [house]\nrules: {house-style: drop, tools: union}") == []
    assert by_schema("extends: [default, ../team.yaml]\nrules: {house-style: drop}") == []
    assert by_schema("plugins: [house]\nrules: {tools: unoin}")
    assert by_schema("extends: default\nrules: {house-style: drop}")


# --- the schema and the parser agree -----------------------------------------------------------

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.just(1.5), st.just(""), st.just("word"), st.just(["word"]), st.just([]), st.just({}),
    st.just([1]), st.just({"word": "word"}),
)  # fmt: skip


def some(keys: dict[str, st.SearchStrategy[Any]], *, most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A map of some of these keys, now and then with junk for a value or a key that is unknown."""
    pairs = st.one_of(*(st.tuples(st.just(key), st.one_of(value, value, value, JUNK)) for key, value in keys.items()))
    return st.lists(pairs, max_size=most, unique_by=lambda pair: pair[0]).map(dict) | st.just({"unknown": "x"})


TEXTS = st.one_of(st.sampled_from(["a", "b c"]), st.lists(st.sampled_from(["a", "x-*", 1]), max_size=2))
WORDS = st.one_of(st.sampled_from(["a", "x-*"]), st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2))


def option_values(kind: str, choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    word = st.sampled_from(choices or ("a",))
    values: dict[str, st.SearchStrategy[Any]] = {
        "choice": word,
        "number": st.integers(1, 9),
        "texts": WORDS,
        "text": st.just("a"),
        "map": st.dictionaries(st.just("x-*"), word),
    }
    return values[kind]


def settings_of(draw: st.DrawFn, keys: frozenset[str]) -> dict[str, Any]:
    """Options of a few rules; drawn rule by rule, for a strategy of all of them would be huge."""
    rules = [rule for rule in RULES if rule.options and rule.key in keys]
    found: dict[str, Any] = {}
    for rule in draw(st.lists(st.sampled_from(rules), max_size=2)):
        options = {name: option_values(option.kind, option.choices) for name, option in rule.options.items()}
        found[rule.key] = draw(st.one_of(next(iter(options.values())), some(options), some(options), JUNK))
    return found if draw(st.integers(0, 9)) else {"unknown": "x"}


@st.composite
def any_rules(draw: st.DrawFn) -> dict[str, Any]:
    return settings_of(draw, KEYS)


@st.composite
def matching_rules(draw: st.DrawFn) -> dict[str, Any]:
    """Rules that decide statements, or rules that decide frontmatter: what a selector may be for."""
    return settings_of(draw, draw(st.sampled_from([KEYS - KEY_RULES, KEY_RULES])))


KEYS = frozenset(rule.key for rule in RULES)
OVERRIDE = some(
    {
        "for": some({"section": WORDS, "source": WORDS, "concept": WORDS, "key": WORDS}),
        "rules": matching_rules(),
        "priority": WORDS,
    }
)
POLICY = some(
    {
        "extends": st.sampled_from(["default", "strict", ["backend", "reviewer"], "nosuch"]),
        "name": st.just("x"),
        "output": st.just("o.md"),
        "sources": TEXTS,
        "priority": TEXTS,
        "language": st.sampled_from(["keep", "ko"]),
        "provenance": st.sampled_from(["none", "inline"]),
        "lexicon": some({"a": st.one_of(WORDS, some({"class": st.just("object"), "en": WORDS, "ko": WORDS, "near": WORDS}))}),
        "semantic": st.one_of(st.just("m"), some({"model": st.just("m"), "weight": st.sampled_from([0, 1.5, 2, 2.5, -1])})),
        "rules": any_rules(),
        "overrides": st.lists(OVERRIDE, max_size=2),
    },
    most=4,
)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """The data of a policy, more often right than wrong in each part."""
    return draw(POLICY)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(policies())
def test_the_schema_and_the_parser_agree(data: dict[str, Any]) -> None:
    text = json.dumps(data)
    # JSON is YAML, so both read one text.
    assert load_data(text, "p.yaml")[0] == data
    assert bool(by_schema(text)) == bool(by_parser(text, Path())), (by_schema(text), by_parser(text, Path()))


def test_the_corpus_has_policies_of_both_kinds() -> None:
    counts = {True: 0, False: 0}

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(policies())
    def count(data: dict[str, Any]) -> None:
        counts[bool(by_parser(json.dumps(data), Path()))] += 1

    count()
    assert min(counts.values()) >= 30, counts
