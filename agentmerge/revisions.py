"""The two versions of a diff: files, or a file's text at a git revision."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentmerge.errors import AgentmergeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Two files to compare and how the user knows them."""

    old: Path
    new: Path
    old_name: str
    new_name: str


@contextmanager
def resolve_versions(old: str | None, new: Path | None, default: Callable[[], Path]) -> Iterator[Versions]:
    """The files behind ``OLD NEW``: each a path, or a git revision of the canonical agent.

    Without OLD it is HEAD; without NEW it is the working file (or, with two revisions, the second).
    Raises ``AgentmergeError`` when a revision or a file in it does not exist.
    """
    newest = new
    with tempfile.TemporaryDirectory(prefix="agentmerge-") as folder:
        if old is not None and new is None and Path(old).is_file():
            newest = Path(old)
            old = None
        if newest is not None and not newest.is_file():
            canonical = default()
            new_file, new_name = _at_revision(str(newest), canonical, Path(folder) / "new.md")
        else:
            canonical = newest or default()
            new_file, new_name = canonical, canonical.as_posix()
        if old is not None and Path(old).is_file():
            yield Versions(old=Path(old), new=new_file, old_name=old, new_name=new_name)
        else:
            old_file, old_name = _at_revision(old or "HEAD", canonical, Path(folder) / "old.md")
            yield Versions(old=old_file, new=new_file, old_name=old_name, new_name=new_name)


def _at_revision(revision: str, file: Path, target: Path) -> tuple[Path, str]:
    name = f"{revision}:{file.as_posix()}"
    if revision.startswith("-") or not file.parent.is_dir():
        raise AgentmergeError("no such file or revision", where=revision, fix="name a file or a git revision")
    command = ["git", "-C", str(file.parent.resolve()), "show", f"{revision}:./{file.name}"]
    try:
        shown = subprocess.run(command, capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AgentmergeError(f"git does not answer: {error}", where=name, fix="name two files instead") from None
    if shown.returncode:
        why = shown.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        raise AgentmergeError(f"no such file or revision: {why}", where=name, fix="name a file or a git revision that has it")
    target.write_bytes(shown.stdout)
    return target, name
