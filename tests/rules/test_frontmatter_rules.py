"""The rules for name, model, colour, privileges and unknown keys, as tables, with what they leave alone."""

from __future__ import annotations

import pytest

from agentmerge.errors import SourceError
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.describe import describe
from agentmerge.merge.frontmatter import read_frontmatter
from agentmerge.merge.header import choose_tools, compose_header
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Header, Outcome, Value
from agentmerge.output.yaml_text import frontmatter_text
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.frontmatter import choose_color, choose_model, choose_others
from agentmerge.rules.keys import choose_plain
from agentmerge.rules.names import choose_name
from agentmerge.rules.policy import Policy, parse_policy


def _agents(*frontmatter: str) -> tuple[Agent, ...]:
    texts = [f"---\ndescription: d\n{lines}\n---\n\nBody.\n" for lines in frontmatter]
    return tuple(
        agent_from_source(source_from_bytes(text.encode(), f"{name}.md", name)) for name, text in zip("abcdefg", texts, strict=False)
    )


def _policy(text: str = "") -> Policy:
    return parse_policy(text, "p.yaml")


def _outcomes(chosen: Chosen) -> str:
    return " ".join(f"{d.source}:{d.outcome}" for d in chosen.decisions)


@pytest.mark.parametrize(
    ("names", "policy", "expected", "outcomes"),
    [
        (["x", "x"], "", "x", "a:kept b:merged"),
        (["x", "y", "y"], "", "y", "a:overridden b:kept c:merged"),
        (["api-reviewer", "reviewer", "api-checker"], "", "api-reviewer", "a:kept b:overridden c:overridden"),
        (["x", "y", "y"], "priority: [a]\nrules: {name: priority}", "x", "a:kept b:overridden c:overridden"),
        (["x", "y"], "name: z", "z", "a:overridden b:overridden"),
        (["x", "y"], "name: y", "y", "a:overridden b:kept"),
        (["''", "y"], "", "y", "b:kept"),
        (["", ""], "", "agent", ""),
        (["서버-검토자", "서버"], "", "서버", "a:overridden b:kept"),
    ],
)
def test_name(names: list[str], policy: str, expected: str, outcomes: str) -> None:
    chosen = choose_name(_agents(*(f"name: {name}" for name in names)), _policy(policy))
    assert (chosen.value, chosen.present, _outcomes(chosen)) == (expected, True, outcomes)
    assert chosen.conflicts == ()


@pytest.mark.parametrize(
    ("models", "policy", "expected", "undecided"),
    [
        (["sonnet", "sonnet"], "", "sonnet", None),
        (["sonnet", None], "", "sonnet", None),
        (["sonnet", ""], "", "sonnet", None),
        ([None, None], "", None, None),
        (["opus", "sonnet", "sonnet"], "", "sonnet", False),
        (["haiku", "opus"], "", "opus", True),
        (["haiku", "opus"], "priority: [a]\nrules: {model: priority}", "haiku", False),
        (["haiku", "opus"], "rules: {model: priority}", "opus", True),
        (["haiku", "haiku", "opus"], "rules: {model: largest}", "opus", False),
        (["local-1", "local-2"], "rules: {model: largest}", "local-1", True),
        (["sonnet", "sonnet"], "rules: {model: drop}", None, None),
    ],
)
def test_model(models: list[str | None], policy: str, expected: str | None, undecided: bool | None) -> None:
    agents = _agents(*("name: x" if model is None else f"model: {model}" for model in models))
    chosen = choose_model(agents, _policy(policy))
    assert (chosen.value, chosen.present) == (expected, expected is not None)
    assert [not conflict.resolved for conflict in chosen.conflicts] == ([] if undecided is None else [undecided])
    assert {d.source for d in chosen.decisions} == {a.source.id for a in agents if a.value("model")}


@pytest.mark.parametrize(
    ("colors", "strategy", "expected", "why"),
    [
        (["red", "red"], "agree", "red", "the sources' colour"),
        (["red", None], "agree", "red", "the sources' colour"),
        (["red", "blue"], "agree", None, "cosmetic, and the sources differ"),
        (["red", "blue"], "drop", None, "the policy drops the colour"),
        (["red", "red"], "drop", None, "the policy drops the colour"),
        (["red", "blue", "blue"], "majority", "blue", "the colour is blue"),
        (["red", "blue", "blue"], "priority", "red", "the sources' colour"),
    ],
)
def test_color(colors: list[str | None], strategy: str, expected: str | None, why: str) -> None:
    agents = _agents(*("name: x" if color is None else f"color: {color}" for color in colors))
    chosen = choose_color(agents, _policy(f"priority: [a]\nrules: {{color: {strategy}}}"))
    assert (chosen.value, chosen.present) == (expected, expected is not None)
    assert chosen.decisions[0].why == why
    assert chosen.conflicts == ()


@pytest.mark.parametrize(
    ("key", "values", "strategy", "expected", "why"),
    [
        ("team", ["x", "x"], "drop", None, "not a key of the format: agent tools ignore it"),
        ("team", ["x", "x"], "agree", "x", "kept as it is"),
        ("team", ["x", None], "agree", "x", "kept as it is"),
        ("team", ["x", "y"], "agree", None, "the sources differ"),
        ("team", ["x", "y"], "keep", "x", "kept as it is"),
        ("maxTurns", ["5", "5"], "drop", 5, "kept as it is"),
        ("maxTurns", ["5", "6"], "keep", None, "the sources differ"),
        ("effort", ["high", None], "drop", "high", "kept as it is"),
    ],
)
def test_other_keys(key: str, values: list[str | None], strategy: str, expected: Value, why: str) -> None:
    agents = _agents(*("name: x" if value is None else f"{key}: {value}" for value in values))
    chosen = choose_plain(agents, key, _policy(f"rules: {{keys: {strategy}}}"))
    assert (chosen.value, chosen.present) == (expected, expected is not None)
    assert chosen.decisions[0].why == why


def test_each_rule_leaves_the_others_keys_alone() -> None:
    agents = _agents("name: x\ntools: Read\ndisallowedTools: Bash\nmodel: opus\nteam: t\nhooks: h", "name: y\ncolor: red")
    keys = [chosen.key for chosen in choose_others(agents, _policy())]
    assert keys == ["model", "hooks", "color", "team"]
    for chosen in choose_others(agents, _policy()):
        assert {d.key for d in chosen.decisions} == {chosen.key}


def test_empty_values_are_accounted_for_and_say_nothing() -> None:
    agents = _agents("name: x\nmodel:\ncolor: ''\nhooks:\nteam:\neffort: ~", "name: y")
    head = compose_header(agents, _comparison(), "en", _policy("rules: {keys: agree}"), choose_tools(agents, _policy()))
    assert {key for key, _ in head.header.fields} == {"name", "description"}
    assert {(d.key, d.outcome) for d in head.fields if d.source == "a"} >= {
        (key, Outcome.DROPPED) for key in ("model", "color", "hooks", "team", "effort")
    }
    assert head.conflicts == ()


def test_tools_that_are_no_list_name_their_line() -> None:
    agents = _agents("name: x\ntools: {a: b}", "name: y")
    with pytest.raises(SourceError, match=r"^a\.md:4: a tool map"):
        compose_header(agents, _comparison(), "en", _policy(), choose_tools(agents, _policy()))


# --- the description ---------------------------------------------------------------------------


def _comparison() -> Comparison:
    from agentmerge.merge.align import align
    from agentmerge.merge.claims import read_claims
    from agentmerge.merge.score import default_weights

    lexicon = default_lexicon()
    return align([read_claims(agent, lexicon) for agent in _agents("name: x", "name: y")], lexicon, default_weights()).comparison


DESCRIPTIONS = {
    "short": ["Reviews code.", "Writes tests and fixtures"],
    "long": ["Reviews code before a release. " * 60, "주문과 결제 서버를 구현합니다. " * 60],
    "one word": ["x" * 3000, "y" * 10],
    "one sentence": ["many words without an end " * 100, "z"],
    "no end": ["Reviews database migrations", "Plans load tests", "배포 절차를 점검", "Audits licences"],
    "odd": ["'a': b # c", '"q" \\ n', "- [x] {y}"],
    "examples only": ["<example>a</example>", "Example: b"],
    "a list": ["[Reviews code, 'Writes: tests']", "{a: Plans, b: Audits}"],
    "nothing": ["''", "''"],
}


@pytest.mark.parametrize("limit", [1, 10, 40, 1024])
@pytest.mark.parametrize("case", DESCRIPTIONS)
def test_a_description_keeps_its_length_and_reloads_as_the_same_text(case: str, limit: int) -> None:
    import json

    raw = DESCRIPTIONS[case]
    quoted = raw if case in ("a list", "nothing") else [json.dumps(text, ensure_ascii=False) for text in raw]
    texts = [f"---\nname: x\ndescription: {text}\n---\n\nBody.\n" for text in quoted]
    agents = [agent_from_source(source_from_bytes(text.encode(), "x.md", name)) for name, text in zip("abcd", texts, strict=False)]
    description, decisions = describe(agents, _comparison(), "en", _policy(f"rules: {{description: {{max_length: {limit}}}}}"))
    assert len(description) <= limit
    assert description == description.strip()
    assert bool(description) is (case != "nothing")
    assert [d.source for d in decisions if case != "nothing"] == [a.source.id for a in agents if case != "nothing"]
    text = frontmatter_text(Header(fields=(("name", "x"), ("description", description)))) + "\n\nBody.\n"
    fields, findings = read_frontmatter(source_from_bytes(text.encode(), "o.md", "o"))
    assert findings == ()
    assert {f.key: f.value for f in fields} == {"name": "x", "description": description}


def test_a_description_is_cut_between_sentences_and_says_so() -> None:
    agents = [
        agent_from_source(source_from_bytes(f"---\nname: x\ndescription: {text}\n---\n\nBody.\n".encode(), "x.md", name))
        for name, text in (("a", "Reviews code. Checks every migration before the release."), ("b", "Reviews code."))
    ]
    policy = _policy("priority: [a]\nrules: {description: {max_length: 30}}")
    description, decisions = describe(agents, _comparison(), "en", policy)
    assert description == "Reviews code."
    assert decisions[0].why == "the fullest opening, shortened"
