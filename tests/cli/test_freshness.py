"""Hand edits, changed sources and policies, explanations, and the pull request in which they meet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import CHECKER, REVIEWER, ROOT, Run, files_below

POLICY = "sources: [agents/*.md]\noutput: out.md\n"


@pytest.fixture
def built(run: Run, project: Path) -> Path:
    """The project with a policy file and its canonical agent."""
    (project / "agentmerge.yaml").write_text(POLICY, encoding="utf-8")
    assert run("build").code == 0
    return project


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def _reasons(run: Run) -> list[str]:
    ran = run("check")
    lines = ran.out.splitlines()
    assert ran.code == 1
    assert lines[0] == "out.md: stale"
    assert lines[-1].startswith("run 'agentmerge build'")
    return [line.strip() for line in lines[1:-1]]


def test_an_edit_by_hand_is_seen_kept_and_overwritten_by_force_only(run: Run, built: Path) -> None:
    canonical = built / "out.md"
    original = canonical.read_bytes()
    _edit(canonical, "Never log passwords or tokens", "Never log secrets")
    edited = files_below(built)
    assert _reasons(run) == ["out.md was edited by hand since it was built"]
    ran = run("build")
    assert ran.code == 2
    assert ran.err.startswith("agentmerge: error: out.md: was edited by hand since it was built (")
    assert files_below(built) == edited
    assert run("build", "--force").code == 0
    assert canonical.read_bytes() == original
    assert run("check").code == 0


def test_a_foreign_file_of_the_same_content_is_fine(run: Run, built: Path) -> None:
    (built / "out.ledger.json").unlink()
    assert run("build").out.splitlines()[-1] == "written    out.ledger.json"
    assert run("check").code == 0


def test_the_canonical_agent_may_lie_among_its_sources(run: Run, built: Path) -> None:
    (built / "agentmerge.yaml").write_text("sources: ['agents/*.md']\noutput: agents/all.md\n", encoding="utf-8")
    for last in ("agents/all.md, agents/all.ledger.json", "nothing: up to date"):
        assert run("build").out.splitlines()[-1] == f"written    {last}"
    assert run("check").out == "agents/all.md: fresh\n"


def test_check_names_what_changed(run: Run, built: Path) -> None:
    (built / "agentmerge.yaml").write_text(POLICY + "rules: {tools: union}\n", encoding="utf-8")
    assert _reasons(run) == ["the policy agentmerge.yaml has changed"]
    run("build")
    (built / "agents" / "gamma.md").write_text(CHECKER.replace("페이지네이션", "정렬"), encoding="utf-8")
    assert _reasons(run) == ["agents/gamma.md is a new source"]
    run("build")
    (built / "agents" / "gamma.md").unlink()
    assert _reasons(run) == ["agents/gamma.md is gone", "gamma is no longer a source"]
    run("build")
    _edit(built / "agents" / "alpha.md", "passwords", "secrets")
    assert _reasons(run) == ["agents/alpha.md has changed"]
    run("build")
    assert run("check").code == 0


def test_check_sees_a_ledger_that_no_build_would_write(run: Run, built: Path) -> None:
    _edit(
        built / "out.ledger.json",
        '"id": "alpha:12", "source": "alpha", "lines": [12, 12]',
        '"id": "alpha:12", "source": "alpha", "lines": [1, 1]',
    )
    assert _reasons(run) == ["out.ledger.json is not the ledger that a build would write"]


def test_check_says_why_it_cannot_build_again(run: Run, built: Path) -> None:
    (built / "agentmerge.yaml").write_text(POLICY + "nmae: x\n", encoding="utf-8")
    ran = run("check", "out.md")
    assert ran.code == 1
    assert ran.out.splitlines()[1:-1] == ["  it cannot be built again: agentmerge.yaml:3 nmae: unknown key 'nmae' (did you mean 'name'?)"]


def test_check_remembers_the_command_line(run: Run, project: Path) -> None:
    assert run("build", "agents", "-o", "out.md", "--name", "x", "--provenance", "none", "--language", "ko").code == 0
    assert run("check", "out.md").out == "out.md: fresh\n"
    assert json.loads((project / "out.ledger.json").read_text(encoding="utf-8"))["policy"]["command_line"] == {
        "language": "ko",
        "name": "x",
        "provenance": "none",
    }


def test_ledger_paths_are_relative_with_forward_slashes(run: Run, project: Path) -> None:
    (project / "made" / "here").mkdir(parents=True)
    run("build", project / "agents", "-o", project / "made" / "here" / "out.md")
    text = (project / "made" / "here" / "out.ledger.json").read_text(encoding="utf-8")
    assert [s["path"] for s in json.loads(text)["sources"]] == ["../../agents/alpha.md", "../../agents/beta.md"]
    assert str(project) not in text
    assert "\\\\" not in text


def test_ids_do_not_depend_on_where_the_project_lies(run: Run, project: Path) -> None:
    (project / "agents" / "sub").mkdir()
    (project / "agents" / "sub" / "alpha.md").write_text(CHECKER, encoding="utf-8")
    (project / "agents" / "alpha.markdown").write_text(CHECKER + "- 세 번째\n", encoding="utf-8")
    run("build", "agents/alpha.md", "agents/alpha.markdown", "agents/sub/alpha.md", "-o", "out.md")
    ledger = json.loads((project / "out.ledger.json").read_text(encoding="utf-8"))
    assert [s["id"] for s in ledger["sources"]] == ["alpha.markdown", "alpha.md", "sub/alpha"]
    assert run("verify", "out.md").code == 0


# --- explain -----------------------------------------------------------------------------------


def _line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_explain_a_line_of_the_canonical_agent_and_of_a_source(run: Run, built: Path) -> None:
    line = _line_of(built / "out.md", "Never log")
    for target in (f"out.md:{line}", "agents/alpha.md:13", "alpha:13"):
        ran = run("explain", target)
        assert ran.code == 0
        assert ran.out.splitlines()[0] == "agents/alpha.md:13  Never log passwords or tokens"
        assert ran.out.splitlines()[1].endswith(f", line {line} of out.md")


def test_explain_names_the_wording_that_stays(run: Run, built: Path) -> None:
    units = {u["id"]: u for u in json.loads((built / "out.ledger.json").read_text(encoding="utf-8"))["units"]}
    lost, won = sorted(("alpha:12", "beta:13"), key=lambda unit: str(units[unit]["outcome"] == "kept"))
    out = run("explain", lost).out.splitlines()
    assert out[1].startswith(f"    merged into agents/{won.replace(':', '.md:')} by DUP001: ")
    assert out[2] == "    it is said by: Validate every input at the boundary"
    assert any(line.startswith(f"    took in agents/{lost.replace(':', '.md:')} ") for line in run("explain", won).out.splitlines())


def test_explain_a_key(run: Run, built: Path) -> None:
    said = run("explain", "model").out
    assert said.splitlines()[0] == "alpha: model: sonnet"
    assert "MODEL001" in said
    assert run("explain", f"out.md:{_line_of(built / 'out.md', 'model:')}").out == said
    assert run("explain", "agents/beta.md:5").out.startswith("beta: model: sonnet\n")


@pytest.mark.parametrize("target", ["nothing", "out.md:999", "out.md:0", "gone.md:3", "out.md:²", "out.md:" + "9" * 5000])
def test_explain_refuses_what_it_does_not_know(run: Run, built: Path, target: str) -> None:
    assert built
    ran = run("explain", target)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("agentmerge: error: out.")
    assert ran.err.count("\n") == 1


def test_every_line_of_a_canonical_agent_has_an_explanation(run: Run, built: Path) -> None:
    lines = (built / "out.md").read_text(encoding="utf-8").splitlines()
    for number in range(1, len(lines) + 1):
        ran = run("explain", f"out.md:{number}")
        assert ran.code == 0
        assert ran.out.strip()


def test_explain_finds_the_ledger_through_the_policy(run: Run, built: Path) -> None:
    (built / "made").mkdir()
    (built / "agentmerge.yaml").write_text(POLICY.replace("out.md", "made/agent.md"), encoding="utf-8")
    (built / "out.ledger.json").unlink()
    assert run("build").code == 0
    assert run("explain", "agents/alpha.md:13").out.splitlines()[0] == "../agents/alpha.md:13  Never log passwords or tokens"


# --- a pull request ----------------------------------------------------------------------------


def _git(folder: Path, *arguments: str) -> None:
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"))}
    outside = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", *arguments]
    subprocess.run(command, cwd=folder, env={**os.environ, **names, **outside}, check=True, capture_output=True, timeout=60)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_pull_request_shows_the_one_statement_that_changed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "team"
    shutil.copytree(ROOT / "examples" / "backend", home)
    monkeypatch.chdir(home)
    assert run("build", "--force").code == 0
    _git(home, "init", "--quiet")
    _git(home, "add", ".")
    _git(home, "commit", "--quiet", "-m", "agents")
    assert run("check").code == 0
    assert run("diff", "HEAD", "backend-engineer.md").code == 0

    old, new = "Post ledger entries in balanced pairs", "Post ledger entries in balanced pairs, a debit and a credit"
    _git(home, "checkout", "--quiet", "-b", "wording")
    _edit(home / "sources" / "payments.md", f"- {old}\n", f"- {new}\n")
    stale = run("check")
    assert stale.code == 1
    assert stale.out.splitlines()[:2] == ["backend-engineer.md: stale", "  sources/payments.md has changed"]
    assert run("build").out.splitlines()[-1] == "written    backend-engineer.md, backend-engineer.ledger.json"

    line = _line_of(home / "backend-engineer.md", new)
    text = run("diff", "HEAD", "backend-engineer.md")
    assert text.code == 1
    assert text.out.splitlines()[0] == "HEAD:backend-engineer.md -> backend-engineer.md: 1 reworded"
    assert [entry.strip() for entry in text.out.splitlines()[-2:]] == [f"- {old}", f"+ {new}"]
    assert len(text.out.splitlines()) == 6
    markdown = run("diff", "HEAD", "backend-engineer.md", "--format", "markdown").out.splitlines()
    assert [entry.split(" (line")[0] for entry in markdown if entry.startswith("- ")] == [f"- `{old}` -> `{new}`"]
    assert f"(line {line}," in markdown[-1]
    assert [heading for heading in markdown if heading.startswith("### ")] == ["### Reworded"]
    assert run("diff").out == text.out


# --- names -------------------------------------------------------------------------------------

NAMES = [
    "../../etc/passwd",
    "/etc/passwd",
    "a/b/c",
    "..",
    ".",
    "...",
    "  spaced out  ",
    ".hidden",
    "서버-검토자",
    "가" * 300,
    "x" * 300,
    "a\\b",
    "CON",
    "~",
    "$(id)",
    "a\u202eb",
    "𠮷" * 100,
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder(run: Run, project: Path, name: str) -> None:
    for file, text in (("alpha", REVIEWER), ("beta", CHECKER)):
        quoted = json.dumps(name, ensure_ascii=False)
        (project / "agents" / f"{file}.md").write_text(text.replace("name: api-reviewer", f"name: {quoted}"), encoding="utf-8")
    before = files_below(project.parent)
    ran = run("build", "agents")
    assert ran.code == 0, ran.err
    new = sorted(set(files_below(project.parent)) - set(before))
    assert len(new) == 2
    assert all(Path(path).parent == Path("project") for path in new)
    assert not any(Path(path).name.startswith(".") for path in new)
    assert run("check").code == 0
    assert run("verify").code == 0
