"""Where sentences end, and what language a text is in."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.merge.sentences import language_of, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:stop] for start, stop in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Read it.", "Then run it!", "Does it pass?", "Yes…", "Good"],
        ["Use short names (e.g. `x`, i.e. one letter) vs. long ones."],
        ["Ask Dr. No or J. Doe et al. about v. 2 first."],
        ["Needs Python 3.11 or newer.", "See section 1.2."],
        ["1. First of all, read.", "2. Then write."],
        ["Call `obj. method` now.", "Stop."],
        ["See [the docs. Really](https://example.org/a. b).", "Stop."],
        ["Open https://example.org/a.b?c. ok"],
        ["Open https://example.org/page.", "Stop."],
        ["Keep it (short. Really short.) and clear.", "Stop."],
        ["(A whole sentence.)", "Another."],
        ["He said “stop.”", "She did."],
        ["**Never skip it.**", "Ever."],
        ["It ends in etc. and goes on."],
        ["Wait... what?!", "Yes."],
    ],
)
def test_english(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["先读。", "再写！", "为什么？"],
        ["这（很重要。真的）要做。", "好。"],
        ["「はい。」と言う。", "次へ。"],
        ["「はい。」", "「いいえ。」"],
        ["他说“好。”", "然后走了。"],
    ],
)
def test_chinese_and_japanese_need_no_blank_between(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


def test_korean() -> None:
    assert sentences("먼저 읽습니다. 그다음 씁니다! 끝") == ["먼저 읽습니다.", "그다음 씁니다!", "끝"]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_blank_text_has_no_sentence(text: str) -> None:
    assert sentences(text) == []


def test_a_sentence_keeps_its_line_breaks() -> None:
    assert sentences("  One\n  goes on. Two\n") == ["One\n  goes on.", "Two"]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(alphabet='aB1 .!?。！()（）「」[]`*"\n:/と', max_size=40))
def test_sentences_leave_out_blanks_only(text: str) -> None:
    spans = list(sentence_spans(text))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "fallback", "language"),
    [
        ("Read the code.", "en", "en"),
        ("Read the code.", "ko", "en"),
        ("코드를 읽는다", "en", "ko"),
        ("コードを読む", "en", "ja"),
        ("先读代码", "en", "zh"),
        ("確認", "ja", "ja"),
        ("確認", "zh", "zh"),
        ("Explain the term (용어) in plain words.", "en", "en"),
        ("React Redux Next.js 사용", "ko", "ko"),
        ("React Redux Next.js 사용", "en", "en"),
        ("`코드` only in code", "en", "en"),
        ("42 %", "zh", "zh"),
        ("", "en", "en"),
    ],
)
def test_language(text: str, fallback: str, language: str) -> None:
    assert language_of(text, fallback) == language
