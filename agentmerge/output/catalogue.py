"""The translation catalogue: a gettext PO file beside the canonical agent (``<name>.<language>.po``).

Same sources and translations, same bytes: no dates, no tool versions. Translations stay when they
are no longer needed (obsolete), or when their text changed a little (fuzzy, not used).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz

from agentmerge.errors import SourceError
from agentmerge.model import Wanted
from agentmerge.output.render import sha256

if TYPE_CHECKING:
    import polib

MAX_BYTES = 8 << 20
_ALIKE = 80
_LINE = re.compile(r'#.*|(?:(?:msgid|msgstr|msgctxt|msgid_plural)(?:\[\d+\])?\s+)?"(?:[^"\\]|\\.)*"')


class Catalogue(NamedTuple):
    """A catalogue as read: ``known`` maps a text to its translation; without a file there are no ``entries``."""

    known: Mapping[str, str]
    entries: polib.POFile | None


class Entry(NamedTuple):
    """One text of a catalogue: its translation ("" for none), and the line on which the text stands."""

    text: str
    translation: str
    context: str
    fuzzy: bool
    line: int


class Tally(NamedTuple):
    """How far a catalogue is: its file's name and hash, and how many texts want a translation, have none, have a fuzzy one, are stale."""

    path: str
    sha256: str
    wanted: int
    missing: int
    fuzzy: int
    stale: int


class Written(NamedTuple):
    """A catalogue as a build writes it: its text, and how far it is."""

    text: str
    tally: Tally


def catalogue_path(canonical: Path, language: str) -> Path:
    """Where the catalogue belongs: beside the canonical agent."""
    return canonical.with_name(f"{canonical.stem}.{language}.po")


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue in a file; empty when there is none. Raises ``SourceError`` when it is no PO file."""
    import polib  # Only builds in one language need it.

    shown = path.as_posix()
    try:
        if not path.exists():
            return Catalogue({}, None)
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            raise SourceError(f"is no file of at most {MAX_BYTES >> 20} MiB", where=shown, fix="move it away and build again")
        text = path.read_bytes().decode("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip() and not _LINE.fullmatch(line.strip()):
                # polib would pass over it, and a translation would be lost in silence.
                raise SourceError(
                    "is no line of a PO file", where=f"{shown}:{number}", fix="mend it, or move the file away and build again"
                )
        entries = polib.pofile(text if text.strip() else "# empty\n", wrapwidth=0)
    except UnicodeDecodeError:
        raise SourceError("is not UTF-8", where=shown, fix="save it as UTF-8") from None
    except (OSError, ValueError, IndexError) as error:
        # polib names the line in its message.
        raise SourceError(f"is no PO file: {error}", where=shown, fix="mend that line, or move the file away and build again") from None
    known = {e.msgid: e.msgstr for e in entries if e.msgstr and not e.fuzzy and not e.obsolete}
    return Catalogue(known, entries)


def entries_of(path: Path) -> tuple[Entry, ...]:
    """The texts that a catalogue is about now, in file order; raises ``SourceError`` when there is none."""
    found = read_catalogue(path).entries
    if found is None:
        raise SourceError("is gone", where=path.as_posix(), fix="build again")
    lines = path.read_text(encoding="utf-8").split("\n")
    return tuple(
        Entry(entry.msgid, entry.msgstr, entry.comment.partition(" under ")[0], entry.fuzzy, _text_line(lines, entry.linenum or 1))
        for entry in found
        if not entry.obsolete
    )


def _text_line(lines: Sequence[str], first: int) -> int:
    """The line of an entry's text: an entry may begin with comments."""
    return next((n for n in range(first, len(lines) + 1) if lines[n - 1].startswith("msgid")), first)


def updated(path: Path, language: str, wanted: Sequence[Wanted], missing: Sequence[Wanted], old: Iterable[polib.POEntry]) -> Written:
    """The catalogue of ``path`` for what is wanted now, with all translations that the old one has."""
    import polib

    file = polib.POFile(wrapwidth=0)
    file.metadata = {"Language": language, "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
    by_text = {entry.msgid: entry for entry in old}
    texts = {one.text for one in wanted}
    left = [entry for entry in old if entry.msgid not in texts]
    reused: set[str] = set()
    for one in wanted:
        entry = polib.POEntry(msgid=one.text, comment=_comment(one), occurrences=[_place(place) for place in one.places])
        before = by_text.get(one.text)
        if before is not None:
            entry.msgstr, entry.tcomment, entry.previous_msgid = before.msgstr, before.tcomment, before.previous_msgid
            entry.flags = ["fuzzy"] if before.fuzzy else []
        else:
            near = _nearest(one.text, [e for e in left if e.msgstr and e.msgid not in reused])
            if near is not None:
                reused.add(near.msgid)
                entry.msgstr, entry.previous_msgid, entry.flags = near.msgstr, near.msgid, ["fuzzy"]
        file.append(entry)
    for entry in left:
        if entry.msgstr and entry.msgid not in reused:
            file.append(polib.POEntry(msgid=entry.msgid, msgstr=entry.msgstr, obsolete=True))
    text = as_text(file)
    fuzzy = sum(entry.fuzzy for entry in file if not entry.obsolete)
    return Written(text, Tally(path.name, sha256(text), len(wanted), len(missing), fuzzy, len(file.obsolete_entries())))


def as_text(file: polib.POFile) -> str:
    """A catalogue as it is written."""
    return str(file).rstrip("\n") + "\n"


def _nearest(text: str, entries: Iterable[polib.POEntry]) -> polib.POEntry | None:
    scored = [(fuzz.ratio(text, entry.msgid), entry.msgid, entry) for entry in entries]
    best = max(scored, key=lambda found: found[:2], default=None)
    return best[2] if best is not None and best[0] >= _ALIKE else None


def _comment(wanted: Wanted) -> str:
    return f"{wanted.context}{f' under {wanted.section!r}' if wanted.section else ''}"


def _place(place: str) -> tuple[str, str]:
    path, _, line = place.rpartition(":")
    return path, line
