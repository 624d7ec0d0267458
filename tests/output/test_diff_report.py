"""The three forms of a diff: what they say, how long they are, and what they never print raw."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.changes import AgentDiff, Change, FieldChange, Moved, PrivilegeChange, Reworded, Statement
from agentmerge.model import Kind
from agentmerge.output.diff_report import MAX_MARKDOWN, code, diff_json, diff_markdown, diff_text, visible

NOTHING = AgentDiff(privileges=(), fields=(), gained=(), lost=(), reworded=(), moved=())
HOSTILE = "\x1b[31m red \u202e txet \u2066 \u200b \x9b \x07 \U000e0041 \u2028"


def said(text: str, *, kind: Kind = Kind.ITEM, section: str = "Testing", line: int = 7) -> Statement:
    return Statement(text=text, kind=kind, section=section, line=line)


def grant(text: str, kind: Change = Change.GAINED) -> PrivilegeChange:
    return PrivilegeChange(name="Bash", kind=kind, old=None, new="Bash", text=text)


def full(text: str = "words") -> AgentDiff:
    """A diff with ``text`` at every place that a stranger can write to."""
    return AgentDiff(
        privileges=(grant(text),),
        fields=(FieldChange(key=text, old=text, new=None), FieldChange(key="model", old=None, new=text)),
        gained=(said(text, section=text),),
        lost=(said(text, section=""),),
        reworded=(Reworded(old=said(text), new=said(text), score=0.9, evidence=(text, "wording 0.90"), warning=text),),
        moved=(Moved(statement=said(text), from_section=text, to_section=""),),
    )


def all_forms(diff: AgentDiff, old: str = "old.md", new: str = "new.md") -> tuple[str, str, str]:
    return diff_text(diff, old, new), diff_markdown(diff, old, new), diff_json(diff, old, new)


def raw(text: str) -> set[str]:
    """Characters of a report that hide or reorder text, line ends aside."""
    return {char for char in text if char != "\n" and (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"))}


def test_no_difference_is_one_line() -> None:
    assert diff_text(NOTHING, "old.md", "new.md") == "old.md -> new.md: no difference\n"
    assert diff_markdown(NOTHING, "old.md", "new.md") == "## Agent diff: `old.md` to `new.md`\n\nNo difference.\n"
    assert json.loads(diff_json(NOTHING, "old.md", "new.md"))["same"] is True


def test_text() -> None:
    diff = AgentDiff(
        privileges=(grant("may now use Bash"),),
        fields=(FieldChange(key="model", old=None, new="opus"), FieldChange(key="color", old="", new=None)),
        gained=(said("Sign the build", section=""),),
        lost=(said("```\na\n  b\n```", kind=Kind.CODE),),
        reworded=(Reworded(old=said("Cover 80%"), new=said("Cover 90%", line=9), score=0.9, evidence=("numbers",), warning="numbers"),),
        moved=(Moved(statement=said("Log it", line=12), from_section="", to_section="Testing"),),
    )
    assert diff_text(diff, "old.md", "new.md") == (
        "old.md -> new.md: 1 privilege change, 1 lost, 1 gained, 1 reworded, 1 moved, 2 fields\n"
        "\nPrivileges\n  gained: may now use Bash\n"
        "\nLost\n  - line 7 [Testing]: ```\n    | a\n    |   b\n    | ```\n"
        "\nGained\n  + line 7: Sign the build\n"
        "\nReworded\n  ~ line 7 -> 9 [Testing]: numbers\n    - Cover 80%\n    + Cover 90%\n"
        "\nMoved\n  > line 12 [top] -> [Testing]: Log it\n"
        "\nFields\n  model: (none) -> opus\n  color: (empty) -> (none)\n"
    )


def test_markdown() -> None:
    assert diff_markdown(full(), "old.md", "new.md") == (
        "## Agent diff: `old.md` to `new.md`\n"
        "\n1 privilege change, 1 lost, 1 gained, 1 reworded, 1 moved, 2 fields.\n"
        "\n### Privileges\n\n**Warning: the new agent may do more than the old one.**\n\n- **gained** `words`\n"
        "\n### Lost\n\n- `words` (line 7)\n"
        "\n### Gained\n\n- `words` (line 7, under `words`)\n"
        "\n### Reworded\n\n- **Check:** `words`. `words` -> `words` (line 7, under `Testing`)\n"
        "\n### Moved\n\n- `words` from `words` to the top\n"
        "\n### Fields\n\n- `words`: `words` -> (none)\n- `model`: (none) -> `words`\n"
    )


def test_markdown_warns_otherwise_when_nothing_is_gained() -> None:
    diff = replace(NOTHING, privileges=(grant("may no longer use Bash", Change.LOST),))
    assert "**Warning: what the agent may do changes.**" in diff_markdown(diff, "a", "b")


def test_json_is_sorted_and_has_every_part() -> None:
    text = diff_json(full(), "old.md", "new.md")
    data = json.loads(text)
    assert text == json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    assert set(data) == {"old", "new", "same", "privileges", "fields", "gained", "lost", "reworded", "moved"}
    assert data["privileges"] == [{"kind": "gained", "name": "Bash", "new": "Bash", "old": None, "text": "words"}]
    assert data["moved"][0]["statement"] == {"kind": "item", "line": 7, "section": "Testing", "text": "words"}


def test_only_the_changed_lines_of_a_reworded_block_are_shown() -> None:
    old, new = said("```\none\ntwo\nend\n```", kind=Kind.CODE), said("```\none\n2\n3\nend\n```", kind=Kind.CODE)
    diff = replace(NOTHING, reworded=(Reworded(old=old, new=new, score=0.9, evidence=("wording 0.90",)),))
    assert "    - …\n      | two\n      | …\n    + …\n      | 2\n      | 3\n      | …\n" in diff_text(diff, "a", "b")
    assert "`… ⏎ two ⏎ …` -> `… ⏎ 2 ⏎ 3 ⏎ …`" in diff_markdown(diff, "a", "b")


@pytest.mark.parametrize("old", ["one\none", "one\ntwo", "one"])
def test_lines_at_both_ends_are_counted_once(old: str) -> None:
    last = old.split("\n")[-1]
    diff = replace(NOTHING, reworded=(Reworded(old=said(old), new=said(f"{old}\n{last}"), score=1.0, evidence=("wording 1.00",)),))
    assert diff_text(diff, "a", "b").endswith(f"    - …\n    + …\n      | {last}\n")


# --- safety ------------------------------------------------------------------------------------


def test_no_form_prints_a_character_that_hides_or_reorders() -> None:
    for form in all_forms(full(HOSTILE), HOSTILE, HOSTILE):
        assert not raw(form)
        assert "202e" in form


def test_hostile_text_passes_through_json_unchanged() -> None:
    data = json.loads(diff_json(full(HOSTILE), HOSTILE, "new.md"))
    assert data["old"] == HOSTILE
    assert data["gained"][0]["text"] == HOSTILE


@given(st.text())
def test_visible_text_is_one_line_without_hidden_characters(text: str) -> None:
    shown = visible(text)
    assert "\n" not in shown
    # Format characters that show nothing are escaped; the few that show something (number signs) are not.
    assert not {char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")}


BREAKOUTS = (
    "`", "``", "a`b", "`a`", "``` ``", "\n- [x] merged", "\n\n# Approved", "<details>", "</li><img src=x>", "@team please merge",
    "[a](javascript:b)", "![a](http://x)", "| a |", "\\`", "*a*", "fixes #1", "-->",
)  # fmt: skip


@pytest.mark.parametrize("text", BREAKOUTS)
def test_nothing_breaks_out_of_its_code_span(text: str) -> None:
    """Without its code spans the comment is what it would be for plain words."""
    render = mistune.create_markdown(escape=False)

    def outside(diff: AgentDiff, name: str) -> str:
        return re.sub(r"<code>[^<]*</code>", "CODE", str(render(diff_markdown(diff, name, name))))

    assert outside(full(text), text) == outside(full("words"), "words")


def test_an_empty_quote_is_said_to_be_empty() -> None:
    assert code(" ") == "`(nothing)`"


@given(st.text(alphabet="`ab \n<@", max_size=20))
def test_a_code_span_is_one_code_span(text: str) -> None:
    render = mistune.create_markdown(escape=True)
    assert re.fullmatch(r"<p>x <code>[^<]*</code> y</p>\n", str(render(f"x {code(text)} y")))


def test_code_in_the_terminal_cannot_pass_for_an_entry() -> None:
    diff = replace(NOTHING, gained=(said("```\n\nLost\n  - line 1: x\n```", kind=Kind.CODE),))
    assert [line for line in diff_text(diff, "a", "b").split("\n") if not line.startswith("    | ")] == [
        "a -> b: 1 gained", "", "Gained", "  + line 7 [Testing]: ```", "",
    ]  # fmt: skip


# --- size --------------------------------------------------------------------------------------


def test_markdown_leaves_out_whole_entries_and_counts_them() -> None:
    many = tuple(said(f"statement {n} " + "x" * 200, line=n) for n in range(1000))
    diff = replace(NOTHING, privileges=(grant("may now use Bash"),), gained=many[:3], lost=many)
    text = diff_markdown(diff, "old.md", "new.md")
    assert len(text) < MAX_MARKDOWN
    shown = len(re.findall(r"^- `statement \d+ x{200}` \(line \d+, under `Testing`\)$", text, re.MULTILINE))
    assert f"- {1003 - shown} more left out: the report is too long\n" in text
    assert shown > 150
    assert "may now use Bash" in text
    assert "statement 2 x" in text.partition("### Gained")[2]


def test_one_entry_that_is_too_long_hides_no_other() -> None:
    diff = replace(NOTHING, gained=(said("y" * 100_000), said("Sign the build")))
    text = diff_markdown(diff, "n" * 100_000, "m" * 100_000)
    assert len(text) < MAX_MARKDOWN
    assert "- `Sign the build` (line 7, under `Testing`)\n- 1 more left out" in text


def test_text_and_json_leave_nothing_out() -> None:
    diff = replace(NOTHING, gained=tuple(said("z" * 500, line=n) for n in range(500)))
    assert diff_text(diff, "a", "b").count("z" * 500) == 500
    assert len(json.loads(diff_json(diff, "a", "b"))["gained"]) == 500
