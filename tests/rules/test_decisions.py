"""The decisions file: every form, every mistake at once, and text that is added and removed by entries."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from agentmerge.errors import OutputError, PolicyError
from agentmerge.output.decisions_text import with_entries
from agentmerge.rules.decisions import (
    Answers,
    Between,
    Exclude,
    KeyAnswer,
    Ref,
    Single,
    content_hash,
    decisions_file,
    is_open,
    load_decisions,
    parse_decisions,
)
from agentmerge.rules.policy import Policy

KEPT = Ref(content_hash("Never log passwords"), "Never log passwords")
FORMS = """\
decisions:
- between: [Validate input, Check input]
  answer: same
  stays: 2
  note: both are about forms
- between:
  - text: Keep coverage above 80%
    source: alpha
    section: Rules
  - hash: "0c67cc5600d4"
  - 90
  conflict: numbers
  answer: 1
- keep: Never log passwords
- drop: {text: Never log passwords twice}
- exclude: legacy
- key: tools
  answer: [Read, "Bash(git:*)"]
- key: model
  from: alpha
- key: color
  answer:
"""


def test_every_form_is_read() -> None:
    validate, check = (Ref(content_hash(text), text) for text in ("Validate input", "Check input"))
    number, digits = Ref(content_hash("Keep coverage above 80%"), "Keep coverage above 80%", "alpha", "Rules"), Ref("0c67cc5600d4")
    assert parse_decisions(FORMS, "d.yaml") == (
        Between((validate, check), "same", 2, "", "both are about forms", 2),
        Between((number, digits, Ref(content_hash("90"), "90")), "1", 0, "numbers", "", 6),
        Single("keep", KEPT, "", 14),
        Single("drop", Ref(content_hash("Never log passwords twice"), "Never log passwords twice"), "", 15),
        Exclude("legacy", "", 16),
        KeyAnswer("tools", ("Read", "Bash(git:*)"), "", "", 17),
        KeyAnswer("model", None, "alpha", "", 19),
        KeyAnswer("color", None, "", "", 21),
    )
    assert [is_open(entry) for entry in parse_decisions(FORMS, "d.yaml")] == [False] * 7 + [True]


def test_a_hash_is_of_what_a_text_says_not_of_how_it_is_laid_out() -> None:
    assert content_hash("Keep  test\n\tcoverage ") == content_hash("Keep test coverage")
    assert content_hash(unicodedata.normalize("NFD", "테스트 커버리지")) == content_hash("테스트 커버리지")
    assert content_hash("Keep test coverage") != content_hash("keep test coverage")
    assert len(content_hash("")) == 12


MISTAKES = [
    ("- keep: a\n  note: [b]", 3, "decisions.0.note: must be a text"),
    ("- kep: a", 2, "must have one of between, keep, drop, exclude, key (it has kep; did you mean 'keep'?)"),
    ("- keep: a\n  drop: b", 2, "(it has both keep and drop)"),
    ("- keep", 2, "must be a map, not 'keep'"),
    ("- {}", 2, "(it has nothing)"),
    ("- keep: a\n  becuse: b", 3, "unknown key 'becuse' (one of keep, note)"),
    ("- keep: []", 2, "must be a statement"),
    ("- keep: {source: x}", 2, "has neither text nor hash"),
    ("- keep: {hash: 0c67cc5600d4, txt: x}", 2, "unknown key 'txt' (did you mean 'text'?)"),
    ("- keep: {hash: abc}", 2, "must be 12 hex digits, not 'abc'"),
    ("- keep: {hash: 0c67cc5600d4, text: other}", 2, f"is not that of the text (write '{content_hash('other')}'"),
    ("- between: [a]\n  answer: same", 2, "must be a list of two statements or more"),
    ("- between: a\n  answer: same", 2, "must be a list of two statements or more"),
    ("- between: [a, b]\n  answer: smae", 3, "unknown answer 'smae' (did you mean 'same'?)"),
    ("- between: [a, b]\n  answer: 3", 3, "unknown answer '3' (one of same, different, both, neither, 1, 2)"),
    ("- between: [a, b]\n  answer: same\n  stays: 3", 4, "unknown stays '3'"),
    ("- between: [a, b]\n  answer: different\n  stays: 1", 4, "goes with 'answer: same' only"),
    ("- exclude:", 2, "exclude: must be a text, not None"),
    ("- key: tools\n  answer: omit", 3, "tools is never left out by a decision"),
    ("- key: disallowedTools\n  answer: Bash", 2, "is decided with 'tools'"),
    ("- key: model\n  answer: opus\n  from: a", 4, "stands beside 'answer' (keep one of the two)"),
    ("- key: hooks\n  answer: {Stop: x}", 3, "must be a text or a list of texts"),
    ("- keep: a\n- drop: a", 3, "answers again what line 2 answers"),
    ("- between: [a, b]\n  answer: same\n- between: [b, a]\n  answer: different", 4, "answers again what line 2 answers"),
]


@pytest.mark.parametrize(("entry", "line", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_line_and_what_to_do(entry: str, line: int, said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_decisions(f"decisions:\n{entry}\n", "d.yaml")
    (problem,) = raised.value.problems
    assert problem.startswith(f"d.yaml:{line} ")
    assert said in problem


def test_all_mistakes_are_named_in_one_go() -> None:
    text = "decison: []\ndecisions:\n- kep: a\n- between: [a, b]\n  answer: smae\n- key: tools\n  answer: omit\n- exclude: [x]\n"
    with pytest.raises(PolicyError) as raised:
        parse_decisions(text, "d.yaml")
    assert [problem.split(" ")[0] for problem in raised.value.problems] == ["d.yaml:1", "d.yaml:3", "d.yaml:5", "d.yaml:7", "d.yaml:8"]


@pytest.mark.parametrize("text", ["", "decisions:\n", "decisions: []\n", "# nothing yet\n"])
def test_a_file_without_entries_has_none(text: str) -> None:
    assert parse_decisions(text, "d.yaml") == ()


@pytest.mark.parametrize(
    "text", ["decisions: x\n", "decisions: {a: b}\n", "- keep: a\n", "decisions: &a [*a]\n", "decisions:\n- keep: a: b\n"]
)
def test_a_file_that_is_no_list_of_decisions_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        parse_decisions(text, "d.yaml")


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    assert load_decisions(tmp_path / "none.yaml") == Answers(origin=(tmp_path / "none.yaml").as_posix())
    for name, data, said in (
        ("bytes", b"decisions:\n- keep: \xff\n", "bytes:2 is not UTF-8"),
        ("huge", b"#" * (5 << 20), "larger than 4 MiB"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PolicyError, match=said):
            load_decisions(tmp_path / name)
    with pytest.raises(PolicyError, match="is not a regular file"):
        load_decisions(tmp_path)


def test_where_the_answers_are(tmp_path: Path) -> None:
    policy_file, out = tmp_path / "agentmerge.yaml", tmp_path / "out"
    out.mkdir()
    usual, beside_output = tmp_path / "agentmerge.decisions.yaml", out / "agentmerge.decisions.yaml"
    assert decisions_file(Policy(decisions="x/y.yaml"), policy_file, out) == tmp_path / "x" / "y.yaml"
    assert decisions_file(Policy(), policy_file, out) == usual
    assert decisions_file(Policy(), None, out) == beside_output
    beside_output.write_text("", encoding="utf-8")
    assert decisions_file(Policy(), policy_file, out) == beside_output
    usual.write_text("", encoding="utf-8")
    assert decisions_file(Policy(), policy_file, out) == usual


# --- text --------------------------------------------------------------------------------------


def test_entries_are_added_below_what_people_wrote_in_their_indentation() -> None:
    text = "# ours\ndecisions:\n    - exclude: legacy   # gone\n"
    assert with_entries(text, [(Exclude("older", "", 0), "alpha: why")], "d.yaml") == (
        "# ours\ndecisions:\n    - exclude: legacy   # gone\n\n    # alpha: why\n    - exclude: older\n"
    )


@pytest.mark.parametrize("text", ["decisions: []\n", "decisions:\n", "decisions:", "# only a comment\n"])
def test_an_empty_list_takes_its_first_entry(text: str) -> None:
    assert parse_decisions(with_entries(text, [(Exclude("a", "", 0), "")], "d.yaml"), "d.yaml")[0]._replace(line=0) == Exclude("a", "", 0)


def test_code_is_quoted_as_a_block_that_a_person_can_read() -> None:
    code = '```python\ndef total(a):\n    return a  # "all"\n```'
    text = with_entries("", [(Single("keep", Ref(content_hash(code), code), "", 0), "")], "d.yaml")
    assert '    return a  # "all"' in text
    assert parse_decisions(text, "d.yaml")[0]._replace(line=0) == Single("keep", Ref(content_hash(code), code), "", 0)


@pytest.mark.parametrize(
    "statement", ["- a: b # c", "'", '"', "\\", "a\tb", "\u202eback", "yes", "~", "12", "{x}", "a\n\n b", "  a", "\x85"]
)
def test_any_statement_comes_back_as_it_was(statement: str) -> None:
    entry = Single("drop", Ref(content_hash(statement), statement), "", 0)
    text = with_entries("", [(entry, statement)], "d.yaml")
    assert parse_decisions(text, "d.yaml")[0]._replace(line=0) == entry
    assert "\u202e" not in text


def test_what_cannot_be_edited_line_by_line_is_left_as_it_is() -> None:
    text = "decisions: [{exclude: a}, {exclude: b}]\n"
    with pytest.raises(OutputError, match="two entries stand on one line"):
        with_entries(text, (), "d.yaml", without=[0])
    with pytest.raises(OutputError, match="an entry cannot be added"):
        with_entries(text, [(Exclude("c", "", 0), "")], "d.yaml")
