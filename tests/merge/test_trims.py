"""Statements of which other statements say a part: the rest stays, word for word, and the ledger accounts for what was cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agentmerge.api import build, explain, verify
from agentmerge.model import Decision, Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy

LIST = "Capture error messages, stack traces, and environment details"
SAID = "**Read first**: error messages, stack traces and logs of the failure"


def team(folder: Path, *bodies: str, policy: Policy | None = None) -> Build:
    """A build of agents ``s0``, ``s1``, … with these bodies."""
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    return build(paths, policy=policy, output=folder / "out.md")


def rules(*lines: str) -> str:
    return "## Rules\n\n" + "".join(f"- {line}\n" for line in lines)


def decision(made: Build, source: str, text: str) -> Decision:
    (unit,) = (u for a in made.agents if a.source.id == source for u in a.units if u.text == text)
    return next(d for d in made.decisions if d.unit == unit.id)


def trimmed_build(folder: Path, policy: Policy | None = None) -> Build:
    return team(folder, rules(LIST, "Rotate the signing keys"), rules(SAID, "Choose a calm palette"), policy=policy)


def ledger_of(folder: Path) -> tuple[Path, dict[str, Any]]:
    made = trimmed_build(folder)
    made.write()
    return made.canonical, json.loads(made.ledger_file.read_text(encoding="utf-8"))


def test_what_another_says_is_cut_and_the_rest_stays_word_for_word(tmp_path: Path) -> None:
    made = trimmed_build(tmp_path)
    found = decision(made, "s0", LIST)
    assert (found.outcome, found.into) == (Outcome.KEPT, None)
    assert "- Capture environment details\n" in made.text
    assert "stack traces, and" not in made.text
    assert found.trim is not None
    assert found.trim.said_by == ("s1:8",)
    assert found.why.endswith("cut, as s1:8 says it: 'error messages, stack traces, and'")
    assert decision(made, "s1", SAID).trim is None


def test_the_ledger_has_the_slices_and_verify_proves_them(tmp_path: Path) -> None:
    canonical, ledger = ledger_of(tmp_path)
    (entry,) = (unit for unit in ledger["units"] if "trimmed" in unit)
    assert "".join(LIST[start:end] for start, end in entry["trimmed"]["slices"]) == "Capture environment details"
    assert entry["trimmed"]["said_by"] == ["s1:8"]
    assert not verify(canonical)


def test_verify_fails_when_a_slice_or_what_says_the_rest_is_wrong(tmp_path: Path) -> None:
    canonical, ledger = ledger_of(tmp_path)
    path = canonical.with_name("out.ledger.json")
    for wrong in (
        {"slices": [[8, 0]], "said_by": ["s1:8"]},
        {"slices": [[0, 7], [9, 999]], "said_by": ["s1:8"]},
        {"slices": [], "said_by": ["s1:8"]},
        {"slices": [[0, 8], [44, 63]], "said_by": []},
        {"slices": [[0, 8], [44, 63]], "said_by": ["s1:99"]},
    ):
        next(unit for unit in ledger["units"] if "trimmed" in unit)["trimmed"] = wrong
        path.write_text(json.dumps(ledger), encoding="utf-8")
        assert any("trimmed" in str(problem) or "text does not" in str(problem) for problem in verify(canonical)), wrong


def test_explain_shows_what_stands_and_who_says_the_rest(tmp_path: Path) -> None:
    canonical, _ = ledger_of(tmp_path)
    lines = "\n".join(explain("s0:8", canonical=canonical).lines)
    assert "it stands as: Capture environment details" in lines
    assert "the rest is said by" in lines


def test_the_policy_keeps_statements_whole(tmp_path: Path) -> None:
    made = trimmed_build(tmp_path, Policy(settings={"contained": {"strategy": "keep"}}))
    assert LIST in made.text


def test_steps_stay_whole_and_a_question_says_nothing(tmp_path: Path) -> None:
    steps = f"## Workflow\n\n1. {LIST}\n2. Reproduce the failure\n3. Page the owner\n"
    assert LIST in team(tmp_path, steps, rules(SAID, "Choose a calm palette")).text
    asked = SAID.replace("failure", "failure?")
    assert LIST in team(tmp_path, rules(LIST, "Rotate the signing keys"), rules(asked, "Choose a calm palette")).text


def test_a_member_that_nobody_says_is_no_shade(tmp_path: Path) -> None:
    body = "**Access Security**: access controls, privilege escalation, identity federation"
    made = team(tmp_path, rules(body), rules("**Access Flaws**: role issues, privilege escalation, access control bypasses"))
    assert "identity federation" in made.text
