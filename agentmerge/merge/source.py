"""Read a file's bytes into a ``Source``: UTF-8 only, LF line ends, capped in size."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from agentmerge.errors import SourceError
from agentmerge.model import Source

MAX_BYTES = 1 << 20
MAX_LINE = 10_000
MAX_BLANK_LINES = 10_000
MAX_FRONTMATTER = 64 << 10

_BOMS = ((b"\xff\xfe\x00\x00", "UTF-32"), (b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_source(path: Path, shown: str, source_id: str) -> Source:
    """Read ``path``; errors and the ledger call it ``shown``.

    Raises ``SourceError`` for a missing file, a folder, a text that is not UTF-8, control
    characters, and sizes beyond the caps above.
    """
    try:
        if path.is_dir():
            raise SourceError("is a folder, not an agent file", where=shown)
        if not path.exists():
            raise SourceError("no such file", where=shown, fix="check the path")
        if not path.is_file():
            raise SourceError("is not a regular file", where=shown)
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"is larger than {MAX_BYTES >> 20} MiB", where=shown, fix="an agent file is text of a few pages")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", where=shown) from error
    return source_from_bytes(data, shown, source_id)


def source_from_bytes(data: bytes, shown: str, source_id: str) -> Source:
    """Decode the bytes of a file and find where its body starts."""
    text = _decode(data, shown)
    if not text.strip():
        raise SourceError("the file is empty", where=shown, fix="an agent has frontmatter and a body")
    lines = text.split("\n")
    _check_lines(lines, shown)
    return Source(
        id=source_id,
        path=shown,
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        body_line=_body_line(lines, shown),
    )


def _check_lines(lines: list[str], shown: str) -> None:
    blank = 0
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            raise SourceError(f"line of {len(line)} characters (at most {MAX_LINE})", where=f"{shown}:{number}", fix="break the line")
        blank = 0 if line.strip() else blank + 1
        if blank > MAX_BLANK_LINES:
            raise SourceError(f"more than {MAX_BLANK_LINES} blank lines in a row", where=f"{shown}:{number}", fix="remove them")


def _decode(data: bytes, shown: str) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            raise SourceError(f"is {name}, not UTF-8", where=f"{shown}:1", fix="save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(
            f"byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8",
            where=f"{shown}:{line}",
            fix="save the file as UTF-8",
        ) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    bare = text.find("\r")
    if bare != -1:
        line = text.count("\n", 0, bare) + 1
        raise SourceError("a carriage return without a line feed", where=f"{shown}:{line}", fix="use LF line ends")
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise SourceError(f"control character U+{ord(control.group()):04X}", where=f"{shown}:{line}", fix="remove it")
    return text


def _body_line(lines: list[str], shown: str) -> int:
    """The number of the first line after the frontmatter."""
    if lines[0].rstrip() != "---":
        raise SourceError(
            "no frontmatter: the first line is not '---'",
            where=f"{shown}:1",
            fix="start the file with '---', 'name: …', 'description: …', '---'",
        )
    size = 0
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return number + 1
        size += len(line) + 1
        if size > MAX_FRONTMATTER:
            raise SourceError(f"frontmatter of more than {MAX_FRONTMATTER >> 10} KiB", where=f"{shown}:{number}")
    raise SourceError("the frontmatter that starts here is never closed", where=f"{shown}:1", fix="add a line '---' after its last key")
