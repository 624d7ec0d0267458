"""The decisions file ``agentmerge.decisions.yaml``: what people decided, keyed by what a statement says.

A person's decision comes before every rule (DEC001). A side of a question is known by a hash of its
text, so line numbers, moves and new white space change nothing; an edited text is a new question.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import Policy
from agentmerge.rules.reading.data import load_data
from agentmerge.rules.reading.reader import Reader, shown_value, suggestion

DECISIONS_NAME = "agentmerge.decisions.yaml"
MAX_DECISIONS_BYTES = 4 << 20
SAME, DIFFERENT, BOTH, NEITHER = "same", "different", "both", "neither"
PAIR_ANSWERS = (SAME, DIFFERENT, BOTH, NEITHER)
OMIT = "omit"
_HASH_LENGTH = 12
_VERBS = ("between", "keep", "drop", "exclude", "key")
_SIDE = ("text", "hash", "source", "section")


def content_hash(text: str) -> str:
    """What a text is known by: 12 hex digits that no white space and no Unicode form changes."""
    normal = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


class Ref(NamedTuple):
    """A statement by its content; ``source`` and ``section`` (its title) narrow it where a text stands in several places."""

    hash: str
    text: str = ""
    source: str = ""
    section: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others; the text is for the reader."""
        return (self.hash, self.source, self.section)


class Between(NamedTuple):
    """An answer about two or more statements.

    ``answer``: ``same`` (``stays``: the place of the wording that stays, from 1, 0 when the rules
    choose), ``different``, ``both``, ``neither``, or the place of the one that wins (``"1"``, …);
    empty: still open.
    """

    refs: tuple[Ref, ...]
    answer: str
    stays: int
    conflict: str
    note: str
    line: int

    @property
    def key(self) -> tuple[object, ...]:
        return ("between", *sorted(ref.key for ref in self.refs))


class Single(NamedTuple):
    """``keep``: no rule may remove the statement; ``drop``: it goes."""

    verb: str
    ref: Ref
    note: str
    line: int

    @property
    def key(self) -> tuple[object, ...]:
        return ("single", self.ref.key)


class Exclude(NamedTuple):
    """A source, by its id, that is not merged."""

    source: str
    note: str
    line: int

    @property
    def key(self) -> tuple[object, ...]:
        return ("exclude", self.source)


class KeyAnswer(NamedTuple):
    """The value that a frontmatter key gets: ``value``, or that of a ``source``; ``omit`` leaves it out; none of them: still open."""

    name: str
    value: str | tuple[str, ...] | None
    source: str
    note: str
    line: int

    @property
    def answered(self) -> bool:
        return self.value is not None or bool(self.source)

    @property
    def key(self) -> tuple[object, ...]:
        return ("key", self.name)


Entry = Between | Single | Exclude | KeyAnswer


def is_open(entry: Entry) -> bool:
    """Whether an entry waits for its answer."""
    if isinstance(entry, Between):
        return not entry.answer
    return isinstance(entry, KeyAnswer) and not entry.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A decisions file, read: ``entries`` in its order, open ones too; ``origin`` is its path as shown to the user."""

    entries: tuple[Entry, ...] = ()
    origin: str = ""
    sha256: str = ""

    @property
    def name(self) -> str:
        """The file's name alone: findings go into the ledger, which holds no path of one machine."""
        return self.origin.rpartition("/")[2] or DECISIONS_NAME

    @property
    def decided(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if not is_open(entry))


def decisions_file(policy: Policy, policy_file: Path | None, output_folder: Path) -> Path:
    """Where a build's answers are, whether there are any yet or not.

    What the policy names; else the usual name beside the policy, or beside the output when it is
    there, and beside the policy again when it is in neither.
    """
    home = policy_file.parent if policy_file else output_folder
    if policy.decisions:
        return home / policy.decisions
    beside, below = home / DECISIONS_NAME, output_folder / DECISIONS_NAME
    return below if below.exists() and not beside.exists() else beside


def load_decisions(path: str | Path) -> Answers:
    """The answers in a file; one that does not exist has none.

    Raises ``PolicyError`` with every mistake: ``file:line path: what (suggestion)``.
    """
    file = Path(path)
    shown = file.as_posix()
    try:
        if not file.exists():
            return Answers(origin=shown)
        if not file.is_file():
            raise PolicyError((f"{shown}: is not a regular file (name a YAML file)",))
        if file.stat().st_size > MAX_DECISIONS_BYTES:
            raise PolicyError((f"{shown}: larger than {MAX_DECISIONS_BYTES >> 20} MiB (prune it: 'agentmerge decide --prune')",))
        data = file.read_bytes()
    except OSError as error:
        raise PolicyError((f"{shown}: cannot be read: {error.strerror or error} (check the path)",)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError((f"{shown}:{line} is not UTF-8 (save it as UTF-8)",)) from None
    return Answers(entries=parse_decisions(text, shown), origin=shown, sha256=hashlib.sha256(data).hexdigest())


def parse_decisions(text: str, shown: str) -> tuple[Entry, ...]:
    """The entries of a file's text; ``shown`` names it in errors."""
    data, lines = load_data(text, shown)
    reader = Reader(shown, lines, [])
    reader.unknown_keys(data, (), ("decisions",))
    listed = data.get("decisions")
    if listed is not None and not isinstance(listed, list):
        reader.problem(("decisions",), "must be a list (such as '- keep: Never log passwords')")
    entries = [entry for n, one in enumerate(listed if isinstance(listed, list) else ()) if (entry := _entry(reader, one, n)) is not None]
    _check_twice(reader, entries)
    if reader.problems:
        raise PolicyError(tuple(text for _, text in sorted(reader.problems, key=lambda problem: problem[0])))
    return tuple(entries)


def _check_twice(reader: Reader, entries: list[Entry]) -> None:
    seen: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        if not is_open(entry) and (first := seen.setdefault(entry.key, entry)) is not entry:
            what = f"answers again what line {first.line} answers (keep one of the two)"
            reader.problems.append((entry.line, f"{reader.shown}:{entry.line} decisions: {what}"))


def entry_starts(text: str, shown: str) -> tuple[int, ...]:
    """The line (from 1) on which each entry of a file's text starts."""
    _, lines = load_data(text, shown)
    found: dict[int, int] = {}
    for path, line in lines.items():
        if len(path) == 3 and path[0] == "decisions":
            found[int(path[1])] = min(line, found.get(int(path[1]), line))
    return tuple(found[n] for n in sorted(found))


def _entry(reader: Reader, data: object, n: int) -> Entry | None:
    path = ("decisions", str(n))
    if not isinstance(data, Mapping):
        reader.problem(path, f"must be a map, not {shown_value(data)} (such as '- keep: Never log passwords')")
        return None
    verbs = [verb for verb in _VERBS if verb in data]
    line = min((reader.line((*path, str(key))) for key in data), default=reader.line(path))
    if len(verbs) != 1:
        found = "both " + " and ".join(verbs) if verbs else ", ".join(map(str, data)) or "nothing"
        if not verbs and data:
            found += f"; {suggestion(str(next(iter(data))), _VERBS)}"
        reader.problems.append((line, f"{reader.shown}:{line} {'.'.join(path)}: must have one of {', '.join(_VERBS)} (it has {found})"))
        return None
    note = _note(reader, data, path)
    match verbs[0]:
        case "between":
            return _between(reader, data, path, note, line)
        case "exclude":
            reader.unknown_keys(data, path, ("exclude", "note"))
            source = _word(reader, data, "exclude", path)
            return Exclude(source, note, line) if source else None
        case "key":
            return _key(reader, data, path, note, line)
        case verb:
            reader.unknown_keys(data, path, (verb, "note"))
            ref = _ref(reader, data[verb], (*path, verb))
            return Single(verb, ref, note, line) if ref else None


def _note(reader: Reader, data: Mapping[str, Any], path: tuple[str, ...]) -> str:
    value = data.get("note")
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else " ".join(str(value).split())
    reader.problem((*path, "note"), "must be a text (put it in quotes)")
    return ""


def _word(reader: Reader, data: Mapping[str, Any], key: str, path: tuple[str, ...]) -> str:
    value = data.get(key)
    if isinstance(value, str | int | float) and str(value).strip():
        return str(value).strip()
    reader.problem((*path, key), f"must be a text, not {shown_value(value)} (put it in quotes)")
    return ""


def _between(reader: Reader, data: Mapping[str, Any], path: tuple[str, ...], note: str, line: int) -> Between | None:
    reader.unknown_keys(data, path, ("between", "answer", "stays", "conflict", "note"))
    listed = data["between"]
    if not isinstance(listed, list) or len(listed) < 2:
        reader.problem((*path, "between"), "must be a list of two statements or more (quote each as it stands in its source)")
        return None
    found = [_ref(reader, one, (*path, "between", str(n))) for n, one in enumerate(listed)]
    refs = tuple(ref for ref in found if ref is not None)
    places = tuple(str(n) for n in range(1, len(listed) + 1))
    answer = data.get("answer")
    chosen = reader.choice(None if answer is None else str(answer), (*path, "answer"), (*PAIR_ANSWERS, *places)) or ""
    stays = reader.choice(None if data.get("stays") is None else str(data["stays"]), (*path, "stays"), places) or "0"
    if stays != "0" and chosen != SAME:
        reader.problem((*path, "stays"), f"goes with 'answer: same' only (write 'answer: {stays}' for the one that wins)")
    conflict = data.get("conflict")
    if len(refs) < len(found):
        return None
    return Between(refs, chosen, int(stays), "" if conflict is None else str(conflict), note, line)


def _key(reader: Reader, data: Mapping[str, Any], path: tuple[str, ...], note: str, line: int) -> KeyAnswer | None:
    reader.unknown_keys(data, path, ("key", "answer", "from", "note"))
    name = _word(reader, data, "key", path)
    if name == "disallowedTools":
        reader.problem((*path, "key"), "is decided with 'tools' (name the tools that the agent may use)")
    answer, source = data.get("answer"), data.get("from")
    if answer is not None and source is not None:
        reader.problem((*path, "from"), "stands beside 'answer' (keep one of the two)")
    if source is not None:
        source = _word(reader, data, "from", path)
    if isinstance(answer, list) and all(isinstance(item, str | int | float) for item in answer):
        value: str | tuple[str, ...] | None = tuple(str(item) for item in answer)
    elif answer is None or isinstance(answer, str | int | float):
        value = None if answer is None else str(answer)
    else:
        value = None
        reader.problem((*path, "answer"), "must be a text or a list of texts (for any other value name the source: 'from: ID')")
    if value == OMIT and name in ("tools", "name", "description"):
        reader.problem((*path, "answer"), f"{name} is never left out by a decision (name its value, or 'from' a source)")
    return KeyAnswer(name, value, source or "", note, line) if name else None


def _ref(reader: Reader, data: object, path: tuple[str, ...]) -> Ref | None:
    """A statement: its text, or a map of text, hash, source, section."""
    if isinstance(data, str | int | float) and str(data).strip():
        return Ref(content_hash(str(data)), str(data))
    if not isinstance(data, Mapping):
        reader.problem(path, "must be a statement (quote it as it stands in its source)")
        return None
    reader.unknown_keys(data, path, _SIDE)
    texts = {key: data[key] for key in _SIDE if data.get(key) is not None}
    wrong = [key for key, value in texts.items() if not isinstance(value, str | int | float)]
    for key in wrong:
        reader.problem((*path, key), "must be a text (put it in quotes)")
    if wrong:
        return None
    # A hash of digits alone is a number to YAML, unless it is quoted.
    given = texts.get("hash")
    known = f"{given:0{_HASH_LENGTH}d}" if isinstance(given, int) else str(given or "").lower()
    text = str(texts.get("text", ""))
    if not text.strip() and not known:
        reader.problem(path, "has neither text nor hash (quote the statement as it stands in its source)")
        return None
    if known and not re.fullmatch(rf"[0-9a-f]{{{_HASH_LENGTH}}}", known):
        reader.problem(
            (*path, "hash"), f"must be {_HASH_LENGTH} hex digits, not {shown_value(given)} (or leave it out: the text is enough)"
        )
        return None
    if known and text.strip() and known != content_hash(text):
        reader.problem((*path, "hash"), f"is not that of the text (write {content_hash(text)!r}, or leave it out: the text is enough)")
        return None
    return Ref(known or content_hash(text), text, str(texts.get("source", "")), str(texts.get("section", "")))


def iter_refs(entry: Entry) -> Iterator[Ref]:
    """The statements that an entry is about."""
    if isinstance(entry, Between):
        yield from entry.refs
    elif isinstance(entry, Single):
        yield entry.ref


def said(note: str) -> str:
    """A note as the ledger quotes it."""
    return f'decided by a person: "{note}"' if note else "decided by a person"
