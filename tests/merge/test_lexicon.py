"""What the concept lexicon sees in a text, in four languages, and how it is kept."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from agentmerge.merge.lexicon import (
    DATA,
    INDEX,
    LANGUAGES,
    NEAR,
    Concept,
    ConceptClass,
    build_lexicon,
    compiled,
    default_lexicon,
    normalise,
    read_concepts,
    read_near,
    shipped_concepts,
    stem,
)

CONCEPTS = tuple(shipped_concepts())


def seen(text: str, *, parts: bool = True) -> set[str]:
    return {m.concept for m in default_lexicon().mentions(normalise(text)) if parts or not m.part}


# --- stems -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "forms",
    [
        ("validate", "validates", "validated", "validating"),
        ("query", "queries"),
        ("cache", "caches", "cached", "caching"),
        ("log", "logs", "logged", "logging"),
        ("code", "codes", "coded", "coding"),
        ("class", "classes"),
        ("box", "boxes"),
        ("process", "processes", "processed", "processing"),
        ("organize", "organise", "organised", "organizes"),
        ("organization", "organisation"),
        ("test", "tests", "tested", "testing"),
        ("quick", "quickly"),
    ],
)
def test_inflections_of_a_word_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("author", "authorize"),
        ("valid", "validation"),
        ("operate", "operand"),
        ("compute", "computer"),
        ("serve", "server"),
        ("state", "static"),
    ],
)
def test_words_of_another_meaning_keep_their_own_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["https", "cors", "staging", "string", "status", "less", "api", "bus", "c++", "node.js", "검증", "xs"])
def test_a_word_that_only_looks_inflected_stays(word: str) -> None:
    assert stem(word) == word


# --- normal form -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Error-Handling", "error handling"),
        ("error_handling", "Error Handling"),
        ("속도 제한", "속도제한"),
        ("입력을 검증", "입력 검증"),
        ("サーバー", "サーバ"),
        ("入力 検証", "入力検証"),
        ("caf\u00e9", "cafe\u0301"),
        ("Validates Inputs", "validate input"),
    ],
)
def test_spellings_of_one_term_have_one_normal_form(one: str, other: str) -> None:
    assert normalise(one).text == normalise(other).text


@pytest.mark.parametrize(
    ("one", "other"), [("a, b", "a b"), ("C++", "C"), ("C#", "C"), ("node.js", "node js x"), ("입력 검증", "입력, 검증")]
)
def test_what_differs_in_meaning_differs_in_normal_form(one: str, other: str) -> None:
    assert normalise(one).text != normalise(other).text


def test_latin_words_stand_between_spaces_so_that_a_term_matches_whole_words() -> None:
    assert normalise("Rapid API").text == " rapid api "


def test_places_lead_from_the_normal_form_back_to_the_text() -> None:
    normal = normalise("Never 검증 cache")
    assert [normal.origin[origin : origin + 1] for _, origin in normal.places] == ["n", "검", "c"]
    assert [place for place, _ in normal.places] == sorted(place for place, _ in normal.places)


# --- mentions ----------------------------------------------------------------------------------

SENTENCES = {
    "en": "Before the query is executed, every user input gets validated",
    "ko": "쿼리를 실행하기 전에 모든 사용자 입력을 검증한다",
    "ja": "クエリを実行する前にユーザー入力を検証する",
    "zh": "在执行查询之前验证用户输入",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_statement_has_the_same_concepts_in_every_language(language: str) -> None:
    assert {"validate", "user", "input", "query", "execute"} <= seen(SENTENCES[language])


@pytest.mark.parametrize(
    "text",
    [
        "Sessions are cached in Redis, orders in PostgreSQL",
        "세션은 Redis에, 주문은 PostgreSQL에 저장한다",
        "Redisでセッションを、PostgreSQLで注文を",
        "会话用Redis，订单用PostgreSQL",
    ],
)
def test_products_are_seen_beside_any_script(text: str) -> None:
    assert {"redis", "postgresql", "session"} <= seen(text)


@pytest.mark.parametrize(
    ("word", "concept", "proof"),
    [
        ("contest", "test", "test"),
        ("testament", "test", "test"),
        ("the latest news", "test", "tests"),
        ("rapid", "api", "API"),
        ("capital", "api", "APIs"),
        ("apiary", "api", "an API"),
        ("logistics", "log", "log"),
        ("catalog", "log", "logs"),
        ("the author", "authorization", "authorization"),
        ("expressway", "express-js", "Express"),
        ("reaction", "react", "React"),
        ("JavaScript", "java", "Java"),
        ("scalable", "scala", "Scala"),
        ("MySQLite", "mysql", "MySQL"),
        ("dispatch", "fix", "patch"),
        ("카탈로그", "log", "로그"),
        ("블로그", "log", "로그를 남긴다"),
        ("カタログ", "log", "ログ"),
        ("ブログ", "log", "ログ"),
        ("プロトコル", "professional", "プロ"),
    ],
)
def test_no_term_is_seen_inside_another_word(word: str, concept: str, proof: str) -> None:
    assert concept in seen(proof)
    assert concept not in seen(word)


@pytest.mark.parametrize(
    ("word", "concepts"),
    [
        ("テストファイル", {"test", "file"}),
        ("エラーハンドリング", {"error", "handle"}),
        ("レビューチェックリスト", {"review", "checklist"}),
        ("サーバーエラー", {"server", "error"}),
        ("C#テスト", {"csharp", "test"}),
        ("テストヌ", set()),
    ],
)
def test_a_run_of_katakana_is_read_as_the_terms_that_make_it_up_whole(word: str, concepts: set[str]) -> None:
    assert {m.concept for m in default_lexicon().mentions(normalise(word)) if not m.part} == concepts


def test_the_longest_term_at_a_place_wins_and_holds_its_parts() -> None:
    mentions = default_lexicon().mentions(normalise("SQL injection"))
    whole = [m for m in mentions if not m.part]
    assert [m.concept for m in whole] == ["sql-injection"]
    assert {m.concept for m in mentions if m.part} >= {"injection"}
    assert all(whole[0].start <= m.start and m.end <= whole[0].end for m in mentions)


def test_whole_mentions_run_left_to_right_and_share_at_most_a_space() -> None:
    for sentence in SENTENCES.values():
        whole = [m for m in default_lexicon().mentions(normalise(sentence)) if not m.part]
        assert all(b.start >= a.end - 1 for a, b in pairwise(whole))


def test_a_text_without_terms_has_no_mentions() -> None:
    assert seen("Qwzx vbnk") == set()
    assert seen("") == set()


# --- concepts ----------------------------------------------------------------------------------


def concept(name: str, *, broader: str | None = None, **terms: tuple[str, ...]) -> Concept:
    return Concept(id=name, kind=ConceptClass.OBJECT, broader=broader, terms=terms)


def test_of_two_concepts_with_one_term_the_first_has_it() -> None:
    lexicon = build_lexicon([concept("crate", en=("box",)), concept("boxing", en=("boxes", "ring"))])
    assert [m.concept for m in lexicon.mentions(normalise("box ring"))] == ["crate", "boxing"]


def test_broader_concepts_come_nearest_first_and_a_circle_ends() -> None:
    lexicon = build_lexicon([concept("a", broader="b"), concept("b", broader="c"), concept("c", broader="a")])
    assert list(lexicon.broader_than("a")) == ["b", "c"]


def test_a_rare_concept_tells_more_than_a_common_one() -> None:
    lexicon = default_lexicon()
    common = max(lexicon.shares, key=lambda c: lexicon.shares[c])
    assert 0.0 <= lexicon.rarity(common) < lexicon.rarity("no such concept") <= 1.0


@pytest.mark.parametrize(
    ("line", "problem"),
    [("one\tobject\t\tone\n", "4 columns"), ("one\tthing\t\tone\t\t\t\n", "unknown class 'thing'")],
)
def test_a_wrong_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=rf"own\.tsv:2: {problem}"):
        list(read_concepts(["# comment\n", line], "own.tsv"))


# --- the files that the package ships ----------------------------------------------------------


def test_the_shipped_index_is_what_the_shipped_tables_compile_to() -> None:
    files = compiled(build_lexicon(CONCEPTS), CONCEPTS)
    assert sorted(files) == sorted(path.name for path in INDEX.iterdir())
    for name, text in files.items():
        assert (INDEX / name).read_bytes() == text.encode(), f"{name} is stale: compile the lexicon again"


def test_the_index_finds_what_the_tables_find() -> None:
    built = build_lexicon(CONCEPTS)
    for sentence in SENTENCES.values():
        normal = normalise(sentence)
        assert built.mentions(normal) == default_lexicon().mentions(normal)


def test_no_concept_stands_twice() -> None:
    assert [name for name, count in Counter(c.id for c in CONCEPTS).items() if count > 1] == []


def test_no_term_stands_twice() -> None:
    owners: dict[tuple[str, str], list[str]] = {}
    for one in CONCEPTS:
        for language, terms in one.terms.items():
            for term in terms:
                owners.setdefault((language, term), []).append(one.id)
    assert {term: names for term, names in owners.items() if len(names) > 1} == {}


def test_every_broader_concept_is_one() -> None:
    known = {one.id for one in CONCEPTS}
    assert [(one.id, one.broader) for one in CONCEPTS if one.broader and one.broader not in known] == []


def test_every_concept_has_a_term_and_no_term_is_empty_in_its_normal_form() -> None:
    assert [one.id for one in CONCEPTS if not any(one.terms.values())] == []
    assert [
        (one.id, term) for one in CONCEPTS for terms in one.terms.values() for term in terms if not normalise(term).text.strip("\x02 ")
    ] == []


def test_every_table_has_concepts() -> None:
    for path in sorted(DATA.glob("*.tsv")):
        assert list(read_concepts(path.read_text(encoding="utf-8").split("\n"), path.name)), path.name


# --- near concepts -----------------------------------------------------------------------------


def test_near_concepts_are_known_near_both_ways_and_never_the_broader_one_alone() -> None:
    lexicon = default_lexicon()
    assert len(lexicon.links) > 2000
    for concept in lexicon.links:
        for other, nearness in lexicon.near(concept).items():
            assert other in lexicon.kinds
            assert lexicon.near(other)[concept] == nearness
            assert 0 < nearness < 1


def test_opposites_and_rival_products_are_not_near() -> None:
    lexicon = default_lexicon()
    rivals = [
        ("react", "vue"),
        ("aws", "azure"),
        ("postgresql", "mysql"),
        ("increase", "reduce"),
        ("encrypt", "decrypt"),
        ("sync", "async"),
    ]
    for one, other in rivals:
        assert other not in lexicon.near(one)


def test_each_near_pair_stands_once() -> None:
    lines = [line for line in NEAR.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    pairs = [tuple(sorted((line.split("\t")[0], link.rpartition(":")[0]))) for line in lines for link in line.split("\t")[1].split("|")]
    assert len(pairs) == len(set(pairs))
    known = {concept.id for concept in shipped_concepts()}
    assert {concept for pair in pairs for concept in pair} <= known


@pytest.mark.parametrize("line", ["test\tqa:4", "test\ttest:1", "test\tqa"])
def test_a_wrong_near_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"near\.tsv:1"):
        read_near([line], "near.tsv")
