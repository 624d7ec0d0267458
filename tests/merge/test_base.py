"""A base stays whole and in order; the others are folded into its sections."""

from pathlib import Path

import pytest

from agentmerge import build, check, verify
from agentmerge.errors import PolicyError, SourceError
from agentmerge.merge.read import load_agent
from agentmerge.model import Outcome
from agentmerge.output.report import summary
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy

BASE = """\
---
name: harbour-pilot
description: Reviews pull requests of the harbour service.
---

# Harbour pilot

You review changes to the harbour service.

## Output

1. Say what the change does.
2. Say what is wrong with it.

## Checks

- [ ] Every berth has a test
- [ ] Handle errors of the tide gauge

## Principles

- Read the code around a change before judging it
- Prefer small changes

| Level | Means |
|---|---|
| red | stop |
"""
OTHER = """\
---
name: quay-reviewer
description: Reviews changes and measures their speed.
---

You look at changes to quays.

## Principles

- Read the code around each change before you judge it
- Ask for a benchmark when a loop grows

## Speed

- Measure the loading time of a full ferry
- Compare it with the last release
"""


@pytest.fixture
def made(tmp_path: Path) -> Build:
    (tmp_path / "pilot.md").write_text(BASE, encoding="utf-8")
    (tmp_path / "quay.md").write_text(OTHER, encoding="utf-8")
    return build([tmp_path / "quay.md", tmp_path / "pilot.md"], base=tmp_path / "pilot.md", output=tmp_path / "out.md")


def test_every_line_of_the_base_stands_in_its_order(made: Build) -> None:
    body = [line for line in BASE.split("---\n", 2)[2].split("\n") if line.strip()]
    lines = iter(made.text.split("\n"))
    assert [line for line in body if line not in lines] == []  # Each is found after the one before it.


def test_the_others_are_folded_in_and_what_is_left_comes_behind(made: Build) -> None:
    headings = [line for line in made.text.split("\n") if line.startswith("#")]
    assert headings == ["# Harbour pilot", "## Output", "## Checks", "## Principles", "## Speed"]
    principles = made.text.split("## Principles")[1].split("## Speed")[0]
    assert "Ask for a benchmark" in principles
    assert "before you judge it" not in made.text
    assert made.rendered.text.startswith("---\nname: harbour-pilot\n")


def test_nothing_of_the_base_is_merged_or_overridden(made: Build) -> None:
    own = {unit.id for agent in made.agents if agent.source.id == "pilot" for unit in agent.units}
    assert {d.outcome for d in made.decisions if d.unit in own} == {Outcome.KEPT}


def test_the_build_is_proved_fresh_and_stable(made: Build, tmp_path: Path) -> None:
    made.write()
    assert verify(made.canonical) == ()
    assert check(made.canonical).fresh
    again = build([made.canonical], output=tmp_path / "again.md")
    assert again.text == made.text
    assert load_agent(made.canonical).units


def test_a_base_that_is_no_source_is_refused(tmp_path: Path, made: Build) -> None:
    assert made
    with pytest.raises(SourceError, match="the base is none of the sources"):
        build([tmp_path / "quay.md"], base=tmp_path / "pilot.md")


@pytest.mark.parametrize("given", [True, False])
def test_a_base_in_the_policy_that_is_no_source_is_told_whatever_way_the_sources_come_in(tmp_path: Path, made: Build, given: bool) -> None:
    assert made
    file = tmp_path / "agentmerge.yaml"
    file.write_text("sources: [quay.md, pilot.md]\nbase: pilto\noutput: o.md\n", encoding="utf-8")
    paths = [tmp_path / "quay.md", tmp_path / "pilot.md"] if given else []
    with pytest.raises(PolicyError, match=r"agentmerge\.yaml:2 base: no source 'pilto' \(did you mean 'pilot'\?\)"):
        build(paths, policy_file=file)
    with pytest.raises(PolicyError, match=r"default base: no source 'pilto'"):
        build([tmp_path / "quay.md"], policy=Policy(base="pilto"), output=tmp_path / "o.md")


def test_a_base_that_became_no_source_makes_the_agent_stale(tmp_path: Path, made: Build) -> None:
    assert made
    file = tmp_path / "agentmerge.yaml"
    file.write_text("sources: [quay.md, pilot.md]\nbase: pilot\noutput: o.md\n", encoding="utf-8")
    build(policy_file=file).write()
    (tmp_path / "pilot.md").rename(tmp_path / "sailor.md")
    file.write_text("sources: [quay.md, sailor.md]\nbase: pilot\noutput: o.md\n", encoding="utf-8")
    assert any("no source 'pilot'" in reason for reason in check(tmp_path / "o.md").reasons)


def test_a_base_that_a_person_leaves_out_is_told(tmp_path: Path, made: Build) -> None:
    assert made
    (tmp_path / "agentmerge.decisions.yaml").write_text("decisions:\n- exclude: pilot\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="'pilot' is left out by the decisions"):
        build([tmp_path / "quay.md", tmp_path / "pilot.md"], base=tmp_path / "pilot.md", output=tmp_path / "o.md")


def test_a_base_of_which_there_is_a_copy_is_the_base_still(tmp_path: Path, made: Build) -> None:
    (tmp_path / "anchor.md").write_text(BASE, encoding="utf-8")
    paths = [tmp_path / "quay.md", tmp_path / "pilot.md", tmp_path / "anchor.md"]
    both = build(paths, base=tmp_path / "pilot.md", policy=Policy(provenance="none"), output=tmp_path / "o.md")
    one = build(paths[:2], base=tmp_path / "pilot.md", policy=Policy(provenance="none"), output=tmp_path / "o.md")
    assert both.text == one.text
    assert made.text != build(paths, output=tmp_path / "o.md").text


def test_without_a_base_one_is_suggested_when_it_says_most_of_the_rest(tmp_path: Path) -> None:
    parts = [
        "Read the code around a change",
        "Write a test for each berth",
        "Log errors with their context",
        "Use related transactions",
    ]
    long = BASE + "".join(f"\n- {part}" for part in parts) + "\n"
    short = "---\nname: small\ndescription: Reviews.\n---\n\n## Principles\n\n" + "".join(f"- {part}\n" for part in parts)
    (tmp_path / "long.md").write_text(long, encoding="utf-8")
    (tmp_path / "short.md").write_text(short, encoding="utf-8")
    both = [tmp_path / "long.md", tmp_path / "short.md"]
    peers = build(both, output=tmp_path / "out.md")
    assert f"--base {tmp_path.as_posix()}/long.md" in summary(peers, ())
    assert "--base" not in summary(build(both, base=both[0], output=tmp_path / "out.md"), ())


def test_no_base_is_suggested_when_the_sources_say_different_things(tmp_path: Path) -> None:
    (tmp_path / "pilot.md").write_text(BASE, encoding="utf-8")
    (tmp_path / "quay.md").write_text(OTHER, encoding="utf-8")
    assert "--base" not in summary(build([tmp_path / "quay.md", tmp_path / "pilot.md"], output=tmp_path / "out.md"), ())
