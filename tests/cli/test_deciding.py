"""``agentmerge decide`` end to end: by an editor, by a terminal, by a program that answers."""

from __future__ import annotations

import io
import json
import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Run, files_below

from agentmerge import answer, build, questions, verify
from agentmerge.asking import CANDIDATE, CONFLICT, KEY, Question, Reply
from agentmerge.deciding import screen, typed_reply, walk
from agentmerge.rules.decisions import DECISIONS_NAME, load_decisions

ALPHA = """\
---
name: alpha
description: Reviews API changes.
tools: Read, Grep
model: sonnet
---

You review API changes.

## Rules

- Keep test coverage above 80%
- Validate every input at the boundary
- Never log passwords
"""
BETA = """\
---
name: beta
description: Reviews what goes out.
tools: Read, Grep
model: opus
---

You review what goes out.

## Rules

- Keep test coverage above 90%
- Look at what users send in and refuse what is malformed
- Ship small changes
"""


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two agents that disagree on a number and a model, and a policy that names them."""
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "alpha.md").write_text(ALPHA, encoding="utf-8")
    (tmp_path / "agents" / "beta.md").write_text(BETA, encoding="utf-8")
    (tmp_path / "agentmerge.yaml").write_text("sources: [agents]\noutput: out.md\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))


def program(folder: Path, body: str) -> str:
    """A command that runs a Python script with these lines."""
    script = folder / "answers.py"
    script.write_text(
        f"import json, os, subprocess, sys, time\nasked = [json.loads(line) for line in sys.stdin]\n{body}\n", encoding="utf-8"
    )
    return shlex.join([sys.executable, str(script)])


def decisions(folder: Path) -> str:
    return (folder / DECISIONS_NAME).read_text(encoding="utf-8")


# --- by an editor ------------------------------------------------------------------------------


def test_open_questions_are_written_for_an_editor_and_a_build_ignores_them_until_they_are_answered(team: Path, run: Run) -> None:
    before = build(policy_file=team / "agentmerge.yaml")
    ran = run("decide")
    assert ran.code == 0, ran.err
    assert "open questions to answer there" in ran.out
    text = decisions(team)
    assert text.count("answer:") == len(questions(before))
    assert "# alpha (Rules) and beta (Rules): CONF001: numbers differ: 80% and 90%" in text
    assert build(policy_file=team / "agentmerge.yaml").text == before.text

    # An editor fills in two answers.
    head, tail = text.split("  conflict: numbers\n  answer:")
    text = f"{head}  conflict: numbers\n  answer: 1\n  note: agreed in May{tail}".replace(
        "- key: model\n  answer:", "- key: model\n  answer: opus"
    )
    (team / DECISIONS_NAME).write_text(text, encoding="utf-8")
    after = build(policy_file=team / "agentmerge.yaml")
    assert "above 80%" in after.text
    assert "above 90%" not in after.text
    assert "model: opus" in after.text
    assert not after.unresolved
    after.write()
    assert verify(after.canonical) == ()
    assert run("build", "--strict").code == 0


def test_writing_again_adds_nothing_and_keeps_what_people_wrote(team: Path, run: Run) -> None:
    (team / DECISIONS_NAME).write_text("# ours\ndecisions:\n  # we like it\n  - keep: Never log passwords\n", encoding="utf-8")
    run("decide", "--write")
    once = decisions(team)
    assert once.startswith("# ours\ndecisions:\n  # we like it\n  - keep: Never log passwords\n")
    assert "\n  - between:\n    - text: " in once
    assert run("decide", "--write").code == 0
    assert decisions(team) == once


def test_an_answer_takes_the_place_of_its_open_question(team: Path, run: Run) -> None:
    run("decide", "--write")
    made = build(policy_file=team / "agentmerge.yaml")
    conflict = next(q for q in questions(made) if q.kind == CONFLICT)
    count = decisions(team).count("- between:")
    answer(made, [Reply(conflict, "2")])
    assert decisions(team).count("- between:") == count
    assert decisions(team).count("answer: 2") == 1
    assert conflict.id not in {q.id for q in questions(build(policy_file=team / "agentmerge.yaml"))}


def test_open_questions_are_listed_as_json(team: Path, run: Run) -> None:
    before = files_below(team)
    listed = json.loads(run("decide", "--format", "json", "--limit", "1").out)
    assert files_below(team) == before
    kinds = [q["kind"] for q in listed["questions"]]
    assert kinds == [KEY, CONFLICT, CANDIDATE] or kinds == [KEY, CONFLICT, "alignment"]
    conflict = listed["questions"][1]
    assert [side["text"] for side in conflict["sides"]] == ["Keep test coverage above 80%", "Keep test coverage above 90%"]
    assert [side["lines"] for side in conflict["sides"]] == [[12, 12], [12, 12]]
    assert conflict["answers"] == ["1", "2", "both", "neither", "same", "different", "skip"]
    assert listed["open"] > len(listed["questions"])


@pytest.mark.usefixtures("team")
def test_questions_hold_to_their_published_schema(run: Run) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs" / "questions.schema.json").read_text(encoding="utf-8"))
    for question in json.loads(run("decide", "--format", "json", "--all", "--limit", "0").out)["questions"]:
        jsonschema.validate(question, {**schema, "$ref": "#/$defs/question"})
        jsonschema.validate({"id": question["id"], "answer": question["answers"][0], "note": "so"}, {**schema, "$ref": "#/$defs/answer"})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": "x", "answer": "same"}, {**schema, "$ref": "#/$defs/answer"})


# --- freshness ---------------------------------------------------------------------------------


def test_a_decisions_file_that_changes_makes_the_agent_stale(team: Path, run: Run) -> None:
    run("build")
    assert run("check").code == 0
    (team / DECISIONS_NAME).write_text("decisions:\n- drop: Ship small changes\n", encoding="utf-8")
    ran = run("check")
    assert ran.code == 1
    assert f"the decisions in {DECISIONS_NAME} are new" in ran.out
    run("build")
    assert run("check").code == 0
    (team / DECISIONS_NAME).write_text("decisions:\n- drop: Ship small changes\n  note: too vague\n", encoding="utf-8")
    assert f"the decisions in {DECISIONS_NAME} have changed" in run("check").out
    run("build")
    (team / DECISIONS_NAME).unlink()
    assert f"the decisions in {DECISIONS_NAME} are gone" in run("check").out


def test_without_a_policy_the_answers_lie_beside_the_output(team: Path, run: Run) -> None:
    (team / "agentmerge.yaml").unlink()
    (team / "made").mkdir()
    (team / "made" / DECISIONS_NAME).write_text("decisions:\n- drop: Ship small changes\n", encoding="utf-8")
    assert run("build", "agents", "-o", "made/out.md").code == 0
    assert "Ship small" not in (team / "made" / "out.md").read_text(encoding="utf-8")
    ledger = json.loads((team / "made" / "out.ledger.json").read_text(encoding="utf-8"))
    assert ledger["decisions"]["path"] == DECISIONS_NAME
    assert run("check", "made/out.md").code == 0
    assert run("verify", "made/out.md").code == 0


def test_a_policy_names_its_decisions(team: Path, run: Run) -> None:
    (team / "agentmerge.yaml").write_text("sources: [agents]\noutput: out.md\ndecisions: review/answers.yaml\n", encoding="utf-8")
    (team / "review").mkdir()
    (team / "review" / "answers.yaml").write_text("decisions:\n- drop: Ship small changes\n", encoding="utf-8")
    run("build")
    assert "Ship small" not in (team / "out.md").read_text(encoding="utf-8")
    assert json.loads((team / "out.ledger.json").read_text(encoding="utf-8"))["decisions"]["path"] == "review/answers.yaml"
    assert run("check").code == 0


def test_stale_answers_are_reported_and_pruned_with_their_comments(team: Path, run: Run) -> None:
    stale = (
        "decisions:\n# nobody says it\n- keep: Test on Mondays\n\n# still so\n- drop: Ship small changes\n"
        "- exclude: gamma\n- {key: color, answer: red}\n"
    )
    (team / DECISIONS_NAME).write_text(stale, encoding="utf-8")
    ran = run("build")
    assert ran.out.count("a stale answer") == 3
    ran = run("decide", "--prune")
    assert ran.out == f"{DECISIONS_NAME}: 3 stale answers removed\n"
    assert decisions(team) == "decisions:\n\n# still so\n- drop: Ship small changes\n"
    assert run("decide", "--prune").out == f"{DECISIONS_NAME}: 0 stale answers removed\n"


def test_leaving_out_every_source_is_refused(team: Path, run: Run) -> None:
    (team / DECISIONS_NAME).write_text("decisions:\n- exclude: alpha\n- exclude: beta\n", encoding="utf-8")
    ran = run("build")
    assert ran.code == 2
    assert f"{DECISIONS_NAME}:2: the decisions leave out every source" in ran.err


def test_of_two_sources_one_left_out_the_other_passes_whole_and_unfollowed_answers_are_listed(team: Path, run: Run) -> None:
    (team / DECISIONS_NAME).write_text("decisions:\n- exclude: beta\n- drop: Never log passwords\n", encoding="utf-8")
    ran = run("build")
    assert (team / "out.md").read_text(encoding="utf-8") == ALPHA
    assert f"{DECISIONS_NAME}:3: not followed" in ran.out
    assert run("verify").code == 0


# --- by a terminal -----------------------------------------------------------------------------


def walked(team: Path, *lines: str) -> tuple[list[str], int]:
    """What is shown to a person who types these lines, and how many questions were answered."""
    made = build(policy_file=team / "agentmerge.yaml")
    typed = iter(lines)
    shown: list[str] = []

    def ask(_: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    done = walk(questions(made), ask=ask, show=shown.append, write=lambda reply: answer(made, [reply]))
    return shown, done.answered


def test_a_person_answers_one_screen_after_the_other_and_each_answer_is_written_at_once(team: Path) -> None:
    shown, answered = walked(team, "2: opus is worth it", "1")
    assert answered == 2
    entries = load_decisions(team / DECISIONS_NAME).decided
    assert [(type(e).__name__, e.note) for e in entries] == [("KeyAnswer", "opus is worth it"), ("Between", "")]
    assert "agents/alpha.md:12" in shown[2]
    assert "   | Keep test coverage above 80%" in shown[2]
    assert "meanwhile  " in shown[2]


def test_what_is_no_answer_is_asked_again(team: Path) -> None:
    shown, answered = walked(team, "perhaps", "9", "q")
    assert answered == 0
    assert [line for line in shown if line.startswith("not an answer")] != []
    assert not (team / DECISIONS_NAME).exists()


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        (CONFLICT, "1", ("1", 0, "")),
        (CONFLICT, "b: until June", ("both", 0, "until June")),
        (CONFLICT, "neither", ("neither", 0, "")),
        (CONFLICT, "s", ("same", 0, "")),
        (KEY, "2", ("beta", 0, "")),
        (KEY, "= haiku", ("haiku", 0, "")),
        (KEY, "", ("skip", 0, "")),
        (CANDIDATE, "1", ("same", 1, "")),
        (CANDIDATE, "D: no", ("different", 0, "no")),
        (CANDIDATE, "quit", ("quit", 0, "")),
    ],
)
def test_what_a_person_may_type(team: Path, kind: str, line: str, expected: tuple[str, int, str]) -> None:
    question = next(q for q in questions(build(policy_file=team / "agentmerge.yaml")) if q.kind == kind)
    reply = typed_reply(question, line)
    assert isinstance(reply, Reply)
    assert (reply.answer, reply.stays, reply.note) == expected


def test_a_screen_commands_no_terminal(team: Path) -> None:
    hostile = ALPHA.replace("above 80%", "above 80% \u202e\u2066\U000e0041")
    (team / "agents" / "alpha.md").write_text(hostile, encoding="utf-8")
    made = build(policy_file=team / "agentmerge.yaml")
    hidden = {"\u202e", "\u2066", "\U000e0041"}
    for number, question in enumerate(questions(made, every=True), 1):
        assert not hidden & set(screen(question, number, 9))
        answer(made, [Reply(question, "skip")])
    assert not hidden & set(decisions(team))
    assert "U+202E" in screen(next(q for q in questions(made) if q.kind == CONFLICT), 1, 9)


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("end", [b"q\n", b"\x04", b""], ids=["quit", "end of input", "interrupt"])
def test_on_a_real_terminal_quitting_end_of_input_and_control_c_lose_nothing(team: Path, end: bytes) -> None:
    import pty
    import subprocess

    own, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "agentmerge", "decide"],
        stdin=other,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=_takes_terminal,
    )
    os.close(other)
    assert process.stdout is not None
    try:
        heard = b""
        for typed in (b"1\n", end):
            until = time.monotonic() + 60
            count = heard.count(b"> ")
            while heard.count(b"> ") == count and time.monotonic() < until:
                heard += os.read(process.stdout.fileno(), 65536)
            if typed:
                os.write(own, typed)
            else:
                time.sleep(0.5)  # The prompt stands a moment before the line is read.
                process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        os.close(own)
    assert process.returncode == 0, rest
    assert b"1 answered" in rest
    assert b"Traceback" not in heard + rest
    assert len(load_decisions(team / DECISIONS_NAME).decided) == 1


def _takes_terminal() -> None:
    import fcntl
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # A runner in the background ignores it, and children inherit that.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


# --- by a program ------------------------------------------------------------------------------

ALL_ANSWERED = """\
for q in asked:
    word = 2 if q['kind'] == 'conflict' else q['answers'][0]
    print(json.dumps({'id': q['id'], 'answer': word, 'note': 'by rote'}))"""


def test_a_program_answers_and_its_answers_are_those_of_a_person(team: Path, run: Run) -> None:
    ran = run("decide", "--with", program(team, ALL_ANSWERED), "--limit", "0")
    assert ran.code == 0, ran.err
    made = build(policy_file=team / "agentmerge.yaml")
    assert not questions(made)
    assert not made.unresolved
    assert "above 90%" in made.text
    assert all(entry.note == "by rote" for entry in load_decisions(team / DECISIONS_NAME).decided)
    made.write()
    assert verify(made.canonical) == ()
    assert run("decide").out == "out.md: nothing is open\n"


def test_a_program_may_leave_questions_open(team: Path, run: Run) -> None:
    body = "for q in asked:\n    print(json.dumps({'id': q['id'], 'answer': 'skip'}))"
    ran = run("decide", "--with", program(team, body))
    assert ran.code == 0
    assert "0 of " in ran.out
    assert not (team / DECISIONS_NAME).exists()


FIRST = "first = asked[0]\n"
FAILURES = {
    "an unknown id": ("print(json.dumps({'id': 'nobody', 'answer': 'same'}))", "line 1 answers no question that was asked: id 'nobody'"),
    "no id": ("print(json.dumps({'answer': 'same'}))", "line 1 answers no question that was asked: id None"),
    "an id that is a list": ("print(json.dumps({'id': [1], 'answer': 'same'}))", "line 1 answers no question"),
    "a wrong word": (
        "q = next(q for q in asked if q['kind'] == 'conflict')\nprint(json.dumps({'id': q['id'], 'answer': 'yes'}))",
        "but 'yes' (one of 1, 2, both, neither, same, different, skip)",
    ),
    "no answer in it": (FIRST + "print(json.dumps({'id': first['id']}))", "but None (one of "),
    "a wrong wording": (
        "q = asked[-1]\nprint(json.dumps({'id': q['id'], 'answer': 'same', 'stays': 3}))",
        "has 'stays': 3 (a side, from 1 to 2, with answer same)",
    ),
    "a note that is no text": (FIRST + "print(json.dumps({'id': first['id'], 'answer': 'skip', 'note': 7}))", "has a note that is no text"),
    "an unknown key": (FIRST + "print(json.dumps({'id': first['id'], 'answer': 'skip', 'why': 'x'}))", "has an unknown key 'why'"),
    "no JSON": ("print('I think they are the same.')", "line 1 is not JSON: 'I think they are the same.'"),
    "JSON nested without end": ("print('[' * 100000)", "line 1 is not JSON"),
    "no map": ("print('[]')", "line 1 is no map"),
    "not UTF-8": ("sys.stdout.buffer.write(b'\\xff\\xfe\\n')", "wrote bytes that are not UTF-8 on line 1"),
    "one answer too many": (
        "for q in asked + asked[:1]:\n    print(json.dumps({'id': q['id'], 'answer': 'skip'}))",
        "a second time (answer a question once)",
    ),
    "a failure": ("print('no model', file=sys.stderr)\nsys.exit(3)", "exited with 3: no model"),
    "a failure after good answers": (
        FIRST + "print(json.dumps({'id': first['id'], 'answer': first['answers'][0]}))\nsys.stdout.flush()\nsys.exit(1)",
        "exited with 1",
    ),
    "a crash": ("os.kill(os.getpid(), 9)", "was ended by signal 9"),
    "nothing": ("pass", "wrote no answer to "),
    "a screenful of control characters": ("print('\\x1b[2J' * 9)", "line 1 is not JSON"),
    "too much": ("sys.stdout.write('x' * (9 << 20))", "wrote more than 8 MiB"),
    "without end": ("while True:\n    print('x' * 65536)", "wrote more than 8 MiB"),
}


@pytest.mark.parametrize(("body", "said"), FAILURES.values(), ids=FAILURES.keys())
def test_what_a_program_does_wrong_is_one_clear_line_and_nothing_is_written(team: Path, run: Run, body: str, said: str) -> None:
    command = program(team, body)
    before = files_below(team)
    ran = run("decide", "--with", command)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err + ran.out
    assert "internal error" not in ran.err
    assert "\x1b" not in ran.err
    assert all(line.startswith("agentmerge: error: ") for line in ran.err.rstrip("\n").split("\n"))
    assert ran.err.rstrip("\n").endswith(": nothing was written")
    assert files_below(team) == before


def test_every_wrong_line_is_named_but_not_without_end(team: Path, run: Run) -> None:
    ran = run("decide", "--with", program(team, "print('no\\n' * 500)"))
    assert ran.err.count("is not JSON") == 20
    assert "and 480 more" in ran.err


def test_a_program_that_hangs_or_leaves_a_child_behind_is_ended(team: Path, run: Run) -> None:
    began = time.monotonic()
    ran = run("decide", "--timeout", "1", "--with", program(team, "time.sleep(600)"))
    assert ran.code == 2
    assert "gave no answer within 1 seconds (allow more with --timeout)" in ran.err
    child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    assert run("decide", "--timeout", "30", "--with", program(team, child + ALL_ANSWERED)).code == 0
    assert time.monotonic() - began < 25


def test_a_program_that_reads_nothing_hangs_nobody(team: Path, run: Run) -> None:
    (team / "deaf.py").write_text("print('{}')\n", encoding="utf-8")
    assert "answers no question" in run("decide", "--with", shlex.join([sys.executable, "deaf.py"])).err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-program-here", "no-such-program-here: cannot be started"),
        ("'unclosed", "is no command: No closing quotation"),
        ("  ", "--with names no command"),
    ],
)
@pytest.mark.usefixtures("team")
def test_a_command_that_cannot_be_run_is_one_clear_line(run: Run, command: str, said: str) -> None:
    ran = run("decide", "--with", command)
    assert ran.code == 2
    assert said in ran.err


def test_no_shell_reads_the_command(team: Path, run: Run) -> None:
    run("decide", "--with", f"{sys.executable} -c pass ; touch owned")
    assert not (team / "owned").exists()


def test_the_same_question_has_the_same_id_wherever_it_stands(team: Path) -> None:
    def ids() -> set[str]:
        return {q.id for q in questions(build(policy_file=team / "agentmerge.yaml")) if q.kind == CONFLICT}

    before = ids()
    moved = ALPHA.replace("- Keep test coverage above 80%\n", "").replace("## Rules\n", "## Rules\n\n- Keep  test coverage\n  above 80%\n")
    (team / "agents" / "alpha.md").write_text(moved, encoding="utf-8")
    assert ids() == before


def test_questions_are_frozen_values(team: Path) -> None:
    found = questions(build(policy_file=team / "agentmerge.yaml"))
    assert all(isinstance(q, Question) for q in found)
    assert hash(found) == hash(questions(build(policy_file=team / "agentmerge.yaml")))
