"""What a unit claims: clauses, polarity, numbers, languages to answer in, literals."""

from __future__ import annotations

import pytest

from agentmerge.merge.claims import Reading, concepts_of, literals_of, numbers_of, plain, read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Kind


def readings(body: str) -> tuple[Reading, ...]:
    source = source_from_bytes(f"---\nname: a\ndescription: d\n---\n\n{body}".encode(), "a.md", "a")
    return read_claims(agent_from_source(source), default_lexicon())


def reading(line: str) -> Reading:
    """The reading of one list item without a section."""
    (found,) = readings(f"- {line}\n")
    return found


def below(heading: str, line: str) -> Reading:
    """The reading of one list item below a heading."""
    return readings(f"{heading}\n\n- {line}\n")[-1]


# --- clauses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "clauses"),
    [
        ("Password hashing; rate limits; error handling", [{"hashing"}, {"rate-limiting"}, {"error"}]),
        ("Validate input and handle errors", [{"validate", "input"}, {"handle", "error"}]),
        ("입력 검증 및 오류 처리", [{"validate", "input"}, {"handle", "error"}]),
        ("스키마와 쿼리를 검토한다", [{"schema"}, {"query"}]),
        ("エラー処理、入力検証", [{"handle", "error"}, {"validate", "input"}]),
        ("エラー処理および入力検証", [{"handle", "error"}, {"validate", "input"}]),
        ("输入验证和错误处理", [{"validate", "input"}, {"handle", "error"}]),
    ],
)
def test_a_composite_line_has_a_facet_for_each_clause(line: str, clauses: list[set[str]]) -> None:
    facets = reading(line).facets
    assert len(facets) == len(clauses)
    for facet, concepts in zip(facets, clauses, strict=True):
        assert concepts <= facet.concepts


def test_a_clause_never_ends_inside_a_term() -> None:
    (facet,) = reading("Weigh the pros and cons").facets
    assert facet.concepts


def test_a_label_is_a_facet_of_its_own_and_gives_the_title() -> None:
    found = reading("**Security**: Validate input")
    assert [facet.label for facet in found.facets] == [True, False]
    assert "security" in found.title
    assert {"validate", "input"} <= found.facets[1].concepts


def test_a_narrower_concept_brings_the_broader_one() -> None:
    assert {"unit-test", "test"} <= concepts_of("Write unit tests", default_lexicon())


def test_wide_concepts_add_what_longer_terms_are_made_of() -> None:
    found = reading("Prevent SQL injection")
    assert "sql-language" in found.wide - found.concepts


def test_a_word_that_no_concept_covers_stands_for_itself() -> None:
    assert "w:frobnicator" in concepts_of("Polish the frobnicator", default_lexicon())


def test_context_is_what_the_headings_above_say() -> None:
    assert "security" in below("## Security", "Handle errors").context


def test_markdown_marks_say_nothing() -> None:
    assert plain("## **Validate** `input` [here](https://example.org) <b>now</b> ##") == "Validate input here  now"
    assert reading("**Validate** the `input`").concepts == reading("Validate the input").concepts


# --- polarity ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Never log passwords",
        "Do not log passwords",
        "Don't log passwords",
        "Don’t log passwords",
        "You must not log passwords",
        "Avoid logging passwords",
        "Refrain from logging passwords",
        "비밀번호를 로그에 남기지 않는다",
        "비밀번호 로깅 금지",
        "비밀번호를 로그에 남기지 마세요",
        "비밀번호 로깅을 피한다",
        "パスワードをログに記録しない",
        "パスワードのログ出力は禁止",
        "パスワードをログに記録しません",
        "パスワードのログ出力を避ける",
        "不要记录密码",
        "禁止记录密码",
        "切勿记录密码",
        "避免记录密码",
    ],
)
def test_what_must_not_be_done_is_negative(line: str) -> None:
    assert reading(line).negative


@pytest.mark.parametrize(
    "line",
    [
        "Log every password change",
        "Notify the owner",
        "Noteworthy changes",
        "비밀번호를 검증한다",
        "パスワードを検証する",
        "验证密码",
        "未来的需求",
        "別名を付ける",
    ],
)
def test_what_should_be_done_is_not(line: str) -> None:
    assert not reading(line).negative


def test_each_clause_has_its_own_polarity() -> None:
    facets = reading("Validate input and never log passwords").facets
    assert [facet.negative for facet in facets] == [False, True]


@pytest.mark.parametrize(
    "heading",
    [
        "## Anti-patterns",
        "## Things to avoid",
        "## Do not",
        "## Common mistakes",
        "**Never:**",
        "## 금지 사항",
        "## 안티 패턴",
        "## 禁止事項",
        "## アンチパターン",
        "## 反模式",
        "## 避免",
    ],
)
def test_a_negative_heading_turns_its_list_around(heading: str) -> None:
    assert below(heading, "Log passwords").negative
    assert below(heading, "Log passwords").flipped
    assert not below(heading, "Never validate input").negative


def test_a_negative_heading_does_not_turn_headings_around() -> None:
    assert not readings("## Anti-patterns\n\n### Security\n\n- Log passwords\n")[1].flipped


def test_a_positive_heading_turns_nothing_around() -> None:
    assert not below("## Best practices", "Log every change").negative


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("above 80%", {"80%"}),
        ("80 percent", {"80%"}),
        ("80％以上", {"80%"}),
        ("80 퍼센트", {"80%"}),
        ("within 200 ms", {"200ms"}),
        ("30 seconds", {"30s"}),
        ("30초", {"30s"}),
        ("30秒", {"30s"}),
        ("30s", {"30s"}),
        ("5 minutes", {"5min"}),
        ("5분", {"5min"}),
        ("5分", {"5min"}),
        ("2 hours", {"2h"}),
        ("2시간", {"2h"}),
        ("1,000 requests", {"1000"}),
        ("3개", {"3"}),
        ("version 2.0", {"2"}),
        ("v2", {"2"}),
        ("Python 3.11", {"3.11"}),
        ("from 3 to 5", {"3", "5"}),
        ("OAuth2 and utf8", set()),
        ("no number", set()),
    ],
)
def test_numbers_are_read_with_their_unit(text: str, numbers: set[str]) -> None:
    assert set(numbers_of(text)) == numbers


def test_numbers_of_code_are_no_claims() -> None:
    (found,) = readings("```python\nlimit = 80\n```\n")
    assert found.unit.kind is Kind.CODE
    assert found.numbers == frozenset()


# --- directives, literals, technologies --------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Respond in Korean",
        "Reply in the user's language",
        "Write all reports in English",
        "한국어로 답변한다",
        "결과는 사용자의 언어로 작성",
        "日本語で回答する",
        "ユーザーの言語で返答する",
        "用中文回答",
        "请使用用户的语言回复",
    ],
)
def test_a_language_to_answer_in_is_a_directive(text: str) -> None:
    assert reading(text).directives


@pytest.mark.parametrize(
    "text",
    [
        "Respond within a day",
        "Support Korean and English texts",
        "한국어 문서를 번역한다",
        "日本語の文書を読む",
        "翻译中文文档",
        "Write tests first",
    ],
)
def test_other_statements_about_languages_or_answers_are_not(text: str) -> None:
    assert not reading(text).directives


def test_literals_are_inline_code_and_addresses() -> None:
    assert literals_of("Run `make test`, see https://example.org/a and `x.y`") == {"make test", "https://example.org/a", "x.y"}
    assert literals_of("No literal here") == frozenset()


def test_named_products_are_technologies_and_plain_words_are_not() -> None:
    assert {"postgresql", "redis"} <= reading("Store orders in PostgreSQL, sessions in Redis").technologies
    assert reading("Store orders in the database").technologies == frozenset()


def test_readings_come_in_file_order_one_a_unit() -> None:
    found = readings("## Rules\n\n- One rule. Another rule.\n\n```sh\nmake\n```\n")
    assert [r.unit.kind for r in found] == [Kind.HEADING, Kind.ITEM, Kind.ITEM, Kind.CODE]
    assert [r.heading_like for r in found] == [True, False, False, False]


def test_a_word_that_begins_what_a_lead_leads_in_is_no_name() -> None:
    assert reading("**Types**: Use type hints in every module").technologies == frozenset()
    assert reading("**Theories**: Don't assume anything about the cause").technologies == frozenset()
    assert "n:zorble" in reading("**Runtime**: Zorble with all permissions").technologies


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("**Never**: commit secrets", True),
        ("*Avoid:* committing secrets", True),
        ("Don't: commit secrets", True),
        ("Never, under any pressure, commit secrets", True),
        ("금지: 비밀키 출력", True),
        ("禁止: 直接コミット", True),
        ("DO: commit early", False),
        ("**No secrets**: rotate the keys", False),
    ],
)
def test_a_label_that_only_denies_denies_what_follows(text: str, negative: bool) -> None:
    assert {facet.negative for facet in reading(text).facets if not facet.label} == {negative}


def test_a_label_without_a_concept_leaves_the_claim() -> None:
    assert [facet.label for facet in reading("DO: Test thoroughly before submission").facets] == [False]


@pytest.mark.parametrize(
    ("line", "label", "claim"),
    [
        ("**Documentation** - DocC for each API", {"document"}, {"api", "w:docc"}),
        ("**Security & performance**: Profile", {"security"}, {"profiling"}),
        ("**Consider edge cases**", set(), {"consider", "edge-case"}),
    ],
)
def test_a_label_ends_where_its_mark_stands(line: str, label: set[str], claim: set[str]) -> None:
    facets = reading(line).facets
    assert label <= set().union(*(facet.concepts for facet in facets if facet.label))
    assert claim <= set().union(*(facet.concepts for facet in facets if not facet.label))
    assert not label & set().union(*(facet.concepts for facet in facets if not facet.label))


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        ('"Add a login form"', True),
        ("“添加登录表单”", True),
        ("「ログインを追加して」", True),
        ('Say "done" when done', False),
        ('"a" and "b"', False),
    ],
)
def test_a_request_in_quotes_is_quoted_as_a_whole(line: str, quoted: bool) -> None:
    assert reading(f"- {line}").quoted is quoted
