"""Scales in a line, at the start of lines, and what is compatible with what."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.scale_words import is_only, level_of, words_of
from agentmerge.rules.text.scales import Scale, compatible, lead_of, only_scale, scale_of, scales_in

FOUR = frozenset(("critical", "high", "medium", "low"))


def scale(*levels: str) -> Scale:
    return Scale("severity", frozenset(levels), levels)


@pytest.mark.parametrize(
    ("text", "title", "kind", "levels"),
    [
        ("Severity: Critical | High | Medium | Low", "", "severity", FOUR),
        ('"severity": "critical|high|medium|low"', "", "severity", FOUR),
        ("[Critical/High/Medium/Low] what is wrong", "", "severity", FOUR),
        ("critical, high, medium and low severity", "", "severity", FOUR),
        ("심각도: 심각/높음/보통/낮음", "", "severity", FOUR),
        ("각 이슈를 심각, 높음, 보통, 낮음으로 분류한다", "", "severity", FOUR),
        ("指摘は重大、高、中、低のいずれかに分類する", "重大度", "severity", FOUR),
        ("严重程度：严重、高、中、低", "", "severity", FOUR),
        ("🔴 Critical / 🟡 Warning / 🟢 Suggestion", "", "severity", {"critical", "warning", "suggestion"}),
        ("Bugs by severity: P0-P3", "", "severity", {"p0", "p1", "p2", "p3"}),
        ("Priority: High / Medium / Low", "", "priority", {"high", "medium", "low"}),
        ("P0 (Critical), P1 (High), P2 (Medium), P3 (Low)", "", "severity", FOUR | {"p0", "p1", "p2", "p3"}),
        ("Verdict: APPROVE / REQUEST CHANGES / REJECT", "", "verdict", {"approve", "request-changes", "reject"}),
        ("APPROVED | NEEDS_WORK", "", "verdict", {"approve", "request-changes"}),
        ("판정: 승인 / 조건부 승인 / 반려", "", "verdict", {"approve", "conditional", "reject"}),
        ("判定: 承認/差し戻し", "", "verdict", {"approve", "reject"}),
        ("结论：通过/驳回", "", "verdict", {"approve", "reject"}),
        ("结论：通过/不通过", "", "verdict", {"pass", "fail"}),
        ("- Verdict: ✅ PASS / ❌ FAIL", "", "verdict", {"pass", "fail"}),
        ("End with a verdict of GO or NO-GO", "", "verdict", {"go", "no-go"}),
        ("Overall score: X/10", "", "score", {"1-10"}),
        ("종합 점수: 0-100", "", "score", {"0-100"}),
        ("Overall grade: A-F", "", "score", {"A-F"}),
    ],
)
def test_a_line_enumerates_a_scale(text: str, title: str, kind: str, levels: set[str]) -> None:
    assert [(found.kind, found.levels) for found in scales_in(text, title)] == [(kind, frozenset(levels))]


@pytest.mark.parametrize(
    "text",
    [
        "Confidence: High / Medium / Low",
        "Risk: Critical / High / Medium / Low",
        "Mood: high | medium | low",
        "high / medium / low",
        "Set log levels: error, warning, info",
        "Approve or reject invoices",
        "Approve/reject the request in the app",
        "The pass/fail counts of a run",
        "Fix critical and high severity issues first",
        "Go / Rust / Python",
        "영향: 높음/보통/낮음",
        "上限は高、中、低の三段",
        "风险：高/中/低",
        "x" * 700,
    ],
)
def test_other_lines_enumerate_none(text: str) -> None:
    assert scales_in(text) == ()


@pytest.mark.parametrize(
    ("line", "heading", "level"),
    [
        ("**Critical**: data loss", False, "critical"),
        ("🔴 **심각**: 데이터 손실", False, "critical"),
        ("| High | 4 | exploitable |", False, "high"),
        ("[ ] Low - cosmetic", False, "low"),
        ("✅ APPROVE: nothing to change", False, "approve"),
        ("Critical Issues (must fix)", True, "critical"),
        ("High Priority", True, "high"),
        ("重大な問題", True, "critical"),
        ("严重问题", True, "critical"),
        ("Critical paths are tested", False, None),
        ("High availability: yes", False, None),
        ("Critical path", True, None),
        ("High Performance", True, None),
        ("", False, None),
    ],
)
def test_a_line_starts_with_a_label(line: str, heading: bool, level: str | None) -> None:
    found = lead_of(line, heading=heading)
    assert (found.levels[0] if found else None) == level


def test_labels_of_lines_make_a_scale_when_they_are_enough_and_named() -> None:
    leads = [lead for line in ("Critical: x", "Warning: y", "Info: z") if (lead := lead_of(line))]
    made = scale_of(leads, ["Findings"])
    assert made is not None
    assert (made.kind, made.shown()) == ("severity", "Critical / Warning / Info")
    assert scale_of(leads[:2], ["Severity"]) is None
    assert scale_of(leads, ["Risk"]) is None
    high = [lead for line in ("High: x", "Medium: y", "Low: z") if (lead := lead_of(line))]
    assert scale_of(high, ["Notes"]) is None
    named = scale_of(high, ["Notes", "Priority"])
    assert named is not None
    assert named.kind == "priority"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (("critical", "high", "low"), ("critical", "high", "medium", "low"), True),
        (("critical", "high", "low", "info"), ("critical", "high", "low", "suggestion"), True),
        (("critical", "high", "medium"), ("high", "medium", "low"), True),
        (("critical", "warning", "info"), ("critical", "high", "low"), False),
        (("critical", "info"), ("critical", "high", "low"), False),
        (("blocker", "major", "minor"), ("critical", "major", "minor"), False),
    ],
)
def test_a_part_of_a_scale_is_that_scale(a: tuple[str, ...], b: tuple[str, ...], same: bool) -> None:
    assert compatible(scale(*a), scale(*b)) is compatible(scale(*b), scale(*a)) is same


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Severity: Critical / High / Medium / Low", True),
        ("Rate each finding as blocker, major or minor", True),
        ("각 이슈를 심각, 높음, 보통, 낮음으로 분류한다", True),
        ("结论：通过/不通过", True),
        ("Severity: Critical / High / Low, with the file and the line", False),
        ("Critical: data loss", False),
    ],
)
def test_a_statement_says_nothing_but_its_scale(text: str, only: bool) -> None:
    assert only_scale(text) is only


def test_the_words_are_read_with_all_that_they_may_mean() -> None:
    assert words_of("verdict")["通过"] == ("approve", "pass")
    assert level_of("Needs_Work", "verdict") == ("request-changes",)
    assert level_of("nothing", "verdict") == ()
    assert is_only("findings and issues", "plain")
    assert not is_only("findings and files", "plain")
