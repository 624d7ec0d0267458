"""Contradictions: the verdict as a total function, and pairs of statements end to end in four languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.errors import OutputError
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.contradictions import Side, Strategy, Verdict, decide_contradiction
from agentmerge.rules.policy import Policy
from agentmerge.rules.registry import BY_KEY

TABLES = Path(__file__).with_name("data")
KINDS = ("numbers", "polarity", "modality", "versions", "hedges")


def rows(name: str) -> Iterator[tuple[str, ...]]:
    for line in (TABLES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield tuple(line.split("\t"))


CONTRADICTIONS = list(rows("contradictions.tsv"))
TOGETHER = list(rows("no-contradictions.tsv"))


def pair(folder: Path, a: str, b: str, policy: Policy) -> Build:
    for name, line in (("a", a), ("b", b)):
        (folder / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Works\n---\n\n## Rules\n\n- {line}\n", encoding="utf-8")
    return build([folder / "a.md", folder / "b.md"], policy=policy, output=folder / "out.md")


def outcome(made: Build, source: str, line: str) -> Outcome:
    (unit,) = (u.id for a in made.agents if a.source.id == source for u in a.units if u.text == line)
    return next(d.outcome for d in made.decisions if d.unit == unit)


# --- pairs -------------------------------------------------------------------------------------


def test_the_tables_are_large() -> None:
    assert len(CONTRADICTIONS) >= 80
    assert len(TOGETHER) >= 60
    scripts = Counter("ko" if any("\uac00" <= c <= "\ud7a3" for c in a + b) else "other" for _, _, a, b, *_ in CONTRADICTIONS)
    assert scripts["ko"] >= 12


@pytest.mark.parametrize(("kind", "strategy", "a", "b", "stays", "decided"), CONTRADICTIONS)
def test_a_contradiction_is_found_and_decided(tmp_path: Path, kind: str, strategy: str, a: str, b: str, stays: str, decided: str) -> None:
    made = pair(tmp_path, a, b, Policy(settings={kind: {"strategy": strategy}}, priority=("a",) if strategy == "priority" else ()))
    (conflict,) = (c for c in made.conflicts if c.kind in KINDS)
    assert (conflict.kind, conflict.rule, set(conflict.members)) == (kind, BY_KEY[kind].code, {"a:8", "b:8"})
    assert conflict.resolved is (decided == "yes")
    left = {source for source, line in (("a", a), ("b", b)) if outcome(made, source, line) is Outcome.KEPT}
    assert left == ({"a", "b"} if stays == "both" else {stays}), conflict.decision
    assert conflict.marked is (strategy == "keep-both-marked")
    assert conflict.fails is (strategy == "fail")


@pytest.mark.parametrize(("a", "b", "why"), TOGETHER)
def test_what_goes_together_is_left_alone(tmp_path: Path, a: str, b: str, why: str) -> None:
    made = pair(tmp_path, a, b, Policy())
    assert [c for c in made.conflicts if c.kind in KINDS] == [], why
    overridden = [d for d in made.decisions if d.outcome is Outcome.OVERRIDDEN and d.rule.startswith("CONF")]
    assert overridden == []


@pytest.mark.parametrize(("kind", "strategy", "a", "b", "stays", "decided"), CONTRADICTIONS[::7])
def test_the_order_of_the_files_decides_nothing(tmp_path: Path, kind: str, strategy: str, a: str, b: str, stays: str, decided: str) -> None:
    policy = Policy(settings={kind: {"strategy": strategy}}, priority=("a",) if strategy == "priority" else ())
    pair(tmp_path, a, b, policy)
    one, other = (build([tmp_path / f"{name}.md" for name in order], policy=policy, output=tmp_path / "out.md") for order in ("ab", "ba"))
    assert (one.text, one.ledger) == (other.text, other.ledger)
    assert decided in ("yes", "no")
    assert stays in ("a", "b", "both")


# --- the verdict -------------------------------------------------------------------------------

FLAGS = ((False, False), (True, False), (False, True))


def winner_of(strategy: Strategy, ranks: tuple[int, int], stricter: tuple[bool, bool], newer: tuple[bool, bool]) -> str | None:
    """Who wins by a strategy, as its documentation says: written without a look at the code."""
    table = {
        Strategy.STRICTEST: stricter,
        Strategy.NEWEST: newer,
        Strategy.PRIORITY: (ranks[0] < ranks[1], ranks[1] < ranks[0]),
    }
    a_wins, b_wins = table.get(strategy, (False, False))
    return "a:1" if a_wins else "b:1" if b_wins else None


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("ranks", [(0, 1), (1, 0), (1, 1)])
def test_the_verdict_is_total(strategy: Strategy, ranks: tuple[int, int]) -> None:
    for stricter, newer, safest in product(FLAGS, FLAGS, FLAGS):
        sides = [Side(f"{n}:1", n, ranks[i], stricter[i], newer[i], safest[i]) for i, n in enumerate("ab")]
        made = decide_contradiction(strategy, sides[0], sides[1])
        by_strategy = winner_of(strategy, ranks, stricter, newer)
        meanwhile = "a:1" if safest[0] else "b:1" if safest[1] else None
        expected: tuple[str | None, bool, bool, bool]
        if strategy is Strategy.FAIL:
            expected = (None, False, True, False)
        elif strategy is Strategy.KEEP_BOTH:
            expected = (None, True, False, True)
        elif by_strategy:
            expected = (by_strategy, True, False, False)
        else:
            expected = (meanwhile, False, False, False)
        assert (made.winner, made.resolved, made.fails, made.marked) == expected


@pytest.mark.parametrize(
    ("strategy", "verdict"),
    [
        (Strategy.STRICTEST, Verdict("a:1", True, False, False, "a:1 stays: it is stricter")),
        (Strategy.NEWEST, Verdict("b:1", True, False, False, "b:1 stays: it is newer")),
        (Strategy.PRIORITY, Verdict("b:1", True, False, False, "b:1 stays: it comes first by priority")),
        (Strategy.KEEP_BOTH, Verdict(None, True, False, True, "both stay, marked in the text")),
        (Strategy.ASK, Verdict("a:1", False, False, False, "for a person to decide; a:1 stays meanwhile: it is the safer")),
        (Strategy.FAIL, Verdict(None, False, True, False, "the policy fails the build on it")),
    ],
)
def test_a_verdict_says_what_was_done(strategy: Strategy, verdict: Verdict) -> None:
    assert decide_contradiction(strategy, Side("a:1", "a", 2, True, False, True), Side("b:1", "b", 1, False, True)) == verdict


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        (Strategy.STRICTEST, "nobody can tell which is stricter; both stay meanwhile"),
        (Strategy.NEWEST, "nobody can tell which is newer; both stay meanwhile"),
        (Strategy.PRIORITY, "no source has priority over the other; both stay meanwhile"),
        (Strategy.ASK, "for a person to decide; both stay meanwhile"),
    ],
)
def test_what_nobody_can_tell_is_asked(strategy: Strategy, why: str) -> None:
    sides = (Side("a:1", "a", 1, False, False), Side("b:1", "b", 1, False, False))
    assert decide_contradiction(strategy, *sides) == Verdict(None, False, False, False, why)


# --- marks and failures ------------------------------------------------------------------------

MARKED = {
    "items": ("- Keep test coverage above 80%\n", "- Keep test coverage above 90%\n"),
    "steps": (
        "## Workflow\n\n1. Read the change\n2. Keep test coverage above 80%\n",
        "## Workflow\n\n1. Plan the change\n2. Keep test coverage above 90%\n",
    ),
    "checks": ("## Checklist\n\n- [ ] Test coverage above 80%\n", "## Checklist\n\n- [ ] Test coverage above 90%\n"),
    "paragraphs": ("Keep test coverage above 80%. Read the change.\n", "Keep test coverage above 90%. Plan the release.\n"),
}


@pytest.mark.parametrize("form", MARKED)
def test_both_members_carry_a_mark_that_is_proved_and_stable(tmp_path: Path, form: str) -> None:
    for name, body in zip("ab", MARKED[form], strict=True):
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Works\n---\n\n{body}", encoding="utf-8")
    policy = Policy(settings={"numbers": {"strategy": "keep-both-marked"}}, provenance="none")
    made = build([tmp_path / "a.md", tmp_path / "b.md"], policy=policy, output=tmp_path / "out.md")
    (conflict,) = (c for c in made.conflicts if c.kind == "numbers")
    lines = [line for line in made.text.split("\n") if f"<!-- agentmerge: conflict {conflict.id} -->" in line]
    assert len(lines) == 2
    assert sorted("80%" in line for line in lines) == [False, True]
    made.write()
    assert verify(made.canonical) == ()
    (tmp_path / "again").mkdir()
    again = build([made.canonical], output=tmp_path / "again" / "out.md")
    assert again.text == made.text


def test_a_build_that_the_policy_fails_is_not_written(tmp_path: Path) -> None:
    made = pair(
        tmp_path, "Keep test coverage above 80%", "Keep test coverage above 90%", Policy(settings={"numbers": {"strategy": "fail"}})
    )
    assert [c.kind for c in made.failed] == ["numbers"]
    with pytest.raises(OutputError, match="the policy fails the build on CONF001 a:8, b:8: numbers differ: 80% and 90%"):
        made.write()
    assert not made.canonical.exists()
