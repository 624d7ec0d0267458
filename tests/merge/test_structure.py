"""Procedures stay whole, parts stand in an order, alternatives side by side, and statements where they belong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.merge.heading_words import without_number
from agentmerge.merge.headings import numbered
from agentmerge.merge.procedures import procedures_of
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Outcome
from agentmerge.pipeline import Build
from agentmerge.proof import prove
from agentmerge.rules.policy import Policy


def team(folder: Path, *bodies: str, names: tuple[str, ...] = (), base: int | None = None) -> Build:
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for n, (path, body) in enumerate(zip(paths, bodies, strict=True)):
        path.write_text(f"---\nname: {names[n] if names else path.stem}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    return build(paths, policy=Policy(provenance="none"), output=folder / "out.md", base=None if base is None else paths[base])


def body(made: Build) -> str:
    return made.text.split("\n---\n", 1)[1].strip("\n")


def read(text: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: a\n---\n\n{text}".encode(), "a.md", "a"))


RELEASE = "## Workflow\n\n1. Freeze the release branch\n2. Run the smoke tests\n3. Tag the version\n4. Announce the release\n"


def test_a_procedure_that_others_say_goes_as_a_whole(tmp_path: Path) -> None:
    listed = "## Process\n\n- Freeze the release branch\n- Run the smoke tests\n- Tag the version\n- Announce the release to all teams\n"
    made = team(tmp_path, RELEASE, listed)
    steps = [d for d in made.decisions if d.unit.startswith("s0:") and ":8" <= d.unit[2:] <= ":9"]
    assert {d.outcome for d in steps} == {Outcome.MERGED}
    assert "1." not in body(made)


def test_a_procedure_of_which_others_say_a_part_stays_whole(tmp_path: Path) -> None:
    made = team(tmp_path, RELEASE, "## Release\n\n- Tag the version with the build number and sign the tag\n- Keep the changelog short\n")
    assert "1. Freeze the release branch\n2. Run the smoke tests\n3. Tag the version\n4. Announce the release" in body(made)


def test_procedures_never_share_a_section_even_through_a_third(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Debugging steps\n\n1. Reproduce the failure\n2. Read the stack trace\n3. Narrow the change down\n4. Write the fix\n",
        "## Debugging process\n\n- Reproduce the failure\n- Read the stack trace\n- Inspect the cache\n- Compare the configuration\n",
        "## Process\n\n1. Inspect the cache\n2. Compare the configuration\n3. Ask the operator for a dump\n4. Replay the traffic\n",
    )
    text = body(made)
    assert text.count("1. ") == 2
    assert "## " in text[text.index("1. ") : text.rindex("1. ")]


@pytest.mark.parametrize(
    ("text", "is_procedure"),
    [
        ("## Immediate actions\n\n1. Stop the rollout\n2. Page the owner\n", True),
        ("## Choice\n\nPrioritise in this order:\n\n1. Correctness\n2. Speed\n", True),
        ("## 当被调用时\n\n1. 阅读差异\n2. 运行测试\n", True),
        ("## 호출되면\n\n1. 변경 사항을 읽는다\n2. 테스트를 실행한다\n", True),
        ("## Areas\n\n1. Databases\n2. Queues\n", False),
        ("## Workflow\n\n- Read the diff\n- Run the tests\n", False),
        ("## Workflow\n\n1. Read the diff\n", False),
    ],
)
def test_which_numbered_lists_are_procedures(text: str, is_procedure: bool) -> None:
    assert bool(procedures_of([read(text)])) is is_procedure


def test_procedures_of_one_heading_stand_under_the_names_of_their_sources(tmp_path: Path) -> None:
    bodies = (
        "You review code.\n\n## Protocol\n\n1. Read the diff\n2. Run the linter\n3. Rate every finding\n",
        "You audit costs.\n\n## Protocol\n\n1. Collect the invoices\n2. Group them by team\n3. Draft the forecast\n",
    )
    made = team(tmp_path, *bodies, names=("code-reviewer", "cost-auditor"))
    made.write()
    text = body(made)
    assert text.index("## Protocol") < text.index("### Code Reviewer") < text.index("1. Read the diff") < text.index("### Cost Auditor")
    assert text.count("## Protocol") == 1
    assert [h["title"] for h in json.loads(made.ledger)["headings"]] == ["Code Reviewer", "Cost Auditor"]
    assert prove(tmp_path / "out.md") == ()


def test_a_composed_heading_that_is_no_source_s_name_is_not_proved(tmp_path: Path) -> None:
    bodies = (
        "## Protocol\n\n1. Read the diff\n2. Run the linter\n3. Rate every finding\n",
        "## Protocol\n\n1. Collect the invoices\n2. Group them by team\n3. Draft the forecast\n",
    )
    made = team(tmp_path, *bodies, names=("code-reviewer", "cost-auditor"))
    made.write()
    ledger = json.loads((tmp_path / "out.ledger.json").read_text(encoding="utf-8"))
    ledger["headings"][0]["source"] = ledger["headings"][1]["source"]
    (tmp_path / "out.ledger.json").write_text(json.dumps(ledger), encoding="utf-8")
    assert any("comes from no source" in problem.what for problem in prove(tmp_path / "out.md"))


def test_the_base_keeps_its_procedure_and_the_other_stands_below_it(tmp_path: Path) -> None:
    bodies = (
        "## Protocol\n\n1. Read the diff\n2. Run the linter\n3. Rate every finding\n\n## Output\n\n- A verdict\n",
        "## Protocol\n\n1. Collect the invoices\n2. Group them by team\n3. Draft the forecast\n",
    )
    text = body(team(tmp_path, *bodies, names=("code-reviewer", "cost-auditor"), base=0))
    assert text.index("1. Read the diff") < text.index("### Cost Auditor") < text.index("1. Collect") < text.index("## Output")


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("3. Decision Making", "Decision Making"),
        ("2) Standards", "Standards"),
        ("二、接口规范", "接口规范"),
        ("1.2 Storage", "Storage"),
        ("12-Factor Apps", "12-Factor Apps"),
        ("3D Rendering", "3D Rendering"),
        ("2FA", "2FA"),
        ("5 Whys", "5 Whys"),
        ("12 Factors", "12 Factors"),
        ("Step 2: Build", "Step 2: Build"),
    ],
)
def test_the_number_of_a_heading(title: str, bare: str) -> None:
    assert without_number(title) == bare


def test_numbers_stay_where_they_count() -> None:
    assert numbered(["1. Read", "2. Write"])
    assert not numbered(["1. Read", "3. Write"])
    assert not numbered(["1. Read"])
    assert not numbered(["1. Read", "Write"])


def test_a_heading_whose_neighbours_went_loses_its_number(tmp_path: Path) -> None:
    numbers = "## Rules\n\n### 1. Naming\n\n- Name functions by verbs\n\n### 2. Layout\n\n- Keep lines short\n"
    made = team(tmp_path, numbers, "## Palette\n\n- Choose a warm colour\n- Leave white space\n")
    assert "### 1. Naming" in body(made)
    alone = team(tmp_path, "## Rules\n\n### 2. Layout\n\n- Keep lines short\n\n### Naming\n\n- Name functions by verbs\n", numbers)
    assert "### 2." not in body(alone)


def test_parts_of_one_role_stand_as_most_sources_have_them(tmp_path: Path) -> None:
    queue = "## Queues\n\n- Bound every queue\n- Dead letters are read daily\n\n"
    store = "## Storage\n\n- Encrypt the disks\n- Test the restore\n\n"
    other = "## Palette\n\n- Choose a warm colour\n- Leave white space\n"
    long = "".join(f"## Topic {word}\n\n- Something about {word}\n\n" for word in ("alpha", "bravo", "charlie"))
    made = team(tmp_path, queue + store + long, other + queue + store)
    assert body(made).index("## Queues") < body(made).index("## Storage")
    swapped = team(tmp_path, store + queue + long, other + store + queue)
    assert body(swapped).index("## Storage") < body(swapped).index("## Queues")


def test_what_is_left_of_a_led_list_follows_the_rest(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Process\n\n- Read the failing test\n- Inspect variable states\n\nFor each issue, provide:\n\n"
        "- Root cause explanation\n- Evidence supporting the diagnosis\n- Prevention recommendations\n- Remaining budget\n\n"
        "## Palette\n\n- Choose a warm colour\n- Leave white space\n- Prefer round corners\n- Name each colour\n",
        "## Output Format\n\n- Root cause: explanation of why the issue occurred\n- Evidence: logs that support the diagnosis\n"
        "- Prevention: recommendations to avoid similar issues\n- Severity\n",
    )
    text = body(made)
    assert text.index("## Output Format") < text.index("Remaining budget")


def test_one_author_s_double_topic_goes_to_the_parts_on_either(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Security and Performance\n\n- Rotate the signing keys of the security service\n- Cache what is slow for better performance\n"
        "- Audit security logs\n",
        "## Security\n\n- Validate all user input\n- Apply the least privilege\n\n"
        "## Performance\n\n- Profile slow queries\n- Measure latency\n",
    )
    text = body(made)
    assert "Security and Performance" not in text
    security, performance = sorted(text.split("## ")[1:], key=lambda part: part.startswith("Performance"))
    assert "Rotate" in security
    assert "Cache what" in performance


def example(task: str, *steps: str) -> str:
    listed = "".join(f"{n}. {step}\n" for n, step in enumerate(steps, 1))
    return f"## Example\n\n**Task:** {task}\n\n**Actions:**\n\n{listed}\n**Deliverable:** The finished change, reviewed.\n"


def test_examples_told_in_words_are_not_woven_into_one(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "You are an engineer.\n\n" + example("Add a cache", "Read the spec", "Measure first", "Add the cache", "Run the tests"),
        "You are an engineer.\n\n" + example("Drop a column", "Read the spec", "Stop the writers", "Drop the column", "Run the tests"),
        names=("cache-engineer", "schema-engineer"),
    )
    text = body(made)
    assert "1. Read the spec\n2. Measure first\n3. Add the cache\n4. Run the tests" in text
    assert "1. Read the spec\n2. Stop the writers\n3. Drop the column\n4. Run the tests" in text
    assert (
        text.index("### Cache Engineer") < text.index("Measure first") < text.index("### Schema Engineer") < text.index("Stop the writers")
    )


def test_numbered_lists_that_stay_complete_are_not_woven_into_one(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Migrations\n\n1. Take a snapshot\n2. Lock the table\n3. Apply the change\n",
        "## Migrations\n\n1. Announce the downtime\n2. Pause the consumers\n3. Resume the consumers\n",
        names=("store-keeper", "queue-keeper"),
    )
    text = body(made)
    assert "1. Take a snapshot\n2. Lock the table\n3. Apply the change" in text
    assert "1. Announce the downtime\n2. Pause the consumers\n3. Resume the consumers" in text


def test_a_heading_named_for_one_source_gives_way_to_one_for_all(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Junior Rules\n\n- Format all code\n- Report blockers at once\n",
        "## Rules\n\n- Format all code before review\n- Follow the specification\n",
        names=("junior-engineer", "engineer"),
    )
    assert "## Rules" in body(made)
    assert "Junior Rules" not in body(made)


def test_an_example_of_one_thing_is_no_topic_with_examples_at_large(tmp_path: Path) -> None:
    code = "```python\nrun()\n```\n"
    made = team(tmp_path, f"## Example\n\n{code}", f"## Example of a query\n\n```sql\nSELECT 1;\n```\n\n## Example\n\n{code}")
    assert "Example of a query" in body(made)


def test_a_bold_line_that_leads_a_list_in_is_no_heading(tmp_path: Path) -> None:
    made = team(tmp_path, "## Output\n\n**Samples:** Always include:\n\n- Paths\n- Line numbers\n", "## Palette\n\n- Choose warm tones\n")
    assert "**Samples:** Always include:\n- Paths" in body(made)


PALETTE = "## Palette\n\n- Choose warm tones\n- Leave white space\n- Prefer round corners\n- Name each colour\n"


FINDINGS = "## Output\n\nFor each finding, provide:\n\n- The file and line\n- The severity\n\n"


def test_what_to_report_each_time_is_led_in_once(tmp_path: Path) -> None:
    other = "## Output\n\nFor every issue, provide a report:\n\n- Who is affected\n- A cheaper fix\n\n## Harbours\n\n- Count the boats\n"
    text = body(team(tmp_path, FINDINGS + PALETTE, other))
    assert ("or each finding" in text) != ("or every issue" in text)
    assert "- Who is affected" in text


def test_what_to_report_under_a_condition_keeps_its_own_lead(tmp_path: Path) -> None:
    other = (
        "## Output\n\nWhen a build breaks, report for each job:\n\n- Who is affected\n- A cheaper fix\n\n## Harbours\n\n- Count the boats\n"
    )
    text = body(team(tmp_path, FINDINGS + PALETTE, other))
    assert "For each finding, provide:" in text
    assert "When a build breaks, report for each job:" in text


def test_a_line_over_the_only_list_of_a_part_leads_it_in(tmp_path: Path) -> None:
    made = team(tmp_path, "## Done\n\nYou are done when:\n\n- Every test passes\n- The changelog is written\n", PALETTE)
    assert "## Done\n\nYou are done when:\n- Every test passes" in body(made)


def test_techniques_beside_steps_keep_their_heading(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Process\n\n1. Freeze the branch\n2. Run the smoke tests\n3. Tag the version\n",
        "## Release process techniques\n\n- Keep the notes short\n- Ask the owner early\n- Warn the operators\n",
    )
    assert "## Process" in body(made)
    assert "## Release process techniques" in body(made)


def test_a_workflow_and_an_output_are_no_one_section_for_what_they_share(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Process\n\n- Explain the root cause\n- Name the evidence for the diagnosis\n- Recommend how to prevent it\n\n" + PALETTE,
        "## Output\n\n- Root cause: explanation of why it occurred\n- Evidence: logs for the diagnosis\n"
        "- Prevention: how to avoid it\n- Severity\n",
    )
    assert "## Output" in body(made)


def test_a_paragraph_on_what_was_shown_stays_behind_it(tmp_path: Path) -> None:
    shown = '## Output\n\nReturn this JSON:\n\n```json\n{"verdict": "pass | fail", "notes": []}\n```\n\n'
    made = team(tmp_path, shown + "The `notes` field may stay empty.\n", "## Output\n\nBe brief in all you return.\n\n- Name the file\n")
    assert body(made).index('"notes": []') < body(made).index("The `notes` field")
    assert body(made).index("Be brief") < body(made).index('"notes": []')


def test_a_heading_that_names_another_topic_too_gives_way(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Authentication & Security\n\n- Rotate the refresh tokens\n- Check the token on each request\n- Log each sign-in\n",
        "## Authentication & Authorization\n\n- Rotate the refresh tokens daily\n- Check the token on each request\n- Scope each role\n\n"
        "## Security\n\n- Escape all output\n- Pin the dependencies\n- Scan the images\n",
        "## Security & Authentication\n\n- Rotate the refresh tokens\n- Check the token on each request\n- Lock an account\n",
    )
    assert "## Authentication & Authorization" in body(made)
    assert "## Security\n" in body(made)
    assert "& Security" not in body(made)


def test_what_is_aligned_and_stays_stands_side_by_side(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Rules\n\n- Target Python 3.12 for all services\n- Count the crates\n- Bound every queue\n",
        "## Rules\n\n- Paint the pier\n- Target Python 3.11 for all services\n",
    )
    lines = body(made).splitlines()
    assert lines.index("- Target Python 3.11 for all services") == lines.index("- Target Python 3.12 for all services") + 1
    assert lines[-1] == "- Paint the pier"


def test_a_paragraph_behind_its_list_closes_the_part(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Rules\n\n- Count the crates\n- Bound every queue\n\nThe harbour master has the last word.\n",
        "## Rules\n\nThese hold at every pier.\n\n- Paint the railings\n- Close the gate\n",
    )
    text = body(made)
    order = ["These hold at every pier.", "- Count the crates", "- Close the gate", "The harbour master has the last word."]
    assert sorted(order, key=text.index) == order


def test_a_heading_ends_in_no_colon_and_the_result_is_proved(tmp_path: Path) -> None:
    made = team(tmp_path, "## Process:\n\n- Count the crates\n", "## 검토 규칙：\n\n- 부두를 칠한다\n")
    made.write()
    assert [line for line in made.text.splitlines() if line.startswith("## ")] == ["## Process", "## 검토 규칙"]
    assert prove(tmp_path / "out.md") == ()


def test_parts_that_one_author_has_under_one_heading_keep_that_order(tmp_path: Path) -> None:
    priorities = (
        "## Review Priorities\n\n### CRITICAL: Locks\n\n- Check the bolts\n- Check the hinges\n\n"
        "### HIGH: Lamps\n\n- Clean the glass\n- Trim the wick\n\n### MEDIUM: Best Practices\n\n- Name every owner\n- Keep a log\n"
    )
    made = team(tmp_path, priorities, "## Mooring\n\n- Coil the ropes\n- Count the fenders\n")
    headings = [line for line in body(made).splitlines() if line.startswith("### ")]
    assert headings == ["### CRITICAL: Locks", "### HIGH: Lamps", "### MEDIUM: Best Practices"]


def test_what_an_agent_does_after_it_introduces_itself_is_no_part_of_the_heading_before(tmp_path: Path) -> None:
    guarded = (
        "## Safety Baseline\n\n- Never open the sluice at night\n- Report every leak\n\nYou are a keeper of the harbour locks.\n\n"
        "When invoked:\n1. Read the tide table\n2. Open the lower gate\n"
    )
    made = team(tmp_path, guarded, "## Mooring\n\n- Coil the ropes\n- Count the fenders\n")
    assert "## When invoked" in body(made).splitlines()


def test_phases_of_one_author_stand_together_in_their_order(tmp_path: Path) -> None:
    phases = "".join(
        f"## Phase {n}: {name}\n\n- {line}\n- Log {name.lower()}\n\n"
        for n, (name, line) in enumerate(
            [("Survey", "Walk the pier"), ("Repair", "Replace the planks"), ("Quality Checklist", "Sign the sheet")], start=1
        )
    )
    made = team(
        tmp_path,
        phases,
        "## Process\n\n1. Read the tide table\n2. Open the lower gate\n\n## Mooring\n\n- Coil the ropes\n- Count fenders\n",
    )
    headings = [line for line in body(made).splitlines() if line.startswith("## ")]
    first = headings.index("## Phase 1: Survey")
    assert headings[first : first + 3] == ["## Phase 1: Survey", "## Phase 2: Repair", "## Phase 3: Quality Checklist"]
