"""Which source says that it is younger."""

from __future__ import annotations

import pytest

from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent
from agentmerge.rules.age import younger


def agent(name: str, front: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: {name}\n{front}---\n\nBody.\n".encode(), f"{name}.md", name))


@pytest.mark.parametrize(
    ("a", "b", "winner"),
    [
        ("updated: 2026-03-01\n", "updated: 2025-11-20\n", "a"),
        ("updated: 2025-03-01\n", "updated: 2025-11-20\n", "b"),
        ("updated: '2026-03-01T08:00:00Z'\n", "updated: 2025-11-20\n", "a"),
        ("last_updated: 2025-01-02\n", "last_updated: 2025-01-03\n", "b"),
        ("date: 2025-01-02\n", "date: 2025-01-03\n", "b"),
        ("version: 1.10.0\n", "version: 1.9.3\n", "a"),
        ("version: v2\n", "version: 1.9\n", "a"),
        ("updated: 2025-01-02\nversion: 3\n", "updated: 2025-01-03\nversion: 1\n", "b"),
        ("updated: 2025-01-02\nversion: 3\n", "updated: 2025-01-02\nversion: 1\n", "a"),
        ("updated: 2025-01-02\n", "version: 9\n", None),
        ("updated: soon\n", "updated: 2025-01-02\n", None),
        ("version: latest\n", "version: 1\n", None),
        ("", "", None),
    ],
)
def test_which_is_younger(a: str, b: str, winner: str | None) -> None:
    one, two = agent("a", a), agent("b", b)
    for pair in ((one, two), (two, one)):
        found = younger(*pair)
        assert (found and found.source.id) == winner
