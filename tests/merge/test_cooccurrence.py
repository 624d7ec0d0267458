"""What texts are about, by which concepts occur together."""

from __future__ import annotations

import math

import pytest

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.cooccurrence import DIMENSIONS, direction
from agentmerge.merge.directions import NOWHERE, likeness, together
from agentmerge.merge.lexicon import default_lexicon


def about(text: str) -> tuple[float, ...]:
    return direction(concepts_of(text, default_lexicon()), default_lexicon())


def test_a_direction_has_unit_length() -> None:
    found = about("Write unit tests for every module")
    assert len(found) == DIMENSIONS
    assert math.fsum(x * x for x in found) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("one", "alike", "other"),
    [
        (
            "Check that a screen reader announces the form",
            "Let people reach every control by keyboard",
            "Rotate the signing keys each month",
        ),
        ("접근성: 스크린 리더로 읽을 수 있게 한다", "Let people reach every control by keyboard", "Rotate the signing keys each month"),
        ("Denormalise where reads dominate", "Add an index for the query", "Let people reach every control by keyboard"),
    ],
)
def test_statements_of_one_matter_are_alike_in_any_language(one: str, alike: str, other: str) -> None:
    assert likeness(about(one), about(alike)) > likeness(about(one), about(other)) + 0.2


def test_what_the_corpus_does_not_know_is_about_nothing() -> None:
    assert about("xyzzy plugh") == NOWHERE == together([NOWHERE])
    assert likeness(NOWHERE, about("Write unit tests")) == 0.0


def test_together_is_the_mean() -> None:
    one, other = about("Write unit tests"), about("Rotate the signing keys")
    both = together([one, NOWHERE, other])
    assert likeness(both, one) == pytest.approx(likeness(both, other))
    assert likeness(both, one) > likeness(one, other)
