"""The truth table of tool lists, ``data/tools.tsv``: each row is two sources, a strategy, one list and its gains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from agentmerge.merge.header import choose_tools
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent
from agentmerge.rules.policy import parse_policy
from agentmerge.rules.privileges.tools import ToolsDecision

TABLE = Path(__file__).with_name("data") / "tools.tsv"


class Row(NamedTuple):
    strategy: str
    omitted: str
    a: str
    b: str
    result: str
    gains: str


def rows() -> list[Row]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines[0].split("\t") == list(Row._fields)
    return [Row(*line.split("\t")) for line in lines[1:]]


def source(id_: str, cell: str) -> Agent:
    tools, bang, denied = cell.partition(" ! ")
    written = [("tools", tools)] * (tools != "-") + [("disallowedTools", denied)] * bool(bang)
    lines = [f"{key}:" + "".join(f"\n  {item}" for item in value.split(" / ")) for key, value in written if value.startswith("- ")]
    lines += [f"{key}: {value}" for key, value in written if not value.startswith("- ")]
    text = "\n".join(["---", f"name: {id_}", "description: Works", *lines, "---", "", "- Work", ""])
    return agent_from_source(source_from_bytes(text.encode(), f"{id_}.md", id_))


def shown(decision: ToolsDecision) -> str:
    names = "EVERY" if decision.names is None else ", ".join(decision.names) or "NONE"
    but = f" but {', '.join(decision.denied)}" if decision.denied else ""
    return names + but + ("" if decision.resolved else " ?")


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.strategy} {row.omitted} {row.a} | {row.b}")
def test_a_row_is_true(row: Row) -> None:
    strategy, _, chosen = row.strategy.partition(": ")
    names = [name.strip('"') for name in chosen.split(", ")] if chosen else []
    policy = parse_policy(json.dumps({"rules": {"tools": {"strategy": strategy, "omitted": row.omitted, "set": names}}}), "p.yaml")
    decision = choose_tools((source("a", row.a), source("b", row.b)), policy)
    gains = "; ".join(f"{c.name}>{','.join(c.lacking)}" for c in decision.capabilities)
    assert (shown(decision), gains) == (row.result.strip('"'), row.gains)


def test_the_table_has_every_strategy_and_no_row_twice() -> None:
    table = rows()
    assert len(table) >= 150
    assert len({row[:4] for row in table}) == len(table)
    strategies = {row.strategy.partition(":")[0] for row in table}
    assert strategies == {"union", "intersection", "majority", "least-privilege", "priority", "set"}
    assert {row.omitted for row in table} == {"all", "ignore", "ask"}
