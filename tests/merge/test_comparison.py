"""The features and the score of a pair of statements."""

from __future__ import annotations

import math

import pytest

from agentmerge.merge.claims import Reading, read_claims
from agentmerge.merge.comparison import FEATURES, WEIGHTS, Comparison, Scored, Weights, action_families, default_weights, probability
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes


def readings(name: str, *lines: str) -> tuple[Reading, ...]:
    body = "".join(f"- {line}\n" for line in lines)
    source = source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}".encode(), f"{name}.md", name)
    return read_claims(agent_from_source(source), default_lexicon())


def compared(one: str, other: str) -> Scored:
    team = (readings("a", one), readings("b", other))
    return Comparison(team, default_lexicon()).compare(team[0][0], team[1][0], default_weights())


def feature(scored: Scored, name: str) -> float:
    return scored.features[FEATURES.index(name)]


# --- features ----------------------------------------------------------------------------------


def test_a_pair_has_every_feature_and_a_probability() -> None:
    scored = compared("Validate user input", "Check the input of users")
    assert len(scored.features) == len(FEATURES)
    assert 0 < scored.score < 1


def test_equal_statements_overlap_whole() -> None:
    scored = compared("Validate user input", "Validate user input")
    assert [feature(scored, name) for name in ("facet", "facet_contained", "whole", "contained", "wording")] == pytest.approx([1.0] * 5)


def test_a_contained_statement_is_contained_and_not_the_whole() -> None:
    scored = compared("Validate user input", "Validate user input and rotate signing keys")
    assert feature(scored, "contained") == pytest.approx(1.0)
    assert feature(scored, "whole") < 1.0


def test_wording_counts_within_one_language_only() -> None:
    assert feature(compared("Validate input", "입력 검증"), "wording") == 0.0
    assert feature(compared("Validate input", "Validate the input"), "wording") > 0.5


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("polarity", "Log passwords", "Never log passwords"),
        ("technology", "Store orders in PostgreSQL", "Store orders in MySQL"),
        ("numbers", "Retry 3 times", "Retry 5 times"),
    ],
)
def test_what_a_guard_watches_is_a_feature_too(name: str, one: str, other: str) -> None:
    assert feature(compared(one, other), name) == 1.0
    assert feature(compared(one, one), name) == 0.0


def test_a_comparison_is_symmetric() -> None:
    one, other = "Validate user input before each query", "Check input; log errors"
    assert compared(one, other).features == pytest.approx(compared(other, one).features)


def test_closer_statements_score_higher() -> None:
    near = compared("Validate user input", "Validate all user input")
    far = compared("Validate user input", "Validate the release notes")
    none = compared("Validate user input", "Choose a colour palette")
    assert near.score > far.score > none.score


# --- what is said ------------------------------------------------------------------------------


def said(part: str, whole: str) -> float:
    team = (readings("a", part), readings("b", whole))
    a, b = team[0][0], team[1][0]
    return Comparison(team, default_lexicon()).said(a.concepts, b.concepts, b.wide)


def test_a_statement_says_all_of_itself_and_of_its_parts() -> None:
    assert said("Validate user input", "Validate user input") == pytest.approx(1.0)
    assert said("Validate user input", "Validate user input, rotate signing keys") == pytest.approx(1.0)


def test_a_narrower_statement_says_the_broader_one_and_not_the_other_way() -> None:
    assert said("Write tests", "Write unit tests") > said("Write unit tests", "Write tests")


def test_nothing_says_an_empty_claim() -> None:
    assert Comparison((), default_lexicon()).said(frozenset(), frozenset({"test"}), frozenset()) == 0.0


def test_another_verb_of_one_family_says_most_of_it() -> None:
    families = action_families()
    assert families["create"] == families["write"]
    assert said("Create the schema", "Write the schema") > said("Create the schema", "Remove the schema")


# --- candidates --------------------------------------------------------------------------------


def test_pairs_stand_once_in_file_order_and_in_one_source_only_when_asked() -> None:
    team = (readings("a", "Validate user input", "Validate user input again"), readings("b", "Check user input"))
    comparison = Comparison(team, default_lexicon())
    across = [(x.unit.id, y.unit.id) for x, y in comparison.pairs()]
    both = [(x.unit.id, y.unit.id) for x, y in comparison.pairs(within=True)]
    assert {("a:6", "b:6"), ("a:7", "b:6")} <= set(across)
    assert ("a:6", "a:7") in both
    assert ("a:6", "a:7") not in across
    assert len(set(both)) == len(both)


def test_statements_that_share_nothing_are_no_pair() -> None:
    team = (readings("a", "Rotate the signing keys"), readings("b", "Choose a warm palette"))
    assert list(Comparison(team, default_lexicon()).pairs()) == []


# --- weights -----------------------------------------------------------------------------------


def test_the_shipped_weights_fit_the_features_and_their_thresholds_are_in_order() -> None:
    weights = default_weights()
    assert len(weights.values) == len(FEATURES)
    assert all(math.isfinite(value) for value in weights.values)
    assert 0 < weights.review <= weights.link <= weights.merge < 1
    assert WEIGHTS.is_file()


def test_probability_is_logistic() -> None:
    weights = Weights((1.0, -2.0), 0.5, 0.5, 0.5)
    assert probability((0.0, 0.0), weights) == 0.5
    assert probability((2.0, 0.0), weights) == pytest.approx(1 / (1 + math.exp(-2)))
    assert probability((0.0, 1.0), weights) < 0.5
