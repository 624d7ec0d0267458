"""Random teams of agents from the wild, and the example, are read again as they were written."""

from __future__ import annotations

import random
import runpy
from pathlib import Path

from conftest import ROOT

REPARSE = runpy.run_path(str(ROOT / "bench" / "reparse.py"))
TEAMS = 20


def losses(team: list[Path], *, base: bool) -> list[str]:
    found = [(level, loss) for level, made in REPARSE["written"](team, base=base) for loss in REPARSE["lost"](made)]
    return [f"{level}: {loss}" for level, loss in found if loss.cause != REPARSE["LABEL"]]


def test_the_example_is_read_again_as_it_was_written() -> None:
    sources = sorted((ROOT / "examples" / "backend" / "sources").glob("*.md"))
    assert losses(sources, base=False) == []
    assert losses(sources, base=True) == []


def test_labelled_teams_are_read_again_as_they_were_written(shared: Path) -> None:
    for n, (name, team) in enumerate([*REPARSE["labelled"](shared)][::2]):
        assert losses(team, base=bool(n % 2)) == [], name


def test_random_teams_are_read_again_as_they_were_written(shared: Path) -> None:
    for n, (name, team) in enumerate(REPARSE["wild"](shared, TEAMS, random.Random(20))):
        assert losses(team, base=bool(n % 2)) == [], name
