"""Instructions to use a tool: which tools a statement asks for, and whether it asks for more."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from agentmerge.rules.text.references import demand_of, mentions_of, server_key

ROWS = [line.split("\t") for line in (Path(__file__).parent / "data/references.tsv").read_text("utf-8").splitlines() if line[0] != "#"]
SERVERS = frozenset(("context7", "linear", "playwright"))


@pytest.mark.parametrize(("want", "text"), ROWS)
def test_what_a_statement_tells_to_use(want: str, text: str) -> None:
    demand = demand_of(text, SERVERS)
    found = "-" if demand is None else ",".join(m.name for m in demand.mentions) + (" !" if demand.whole else "")
    assert found == want


def test_as_many_statements_are_left_alone_as_are_recognised() -> None:
    alone = sum(want == "-" for want, _ in ROWS)
    assert 40 <= len(ROWS) - alone <= alone


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("context7", "mcp__context7-mcp__resolve-library-id"),
        ("context7", "Context7"),
        ("sequentialthinking", "sequential thinking"),
        ("sequentialthinking", "mcp__sequential-thinking__think"),
        ("serena", "mcp__serena-mcp__read_file"),
        ("notes", "mcp__plugin_team_notes__search"),
        ("git", "mcp-server-git"),
    ],
)
def test_a_server_has_one_plain_name(key: str, name: str) -> None:
    assert server_key(name) == key


def test_an_alternative_is_no_need() -> None:
    demand = demand_of("Use WebFetch or the Bash tool to load the page")
    assert demand is not None
    assert demand.alternatives
    assert [m.name for m in demand.mentions] == ["WebFetch", "Bash"]


def test_a_server_that_no_source_lists_counts_only_when_it_is_marked() -> None:
    assert demand_of("Use context7 for new libraries") is None
    assert demand_of("Use the context7 tool for new libraries") is not None
    assert demand_of("Use Playwright for end-to-end tests", SERVERS) is None


def test_mentions_do_not_overlap() -> None:
    found = mentions_of("Use `WebSearch`, mcp__linear__list_issues and the Read tool", SERVERS)
    assert [m.name for m in found] == ["WebSearch", "mcp__linear__list_issues", "Read"]
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_a_long_statement_is_not_read() -> None:
    assert demand_of("Use WebSearch. " * 100) is None
