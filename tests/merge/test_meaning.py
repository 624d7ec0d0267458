"""What texts claim: other words for one claim are alike, another claim of the same matter is not."""

from __future__ import annotations

import math

import pytest

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.directions import NOWHERE, likeness, total
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.meaning import DIMENSIONS, meaning, vector


def claim(text: str) -> tuple[float, ...]:
    return meaning(concepts_of(text, default_lexicon()))


def test_a_meaning_has_unit_length() -> None:
    found = claim("Write unit tests for every module")
    assert len(found) == DIMENSIONS
    assert math.fsum(x * x for x in found) == pytest.approx(1.0)


# A statement, the same claim in other words, and another claim of the same matter.
TRIPLES = (
    (
        "Reproduce the failure before changing anything",
        "First make the bug happen again on your machine",
        "Add a regression test for the bug",
    ),
    ("Never log passwords or tokens", "Keep secrets out of the logs", "Rotate passwords and tokens"),
    ("Rank the findings by severity", "Order issues: critical first, then minor ones", "Give the file and line of each finding"),
    ("Run all tests before each commit", "The whole suite is green when you commit", "Write a clear commit message"),
    ("State your assumptions", "Say what you took for granted", "Ask about unclear requirements"),
    ("Cache what is read often", "Keep hot data in memory", "Invalidate stale cache entries"),
    ("Keep each change small", "Make minimal, focused edits", "Review every change twice"),
    ("Use parameterised queries", "Prevent SQL injection with prepared statements", "Index the columns that queries filter by"),
    ("Mock external services in unit tests", "Isolate the test from third-party dependencies", "Name each unit test after the behaviour"),
    ("Roll back when the deployment fails", "Have a way to revert a bad release", "Announce the deployment to the team"),
    ("Explain why, not only what", "Give the reasons for each recommendation", "Prioritise each recommendation"),
    ("커밋하기 전에 모든 테스트를 실행한다", "Run the whole test suite before you commit", "Write a clear commit message"),
    ("说明你做出的假设", "State your assumptions", "Ask about unclear requirements"),
)


def test_the_same_claim_in_other_words_is_mostly_nearer_than_another_claim_of_the_matter() -> None:
    right = sum(likeness(claim(one), claim(same)) > likeness(claim(one), claim(other)) for one, same, other in TRIPLES)
    assert right >= 0.7 * len(TRIPLES)


def test_the_order_of_words_changes_nothing() -> None:
    assert claim("Rotate the keys and audit the access") == claim("Audit the access and rotate the keys")


def test_what_no_lesson_has_means_nothing() -> None:
    assert len(vector("w:zzyzx")) == 0
    assert claim("zzyzx") == NOWHERE
    assert likeness(NOWHERE, claim("Write unit tests")) == 0.0


def test_vectors_that_cancel_out_point_nowhere() -> None:
    assert total([(1.0, -2.0), (-1.0, 2.0)]) == NOWHERE
    assert total([]) == NOWHERE
