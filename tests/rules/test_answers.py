"""Directives about the language to answer in: what is recognised, and which of several stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.rules.text.answer_words import directives_of, states_ability
from agentmerge.rules.text.answers import Directive, Follows, Scope, Strategy, decide_answers, together

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data/answers.tsv").read_text("utf-8").splitlines() if line[0] != "#"]


def written(directive: Directive | None) -> str:
    if directive is None:
        return "-"
    return f"{directive.follows} {','.join(directive.languages)}".strip() + (" !" if directive.whole else "")


@pytest.mark.parametrize(("want", "text"), ROWS)
def test_what_a_statement_asks_for(want: str, text: str) -> None:
    assert written(next((d for d in directives_of(text) if d.scope is Scope.ANSWERS), None)) == want


def test_as_many_statements_are_left_alone_as_are_recognised() -> None:
    alone = sum(want == "-" for want, _ in ROWS)
    assert 40 <= len(ROWS) - alone <= alone


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("comments", "Write code comments in English"),
        ("comments", "코드 주석은 한국어로 작성한다"),
        ("comments", "コメントは日本語で書く"),
        ("comments", "代码注释使用中文"),
        ("commits", "Commit messages: Always in English"),
        ("commits", "커밋 메시지는 영어로 작성"),
        ("commits", "コミットメッセージは英語で書く"),
        ("names", "变量名使用英文"),
        ("names", "변수명은 영어로 작성한다"),
        ("documents", "Write documentation in Korean"),
        ("documents", "결과는 영어로 작성한다"),
        ("interface", "Labels stay in English"),
        ("prompts", "提示词一律用中文"),
    ],
)
def test_other_texts_than_answers_have_a_scope_of_their_own(scope: str, text: str) -> None:
    assert [str(d.scope) for d in directives_of(text)] == [scope]


def test_one_statement_may_ask_for_several_things() -> None:
    found = directives_of("한국어로 답변하되 코드 주석은 영어로 작성한다")
    assert [(str(d.scope), d.languages, d.whole) for d in found] == [("answers", ("ko",), False), ("comments", ("en",), False)]


@pytest.mark.parametrize(
    ("able", "text"),
    [
        (True, "You communicate fluently in Korean (한국어) and English."),
        (True, "You are fluent in English and Japanese"),
        (False, "You are a careful engineer, fluent in Korean"),
        (False, "Respond in Korean"),
        (False, "You are fluent in SQL"),
    ],
)
def test_an_ability_is_no_directive_but_can_go_with_one(able: bool, text: str) -> None:
    assert states_ability(text) is able


FOLLOW = Directive(follows=Follows.USER, languages=())
BOTH = Directive(follows=Follows.USER, languages=("en", "ko"))
KO = Directive(follows=Follows.NOTHING, languages=("ko",))
EN = Directive(follows=Follows.NOTHING, languages=("en",))
COMMENTS = Directive(follows=Follows.NOTHING, languages=("en",), scope=Scope.COMMENTS)


def test_sentences_that_belong_together_are_one_directive() -> None:
    when_ko = Directive(follows=Follows.USER, languages=("ko",))
    when_en = Directive(follows=Follows.USER, languages=("en",), whole=False)
    one = together((when_ko, when_en))
    assert one is not None
    assert (one.asked, one.whole) == (BOTH.asked, False)
    assert together((FOLLOW, when_ko)) == FOLLOW
    assert together((KO, EN)) is None
    assert together((KO, COMMENTS)) is None
    assert together(()) is None


def test_the_general_covers_the_special_and_scopes_stay_apart() -> None:
    assert FOLLOW.covers(BOTH)
    assert not BOTH.covers(FOLLOW)
    assert KO.covers(KO)
    assert not KO.covers(EN)
    assert KO.opposes(EN)
    assert FOLLOW.opposes(KO)
    assert not FOLLOW.opposes(BOTH)
    assert not EN.opposes(COMMENTS)
    assert not KO.opposes(COMMENTS)
    assert (str(FOLLOW), str(BOTH), str(KO)) == ("the user's language", "the user's language (English and Korean)", "Korean")


@pytest.mark.parametrize(
    ("strategy", "sides", "stays", "resolved"),
    [
        ("ask", (KO, EN), None, False),
        ("ask", (KO, FOLLOW), FOLLOW, False),
        ("ask", (EN, BOTH, FOLLOW), FOLLOW, False),
        ("follow-user", (KO, FOLLOW), FOLLOW, True),
        ("follow-user", (KO, BOTH), BOTH, True),
        ("follow-user", (KO, EN), None, False),
        ("ko", (KO, EN), KO, True),
        ("en", (KO, EN), EN, True),
        ("ja", (KO, EN), None, False),
        ("ja", (KO, FOLLOW), FOLLOW, False),
        ("zh", (KO, EN), None, False),
        ("keep", (KO, EN), None, True),
        ("keep", (KO, FOLLOW), None, True),
    ],
)
def test_which_directive_stays(strategy: str, sides: tuple[Directive, ...], stays: Directive | None, resolved: bool) -> None:
    for ordered in (sides, tuple(reversed(sides))):
        verdict = decide_answers(Strategy(strategy), tuple((side, 1) for side in ordered))
        assert verdict.asked == (stays.asked if stays else None)
        assert verdict.resolved is resolved
        assert verdict.decision


def test_what_no_source_asks_for_is_said_and_never_invented() -> None:
    assert "wants ja, which no source asks for" in decide_answers(Strategy.JA, ((KO, 0), (EN, 0))).decision


def test_priority_needs_a_first_source() -> None:
    assert decide_answers(Strategy.PRIORITY, ((KO, 1), (EN, 0))).asked == EN.asked
    tie = decide_answers(Strategy.PRIORITY, ((KO, 1), (EN, 1)))
    assert (tie.asked, tie.resolved) == (None, False)
    assert decide_answers(Strategy.PRIORITY, ((KO, 0), (KO, 0), (EN, 1))).asked == KO.asked


def test_the_language_of_answers_decides_nothing_about_comments() -> None:
    other = Directive(follows=Follows.NOTHING, languages=("ko",), scope=Scope.COMMENTS)
    verdict = decide_answers(Strategy.EN, ((COMMENTS, 0), (other, 0)))
    assert (verdict.asked, verdict.resolved) == (None, False)
    assert decide_answers(Strategy.PRIORITY, ((COMMENTS, 1), (other, 0))).asked == other.asked
