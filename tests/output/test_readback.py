"""A canonical agent is read again as it was written: nothing swallows its neighbour. Small teams stand in ``data/readback.md``."""

from __future__ import annotations

import re
import runpy
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from agentmerge.api import build, verify
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Chunk, Decision, Header, Outcome, Outline, Part, Rendered
from agentmerge.output.render import render
from agentmerge.rules.policy import Policy

REPARSE = runpy.run_path(str(ROOT / "bench" / "reparse.py"))
CASES = re.compile(
    r"^## (?P<title>.+)\n\n(?P<sources>(?:~~~~md\n(?:.*\n)*?~~~~\n\n)+)~~~~text\n(?P<expected>(?:.*\n)*?)~~~~$", re.MULTILINE
)
SOURCES = re.compile(r"~~~~md\n((?:.*\n)*?)~~~~\n\n")
HEAD = "---\nname: out\ndescription: d\n---\n"


def losses(paths: Sequence[Path], *, base: bool = False) -> list[str]:
    return [f"{level}: {loss}" for level, made in REPARSE["written"](paths, base=base) for loss in REPARSE["lost"](made)]


def written(folder: Path, bodies: Sequence[str]) -> list[Path]:
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: d\n---\n\n{body}", encoding="utf-8")
    return paths


def cases() -> list[Any]:
    text = (Path(__file__).parent / "data" / "readback.md").read_text("utf-8")
    return [pytest.param(SOURCES.findall(m["sources"]), m["expected"], id=m["title"]) for m in CASES.finditer(text)]


@pytest.mark.parametrize(("bodies", "expected"), cases())
def test_small_teams(bodies: list[str], expected: str, tmp_path: Path) -> None:
    paths = written(tmp_path, bodies)
    made = build(paths, policy=Policy(provenance="none"), output=tmp_path / "out.md")
    assert made.text.split("---\n", 2)[2].removeprefix("\n") == expected
    assert losses(paths) == []
    assert losses(paths, base=True) == []
    made.write()
    assert verify(tmp_path / "out.md") == ()
    (tmp_path / "again").mkdir()
    shutil.copy(tmp_path / "out.md", tmp_path / "again" / "agent.md")
    assert build([tmp_path / "again" / "agent.md"], output=tmp_path / "twice.md").text == made.text


def test_a_mark_of_a_conflict_is_no_part_of_a_statement(tmp_path: Path) -> None:
    policy = Policy(provenance="inline", settings={"numbers": {"strategy": "keep-both-marked"}})
    bodies = ("## Rules\n\n- Keep test coverage above 80%\n", "## Rules\n\n- Keep test coverage above 90%\n")
    made = build(written(tmp_path, bodies), policy=policy, output=tmp_path / "out.md")
    assert made.text.count("<!-- agentmerge: conflict") == 2
    again = agent_from_source(source_from_bytes(made.text.encode(), "out.md", "out"))
    assert {u.text for u in again.units if u.kind == "item"} == {"Keep test coverage above 80%", "Keep test coverage above 90%"}


# --- one source, some of its units -----------------------------------------------------------------


def agent(body: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: a\ndescription: d\n---\n{body}".encode(), "a.md", "a"))


def rendered(one: Agent, *chunks: Chunk) -> Rendered:
    kept = {u.id: Decision(unit=u.id, outcome=Outcome.KEPT, into=None, rule="KEEP001", why="only") for u in one.units}
    outline = Outline(parts=(Part(role="domain", title="", heading=None, level=2, chunks=chunks),))
    return render((one,), Header(fields=(("name", "out"), ("description", "d"))), outline, kept, (), "none", "out.ledger.json")


def paragraph(*units: str) -> Chunk:
    return Chunk(kind="paragraph", units=units)


@pytest.mark.parametrize(
    ("body", "units", "expected"),
    [
        ("Gone. - Not an item.\n", ["a:5.2"], "\\- Not an item.\n"),
        ("Gone. > Not a quote.\n", ["a:5.2"], "\\> Not a quote.\n"),
        ("Gone. 12) Not a step.\n", ["a:5.2"], "12\\) Not a step.\n"),
        ("Gone. <div> is an element.\n", ["a:5.2"], "\\<div> is an element.\n"),
        ("Gone. #1 is a number, -1 too.\n", ["a:5.2"], "#1 is a number, -1 too.\n"),
        # A line that would begin something else, or be a label, goes on where the line above ends.
        ("Stays.\nGone. **Rules**:\nno list.\n", ["a:5", "a:6.2"], "Stays. **Rules**:\nno list.\n"),
        ("Gone. **Rules**:\nno list.\n", ["a:5.2"], "**Rules**: no list.\n"),
        # Lines end where the author ended them, whatever was between two that stay.
        ("One.\nGone.\nThree.\n", ["a:5", "a:7"], "One.\nThree.\n"),
        ("One. Gone. Three.\n", ["a:5", "a:5.3"], "One. Three.\n"),
        ("One\nline that goes on.\n", ["a:5"], "One\nline that goes on.\n"),
        (f"{'long ' * 14}line\nthat was wrapped.\n", ["a:5"], f"{'long ' * 14}line that was wrapped.\n"),
        (f"{'long ' * 14}line  \nthat was not.\n", ["a:5"], f"{'long ' * 14}line  \nthat was not.\n"),
        (f"{'long ' * 14}line,\n`make all`.\n{'X' * 79}\n", ["a:5"], f"{'long ' * 14}line, `make all`.\n"),
    ],
)
def test_sentences_stay_prose(body: str, units: list[str], expected: str) -> None:
    assert rendered(agent(body), paragraph(*units)).text == f"{HEAD}\n{expected}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("```sh\nmake\n", "```sh\nmake\n```\n"),
        ("~~~\nx\n```\ny\n", "~~~\nx\n```\ny\n~~~\n"),
        ("````md\n```sh\nls\n```\n````\n", "````md\n```sh\nls\n```\n````\n"),
        ("```md\n- ```sh\n  ls\n", "````md\n- ```sh\n  ls\n````\n"),
        ("```\nx\n`````\n", "```\nx\n`````\n"),
        ("> ```sh\n> make\n", "> ```sh\n> make\n> ```\n"),
        ("<!-- a\n\nb\n", "<!-- a\n\nb\n-->\n"),
        ("<pre>\na\n\nb\n", "<pre>\na\n\nb\n</pre>\n"),
    ],
)
def test_a_block_that_goes_on_to_the_end_of_its_file_is_ended(body: str, expected: str) -> None:
    one = agent(body)
    (unit,) = one.units
    made = rendered(one, Chunk(kind="raw" if unit.kind in ("html", "comment") else "code", units=(unit.id,)))
    assert made.text == f"{HEAD}\n{expected}"
    assert made.lines == {unit.id: (6, 5 + expected.count("\n"))}


def test_units_of_a_paragraph_have_lines_of_their_own() -> None:
    one = agent("One.\nTwo goes\non. Three.\n")
    assert rendered(one, paragraph("a:5", "a:6", "a:7")).lines == {"a:5": (6, 6), "a:6": (7, 8), "a:7": (8, 8)}


def test_code_that_was_indented_by_tabs_ends_where_its_fence_ends() -> None:
    one = agent("- First\n\n\t```sh\n\tmake\n\t```\n")
    code = next(u.id for u in one.units if u.kind == "code")
    made = rendered(one, Chunk(kind="item", units=("a:5",), marker="-"), Chunk(kind="code", units=(code,), depth=1))
    assert made.text == f"{HEAD}\n- First\n\n  ```sh\n  make\n  ```\n"


def test_a_numbered_list_behind_another_has_another_mark() -> None:
    one = agent("- First\n- Second\n- Third\n")
    chunks = [Chunk(kind="item", units=(unit,), marker=marker) for unit, marker in (("a:5", "1."), ("a:6", "2."), ("a:7", "1."))]
    assert rendered(one, *chunks).text == f"{HEAD}\n1. First\n2. Second\n\n1) Third\n"
    again = agent_from_source(source_from_bytes(rendered(one, *chunks).text.encode(), "o.md", "o"))
    assert len({unit.block for unit in again.units}) == 2
