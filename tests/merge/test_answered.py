"""A person's answers where they meet one another, guards, copies, headings and tables."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.model import Decision, Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import DECISIONS_NAME


def made(folder: Path, bodies: Mapping[str, str], decisions: str) -> Build:
    """A team built with answers, written, and proved."""
    for name, body in bodies.items():
        (folder / f"{name}.md").write_text(f"---\nname: {name}\ndescription: Works on {name}\n---\n\n{body}\n", encoding="utf-8")
    (folder / DECISIONS_NAME).write_text(f"decisions:\n{decisions}", encoding="utf-8")
    found = build([folder / f"{name}.md" for name in bodies], output=folder / "out.md")
    found.write()
    assert verify(found.canonical) == ()
    return found


def of(found: Build, text: str, source: str = "") -> Decision:
    """What became of the one statement that says this."""
    (unit,) = [u for a in found.agents for u in a.units if u.text == text and source in ("", u.source)]
    return next(d for d in found.decisions if d.unit == unit.id)


def messages(found: Build) -> str:
    return "\n".join(f.message for f in found.findings if f.code == "DEC001")


def test_what_is_the_same_as_the_same_ends_in_one_wording(tmp_path: Path) -> None:
    bodies = {"a": "- Refuse odd orders", "b": "- Say no to strange purchases", "c": "- Turn down what looks off"}
    answers = (
        "- {between: [Refuse odd orders, Say no to strange purchases], answer: same, stays: 1}\n"
        "- {between: [Say no to strange purchases, Turn down what looks off], answer: same, note: third}\n"
    )
    found = made(tmp_path, bodies, answers)
    assert of(found, "Refuse odd orders").outcome is Outcome.KEPT
    for text in ("Say no to strange purchases", "Turn down what looks off"):
        assert of(found, text)[1:4] == (Outcome.MERGED, of(found, "Refuse odd orders").unit, "DEC001")
    assert 'decided by a person: "third"' in of(found, "Turn down what looks off").why
    assert {al.score for al in found.alignments if "decided by a person" in al.evidence} == {1.0}


def test_the_same_never_joins_what_is_kept_apart(tmp_path: Path) -> None:
    bodies = {"a": "- Refuse odd orders", "b": "- Say no to strange purchases", "c": "- Turn down what looks off"}
    answers = (
        "- {between: [Refuse odd orders, Say no to strange purchases], answer: same}\n"
        "- {between: [Say no to strange purchases, Turn down what looks off], answer: same}\n"
        "- {between: [Refuse odd orders, Turn down what looks off], answer: different}\n"
    )
    found = made(tmp_path, bodies, answers)
    assert "it would join statements that a person keeps apart" in messages(found)
    assert of(found, "Turn down what looks off").outcome is Outcome.KEPT
    assert {of(found, text).outcome for text in ("Refuse odd orders", "Say no to strange purchases")} == {Outcome.KEPT, Outcome.MERGED}


def test_a_pin_holds_against_every_other_answer(tmp_path: Path) -> None:
    bodies = {"a": "- Keep test coverage above 80%", "b": "- Keep test coverage above 90%"}
    pair = "between: [Keep test coverage above 80%, Keep test coverage above 90%]"
    for answer in ("1", "neither", "same"):
        found = made(tmp_path, bodies, f"- keep: Keep test coverage above 90%\n- {{{pair}, answer: {answer}}}\n")
        assert of(found, "Keep test coverage above 90%").outcome is Outcome.KEPT, answer
        if answer != "same":
            assert "is not followed here" in messages(found), answer


def test_answers_in_a_ring_leave_a_statement(tmp_path: Path) -> None:
    texts = [f"Keep test coverage above {n}%" for n in (70, 80, 90)]
    ring = [(0, 1), (1, 2), (2, 0)]
    answers = "".join(f"- {{between: [{texts[i]}, {texts[j]}], answer: 1}}\n" for i, j in ring)
    found = made(tmp_path, dict(zip("abc", (f"- {t}" for t in texts), strict=True)), answers)
    assert any(of(found, text).outcome is Outcome.KEPT for text in texts)
    assert "is not followed here" in messages(found)


def test_a_third_side_does_not_take_out_what_a_person_keeps(tmp_path: Path) -> None:
    bodies = {"a": "- Keep test coverage above 80%", "b": "- Keep test coverage above 90%", "c": "- Keep test coverage above 95%"}
    answers = "- {between: [Keep test coverage above 80%, Keep test coverage above 90%], answer: 1}\n"
    found = made(tmp_path, bodies, answers)
    assert of(found, "Keep test coverage above 80%").outcome is Outcome.KEPT
    assert [c.resolved for c in found.conflicts if c.rule == "CONF001"] == [False]


def test_an_answer_is_about_every_place_of_a_text_unless_it_names_one(tmp_path: Path) -> None:
    bodies = {"a": "- Ship small changes\n- Measure slow queries", "b": "- Ship small changes\n- Review pull requests"}
    found = made(tmp_path, bodies, "- drop: Ship small changes\n")
    assert {of(found, "Ship small changes", s).outcome for s in "ab"} == {Outcome.DROPPED}
    found = made(tmp_path, bodies, "- drop: {text: Ship small changes, source: a}\n")
    assert [of(found, "Ship small changes", s).outcome for s in "ab"] == [Outcome.DROPPED, Outcome.KEPT]
    found = made(tmp_path, bodies, "- drop: {text: Ship small changes, section: Elsewhere}\n")
    assert "no source says 'Ship small changes' in Elsewhere" in messages(found)


def test_equal_texts_of_two_sources_can_be_kept_apart(tmp_path: Path) -> None:
    bodies = {"a": "- Ship small changes of the schema\n- Measure slow queries", "b": "- Ship small changes of the schema\n- Review code"}
    answers = (
        "- between:\n  - {text: Ship small changes of the schema, source: a}\n"
        "  - {text: Ship small changes of the schema, source: b}\n  answer: different\n"
    )
    found = made(tmp_path, bodies, answers)
    assert found.text.count("Ship small changes of the schema") == 2
    assert of(found, "Ship small changes of the schema", "a").rule == "DEC001"
    code = {name: "```sh\nmake test\n```\n\n- " + body for name, body in (("a", "Measure slow queries"), ("b", "Review code"))}
    block = '{text: "```sh\\nmake test\\n```", source: '
    answers = f"- between:\n  - {block}a}}\n  - {block}b}}\n  answer: different\n"
    assert made(tmp_path, code, answers).text.count("make test") == 2


def test_copies_of_a_source_follow_the_answers_about_it(tmp_path: Path) -> None:
    body = "- Ship small changes\n- Measure slow queries"
    (tmp_path / "x").mkdir()
    for path in (tmp_path / "a.md", tmp_path / "x" / "copy.md"):
        path.write_text(f"---\nname: a\ndescription: Works on a\n---\n\n{body}\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("---\nname: b\ndescription: Works on b\n---\n\n- Review pull requests\n", encoding="utf-8")
    (tmp_path / DECISIONS_NAME).write_text("decisions:\n- drop: {text: Ship small changes, source: copy}\n", encoding="utf-8")
    found = build([tmp_path / "a.md", tmp_path / "x" / "copy.md", tmp_path / "b.md"], output=tmp_path / "out.md")
    found.write()
    assert verify(found.canonical) == ()
    assert {of(found, "Ship small changes", s).outcome for s in ("a", "copy")} == {Outcome.DROPPED}
    assert messages(found) == ""


def test_a_heading_that_a_person_keeps_titles_its_part(tmp_path: Path) -> None:
    bodies = {
        "a": "## Security\n\n- Validate every user input\n- Hash every password",
        "b": "## Security rules\n\n- Validate every user input\n- Rotate keys each month",
    }
    before = made(tmp_path, bodies, "")
    chosen, other = ("Security", "Security rules") if "## Security\n" in before.text else ("Security rules", "Security")
    found = made(tmp_path, bodies, f'- keep: "## {other}"\n')
    assert f"## {other}\n" in found.text
    assert of(found, f"## {other}").rule == "DEC001"
    found = made(tmp_path, bodies, f'- drop: "## {chosen}"\n')
    assert f"## {chosen}\n" not in found.text
    assert of(found, f"## {chosen}").rule == "DEC001"


def test_the_only_heading_of_what_stays_is_not_dropped(tmp_path: Path) -> None:
    found = made(tmp_path, {"a": "## Security\n\n- Hash every password", "b": "- Ship small changes"}, '- drop: "## Security"\n')
    assert "## Security" in found.text
    assert "has no other heading" in messages(found)


def test_a_table_keeps_its_head(tmp_path: Path) -> None:
    table = "| Level | Meaning |\n|---|---|\n| high | stop the release |\n| low | note it |"
    found = made(tmp_path, {"a": table, "b": "- Ship small changes"}, '- drop: "| Level | Meaning |"\n- drop: "| low | note it |"\n')
    assert "| Level | Meaning |\n|---|---|\n| high | stop the release |" in found.text
    assert "| low |" not in found.text
    assert "the head of a table stays" in messages(found)


@pytest.mark.parametrize("gone", ["alpha", "stale"])
def test_a_key_answer_from_a_source_that_is_not_merged_is_not_followed(tmp_path: Path, gone: str) -> None:
    for name, model in (("alpha", "opus"), ("beta", "haiku"), ("gamma", "haiku")):
        text = f"---\nname: {name}\ndescription: Works on {name}\nmodel: {model}\n---\n\n- Work on {name}\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    (tmp_path / DECISIONS_NAME).write_text(f"decisions:\n- exclude: alpha\n- {{key: model, from: {gone}}}\n", encoding="utf-8")
    found = build([tmp_path / f"{name}.md" for name in ("alpha", "beta", "gamma")], output=tmp_path / "out.md")
    assert "model: haiku" in found.text
    assert "a stale answer: " in messages(found)


def test_a_person_may_leave_a_key_out(tmp_path: Path) -> None:
    for name, model in (("alpha", "opus"), ("beta", "haiku")):
        text = f"---\nname: {name}\ndescription: Works on {name}\nmodel: {model}\n---\n\n- Work on {name}\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    (tmp_path / DECISIONS_NAME).write_text("decisions:\n- {key: model, answer: omit, note: the default will do}\n", encoding="utf-8")
    found = build([tmp_path / f"{name}.md" for name in ("alpha", "beta")], output=tmp_path / "out.md")
    assert "model:" not in found.text
    assert {(f.outcome, f.rule) for f in found.fields if f.key == "model"} == {(Outcome.DROPPED, "DEC001")}
    assert found.unresolved == ()
