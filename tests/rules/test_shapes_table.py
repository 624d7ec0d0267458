"""Rows of two sources each: what CONF005 (scales) and CONF006 (shapes) see in them, in four languages, and what they let pass."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from agentmerge.api import build
from agentmerge.pipeline import Build

TABLE = Path(__file__).with_name("data") / "shapes.tsv"
HEAD = "---\nname: {0}\ndescription: Works on {0}\n---\n\n"


class Row(NamedTuple):
    rule: str
    languages: str
    one: str
    other: str
    found: str


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [Row(*(cell.replace("\\n", "\n") for cell in line.split("\t"))) for line in lines]


def test_the_table_has_rows_of_both_sorts_in_four_languages() -> None:
    for silent in (True, False):
        found = [row for row in rows() if (row.found == "-") is silent]
        assert len(found) >= 20
        assert {language for row in found for language in row.languages.split()} == {"en", "ko", "ja", "zh"}


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.rule} {row.one[:40]} | {row.other[:40]}")
@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_a_row_is_seen_as_it_says(row: Row, turned: bool, tmp_path: Path) -> None:
    texts = (row.other, row.one) if turned else (row.one, row.other)
    paths = []
    for name, text in zip(("amber", "basil"), texts, strict=True):
        paths.append(tmp_path / f"{name}.md")
        paths[-1].write_text(HEAD.format(name) + text + "\n", encoding="utf-8")
    result = build(paths, output=tmp_path / "out.md")
    found = [conflict for conflict in result.conflicts if conflict.rule == row.rule]
    if row.found == "-":
        assert found == []
        return
    assert len(found) == 1
    assert found[0].resolved is False
    assert {member.split(":")[0] for member in found[0].members} == {"amber", "basil"}
    assert all(result_stays(result, member) for member in found[0].members)
    if not turned:
        assert row.found in found[0].why


def result_stays(result: Build, member: str) -> bool:
    decisions = {decision.unit: decision for decision in result.decisions}
    return str(decisions[member].outcome) == "kept"
