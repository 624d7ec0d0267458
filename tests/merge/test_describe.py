"""The canonical description: the fullest opening, and what the others add."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.merge.describe import opening_of
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


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("Reviews code. Examples: <example>user asks</example>", "Reviews code."),
        ("Reviews code. For example: when a pull request opens", "Reviews code."),
        ("Reviews code.\\n\\n<example>\\nContext: x\\n</example>", "Reviews code."),
        ("코드를 검토합니다. 예시: 리뷰 요청", "코드를 검토합니다."),
        ("コードを確認する。例：レビュー依頼", "コードを確認する。"),
        ("审查代码。示例：请求审查", "审查代码。"),
        ("Reviews\n  code  in\tdepth", "Reviews code in depth"),
        ("Shows examples of clean code", "Shows examples of clean code"),
    ],
)
def test_examples_and_line_breaks_are_no_part_of_an_opening(text: str, opening: str) -> None:
    assert opening_of(text) == opening


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
