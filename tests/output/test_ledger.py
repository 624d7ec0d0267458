"""The ledger: valid by its schema, whole, free of absolute paths, readable."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentmerge.api import build
from agentmerge.errors import LedgerError
from agentmerge.output.ledger import SCHEMA, ledger_path, read_ledger, relative
from agentmerge.pipeline import Build
from agentmerge.rules.policy import PROVENANCE, Policy

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "backend"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def team(folder: Path, texts: Sequence[str], policy: Policy | None = None) -> Build:
    paths = [folder / f"s{n}.md" for n in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return build(paths, policy=policy, output=folder / "out.md")


def problems(ledger: object) -> list[str]:
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors(ledger)]


def agent(body: str, head: str = "") -> str:
    return f"---\nname: reviewer\ndescription: Reviews changes\n{head}---\n\n{body}"


BUILDS = {
    "one source": [agent("- Validate user input\n")],
    "copies": [agent("- Validate user input\n")] * 2,
    "conflict": [agent("- Keep coverage above 80%\n"), agent("- Keep coverage above 90%\n")],
    "languages": [agent("## Rules\n\n- Validate input\n"), agent("## 규칙\n\n- 입력 검증\n"), agent("## 規則\n\n- 入力検証\n")],
    "privileges": [agent("- Be brief\n", "tools: Read, Bash\n"), agent("- Be kind\n"), agent("- Go\n", "tools: [Read]\nmodel: opus\n")],
    "every kind": [
        agent("# T\n\nYou judge.\n\n<rules>\n- [ ] One\n</rules>\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n***\n\n[x]: https://example.org\n"),
        agent("Rules\n-----\n\nLook at these:\n\n- Two\n\n```sh\nmake\n```\n\n<!-- note -->\n\n<div>html</div>\n"),
    ],
    "bad YAML": [agent("- One rule\n", "note: a: b: c\n"), agent("- Two rules\n", "hooks: {a: [1, 2.5, null, true]}\n")],
}  # fmt: skip


@pytest.mark.parametrize("name", BUILDS)
@pytest.mark.parametrize("provenance", PROVENANCE)
def test_every_ledger_is_valid_by_the_shipped_schema(tmp_path: Path, name: str, provenance: str) -> None:
    made = team(tmp_path, BUILDS[name], Policy(provenance=provenance))
    assert problems(json.loads(made.ledger)) == []


def test_the_examples_ledger_is_valid() -> None:
    assert problems(json.loads((EXAMPLE / "backend-engineer.ledger.json").read_text(encoding="utf-8"))) == []


def test_the_schema_is_a_schema_and_refuses_what_it_does_not_name(tmp_path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
    ledger = json.loads(team(tmp_path, BUILDS["conflict"]).ledger)
    breaks: list[dict[str, Any]] = [
        {**ledger, "extra": 1},
        {**ledger, "version": 2},
        {**ledger, "sources": []},
        {key: value for key, value in ledger.items() if key != "units"},
        {**ledger, "output": {**ledger["output"], "path": "/abs/out.md"}},
        {**ledger, "output": {**ledger["output"], "sha256": "x"}},
        {**ledger, "units": [{**ledger["units"][0], "outcome": "lost"}]},
        {**ledger, "units": [{**ledger["units"][0], "outcome": "kept", "output_lines": None}]},
        {**ledger, "units": [{**ledger["units"][0], "outcome": "dropped", "output_lines": [1, 1]}]},
    ]
    assert [bool(problems(broken)) for broken in breaks] == [True] * len(breaks)


def test_a_ledger_names_every_unit_every_key_and_every_source(tmp_path: Path) -> None:
    made = team(tmp_path, BUILDS["every kind"])
    ledger = json.loads(made.ledger)
    assert [u["id"] for u in ledger["units"]] == [u.id for a in made.agents for u in a.units]
    assert [(f["source"], f["key"]) for f in ledger["fields"]] == [(a.source.id, f.key) for a in made.agents for f in a.fields]
    assert [(s["id"], s["path"], s["sha256"]) for s in ledger["sources"]] == [
        (a.source.id, f"{a.source.id}.md", a.source.sha256) for a in made.agents
    ]
    assert ledger["output"] == {"path": "out.md", "sha256": made.rendered.sha256}


def test_a_ledger_holds_no_absolute_path(tmp_path: Path) -> None:
    for name, texts in BUILDS.items():
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        assert tmp_path.as_posix() not in team(folder, texts).ledger


def test_a_ledger_is_one_line_an_entry(tmp_path: Path) -> None:
    made = team(tmp_path, BUILDS["conflict"])
    for unit in json.loads(made.ledger)["units"]:
        assert sum(line.startswith(f'  {{"id": "{unit["id"]}"') for line in made.ledger.split("\n")) == 1
    assert made.ledger.endswith("}\n")


def test_a_ledger_keeps_other_scripts_readable(tmp_path: Path) -> None:
    assert "규칙" in team(tmp_path, BUILDS["languages"]).ledger


def test_the_ledger_lies_beside_the_canonical_agent() -> None:
    assert ledger_path(Path("agents/reviewer.md")) == Path("agents/reviewer.ledger.json")


def test_paths_are_seen_from_the_output_with_forward_slashes(tmp_path: Path) -> None:
    assert relative(tmp_path / "a" / "b.md", tmp_path / "c") == "../a/b.md"


# --- reading -----------------------------------------------------------------------------------


def test_a_written_ledger_reads_back(tmp_path: Path) -> None:
    made = team(tmp_path, BUILDS["conflict"])
    made.write()
    assert read_ledger(made.ledger_file) == json.loads(made.ledger)


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"version": 99}', '{"version": 1}', "null", "[" * 200_000])
def test_what_is_no_ledger_is_refused_and_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.ledger.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=r"out\.ledger\.json: .*\(build again.*\)"):
        read_ledger(path)


def test_a_missing_ledger_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger") as caught:
        read_ledger(tmp_path / "out.ledger.json")
    assert "build" in str(caught.value)
