"""Lines that hand work to merged agents: which names count, and whether a line has another point."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from agentmerge.rules.text.clauses import says_more
from agentmerge.rules.text.siblings import handover_of, is_name, named_in, same_name, without_names

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data/siblings.tsv").read_text("utf-8").splitlines() if line[0] != "#"]
AGENTS = ("api-designer", "backend", "code-reviewer", "database-optimizer", "Backend API Developer")


@pytest.mark.parametrize(("want", "text"), ROWS)
def test_what_a_statement_does_with_merged_agents(want: str, text: str) -> None:
    found = handover_of(text, AGENTS)
    assert want == ("-" if found is None else "hands !" if found.whole else "hands" if found.hands_over else "names")


def test_as_many_statements_are_left_alone_as_are_recognised() -> None:
    alone = sum(want == "-" for want, _ in ROWS)
    assert 40 <= len(ROWS) - alone <= alone


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (["api-designer"], "Ask api-designer first"),
        (["api-designer"], "Ask **api-designer** first"),
        (["api_designer"], "Ask `api_designer` first"),
        (["API designer"], "Ask the API designer agent first"),
        (["backend"], "Ask @backend first"),
        (["agent-backend"], "Ask @agent-backend first"),
        ([], "Ask the backend first"),
        ([], "The **backend** is small"),
        ([], "See agents/api-designer.md"),
        ([], "Ask api-designer-pro first"),
        ([], "Ask the Image API Designer agent first"),
    ],
)
def test_which_names_count(shown: list[str], text: str) -> None:
    assert [one.shown for one in named_in(text, AGENTS)] == shown


def test_names_that_mean_nothing_are_not_looked_for() -> None:
    assert is_name("api-designer")
    assert not any(map(is_name, ("001", "README", "agent", "x", "")))
    assert same_name("API Designer", "api-designer")
    assert not same_name("api-designer", "api-reviewer")


def test_a_long_line_is_never_whole() -> None:
    found = handover_of("Hand off to api-designer for " + "pages, " * 100 + "and forms", AGENTS)
    assert found is not None
    assert not found.whole


@pytest.mark.parametrize("start", ["", "Hand off to api-designer ", "담당하지 않", "不负责"])
def test_a_hostile_run_of_names_takes_no_time(start: str) -> None:
    begun = process_time()
    handover_of((start + "api-designer " * 60)[:600], AGENTS)
    assert process_time() - begun < 1


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (False, "When a page changes, run it"),
        (False, "Hand it over for design, layout and motion"),
        (True, "Run it and report the result"),
        (True, "Run it. Then stop."),
        (True, "Run it; stop"),
        (True, "Run it, but not twice"),
        (True, "실행하고 기록한다"),
        (True, "実行してから記録する"),
        (True, "运行，然后记录"),
        (True, "Run these:"),
    ],
)
def test_whether_a_statement_demands_more_than_one_thing(more: bool, text: str) -> None:
    assert says_more(text) is more


@pytest.mark.parametrize(
    ("bare", "text"),
    [
        ('Run Task(agent="crew:\x00") once', 'Run Task(agent="crew:page-designer") once'),
        ('{"from": "\x00"}', '{"from": "pages"}'),
        ("Sign as \x00", "Sign as page_designer"),
        ("Ask \x00 first", "Ask Page Designer first"),
        ("Ask the page designer first", "Ask the page designer first"),
        ("Keep pages small", "Keep pages small"),
        ("See agents/page-designer.md", "See agents/page-designer.md"),
        ("Ask page-designer-pro first", "Ask page-designer-pro first"),
    ],
)
def test_a_text_without_its_own_agents_name(bare: str, text: str) -> None:
    assert without_names(text, ("page-designer", "pages")) == bare
