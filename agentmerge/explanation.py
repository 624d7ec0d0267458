"""Explain one line of a canonical agent, one line of a source, or a frontmatter key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmerge.errors import AgentmergeError, LedgerError
from agentmerge.merge.claims import concepts_of, plain
from agentmerge.merge.lexicon import Lexicon, default_lexicon, extended
from agentmerge.merge.lift import lifted_as_recorded
from agentmerge.merge.read import load_agent
from agentmerge.model import Unit
from agentmerge.output.explanation_text import Record, record_lines
from agentmerge.output.ledger import ledger_path, read_ledger, trim_of
from agentmerge.rules.policy import load_policy
from agentmerge.rules.text.comments import OURS
from agentmerge.translations import Translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is known of a target: ``records`` (plain data, for programs), and ``lines`` of text to print, in order."""

    target: str
    records: tuple[Record, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(record_lines(self.records))


def explain_target(target: str, canonical: Path | None, default: Callable[[], Path]) -> Explanation:
    """Explain ``FILE:LINE`` (canonical agent or source), a unit id, or a frontmatter key.

    ``canonical`` is the agent whose ledger is asked; without it the file of the target, the only
    ledger that names it in a folder above it, or ``default``. Raises ``AgentmergeError`` when nothing is known of it.
    """
    name, _, tail = target.rpartition(":")
    line = int(tail) if name and re.fullmatch(r"[0-9]{1,9}", tail) else None
    file = Path(name) if line is not None else None
    home = canonical or _canonical_for(file, default)
    book = _Book(home, read_ledger(ledger_path(home)))
    if file is not None and line is not None and file.exists() and file.resolve() == home.resolve():
        return Explanation(target=target, records=tuple(book.output_line(line)))
    if file is not None and line is not None and (source := book.source_of(file)):
        return Explanation(target=target, records=tuple(book.source_line(source, line)))
    if target in book.entries:
        return Explanation(target=target, records=(book.unit(target),))
    fields = list(book.key(target))
    if fields:
        return Explanation(target=target, records=tuple(fields))
    keys = ", ".join(sorted({entry["key"] for entry in book.ledger["fields"]}))
    raise AgentmergeError(
        f"nothing is known of {target!r}", where=book.shown, fix=f"name FILE:LINE of the canonical agent or a source, or a key ({keys})"
    )


def _canonical_for(file: Path | None, default: Callable[[], Path]) -> Path:
    if file is None or not file.exists():
        return default()
    if ledger_path(file).exists():
        return file
    found = [home for folder in file.resolve().parents for home in _naming(file, folder)]
    if len(found) > 1:
        raise LedgerError(f"{len(found)} ledgers name it", where=file.as_posix(), fix="choose one with --canonical FILE")
    return found[0] if found else default()


def _naming(file: Path, folder: Path) -> Iterator[Path]:
    """The canonical agents of a folder whose ledgers have a file among their sources."""
    for path in sorted(folder.glob("*.ledger.json")):
        try:
            ledger = read_ledger(path)
        except LedgerError:
            continue
        if any((folder / source["path"]).resolve() == file.resolve() for source in ledger["sources"]):
            yield folder / str(ledger["output"]["path"])


class _Book:
    """A ledger with its sources at hand, and what can be asked of it."""

    def __init__(self, canonical: Path, ledger: Mapping[str, Any]) -> None:
        self.canonical = canonical
        self.ledger = ledger
        self.shown = ledger_path(canonical).as_posix()
        self.entries: dict[str, Mapping[str, Any]] = {entry["id"]: entry for entry in ledger["units"]}
        self.paths = {str(source["id"]): str(source["path"]) for source in ledger["sources"]}
        self.lexicon = _lexicon_of(ledger, canonical)
        self.translations = Translations(ledger, canonical.parent)
        self.texts: dict[str, Unit] = {}
        for source, path in self.paths.items():
            try:
                agent = lifted_as_recorded(load_agent(canonical.parent / path, source_id=source, shown=path), ledger["units"])
                self.texts.update({u.id: u for u in agent.units})
            except AgentmergeError:
                continue  # A source that is gone is explained from the ledger alone.

    def source_of(self, file: Path) -> str | None:
        """The id of the source that a file is, by its path as given or where it leads."""
        for source, path in self.paths.items():
            if (self.canonical.parent / path).resolve() == file.resolve() or path == file.as_posix():
                return source
        return None

    def output_line(self, line: int) -> Iterator[Record]:
        found = [e for e in self.entries.values() if e["output_lines"] and e["output_lines"][0] <= line <= e["output_lines"][1]]
        if found:
            yield from (self.unit(entry["id"]) for entry in found)
            return
        lines = self.canonical.read_text(encoding="utf-8", errors="replace").split("\n")
        if not 1 <= line <= len(lines):
            raise AgentmergeError(f"has {len(lines)} lines, no line {line}", where=self.canonical.as_posix(), fix="name a line that it has")
        text = lines[line - 1]
        for made in self.ledger.get("headings", ()):
            if made["line"] == line:
                yield _note(f"line {line} is a composed heading: the name of {made['source']}, which has its own section of that heading")
                return
        end = next((n for n, t in enumerate(lines[1:], 2) if t.rstrip() == "---"), 0)
        if 1 < line < end:
            key = next((k for t in reversed(lines[1:line]) if (k := _key_of(t))), "")
            yield from list(self.key(key)) or [_note(f"{key}: composed; no source has this key")]
        else:
            what = "a provenance comment" if OURS.search(text) else "layout (a blank line, a fence of the frontmatter or a rule)"
            yield _note(f"line {line} is {what}; it comes from no source")

    def source_line(self, source: str, line: int) -> Iterator[Record]:
        found = [e for e in self.entries.values() if e["source"] == source and e["lines"][0] <= line <= e["lines"][1]]
        yield from (self.unit(entry["id"]) for entry in found)
        # A line of the frontmatter may have been lifted into the body: it is a key's and a statement.
        fields = list(self._fields_at(source, line))
        blank = _note(f"{self.paths[source]}:{line} holds no statement (blank, a rule or a fence)")
        yield from fields if fields or found else [blank]

    def _fields_at(self, source: str, line: int) -> Iterator[Record]:
        path = self.canonical.parent / self.paths[source]
        for f in load_agent(path, source_id=source).fields if path.is_file() else ():
            if f.lines[0] <= line <= f.lines[1]:
                yield from self.key(f.key, source)

    def key(self, key: str, source: str | None = None) -> Iterator[Record]:
        """What became of a frontmatter key, and of the description what stands in its place in another language."""
        found = [e for e in self.ledger["fields"] if e["key"] == key and source in (None, e["source"])]
        yield from ({"what": "key", **entry} for entry in found)
        if found and key == "description" and (shown := self.translations.of_description()) is not None:
            yield {"what": "composed", "key": key, "translation": shown._asdict()}

    def unit(self, name: str) -> Record:
        """All that is known of one statement."""
        entry = self.entries[name]
        record = {"what": "statement", "canonical": self.canonical.name, **self._said(name), **entry}
        del record["translation"]
        if (shown := self._translation(name)) is not None:
            record["translation"] = shown
        trim = trim_of(entry)
        if trim and name in self.texts:
            record["stands_as"] = trim.of(self.texts[name].text)
            record["rest_said_by"] = [self._plain(other) for other in trim.said_by]
        if entry["into"]:
            record["said_by"] = self._said(entry["into"])
            if record["said_by"]["translation"] is None:
                del record["said_by"]["translation"]
        if name in self.texts and entry["kind"] != "code":
            record["concepts"] = sorted(c for c in concepts_of(plain(self.texts[name].text), self.lexicon) if not c.startswith("w:"))
        record["took_in"] = [self._plain(e["id"]) for e in self.entries.values() if e["into"] == name]
        record["pairs"] = list(self._pairs(name))
        keys = ("id", "rule", "why", "decision")
        record["conflicts"] = [{key: c[key] for key in keys} for c in self.ledger["conflicts"] if name in c["members"]]
        return record

    def _pairs(self, name: str) -> Iterator[Record]:
        for kind in ("alignments", "candidates"):
            for pair in self.ledger.get(kind, ()):
                if name in (pair["a"], pair["b"]):
                    other = pair["b"] if pair["a"] == name else pair["a"]
                    relation = pair.get("relation", "candidate")
                    yield {"relation": relation, "score": pair["score"], **self._plain(other), "evidence": pair["evidence"]}

    def _plain(self, name: str) -> dict[str, Any]:
        return {"id": name, "place": self._place(name), "text": self._text(name)}

    def _said(self, name: str) -> dict[str, Any]:
        return {**self._plain(name), "translation": self._translation(name)}

    def _translation(self, name: str) -> Record | None:
        """What stands in the place of a unit, by all that it may be known by in a catalogue."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        unit = self.texts.get(name)
        words = (
            (unit.label, str(entry.get("section", "")), unit.text) if unit and entry["kind"] == "heading" else (unit.text if unit else "",)
        )
        shown = self.translations.of(entry, words)
        return None if shown is None else shown._asdict()

    def _place(self, name: str) -> str:
        entry = self.entries.get(name)
        return f"{self.paths[entry['source']]}:{entry['lines'][0]}" if entry else name

    def _text(self, name: str) -> str:
        return self.texts[name].text if name in self.texts else "(the source cannot be read)"


def _lexicon_of(ledger: Mapping[str, Any], canonical: Path) -> Lexicon:
    """The lexicon of a build: with the vocabulary of its policy as that is now."""
    path = ledger["policy"]["path"]
    own = load_policy(canonical.parent / str(path)).lexicon if path and (canonical.parent / str(path)).is_file() else ()
    return extended(default_lexicon(), own) if own else default_lexicon()


def _key_of(line: str) -> str:
    """The key that a line of frontmatter opens, "" when it opens none."""
    match = re.match(r"""["']?([A-Za-z_][\w.-]*)["']?[ \t]*:(?=\s|$)""", line)
    return match.group(1) if match else ""


def _note(text: str) -> Record:
    return {"what": "note", "text": text}
