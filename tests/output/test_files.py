"""Writing: both files or neither, whatever fails and when, and only to targets that are ours."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import files_below

from agentmerge.errors import OutputError
from agentmerge.model import Source
from agentmerge.output.files import check_target, check_unchanged, edited_by_hand, file_stem, same_text, write_all


def _failing(call: Callable[..., Any], at: int, error: BaseException) -> Callable[..., Any]:
    """``call``, but its ``at``-th call (from 1) raises."""
    count = 0

    def wrapped(*arguments: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            raise error
        return call(*arguments, **options)

    return wrapped


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("existing", [{"a.md", "a.json"}, {"a.md"}, {"a.json"}, set()])
@pytest.mark.parametrize(("function", "at"), [("replace", 1), ("replace", 2), ("fsync", 1), ("fsync", 2), ("chmod", 2), ("fdopen", 2)])
def test_a_failure_leaves_every_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, at: int, existing: set[str]
) -> None:
    for name in existing:
        (tmp_path / name).write_text(f"old {name}\n", encoding="utf-8")
    before = files_below(tmp_path)
    monkeypatch.setattr(os, function, _failing(getattr(os, function), at, FULL))
    with pytest.raises(OutputError, match=r"a\.(md|json): cannot be written: No space left on device \(nothing was changed\)"):
        write_all({tmp_path / "a.md": "new\n", tmp_path / "a.json": "{}\n"})
    assert files_below(tmp_path) == before


def test_an_interrupt_leaves_every_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("old\n", encoding="utf-8")
    before = files_below(tmp_path)
    monkeypatch.setattr(os, "replace", _failing(os.replace, 2, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write_all({tmp_path / "a.md": "new\n", tmp_path / "a.json": "{}\n"})
    assert files_below(tmp_path) == before


def test_both_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("old\n", encoding="utf-8")
    (tmp_path / "a.md").chmod(0o600)
    write_all({tmp_path / "a.md": "새 글\n", tmp_path / "a.json": "{}\n"})
    assert files_below(tmp_path) == {"a.md": "새 글\n".encode(), "a.json": b"{}\n"}
    assert (tmp_path / "a.md").stat().st_mode & 0o777 == 0o600
    write_all({})


def test_a_missing_folder_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"the folder .*/no does not exist \(create it\)"):
        write_all({tmp_path / "a.md": "new\n", tmp_path / "no" / "a.json": "{}\n"})
    assert files_below(tmp_path) == {}


def _ledger(folder: Path, sha256: str) -> None:
    record: dict[str, Any] = {
        "version": 1,
        "output": {"path": "a.md", "sha256": sha256},
        "policy": {"path": None, "name": None, "language": "keep", "provenance": "none", "priority": [], "command_line": {}, "rules": {}},
        **{section: [] for section in ("sources", "units", "fields", "alignments", "candidates", "conflicts")},
    }
    (folder / "a.ledger.json").write_text(json.dumps(record), encoding="utf-8")


def test_targets(tmp_path: Path) -> None:
    import hashlib

    target = tmp_path / "a.md"
    check_target(target, "new\n", force=False)
    target.write_text("old\n", encoding="utf-8")
    with pytest.raises(OutputError, match="exists and was not written by agentmerge"):
        check_target(target, "new\n", force=False)
    check_target(target, "old\n", force=False)
    check_target(target, "new\n", force=True)
    _ledger(tmp_path, "0" * 64)
    assert edited_by_hand(target)
    with pytest.raises(OutputError, match="was edited by hand since it was built"):
        check_target(target, "new\n", force=False)
    _ledger(tmp_path, hashlib.sha256(b"old\n").hexdigest())
    assert not edited_by_hand(target)
    check_target(target, "new\n", force=False)


@pytest.mark.parametrize("name", ["a.md", "a.ledger.json"])
@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.symlink_to("other"), "is a symbolic link"),
        (lambda path: os.mkfifo(path), "is not a regular file"),
    ],
)
def test_what_is_no_file_is_refused_even_by_force(tmp_path: Path, name: str, make: Callable[[Path], None], what: str) -> None:
    make(tmp_path / name)
    for force in (False, True):
        with pytest.raises(OutputError, match=f"{name}: the output {what}"):
            check_target(tmp_path / "a.md", "new\n", force=force)


def test_a_source_that_changed_meanwhile_stops_the_write(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "s.md"
    path.write_bytes(b"x")
    source = Source(id="s", path="s.md", text="x", sha256=hashlib.sha256(b"x").hexdigest(), body_line=1)
    check_unchanged(path, source)
    path.write_bytes(b"y")
    with pytest.raises(OutputError, match=r"s\.md: changed while the build ran"):
        check_unchanged(path, source)
    path.unlink()
    with pytest.raises(OutputError, match=r"s\.md: changed while the build ran"):
        check_unchanged(path, source)
    assert not same_text(path, "y")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("backend-engineer", "backend-engineer"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c", "a-b-c"),
        ("..", "agent"),
        ("", "agent"),
        (" two  words ", "two-words"),
        ("서버 검토자", "서버-검토자"),
        ("a\x00b\n", "a-b"),
        ("_-x-_", "x"),
        ("x" * 300, "x" * 120),
        ("가" * 300, "가" * 40),
    ],
)
def test_a_name_becomes_a_file_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem
    assert len(f"{stem}.ledger.json".encode()) < 255
