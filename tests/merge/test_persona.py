"""Who the agent is: sentences that say so, the one that stays, and what would be lost with the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.merge.identity import identities_of
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.text.comments import without_provenance


def identities(body: str) -> list[str]:
    agent = agent_from_source(source_from_bytes(f"---\nname: a\n---\n\n{body}\n".encode(), "a.md", "a"))
    return [unit.text for unit in identities_of(agent)]


SAYS_SO = [
    "You are a release engineer.",
    "You are Harbour, a release engineer.",
    "You are this project's release agent.",
    "I am a **Release Engineer** with a checklist.",
    "Act as an auditor of licences.",
    "As a careful auditor, you read every licence.",
    "Senior release engineer who keeps a checklist.",
    "Expert in licence audits and releases.",
    "Licence specialist for embedded devices.",
    "**Role**: Auditor of licences.",
    "당신은 배포 엔지니어입니다.",
    "배포 자동화 전문가입니다.",
    "시니어 배포 엔지니어로서 체크리스트를 지킵니다.",
    "あなたはリリース担当のエンジニアです。",
    "リリース作業に特化したスペシャリスト。",
    "你是一名发布工程师。",
    "我是你的发布工程师。",
    "作为资深发布工程师，你会逐项检查。",
]
SAYS_NOTHING = [
    "You are allowed to change configuration files.",
    "You are in planning mode.",
    "Ask a release engineer for help.",
    "Deployment of services with a checklist.",
    "The expert reviews what you write.",
    "엔지니어에게 먼저 물어본다.",
    "エンジニアに確認する。",
    "先询问工程师。",
]


@pytest.mark.parametrize("sentence", SAYS_SO)
def test_an_identity_is_seen(sentence: str) -> None:
    assert identities(f"{sentence}\n\n- Work\n") == [sentence]


@pytest.mark.parametrize("sentence", SAYS_NOTHING)
def test_what_is_no_identity_is_left_alone(sentence: str) -> None:
    assert identities(f"{sentence}\n\n- Work\n") == []


def test_an_identity_behind_standing_rules_is_seen() -> None:
    rules = "\n".join(f"- Keep rule number {n} in mind" for n in "abcdef")
    assert identities(f"## Rules\n\n{rules}\n\nYou are a release engineer.\n\n## Work\n\n- Release") == ["You are a release engineer."]


def test_far_below_the_top_nothing_is_an_identity() -> None:
    rules = "\n".join(f"- Keep rule number {n} in mind" for n in range(20))
    assert identities(f"{rules}\n\nYou are a release engineer.") == []


def team(folder: Path, *bodies: str) -> Build:
    for name, body in zip("abcd", bodies, strict=False):
        (folder / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Tests\n---\n\n{body}\n", encoding="utf-8")
    return build([folder], output=folder / "out.md")


def outcomes(made: Build) -> dict[str, Outcome]:
    texts = {u.id: u.text for agent in made.agents for u in agent.units}
    return {texts[d.unit]: d.outcome for d in made.decisions}


PLAIN = "You are a test engineer.\n\n- Run the test suite\n- Report failures"
HELPS = "You are a test engineer who helps.\n\n- Read the failing test first"


def test_all_identities_are_members_of_one_choice(tmp_path: Path) -> None:
    made = team(tmp_path, PLAIN, HELPS, "You are an elite test engineer.\n\n- Write it down")
    conflict = next(c for c in made.conflicts if c.rule == "PERS001")
    assert (conflict.kind, conflict.members, conflict.resolved) == ("persona", ("a:6", "b:6", "c:6"), True)
    assert conflict.decision.startswith("a:6 opens the agent")


def test_the_same_identity_is_no_choice(tmp_path: Path) -> None:
    made = team(tmp_path, PLAIN, "You are a test engineer.\n\n- Read the failing test first")
    assert [c for c in made.conflicts if c.rule == "PERS001"] == []


def test_the_chosen_identity_opens_the_agent_and_a_claim_follows(tmp_path: Path) -> None:
    claim = "You are a quality expert for Kafka pipelines."
    made = team(tmp_path, f"{claim}\n\n- Write a unit test for each fix", PLAIN, HELPS)
    body = without_provenance(made.text).split("\n---\n", 1)[1].lstrip()
    assert body.startswith("You are a test engineer.")
    assert outcomes(made)[claim] is Outcome.KEPT
    why = next(d.why for d in made.decisions if d.unit == "a:6")
    assert why.startswith("kept as a claim: nothing else says ")
    assert "kafka" in why


@pytest.mark.parametrize(
    "boast",
    [
        "You are an elite test engineer with 15+ years of experience.",
        "You are a world-class, highly skilled test expert.",
        "You are a test engineer with expertise equivalent to engineers at OpenAI.",
        "당신은 20년 경력의 뛰어난 테스트 전문가입니다.",
    ],
)
def test_praise_is_not_kept(tmp_path: Path, boast: str) -> None:
    made = team(tmp_path, PLAIN, HELPS, f"{boast}\n\n- Write a unit test for each fix")
    assert outcomes(made)[boast] is Outcome.OVERRIDDEN


def test_an_identity_worded_alike_but_for_its_subject_is_kept(tmp_path: Path) -> None:
    other = "You are a licence-focused code reviewer with access to the codebase."
    made = team(
        tmp_path,
        "You are a leak-focused code reviewer with access to the codebase.\n\n- Licence checks come first",
        f"{other}\n\n- Read it",
    )
    assert outcomes(made)[other] is Outcome.KEPT


def test_an_identity_worded_alike_but_for_praise_is_not_kept(tmp_path: Path) -> None:
    other = "You are an expert code reviewer with access to the codebase."
    made = team(tmp_path, "You are a senior code reviewer with access to the codebase.\n\n- Follow calls", f"{other}\n\n- Read it")
    assert outcomes(made)[other] is Outcome.OVERRIDDEN
