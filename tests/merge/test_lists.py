"""Where a statement can be cut so that the rest still reads as one."""

from __future__ import annotations

import pytest

from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.lists import cut_of


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ("Write unit tests, integration tests, and contract tests.", {0}, "Write integration tests and contract tests."),
        ("Write unit tests, integration tests, and contract tests.", {0, 1}, "Write contract tests."),
        ("Capture logs, stack traces, socket states, and environment details", {1}, "Capture logs, socket states, and environment details"),
        ("Ensure sane defaults, short timeouts, and clear limits.", {0}, "Ensure short timeouts and clear limits."),
        ("**Watch**: queue depth, error rates, slow queries", {0}, "**Watch**: error rates, slow queries"),
        ("**Watch**: queue depth, error rates, slow queries", {0, 2}, "**Watch**: error rates"),
        ("Redis: 캐싱 전략, 메시지 발행, 세션 관리", {0}, "Redis: 메시지 발행, 세션 관리"),
        ("**索引**：哈希、位图、覆盖索引", {0}, "**索引**：位图、覆盖索引"),
    ],
)
def test_members_of_a_list_can_go(text: str, gone: set[int], left: str) -> None:
    cut = cut_of(text, default_lexicon())
    assert cut is not None
    assert not gone & cut.fixed
    assert "".join(text[start:end] for start, end in cut.without(gone)) == left


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("Analyze logs, metrics, and traces to find patterns", 2),
        ("Write unit tests, integration tests, and contract tests", 2),
        ("**Tests**: unit, integration, contract tests", 2),
        ("エラー対策: 入力検証、再試行、警告の記録", 2),
        ("Write tests, deploy builds, and watch alerts", 0),
    ],
)
def test_what_the_others_need_stays(text: str, stays: int) -> None:
    cut = cut_of(text, default_lexicon())
    assert cut is not None
    assert stays in cut.fixed


@pytest.mark.parametrize(
    "text",
    [
        "Validate input and handle errors",
        "Unit, integration, and contract tests",
        "Use Postgres, MySQL, or SQLite",
        "Stores such as Postgres, MySQL, and Redis",
        "Keep names, addresses, and their owners",
        "Keep it small, fast, and simple, but not simpler",
        "Latency, throughput, and cost",
        "Read (a, b, c) first",
        "Write tests; deploy builds, watch alerts, page the owner",
        "Run the linters before you push, rebase often, and the release stays green every single week of the year",
    ],
)
def test_other_statements_stay_whole(text: str) -> None:
    assert cut_of(text, default_lexicon()) is None
