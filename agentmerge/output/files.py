"""Write files whole or not at all: temporary files first, then renames."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from agentmerge.errors import LedgerError, OutputError
from agentmerge.model import Source
from agentmerge.output.ledger import ledger_path, read_ledger


def file_stem(name: str) -> str:
    """A file name for an agent's name: letters, digits, ``-``, ``_``; never a path."""
    return re.sub(r"[^\w-]+", "-", name).strip("-_.")[:80] or "agent"


def same_text(path: Path, text: str) -> bool:
    """Whether a file exists and holds exactly this text."""
    try:
        return path.read_bytes() == text.encode("utf-8")
    except OSError:
        return False


def edited_by_hand(canonical: Path) -> bool:
    """Whether a file is not what the ledger beside it says was written (or has no ledger)."""
    try:
        written = read_ledger(ledger_path(canonical))["output"]["sha256"]
    except (LedgerError, KeyError, TypeError):
        return True
    return bool(hashlib.sha256(canonical.read_bytes()).hexdigest() != written)


def check_target(canonical: Path, text: str, *, force: bool) -> None:
    """Refuse a target that is no file of ours to write: a folder, a link, a hand-edited agent."""
    shown = canonical.as_posix()
    for path in (canonical, ledger_path(canonical)):
        if path.is_dir():
            raise OutputError("the output is a folder", where=path.as_posix(), fix="name a file: --output FOLDER/NAME.md")
        if path.is_symlink():
            raise OutputError("the output is a symbolic link", where=path.as_posix(), fix="name the file that it points to")
        if path.exists() and not path.is_file():
            raise OutputError("the output is not a regular file", where=path.as_posix(), fix="choose another --output")
    if canonical.exists() and not force and not same_text(canonical, text) and edited_by_hand(canonical):
        known = ledger_path(canonical).exists()
        what = "was edited by hand since it was built" if known else "exists and was not written by agentmerge"
        raise OutputError(what, where=shown, fix="move your edits to a source, or use --force to overwrite it")


def check_unchanged(path: Path, source: Source) -> None:
    """Refuse to write when a source changed while the build ran."""
    try:
        same = hashlib.sha256(path.read_bytes()).hexdigest() == source.sha256
    except OSError:
        same = False
    if not same:
        raise OutputError("changed while the build ran", where=source.path, fix="build again")


def write_all(files: Mapping[Path, str]) -> None:
    """Write every text (UTF-8, LF) or none: each is written and synced beside its target first.

    Raises ``OutputError`` when a folder is missing or not writable; no target has changed then.
    """
    staged: list[tuple[str, Path]] = []
    try:
        for path, text in files.items():
            if not path.parent.is_dir():
                raise OutputError(f"the folder {path.parent.as_posix()} does not exist", where=path.as_posix(), fix="create it")
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
            staged.append((name, path))
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(file.fileno())
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
            os.chmod(name, mode)
        while staged:
            name, path = staged[0]
            os.replace(name, path)
            staged.pop(0)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", where=str(error.filename2 or error.filename or "")) from error
    finally:
        for name, _ in staged:
            with contextlib.suppress(OSError):
                os.unlink(name)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
