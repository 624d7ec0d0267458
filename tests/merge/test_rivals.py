"""Forms of an answer: what stays whole, what a person's choice takes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import answer, build, questions
from agentmerge.asking import Reply
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.proof import prove

REPORT = """## Output Format

### Till Review

#### Verdict

**Sum**: [right / wrong]

#### Faults

- [drawer] - [what is wrong]

#### Praise

- [what was done well]

## Rules

- Be brief
"""
OTHER = """## Output Format

### Shelf Review

#### Summary

**Shelves**: [full / empty]

#### Praise

- Praise what was done well in the shop

#### Labels

- [shelf] - [label]

## Rules

- Walk the aisles twice
"""
JSON = (
    '## Output Format\n\n```json\n{"agent": "b", "grade": "good | poor", "faults": []}\n```\n\n## Praise\n\n- Praise what was done well\n'
)


def team(folder: Path, **bodies: str) -> Build:
    paths = [folder / f"{name}.md" for name in bodies]
    for path, body in zip(paths, bodies.values(), strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: Reviews a shop\n---\n\n{body}", encoding="utf-8")
    return build(paths, output=folder / "out.md")


def headings(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#")]


def test_two_reports_in_the_open_text_stand_whole_and_in_order(tmp_path: Path) -> None:
    made = team(tmp_path, a=REPORT, b=OTHER)
    found = headings(made.text)
    for form in (
        ["### Till Review", "#### Verdict", "#### Faults", "#### Praise"],
        ["### Shelf Review", "#### Summary", "#### Praise", "#### Labels"],
    ):
        at = found.index(form[0])
        assert found[at : at + 4] == form
    assert found.count("## Output Format") == 1
    conflict = next(c for c in made.conflicts if c.rule == "CONF006")
    assert (conflict.resolved, len(conflict.members)) == (False, 2)
    made.write()
    assert prove(made.canonical) == ()


def test_a_statement_elsewhere_never_moves_into_a_form(tmp_path: Path) -> None:
    made = team(tmp_path, a=REPORT, b=JSON)
    lines = made.text.split("\n")
    praise = lines.index("- Praise what was done well")
    assert "[what was done well]" not in lines[praise - 1 : praise + 2]
    assert headings("\n".join(lines[:praise]))[-1] == "## Praise"


@pytest.mark.parametrize("stays", [0, 1])
def test_the_form_that_a_person_decides_against_goes_as_a_whole(tmp_path: Path, stays: int) -> None:
    made = team(tmp_path, a=REPORT, b=JSON)
    question = next(q for q in questions(made) if q.rule == "CONF006")
    answer(made, [Reply(question, str(stays + 1))])
    again = build([tmp_path / "a.md", tmp_path / "b.md"], output=tmp_path / "out.md")
    assert ("Till Review" in again.text, '"grade"' in again.text) == (stays == 0, stays == 1)
    assert "Be brief" in again.text
    assert not [c for c in again.conflicts if c.rule == "CONF006" and not c.resolved]
    gone = {d.outcome for d in again.decisions if d.rule == "DEC001" and d.outcome is not Outcome.KEPT}
    assert gone
    again.write()
    assert prove(again.canonical) == ()
