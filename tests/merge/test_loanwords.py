"""Loanwords in Hangul and Katakana are known by their sound, and chance resemblances are not."""

from __future__ import annotations

import pytest

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.lexicon import Lexicon, default_lexicon
from agentmerge.merge.loanwords import consonants, loans_of, loanword, sound_of_english, sound_of_hangul, sound_of_katakana


@pytest.mark.parametrize(
    ("word", "english"),
    [
        ("마이그레이션", "migration"),
        ("스키마", "schema"),
        ("템플릿", "template"),
        ("대시보드", "dashboard"),
        ("커버리지", "coverage"),
        ("프레임워크", "framework"),
        ("미들웨어", "middleware"),
        ("ミドルウェア", "middleware"),
        ("バリデーション", "validation"),
        ("マイグレーション", "migration"),
        ("プロトタイプ", "prototype"),
        ("スケーラビリティ", "scalability"),
        ("コントリビュータ", "contributor"),
        ("イテレータ", "iterator"),
    ],
)
def test_a_loanword_has_the_consonants_of_its_english_word(word: str, english: str) -> None:
    sound = sound_of_hangul(word) if word[0] >= "\uac00" else sound_of_katakana(word)
    assert consonants(sound) == consonants(sound_of_english(english))


@pytest.mark.parametrize(
    ("word", "concept"),
    [
        ("마이그레이션", "migration"),
        ("스키마", "schema"),
        ("ミドルウェア", "middleware"),
        ("バリデーション", "validate"),
        ("템플릿", "template"),
    ],
)
def test_it_is_found_without_a_dictionary(word: str, concept: str) -> None:
    assert loanword(word) == concept


@pytest.mark.parametrize(
    "word",
    ["로부터", "됩니다", "그리고나서", "만들어진", "사용자가", "エラーハンドリング", "トマト", "메모", "コンテナ", "migration", "模式"],
)
def test_false_friends_and_what_is_no_loanword_are_not(word: str) -> None:
    assert loanword(word) is None


def test_two_concepts_that_sound_as_alike_are_none() -> None:
    assert loans_of([("container", "a"), ("continue", "b"), ("it", "c")]) == {"kntn": "container=a|continue=b"}


def without(term: str) -> Lexicon:
    """The lexicon as if it had never heard of a term."""
    known = default_lexicon()
    blocks = {start: "|".join(e for e in block.split("|") if not e.startswith(f"{term}=")) for start, block in known.blocks.items()}
    return Lexicon(blocks, known.kinds, known.broader, known.shares, known.links)


@pytest.mark.parametrize(
    ("text", "term", "concept"), [("스키마를 먼저 정의한다", "스키마", "schema"), ("ミドルウェアを追加する", "ミドルウェア", "middleware")]
)
def test_a_statement_with_an_unknown_loanword_says_its_concept(text: str, term: str, concept: str) -> None:
    assert concept in concepts_of(text, without(term))
