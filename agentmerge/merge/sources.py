"""Find the source files of a build and give each an id that depends on its name only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge.errors import SourceError
from agentmerge.rules.policy import Policy

_SKIPPED = frozenset((".git", "node_modules", ".venv", "__pycache__"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
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
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = _agents_in(path)
            if not inside:
                raise SourceError("the folder holds no agents", where=path.as_posix(), fix="an agent is a .md file that starts with '---'")
            files.extend(inside)
        elif not path.exists():
            raise SourceError("no such file", where=path.as_posix(), fix="check the path")
        else:
            files.append(path)
    seen: dict[Path, Path] = {}
    for path in files:
        real = path.resolve()
        if real in seen:
            raise SourceError(f"is the same file as {seen[real].as_posix()}", where=path.as_posix(), fix="name it once")
        seen[real] = path
    if output is not None and output.resolve() in seen:
        raise SourceError("is a source and the output", where=output.as_posix(), fix="choose another --output")
    ids = _ids(list(seen))
    found = [Found(id=ids[real], path=path, shown=path.as_posix()) for real, path in seen.items()]
    return tuple(sorted(found, key=lambda f: f.id))


def source_paths(policy: Policy, folder: Path) -> list[Path]:
    """The files and folders that a policy's ``sources`` name; each pattern must match something."""
    found: list[Path] = []
    for pattern in policy.sources:
        matches = sorted(folder.glob(pattern)) if any(c in pattern for c in "*?[") else [folder / pattern]
        if not matches:
            raise SourceError(f"'sources' names {pattern!r}, which matches no file", where=policy.origin, fix="correct the pattern")
        found.extend(path for path in matches if path not in found)
    return found


def _agents_in(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*.md")):
        parts = path.relative_to(folder).parts
        if any(part in _SKIPPED for part in parts) or not path.is_file():
            continue
        if path.with_name(path.stem + ".ledger.json").exists():
            continue
        with path.open("rb") as file:
            start = file.read(8).removeprefix(b"\xef\xbb\xbf")
        if start.startswith((b"---\n", b"---\r\n")):
            found.append(path)
    return found


def _ids(paths: Iterable[Path]) -> dict[Path, str]:
    """File stems, with as many parent folders before them as it takes to tell them apart."""
    known = list(paths)
    depth = dict.fromkeys(known, 1)
    while True:
        names = {path: "/".join((*path.parts[-depth[path] : -1], path.stem)) for path in known}
        counts: dict[str, int] = {}
        for name in names.values():
            counts[name] = counts.get(name, 0) + 1
        clash = [path for path in known if counts[names[path]] > 1 and depth[path] < len(path.parts)]
        if not clash:
            return names
        for path in clash:
            depth[path] += 1
