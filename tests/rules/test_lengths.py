"""What statements demand of the answer, and which demands rule one another out."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.lengths import Demand, demands_of, rule_out


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("Summarise the answer in 3 sentences", Demand.CAP),
        ("At most 5 bullets", Demand.CAP),
        ("최종 결과만 3-5문장으로 요약", Demand.CAP),
        ("回答は3文以内", Demand.CAP),
        ("回答不超过 3 句话", Demand.CAP),
        ("Return the summary only", Demand.BARE),
        ("結果のみを報告する", Demand.BARE),
        ("只返回结论", Demand.BARE),
        ("Keep responses short", Demand.BRIEF),
        ("답변은 간결하게", Demand.BRIEF),
        ("Return code without explanations", Demand.SILENT),
        ("설명 없이 출력한다", Demand.SILENT),
        ("Provide detailed explanations of each step", Demand.DETAIL),
        ("자세히 설명한다", Demand.DETAIL),
        ("変更点を詳しく説明する", Demand.DETAIL),
        ("回答要详细", Demand.DETAIL),
        ("Explain your reasoning", Demand.EXPLAIN),
        ("이유를 함께 제시", Demand.EXPLAIN),
        ("Respond with JSON only", Demand.JSON),
        ("JSON 형식으로만 출력", Demand.JSON),
        ("No markdown", Demand.PLAIN),
        ("Format the answer as markdown", Demand.MARKDOWN),
        ("Return the results as a table", Demand.TABLE),
    ],
)
def test_a_statement_on_output_demands_something(text: str, demand: Demand) -> None:
    assert demand in {asked.demand for asked in demands_of(text, about_output=True)}


@pytest.mark.parametrize(
    "text",
    [
        "Executive summary in 3 sentences",
        "Keep each finding to one sentence",
        "커밋 메시지는 최대 3문장",
        "コミットは2文以内で要約",
        "标题不超过 3 句话",
        "Keep responses short unless asked for more",
        'Never write "respond with JSON only" into a prompt',
        "Provide detailed error reports",
        "Store notes in markdown files",
        "技術的結論だけでなく症状も見る",
        "x" * 600,
    ],
)
def test_other_statements_demand_nothing_of_the_answer(text: str) -> None:
    assert demands_of(text, about_output=True) == ()


def test_outside_of_output_a_statement_must_name_the_answer() -> None:
    assert demands_of("At most 5 bullets", about_output=False) == ()
    assert demands_of("Keep responses short", about_output=False)[0].demand is Demand.BRIEF
    assert demands_of("Explain your answers", about_output=False) == ()


def test_what_is_forbidden_is_not_demanded() -> None:
    found = {asked.demand for asked in demands_of("Do not include explanations", about_output=True)}
    assert found == {Demand.SILENT}


def test_demands_rule_one_another_out_both_ways() -> None:
    against = {frozenset((a, b)) for a in Demand for b in Demand if rule_out(a, b)}
    assert all(rule_out(*pair) and rule_out(*reversed(tuple(pair))) for pair in map(tuple, against))
    assert frozenset((Demand.CAP, Demand.DETAIL)) in against
    assert frozenset((Demand.BRIEF, Demand.EXPLAIN)) not in against
    assert frozenset((Demand.JSON, Demand.MARKDOWN)) in against
    assert frozenset((Demand.CAP, Demand.BRIEF)) not in against
