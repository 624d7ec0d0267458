"""Who statements come from, in the text: quiet, short, taken out by one expression, and found again in the ledger."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentmerge.api import build, diff, verify
from agentmerge.merge.read import load_agent
from agentmerge.model import Chunk, Decision, Kind, Outcome, Part, Unit
from agentmerge.output.provenance import comment_safe, notes_of
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy, parse_policy
from agentmerge.rules.text.comments import OURS, without_provenance

LEVELS = ("inline", "section", "sidecar", "none")
NORTH = """\
You keep the orchard of the north.

Water before noon.

## Pruning

Prune in winter. Seal large cuts.

- Cut above a bud
  - Slant the cut away from it
- Keep test coverage of the irrigation scripts above 80%

### Tools

1. Sharpen the saw
2. Oil the shears

```sh
# a comment in code
make tools
```

| tool | use |
|---|---|
| saw | thick branches |

> Never prune in frost.
"""
SOUTH = """\
You keep the orchard of the south.

## Pruning

- Cut above a bud
- Keep test coverage of the irrigation scripts above 90%

## Harvest

Pick in dry weather:

- Apples with their stalk
"""
MARKED = "rules: {numbers: keep-both-marked}\n"


def team(folder: Path, level: str, *, policy: str = MARKED, **bodies: str) -> Build:
    for name, body in bodies.items():
        (folder / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Keeps an orchard\n---\n\n{body}", encoding="utf-8")
    chosen = parse_policy(f"provenance: {level}\n{policy}", "agentmerge.yaml")
    return build([folder / f"{name}.md" for name in bodies], policy=chosen, output=folder / "out.md")


# --- what is taken out -------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("policy", [MARKED, "rules: {numbers: ask}\n"])
def test_without_its_comments_each_level_has_the_bytes_of_none(level: str, policy: str, tmp_path: Path) -> None:
    made = team(tmp_path, level, policy=policy, north=NORTH, south=SOUTH)
    none = team(tmp_path, "none", policy=policy, north=NORTH, south=SOUTH)
    assert ("conflict" in none.text) == (policy == MARKED)
    assert without_provenance(made.text).encode() == none.text.encode()
    assert (made.text == none.text) == (level == "none")


def test_without_their_comments_the_levels_of_real_teams_are_one_text(shared: Path) -> None:
    folders = [path for path in sorted((shared / "data" / "teams").iterdir()) if path.is_dir()]
    teams = [sorted(folder.rglob("*.md")) for folder in (*folders, shared / "data" / "seeds")]
    assert teams
    for files in teams:
        texts = {level: build(files, policy=Policy(provenance=level), output=Path("out.md")).text for level in LEVELS}
        assert len({without_provenance(text) for text in texts.values()}) == 1, files[0].parent
        assert without_provenance(texts["none"]) == texts["none"]
        assert len(set(texts.values())) == len(LEVELS)


# --- what the ledger gives back ----------------------------------------------------------------


def sources_by_line(ledger: dict[str, Any]) -> dict[int, set[str]]:
    """By the ledger alone: whose statements each line of the canonical agent carries, headings left out."""
    units = {unit["id"]: unit for unit in ledger["units"]}
    found: dict[int, set[str]] = defaultdict(set)
    for unit in ledger["units"]:
        stands = unit
        while stands["outcome"] == "merged" and stands["into"]:
            stands = units[stands["into"]]
        if stands["outcome"] == "kept" and stands["kind"] != "heading":
            for line in range(stands["output_lines"][0], stands["output_lines"][1] + 1):
                found[line].add(unit["source"])
    return found


def note(sources: set[str]) -> str:
    return f"<!-- agentmerge: {', '.join(sorted(map(comment_safe, sources)))} -->"


def test_the_ledger_gives_back_each_inline_comment(tmp_path: Path) -> None:
    made = team(tmp_path, "inline", policy="", north=NORTH, south=SOUTH)
    by_line = sources_by_line(json.loads(made.ledger))
    noted = {n: OURS.findall(line) for n, line in enumerate(made.text.split("\n"), 1) if OURS.search(line)}
    assert len(noted) >= 8
    assert noted == {n: [note(by_line[n])] for n in noted}


def sections(text: str) -> Iterator[tuple[int, int, int, list[str]]]:
    """The level and the first and last line of each section, with its comments; fences hold no heading here."""
    lines = text.split("\n")
    heads = [n for n, line in enumerate(lines, 1) if line.startswith("##")]
    for first, last in zip([lines.index("---", 1) + 2, *heads], [*(n - 1 for n in heads), len(lines)], strict=True):
        marks = lines[first - 1].split(" ")[0]
        yield len(marks) if set(marks) == {"#"} else 0, first, last, OURS.findall("\n".join(lines[first - 1 : last]))


def test_the_ledger_gives_back_each_section_comment_and_those_that_are_left_out(tmp_path: Path) -> None:
    made = team(tmp_path, "section", policy="", north=NORTH, south=SOUTH)
    by_line = sources_by_line(json.loads(made.ledger))
    everyone = set().union(*by_line.values())
    around: list[tuple[int, set[str]]] = [(0, everyone)]
    seen = []
    for level, first, last, found in sections(made.text):
        # A section of headings alone speaks for whoever the section around it does.
        own = set().union(*(by_line.get(n, set()) for n in range(first + bool(level), last + 1)))
        while level and around[-1][0] >= level:
            around.pop()
        assert found == ([note(own)] if own not in (set(), around[-1][1]) else []), made.text.split("\n")[first - 1]
        if level:
            around.append((level, own or around[-1][1]))
        seen.append(bool(found))
    assert True in seen
    assert False in seen


# --- quiet -------------------------------------------------------------------------------------


def unit(name: str, source: str) -> Unit:
    return Unit(id=name, source=source, lines=(1, 1), start=0, end=0, kind=Kind.ITEM, text="x", language="en", section="s", block="b")


def said(*parts: tuple[int, str]) -> list[str]:
    """The section comments of parts, each a level and the sources of its statements; level 0 has no heading."""
    units: dict[str, Unit] = {}
    made: list[Part] = []
    for n, (level, sources) in enumerate(parts):
        chunks = []
        for source in sources:
            units[f"{n}{source}"] = unit(f"{n}{source}", source)
            chunks.append(Chunk("item", (f"{n}{source}",)))
        made.append(Part("domain", "T", "h" if level else None, level or 2, tuple(chunks)))
    decisions = {name: Decision(name, Outcome.KEPT, None, "KEEP001", "only") for name in units}
    sections = notes_of("section", made, units, decisions, ()).sections
    return [sections[n].removeprefix("<!-- agentmerge: ").removesuffix(" -->") if n in sections else "" for n in range(len(made))]


@pytest.mark.parametrize(
    ("parts", "comments"),
    [
        ([(2, "ab"), (2, "a")], ["", "a"]),  # All sources: nothing to tell.
        ([(2, "a"), (3, "a"), (3, "b"), (3, "a")], ["a", "", "b", ""]),  # As the section around it.
        ([(2, "a"), (3, "ab"), (2, "b")], ["a", "a, b", "b"]),  # All, where a reader would take it for a's.
        ([(2, ""), (3, "a"), (3, "b")], ["", "a", "b"]),  # A heading over headings says nothing.
        ([(2, "a"), (3, ""), (4, "a"), (4, "b")], ["a", "", "", "b"]),
        ([(0, "a"), (2, "b"), (2, "a")], ["a", "b", "a"]),
        ([(2, "a"), (0, "a"), (0, "b"), (3, "b")], ["a", "", "b", ""]),  # Without a heading it goes on with what stands before.
    ],
)
def test_a_section_is_noted_only_where_it_tells_something(parts: list[tuple[int, str]], comments: list[str]) -> None:
    assert said(*parts) == comments


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["b/agents/reviewer", "a/agents/reviewer"], "a, b"),
        (["reviewer", "x/reviewer"], "reviewer, x/reviewer"),
        (["a/x", "a/y"], "a/x, a/y"),
        (["b", "a"], "a, b"),
    ],
)
def test_names_leave_out_the_file_name_that_all_share(ids: list[str], names: str) -> None:
    units = {source: unit(source, source) for source in [*ids, "other/agents/reviewer"][: len(ids)]}
    decisions = {n: Decision(n, Outcome.KEPT if n == ids[0] else Outcome.MERGED, None if n == ids[0] else ids[0], "R", "w") for n in units}
    notes = notes_of("inline", (), units, decisions, ())
    assert notes.behind(Chunk("item", (ids[0],))) == f" <!-- agentmerge: {names} -->"


def test_a_copy_is_named_where_what_it_repeats_was_merged(tmp_path: Path) -> None:
    long = "## Rules\n\n- Validate user input, and reject what is malformed\n"
    short = "## Rules\n\n- Validate user input\n"
    made = team(tmp_path, "inline", policy="", a=long, b=short, c=short)
    assert made.count(Outcome.KEPT) < sum(len(agent.units) for agent in made.agents)
    assert "malformed <!-- agentmerge: a, b, c -->" in made.text


# --- read back ---------------------------------------------------------------------------------


def test_inline_comments_and_marks_are_read_back_as_no_statements(tmp_path: Path) -> None:
    made = team(tmp_path, "inline", north=NORTH, south=SOUTH)
    assert "--> <!-- agentmerge: conflict" in made.text
    made.write()
    assert verify(made.canonical) == ()
    read = load_agent(made.canonical)
    assert [unit.text for unit in read.units if "agentmerge:" in unit.text] == []
    plain = tmp_path / "plain.md"
    plain.write_text(re.sub(f" ?{OURS.pattern}", "", made.text), encoding="utf-8")
    assert [u.text for u in read.units] == [u.text for u in load_agent(plain).units]
    assert diff(made.canonical, plain).same
    assert diff(plain, made.canonical).same


def test_a_comment_of_another_is_a_statement_still(tmp_path: Path) -> None:
    for name, line in (("a", "- Be kind"), ("b", "- Be kind\n\n<!-- agentmerge: do what I say -->")):
        (tmp_path / f"{name}.md").write_text(f"---\nname: x\ndescription: d\n---\n\n{line}\n", encoding="utf-8")
    assert not diff(tmp_path / "a.md", tmp_path / "b.md").same
