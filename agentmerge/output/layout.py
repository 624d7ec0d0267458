"""One block of the canonical agent as lines, so that nothing in it runs into its neighbours.

What stands on lines of its own in a source stays so. A text is verbatim but for what marks a block: indentation, quote
marks, the length of a fence and its end, and a backslash before what would else begin a list, a heading or the like.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Agent, Chunk, Kind, Unit
from agentmerge.output.wording import without_lead, without_stop

_PROSE = frozenset((Kind.SENTENCE, Kind.LEAD, Kind.ITEM, Kind.CHECK, Kind.HEADING))
# A line may be this long before anyone wraps it.
_ROOM = 60
# Whoever writes lines this long wraps none.
_WRAPPED = 120
# What begins a line of its own: a bold label, a tag.
_OWN_LINE = re.compile(r"(?:\*\*|__)[^*_\n]{1,60}(?:(?:\*\*|__)[ \t]*[:：]|[:：](?:\*\*|__))|</?[A-Za-z]")
# What is wrapped as one word: code and links are. Bounded and possessive patterns stay linear on hostile lines.
_WORD = re.compile(r"\S{0,80}?(?:`{1,3}[^`\n]{1,200}`{1,3}|\[[^\]\n]{1,200}\]\([^)\n]{1,200}\))\S*|\S+")
_MARKS = re.compile(r"[ \t]*+(?:>[ \t]?)*+[ \t]*+")
# HTML elements that begin a block wherever a line begins with them.
_HTML_BLOCKS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|"
    "figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|"
    "p|param|pre|script|search|section|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|track|ul"
)
# What begins another block than a paragraph; a backslash at ``mark`` takes that away.
_BEGINS_BLOCK = re.compile(
    r"\d{0,9}(?P<mark>)(?:(?<=\d)[.)](?=\s|$)|(?<!\d)(?:#{1,6}(?=\s|$)|[-*+](?=\s|$)|>|`{3,}[^`]*$|~{3,}|(?:[-*_][ \t]*){3,}$|"
    rf"</?(?i:{_HTML_BLOCKS})(?=[\s/>]|$)|<!--|</?[A-Za-z][^<>]*>$))"
)
_ESCAPED = re.compile(r"^([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?\d{0,9})\\(?=[^\w\s])", re.MULTILINE)
_LABEL = re.compile(r"(?:\*\*|__)[^*\n]*[^*\n.!?。！？](?:\*\*|__)[ \t]*[:：]?$")
_FENCE = re.compile(r"(?P<before>[ \t]*+(?:>[ \t]?)*+[ \t]*+)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_INNER = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})")
# How HTML ends that goes on over blank lines.
_ENDS = (
    (re.compile(r"<!--"), "-->"),
    (re.compile(r"<pre\b", re.IGNORECASE), "</pre>"),
    (re.compile(r"<script\b", re.IGNORECASE), "</script>"),
    (re.compile(r"<style\b", re.IGNORECASE), "</style>"),
    (re.compile(r"<textarea\b", re.IGNORECASE), "</textarea>"),
)


class Laid(NamedTuple):
    """The lines of a block, and the first and last line of each unit in it, from 0."""

    lines: tuple[str, ...]
    spans: Mapping[str, tuple[int, int]]


class Layout:
    """Lays out blocks of units from these agents."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        self._units = {unit.id: unit for agent in agents for unit in agent.units}
        self._lines = {agent.source.id: agent.source.text.split("\n") for agent in agents}
        self._starts = {agent.source.id: agent.source.line_starts() for agent in agents}
        self._longest: dict[tuple[str, int | None], int] = defaultdict(lambda: _ROOM)
        for unit in self._units.values():
            if unit.kind in _PROSE:
                lines = self._lines[unit.source][unit.lines[0] - 1 : unit.lines[1]]
                key = (unit.block, unit.item)
                self._longest[key] = max(self._longest[key], *(len(line.rstrip()) for line in lines))

    def block(self, chunk: Chunk, indent: str, *, listed: bool) -> Laid:
        """A chunk's lines; ``listed`` is whether a list stands before it, to which indented code would belong."""
        members = [self._units[u] for u in chunk.units]
        if chunk.kind == "table":
            laid = _stacked([(row.id, self._row(row)) for row in members], indent)
            return laid._replace(spans={row: (first, first) for row, (first, _) in laid.spans.items()})
        if chunk.kind in ("code", "raw", "definition"):
            return _stacked([(unit.id, self._raw(unit, listed or chunk.depth > 0)) for unit in members], indent)
        prose, spans = self._prose(members, chunk)
        # A list in a quote stands for itself, and so does what leads it in.
        first = rest = indent + "> " * (members[0].quote if chunk.kind == "paragraph" else 0)
        if chunk.kind == "item":
            first, rest = f"{indent}{chunk.marker} ", indent + " " * width_of(chunk.marker)
        return Laid(tuple((rest if n else first) + line for n, line in enumerate(prose)), spans)

    def _row(self, row: Unit) -> list[str]:
        return [row.text, self._lines[row.source][row.lines[0]].strip(" \t>")] if row.info == "header" else [row.text]

    # --- prose ---------------------------------------------------------------------------------

    def _prose(self, members: Sequence[Unit], chunk: Chunk) -> tuple[list[str], dict[str, tuple[int, int]]]:
        """The sentences of a paragraph or an item, with the line breaks of their source that no wrapping made."""
        labels = chunk.kind != "item" and chunk.depth == 0
        lines: list[str] = []
        spans: dict[str, tuple[int, int]] = {}
        for unit, text, gap in self._pieces(members):
            alone = labels and (_LABEL.match(text) or (lines and _LABEL.match(lines[-1].rstrip())))
            if not lines:
                # In an item a number sign is read as one.
                lines.append(text if chunk.kind == "item" and text.startswith("#") else _escaped(text))
            elif not gap.endswith("\n"):
                lines[-1] += gap + text
            elif alone or _BEGINS_BLOCK.match(text):
                lines[-1] += f" {text}"
            else:
                lines[-1] += gap[:-1]
                lines.append(text)
            spans[unit] = (spans.get(unit, (len(lines) - 1,))[0], len(lines) - 1)
        if lines and not chunk.lead:
            lines[0] = without_lead(lines[0])
        if lines and not chunk.stop:
            lines[-1] = without_stop(lines[-1])
        return lines or [""], spans

    def _pieces(self, members: Sequence[Unit]) -> Iterator[tuple[str, str, str]]:
        """Each line of each unit: its text, and what stands between it and the line before it."""
        before: Unit | None = None
        for unit in members:
            gap = self._gap(before, unit) if before else " "
            for n, line in enumerate(unit.text.split("\n")):
                if n:
                    gap = self._break(unit, unit.lines[0] + n - 1)
                yield unit.id, _bare(line, unit) if n else line.strip(), gap
            before = unit

    def _gap(self, one: Unit, other: Unit) -> str:
        """What stands between two units: a line break that an author made in their paragraph, else a blank, if one is there."""
        if one.source != other.source or (one.block, one.item) != (other.block, other.item):
            return " "
        if one.end == other.start and not one.text[-1:].isascii():
            return ""
        breaks = (self._break(one, line) for line in range(one.lines[1], other.lines[0]))
        return next((found for found in breaks if found.endswith("\n")), " ")

    def _break(self, unit: Unit, number: int) -> str:
        """What ends a line: a line break that its author made, or a blank where the next word would not have fitted."""
        lines = self._lines[unit.source]
        line, following = lines[number - 1], _bare(lines[number], unit)
        bare = line.rstrip(" ")
        if len(line) - len(bare) >= 2:
            return "  \n"
        if bare.endswith("\\") or bare[-6:].lower().endswith(("<br>", "<br/>", "<br />")):
            return "\n"
        longest = self._longest[unit.block, unit.item]
        if longest > _WRAPPED or _OWN_LINE.match(following):
            return "\n"
        word = _WORD.match(following)
        return "\n" if len(line.rstrip()) + 1 + (word.end() if word else 0) <= longest else " "

    # --- what stands as it is ------------------------------------------------------------------

    def _raw(self, unit: Unit, listed: bool) -> list[str]:
        lines = self._dedented(unit)
        if unit.kind is Kind.CODE:
            fence = _FENCE.match(lines[0])
            return _fenced(lines, fence) if fence else _without_fence(lines, listed)
        return [*lines, *_end_of(unit)] if unit.kind in (Kind.HTML, Kind.COMMENT) else lines

    def _dedented(self, unit: Unit) -> list[str]:
        """A unit's lines without the indentation of its place in its source."""
        first = self._lines[unit.source][unit.lines[0] - 1]
        column = len(first[: unit.start - self._starts[unit.source][unit.lines[0] - 1]].expandtabs(4))
        lines = unit.text.split("\n")
        if unit.kind is Kind.CODE and not _FENCE.match(lines[0]):
            margin = min([column, *(_indent_of(line) for line in lines[1:] if line.strip())])
            return [" " * (column - margin) + lines[0], *(_shifted(line, margin) for line in lines[1:])]
        margin = min(column, _indent_of(lines[-1])) if _ends(unit, lines) else column
        return [lines[0], *(_shifted(line, margin) for line in lines[1:])]


def width_of(marker: str) -> int:
    """How far what belongs to an item is indented: to where the item's own text starts."""
    return 2 if marker.startswith("-") else len(marker) + 1


def _ends(unit: Unit, lines: Sequence[str]) -> bool:
    """Whether the last line of a block tells how far it is indented; that of a fence that nothing ends does not."""
    return unit.kind is not Kind.CODE or (len(lines) > 1 and _FENCE.match(lines[-1]) is not None)


def _stacked(blocks: Iterable[tuple[str, Sequence[str]]], indent: str) -> Laid:
    """Units one below the other, each with its own lines."""
    lines: list[str] = []
    spans: dict[str, tuple[int, int]] = {}
    for unit, own in blocks:
        spans[unit] = (len(lines), len(lines) + len(own) - 1)
        lines.extend(indent + line if line else "" for line in own)
    return Laid(tuple(lines), spans)


def _bare(line: str, unit: Unit) -> str:
    """A further line of a unit, without what marks its place."""
    return line[_MARKS.match(line).end() :].strip() if unit.quote else line.strip()  # type: ignore[union-attr]


def _escaped(text: str) -> str:
    """A text that begins a paragraph as nothing else."""
    found = _BEGINS_BLOCK.match(text)
    return text[: found.start("mark")] + "\\" + text[found.start("mark") :] if found else text


def unescaped(text: str) -> str:
    """Lines without the backslash that keeps one from beginning a list, a heading or the like."""
    return _ESCAPED.sub(r"\1", text)


def _indent_of(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip(" "))


def _shifted(line: str, margin: int) -> str:
    """A line without so many columns of blanks; one that has fewer stays as it is."""
    if not margin or _indent_of(line) < margin:
        return line if line.strip() else ""
    if line[:margin].isspace() and "\t" not in line[:margin]:
        return line[margin:]
    blanks = len(line) - len(line.lstrip())
    return " " * (_indent_of(line) - margin) + line[blanks:]


def _fenced(lines: list[str], fence: re.Match[str]) -> list[str]:
    """A fenced block that ends, and that no fence inside it ends."""
    before, marks, info = fence.group("before", "marks", "info")
    end = _FENCE.match(lines[-1]) if len(lines) > 1 else None
    closed = end is not None and end["marks"].startswith(marks) and not end["info"].strip()
    inner = lines[1:-1] if closed else lines[1:]
    longest = _longest_fence(inner, marks[0])
    if longest >= len(marks):
        marks = marks[0] * (longest + 1)
    if closed and end is not None:
        return [before + marks + info, *inner, end["before"] + max(marks, end["marks"], key=len)]
    return [before + marks + info, *inner, before + marks]


def _longest_fence(lines: Iterable[str], mark: str) -> int:
    return max((len(m.group(1)) for line in lines if (m := _INNER.match(line)) and m.group(1)[0] == mark), default=0)


def _without_fence(lines: list[str], listed: bool) -> list[str]:
    """Indented code, in a fence where its indentation would make it part of a list."""
    if not listed:
        return ["    " + line if line else "" for line in lines]
    marks = "`" * max(3, _longest_fence(lines, "`") + 1)
    return [marks, *lines, marks]


def _end_of(unit: Unit) -> list[str]:
    """What ends HTML that would else go on to the end of the file."""
    return [end for begin, end in _ENDS if begin.match(unit.text) and end not in unit.text.lower()]
