"""Agents from the wild, taken by a fixed rule: each alone and in teams of neighbours builds, proves, is stable."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.errors import SourceError
from agentmerge.merge.read import load_agent
from agentmerge.model import Outcome

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpus"
FILES = 200
TEAMS = 40

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of agents (../shared/data/corpus) is not here")


def readable(path: Path) -> bool:
    try:
        load_agent(path)
    except SourceError:
        return False
    return True


def sampled(paths: Sequence[Path]) -> list[Path]:
    """Every n-th file, or the next one after it that can be read."""
    step = max(1, len(paths) // FILES)
    found = [next((path for path in paths[n : n + step] if readable(path)), None) for n in range(0, len(paths), step)]
    return [path for path in found if path is not None][:FILES]


def neighbours() -> list[list[Path]]:
    """Teams of three files that stand side by side among those of their role, evenly spread."""
    by_role: dict[str, list[Path]] = defaultdict(list)
    for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        by_role[entry["role"]].append(CORPUS / entry["file"])
    teams: list[list[Path]] = []
    for role in sorted(by_role):
        paths = sorted(by_role[role])
        teams.extend(paths[n : n + 3] for n in range(0, len(paths) - 2, 3))
    whole = [team for team in teams[:: max(1, len(teams) // (TEAMS + 10))] if all(map(readable, team))]
    return whole[:TEAMS]


def holds(paths: Sequence[Path], folder: Path) -> None:
    """Build, account, prove, and build the result again."""
    made = build(paths, output=folder / "out.md")
    assert [d.unit for d in made.decisions] == [u.id for a in made.agents for u in a.units]
    assert sum(made.count(outcome) for outcome in Outcome) == len(made.decisions)
    made.write()
    assert verify(folder / "out.md") == ()
    again = folder / "again"
    again.mkdir()
    shutil.copy(folder / "out.md", again / "agent.md")
    assert build([again / "agent.md"], output=folder / "twice.md").text == made.text


def test_every_nth_agent_alone_builds_proves_and_is_stable(tmp_path: Path) -> None:
    chosen = sampled(sorted(CORPUS.rglob("*.md")))
    assert len(chosen) == FILES
    for n, path in enumerate(chosen):
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            holds([path], folder)
        except Exception as error:
            error.add_note(f"corpus file {path.relative_to(CORPUS).as_posix()}")
            raise


def test_teams_of_neighbours_with_one_role_build_prove_and_are_stable(tmp_path: Path) -> None:
    teams = neighbours()
    assert len(teams) == TEAMS
    for n, team in enumerate(teams):
        folder = tmp_path / str(n)
        folder.mkdir()
        try:
            holds(team, folder)
        except Exception as error:
            error.add_note("corpus team " + ", ".join(path.relative_to(CORPUS).as_posix() for path in team))
            raise
