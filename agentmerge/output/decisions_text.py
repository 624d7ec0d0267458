"""The text of a decisions file: entries are added and removed line by line, so a person's comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agentmerge.errors import OutputError
from agentmerge.output.printable import printable
from agentmerge.output.yaml_text import scalar
from agentmerge.rules.decisions import DECISIONS_NAME, Between, Entry, Exclude, KeyAnswer, Ref, Single, entry_starts, parse_decisions

HEADER = f"""\
# {DECISIONS_NAME}: what people decided about this merge. It comes before every rule (DEC001).
# Each statement is known by its text, not by its line. An empty answer is still open, and is ignored.
# Answers: same, different; of a conflict 1 or 2 (the side that stays), both, neither. All forms: docs/decisions.md.

decisions:
"""
_LONG = 200
_BY_HAND = "write the entry by hand, in block style (a '- ' at the start of each entry)"
# What a YAML reader would not give back as it is, or an editor would not show.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\uffff\U000e0000-\U000e0fff\ud800-\udfff]"
)


def with_entries(text: str, entries: Iterable[tuple[Entry, str]], shown: str, *, without: Sequence[int] = ()) -> str:
    """A file's text with entries added at its end, each under a comment, and those at places ``without`` (from 0) removed.

    What is written is read back: raises ``OutputError`` when the file would not say what it must.
    """
    added = list(entries)
    old = parse_decisions(text, shown) if text.strip() else ()
    expected = [*(e for n, e in enumerate(old) if n not in set(without)), *(e for e, _ in added)]
    base = _pruned(text, without, shown) if text.strip() else HEADER
    indent = _indent(base)
    new = base if base.endswith("\n") or not base else base + "\n"
    if added:
        new = re.sub(r"^decisions:[ ]*\[[ ]*\][ ]*$", "decisions:", new, flags=re.MULTILINE)
        if not re.search(r"^decisions:", new, flags=re.MULTILINE):
            new += "decisions:\n"
        new += "".join("".join(f"{indent}{line}\n" if line else "\n" for line in _lines(e, comment)) for e, comment in added)
    try:
        found = list(parse_decisions(new, shown))
    except Exception as error:
        raise OutputError(f"an entry cannot be added or removed: {error}", where=shown, fix=_BY_HAND) from None
    if [_content(e) for e in found] != [_content(e) for e in expected]:
        raise OutputError("an entry cannot be added or removed", where=shown, fix=_BY_HAND)
    return new


def entry_line(entry: Between | Single) -> str:
    """An entry about statements on one line, to be pasted; a long text or one of several lines is named by its hash."""
    if isinstance(entry, Single):
        return f"- {entry.verb}: {_ref_word(entry.ref)}"
    stays = f", stays: {entry.stays}" if entry.stays else ""
    return f"- {{between: [{', '.join(map(_ref_word, entry.refs))}], answer: {entry.answer}{stays}}}"


def _ref_word(ref: Ref) -> str:
    named = f'hash: "{ref.hash}"' if "\n" in ref.text or len(ref.text) > _LONG else ""
    if not (named or ref.source or ref.section):
        return _quoted(ref.text)
    parts = [named or f"text: {_quoted(ref.text)}"]
    parts += [f"{key}: {_quoted(value)}" for key, value in (("source", ref.source), ("section", ref.section)) if value]
    return f"{{{', '.join(parts)}}}"


def _content(entry: Entry) -> object:
    return entry._replace(line=0)


def _indent(text: str) -> str:
    """How far the entries of a file are indented."""
    listed = re.search(r"^decisions:[ ]*(?:#.*)?$\n(?:[ ]*(?:#.*)?\n)*([ ]*)- ", text, flags=re.MULTILINE)
    return listed[1] if listed else ""


def _pruned(text: str, without: Sequence[int], shown: str) -> str:
    """A text without some entries, each with the comments right above it."""
    if not without:
        return text
    lines = text.split("\n")
    starts = [_with_comments(lines, line) for line in entry_starts(text, shown)]
    ends = [*starts[1:], len(lines) if lines[-1] else len(lines) - 1]
    if len(set(starts)) < len(starts):
        raise OutputError("two entries stand on one line", where=shown, fix="write each entry on lines of its own")
    gone = {n for place in without for n in range(starts[place], ends[place])}
    kept = [line for n, line in enumerate(lines) if n not in gone]
    return "\n".join(kept)


def _with_comments(lines: Sequence[str], start: int) -> int:
    """The index of an entry's first line, with the comments and the blank line above it; ``start`` counts from 1."""
    at = start - 1
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at - 1 if at and not lines[at - 1].strip() else at


# --- entries -----------------------------------------------------------------------------------


def _lines(entry: Entry, comment: str) -> Iterator[str]:
    if comment:
        yield ""
        yield f"# {' '.join(printable(comment).split())}"
    match entry:
        case Between():
            yield "- between:"
            for ref in entry.refs:
                yield from _ref_lines(ref)
            if entry.conflict:
                yield f"  conflict: {_word(entry.conflict)}"
            yield f"  answer: {entry.answer}".rstrip()
            if entry.stays:
                yield f"  stays: {entry.stays}"
        case KeyAnswer():
            yield f"- key: {_word(entry.name)}"
            if entry.source:
                yield f"  from: {_word(entry.source)}"
            else:
                value = entry.value
                listed = f"[{', '.join(map(_quoted, value))}]" if isinstance(value, tuple) else "" if value is None else _word(value)
                yield f"  answer: {listed}".rstrip()
        case Single():
            yield f"- {entry.verb}:"
            yield from (line.replace("  - ", "    ", 1) for line in _ref_lines(entry.ref))
        case Exclude():
            yield f"- exclude: {_word(entry.source)}"
    if entry.note:
        yield f"  note: {_word(entry.note)}"


def _ref_lines(ref: Ref) -> Iterator[str]:
    """A statement: its text in full for the reader, its hash, and where it stands if it stands in several places."""
    parts = ref.text.split("\n")
    if (
        len(parts) > 1
        and not any(_HIDDEN.search(line) or line != line.rstrip() for line in parts)
        and parts[0][:1] not in ("", " ")
        and parts[-1]
    ):
        yield "  - text: |-"
        yield from (f"      {line}" if line else "" for line in parts)
    else:
        yield f"  - text: {_quoted(ref.text)}"
    yield f'    hash: "{ref.hash}"'
    if ref.source:
        yield f"    source: {_word(ref.source)}"
    if ref.section:
        yield f"    section: {_word(ref.section)}"


def _word(text: str) -> str:
    """A text as YAML, plain when nothing in it can be misread."""
    plain = scalar(text)
    return plain if plain == text else _quoted(text)


def _quoted(text: str) -> str:
    """A text in double quotes on one line; what an editor would hide is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + _HIDDEN.sub(lambda m: f"\\U{ord(m.group()):08X}", escaped) + '"'
