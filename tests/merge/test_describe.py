"""The canonical description: the fullest opening, and what the others add."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy


def team(folder: Path, *descriptions: str, policy: Policy | None = None) -> Build:
    """A build of agents ``s0``, ``s1``, … with these descriptions (as YAML)."""
    paths = [folder / f"s{n}.md" for n in range(len(descriptions))]
    for n, (path, text) in enumerate(zip(paths, descriptions, strict=True)):
        path.write_text(f"---\nname: {path.stem}\ndescription: {text}\n---\n\n- Look at place number {n}\n", encoding="utf-8")
    return build(paths, policy=policy, output=folder / "out.md")


def description(made: Build) -> str:
    line = next(line for line in made.text.split("\n") if line.startswith("description: "))
    return line.removeprefix("description: ").strip('"')


def outcomes(made: Build) -> dict[str, Outcome]:
    return {f.source: f.outcome for f in made.fields if f.key == "description"}


def test_what_another_source_adds_follows_the_opening(tmp_path: Path) -> None:
    made = team(tmp_path, "Reviews database schemas and slow queries", "Designs colour palettes")
    assert "Reviews database schemas and slow queries" in description(made)
    assert "Designs colour palettes" in description(made)
    assert set(outcomes(made).values()) == {Outcome.KEPT}


def test_what_adds_nothing_is_merged(tmp_path: Path) -> None:
    made = team(tmp_path, "Reviews database schemas and slow queries", "Reviews database schemas")
    assert description(made) == "Reviews database schemas and slow queries"
    assert outcomes(made) == {"s0": Outcome.KEPT, "s1": Outcome.MERGED}


def test_by_priority_the_trusted_source_speaks_alone(tmp_path: Path) -> None:
    policy = Policy(priority=("s1",), settings={"description": {"strategy": "priority"}})
    made = team(tmp_path, "Reviews database schemas and slow queries", "Designs colour palettes", policy=policy)
    assert description(made) == "Designs colour palettes"


def test_the_description_stays_within_its_length(tmp_path: Path) -> None:
    policy = Policy(settings={"description": {"max_length": 60}})
    made = team(tmp_path, "Reviews database schemas and slow queries", "Designs colour palettes for marketing campaigns", policy=policy)
    assert 0 < len(description(made)) <= 60


def test_the_ledger_says_that_examples_were_left_out(tmp_path: Path) -> None:
    made = team(tmp_path, '"Reviews schemas. Examples: <example>a</example>"', "Designs colour palettes")
    why = {f.source: f.why for f in made.fields if f.key == "description"}
    assert "examples left out" in why["s0"]
    assert "examples left out" not in why["s1"]
    assert "<example>" not in made.text


def test_every_description_is_decided_by_one_rule(tmp_path: Path) -> None:
    made = team(tmp_path, "Reviews schemas", "Designs palettes", "Reviews schemas")
    assert outcomes(made).keys() == {"s0", "s1", "s2"}
    assert {f.rule for f in made.fields if f.key == "description"} == {"DESC001"}


# --- composition ---------------------------------------------------------------------------------

SCHEMAS = "Reviews database schemas and slow queries."
URGED = "Use PROACTIVELY for schema reviews."
EXAMPLES = '"Reviews database schemas. <example>first</example> <example>second</example>"'


def chosen(**options: object) -> Policy:
    return Policy(settings={"description": options})


@pytest.mark.parametrize(
    ("option", "descriptions", "urges"),
    [
        ("any", (SCHEMAS, f"{SCHEMAS} {URGED}", SCHEMAS), True),
        ("majority", (SCHEMAS, f"{SCHEMAS} {URGED}", SCHEMAS), False),
        ("majority", (f"{SCHEMAS} {URGED}", f"{SCHEMAS} {URGED}", SCHEMAS), True),
        ("never", (f"{SCHEMAS} {URGED}", f"{SCHEMAS} {URGED}", SCHEMAS), False),
        ("any", (SCHEMAS, SCHEMAS), False),
    ],
)
def test_when_the_urge_stays(tmp_path: Path, option: str, descriptions: tuple[str, ...], urges: bool) -> None:
    made = team(tmp_path, *descriptions, policy=chosen(proactive=option))
    assert ("PROACTIVELY" in description(made)) is urges
    assert description(made).startswith("Reviews database schemas and slow queries")


def test_the_urge_has_room_before_what_others_add(tmp_path: Path) -> None:
    added = "Designs colour palettes for marketing campaigns."
    limit = len(SCHEMAS) + len(URGED) + 2
    made = team(tmp_path, SCHEMAS, f"Reviews database schemas. {URGED}", added, policy=chosen(max_length=limit))
    assert description(made) == f"{SCHEMAS} {URGED}"
    assert outcomes(made)["s2"] is Outcome.DROPPED


@pytest.mark.parametrize(
    ("option", "shown"),
    [("none", []), ("first", ["first"]), ("each", ["first", "third"]), ("all", ["first", "second", "third"])],
)
def test_which_examples_stay(tmp_path: Path, option: str, shown: list[str]) -> None:
    other = '"Reviews schemas. <example>third</example>"'
    made = team(tmp_path, EXAMPLES, other, policy=chosen(examples=option))
    found = [word for word in ("first", "second", "third") if f"<example>{word}</example>" in description(made)]
    assert found == shown
    left = {f.source: f.why for f in made.fields if f.key == "description"}
    assert ("examples left out" in left["s0"]) is (option != "all")


def test_an_example_that_does_not_fit_is_left_out_whole(tmp_path: Path) -> None:
    made = team(tmp_path, EXAMPLES, "Reviews schemas", policy=chosen(examples="all", max_length=60))
    assert description(made) == "Reviews database schemas. <example>first</example>"


def test_a_translation_adds_nothing(tmp_path: Path) -> None:
    made = team(tmp_path, SCHEMAS, "데이터베이스 스키마와 느린 쿼리를 검토합니다.")
    assert description(made) == SCHEMAS
    assert outcomes(made)["s1"] is Outcome.MERGED


def test_a_sentence_in_another_language_enters_with_what_nobody_else_says(tmp_path: Path) -> None:
    made = team(tmp_path, SCHEMAS, "쿠버네티스와 도커 배포를 담당합니다.")
    assert description(made) == f"{SCHEMAS} 쿠버네티스와 도커 배포를 담당합니다."


def test_what_another_agent_is_not_for_stays_out(tmp_path: Path) -> None:
    made = team(tmp_path, SCHEMAS, "Reviews schemas. Not for front-end animations in React.")
    assert description(made) == SCHEMAS


def test_a_sentence_that_calls_an_absorbed_agent_by_name_stays_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"---\nname: schema-reviewer\ndescription: {SCHEMAS}\n---\n\n- Look\n", encoding="utf-8")
    text = "---\nname: cache-doctor\ndescription: Reviews schemas. Call cache-doctor for Redis evictions.\n---\n\n- Look twice\n"
    (tmp_path / "b.md").write_text(text, encoding="utf-8")
    made = build([tmp_path / "a.md", tmp_path / "b.md"], policy=Policy(name="schema-reviewer"), output=tmp_path / "out.md")
    assert description(made) == SCHEMAS


def test_openings_that_differ_in_what_they_are_for_both_enter(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "Internal helper for leak hunting in code review. Follows every call chain.",
        "Internal helper for licence checks in code review.",
    )
    assert "leak hunting" in description(made)
    assert "licence checks" in description(made)


def test_an_opening_that_begins_alike_and_adds_nothing_stays_out(tmp_path: Path) -> None:
    made = team(tmp_path, "Internal helper for leak hunting in code review. Follows every call chain.", "Internal helper for code review.")
    assert description(made).count("Internal helper") == 1
