"""Fixtures that all tests share: a runner of the command line, small agents, and where the shared data lies."""

from __future__ import annotations

import gc
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "examples" / "plugin"

REVIEWER = """\
---
name: api-reviewer
description: Reviews API changes before a release.
tools: Read, Grep
model: sonnet
---

You review API changes.

## Rules

- Validate every input at the boundary
- Never log passwords or tokens
- Write release notes for every breaking change
"""

CHECKER = """\
---
name: api-reviewer
description: API 변경을 배포 전에 검토합니다.
tools: Read, Grep, Write
model: sonnet
---

당신은 API 변경을 검토합니다.

## 규칙

- 목록 조회에 페이지네이션 적용
- Validate every input at the boundary
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of the command line left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in this process, from the console script's own entry."""
    from agentmerge.__main__ import main

    def call(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["agentmerge", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
        finally:
            gc.enable()
        printed = capsys.readouterr()
        return Ran(code=code, out=printed.out, err=printed.err)

    return call


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two agents, one English and one Korean, under ``agents``."""
    folder = tmp_path / "project"
    (folder / "agents").mkdir(parents=True)
    (folder / "agents" / "alpha.md").write_text(REVIEWER, encoding="utf-8")
    (folder / "agents" / "beta.md").write_text(CHECKER, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def shared() -> Path:
    """The data beside the project; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no shared data beside the project")
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes: what must be unchanged when nothing may be written."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


Offer = Callable[..., None]


@pytest.fixture
def offer(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Make packages look installed: a module's text and its entry points, as a folder on the path with ``.dist-info``."""

    def make(package: str, points: dict[str, str], text: str | None = None, folder: Path | None = None, version: str = "1.0") -> None:
        site = tmp_path_factory.mktemp("site")
        info = site / f"{package}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", encoding="utf-8")
        lines = "".join(f"{name} = {value}\n" for name, value in points.items())
        (info / "entry_points.txt").write_text(f"[agentmerge.rules]\n{lines}", encoding="utf-8")
        if text is not None:
            (site / f"{package}.py").write_text(text, encoding="utf-8")
        for place in (site, *([folder] if folder else [])):
            monkeypatch.syspath_prepend(str(place))
        for name in {value.partition(":")[0] for value in points.values()}:
            monkeypatch.delitem(sys.modules, name, raising=False)

    return make


@pytest.fixture
def house(offer: Offer) -> None:
    """The example package, by its own ``pyproject.toml``, without an installation."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    offer(project["name"], project["entry-points"]["agentmerge.rules"], folder=PLUGIN, version=project["version"])
