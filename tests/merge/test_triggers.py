"""Descriptions taken apart: sentences, examples in all their forms, urges, languages."""

from __future__ import annotations

import pytest

from agentmerge.merge.triggers import Description, excludes, joined, plain_words, read_description, tongue_of, urges, without_urge


@pytest.mark.parametrize(
    ("text", "sentences", "examples"),
    [
        ("Reviews code. Examples: <example>user asks</example>", ["Reviews code."], ["<example>user asks</example>"]),
        ("Reviews code. For example: when a pull request opens", ["Reviews code."], ["when a pull request opens"]),
        ("Reviews code.\\n\\n<example>\\nContext: x\\n</example>", ["Reviews code."], ["<example> Context: x </example>"]),
        ("Reviews code. <example>a</example> <example>b", ["Reviews code."], ["<example>a</example>", "<example>b"]),
        ("Reviews code. <example>a</example> Use it often.", ["Reviews code.", "Use it often."], ["<example>a</example>"]),
        ("Reviews code. Specifically: <example>a</example>", ["Reviews code."], ["<example>a</example>"]),
        ('Plans. Examples:\\n- User: "a"\\n  Assistant: "b"\\n- User: "c"', ["Plans."], ['User: "a" Assistant: "b"', 'User: "c"']),
        ('Plans. Context: late. user: "help" assistant: "ok"', ["Plans."], ['Context: late. user: "help" assistant: "ok"']),
        ("코드를 검토합니다. 예시: 리뷰 요청", ["코드를 검토합니다."], ["리뷰 요청"]),
        ("コードを確認する。例：レビュー依頼", ["コードを確認する。"], ["レビュー依頼"]),
        ("审查代码。示例：请求审查", ["审查代码。"], ["请求审查"]),
        ("Reviews\n  code  in\tdepth", ["Reviews code in depth"], []),
        ("Use when:\n- reviewing code\n- fixing bugs\n\nUse it early.", ["Use when: reviewing code; fixing bugs.", "Use it early."], []),
        ("Reviews code. Use it in these cases:", ["Reviews code."], []),
        ("**Reviews** code\n\n## Scope\nOnly Go", ["Reviews code.", "Scope Only Go"], []),
        ('Answers "who is this?" - always, under load.', ['Answers "who is this?" - always, under load.'], []),
        ("<example>a</example>", [], ["<example>a</example>"]),
        ("Reviews code. Reviews code.", ["Reviews code."], []),
        ("", [], []),
    ],
)
def test_a_description_is_taken_apart(text: str, sentences: list[str], examples: list[str]) -> None:
    assert read_description(text) == Description(tuple(sentences), tuple(examples))


@pytest.mark.parametrize("text", ["Shows examples of clean code", "Works on `Vec<T>` generics", "Checks user: and group: lines", "e.g. Go"])
def test_what_only_looks_like_an_example_stays(text: str) -> None:
    assert read_description(text) == Description((text,), ())


def test_other_tagged_text_is_no_example_and_is_counted() -> None:
    found = read_description("Manages state. Delegations: <delegation>to a painter</delegation>")
    assert found == Description(("Manages state.",), (), 1)


def test_an_unclosed_dialogue_ends_nowhere_else() -> None:
    found = read_description("Reviews code. <example>user: x <commentary>why</commentary>")
    assert found.sentences == ("Reviews code.",)
    assert "why" not in found.examples[0]


URGING = [
    "Use PROACTIVELY for API work.",
    "MUST BE USED for releases.",
    "Use immediately after a change.",
    "배포 전에 적극적으로 활용하세요.",
    "리팩토링에 사전에 사용하세요.",
    "リリース前に積極的に使用してください。",
    "在重构时主动使用。",
]
CALM = [
    "Reviews code before a release.",
    "잠재적 문제를 사전에 식별합니다.",
    "Use this agent when tests fail.",
    "コードを確認する。",
    "审查代码。",
    "Works with active users.",
]


@pytest.mark.parametrize("sentence", URGING)
def test_an_urge_is_seen(sentence: str) -> None:
    assert urges(sentence)


@pytest.mark.parametrize("sentence", CALM)
def test_no_urge_is_seen_where_none_is(sentence: str) -> None:
    assert not urges(sentence)


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("Use PROACTIVELY for API work.", "Use for API work."),
        ("Use this agent proactively.", "Use this agent."),
        ("Use proactively.", ""),
        ("MUST BE USED for releases.", ""),
        ("배포 전에 적극적으로 검토합니다.", "배포 전에 검토합니다."),
    ],
)
def test_an_urge_can_be_taken_out(sentence: str, left: str) -> None:
    assert without_urge(sentence) == left


@pytest.mark.parametrize(
    "sentence", ["NOT for deployments.", "Do not use for reviews.", "For deep tuning, use query-doctor.", "배포에는 사용하지 마세요."]
)
def test_what_an_agent_is_not_for_is_seen(sentence: str) -> None:
    assert excludes(sentence)


@pytest.mark.parametrize("sentence", ["Use for deployments.", "Handles notes and other exceptions.", "For deep tuning of indexes."])
def test_what_an_agent_is_for_excludes_nothing(sentence: str) -> None:
    assert not excludes(sentence)


@pytest.mark.parametrize(
    ("text", "fallback", "language"),
    [
        ("Reviews code for errors", "en", "en"),
        ("Rust: ownership, lifetimes, traits", "en", "en"),
        ("Especialista em limpeza de código morto", "en", "other"),
        ("Expert spécialisé dans les APIs modernes", "en", "other"),
        ("Deve ser usado em projetos", "other", "other"),
        ("Go(chi), Python(FastAPI) 담당", "ko", "ko"),
        ("コードを確認する", "en", "ja"),
    ],
)
def test_the_language_of_a_sentence(text: str, fallback: str, language: str) -> None:
    assert tongue_of(text, fallback) == language


def test_sentences_are_joined_with_their_stops() -> None:
    assert joined(["Reviews code"]) == "Reviews code"
    assert joined(["Reviews code", "Fixes bugs."]) == "Reviews code. Fixes bugs."
    assert joined(["コードを確認する。", "修正する"]) == "コードを確認する。修正する。"
    assert joined(["코드를 검토", "수정합니다."]) == "코드를 검토. 수정합니다."


def test_the_words_of_an_example_alone() -> None:
    assert plain_words("<example>a</example>") == "a"
    assert plain_words("Example: b") == "b"
