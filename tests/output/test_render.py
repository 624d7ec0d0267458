"""The canonical agent as text: comments that cannot break out, blocks, and line numbers."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from agentmerge.api import build
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent, Chunk, Decision, Header, Outcome, Outline, Part, Rendered
from agentmerge.output.provenance import comment_safe
from agentmerge.output.render import render, sha256, template
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy

HEADER = Header(fields=(("name", "reviewer"), ("description", "Reviews changes")))
HEAD = "---\nname: reviewer\ndescription: Reviews changes\n---\n"


def agent(body: str, name: str = "a") -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n{body}".encode(), f"{name}.md", name))


def kept(*agents: Agent) -> dict[str, Decision]:
    return {u.id: Decision(unit=u.id, outcome=Outcome.KEPT, into=None, rule="KEEP001", why="only") for a in agents for u in a.units}


def rendered(one: Agent, *chunks: Chunk, provenance: str = "none") -> Rendered:
    outline = Outline(parts=(Part(role="domain", title="", heading=None, level=2, chunks=chunks),))
    return render((one,), HEADER, outline, kept(one), (), provenance, "out.ledger.json")


def item(*units: str, depth: int = 0, marker: str = "-") -> Chunk:
    return Chunk(kind="item", units=units, depth=depth, marker=marker)


# --- comments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a-->b", "--", "-a-", "a\nb", "a b", "검토", "<script>", "a, b", "--!>", "100%", "a\u202eb"])
def test_a_name_in_a_comment_can_neither_end_nor_hide_in_it(name: str) -> None:
    safe = comment_safe(name)
    assert re.fullmatch(r"[A-Za-z0-9._/%-]+", safe)
    assert "--" not in safe
    assert not safe.startswith("-")
    assert not safe.endswith("-")
    assert unquote(safe) == name


def test_a_plain_name_stands_as_it_is() -> None:
    assert comment_safe("team/plain-name_1.md") == "team/plain-name_1.md"


def test_different_names_stay_different_in_comments() -> None:
    names = ["a b", "a%20b", "a-b", "a--b", "a>b", "ab"]
    assert len({comment_safe(name) for name in names}) == len(names)


def team(folder: Path, provenance: str, *bodies: str) -> Build:
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: d\n---\n\n{body}", encoding="utf-8")
    return build(paths, policy=Policy(provenance=provenance), output=folder / "out.md")


BODIES = ("## Database\n\n- Normalise schemas\n\n```sh\nmake\n```\n", "## Palette\n\n- Choose a warm main colour\n")


def test_inline_provenance_stands_behind_each_statement_and_never_in_code(tmp_path: Path) -> None:
    text = team(tmp_path, "inline", *BODIES).text
    assert "- Normalise schemas <!-- agentmerge: s0 -->\n" in text
    assert "- Choose a warm main colour <!-- agentmerge: s1 -->\n" in text
    assert "```sh\nmake\n```\n" in text


def test_section_provenance_stands_below_each_heading(tmp_path: Path) -> None:
    text = team(tmp_path, "section", *BODIES).text
    assert "## Database\n<!-- agentmerge: s0 -->\n" in text
    assert "## Palette\n<!-- agentmerge: s1 -->\n" in text


def test_a_comment_names_every_source_that_a_statement_speaks_for(tmp_path: Path) -> None:
    text = team(tmp_path, "inline", "## Rules\n\n- Validate user input\n", "## Rules\n\n- Validate user input\n- Be brief\n").text
    assert "- Validate user input <!-- agentmerge: s0, s1 -->" in text


def test_sidecar_provenance_is_one_comment_with_the_ledgers_name(tmp_path: Path) -> None:
    text = team(tmp_path, "sidecar", *BODIES).text
    assert text.endswith("\n\n<!-- agentmerge: out.ledger.json -->\n")
    assert text.count("<!--") == 1


def test_without_provenance_there_is_no_comment(tmp_path: Path) -> None:
    assert "<!--" not in team(tmp_path, "none", *BODIES).text


# --- blocks ------------------------------------------------------------------------------------


def test_the_text_is_frontmatter_then_blocks_and_ends_in_one_line_feed() -> None:
    one = agent("- First\n- Second\n")
    made = rendered(one, item("a:5"), item("a:6"))
    assert made.text == HEAD + "\n- First\n- Second\n"
    assert made.sha256 == sha256(made.text)


def test_what_is_nested_in_a_numbered_item_is_indented_to_its_text() -> None:
    one = agent("- First\n- Second\n- Third\n")
    made = rendered(one, item("a:5", marker="10."), item("a:6", depth=1), item("a:7", depth=2))
    assert made.text == HEAD + "\n10. First\n    - Second\n      - Third\n"


def test_a_list_of_another_kind_stands_apart() -> None:
    one = agent("- First\n- Second\n")
    assert rendered(one, item("a:5"), item("a:6", marker="1.")).text == HEAD + "\n- First\n\n1. Second\n"


def test_sentences_of_one_item_are_one_line_where_only_wrapping_parted_them() -> None:
    one = agent(f"- {'One thing. ' * 6}Another\n  thing.\n")
    assert rendered(one, item(*(u.id for u in one.units))).text == HEAD + f"\n- {'One thing. ' * 6}Another thing.\n"


def test_code_keeps_its_lines_under_any_indent() -> None:
    one = agent("- First\n\n  ```sh\n  make\n\n    deep\n  ```\n")
    code = next(u.id for u in one.units if u.kind == "code")
    made = rendered(one, item("a:5"), Chunk(kind="code", units=(code,), depth=1))
    assert made.text == HEAD + "\n- First\n\n  ```sh\n  make\n\n    deep\n  ```\n"


def test_a_table_keeps_its_rule() -> None:
    one = agent("| A | B |\n|:--|--:|\n| 1 | 2 |\n| 3 | 4 |\n")
    made = rendered(one, Chunk(kind="table", units=("a:5", "a:7", "a:8")))
    assert made.text == HEAD + "\n| A | B |\n|:--|--:|\n| 1 | 2 |\n| 3 | 4 |\n"
    assert made.lines == {"a:5": (6, 6), "a:7": (8, 8), "a:8": (9, 9)}


def test_a_quote_keeps_its_mark() -> None:
    one = agent("> Said once.\n")
    assert rendered(one, Chunk(kind="paragraph", units=("a:5",))).text == HEAD + "\n> Said once.\n"


def test_a_heading_stands_at_the_level_of_its_part() -> None:
    one = agent("**Rules**\n\n- First\n")
    outline = Outline(parts=(Part(role="domain", title="Rules", heading="a:5", level=3, chunks=(item("a:7"),)),))
    made = render((one,), HEADER, outline, kept(one), (), "none", "out.ledger.json")
    assert made.text == HEAD + "\n### Rules\n\n- First\n"
    assert made.lines == {"a:5": (6, 6), "a:7": (8, 8)}


def test_lines_are_where_the_units_stand() -> None:
    one = agent("Opening words.\n\n- First\n- Second\n\n```sh\nmake\n```\n")
    made = rendered(one, Chunk(kind="paragraph", units=("a:5",)), item("a:7"), item("a:8"), Chunk(kind="code", units=("a:10",)))
    lines = made.text.split("\n")
    spans = {u: "\n".join(lines[a - 1 : b]) for u, (a, b) in made.lines.items()}
    assert spans == {"a:5": "Opening words.", "a:7": "- First", "a:8": "- Second", "a:10": "```sh\nmake\n```"}


# --- one source alone --------------------------------------------------------------------------


def test_a_body_that_passes_whole_keeps_its_bytes_and_its_lines() -> None:
    one = agent("\n\n*  odd   marker\n\n\tcode\n***\n")
    head = Header(fields=(), verbatim="---\nname: a\nkept: as it is\ndescription: d\n---")
    made = render((one,), head, Outline(parts=(), verbatim="a"), kept(one), (), "section", "out.ledger.json")
    assert made.text == "---\nname: a\nkept: as it is\ndescription: d\n---\n\n\n*  odd   marker\n\n\tcode\n***\n"
    assert made.lines == {u.id: (u.lines[0] + 1, u.lines[1] + 1) for u in one.units}


def test_templates_are_the_packages_own() -> None:
    assert template("canonical.md.j2").render(frontmatter="---\nname: {{ 1 + 1 }}\n---", blocks=[]).startswith("---\nname: {{ 1 + 1 }}")
