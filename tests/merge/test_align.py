"""What aligns, and what no similarity can make a duplicate: a table of pairs in four languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentmerge.merge.align import Aligned, align, guard, opposed
from agentmerge.merge.candidates import comparable
from agentmerge.merge.claims import Reading, read_claims
from agentmerge.merge.decide import Decisions, decide
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.score import default_weights
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Kind, Outcome, Relation, Unit
from agentmerge.rules.policy import Policy
from agentmerge.rules.privileges.toolset import ToolSet

GUARDS = Path(__file__).with_name("data") / "guards.tsv"
TABLE = [line.split("\t") for line in GUARDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
APART = [(what, a, b) for verdict, what, a, b in TABLE if verdict == "apart"]
SAME = [(what, a, b) for verdict, what, a, b in TABLE if verdict == "same"]
# What stands around a pair in two versions of one file.
AROUND = (
    "Write migrations that can be rolled back",
    "Name endpoints after resources",
    "Measure memory before optimising",
    "Keep the changelog current",
    "Review access rights each quarter",
    "Document the deployment steps",
)


def agent(name: str, body: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}".encode(), f"{name}.md", name))


def aligned(agents: Sequence[Agent]) -> Aligned:
    lexicon = default_lexicon()
    return align([read_claims(one, lexicon) for one in agents], lexicon, default_weights())


def decided(agents: Sequence[Agent]) -> Decisions:
    return decide(agents, aligned(agents), default_weights(), Policy(), ToolSet(everything=True, names=(), denied=()))


def listed(name: str, *lines: str) -> Agent:
    return agent(name, "## Rules\n\n" + "".join(f"- {line}\n" for line in lines))


def with_line(name: str, line: str) -> Agent:
    return listed(name, *AROUND[:3], line, *AROUND[3:])


def unit(one: Agent, line: str) -> Unit:
    return next(u for u in one.units if u.text == line)


def reading(line: str) -> Reading:
    return read_claims(agent("a", f"- {line}\n"), default_lexicon())[0]


# --- the table ---------------------------------------------------------------------------------


def test_the_table_is_large_and_its_pairs_are_pairs() -> None:
    assert len(APART) >= 200
    assert len(SAME) >= 30
    assert {what for what, _, _ in APART} == {"polarity", "modality", "number", "unit", "version", "technology", "directive", "literal"}
    assert all(a != b for _, a, b in (*APART, *SAME))
    assert [pair for pair, count in Counter(frozenset((a, b)) for _, a, b in (*APART, *SAME)).items() if count > 1] == []


def assert_apart(made: Decisions, what: str, pair: tuple[Unit, Unit]) -> None:
    """Both stay, or one gives way to the other in a conflict that is listed; neither is merged in silence."""
    gone = [made.units[u.id] for u in pair if u.id in made.units and made.units[u.id].outcome is not Outcome.KEPT]
    assert len(gone) < 2, f"{what} differs"
    for decision in gone:
        listed_as = [c for c in made.conflicts if set(c.members) == {u.id for u in pair} and c.rule == decision.rule]
        assert decision.outcome is Outcome.OVERRIDDEN, f"{what} differs: {decision.unit}"
        assert [c.resolved for c in listed_as] == [False], f"{what} differs: {decision.unit}"


@pytest.mark.parametrize(("what", "one", "other"), APART)
def test_what_differs_in_substance_is_never_merged(what: str, one: str, other: str) -> None:
    for left, right in ((one, other), (other, one)):
        team = (listed("a", left), listed("b", right))
        assert_apart(decided(team), what, (unit(team[0], left), unit(team[1], right)))


@pytest.mark.parametrize(("what", "one", "other"), APART)
def test_nor_when_it_is_the_one_line_in_which_two_versions_of_a_file_differ(what: str, one: str, other: str) -> None:
    team = (with_line("a", one), with_line("b", other))
    assert_apart(decided(team), what, (unit(team[0], one), unit(team[1], other)))


@pytest.mark.parametrize(("languages", "one", "other"), SAME)
def test_what_says_the_same_is_aligned(languages: str, one: str, other: str) -> None:
    for left, right in ((one, other), (other, one)):
        team = (listed("a", left), listed("b", right))
        pairs = {frozenset((al.a, al.b)) for al in aligned(team).alignments}
        assert frozenset((unit(team[0], left).id, unit(team[1], right).id)) in pairs, languages


# --- guards ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Keep coverage above 80%", "Keep coverage above 90%", "numbers differ: 80% and 90%"),
        ("Store orders in PostgreSQL", "Store orders in MySQL", "different technologies: postgresql and mysql"),
        ("Log passwords", "Never log passwords", "one says do, the other do not"),
    ],
)
def test_a_guard_says_what_differs(one: str, other: str, reason: str) -> None:
    assert guard(reading(one), reading(other)) == reason


def test_a_guard_lets_pass_what_only_says_more() -> None:
    assert guard(reading("Keep coverage high"), reading("Keep coverage above 80%")) is None
    assert guard(reading("Store orders in a database"), reading("Store orders in PostgreSQL")) is None
    assert guard(reading("Log every change"), reading("Log every change")) is None


def test_statements_of_one_polarity_are_not_opposed() -> None:
    assert not opposed(reading("Never log passwords"), reading("Do not log any password"))
    assert opposed(reading("Never log passwords"), reading("Log passwords"))


# --- what can align ----------------------------------------------------------------------------


def test_headings_align_with_headings_code_with_code_and_statements_with_statements() -> None:
    readings = read_claims(agent("a", "## Security\n\n- Validate input\n\n```sh\nmake\n```\n\n<div>note</div>\n"), default_lexicon())
    by_kind = {r.unit.kind: r for r in readings}
    assert set(by_kind) == {Kind.HEADING, Kind.ITEM, Kind.CODE, Kind.HTML}
    apart = [(Kind.CODE, Kind.ITEM), (Kind.CODE, Kind.HEADING), (Kind.HTML, Kind.ITEM), (Kind.HTML, Kind.CODE)]
    for one, other in apart:
        assert not comparable(by_kind[one], by_kind[other])
        assert not comparable(by_kind[other], by_kind[one])
    for reading in readings:
        assert comparable(reading, reading)
    assert comparable(by_kind[Kind.HEADING], by_kind[Kind.ITEM])


def test_unrelated_statements_do_not_align() -> None:
    team = (agent("a", "- Rotate the signing keys\n"), agent("b", "- Choose a warm colour palette\n"))
    assert aligned(team).alignments == ()


def test_alignments_are_sorted_scored_and_carry_evidence() -> None:
    team = (listed("a", *AROUND), listed("b", *reversed(AROUND)))
    found = aligned(team).alignments
    assert [(al.a, al.b) for al in found] == sorted((al.a, al.b) for al in found)
    assert all(0 < al.score <= 1 and al.evidence for al in found)


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("Validate user input on the server", "Validate user input on the server", Relation.SAME),
        ("Validate user input", "Validate user input; encrypt backups; rotate credentials", Relation.CONTAINS),
        ("Keep test coverage above 80%", "Keep test coverage above 90%", Relation.CONFLICTS),
        ("Always log user input", "Never log user input", Relation.CONFLICTS),
    ],
)
def test_how_two_aligned_statements_relate(one: str, other: str, relation: Relation) -> None:
    team = (listed("a", one), listed("b", other))
    pair = (unit(team[0], one).id, unit(team[1], other).id)
    assert {al.relation for al in aligned(team).alignments if (al.a, al.b) == pair} == {relation}


def test_a_candidate_is_no_alignment() -> None:
    team = (
        listed("a", *AROUND, "Validate input"),
        listed("b", "Check access rights", "Write deployment notes", "Input fields have labels"),
    )
    found = aligned(team)
    linked = {(al.a, al.b) for al in found.alignments}
    assert linked.isdisjoint((c.a, c.b) for c in found.candidates)
    weights = default_weights()
    assert all(weights.review <= c.score for c in found.candidates)
