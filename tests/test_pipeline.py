"""A run as a whole: the example builds the same everywhere, and what a build holds."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.errors import OutputError
from agentmerge.model import Outcome
from agentmerge.rules.policy import load_policy

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "backend"
SOURCES = sorted((EXAMPLE / "sources").glob("*.md"))

PROGRAM = """
import hashlib, sys
from agentmerge.api import build
made = build(sys.argv[2:], output=sys.argv[1])
print(hashlib.sha256(made.text.encode()).hexdigest(), hashlib.sha256(made.ledger.encode()).hexdigest())
"""


def agent(folder: Path, name: str, body: str) -> Path:
    path = folder / f"{name}.md"
    path.write_text(f"---\nname: {name}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    return path


# --- determinism -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "zone", "locale", "order"),
    [
        ("0", "UTC", "C", 1),
        ("1", "Asia/Seoul", "C.UTF-8", -1),
        ("2", "America/New_York", "POSIX", 1),
        ("4242", "Pacific/Apia", "tr_TR.UTF-8", -1),
        ("random", "Asia/Kolkata", "ko_KR.UTF-8", 1),
    ],
)
def test_environment_folder_and_order_change_no_byte(tmp_path: Path, seed: str, zone: str, locale: str, order: int) -> None:
    here = build(SOURCES, output=EXAMPLE / "out.md")
    expected = [hashlib.sha256(text.encode()).hexdigest() for text in (here.text, here.ledger)]
    env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale}
    command = [sys.executable, "-c", PROGRAM, str(EXAMPLE / "out.md"), *map(str, SOURCES[::order])]
    result = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.stdout.split() == expected


def test_relative_paths_and_a_moved_folder_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = build(SOURCES, output=EXAMPLE / "out.md")
    shutil.copytree(EXAMPLE / "sources", tmp_path / "sources")
    monkeypatch.chdir(tmp_path)
    there = build([Path("sources")], output=Path("out.md"))
    assert (there.text, there.ledger) == (here.text, here.ledger)


def test_the_example_is_proved_and_its_own_canonical_agent(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "sources", tmp_path / "sources")
    policy = load_policy(EXAMPLE / "agentmerge.yaml")
    made = build([tmp_path / "sources"], policy=policy, output=tmp_path / "out.md")
    made.write()
    assert verify(tmp_path / "out.md") == ()
    again = tmp_path / "again" / "out.md"
    again.parent.mkdir()
    shutil.copy(tmp_path / "out.md", again)
    assert build([again], output=tmp_path / "again" / "twice.md").text == made.text


# --- a build -----------------------------------------------------------------------------------


def test_a_build_holds_every_unit_in_file_order(tmp_path: Path) -> None:
    made = build([agent(tmp_path, "b", "- Be brief\n- Be kind\n"), agent(tmp_path, "a", "- Be quick\n")], output=tmp_path / "out.md")
    assert [a.source.id for a in made.agents] == ["a", "b"]
    assert [d.unit for d in made.decisions] == [u.id for a in made.agents for u in a.units]
    assert sum(made.count(outcome) for outcome in Outcome) == len(made.decisions)


def test_nothing_is_on_disk_until_it_is_written(tmp_path: Path) -> None:
    made = build([agent(tmp_path, "a", "- Be brief\n")], output=tmp_path / "out.md")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.md"]
    assert made.write() == (tmp_path / "out.md", tmp_path / "out.ledger.json")
    assert (tmp_path / "out.md").read_text(encoding="utf-8") == made.text
    assert made.write() == ()


def test_a_source_that_changes_while_the_build_runs_stops_the_write(tmp_path: Path) -> None:
    path = agent(tmp_path, "a", "- Be brief\n")
    made = build([path], output=tmp_path / "out.md")
    agent(tmp_path, "a", "- Be kind\n")
    with pytest.raises(OutputError, match="changed while the build ran"):
        made.write()
    assert not (tmp_path / "out.md").exists()


def test_a_hand_edited_output_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    made = build([agent(tmp_path, "a", "- Be brief\n")], output=tmp_path / "out.md")
    made.write()
    (tmp_path / "out.md").write_text("mine\n", encoding="utf-8")
    with pytest.raises(OutputError, match="edited by hand"):
        made.write()
    assert made.write(force=True) == (tmp_path / "out.md",)


def test_without_an_output_the_agent_is_named_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sources").mkdir()
    made = build([agent(tmp_path / "sources", "reviewer", "- Be brief\n")])
    assert (made.canonical, made.ledger_file) == (Path("reviewer.md"), Path("reviewer.ledger.json"))


def test_unresolved_conflicts_are_those_that_no_rule_decided(tmp_path: Path) -> None:
    paths = [agent(tmp_path, "a", "- Keep coverage above 80%\n"), agent(tmp_path, "b", "- Keep coverage above 90%\n")]
    made = build(paths, output=tmp_path / "out.md")
    assert made.unresolved == tuple(c for c in made.conflicts if not c.resolved)
    assert [c.kind for c in made.unresolved] == ["numbers"]


def test_a_copy_is_merged_line_by_line_into_its_original(tmp_path: Path) -> None:
    first = agent(tmp_path, "a", "# Title\n\n- Be brief\n")
    copy = tmp_path / "b.md"
    shutil.copy(first, copy)
    made = build([copy, first], output=tmp_path / "out.md")
    assert made.text == first.read_text(encoding="utf-8")
    assert {(d.unit, d.into) for d in made.decisions if d.outcome is Outcome.MERGED} == {("b:6", "a:6"), ("b:8", "a:8")}
    assert {f.outcome for f in made.fields if f.source == "b"} == {Outcome.MERGED}
