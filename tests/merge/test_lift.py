"""Keys that are lifted into the body: slices of the frontmatter on their true lines, merged and proved like any statement."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentmerge.api import build, check, explain, verify
from agentmerge.merge.lift import with_lifted
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Kind, Outcome
from agentmerge.output.ledger import ledger_path
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy, parse_policy


def agent(frontmatter: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: a\n{frontmatter}\n---\n\n- Body line\n".encode(), "a.md", "a"))


def lifted(frontmatter: str, *keys: str) -> list[tuple[str, int]]:
    """The texts that are lifted, with their lines."""
    before = agent(frontmatter)
    return [(u.text, u.lines[0]) for u in with_lifted(before, keys).units[len(before.units) :] if u.kind is not Kind.HEADING]


@pytest.mark.parametrize(
    ("frontmatter", "found"),
    [
        ("k: [Write tests, Read logs]", [("Write tests", 3), ("Read logs", 3)]),
        ("k:\n  - Write tests\n  - 'Read logs'\n  - \"Ask first\"", [("Write tests", 4), ("Read logs", 5), ("Ask first", 6)]),
        ("k: Write tests. Read logs.", [("Write tests.", 3), ("Read logs.", 3)]),
        ("k: |\n  - Write tests\n  - Read logs\nz: 1", [("Write tests", 4), ("Read logs", 5)]),
        ("k: >\n  Write tests\n  for all\nz: 1", [("Write tests\n  for all", 4)]),
        ("k:\n  - task: Write tests\n    how: {who: Ask Ada, when: Ask early}", [("Write tests", 4), ("Ask Ada", 5), ("Ask early", 5)]),
        ("k: [8, 1.5, true, null, '**/api/**', src/x.py, README.md, https://a.b/c, '--']", []),
        (
            "k: [api_design, 코드 검토, コードを確認する, 审查代码]",
            [("api_design", 3), ("코드 검토", 3), ("コードを確認する", 3), ("审查代码", 3)],
        ),
        ('k: ["Say \\"no\\"", Read logs]', [("Read logs", 3)]),
        ("k: Use it: always\nz: a: b", [("Use it: always", 3)]),
        ("k:", []),
    ],
)
def test_what_of_a_key_is_lifted(frontmatter: str, found: list[tuple[str, int]]) -> None:
    assert lifted(frontmatter, "k") == found


def test_lifted_units_are_slices_and_have_ids_of_their_own() -> None:
    whole = with_lifted(agent("task_types: [Write tests, Read logs]\nownedBy: Ada Lovelace"), ("task_types", "ownedBy"))
    assert all(u.text == whole.source.text[u.start : u.end] for u in whole.units)
    assert len({u.id for u in whole.units}) == len(whole.units)
    assert [s.title for s in whole.sections[-2:]] == ["Task types", "Owned by"]
    items = [u.item for u in whole.units if u.text in ("Write tests", "Read logs")]
    assert len(set(items)) == 2


@pytest.mark.parametrize("keys", [(), ("other",)])
def test_without_such_a_key_an_agent_is_as_it_was(keys: tuple[str, ...]) -> None:
    assert with_lifted(agent("k: Write tests"), keys) == agent("k: Write tests")


DUTIES = "duties:\n  - Write a unit test for each bug fix\n  - Measure page load times\n  - 8"


@pytest.fixture
def made(tmp_path: Path) -> Build:
    """Two agents, of which one has duties in its frontmatter, one of them a statement of the other's body."""
    (tmp_path / "a.md").write_text(f"---\nname: a\ndescription: Tests\n{DUTIES}\n---\n\n- Run the test suite\n", encoding="utf-8")
    (tmp_path / "b.md").write_text(
        "---\nname: b\ndescription: Tests\n---\n\n- Write a unit test for each bug fix\n- Report failures\n", encoding="utf-8"
    )
    policy = tmp_path / "agentmerge.yaml"
    policy.write_text("rules: {keys: {strategy: drop, patterns: {'dut*': lift}}}\n", encoding="utf-8")
    built = build([tmp_path / "a.md", tmp_path / "b.md"], policy_file=policy, output=tmp_path / "out.md")
    built.write()
    return built


def test_what_was_lifted_is_merged_recorded_and_proved(made: Build) -> None:
    outcomes = {d.unit: d.outcome for d in made.decisions}
    assert sorted((outcomes["a:5"], outcomes["b:6"])) == [Outcome.KEPT, Outcome.MERGED]
    assert outcomes["a:6"] is Outcome.KEPT
    assert "- Measure page load times" in made.text
    field = next(f for f in made.fields if f.key == "duties")
    assert (field.outcome, field.rule) == (Outcome.KEPT, "KEYS001")
    assert field.why == "lifted into the body: 2 statements; 1 value (numbers, paths, patterns) stays out"
    assert verify(made.canonical) == ()
    assert check(made.canonical).reasons == ()


def test_a_ledger_that_leaves_out_a_lifted_line_is_not_proved(made: Build) -> None:
    path = ledger_path(made.canonical)
    ledger = json.loads(path.read_text(encoding="utf-8"))
    ledger["units"] = [unit for unit in ledger["units"] if unit["id"] != "a:6"]
    path.write_text(json.dumps(ledger), encoding="utf-8")
    assert any("unit a:6 is unaccounted for" in problem.what for problem in verify(made.canonical))


def test_a_lifted_line_is_explained_as_statement_and_as_key(made: Build) -> None:
    lines = explain(f"{made.canonical.parent / 'a.md'}:6", made.canonical).lines
    assert any("Measure page load times" in line for line in lines)
    assert any("lifted into the body" in line for line in lines)


@pytest.mark.usefixtures("made")
def test_without_a_policy_file_the_patterns_are_in_the_ledger(tmp_path: Path) -> None:
    policy = parse_policy("rules: {keys: {patterns: {duties: lift}}}", "p.yaml")
    again = build([tmp_path / "a.md", tmp_path / "b.md"], policy=policy, output=tmp_path / "again.md")
    again.write()
    assert check(again.canonical).reasons == ()
    assert verify(again.canonical) == ()


@pytest.mark.usefixtures("made")
def test_copies_of_a_file_are_lifted_alike(tmp_path: Path) -> None:
    (tmp_path / "c.md").write_bytes((tmp_path / "a.md").read_bytes())
    policy = parse_policy("rules: {keys: lift}", "p.yaml")
    again = build([tmp_path / f"{name}.md" for name in "abc"], policy=policy, output=tmp_path / "again.md")
    again.write()
    assert verify(again.canonical) == ()
    assert next(d for d in again.decisions if d.unit == "c:6").into == "a:6"


def test_the_canonical_agent_gives_itself_back(made: Build, tmp_path: Path) -> None:
    policy = Policy(settings={"keys": {"strategy": "lift"}})
    again = build([made.canonical], policy=policy, output=tmp_path / "again.md")
    assert again.text == made.text
