"""The order, nesting and layout of the canonical body."""

from __future__ import annotations

import re
from pathlib import Path

from agentmerge.api import build
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy


def team(folder: Path, *bodies: str) -> Build:
    """A build without provenance of agents ``s0``, ``s1``, … with these bodies."""
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    return build(paths, policy=Policy(provenance="none"), output=folder / "out.md")


def body(made: Build) -> str:
    return made.text.split("\n---\n", 1)[1].strip("\n")


def headings(made: Build) -> list[str]:
    return re.findall(r"^#+ .*$", made.text, flags=re.MULTILINE)


OTHER = "## Palette\n\n- Choose a warm main colour\n- Leave generous white space\n"


def test_sections_stand_in_the_order_of_what_they_are_for(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Output Format\n\n- A short report\n\n## Anti-patterns\n\n- Shared mutable state\n\n## Best Practices\n\n- Write unit tests\n",
        "## Checklist\n\n- [ ] Backups are encrypted\n\n"
        "## Workflow\n\n1. Read the diff\n2. Name the risks\n\n## Database\n\n- Normalise schemas\n",
    )
    order = ["Workflow", "Best Practices", "Database", "Anti-patterns", "Checklist", "Output Format"]
    assert headings(made) == [f"## {title}" for title in order]


def test_sections_on_one_topic_become_one_section(tmp_path: Path) -> None:
    made = team(tmp_path, "## Security\n\n- Validate user input\n", "## Security\n\n- Rotate the signing keys\n")
    assert headings(made) == ["## Security"]
    assert "- Validate user input\n- Rotate the signing keys" in body(made) or "- Rotate the signing keys\n- Validate user input" in body(
        made
    )


def test_a_section_nests_as_its_source_nests_it(tmp_path: Path) -> None:
    made = team(tmp_path, "## Database\n\n- Normalise schemas\n\n### Indexes\n\n- Cover frequent filters\n- Drop unused ones\n", OTHER)
    at = headings(made).index("## Database")
    assert headings(made)[at + 1] == "### Indexes"


def test_every_heading_style_becomes_a_hash_heading(tmp_path: Path) -> None:
    made = team(tmp_path, "Database\n--------\n\n- Normalise schemas\n\n**Caching**\n\n- Expire stale entries\n", OTHER)
    assert "## Database" in headings(made)
    assert any(re.fullmatch("#+ Caching", h) for h in headings(made))
    assert "**Caching**" not in made.text


def test_a_heading_whose_content_went_elsewhere_goes(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Safety\n\n- Validate user input\n",
        "## Odds and ends\n\n- Validate user input\n\n## Palette\n\n- Choose a warm colour\n",
    )
    assert made.text.count("Validate user input") == 1
    for heading in headings(made):
        assert re.search(re.escape(heading) + r"\n\n[^#\n]", made.text)


def test_a_lead_in_goes_with_the_list_that_it_leads_in(tmp_path: Path) -> None:
    led = "## Security\n\nBefore a merge, look at these places:\n\n- Validate user input\n"
    made = team(tmp_path, led, "## Security\n\n- Validate user input\n- Rotate the signing keys\n")
    lines = body(made).split("\n")
    for n, line in enumerate(lines):
        if line.endswith(":"):
            assert lines[n + 1].startswith("- ") or lines[n + 2].startswith("- ")


def test_the_title_of_a_whole_file_stays_when_half_of_the_sources_have_one(tmp_path: Path) -> None:
    two = team(tmp_path, "# Reviewer\n\n## Database\n\n- Normalise schemas\n", OTHER)
    assert headings(two)[0] == "# Reviewer"
    three = team(tmp_path, "# Reviewer\n\n## Database\n\n- Normalise schemas\n", OTHER, "## Voice\n\n- Greet the reader by name\n")
    assert "# Reviewer" not in headings(three)


def test_the_identity_opens_the_body(tmp_path: Path) -> None:
    made = team(tmp_path, "## Database\n\n- Normalise schemas\n", "You are a careful database reviewer.\n\n" + OTHER)
    assert body(made).startswith("You are a careful database reviewer.")


def test_nested_items_stay_below_their_item(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Database\n\n- Normalise schemas\n  - Keep money in whole cents\n    - Never round twice\n- Cover frequent filters\n",
        OTHER,
    )
    nested = "- Normalise schemas\n  - Keep money in whole cents\n    - Never round twice\n- Cover frequent filters"
    assert nested in body(made)


def test_steps_are_numbered_anew_and_keep_their_order(tmp_path: Path) -> None:
    made = team(tmp_path, "## Workflow\n\n3) Read the diff\n4) Name the risks\n7) Write a report\n", OTHER)
    assert "1. Read the diff\n2. Name the risks\n3. Write a report" in body(made)


def test_two_procedures_stand_side_by_side(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Review workflow\n\n1. Read the diff\n2. Name the risks\n",
        "## Release workflow\n\n1. Tag the commit\n2. Publish the notes\n",
    )
    for steps in ("1. Read the diff\n2. Name the risks", "1. Tag the commit\n2. Publish the notes"):
        assert steps in body(made)


def test_code_tables_and_checklists_keep_their_form(tmp_path: Path) -> None:
    code = "```sh\nmake test\n\n  indented\n```"
    table = "| Level | Meaning |\n|:--|--:|\n| high | stop |"
    made = team(tmp_path, f"## Database\n\n{code}\n\n{table}\n\n- [ ] Backups restored\n- [ ] Indexes reviewed\n", OTHER)
    for block in (code, table, "- [ ] Backups restored\n- [ ] Indexes reviewed"):
        assert block in body(made)


def test_a_section_tag_becomes_a_heading_and_its_end_goes(tmp_path: Path) -> None:
    made = team(tmp_path, "<database_rules>\n- Normalise schemas\n</database_rules>\n\n## Voice\n\n- Be brief\n", OTHER)
    assert any("database rules" in h for h in headings(made))
    assert "</database_rules>" not in made.text


def test_an_item_of_the_canonical_agent_holds_what_its_source_item_held(tmp_path: Path) -> None:
    made = team(tmp_path, "## Database\n\n- Normalise schemas. Keep money in whole cents.\n- Cover filters\n", OTHER)
    assert "- Normalise schemas. Keep money in whole cents.\n- Cover filters" in body(made)


def test_the_canonical_agent_reads_back_without_findings(tmp_path: Path) -> None:
    made = team(tmp_path, "## Database\n\n- Normalise schemas\n", OTHER)
    again = agent_from_source(source_from_bytes(made.text.encode(), "out.md", "out"))
    assert again.findings == ()
    assert len(again.units) == made.count(Outcome.KEPT)


def test_what_not_to_do_is_no_topic_with_what_to_do(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## What to inspect\n\n- Locks of the ferry doors\n- Weight of the cargo\n",
        "## What NOT to inspect\n\n- Paint of the hull\n- Colours of the seats\n",
    )
    assert set(headings(made)) == {"## What to inspect", "## What NOT to inspect"}


def test_bold_leads_of_list_items_keep_their_words_when_they_name_different_things(tmp_path: Path) -> None:
    one = "## Important\n\n- **Trace it**: Follow each value to where it comes from. A guess is weak.\n- Count the berths\n"
    two = "## Important\n\n- **Name it**: Follow each value to where it comes from. A vague word is weak.\n- Paint the quay\n"
    text = body(team(tmp_path, one, two))
    assert "**Trace it**:" in text
    assert "**Name it**:" in text
    assert headings(team(tmp_path, one, two)) == ["## Important"]


def test_items_of_one_lead_stand_side_by_side(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Best Practices\n\n- **Type safety**: Give every function a return type\n- Keep modules small\n",
        "## Best Practices\n\n- Name branches after tickets\n- **Type Safety**: Turn on the strict mode of the compiler\n",
    )
    lines = [line for line in body(made).split("\n") if "ype" in line]
    assert len(lines) == 2
    assert "\n".join(lines) in body(made)


def test_a_shape_of_an_answer_is_no_pattern_of_code(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        '## Code Patterns\n\n```python\nfrom flask import Flask\napp = Flask("berths")\n```\n\n## Paging\n\n```json\n{"page": 1}\n```\n',
        "## Code Patterns\n\n```go\npackage main\n```\n\n## Handlers\n\n```go\nfunc serve() {}\n```\n",
    )
    assert "## Paging" in headings(made)
    assert "### Handlers" in headings(made)
