"""Fill a translation catalogue: list what is missing, or hand it to a program and take in its translations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentmerge.consulting import exchange, refused
from agentmerge.errors import SourceError
from agentmerge.output.catalogue import as_text, read_catalogue
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
    return tuple(_missing(_entries(catalogue)))


def translate(catalogue: Path, command: str, *, timeout: float = 600.0) -> int:
    """Have a program translate what is missing and write the catalogue; returns how many translations came.

    The program reads a JSON object per line (``id``, ``text``, ``context``, ``to``) and writes one per
    line (``id``, ``translation``). Raises ``AnswerError``; nothing is written then.
    """
    entries = _entries(catalogue)
    asked = tuple(_missing(entries))
    if not asked:
        return 0
    language = _language(catalogue)
    objects = ({"id": m.id, "text": m.text, "context": m.context, "to": language} for m in asked)
    name, lines = exchange(command, objects, timeout=timeout)
    given = _read(lines, {m.id for m in asked}, name)
    for number, text in given.items():
        entry = entries[int(number) - 1]
        entry.msgstr, entry.previous_msgid, entry.flags = text, None, [flag for flag in entry.flags if flag != "fuzzy"]
    write_all({catalogue: as_text(entries)})
    return len(given)


def _missing(entries: polib.POFile) -> Iterator[Missing]:
    for n, entry in enumerate(entries, 1):
        if not entry.obsolete and (entry.fuzzy or not entry.msgstr):
            place = ":".join(entry.occurrences[0]) if entry.occurrences else ""
            yield Missing(str(n), entry.msgid, entry.comment, place, entry.msgstr)


def _entries(catalogue: Path) -> polib.POFile:
    read = read_catalogue(catalogue)
    if read.entries is None:
        fix = "'agentmerge build --language en' writes it when something wants a translation"
        raise SourceError("no such catalogue", where=catalogue.as_posix(), fix=fix)
    return read.entries


def _language(catalogue: Path) -> str:
    """The language that a catalogue translates into: ``<name>.<language>.po``."""
    return catalogue.stem.rpartition(".")[2]


def _read(lines: Iterable[str], asked: set[str], name: str) -> dict[str, str]:
    given: dict[str, str] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            problems.append(f"line {number} of its output is no JSON")
            continue
        key, text = (reply.get("id"), reply.get("translation")) if isinstance(reply, dict) else (None, None)
        if key not in asked:
            problems.append(f"line {number} of its output has no 'id' that was asked")
        elif not isinstance(text, str) or len(text) > _MAX_TEXT:
            problems.append(f"line {number} of its output has no 'translation' of at most {_MAX_TEXT} characters")
        elif text.strip():
            given[str(key)] = text.strip()
    if problems:
        raise refused(name, problems)
    return given
