"""A team's own vocabulary: the ``lexicon:`` of a policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge import build
from agentmerge.errors import PolicyError
from agentmerge.explanation import explain_target
from agentmerge.merge.lexicon import default_lexicon, extended, normalise
from agentmerge.pipeline import Build
from agentmerge.rules.policy import parse_policy
from agentmerge.rules.reading.vocabulary import Entry


def entries(text: str) -> tuple[Entry, ...]:
    return parse_policy(text, "agentmerge.yaml").lexicon


def concepts(text: str, *own: Entry) -> set[str]:
    return {m.concept for m in extended(default_lexicon(), own).mentions(normalise(text))}


POLICY = """\
lexicon:
  dunning:
    class: action
    broader: payment
    near: [notification]
    en: [dunning run, Mahnlauf]
    ko: [독촉 절차]
  authentication: [badge swipe]
"""


def test_a_new_concept_has_its_class_terms_and_neighbours() -> None:
    own = entries(POLICY)
    lexicon = extended(default_lexicon(), own)
    assert concepts("Start the Mahnlauf at night", *own) >= {"dunning"}
    assert concepts("밤에 독촉 절차를 시작한다", *own) >= {"dunning"}
    assert lexicon.kinds["dunning"] == "action"
    assert next(iter(lexicon.broader_than("dunning"))) == "payment"
    assert lexicon.near("dunning")["notification"] == lexicon.near("notification")["dunning"] == 0.5


def test_a_known_concept_gets_more_terms_and_keeps_its_class() -> None:
    own = entries(POLICY)
    assert "authentication" not in concepts("Require a badge swipe")
    assert "authentication" in concepts("Require a badge swipe", *own)
    assert extended(default_lexicon(), own).kinds["authentication"] == default_lexicon().kinds["authentication"]


def test_a_team_s_term_is_theirs_whatever_it_named_before() -> None:
    own = entries("lexicon: {wire-format: [schema]}")
    assert "wire-format" in concepts("Validate the schema", *own)
    assert concepts("Validate the schema", *own) & concepts("Validate the schema") == {"validate"}


def test_the_shipped_lexicon_stays_as_it_is() -> None:
    extended(default_lexicon(), entries(POLICY))
    assert "dunning" not in default_lexicon().kinds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("lexicon: [a]", "agentmerge.yaml:1 lexicon: must be a map of concepts"),
        ("lexicon: {x: {}}", "agentmerge.yaml:1 lexicon.x: has no terms"),
        ("lexicon:\n  x: {class: thing, en: [a b]}", "agentmerge.yaml:2 lexicon.x.class: unknown class 'thing'"),
        ("lexicon:\n  x: {en: [a b], fr: [c]}", "agentmerge.yaml:2 lexicon.x.fr: unknown key 'fr'"),
        ("lexicon:\n  x: {en: [[a]]}", "agentmerge.yaml:2 lexicon.x.en: must be a list of texts"),
        ("lexicon:\n  x: {en: [a b], broader: [y]}", "agentmerge.yaml:2 lexicon.x.broader: must be one concept"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        entries(text)
    assert caught.value.problems[0].startswith(problem)


def test_unknown_concepts_and_terms_that_match_nothing_are_told_together() -> None:
    own = entries("lexicon:\n  x: {broader: securty, near: [nowhere-at-all], en: [a b]}\n  y: ['one, two', '!!']\n")
    with pytest.raises(PolicyError) as caught:
        extended(default_lexicon(), own)
    first, second, third, fourth = caught.value.problems
    assert "agentmerge.yaml:2 lexicon.x: unknown concept 'securty' (did you mean 'security'?)" in first
    assert "unknown concept 'nowhere-at-all'" in second
    assert "agentmerge.yaml:3 lexicon.y: 'one, two' can match nothing" in third
    assert "'!!' can match nothing" in fourth


def score_of(result: Build, one: str, other: str) -> float:
    aligned = {(pair.a, pair.b): pair.score for pair in result.alignments}
    listed = {(pair.a, pair.b): pair.score for pair in result.candidates}
    return {**aligned, **listed}.get((one, other), 0.0)


def test_a_build_aligns_by_it_and_explain_shows_it(tmp_path: Path) -> None:
    for name, line in {"a": "Start the dunning run each Monday", "b": "독촉 절차는 매주 월요일에 시작"}.items():
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: d\n---\n\n## Billing\n\n- {line}\n", encoding="utf-8")
    sources = [tmp_path / "a.md", tmp_path / "b.md"]
    policy = tmp_path / "agentmerge.yaml"
    policy.write_text("output: out.md\nsources: [a.md, b.md]\n" + POLICY, encoding="utf-8")
    plain, result = build(sources), build(policy_file=policy)
    assert score_of(result, "a:8", "b:8") > score_of(plain, "a:8", "b:8")
    result.write()
    assert any("dunning" in line for line in explain_target("a:8", tmp_path / "out.md", lambda: tmp_path / "out.md").lines)
