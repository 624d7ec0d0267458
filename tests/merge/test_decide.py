"""What becomes of each statement, by which rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.model import Conflict, Decision, Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy


def team(folder: Path, *bodies: str, policy: Policy | None = None) -> Build:
    """A build of agents ``s0``, ``s1``, … with these bodies."""
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    return build(paths, policy=policy, output=folder / "out.md")


def rules(*lines: str) -> str:
    return "## Rules\n\n" + "".join(f"- {line}\n" for line in lines)


def decision(made: Build, source: str, text: str) -> Decision:
    """What became of the unit of ``source`` whose text starts so."""
    (unit,) = (u for a in made.agents if a.source.id == source for u in a.units if u.text.startswith(text))
    return next(d for d in made.decisions if d.unit == unit.id)


def with_rule(key: str, **options: str) -> Policy:
    return Policy(settings={key: options})


def conflicts(made: Build, kind: str) -> list[Conflict]:
    return [c for c in made.conflicts if c.kind == kind]


# --- duplicates --------------------------------------------------------------------------------


def test_of_equal_statements_one_stays_and_says_for_whom_it_speaks(tmp_path: Path) -> None:
    made = team(tmp_path, rules("Validate user input"), rules("Validate user input", "Rotate the signing keys"))
    outcomes = [decision(made, source, "Validate").outcome for source in ("s0", "s1")]
    assert sorted(outcomes) == [Outcome.KEPT, Outcome.MERGED]
    gone = next(decision(made, s, "Validate") for s in ("s0", "s1") if decision(made, s, "Validate").outcome is Outcome.MERGED)
    stays = next(d for d in made.decisions if d.unit == gone.into)
    assert gone.rule == stays.rule == "DUP001"
    assert gone.unit in stays.why
    assert made.text.count("Validate user input") == 1


def test_what_only_one_source_says_is_kept(tmp_path: Path) -> None:
    made = team(tmp_path, rules("Validate user input"), rules("Rotate the signing keys"))
    assert {decision(made, "s0", "Validate").rule, decision(made, "s1", "Rotate").rule} == {"KEEP001"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("**Complexity**: Low", "**Complexity**: Medium"),
        ("**Risk**: Low", "**Risk**: Low"),
        ("Return consistent error responses", "Return meaningful error messages"),
        ("Assess the relevance of each source", "Assess the reliability of each source"),
        ("Validate every request against its schema", "Validate permissions on every request"),
    ],
)
def test_two_statements_of_one_author_are_two_on_purpose(tmp_path: Path, one: str, other: str) -> None:
    made = team(tmp_path, f"## First\n\n- {one}\n\n## Second\n\n- {other}\n", rules("Rotate the signing keys"))
    outcomes = [d.outcome for d in made.decisions if d.unit in ("s0:8", "s0:12")]
    assert outcomes == [Outcome.KEPT, Outcome.KEPT]


def test_an_author_s_own_restatement_goes(tmp_path: Path) -> None:
    line = "Encrypt customer records before they leave the payment service"
    made = team(tmp_path, rules(line, "Rotate the signing keys", line), rules("Choose a calm palette"))
    outcomes = sorted(d.outcome for d in made.decisions if d.unit in ("s0:8", "s0:10"))
    assert outcomes == [Outcome.KEPT, Outcome.MERGED]


def test_an_author_s_own_restatement_in_other_words_goes_from_another_list(tmp_path: Path) -> None:
    one, other = "Focus on frequent bottlenecks first", "Prioritize the most common performance bottlenecks"

    def outcomes(body: str) -> list[Outcome]:
        made = team(tmp_path, body, rules("Rotate the signing keys"))
        return sorted(decision(made, "s0", text).outcome for text in (one, other))

    assert outcomes(f"## Approach\n\n- {one}\n\n## Habits\n\n- {other}\n") == [Outcome.KEPT, Outcome.MERGED]
    assert outcomes(rules(one, other)) == [Outcome.KEPT, Outcome.KEPT], "of one list both are on purpose"
    assert outcomes(f"## Approach\n\n- {one}\n\n## Habits\n\n- {other}?\n") == [Outcome.KEPT, Outcome.KEPT], "a question states nothing"


def test_an_author_s_own_statement_may_say_a_clause_beside_another_s(tmp_path: Path) -> None:
    line = "Encrypt customer records; rotate the signing keys"
    own = f"## Rules\n\n- {line}\n\n## Duties\n\n- Rotate the signing keys of the gateway every quarter\n"
    made = team(tmp_path, own, rules("Encrypt customer records at rest and audit who reads them", "Choose a calm palette"))
    found = decision(made, "s0", line)
    assert (found.outcome, found.into) == (Outcome.MERGED, "s1:8")
    assert found.why == "all that it says is said by s1 line 8, s0 line 12"


def test_what_the_agent_is_and_what_it_does_are_not_merged(tmp_path: Path) -> None:
    made = team(tmp_path, "You are a release engineer for web services.\n", rules("Release engineer for web services"))
    assert decision(made, "s1", "Release engineer").outcome == Outcome.KEPT


def test_across_languages_the_preferred_wording_stays(tmp_path: Path) -> None:
    for language, source, gone in (("en", "s1", "입력"), ("ko", "s0", "Validate")):
        made = team(tmp_path, rules("Validate input"), rules("입력 검증"), policy=Policy(language=language))
        found = decision(made, source, gone)
        assert (found.outcome, found.rule) == (Outcome.MERGED, "LANG001")


@pytest.mark.parametrize(("prefer", "stays"), [("longest", "Validate all user input"), ("shortest", "Validate user input")])
def test_the_policy_chooses_the_wording(tmp_path: Path, prefer: str, stays: str) -> None:
    made = team(tmp_path, rules("Validate user input"), rules("Validate all user input"), policy=with_rule("duplicates", prefer=prefer))
    assert [line for line in made.text.split("\n") if "input" in line] == [f"- {stays}"]


def test_by_priority_the_trusted_source_keeps_its_wording(tmp_path: Path) -> None:
    for trusted, wording in (("s0", "Validate user input"), ("s1", "Validate all user input")):
        policy = Policy(priority=(trusted,), settings={"duplicates": {"prefer": "priority"}})
        made = team(tmp_path, rules("Validate user input"), rules("Validate all user input"), policy=policy)
        assert decision(made, trusted, wording).outcome is Outcome.KEPT


def test_a_checklist_entry_goes_for_the_rule_of_another(tmp_path: Path) -> None:
    made = team(tmp_path, rules("[ ] Validate user input"), rules("Validate user input"))
    assert decision(made, "s0", "Validate").outcome is Outcome.MERGED


def test_who_states_a_rule_and_asks_to_check_it_means_both(tmp_path: Path) -> None:
    made = team(tmp_path, rules("Validate user input", "[ ] Validate user input"), rules("Write clear names"))
    assert {made.decisions[n].outcome for n, unit in enumerate(made.agents[0].units) if unit.text == "Validate user input"} == {
        Outcome.KEPT
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Serve the northern team first", "Serve the southern team first"),
        ("Describe the layout of the northern warehouse", "Describe the layout of the southern warehouse"),
    ],
)
def test_statements_alike_but_for_the_thing_they_are_about_both_stay(tmp_path: Path, one: str, other: str) -> None:
    made = team(tmp_path, rules(one), rules(other))
    assert decision(made, "s0", one).outcome is Outcome.KEPT
    assert decision(made, "s1", other).outcome is Outcome.KEPT


def test_a_restatement_with_another_shade_goes(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        rules("Create efficient, normalized database schemas", "Log errors with context"),
        rules("적절한 관계를 갖춘 정규화된 데이터베이스 스키마 설계", "오류를 맥락과 함께 기록"),
    )
    outcomes = {decision(made, "s0", "Create").outcome, decision(made, "s1", "적절한").outcome}
    assert outcomes == {Outcome.KEPT, Outcome.MERGED}


# --- conflicts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "one", "other", "stays"),
    [
        ("numbers", "Keep test coverage above 80%", "Keep test coverage above 90%", (False, True)),
        ("numbers", "Page the second level after 10 minutes", "Page the second level after 20 minutes", (True, True)),
        ("polarity", "Always log user input", "Never log user input", (False, True)),
    ],
)
def test_a_contradiction_is_reported_and_only_the_safer_side_stays_meanwhile(
    tmp_path: Path, kind: str, one: str, other: str, stays: tuple[bool, bool]
) -> None:
    made = team(tmp_path, rules(one), rules(other))
    (conflict,) = conflicts(made, kind)
    assert not conflict.resolved
    assert len(conflict.members) == 2
    outcomes = (decision(made, "s0", one).outcome, decision(made, "s1", other).outcome)
    assert outcomes == tuple(Outcome.KEPT if stay else Outcome.OVERRIDDEN for stay in stays)
    assert conflict in made.unresolved


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("numbers", "Keep test coverage above 80%", "Keep test coverage above 90%"),
        ("polarity", "Always log user input", "Never log user input"),
    ],
)
def test_priority_resolves_a_contradiction_when_the_policy_says_so(tmp_path: Path, kind: str, one: str, other: str) -> None:
    policy = Policy(priority=("s1",), settings={kind: {"strategy": "priority"}})
    made = team(tmp_path, rules(one), rules(other), policy=policy)
    (conflict,) = conflicts(made, kind)
    assert conflict.resolved
    assert (decision(made, "s0", one).outcome, decision(made, "s1", other).outcome) == (Outcome.OVERRIDDEN, Outcome.KEPT)
    assert one not in made.text


def test_between_sources_of_one_rank_priority_decides_nothing(tmp_path: Path) -> None:
    policy = with_rule("numbers", strategy="priority")
    made = team(tmp_path, rules("Keep test coverage above 80%"), rules("Keep test coverage above 90%"), policy=policy)
    assert [c.resolved for c in conflicts(made, "numbers")] == [False]


def test_a_contradiction_within_one_file_is_its_authors(tmp_path: Path) -> None:
    made = team(tmp_path, rules("Keep test coverage above 80%", "Keep test coverage above 90%"), rules("Rotate the signing keys"))
    assert conflicts(made, "numbers") == []


# --- persona, code, tables, comments -----------------------------------------------------------


def test_one_identity_sentence_stays(tmp_path: Path) -> None:
    made = team(
        tmp_path, "You are a careful backend reviewer.\n\n" + rules("Be brief"), "You are a strict backend auditor.\n\n" + rules("Be kind")
    )
    found = [decision(made, "s0", "You are"), decision(made, "s1", "You are")]
    assert {d.rule for d in found} == {"PERS001"}
    assert sorted(d.outcome for d in found) == [Outcome.KEPT, Outcome.OVERRIDDEN]
    assert made.text.count("You are") == 1


def test_identities_stay_when_the_policy_says_so(tmp_path: Path) -> None:
    bodies = ("You are a careful backend reviewer.\n\n" + rules("Be brief"), "You are a strict security auditor.\n\n" + rules("Be kind"))
    assert team(tmp_path, *bodies, policy=with_rule("persona", strategy="keep")).text.count("You are") == 2


CODE = '```python\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get("/{name}")\ndef read(name):\n    return name\n```\n'


def test_equal_code_is_one(tmp_path: Path) -> None:
    made = team(tmp_path, "## Examples\n\n" + CODE, "## Samples\n\n" + CODE)
    assert sorted(decision(made, s, "```python").outcome for s in ("s0", "s1")) == [Outcome.KEPT, Outcome.MERGED]


def test_of_two_sources_examples_for_one_framework_one_stays(tmp_path: Path) -> None:
    other = CODE.replace("name", "order").replace("return order", "assert order\n    return order")
    bodies = ("## Examples\n\n" + CODE, "## Examples\n\n" + other)
    found = [decision(team(tmp_path, *bodies), s, "```python") for s in ("s0", "s1")]
    assert sorted(d.outcome for d in found) == [Outcome.KEPT, Outcome.OVERRIDDEN]
    assert next(d for d in found if d.outcome is Outcome.OVERRIDDEN).rule == "CODE001"
    kept = team(tmp_path, *bodies, policy=with_rule("code", strategy="keep"))
    assert {decision(kept, s, "```python").outcome for s in ("s0", "s1")} == {Outcome.KEPT}


def test_one_authors_two_examples_both_stay(tmp_path: Path) -> None:
    second = CODE.replace("name", "order")
    made = team(tmp_path, "## Examples\n\n" + CODE + "\n" + second, rules("Rotate the signing keys"))
    assert made.text.count("FastAPI()") == 2


def test_equal_tables_are_one_and_rows_for_one_thing_that_differ_stand_side_by_side(tmp_path: Path) -> None:
    table = "## Levels\n\n| Level | Meaning |\n|---|---|\n| high | stop |\n| low | note |\n"
    same = team(tmp_path, table + "\n- Be brief\n", table + "\n- Be kind\n")
    assert same.text.count("| high | stop |") == 1
    other = team(tmp_path, table, table.replace("| low | note |", "| low | ignore |"))
    assert "| high | stop |\n| low | note |\n| low | ignore |\n" in other.text
    assert [finding.code for finding in other.findings] == ["DUP001"]


def test_comments_are_dropped_or_kept_as_the_policy_says(tmp_path: Path) -> None:
    bodies = ("<!-- note to self -->\n\n" + rules("Be brief"), rules("Rotate the signing keys"))
    dropped = decision(team(tmp_path, *bodies), "s0", "<!--")
    assert (dropped.outcome, dropped.rule) == (Outcome.DROPPED, "COMM001")
    assert "note to self" in team(tmp_path, *bodies, policy=with_rule("comments", strategy="keep")).text


# --- procedures --------------------------------------------------------------------------------

STEPS = "## Workflow\n\n1. Read the change\n2. Run the unit tests\n3. Write a short report\n"


def test_steps_never_go_one_by_one(tmp_path: Path) -> None:
    other = "## Workflow\n\n1. Run the unit tests\n2. Deploy to the staging cluster\n3. Watch the error rate\n4. Page the owner\n"
    made = team(tmp_path, STEPS, other)
    for source, first in (("s0", "Read"), ("s1", "Deploy")):
        assert decision(made, source, "Run the unit tests").outcome is decision(made, source, first).outcome is Outcome.KEPT


def test_a_bullet_may_go_for_a_step_and_the_procedure_stays_whole(tmp_path: Path) -> None:
    made = team(tmp_path, STEPS, rules("Run the unit tests", "Rotate the signing keys"))
    assert decision(made, "s0", "Run the unit tests").outcome is Outcome.KEPT
    assert decision(made, "s1", "Run the unit tests").outcome is Outcome.MERGED
    assert "1. Read the change\n2. Run the unit tests\n3. Write a short report\n" in made.text


def test_what_an_agent_does_goes_for_no_likeness(tmp_path: Path) -> None:
    """The first sentence of a file says what the agent does; a shade of that is another agent."""
    made = team(
        tmp_path, "You review the tills of a shop after it closes.\n", "You review the labels on the shelves of a shop before it opens.\n"
    )
    assert {d.outcome for d in made.decisions} == {Outcome.KEPT}


def test_a_claim_behind_a_label_and_a_dash_is_not_lost(tmp_path: Path) -> None:
    made = team(
        tmp_path, rules("**Documentation** - DocC for each public API"), rules("**Documentation** - Keep 100% of the API documented")
    )
    assert decision(made, "s0", "**Documentation**").outcome is Outcome.KEPT


def test_a_statement_of_slight_words_is_not_lost(tmp_path: Path) -> None:
    """No clause says much; each must be said all the same."""
    made = team(tmp_path, rules("**Errors**: Clear, specific"), rules("**Errors**: Show and translate error messages"))
    assert decision(made, "s0", "**Errors**").outcome is Outcome.KEPT
