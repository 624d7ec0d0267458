"""Hold the documents to the code: pages of rules, quotations in README.md, example, layering, addresses."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from agentmerge import build
from agentmerge.merge.read import load_agent
from agentmerge.output.ledger import read_ledger
from agentmerge.output.rules_page import markdown_page, packs_table
from agentmerge.rules import plugin
from agentmerge.rules.policy import pack_names, parse_policy
from agentmerge.rules.reading.layers import TOP
from agentmerge.rules.reading.selectors import FIELDS
from agentmerge.rules.registry import RULES, Rule

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ROOT / "docs" / "rules"
EXAMPLE = ROOT / "examples" / "backend"
NOT_OURS = frozenset((".git", ".venv", "build", "dist", "__pycache__"))


def fences(text: str, info: str) -> list[str]:
    """The contents of the fenced blocks with this info word."""
    return re.findall(rf"^```{info}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


# --- pages of rules ----------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_has_a_page_that_starts_as_generated_and_goes_on_with_an_example(rule: Rule) -> None:
    generated, heading, example = (PAGES / f"{rule.code}.md").read_text(encoding="utf-8").partition("\n## Example\n")
    assert generated == markdown_page(rule)
    assert heading
    assert len([line for line in example.split("\n") if line.strip()]) >= 3


def test_a_page_belongs_to_a_rule_and_the_index_lists_it() -> None:
    codes = {rule.code for rule in RULES}
    assert {page.stem for page in PAGES.iterdir()} == codes | {"README"}
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| [{rule.code}]({rule.code}.md) | `{rule.key}` | {rule.summary} |" in index


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *sorted(ROOT.glob("docs/**/*.md"))], ids=lambda page: page.stem)
@pytest.mark.usefixtures("house")
def test_policies_in_the_documents_are_policies(page: Path, tmp_path: Path) -> None:
    (tmp_path / "team.yaml").write_text("priority: [platform]\n", encoding="utf-8")
    (tmp_path / "agents").mkdir()
    for number, policy in enumerate(fences(page.read_text(encoding="utf-8"), "yaml"), 1):
        parse_policy(policy, f"{page.name}, block {number}", folder=tmp_path / "agents")


def test_every_rule_has_a_table_of_cases_and_of_what_it_leaves_alone() -> None:
    missing = []
    for rule in RULES:
        path = ROOT / "tests" / "rules" / "tables" / f"{rule.code}.yaml"
        table = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) if path.exists() else {}
        missing += [f"{rule.code}: {part}" for part in ("cases", "leaves_alone") if not table.get(part)]
    assert missing == [], "tests/rules/tables/CODE.yaml needs these lists"
    assert {path.stem for path in (ROOT / "tests" / "rules" / "tables").iterdir()} == {rule.code for rule in RULES}


def test_every_rule_decides_or_reports_something_in_a_golden_case() -> None:
    named: set[str] = set()
    for path in ROOT.glob("tests/golden/*/expected.ledger.json"):
        ledger = read_ledger(path)
        named.update(entry["rule"] for part in ("units", "fields", "conflicts") for entry in ledger[part])
        named.update(finding["code"] for finding in ledger["findings"])
    assert [rule.code for rule in RULES if rule.code not in named] == [], "no golden case names these rules"


def test_the_page_of_the_policy_language_is_whole() -> None:
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert f"\n{packs_table()}\n" in page, "write what packs_table() in output/rules_page.py gives"
    assert [key for key in TOP if f"\n| `{key}` |" not in page] == []
    assert [pack for pack in pack_names() if f"\n| `{pack}` |" not in page] == []
    assert [name for name in (*FIELDS, *plugin.__all__) if f"`{name}" not in page and name != "Verdict"] == []


# --- README ------------------------------------------------------------------------------------


def test_readme_shows_the_real_help_of_build() -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("FORCE_COLOR", "TERMINAL_WIDTH")}
    run = "import sys; sys.argv[0] = 'agentmerge'; from agentmerge.__main__ import main; main()"
    shown = subprocess.run(
        [sys.executable, "-c", run, "build", "--help"],
        env={**environment, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    _, _, rest = README.partition("\n## `agentmerge build --help`\n")
    assert fences(rest, "text")[0].strip("\n") == shown.strip("\n")


def test_readme_gives_two_commands_for_a_fresh_machine_and_what_they_name_exists() -> None:
    commands = re.findall(r"^    (python3 -m venv .*)$", README, flags=re.MULTILINE)
    assert len(commands) == 2
    shipped, suite = commands
    assert re.fullmatch(r"python3 -m venv \.venv && \.venv/bin/pip install -q \. && \.venv/bin/agentmerge build .+", shipped)
    assert re.fullmatch(r"python3 -m venv \.venv && \.venv/bin/pip install -q -e '\.\[dev\]' && \.venv/bin/python -m pytest", suite)
    policy = re.search(r"--policy (\S+)", shipped)
    assert policy is not None
    assert (ROOT / policy[1]).is_file()


def test_readme_shows_the_library_example() -> None:
    assert (ROOT / "examples" / "library.py").read_text(encoding="utf-8") in fences(README, "python")


def test_readme_quotes_lines_that_stand_in_the_sources() -> None:
    quoted = re.findall(r"^(sources/\w+\.md):(\d+) +(\S.*)$", README, flags=re.MULTILINE)
    assert len(quoted) >= 4
    for name, number, text in quoted:
        line = (EXAMPLE / name).read_text(encoding="utf-8").split("\n")[int(number) - 1]
        assert text in line, f"{name}:{number}"


def test_readme_quotes_what_the_ledger_says_of_them() -> None:
    units = {unit["id"]: unit for unit in read_ledger(EXAMPLE / "backend-engineer.ledger.json")["units"]}
    quoted = re.findall(r"^(\w+:[\d.]+) +(\w+) by (\w+): (.*)$", README, flags=re.MULTILINE)
    assert quoted
    for unit, *said in quoted:
        assert [units.get(unit, {}).get(key) for key in ("outcome", "rule", "why")] == said, unit


def test_readme_quotes_what_the_canonical_agent_says_once() -> None:
    quoted = re.findall(r"^backend-engineer\.md +(\S.*)$", README, flags=re.MULTILINE)
    assert quoted
    texts = [unit.text for unit in load_agent(EXAMPLE / "backend-engineer.md").units]
    assert all(texts.count(text) == 1 for text in quoted)


def test_documents_link_to_files_that_exist() -> None:
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


# --- examples ----------------------------------------------------------------------------------


def test_the_library_example_runs_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "examples"
    shutil.copytree(ROOT / "examples", copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    runpy.run_path(str(copy / "library.py"), run_name="__main__")
    assert capsys.readouterr().out.startswith("backend-engineer.md: 5 sources, ")
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_the_example_is_what_its_sources_and_policy_build(tmp_path: Path) -> None:
    copy = tmp_path / "backend"
    shutil.copytree(EXAMPLE, copy)
    built = build(policy_file=copy / "agentmerge.yaml")
    assert built.canonical == copy / "backend-engineer.md"
    assert built.text.encode() == (EXAMPLE / "backend-engineer.md").read_bytes(), "build the example again"
    assert built.ledger.encode() == (EXAMPLE / "backend-engineer.ledger.json").read_bytes(), "build the example again"


# --- the whole project -------------------------------------------------------------------------


def project_files() -> Iterator[Path]:
    """The project's own files: what git tracks or would add, or all but what tools make when there is no git."""
    listed = ""
    if shutil.which("git"):
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout
    names = [name for name in listed.split("\0") if name]
    for path in [ROOT / name for name in names] if names else sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        made = NOT_OURS.intersection(parts) or any(part.endswith(("_cache", ".egg-info")) or part == ".hypothesis" for part in parts)
        if path.is_file() and not (made and not names):
            yield path


# The brackets keep the patterns from finding themselves.
PRIVATE = re.compile(
    r"(?<![\w.~*-])[/](?:home|root|work|Users)[/]\w"  # a folder of one machine
    r"|[A-Z]:[\\]Users[\\]"
    r"|pypi[.]org|pythonhosted[.]org|registry[.]npmjs|index[-]url",  # where packages come from is the installer's business
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /ho" + "me/ann/agents", True),
        ("at /wo" + "rk/main", True),
        ("C:" + "\\Users\\ann", True),
        ("--index" + "-url=x", True),
        ("team/work/main", False),
        ("https://example.org/a/home/page", False),
        ("framework/home", False),
    ],
)
def test_the_pattern_for_private_addresses(text: str, found: bool) -> None:
    assert (PRIVATE.search(text) is not None) is found


def test_no_file_names_a_private_folder_or_a_package_registry() -> None:
    files = list(project_files())
    assert ROOT / "pyproject.toml" in files
    hits = []
    for path in files:
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").split("\n"), 1):
            if PRIVATE.search(line):
                hits.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:80]}")
    assert hits == []


@pytest.mark.parametrize("module", sorted((ROOT / "agentmerge").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_holds(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    # The empty markers of the inner packages hold nothing to say.
    assert ast.get_docstring(tree) or not tree.body


def test_data_flows_one_way() -> None:
    pytest.importorskip("importlinter")
    run = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    linted = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr
