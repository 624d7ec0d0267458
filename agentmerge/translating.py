"""Fill a translation catalogue: list what is missing, or hand it to a program and take in its translations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.consulting import arguments_of, run_program
from agentmerge.errors import AnswerError, SourceError
from agentmerge.output.catalogue import read_catalogue
from agentmerge.output.files import write_all

if TYPE_CHECKING:
    import polib

_MAX_TEXT = 20_000


class Missing(NamedTuple):
    """A text of a catalogue without a usable translation; ``suggestion`` is a fuzzy one."""

    id: str
    text: str
    context: str
    place: str
    suggestion: str


def missing_in(catalogue: Path) -> tuple[Missing, ...]:
    """What a catalogue has no translation for, in file order. Raises ``SourceError``."""
    return tuple(
        Missing(str(n), entry.msgid, entry.comment, ":".join(entry.occurrences[0]) if entry.occurrences else "", entry.msgstr)
        for n, entry in enumerate(_entries(catalogue), 1)
        if not entry.obsolete and (entry.fuzzy or not entry.msgstr)
    )


def translate(catalogue: Path, command: str, *, timeout: float = 600.0) -> int:
    """Have a program translate what is missing and write the catalogue; returns how many translations came.

    The program reads a JSON object per line (``id``, ``text``, ``context``, ``to``) and writes one per
    line (``id``, ``translation``). Raises ``AnswerError``; nothing is written then.
    """
    import polib

    asked = missing_in(catalogue)
    if not asked:
        return 0
    language = _language(catalogue)
    arguments = arguments_of(command)
    lines = [json.dumps({"id": m.id, "text": m.text, "context": m.context, "to": language}, ensure_ascii=False) for m in asked]
    written = run_program(arguments, ("\n".join(lines) + "\n").encode(), timeout)
    given = _read(written, {m.id for m in asked}, arguments[0].rpartition("/")[2])
    file = polib.pofile(catalogue.read_text(encoding="utf-8"), wrapwidth=0)
    for n, entry in enumerate(file, 1):
        if str(n) in given:
            entry.msgstr, entry.previous_msgid, entry.flags = given[str(n)], None, [flag for flag in entry.flags if flag != "fuzzy"]
    write_all({catalogue: str(file).rstrip("\n") + "\n"})
    return len(given)


def _entries(catalogue: Path) -> Sequence[polib.POEntry]:
    read = read_catalogue(catalogue)
    if read.text is None:
        fix = "'agentmerge build --language en' writes it when something wants a translation"
        raise SourceError("no such catalogue", where=catalogue.as_posix(), fix=fix)
    return read.entries


def _language(catalogue: Path) -> str:
    """The language that a catalogue translates into: ``<name>.<language>.po``."""
    return catalogue.stem.rpartition(".")[2]


def _read(written: bytes, asked: set[str], name: str) -> dict[str, str]:
    given: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(written.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"{name}: line {number} of its output is no JSON")
            continue
        key, text = (reply.get("id"), reply.get("translation")) if isinstance(reply, dict) else (None, None)
        if key not in asked:
            problems.append(f"{name}: line {number} of its output has no 'id' that was asked")
        elif not isinstance(text, str) or len(text) > _MAX_TEXT:
            problems.append(f"{name}: line {number} of its output has no 'translation' of at most {_MAX_TEXT} characters")
        elif text.strip():
            given[str(key)] = text.strip()
    if problems:
        raise AnswerError((*problems[:5], f"{name}: nothing was written"))
    return given
