"""Laws that every build obeys, over small agents from a grammar of plausible statements."""

from __future__ import annotations

import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentmerge.api import build, verify
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, HeadingStyle, Kind, Outcome, Unit
from agentmerge.output.wording import shown_as
from agentmerge.pipeline import Build
from agentmerge.rules.policy import PROVENANCE, Policy
from agentmerge.rules.text.comments import without_provenance

LAW = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)

# --- the grammar -------------------------------------------------------------------------------

VERBS = ("Validate", "Review", "Document", "Test", "Never skip", "Design", "Monitor", "Avoid", "Measure", "Cache")
OBJECTS = (
    "user input",
    "the database schema",
    "every API endpoint",
    "error handling",
    "access tokens",
    "slow queries",
    "`config.yaml`",
    "React pages",
)
TAILS = (
    "",
    " before each release",
    " within 200 ms",
    " within 300 ms",
    " for PostgreSQL",
    " and log it",
    " without exception",
    "; keep the notes short",
)
FOREIGN = (
    "모든 사용자 입력을 검증한다",
    "오류 처리를 검토한다",
    "테스트 커버리지를 80% 이상 유지한다",
    "ユーザー入力を検証する",
    "エラー処理を確認する",
    "验证用户输入",
    "不要记录密码",
)
TITLES = (
    "Security",
    "Testing",
    "Best Practices",
    "Anti-patterns",
    "Quality Checklist",
    "Output Format",
    "API design",
    "Error handling",
    "원칙",
    "テスト",
)
WORKFLOWS = ("Workflow", "Process", "작업 절차")
CODE = (
    '```python\n@app.get("/orders")\ndef orders():\n    return []\n```',
    "```ts\nexport const total = (a: number) => a\n```",
    "```\nmake test\n\nmake lint\n```",
)
TABLES = (
    "| Level | Meaning |\n|---|---|\n| high | stop the release |\n| low | note it |",
    "| Name | Use |\n| --- | --- |\n| cache | sessions |",
)

statements = st.one_of(
    st.builds("{} {}{}".format, st.sampled_from(VERBS), st.sampled_from(OBJECTS), st.sampled_from(TAILS)), st.sampled_from(FOREIGN)
)


def _sentence(statement: str) -> str:
    return statement + ("。" if re.search("[\u3041-\u30ff\u4e00-\u9fff]", statement) else ".")


sentences = statements.map(_sentence)
paragraphs = st.lists(sentences, min_size=1, max_size=3).map(" ".join)
led_items = st.builds("**{}**: {}".format, st.sampled_from(("Safety", "Speed", "Naming", "범위")), paragraphs)
items = st.one_of(statements, statements, paragraphs, led_items)


@st.composite
def bullets(draw: st.DrawFn) -> str:
    lines = []
    for item in draw(st.lists(items, min_size=1, max_size=5)):
        lines.append(f"- {item}")
        lines.extend(f"  - {below}" for below in draw(st.lists(statements, max_size=2)))
    return "\n".join(lines)


def _numbered(steps: Sequence[str]) -> str:
    return "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))


steps = st.lists(items, min_size=2, max_size=5).map(_numbered)
checks = st.lists(statements, min_size=1, max_size=4).map(lambda found: "\n".join(f"- [ ] {one}" for one in found))
led_lists = st.builds(
    "{}\n\n{}".format, st.sampled_from(("Look at these first:", "For each change, ask yourself:", "다음을 확인한다:")), bullets()
)
quotes = paragraphs.map(lambda text: f"> {text}")
blocks = st.one_of(
    bullets(),
    bullets(),
    paragraphs,
    steps,
    checks,
    led_lists,
    quotes,
    st.sampled_from(CODE),
    st.sampled_from(TABLES),
    st.just("<!-- to do -->"),
)


@st.composite
def parts(draw: st.DrawFn) -> str:
    body = "\n\n".join(draw(st.lists(blocks, min_size=1, max_size=3)))
    title = draw(st.sampled_from(TITLES))
    match draw(st.sampled_from(("##", "##", "##", "###", "bold", "setext", "tag", "workflow"))):
        case "bold":
            return f"**{title}**\n\n{body}"
        case "setext":
            return f"{title}\n{'-' * 8}\n\n{body}"
        case "tag":
            return f"<rules>\n{body}\n</rules>"
        case "workflow":
            return f"## {draw(st.sampled_from(WORKFLOWS))}\n\n{draw(steps)}"
        case mark:
            return f"{mark} {title}\n\n{body}"


@st.composite
def agents(draw: st.DrawFn) -> str:
    """The text of a small agent whose frontmatter is valid YAML."""
    head = [f"name: {draw(st.sampled_from(('reviewer', 'backend-reviewer', 'guard')))}", f"description: {draw(statements)} when asked"]
    head[1] = head[1].replace("`", "")
    head.extend(
        draw(st.sampled_from(((), ("tools: Read, Grep",), ("tools: Read, Bash", "model: sonnet"), ("tools: [Read, Write]", "color: blue"))))
    )
    body = draw(st.lists(parts(), min_size=1, max_size=4))
    opening = draw(
        st.sampled_from(((), ("You are a careful reviewer of backend code.",), ("# Reviewer", "당신은 백엔드 검토 전문가입니다.")))
    )
    return "---\n" + "\n".join(head) + "\n---\n\n" + "\n\n".join((*opening, *body)) + "\n"


teams = st.lists(agents(), min_size=2, max_size=4, unique=True)


# --- building ----------------------------------------------------------------------------------


@contextmanager
def on_disk(team: Sequence[str]) -> Iterator[tuple[Path, list[Path]]]:
    """A folder for the output, and the files of a team."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"s{n}.md" for n in range(len(team))]
        for path, text in zip(paths, team, strict=True):
            path.write_text(text, encoding="utf-8", newline="\n")
        yield folder, paths


def merged(team: Sequence[str], policy: Policy | None = None) -> Build:
    with on_disk(team) as (folder, paths):
        return build(paths, policy=policy, output=folder / "out.md")


def read(text: str) -> Agent:
    return agent_from_source(source_from_bytes(text.encode(), "out.md", "out"))


def units_of(made: Build) -> dict[str, Unit]:
    return {unit.id: unit for agent in made.agents for unit in agent.units}


def kept_of(made: Build) -> list[Unit]:
    """The kept units in the order in which they stand in the output."""
    units = units_of(made)
    kept = [units[d.unit] for d in made.decisions if d.outcome is Outcome.KEPT]
    return sorted(kept, key=lambda u: made.rendered.lines[u.id])


def words(text: str) -> str:
    """A text without the white space and quote marks that layout may change."""
    return re.sub(r"\s+|^[ \t]*>+", "", text, flags=re.MULTILINE)


def said(unit: Unit) -> tuple[Kind, str]:
    """A unit's kind and text; of a heading its words, the marks around them are layout; of an item what is always shown."""
    if unit.kind in (Kind.ITEM, Kind.CHECK):
        return unit.kind, words(shown_as(unit.text)[-1])
    return unit.kind, words(unit.label if unit.kind is Kind.HEADING else unit.text)


# --- laws --------------------------------------------------------------------------------------


@LAW
@given(teams)
def test_every_unit_has_one_outcome_and_what_is_merged_stands_in_a_kept_unit(team: list[str]) -> None:
    made = merged(team)
    outcome = {d.unit: d for d in made.decisions}
    assert len(outcome) == len(made.decisions)
    assert outcome.keys() == units_of(made).keys()
    for decision in made.decisions:
        at = decision
        while at.outcome is Outcome.MERGED:
            assert at.into is not None
            at = outcome[at.into]
        if decision.outcome in (Outcome.KEPT, Outcome.MERGED):
            assert at.outcome is Outcome.KEPT
        assert decision.rule
        assert decision.why


@LAW
@given(teams)
def test_every_kept_unit_stands_verbatim_on_its_lines_and_the_proof_holds(team: list[str]) -> None:
    with on_disk(team) as (folder, paths):
        made = build(paths, output=folder / "out.md")
        made.write()
        assert verify(folder / "out.md") == ()
    lines = made.text.split("\n")
    for unit in kept_of(made):
        first, last = made.rendered.lines[unit.id]
        assert said(unit)[1] in words("\n".join(lines[first - 1 : last]))


@LAW
@given(st.lists(agents(), min_size=2, max_size=3, unique=True))
def test_the_order_in_which_sources_are_named_changes_no_byte(team: list[str]) -> None:
    with on_disk(team) as (folder, paths):
        results = {(made.text, made.ledger) for order in itertools.permutations(paths) for made in [build(order, output=folder / "out.md")]}
    assert len(results) == 1


@LAW
@given(teams)
def test_two_builds_are_equal(team: list[str]) -> None:
    with on_disk(team) as (folder, paths):
        first, second = (build(paths, output=folder / "out.md") for _ in range(2))
    assert (first.text, first.ledger) == (second.text, second.ledger)


@LAW
@given(agents())
def test_one_source_alone_gives_its_text_back(text: str) -> None:
    assert merged([text]).text == text


@LAW
@given(teams)
def test_a_canonical_agent_built_again_is_itself(team: list[str]) -> None:
    once = merged(team).text
    assert merged([once]).text == once


@LAW
@given(agents(), st.integers(min_value=1, max_value=3))
def test_copies_of_a_source_change_nothing(text: str, copies: int) -> None:
    made = merged([text] * (copies + 1))
    assert made.text == text
    assert made.count(Outcome.MERGED) == copies * len(made.agents[0].units)


@LAW
@given(teams)
def test_the_output_reads_back_with_every_kept_unit(team: list[str]) -> None:
    made = merged(team)
    led = {s.id for a in made.agents for s in a.sections if s.style is HeadingStyle.ITEM}
    again = [unit for unit in read(made.text).units if unit.kind is not Kind.COMMENT]
    there = [said(unit) for unit in again]
    for unit in kept_of(made):
        if unit.section in led:
            # A bold lead and the one sentence that it has left are one item.
            assert any(said(unit)[1] in words(other.text) for other in again)
        else:
            assert said(unit) in there
            there.remove(said(unit))


@LAW
@given(teams)
def test_no_heading_stands_without_content(team: list[str]) -> None:
    agent = read(merged(team, Policy(provenance="none")).text)
    holding = {s.parent for s in agent.sections if s.units}
    parents = {s.id: s.parent for s in agent.sections}
    for name in list(holding):
        at = name
        while at:
            holding.add(at)
            at = parents[at]
    for section in agent.sections:
        assert section.style is HeadingStyle.ROOT or section.units or section.id in holding, section.title


@LAW
@given(teams)
def test_provenance_levels_differ_in_comments_only(team: list[str]) -> None:
    texts = {level: merged(team, Policy(provenance=level)).text for level in PROVENANCE}
    assert {without_provenance(text) for text in texts.values()} == {texts["none"]}
    assert "<!--" not in texts["none"]
    assert texts["sidecar"].count("<!--") == 1


@LAW
@given(st.lists(agents(), min_size=2, max_size=3), st.lists(steps, min_size=2, max_size=3))
def test_numbered_steps_keep_their_order_and_stand_together(team: list[str], procedures: list[str]) -> None:
    texts = [text + f"\n## Workflow\n\n{listed}\n" for text, listed in zip(team, procedures, strict=False)]
    made = merged(texts)
    of_workflow = [u for u in kept_of(made) if u.ordered and _in_workflow(u, made)]
    lists = {u.block for u in of_workflow}
    for block in lists:
        own = [u for u in of_workflow if u.block == block]
        assert [u.start for u in own] == sorted(u.start for u in own)
        first, last = made.rendered.lines[own[0].id][0], made.rendered.lines[own[-1].id][1]
        standing = [u for u in kept_of(made) if first <= made.rendered.lines[u.id][0] <= last]
        assert {u.source for u in standing} == {own[0].source}
        assert {u.block for u in standing if u.ordered} == {block}


def _in_workflow(unit: Unit, made: Build) -> bool:
    agent = next(a for a in made.agents if a.source.id == unit.source)
    section = next(s for s in agent.sections if s.id == unit.section)
    while section.style is HeadingStyle.ITEM:
        section = next(s for s in agent.sections if s.id == section.parent)
    return section.title in WORKFLOWS


@LAW
@given(teams)
def test_the_ledger_tells_what_the_build_decided(team: list[str]) -> None:
    made = merged(team)
    entries = {entry["id"]: entry for entry in json.loads(made.ledger)["units"]}
    assert entries.keys() == units_of(made).keys()
    for decision in made.decisions:
        entry = entries[decision.unit]
        assert (entry["outcome"], entry["into"], entry["rule"]) == (decision.outcome.value, decision.into, decision.rule)
        assert (entry["output_lines"] is not None) == (decision.outcome is Outcome.KEPT)
