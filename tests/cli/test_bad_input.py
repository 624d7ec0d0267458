"""Bad input and bad use: exit 2, one line that names the file and what to do, and nothing written."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import REVIEWER, Run, files_below

_LINE = re.compile(r"agentmerge: error: \S.* \([^()].*\)\n")


def _file(name: str, data: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return make


def _folder(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).mkdir()


def _fifo(name: str) -> Callable[[Path], None]:
    return lambda folder: os.mkfifo(folder / name)


def _nothing(folder: Path) -> None:
    assert folder.is_dir()


def _prose(folder: Path) -> None:
    folder.mkdir()
    (folder / "x.md").write_text("# Prose\n", encoding="utf-8")


HEAD = b"---\nname: x\ndescription: d\n---\n"
A = "agents/alpha.md"

SOURCES = {
    "zero sources": (_nothing, [], "no sources"),
    "a missing file": (_nothing, [A, "gone.md"], "gone.md: no such file"),
    "a folder without agents": (_folder("empty"), ["empty"], "empty: the folder holds no agents"),
    "a folder with prose only": (
        lambda folder: _prose(folder / "docs"),
        ["docs"],
        "docs: the folder holds no agents",
    ),
    "the same file twice": (_nothing, [A, "agents/../agents/alpha.md"], "agents/../agents/alpha.md: is the same file as agents/alpha.md"),
    "a link to the same file": (
        lambda folder: (folder / "link.md").symlink_to(folder / "agents" / "alpha.md"),
        [A, "link.md"],
        "link.md: is the same file as agents/alpha.md",
    ),
    "a link to itself": (lambda folder: (folder / "l.md").symlink_to("l.md"), [A, "l.md"], "l.md: "),
    "a file in a folder's place": (_nothing, [A, "agents/alpha.md/x.md"], "agents/alpha.md/x.md: "),
    "a name that is too long": (_nothing, ["x" * 300 + ".md"], "x.md: cannot be read: File name too long"),
    "no UTF-8": (_file("x.md", HEAD + b"\n- ok\n- caf\xe9\n"), [A, "x.md"], "x.md:7: byte 0xe9 at offset 42 is not UTF-8"),
    "UTF-16": (_file("x.md", "---\n".encode("utf-16")), ["x.md"], "x.md:1: is UTF-16, not UTF-8"),
    "an empty file": (_file("x.md", b""), ["x.md"], "x.md: the file is empty"),
    "blank lines only": (_file("x.md", b"\n\n \n"), ["x.md"], "x.md: the file is empty"),
    "frontmatter only": (_file("x.md", HEAD), ["x.md"], "x.md:4: has frontmatter but no body"),
    "body only": (_file("x.md", b"# Title\n\n- Rule\n"), ["x.md"], "x.md:1: no frontmatter"),
    "no closing fence": (_file("x.md", b"---\nname: x\n\n- Rule\n"), ["x.md"], "x.md:1: the frontmatter that starts here is never closed"),
    "a key twice": (_file("x.md", b"---\nname: x\nname: y\n---\nz\n"), ["x.md"], "x.md:3: key 'name' stands twice (first on line 2)"),
    "a NUL": (_file("x.md", HEAD + b"a\0b\n"), ["x.md"], "x.md:5: control character U+0000"),
    "tools that are a map": (
        _file("x.md", HEAD[:-4] + b"tools: {a: b}\n---\nz\n"),
        [A, "x.md"],
        "x.md:4: a tool map has a value that is neither",
    ),
    "a pipe": (_fifo("p.md"), [A, "p.md"], "p.md: is not a regular file"),
    "a name that is no text": (
        lambda folder: Path(os.fsdecode(os.fsencode(folder) + b"/b\xff.md")).write_bytes(HEAD + b"z\n"),
        [A, os.fsdecode(b"b\xff.md")],
        "the name of the file is not UTF-8",
    ),
    "a line break in a name": (_nothing, [A, "a\nb.md"], "a b.md: no such file"),
}


def _one_line(run: Run, folder: Path, arguments: list[str], said: str) -> None:
    before = files_below(folder)
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert _LINE.fullmatch(ran.err), ran.err
    assert said in ran.err
    assert "internal error" not in ran.err
    assert files_below(folder) == before


@pytest.mark.parametrize("case", SOURCES)
def test_a_bad_source_is_one_line(run: Run, project: Path, case: str) -> None:
    make, paths, said = SOURCES[case]
    make(project)
    _one_line(run, project, ["build", *paths, "--output", "out.md"], said)


OUTPUTS = {
    "a folder": (_folder("o"), "o", "o: the output is a folder"),
    "this folder": (_nothing, ".", ".: the output is a folder"),
    "the folder above": (_nothing, "..", "..: the output is a folder"),
    "no such folder": (_nothing, "no/out.md", "no/out.md: the folder no does not exist"),
    "a source": (_nothing, A, "agents/alpha.md: is a source and the output"),
    "a source by another name": (_nothing, "agents/../agents/alpha.md", "is a source and the output"),
    "a link": (lambda folder: (folder / "l.md").symlink_to("elsewhere.md"), "l.md", "l.md: the output is a symbolic link"),
    "a pipe": (_fifo("p.md"), "p.md", "p.md: the output is not a regular file"),
    "a foreign file": (_file("x.md", b"mine\n"), "x.md", "x.md: exists and was not written by agentmerge"),
    "a foreign ledger": (_file("x.ledger.json", b"[]"), "x.md", "x.ledger.json: exists and is no ledger"),
    "a ledger that is a folder": (_folder("x.ledger.json"), "x.md", "x.ledger.json: the output is a folder"),
    "a ledger that is a link": (lambda folder: (folder / "x.ledger.json").symlink_to("y"), "x.md", "is a symbolic link"),
}


@pytest.mark.parametrize("case", OUTPUTS)
def test_a_bad_output_is_one_line(run: Run, project: Path, case: str) -> None:
    make, output, said = OUTPUTS[case]
    make(project)
    _one_line(run, project, ["build", A, "agents/beta.md", "--output", output], said)


def test_an_output_that_is_named_for_the_agent_never_replaces_a_source(run: Run, project: Path) -> None:
    (project / "api-reviewer.md").write_text(REVIEWER, encoding="utf-8")
    for force in ([], ["--force"]):
        _one_line(run, project, ["build", "api-reviewer.md", "agents/beta.md", *force], "api-reviewer.md: is a source and the output")


POLICIES = {
    "missing": (_nothing, "p.yaml: cannot be read: No such file or directory"),
    "a folder": (_folder("p.yaml"), "p.yaml: is a folder, not a policy"),
    "a pipe": (_fifo("p.yaml"), "p.yaml: is not a regular file"),
    "binary": (_file("p.yaml", b"name: x\n\xff\xfe\x00"), "p.yaml:2 is not UTF-8"),
    "a list": (_file("p.yaml", b"- a\n- b\n"), "p.yaml:1 must be a map of keys"),
    "a word": (_file("p.yaml", b"union\n"), "p.yaml:1 must be a map of keys"),
    "no YAML": (_file("p.yaml", b"name: x\nrules: [\n"), "p.yaml:3 is not valid YAML"),
    "an unknown key": (_file("p.yaml", b"name: x\n\noutptu: y.md\n"), "p.yaml:3 outptu: unknown key 'outptu' (did you mean 'output'?)"),
    "a pattern without a match": (_file("p.yaml", b"sources: ['no/*.md']\n"), "p.yaml: 'sources' names 'no/*.md', which matches no file"),
    "an absolute pattern": (_file("p.yaml", b"sources: ['/x/*.md']\n"), "p.yaml: 'sources' names '/x/*.md', which is no pattern"),
    "an impossible pattern": (_file("p.yaml", b"sources: ['a/**b']\n"), "p.yaml: 'sources' names 'a/**b', which "),
}


@pytest.mark.parametrize("case", POLICIES)
def test_a_bad_policy_is_one_line(run: Run, project: Path, case: str) -> None:
    make, said = POLICIES[case]
    make(project)
    _one_line(run, project, ["build", "--policy", "p.yaml"], said)


def test_an_empty_policy_is_the_default_one(run: Run, project: Path) -> None:
    (project / "agentmerge.yaml").write_bytes(b"")
    assert run("build", "agents", "-o", "out.md").code == 0
    assert run("check", "out.md").code == 0


LEDGERS = {
    "gone": (None, "no ledger"),
    "no JSON": (b"{", "is not a ledger: "),
    "no UTF-8": (b"\xff", "is not a ledger: "),
    "a list": (b"[]", "ledger of version None, not 1"),
    "of another version": (b'{"version": 99}', "ledger of version 99, not 1"),
    "without sections": (b'{"version": 1}', "is not a ledger: output is no map"),
    "with odd entries": (
        b'{"version": 1, "output": {"path": "out.md", "sha256": ""}, "policy": {"path": null, "name": null, "language": "en", '
        b'"provenance": "none", "priority": [], "command_line": {}, "rules": {}}, "sources": [1]}',
        "is not a ledger: an entry of sources is no map",
    ),
    "too deep": (b"[" * 100_000, "is not a ledger: "),
}


@pytest.mark.parametrize("case", LEDGERS)
def test_a_bad_ledger_is_one_line(run: Run, project: Path, case: str) -> None:
    data, said = LEDGERS[case]
    run("build", "agents", "-o", "out.md")
    ledger = project / "out.ledger.json"
    ledger.unlink()
    if data is not None:
        ledger.write_bytes(data)
    for command in ("check", "verify"):
        _one_line(run, project, [command, "out.md"], said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "gone.md"], "gone.md: no such canonical agent"),
        (["verify", "gone.md"], "gone.ledger.json: no ledger"),
        (["verify", "."], "no ledger"),
        (["check"], "which canonical agent? no ledger here"),
        (["check", "--policy", "gone.yaml"], "gone.yaml: cannot be read"),
        (["rules", "TOOLS01"], "no rule 'TOOLS01' (did you mean 'TOOLS001'?)"),
        (["diff", "agents/alpha.md", "agents/gone.md"], "no such file or revision"),
        (["diff", "--", "-x", A], "-x: no such file or revision"),
        (["explain", "tools"], "which canonical agent? no ledger here"),
    ],
)
def test_bad_use_is_one_line(run: Run, project: Path, arguments: list[str], said: str) -> None:
    ran_before = files_below(project)
    if arguments[0] != "diff" or "gone" not in arguments[-1]:
        _one_line(run, project, arguments, said)
    else:
        ran = run(*arguments)
        assert ran.code == 2
        assert ran.err.startswith("agentmerge: error: ")
    assert files_below(project) == ran_before


def test_an_error_in_a_compared_file_names_that_file(run: Run, project: Path) -> None:
    (project / "bad.md").write_text("no frontmatter\n", encoding="utf-8")
    _one_line(run, project, ["diff", A, "bad.md"], "bad.md:1: no frontmatter")
