"""Golden cases: a folder each, ``inputs/*.md`` in, ``expected.md`` and ``expected.ledger.json`` out.

``WHY`` says in one line what a case shows; ``agentmerge.yaml`` is its policy, when it has one, and
``agentmerge.decisions.yaml`` what a person decided.
"""

from __future__ import annotations

import shutil
from difflib import unified_diff
from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import DECISIONS_NAME
from agentmerge.rules.policy import load_policy

HERE = Path(__file__).parent
CASES = sorted(path for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__"))
EXPECTED = ("expected.md", "expected.ledger.json")


def built(case: Path, folder: Path) -> Build:
    """The case built as ``expected.md`` in a folder of its own."""
    shutil.copytree(case / "inputs", folder / "inputs")
    if (case / DECISIONS_NAME).exists():
        shutil.copy(case / DECISIONS_NAME, folder)
    policy = case / "agentmerge.yaml"
    return build([folder / "inputs"], policy=load_policy(policy if policy.exists() else None), output=folder / "expected.md")


def diff(expected: str, found: str, name: str) -> str:
    return "".join(
        unified_diff(expected.splitlines(keepends=True), found.splitlines(keepends=True), f"{name} (expected)", f"{name} (built)")
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_it_must(case: Path, tmp_path: Path, update_golden: bool) -> None:
    once, twice = built(case, tmp_path / "once"), built(case, tmp_path / "twice")
    assert (once.text, once.ledger) == (twice.text, twice.ledger)
    found = dict(zip(EXPECTED, (once.text, once.ledger), strict=True))
    for name, text in found.items():
        if update_golden:
            (case / name).write_text(text, encoding="utf-8", newline="\n")
        difference = diff((case / name).read_bytes().decode("utf-8"), text, f"{case.name}/{name}")
        assert not difference, f"\n{difference}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_a_case_gives_is_proved_and_gives_itself(case: Path, tmp_path: Path) -> None:
    made = built(case, tmp_path / "once")
    made.write()
    assert verify(made.canonical) == ()
    (tmp_path / "again").mkdir()
    shutil.copy(made.canonical, tmp_path / "again" / "agent.md")
    assert build([tmp_path / "again"], output=tmp_path / "out.md").text == made.text


def test_every_file_belongs_to_a_case_and_every_case_is_whole() -> None:
    assert len(CASES) >= 8
    for case in CASES:
        names = {path.name for path in case.iterdir()}
        assert {"inputs", "WHY", *EXPECTED} <= names <= {"inputs", "WHY", "agentmerge.yaml", DECISIONS_NAME, *EXPECTED}, case.name
        assert [path.suffix for path in (case / "inputs").iterdir()].count(".md") == len(list((case / "inputs").iterdir())) >= 1, case.name
        why = (case / "WHY").read_text(encoding="utf-8")
        assert why.strip(), case.name
        assert why.count("\n") == 1, case.name
    loose = {path.name for path in HERE.iterdir() if path.is_file()}
    assert loose == {"__init__.py", "conftest.py", "test_golden.py"}
