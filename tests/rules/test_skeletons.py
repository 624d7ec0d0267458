"""The skeletons of templates, and hostile texts in fences."""

from __future__ import annotations

import time

import pytest

from agentmerge.rules.text.skeletons import skeleton_of, stands_for


def test_the_keys_of_json_stand_under_their_path() -> None:
    found = skeleton_of('{"a": 1, "b": [{"c": "x", "d": [1, 2]}], "e": "..."}')
    assert found is not None
    assert found.keys == ("a", "b", "b.c", "b.d", "e")
    assert found.blanks == 1


def test_the_keys_of_a_text_are_its_headings_labels_and_heads_of_tables() -> None:
    found = skeleton_of("# Review of [part]\n**Sum**: [n]\n- Owner: Ana\n| A | B |\n|---|---|\n| 1 | 2 |\n### 결론: [통과 / 실패]\n")
    assert found is not None
    assert found.keys == ("review of", "sum", "owner", "| a | b |", "결론")


def test_a_template_stands_for_one_with_fewer_keys_only() -> None:
    full, less = skeleton_of('{"a": 1, "b": 2, "c": 3, "d": 4}'), skeleton_of('{"a": 1, "b": 5, "d": 4}')
    assert full is not None
    assert less is not None
    assert [tuple(one) for one in stands_for(full, less) or ()] == [("b", "2", "5")]
    assert stands_for(less, full) is None


@pytest.mark.parametrize(
    "text", ["{" * 40_000, "[{" * 20_000, '{"a": ' * 9_000, "# [" * 9_000, "- " * 9_000 + ":", "|" * 20_000, "**a" * 7_000]
)
def test_hostile_texts_end_soon(text: str) -> None:
    began = time.perf_counter()
    skeleton_of(text)
    assert time.perf_counter() - began < 2
