"""Each command as a person uses it: what it prints, what it writes, how it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import REVIEWER, Run, files_below

from agentmerge import build, load_policy

CANONICAL = """\
---
name: api-reviewer
description: Reviews API changes before a release.
tools: "Read, Grep"
model: sonnet
---
"""


def test_build_writes_the_canonical_agent_and_its_ledger(run: Run, project: Path) -> None:
    ran = run("build", "agents", "--output", "out.md")
    text = (project / "out.md").read_text(encoding="utf-8")
    assert (ran.code, ran.err) == (0, "")
    assert text.startswith(CANONICAL)
    for statement in ("Validate every input at the boundary", "Never log passwords or tokens", "목록 조회에 페이지네이션 적용"):
        assert text.count(statement) == 1
    assert sorted(files_below(project)) == ["agents/alpha.md", "agents/beta.md", "out.ledger.json", "out.md"]


def test_the_summary_counts_every_statement_and_names_the_files(run: Run, project: Path) -> None:
    ran = run("build", "agents", "-o", "out.md")
    lines = ran.out.splitlines()
    units = json.loads((project / "out.ledger.json").read_text(encoding="utf-8"))["units"]
    count = {outcome: sum(u["outcome"] == outcome for u in units) for outcome in ("kept", "merged", "overridden", "dropped")}
    told = ", ".join(f"{number} {outcome}" for outcome, number in count.items())
    assert lines[0] == "out.md: 2 sources: alpha, beta"
    assert lines[1] == f"statements {len(units)}: {told}"
    assert lines[-1] == "written    out.md, out.ledger.json"
    assert any(line.startswith("size ") and "tokens in" in line for line in lines)
    assert not ran.out.endswith("\n\n")


def test_a_second_build_writes_nothing(run: Run, project: Path) -> None:
    run("build", "agents", "-o", "out.md")
    before = files_below(project)
    assert run("build", "agents", "-o", "out.md").out.splitlines()[-1] == "written    nothing: up to date"
    assert files_below(project) == before


@pytest.mark.parametrize(("option", "said"), [("--dry-run", "written    nothing: dry run"), ("--diff", "+- Never log passwords or tokens")])
def test_a_preview_writes_nothing(run: Run, project: Path, option: str, said: str) -> None:
    before = files_below(project)
    ran = run("build", "agents", "-o", "out.md", option)
    assert ran.code == 0
    assert said in ran.out.splitlines()
    assert files_below(project) == before


def test_diff_of_a_fresh_build_says_that_nothing_changes(run: Run, project: Path) -> None:
    assert project
    run("build", "agents", "-o", "out.md")
    assert run("build", "agents", "-o", "out.md", "--diff").out == "out.md: no change\n"


def test_json_says_what_the_text_says(run: Run, project: Path) -> None:
    ran = run("build", "agents", "-o", "out.md", "--format", "json")
    data = json.loads(ran.out)
    assert data["canonical"] == "out.md"
    assert data["sources"] == [{"id": "alpha", "path": "agents/alpha.md"}, {"id": "beta", "path": "agents/beta.md"}]
    assert data["written"] == ["out.md", "out.ledger.json"]
    assert data["words"]["out"] == len((project / "out.md").read_text(encoding="utf-8").split())
    assert set(data["tokens"]) == {"in", "out", "provenance"}


def test_a_privilege_is_reported_first_and_by_name(run: Run, project: Path) -> None:
    (project / "agentmerge.yaml").write_text("sources: [agents]\noutput: out.md\nrules: {tools: union}\n", encoding="utf-8")
    ran = run("build")
    assert ran.out.splitlines()[0] == "PRIVILEGE  Write: granted by beta; alpha had not got it"
    assert 'tools: "Read, Write, Grep"' in (project / "out.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("provenance", "comments"), [("section", True), ("inline", True), ("sidecar", False), ("none", False)])
def test_provenance_chooses_the_comments(run: Run, project: Path, provenance: str, comments: bool) -> None:
    alpha = project / "agents" / "alpha.md"
    alpha.write_text(alpha.read_text(encoding="utf-8") + "\n## Palette\n\n- Choose a warm main colour\n", encoding="utf-8")
    run("build", "agents", "-o", "out.md", "--provenance", provenance)
    text = (project / "out.md").read_text(encoding="utf-8")
    assert ("<!-- agentmerge: alpha" in text) is comments
    assert ("<!-- agentmerge: out.ledger.json -->" in text) is (provenance == "sidecar")


def test_language_prefers_the_wordings_of_that_language(project: Path) -> None:
    korean = "---\nname: a\ndescription: 주문 서버\n---\n\n## 규칙\n\n- 비밀번호를 로그에 남기지 않음\n"
    english = "---\nname: a\ndescription: Order server\n---\n\n## Rules\n\n- Do not write passwords to the log\n"
    (project / "ko.md").write_text(korean, encoding="utf-8")
    (project / "en.md").write_text(english, encoding="utf-8")
    for language, start in (("ko", "주문 서버"), ("en", "Order server")):
        built = build(["ko.md", "en.md"], policy=load_policy().with_command_line(language=language), output="out.md")
        assert built.text.splitlines()[2].partition(": ")[2].strip('"').startswith(start)


def test_strict_exits_1_and_writes_nothing_when_a_conflict_is_undecided(run: Run, project: Path) -> None:
    beta = project / "agents" / "beta.md"
    beta.write_text(beta.read_text(encoding="utf-8").replace("model: sonnet", "model: opus"), encoding="utf-8")
    before = files_below(project)
    ran = run("build", "agents", "-o", "out.md", "--strict")
    assert ran.code == 1
    assert "UNDECIDED  MODEL001 alpha:model, beta:model: sources name opus, sonnet; opus stays" in ran.out.splitlines()
    assert ran.out.splitlines()[-1] == "written    nothing: undecided conflicts"
    assert ran.err == "agentmerge: 1 undecided conflict: decide in agentmerge.yaml, or build without --strict\n"
    assert run("build", "agents", "-o", "out.md", "--strict", "--diff").code == 1
    assert files_below(project) == before


def test_a_single_source_passes_unchanged_and_takes_a_new_name(run: Run, project: Path) -> None:
    run("build", "agents/alpha.md", "-o", "same.md")
    run("build", "agents/alpha.md", "-o", "other.md", "--name", "release-checker")
    assert (project / "same.md").read_text(encoding="utf-8") == REVIEWER
    renamed = (project / "other.md").read_text(encoding="utf-8")
    assert renamed.splitlines()[1] == "name: release-checker"
    assert renamed.partition("\n---\n")[2] == REVIEWER.partition("\n---\n")[2]
    assert run("check", "other.md").code == run("verify", "other.md").code == 0


def test_check_and_verify_of_a_fresh_build(run: Run, project: Path) -> None:
    assert project
    run("build", "agents", "-o", "out.md")
    assert run("check", "out.md").out == "out.md: fresh\n"
    assert run("verify", "out.md").out == "out.md: proved: every line of every source and of the output is accounted for\n"
    assert run("check").out == run("check", "out.ledger.json").out == "out.md: fresh\n"


def test_verify_fails_when_a_source_or_the_output_changed(run: Run, project: Path) -> None:
    run("build", "agents", "-o", "out.md")
    with (project / "out.md").open("a", encoding="utf-8") as file:
        file.write("- Invented\n")
    ran = run("verify", "out.md")
    assert ran.code == 1
    assert ran.out.splitlines()[0] == "out.md: the canonical agent is not the one that was built: its bytes differ"
    (project / "agents" / "alpha.md").write_text(REVIEWER + "- New\n", encoding="utf-8")
    assert "agents/alpha.md: the source has changed since the build (build again)" in run("verify", "out.md").out.splitlines()


def test_verify_names_an_outcome_that_the_ledger_lost(run: Run, project: Path) -> None:
    run("build", "agents", "-o", "out.md")
    ledger = project / "out.ledger.json"
    data = json.loads(ledger.read_text(encoding="utf-8"))
    lost = next(unit for unit in data["units"] if unit["id"] == "alpha:12")
    data["units"].remove(lost)
    ledger.write_text(json.dumps(data), encoding="utf-8")
    assert run("verify", "out.md").code == 1
    assert "agents/alpha.md:12: unit alpha:12 is unaccounted for" in run("verify", "out.md").out


def test_rules_lists_every_rule_and_shows_the_page_of_one(run: Run) -> None:
    from agentmerge.rules.registry import RULES

    assert [line.split()[0] for line in run("rules").out.splitlines()] == [rule.code for rule in RULES]
    assert run("rules", "color").out == run("rules", "color001").out
    assert run("rules", "COLOR001").out == (
        "COLOR001 color\n\nThe colour is cosmetic: kept when the sources agree, else left out.\n"
        "A colour tells a user nothing about the merged agent.\n\nIn agentmerge.yaml:\n  rules:\n    color:\n"
        "      strategy: agree  # or majority, priority, drop\n"
    )


def test_diff_of_two_files(run: Run, project: Path) -> None:
    (project / "old.md").write_text(REVIEWER, encoding="utf-8")
    (project / "new.md").write_text(REVIEWER + "- 목록 조회에 페이지네이션 적용\n", encoding="utf-8")
    ran = run("diff", "old.md", "new.md")
    assert ran.code == 1
    assert ran.out == "old.md -> new.md: 1 gained\n\nGained\n  + line 15 [Rules]: 목록 조회에 페이지네이션 적용\n"
    assert "- `목록 조회에 페이지네이션 적용`" in run("diff", "old.md", "new.md", "--format", "markdown").out
    assert len(json.loads(run("diff", "old.md", "new.md", "--format", "json").out)["gained"]) == 1
    assert run("diff", "old.md", "old.md").code == 0


@pytest.mark.parametrize("arguments", [["build", "--nope"], ["nope"], ["build", "--provenance", "loud"], ["explain"], ["rules", "a", "b"]])
def test_wrong_use_exits_2_without_a_traceback(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_of_another_encoding_is_no_problem(project: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "agentmerge", "build", "agents", "--output", "out.md", "--diff"]
    ran = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"+++ out.md (built)" in ran.stdout


def test_the_process_reports_bad_input_in_one_line(project: Path) -> None:
    command = [sys.executable, "-m", "agentmerge", "build", "없는-파일.md"]
    ran = subprocess.run(command, cwd=project, capture_output=True, check=False, timeout=60)
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert ran.stderr.decode("utf-8") == "agentmerge: error: 없는-파일.md: no such file (check the path)\n"


def test_version(run: Run) -> None:
    import agentmerge

    assert run("--version").out == f"agentmerge {agentmerge.__version__}\n"
