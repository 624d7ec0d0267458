"""What could go from an agent that is over its budget: cheap by what it says, and as cheap as promised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agentmerge import build
from agentmerge.merge.cuts import possible_cuts
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.model import Candidate, Conflict
from agentmerge.output.decisions_text import entry_line
from agentmerge.output.report import summary, summary_json
from agentmerge.pipeline import Build
from agentmerge.rules.cuts import EXAMPLE, FILLER, RESTATEMENT, SECOND_EXAMPLE, Cut, cheapest
from agentmerge.rules.decisions import parse_decisions
from agentmerge.rules.policy import Policy, parse_policy
from agentmerge.rules.reading.budget import Budget
from agentmerge.rules.text.tokens import tokens

ROUTE = """\
```python
@app.get("/beds/{bed_id}")
async def read_bed(bed_id: int) -> Bed:
    bed = await beds.find(bed_id)
    if bed is None:
        raise HTTPException(404)
    return bed
```
"""
PLAIN_ROUTE = """\
```python
@beds.route("/beds")
def listing():
    return beds.all()
```
"""


def team(folder: Path, policy: Policy | None = None, **bodies: str) -> Build:
    for name, body in bodies.items():
        (folder / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Keeps a garden\n---\n\n{body}", encoding="utf-8")
    return build([folder / f"{name}.md" for name in bodies], policy=policy, output=folder / "out.md")


def cuts(made: Build, candidates: Sequence[Candidate] = (), pinned: Sequence[str] = (), conflicts: Sequence[Conflict] = ()) -> list[Cut]:
    found = possible_cuts(made.agents, made.account.decisions, candidates, conflicts, made.rendered, default_lexicon(), pinned)
    return sorted(found, key=lambda cut: cut.unit)


def fillers(folder: Path, *lines: str) -> list[str]:
    """Which of the lines of one of two agents are proposed as saying little."""
    made = team(folder, a="\n".join(f"- {line}" for line in lines) + "\n", b="- Prune roses in March\n")
    texts = {unit.id: unit.text for agent in made.agents for unit in agent.units}
    return [texts[cut.unit] for cut in cuts(made) if cut.kind == FILLER]


# --- lines that say little ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "Optimize performance",
        "Make sure that everything is always done properly, every time.",
        "Handle things in a proper way, as needed, with the right approach for each case",
        "성능 최적화",
        "性能优化",
    ],
)
def test_a_line_says_little_by_the_weight_of_its_concepts_however_long_it_is(line: str, tmp_path: Path) -> None:
    assert fillers(tmp_path, line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Rotate keys",  # Short, and says something.
        "Squash commits",
        "Use `make`",  # Code, a figure, a prohibition, a quotation, a name: each is a point.
        "Do it 2 times",
        "Never guess",
        'Say "done"',
        "完成したら「完了」と言う",
        "Use Go",
    ],
)
def test_a_line_that_makes_a_point_is_no_filler_however_short_it_is(line: str, tmp_path: Path) -> None:
    assert fillers(tmp_path, line) == []


def test_what_others_hang_on_is_no_filler(tmp_path: Path) -> None:
    body = "- Optimize performance\n  - Rotate keys\n- Handle things properly\n\n  ```sh\n  make\n  ```\n"
    made = team(tmp_path, a=body, b="- Prune roses in March\n")
    assert [cut.kind for cut in cuts(made) if cut.kind == FILLER] == []


def test_what_a_person_keeps_or_is_asked_about_is_not_proposed(tmp_path: Path) -> None:
    made = team(tmp_path, a="- Optimize performance\n", b="- Prune roses in March\n")
    assert [cut.unit for cut in cuts(made)] == ["a:6"]
    assert cuts(made, pinned=["a:6"]) == []
    asked = Conflict("c1", "numbers", ("a:6", "b:6"), "for a person", False, "CONF001", "they differ")
    assert cuts(made, conflicts=[asked]) == []
    assert [cut.unit for cut in cuts(made, conflicts=[asked._replace(resolved=True)])] == ["a:6"]


# --- examples ----------------------------------------------------------------------------------


def test_of_two_examples_of_one_purpose_the_better_one_is_not_proposed(tmp_path: Path) -> None:
    made = team(tmp_path, a=f"- Read one bed by its id\n\n{ROUTE}", b=f"- List all beds\n\n{PLAIN_ROUTE}")
    found = [cut for cut in cuts(made) if cut.kind == SECOND_EXAMPLE]
    assert [cut.unit for cut in found] == ["b:8"]
    assert found[0].by == "a:8"
    assert "beside" in found[0].why
    assert "a.md:8" in found[0].why


def test_the_only_example_is_proposed_with_what_it_stands_beside(tmp_path: Path) -> None:
    made = team(tmp_path, a=f"- Read one bed by its id\n\n{ROUTE}", b="- Prune roses in March\n\n## Plan\n\n```yaml\nplan: daily\n```\n")
    assert [(cut.kind, cut.unit, cut.why.split("; ")[1][:8]) for cut in cuts(made)] == [
        (EXAMPLE, "a:8", "lines of"),
        (EXAMPLE, "b:10", "no line "),
    ]


def test_a_report_to_fill_in_is_no_example(tmp_path: Path) -> None:
    report = "- Answer so\n\n```markdown\n# Summary\nWhat was found, and where\n```\n"
    assert [cut for cut in cuts(team(tmp_path, a=report, b="- Prune roses in March\n")) if cut.kind == EXAMPLE] == []


# --- restatements ------------------------------------------------------------------------------

A, B = "- Validate what callers send\n", "- Prune roses in March, on a dry day\n"


def pair(score: float = 0.4) -> list[Candidate]:
    return [Candidate("a:6", "b:6", score, ())]


def test_of_a_candidate_pair_the_line_that_says_less_is_proposed(tmp_path: Path) -> None:
    found = [cut for cut in cuts(team(tmp_path, a=A, b=B), pair()) if cut.kind == RESTATEMENT]
    assert [(cut.unit, cut.by) for cut in found] == [("a:6", "b:6")]
    assert "b.md:6 (0.40): 'Prune roses in March, on a dry day'" in found[0].why
    line = '- {between: ["Prune roses in March, on a dry day", "Validate what callers send"], answer: same, stays: 1}'
    assert [entry_line(entry) for entry in found[0].entries] == [line]


@pytest.mark.parametrize(
    ("bodies", "score"),
    [
        ({"a": A, "b": B}, 0.2),  # Not likely enough.
        ({"a": "- Water 5 beds\n", "b": "- Water 9 beds a day\n"}, 0.9),  # A guard keeps them apart.
        ({"a": "- Water beds\n", "b": "- Never water beds\n"}, 0.9),
    ],
)
def test_what_is_unlikely_or_guarded_is_no_restatement(bodies: dict[str, str], score: float, tmp_path: Path) -> None:
    assert [cut for cut in cuts(team(tmp_path, None, **bodies), pair(score)) if cut.kind == RESTATEMENT] == []


# --- the choice --------------------------------------------------------------------------------


def cut(kind: str, unit: str, saves: int, loss: float, by: str = "") -> Cut:
    return Cut(kind, unit, f"{unit}.md:1", saves, saves, "", loss, (), by)


def test_second_examples_go_first_and_only_examples_last_and_no_more_than_needed() -> None:
    found = [cut(EXAMPLE, "e", 9, 0), cut(FILLER, "f", 5, 1), cut(RESTATEMENT, "r", 5, 0.5, "x"), cut(SECOND_EXAMPLE, "s", 9, 9, "y")]
    assert [c.unit for c in cheapest(found, 25, 0)] == ["s", "r", "f", "e"]
    assert [c.unit for c in cheapest(found, 10, 0)] == ["s", "r"]
    assert [c.unit for c in cheapest(found, 0, 15)] == ["s", "r", "f"]
    assert cheapest(found, 0, 0) == ()


def test_a_line_that_stays_for_another_is_not_proposed_itself() -> None:
    chain = [cut(RESTATEMENT, "a", 5, 1, "b"), cut(RESTATEMENT, "b", 5, 2, "c"), cut(FILLER, "a", 5, 3), cut(RESTATEMENT, "d", 5, 4, "a")]
    assert [c.unit for c in cheapest(chain, 99, 99)] == ["a"]


# --- what is promised --------------------------------------------------------------------------


def after(folder: Path, made: Build, chosen: Sequence[Cut], policy: Policy) -> Build:
    """The same build once all entries of the cuts are pasted."""
    lines = dict.fromkeys(entry_line(entry) for one in chosen for entry in one.entries)
    (folder / "answers.yaml").write_text("decisions:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    paths = [made.locations[agent.source.id] for agent in made.agents]
    return build(paths, policy=policy, output=folder / "out.md", decisions=folder / "answers.yaml")


def test_the_entries_make_the_cuts_and_save_what_is_promised(tmp_path: Path) -> None:
    twice = "- Optimize performance\n- Optimise the performance\n"
    bodies = {
        "a": f"{twice}- Read one bed by its id\n\n{ROUTE}",
        "b": f"- Optimize performance\n- List all beds\n\n{PLAIN_ROUTE}",
        "c": "## Ways\n\n- Handle things properly\n\n## More ways\n\n- Handle things properly: as needed\n",
    }
    policy = Policy(budget=Budget(tokens=20))
    made = team(tmp_path, policy, **bodies)
    assert {cut.kind for cut in made.cuts} >= {SECOND_EXAMPLE, FILLER}
    cutting = after(tmp_path, made, made.cuts, policy)
    gone = {cut.unit for cut in made.cuts}
    assert [d.unit for d in cutting.decisions if d.unit in gone and d.outcome == "kept"] == []
    assert [f.message for f in cutting.findings if f.code == "DEC001"] == []
    assert tokens(made.text) - tokens(cutting.text) >= sum(cut.tokens for cut in made.cuts) - 2


def test_the_cuts_of_real_teams_save_what_is_promised(shared: Path, tmp_path: Path) -> None:
    for files in [
        sorted((shared / "data" / "seeds").rglob("*.md")),
        *(sorted(f.rglob("*.md")) for f in (shared / "data" / "teams").iterdir()),
    ]:
        plain = build(files, output=tmp_path / "out.md")
        policy = Policy(budget=Budget(tokens=round(0.85 * tokens(plain.text))))
        made = build(files, policy=policy, output=tmp_path / "out.md")
        promised = sum(cut.tokens for cut in made.cuts)
        saved = tokens(made.text) - tokens(after(tmp_path, made, made.cuts, policy).text)
        assert 0 < promised <= saved + 15 * len(made.cuts) ** 0.5, files[0].parent


def test_every_entry_is_read_back_as_it_was_meant(tmp_path: Path) -> None:
    odd = '- Handle things: "properly" # as: needed\n'
    made = team(tmp_path, Policy(budget=Budget(tokens=5)), a=f"{odd}\n{ROUTE}", b=f"- Optimize performance\n\n{PLAIN_ROUTE}")
    entries = [entry for one in made.cuts for entry in one.entries]
    assert entries
    read = parse_decisions("decisions:\n" + "\n".join(map(entry_line, entries)) + "\n", "d.yaml")
    assert [e.key for e in read] == [e.key for e in entries]


def test_the_summary_lists_cuts_with_place_saving_and_entry(tmp_path: Path) -> None:
    import json

    made = team(tmp_path, parse_policy("budget: 5\n", "p.yaml"), a="- Optimize performance\n", b="- Prune roses in March\n")
    told = summary(made, ())
    place = (tmp_path / "a.md").as_posix()
    assert f"could go   {place}:6: saves 6 tokens: says little: optimize, performance (weight 0.27; a usual line has 1.8)\n" in told
    assert '\n           - drop: "Optimize performance"\n' in told
    assert "that is all: it saves 6 tokens, 3 words; the rest is for you to shorten" in told
    data = json.loads(summary_json(made, ()))["budget"]
    assert data["cuts"][0]["entries"] == ['- drop: "Optimize performance"']
    assert set(data["cuts"][0]) == {"kind", "unit", "place", "tokens", "words", "why", "entries"}


def test_one_source_alone_is_told_to_be_shortened_there(tmp_path: Path) -> None:
    made = team(tmp_path, Policy(budget=Budget(tokens=5)), a="- Optimize performance\n")
    assert [entry for one in made.cuts for entry in one.entries] == []
    assert "shorten it there" in summary(made, ())
