"""Statements that keep an agent to a subject or set one aside: what is read, and what is left alone."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from agentmerge.rules.text.scopes import Scope, introduces, listed, scope_of, sets_aside

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data/scopes.tsv").read_text("utf-8").splitlines() if line[0] != "#"]


def shown(scope: Scope | None) -> str:
    if scope is None or not (scope.only or scope.aside):
        return "-"
    parts = [f"{word} {', '.join(names)}" for word, names in (("only", scope.only), ("not", scope.aside)) if names]
    return "; ".join(parts) + (" !" if scope.whole else "")


@pytest.mark.parametrize(("want", "text"), ROWS)
def test_what_a_statement_keeps_to_or_sets_aside(want: str, text: str) -> None:
    assert shown(scope_of(text.replace("*", ""))) == want


def test_about_as_many_statements_are_left_alone_as_are_recognised() -> None:
    alone = sum(want == "-" for want, _ in ROWS)
    assert 40 <= len(ROWS) - alone <= alone + 5


@pytest.mark.parametrize("title", ["What NOT to Review", "Out of Scope", "Not responsible for:", "담당하지 않는 것", "対象外", "不负责"])
def test_a_place_where_things_are_set_aside(title: str) -> None:
    assert sets_aside(title)


@pytest.mark.parametrize("title", ["What to Review", "Scope", "Anti-patterns", "Never do", "Constraints", "범위", "対象", "职责"])
def test_a_place_where_nothing_is_set_aside(title: str) -> None:
    assert not sets_aside(title)


@pytest.mark.parametrize(
    ("want", "label", "text"),
    [
        ("not Threats !", "", "Threats (another agent handles this)"),
        ("not Colours, fonts !", "", "Colours, fonts"),
        ("not Speed", "Speed", "Speed: measure it with the profiler"),
        ("not Speed", "", "Speed (unless a page takes seconds)"),
        ("-", "", "Speed when a page is new"),
        ("-", "", "Existing faults"),
        ("-", "", "NEVER touch the schema"),
    ],
)
def test_an_item_of_such_a_place(want: str, label: str, text: str) -> None:
    assert shown(listed(text, label)) == want


@pytest.mark.parametrize(
    ("title", "want"), [("What to Review", True), ("Focus Areas", True), ("점검 항목", True), ("Your Role", False), ("Tone", False)]
)
def test_a_heading_that_introduces_a_list(title: str, want: bool) -> None:
    assert introduces(title) is want


@pytest.mark.parametrize(
    "word", ["only ", "not ", "you ", "focus only on ", "is out of scope ", "만 ", "のみ", "只", "不", "(", ", ", "- ", "agent "]
)
def test_no_text_takes_long(word: str) -> None:
    begun = process_time()
    for size in (590, 60_000):
        scope_of((word * size)[:size])
        listed((word * size)[:size], "")
    assert process_time() - begun < 1
