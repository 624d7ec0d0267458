"""Write files whole or not at all: temporary files first, then renames."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from agentmerge.errors import OutputError


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
