"""Find the source files of a build and give each an id that depends on its name only."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from agentmerge.errors import SourceError
from agentmerge.rules.policy import Policy

_SKIPPED = frozenset((".git", "node_modules", ".venv", "__pycache__"))


class Found(NamedTuple):
    """A source file: its id in the build, where it is, and how the user knows it."""

    id: str
    path: Path
    shown: str


def find_sources(paths: Sequence[Path], output: Path | None = None) -> tuple[Found, ...]:
    """The agent files that paths name, sorted by id; a folder stands for the agents in it.

    In a folder, Markdown files without frontmatter are no agents, and canonical agents (those with
    a ledger beside them) are no sources. Raises ``SourceError`` for no path, a missing file, a
    folder without agents, one file named twice, and a source that is also the output.
    """
    if not paths:
        raise SourceError("no sources", fix="name agent files or folders, or list them under 'sources' in agentmerge.yaml")
    files = [file for path in paths for file in _files_of(path)]
    seen: dict[Path, Path] = {}
    for path in files:
        real = _real(path)
        if real in seen:
            raise SourceError(f"is the same file as {seen[real].as_posix()}", where=path.as_posix(), fix="name it once")
        seen[real] = path
    if output is not None and _real(output) in seen:
        raise SourceError("is a source and the output", where=output.as_posix(), fix="choose another --output")
    ids = _ids(list(seen))
    found = [Found(id=ids[real], path=path, shown=path.as_posix()) for real, path in seen.items()]
    return tuple(sorted(found, key=lambda f: f.id))


def _files_of(path: Path) -> list[Path]:
    """The file itself, or the agents in a folder; raises ``SourceError`` when there is none."""
    shown = path.as_posix()
    try:
        if path.is_dir():
            inside = _agents_in(path)
            if not inside:
                raise SourceError("the folder holds no agents", where=shown, fix="an agent is a .md file that starts with '---'")
            return inside
        if not path.exists():
            raise SourceError("no such file", where=shown, fix="check the path")
        if not path.is_file():
            raise SourceError("is not a regular file", where=shown, fix="name a Markdown file")
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", where=shown, fix="check the path and its permissions") from None
    return [path]


def _real(path: Path) -> Path:
    """Where a path leads; its text must be text, for the ledger names it."""
    try:
        real = path.resolve()
        real.as_posix().encode("utf-8")
    except UnicodeEncodeError:
        raise SourceError("the name of the file is not UTF-8", where=path.as_posix(), fix="rename it") from None
    except (OSError, RuntimeError):
        raise SourceError("cannot be resolved", where=path.as_posix(), fix="check its symbolic links") from None
    return real


def source_paths(policy: Policy, folder: Path) -> list[Path]:
    """The files and folders that a policy's ``sources`` name; each pattern must match something.

    A pattern matches no canonical agent (a file with a ledger beside it): it may lie among its sources.
    """
    found: list[Path] = []
    for pattern in policy.sources:
        matches = _matches(pattern, folder, policy.origin) if any(c in pattern for c in "*?[") else [folder / pattern]
        if not matches:
            raise SourceError(f"'sources' names {pattern!r}, which matches no file", where=policy.origin, fix="correct the pattern")
        found.extend(path for path in matches if path not in found)
    return found


def _matches(pattern: str, folder: Path, origin: str) -> list[Path]:
    try:
        return [path for path in sorted(folder.glob(pattern)) if not _is_canonical(path)]
    except (ValueError, NotImplementedError):
        fix = "use a relative pattern such as 'agents/*.md'"
        raise SourceError(f"'sources' names {pattern!r}, which is no pattern", where=origin, fix=fix) from None


def _is_canonical(path: Path) -> bool:
    return path.with_name(path.stem + ".ledger.json").exists() or path.name.endswith(".ledger.json")


def _agents_in(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*.md")):
        parts = path.relative_to(folder).parts
        if any(part in _SKIPPED for part in parts) or not path.is_file():
            continue
        if _is_canonical(path):
            continue
        with path.open("rb") as file:
            start = file.readline(200).removeprefix(b"\xef\xbb\xbf")
        if start.rstrip() == b"---":
            found.append(path)
    return found


def _ids(paths: Sequence[Path]) -> dict[Path, str]:
    """File stems, with as many parent folders before them as it takes to tell them apart.

    Folders count from the one that all files share: an id does not depend on where the project lies.
    """
    shared = Path(os.path.commonpath([path.parent for path in paths]))
    inside = {path: path.relative_to(shared) for path in paths}
    depth = dict.fromkeys(paths, 1)
    while True:
        names = {path: "/".join((*short.parts[-depth[path] : -1], short.stem)) for path, short in inside.items()}
        counts = Counter(names.values())
        clash = [path for path in paths if counts[names[path]] > 1]
        deeper = [path for path in clash if depth[path] < len(inside[path].parts)]
        if not deeper:
            # What still clashes differs in its suffix only.
            return {path: inside[path].as_posix() if path in clash else name for path, name in names.items()}
        for path in deeper:
            depth[path] += 1
