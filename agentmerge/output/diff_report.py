"""The diff of two agents as text for a terminal, Markdown for a pull request, and JSON.

All that is quoted comes from strangers: no character that hides or reorders text is written raw,
and in Markdown every quote is an inline code span, which neither mentions, links nor HTML leave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from agentmerge.changes import AgentDiff, Change, FieldChange, Moved, PrivilegeChange, Reworded, Statement
from agentmerge.output.render import template

# GitHub cuts a comment at 65,536 characters.
MAX_MARKDOWN = 60_000
# Room for the headings, the summary and the lines that count what was left out.
_FRAME = 2_000
_MAX_NAME = 200

SAME = "no difference"
_WIDER = "**Warning: the new agent may do more than the old one.**"
_OTHER = "**Warning: what the agent may do changes.**"

# Controls, format characters (bidi, zero width, tags), separators, surrogates, fillers and
# selectors that show nothing. Listed, not looked up: the list must not change with Python's tables.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """One block of a report: entries as text, and how many more did not fit."""

    title: str
    entries: tuple[str, ...]
    lead: str = ""
    left_out: int = 0


def diff_text(diff: AgentDiff, old_name: str, new_name: str) -> str:
    """The diff for a terminal, in full, without colours; one line when nothing differs."""
    groups = (
        _Group(title="Privileges", entries=tuple(_privilege_text(p) for p in diff.privileges)),
        _Group(title="Lost", entries=tuple(_statement_text("-", s) for s in diff.lost)),
        _Group(title="Gained", entries=tuple(_statement_text("+", s) for s in diff.gained)),
        _Group(title="Reworded", entries=tuple(_reworded_text(r) for r in diff.reworded)),
        _Group(title="Moved", entries=tuple(_moved_text(m) for m in diff.moved)),
        _Group(title="Fields", entries=tuple(_field_text(f) for f in diff.fields)),
    )
    shown = [group for group in groups if group.entries]
    text = template("diff.txt.j2").render(old=visible(old_name), new=visible(new_name), summary=_summary(diff), groups=shown)
    return text.rstrip("\n") + "\n"


def diff_markdown(diff: AgentDiff, old_name: str, new_name: str) -> str:
    """The diff as a pull request comment of less than ``MAX_MARKDOWN`` characters; what does not fit is counted."""
    lead = _WIDER if any(p.kind is Change.GAINED for p in diff.privileges) else _OTHER
    groups = (
        _Group(title="Privileges", entries=tuple(f"- **{p.kind}** {code(p.text)}" for p in diff.privileges), lead=lead),
        _Group(title="Lost", entries=tuple(_statement_item(s) for s in diff.lost)),
        _Group(title="Gained", entries=tuple(_statement_item(s) for s in diff.gained)),
        _Group(title="Reworded", entries=tuple(_reworded_item(r) for r in diff.reworded)),
        _Group(title="Moved", entries=tuple(_moved_item(m) for m in diff.moved)),
        _Group(title="Fields", entries=tuple(_field_item(f) for f in diff.fields)),
    )
    shown = _fitting([group for group in groups if group.entries], MAX_MARKDOWN - _FRAME)
    names = {"old": code(_clipped(old_name)), "new": code(_clipped(new_name))}
    text = template("diff.md.j2").render(**names, summary=_summary(diff).capitalize() + ".", groups=shown)
    return text.rstrip("\n") + "\n"


def diff_json(diff: AgentDiff, old_name: str, new_name: str) -> str:
    """The diff as JSON with sorted keys; its fields are those of ``AgentDiff``, with both names and ``same``."""
    data = {"old": old_name, "new": new_name, "same": diff.same, **asdict(diff)}
    # Every character that is escaped here stands inside a JSON string, except the line ends.
    return "\n".join(_json_safe(line) for line in json.dumps(data, ensure_ascii=False, sort_keys=True, indent=2).split("\n")) + "\n"


def _summary(diff: AgentDiff) -> str:
    """What differs, in numbers."""
    counts: Mapping[str, Sequence[object]] = {
        "privilege change": diff.privileges,
        "lost": diff.lost,
        "gained": diff.gained,
        "reworded": diff.reworded,
        "moved": diff.moved,
        "field": diff.fields,
    }
    return ", ".join(_count(len(entries), noun) for noun, entries in counts.items() if entries) or SAME


def _count(number: int, noun: str) -> str:
    plural = "s" if number != 1 and noun in ("privilege change", "field") else ""
    return f"{number} {noun}{plural}"


# --- safety ------------------------------------------------------------------------------------


def visible(text: str) -> str:
    """A text on one line with every character that hides or reorders written as its code point."""
    return _HIDDEN.sub(lambda m: f"\\u{{{ord(m.group()):x}}}", re.sub(r"[ \t\n]+", " ", text).strip())


def code(text: str) -> str:
    """A text as a Markdown code span that nothing in it can end."""
    shown = visible(text) or "(nothing)"
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _json_safe(line: str) -> str:
    return _HIDDEN.sub(lambda m: json.dumps(m.group())[1:-1], line)


def _clipped(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"…{name[-_MAX_NAME:]}"


def _quoted(text: str, indent: str) -> str:
    """A statement for a terminal: further lines stand behind a bar, so that none can pass for an entry."""
    return f"\n{indent}| ".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    # Indentation means something in code.
    return line[: len(line) - len(line.lstrip(" "))] + visible(line)


# --- entries -----------------------------------------------------------------------------------


def _privilege_text(change: PrivilegeChange) -> str:
    return f"  {change.kind}: {visible(change.text)}"


def _statement_text(sign: str, statement: Statement) -> str:
    return f"  {sign} line {statement.line}{_under(statement.section)}: {_quoted(statement.text, '    ')}"


def _reworded_text(change: Reworded) -> str:
    old, new = _changed_lines(change.old.text, change.new.text)
    lines = f"line {change.old.line} -> {change.new.line}"
    why = visible("".join(change.evidence[:1]))
    return f"  ~ {lines}{_under(change.new.section)}: {why}\n    - {_quoted(old, '      ')}\n    + {_quoted(new, '      ')}"


def _moved_text(change: Moved) -> str:
    places = f"[{visible(change.from_section) or 'top'}] -> [{visible(change.to_section) or 'top'}]"
    return f"  > line {change.statement.line} {places}: {_quoted(change.statement.text, '    ')}"


def _field_text(change: FieldChange) -> str:
    return f"  {visible(change.key)}: {_value(change.old)} -> {_value(change.new)}"


def _under(section: str) -> str:
    return f" [{visible(section)}]" if section else ""


def _value(value: str | None) -> str:
    return "(none)" if value is None else visible(value) or "(empty)"


def _statement_item(statement: Statement) -> str:
    return f"- {code(_on_one_line(statement.text))} ({_place(statement)})"


def _reworded_item(change: Reworded) -> str:
    warning = f"**Check:** {code(change.warning)}. " if change.warning else ""
    old, new = _changed_lines(change.old.text, change.new.text)
    return f"- {warning}{code(_on_one_line(old))} -> {code(_on_one_line(new))} ({_place(change.new)})"


def _moved_item(change: Moved) -> str:
    return f"- {code(_on_one_line(change.statement.text))} from {_section(change.from_section)} to {_section(change.to_section)}"


def _field_item(change: FieldChange) -> str:
    return f"- {code(change.key)}: {_span(change.old)} -> {_span(change.new)}"


def _place(statement: Statement) -> str:
    return f"line {statement.line}" + (f", under {code(statement.section)}" if statement.section else "")


def _section(section: str) -> str:
    return code(section) if section else "the top"


def _span(value: str | None) -> str:
    return "(none)" if value is None else code(value)


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def _changed_lines(old: str, new: str) -> tuple[str, str]:
    """Two texts without the lines that both start or end with; ``…`` stands for those."""
    if old == new:
        return old, new
    left, right = old.split("\n"), new.split("\n")
    shorter = min(len(left), len(right))
    head = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    tail = next((n for n in range(shorter - head) if left[-1 - n] != right[-1 - n]), shorter - head)
    return _between(left, head, tail), _between(right, head, tail)


def _between(lines: Sequence[str], head: int, tail: int) -> str:
    return "\n".join([*(["…"] if head else []), *lines[head : len(lines) - tail], *(["…"] if tail else [])])


# --- size --------------------------------------------------------------------------------------


def _fitting(groups: Sequence[_Group], budget: int) -> list[_Group]:
    """Groups with the entries that fit in ``budget`` characters, and how many did not."""
    kept: set[tuple[int, int]] = set()
    for place in _turns(groups):
        size = len(groups[place[0]].entries[place[1]]) + 1
        if size <= budget:
            budget -= size
            kept.add(place)
    return [
        _Group(
            title=group.title,
            lead=group.lead,
            entries=tuple(entry for n, entry in enumerate(group.entries) if (g, n) in kept),
            left_out=sum((g, n) not in kept for n in range(len(group.entries))),
        )
        for g, group in enumerate(groups)
    ]


def _turns(groups: Sequence[_Group]) -> Iterable[tuple[int, int]]:
    """Privileges first, then an entry of each group in turn: a flood of one kind must not hide the others."""
    places = ((g, n) for g, group in enumerate(groups) for n in range(len(group.entries)))
    return sorted(places, key=lambda place: (groups[place[0]].title != "Privileges", place[1], place[0]))
