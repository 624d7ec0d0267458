"""Headings that are one name in the table, and those that are not."""

from __future__ import annotations

from collections import Counter

import pytest

from agentmerge.merge.heading_words import bare, in_any_language, in_language, of_one_name, rows, same_name

SAME = [
    ("🎯 Your Core Mission", "コアミッション"),
    ("🎯 コアミッション", "핵심 임무"),
    ("Focus Areas", "专注领域"),
    ("Focus Areas", "3. 중점 영역"),
    ("核心職責", "Core Responsibilities"),
    ("Testing", "Tests"),
    ("## 1️⃣ ANTI-PATTERNS:", "안티 패턴"),
    ("Anti patterns", "反模式"),
    ("역할 (Role)", "角色"),
    ("Your Goals", "목표"),
    ("output_format", "출력 형식"),
]
OTHER = [
    ("Unit Tests", "통합 테스트"),
    ("Role (testing)", "역할"),
    ("Core Principles", "설계 원칙"),
    ("Caching of Redis", "캐싱"),
    ("Nothing the table has", "Nothing the table has"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_headings_of_a_row_are_one_name(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_headings_are_not(one: str, other: str) -> None:
    assert not same_name(one, other)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("### **2.1 Output Format**:", "Output Format"),
        ("🧠 一、角色", "角色"),
        ("② Rules", "Rules"),
        (":brain: Memory", "Memory"),
        ("10) Steps", "Steps"),
        ("Step 1: Read", "Step 1: Read"),
        ("3 Phases", "3 Phases"),
        ("役割（Role）", "役割(Role)"),
    ],
)
def test_a_bare_heading_is_its_words(title: str, words: str) -> None:
    assert bare(title) == words


def test_a_word_belongs_to_one_row() -> None:
    found = Counter(word for row in rows() for word in {word for cell in row for word in cell})
    assert [word for word, count in found.items() if count > 1] == []


def test_every_row_has_four_languages_and_a_name_of_its_own() -> None:
    assert {len(row) for row in rows()} == {4}
    assert all(word and same_name(word, row[0][0]) for row in rows() for cell in row for word in cell)


def test_pairs_of_one_name_are_found_by_id() -> None:
    assert set(of_one_name({"a": "## Testing", "b": "테스트", "c": "보안", "d": "Tests"})) == {
        frozenset(pair) for pair in (("a", "b"), ("a", "d"), ("b", "d"))
    }


def test_a_translation_is_the_preferred_word_and_only_for_a_whole_heading() -> None:
    assert in_language("작업 흐름", "en") == "Workflow"
    assert in_language("Testing", "en") is in_language("🎯 미션", "en") is None
    assert {"Mission", "ミッション", "使命"} <= in_any_language("미션")
