"""Which translation stands in the place of a statement, who did it, and where it is written: by a ledger and its catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import AgentmergeError
from agentmerge.merge.heading_words import in_language
from agentmerge.output.catalogue import Entry, entries_of
from agentmerge.output.files import outdated_catalogue

LEXICON = "lexicon"
CATALOGUE = "catalogue"


class Shown(NamedTuple):
    """What stands in the place of a text: ``text`` in ``language``, ``by`` the catalogue or the lexicon, written at ``place``.

    Without a ``text`` there is none, and ``note`` says why; else ``note`` says what is to know of it.
    """

    source: str
    text: str
    language: str
    by: str
    place: str
    note: str


class Translations:
    """The translations of one build; a catalogue that is gone or broken has none."""

    def __init__(self, ledger: Mapping[str, Any], folder: Path) -> None:
        self.language = str(ledger["policy"]["language"])
        record = ledger.get("catalogue")
        self.path = str(record["path"]) if isinstance(record, dict) else ""
        self.note = ""
        self._entries: Mapping[str, Entry] = {}
        if self.path:
            try:
                self._entries = {entry.text: entry for entry in entries_of(folder / self.path)}
                self.note = "the catalogue has changed since the build" if outdated_catalogue(ledger, folder) else ""
            except AgentmergeError as error:
                self.note = f"the catalogue {error.what}"

    def of(self, unit: Mapping[str, Any], texts: Iterable[str]) -> Shown | None:
        """What stands in the place of a kept unit (its entry in the ledger), known by one of ``texts``; ``None``: its own words do."""
        known = [text for text in texts if text]
        by = unit.get("translation")
        if by == LEXICON:
            found = next(((text, there) for text in known if (there := in_language(text, self.language))), None)
            return Shown(*(found or (known[0], "")), self.language, LEXICON, "the table of headings", "") if known else None
        entry = next((self._entries[text] for text in known if text in self._entries), None)
        if by == CATALOGUE:
            if entry is None:
                return Shown(known[0] if known else "", "", self.language, CATALOGUE, self.path, self.note or "it is no longer there")
            return Shown(entry.text, entry.translation, self.language, CATALOGUE, self._place(entry), self.note)
        if entry is None or unit["outcome"] != "kept":
            return None
        return Shown(entry.text, "", self.language, "", self._place(entry), _why_not(entry))

    def of_description(self) -> Shown | None:
        """What stands in the place of the composed description; ``None`` when that is in the language that was asked for."""
        entry = next((entry for entry in self._entries.values() if entry.context == "description"), None)
        if entry is None:
            return None
        done = entry.translation if not entry.fuzzy else ""
        by, note = (CATALOGUE, self.note) if done else ("", _why_not(entry))
        return Shown(entry.text, done, self.language, by, self._place(entry), note)

    def _place(self, entry: Entry) -> str:
        return f"{self.path}:{entry.line}"


def _why_not(entry: Entry) -> str:
    if not entry.translation:
        return "no translation yet"
    return "fuzzy: the text changed since it was translated" if entry.fuzzy else "not used: 'agentmerge build' says why"
