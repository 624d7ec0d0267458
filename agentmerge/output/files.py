"""Write files whole or not at all: temporary files first, then renames."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentmerge.errors import LedgerError, OutputError
from agentmerge.model import Source
from agentmerge.output.ledger import ledger_path, read_ledger

MAX_STEM = 120


def file_stem(name: str) -> str:
    """A file name for an agent's name: letters, digits, ``-``, ``_``; never a path."""
    stem = re.sub(r"[^\w-]+", "-", name).strip("-_")
    # File systems count bytes (255 with the ledger's suffix): a Hangul syllable has three.
    return stem.encode("utf-8", "ignore")[:MAX_STEM].decode("utf-8", "ignore").strip("-_") or "agent"


def same_text(path: Path, text: str) -> bool:
    """Whether a file exists and holds exactly this text."""
    try:
        return path.read_bytes() == text.encode("utf-8")
    except OSError:
        return False


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, as ledgers record it; raises ``OSError``."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outdated_catalogue(ledger: Mapping[str, Any], folder: Path) -> str:
    """What happened to the catalogue of a build since, in words; "" when it is as it was, or there was none."""
    record = ledger.get("catalogue")
    if not isinstance(record, dict):
        return ""
    path = folder / str(record.get("path"))
    if not path.is_file():
        return f"the translation catalogue {path.as_posix()} is gone"
    return "" if sha256_of(path) == record.get("sha256") else f"the translation catalogue {path.as_posix()} has changed"


def edited_by_hand(canonical: Path) -> bool:
    """Whether a file is not what the ledger beside it says was written (or has no ledger)."""
    try:
        written = read_ledger(ledger_path(canonical))["output"]["sha256"]
    except (LedgerError, KeyError, TypeError):
        return True
    return bool(sha256_of(canonical) != written)


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
    if force:
        return
    known = ledger_path(canonical).exists()
    if known and not canonical.exists() and not _is_ledger(ledger_path(canonical)):
        where = ledger_path(canonical).as_posix()
        raise OutputError("exists and is no ledger", where=where, fix="choose another --output, or use --force to overwrite it")
    if canonical.exists() and not same_text(canonical, text) and edited_by_hand(canonical):
        what = "was edited by hand since it was built" if known else "exists and was not written by agentmerge"
        raise OutputError(what, where=shown, fix="move your edits to a source, or use --force to overwrite it")


def _is_ledger(path: Path) -> bool:
    try:
        read_ledger(path)
    except LedgerError:
        return False
    return True


def check_unchanged(path: Path, source: Source) -> None:
    """Refuse to write when a source changed while the build ran."""
    try:
        same = sha256_of(path) == source.sha256
    except OSError:
        same = False
    if not same:
        raise OutputError("changed while the build ran", where=source.path, fix="build again")


def write_all(files: Mapping[Path, str]) -> None:
    """Write every text (UTF-8, LF) or none: each is written and synced beside its target first.

    Raises ``OutputError`` when one cannot be written; every target is as it was before then.
    """
    temporary: list[Path] = []
    try:
        staged = [(_stage(path, text.encode("utf-8"), temporary), path) for path, text in files.items()]
        olds = [(_stage(path, path.read_bytes(), temporary) if path.exists() else None, path) for path in files]
        _replace_all(staged, olds)
    finally:
        for name in temporary:
            with contextlib.suppress(OSError):
                name.unlink()


def _stage(path: Path, data: bytes, temporary: list[Path]) -> Path:
    """A synced file beside ``path`` with these bytes and the mode that ``path`` has or would have."""
    shown = path.as_posix()
    if not path.parent.is_dir():
        raise OutputError(f"the folder {path.parent.as_posix()} does not exist", where=shown, fix="create it")
    try:
        handle, name = tempfile.mkstemp(prefix=".agentmerge-", suffix=".tmp", dir=path.parent)
        temporary.append(Path(name))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", where=shown, fix="nothing was changed") from error
    return Path(name)


def _replace_all(staged: Sequence[tuple[Path, Path]], olds: Sequence[tuple[Path | None, Path]]) -> None:
    """Move staged files to their targets; when one cannot be, put back what stood there."""
    path = staged[0][1] if staged else Path()
    try:
        for new, path in staged:
            os.replace(new, path)
    except BaseException as error:
        _restore(olds)
        if not isinstance(error, OSError):
            raise
        raise OutputError(f"cannot be written: {error.strerror or error}", where=path.as_posix(), fix="nothing was changed") from error


def _restore(olds: Sequence[tuple[Path | None, Path]]) -> None:
    for old, path in olds:
        with contextlib.suppress(OSError):
            if old is None:
                path.unlink(missing_ok=True)
            else:
                os.replace(old, path)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
