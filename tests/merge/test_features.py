"""The features and the score of a pair of statements."""

from __future__ import annotations

import math

import pytest

from agentmerge.merge.align import Scored, pairs_of, scored_pairs
from agentmerge.merge.claims import Reading, read_claims
from agentmerge.merge.features import FEATURES, LEADS, OWN, features_of
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.score import WEIGHTS, default_weights, probability
from agentmerge.merge.source import source_from_bytes
from agentmerge.merge.surroundings import SURROUNDINGS, surroundings_of
from agentmerge.merge.vectors import vectors_of


def team_of(*bodies: str) -> list[tuple[Reading, ...]]:
    found = []
    for n, body in enumerate(bodies):
        name = "abcdefgh"[n]
        source = source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}\n".encode(), f"{name}.md", name)
        found.append(read_claims(agent_from_source(source), default_lexicon()))
    return found


def features(one: str, other: str) -> dict[str, float]:
    left, right = vectors_of(team_of(f"- {one}", f"- {other}"), default_lexicon())
    return dict(zip(OWN, features_of(left, right, default_lexicon()), strict=True))


def scored(*bodies: str) -> dict[tuple[str, str], Scored]:
    pairs = scored_pairs(pairs_of(team_of(*bodies), default_lexicon()), default_weights())
    return {(pair.a.unit.text, pair.b.unit.text): pair for pair in pairs}


# --- features ----------------------------------------------------------------------------------


def test_equal_statements_overlap_whole() -> None:
    found = features("Validate user input", "Validate user input")
    whole = ("facet", "facet_contained", "whole", "whole_contained", "wording")
    assert [found[name] for name in whole] == pytest.approx([1.0] * 5)


def test_a_contained_statement_is_contained_and_not_the_whole() -> None:
    found = features("Validate user input", "Validate user input and rotate signing keys")
    assert found["whole_contained"] == pytest.approx(1.0)
    assert found["whole"] < 1.0


def test_wording_counts_within_one_language_only() -> None:
    assert features("Validate input", "입력 검증")["wording"] == 0.0
    assert features("Validate input", "Validate the input")["wording"] > 0.5


def test_near_concepts_count_in_part() -> None:
    near = features("Diagnose the failure", "Find the root cause of the failure")["whole"]
    far = features("Diagnose the failure", "Celebrate the failure")["whole"]
    assert far < near < 1.0


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("polarity", "Log passwords", "Never log passwords"),
        ("technology", "Store orders in PostgreSQL", "Store orders in MySQL"),
        ("numbers", "Retry 3 times", "Retry 5 times"),
    ],
)
def test_what_a_guard_watches_is_a_feature_too(name: str, one: str, other: str) -> None:
    assert features(one, other)[name] == 1.0
    assert features(one, one)[name] == 0.0


def test_features_are_symmetric() -> None:
    one, other = "Validate user input before each query", "Check input; log errors"
    assert features(one, other) == pytest.approx(features(other, one))


def test_headings_of_one_role_are_a_pair_whatever_their_words() -> None:
    pair = scored("## Best Practices\n\n- Ship small changes", "## 작업 원칙\n\n- 작은 변경을 배포한다")[
        ("## Best Practices", "## 작업 원칙")
    ]
    assert pair.features[FEATURES.index("heading_role")] == pair.features[FEATURES.index("plain_role")] == 1.0


def test_a_template_of_prose_is_compared_with_statements_and_code_is_not() -> None:
    template = "```markdown\n## Root cause\n[Explain the root cause]\n```"
    code = "```python\nroot_cause = explain(root.cause())\n```"
    statement = "- Explain the root cause"
    assert any(a.startswith("```") for a, _ in scored(template, statement))
    assert not any(a.startswith("```") for a, _ in scored(code, statement))


# --- candidates --------------------------------------------------------------------------------


def test_pairs_stand_once_in_file_order_and_hold_statements_of_one_source() -> None:
    found = pairs_of(team_of("- Validate user input\n- Validate user input again", "- Check user input"), default_lexicon())
    assert list(found.pairs) == sorted(set(found.pairs))
    assert found.pairs == ((0, 1), (0, 2), (1, 2))


def test_statements_that_share_nothing_are_no_pair() -> None:
    assert not scored("- Rotate the signing keys", "- Choose a warm palette")


def test_the_number_of_pairs_grows_with_the_units_and_not_with_their_square() -> None:
    def count(sources: int) -> float:
        bodies = ("\n".join(f"- Validate field {n}{m} of the form before saving" for m in range(8)) for n in range(sources))
        team = [readings for body in bodies for readings in team_of(body)]
        renamed = [tuple(r._replace(unit=_moved(r, f"s{n}", m)) for m, r in enumerate(readings)) for n, readings in enumerate(team)]
        return len(pairs_of(renamed, default_lexicon()).pairs) / sum(map(len, renamed))

    assert count(40) <= 2 * count(20)
    assert count(80) <= 1.1 * count(40)


def _moved(reading: Reading, source: str, n: int):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(reading.unit, source=source, id=f"{source}:{n}")


def test_a_liker_rival_makes_a_lead_negative_and_the_smaller_lead_stands_first() -> None:
    found = pairs_of(team_of("- Rotate the signing keys", "- Rotate the signing keys\n- Log each key"), default_lexicon())
    leads = {pair: features[-len(LEADS) :] for pair, features in zip(found.pairs, found.features, strict=True)}
    same, other = leads[(0, 1)], leads[(0, 2)]
    assert 0 < same[0] <= same[1]
    assert other[0] < 0 < other[1]


# --- the score ---------------------------------------------------------------------------------


def test_closer_statements_score_higher() -> None:
    found = scored("- Validate user input", "- Validate all user input\n- Validate the release notes")
    near = found[("Validate user input", "Validate all user input")]
    far = found[("Validate user input", "Validate the release notes")]
    assert near.score > far.score


def test_a_better_partner_in_the_other_file_speaks_against_a_pair() -> None:
    # In a section of its own, for it makes the one that it stands in liker the other's too.
    section = "## Forms\n\n- Check the input of each form\n\n## Requests\n\n"
    alone = scored("- Validate user input", f"{section}- Log the time")
    beside = scored("- Validate user input", f"{section}- Validate user input")
    pair = ("Validate user input", "Check the input of each form")
    assert beside[pair].score < alone[pair].score


def test_surroundings_name_rivals_third_parties_and_neighbours() -> None:
    team = team_of("- Validate user input\n- Rotate keys", "- Validate user input\n- Rotate keys", "- Validate user input")
    readings = [reading for one in team for reading in one]
    pairs = [(0, 2), (1, 3), (0, 4), (2, 4)]
    found = [dict(zip(SURROUNDINGS, row or (), strict=True)) for row in surroundings_of(readings, pairs, [0.8, 0.6, 0.5, 0.5])]
    assert found[0]["third_party"] == pytest.approx(0.5)
    assert found[0]["neighbours"] == 0.6
    assert found[1]["neighbours"] == 0.8
    assert found[0]["siblings"] == pytest.approx(0.6)
    assert found[1]["third_party"] == 0.0


def test_the_shipped_weights_fit_the_features_and_their_thresholds_are_in_order() -> None:
    weights = default_weights()
    assert len(weights.alone) == len(FEATURES)
    assert len(weights.among) == len(FEATURES) + len(SURROUNDINGS)
    assert all(math.isfinite(value) for value in (*weights.alone, *weights.among))
    assert 0 < weights.review <= weights.link <= weights.merge < 1
    assert WEIGHTS.is_file()


def test_probability_is_logistic_and_never_overflows() -> None:
    assert probability((0.0, 0.0), (1.0, -2.0)) == 0.5
    assert probability((2.0, 0.0), (1.0, -2.0)) == pytest.approx(1 / (1 + math.exp(-2)))
    assert probability((1e6,), (-1e6,)) >= 0.0
