"""Split an agent's body into sections and units with exact lines and verbatim text.

Structure comes from ``markdown.parse_blocks``; text is always sliced from the source. What the
parser does not cover (link definitions) becomes a unit of its own, so every non-blank line
belongs to a unit or to a named structural element.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentmerge.merge.markdown import Block, parse_blocks
from agentmerge.merge.sentences import language_of, sentence_spans
from agentmerge.model import HeadingStyle, Kind, Section, Source, Structure, Unit
from agentmerge.rules.text.comments import TRAILING

# HTML elements that are markup in Markdown; any other tag alone on a line is a section tag.
_HTML_NAMES = (
    "a abbr b blockquote br center code dd del details div dl dt em figure font h1 h2 h3 h4 h5 h6 hr html i iframe img input ins kbd "
    "li ol p picture pre s script small span strong style sub summary sup svg table tbody td textarea tfoot th thead tr u ul video"
)
_HTML = frozenset(_HTML_NAMES.split())
# Markup that means nothing without its end: it stays whole, with what stands in it.
_WHOLE = frozenset(("details", "table"))
_OPEN_TAG = re.compile(r"[ \t]*<([A-Za-z][\w.-]*)(?:[ \t][^<>]*)?>[ \t]*(?:<summary>[^<>]*</summary>[ \t]*)?$")
_CLOSE_TAG = re.compile(r"[ \t]*</([A-Za-z][\w.-]*)>[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})(.*)$")
_MARKER = re.compile(r"[ \t]*((?:[-*+]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\](?=[ \t]))?)(?:[ \t]+|$)")
_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*")
_LABEL_LINE = re.compile(r"(?:\*\*|__)([^*_\n][^*\n]*?)(?:\*\*|__)[ \t]*[:：]?$")
_BOLD_LEAD = re.compile(r"(?:\*\*|__)(?P<inner>[^*\n]+?)(?:\*\*|__)(?P<after>[ \t]*(?:[:：]|[—–-](?=[ \t])))?[ \t]*")
_PLAIN_LEAD = re.compile(r"(?P<inner>[^:：.,;!?。、，\n]{2,40})[:：][ \t]+(?=\S)")

# What a line that ends in a colon leads in.
_LED = frozenset(("list", "table", "code", "html"))
_MARKERS_ONLY = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t>]*)*(?:\[[ xX]\])?[ \t]*")

_RANK = {HeadingStyle.PLAIN: 73, HeadingStyle.BOLD: 75, HeadingStyle.ITEM: 77}


_DEFINITION = re.compile(r"\[[^\]]+\]:")


@dataclass(slots=True)
class _Open:
    """A section while it is being filled."""

    id: str
    title: str
    style: HeadingStyle
    level: int
    parent: str | None
    heading: str | None
    units: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Splitter:
    """Walks the blocks of one source and collects sections, units and structure.

    ``after`` has, for a line, the column behind the list markers on it that were read.
    """

    source: Source
    lines: list[str]
    starts: tuple[int, ...]
    language: str
    sections: list[_Open] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    structure: list[Structure] = field(default_factory=list)
    used: Counter[int] = field(default_factory=Counter)
    after: dict[int, int] = field(default_factory=dict)

    # --- units ---------------------------------------------------------------------------------

    def unit(self, kind: Kind, start: int, end: int, *, last: int | None = None, **rest: Any) -> Unit:
        """Add the unit that is ``text[start:end]``; ``last`` extends its lines (Setext, fences)."""
        text = self.source.text[start:end]
        first = self.line_at(start)
        self.used[first] += 1
        count = self.used[first]
        section = self.stack[-1]
        made = Unit(
            id=f"{self.source.id}:{first}" + (f".{count}" if count > 1 else ""),
            source=self.source.id,
            lines=(first, last or self.line_at(max(start, end - 1))),
            start=start,
            end=end,
            kind=kind,
            text=text,
            language="code" if kind is Kind.CODE else language_of(text, self.language),
            section=section.id,
            **rest,
        )
        self.units.append(made)
        if kind is not Kind.HEADING:
            section.units.append(made.id)
        return made

    def line_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def content(self, line: int) -> int:
        """Offset of a line's text: after indentation, quote marks and the list markers that were read."""
        match = _PREFIX.match(self.lines[line - 1], self.after.get(line, 0))
        return self.starts[line - 1] + (match.end() if match else 0)

    def raw_start(self, line: int, column: int = 0) -> int:
        """Offset of a block that is kept as it stands: its quote marks are its own, so that its lines stay alike."""
        text = self.lines[line - 1]
        return self.starts[line - 1] + len(text) - len(text[column:].lstrip(" \t"))

    def line_end(self, line: int) -> int:
        """Offset behind a line's text; comments of ours at its end are not text."""
        text = self.lines[line - 1].rstrip()
        if text.endswith("-->") and (note := TRAILING.search(text)) and not _MARKERS_ONLY.fullmatch(text[: note.start()]):
            text = text[: note.start()]
        return self.starts[line - 1] + len(text)

    # --- sections ------------------------------------------------------------------------------

    def open(self, title: str, style: HeadingStyle, rank: int, line: int) -> _Open:
        while len(self.stack) > 1 and self.stack[-1].level >= rank and self.stack[-1].style is not HeadingStyle.TAG:
            self.stack.pop()
        section = _Open(f"{self.source.id}#{line}", title, style, rank, self.stack[-1].id if self.stack else None, None)
        self.sections.append(section)
        self.stack.append(section)
        return section

    def close_to(self, section: _Open) -> None:
        while self.stack[-1] is not section:
            self.stack.pop()

    def heading(self, style: HeadingStyle, rank: int, start: int, end: int, title: str, **rest: Any) -> Unit:
        section = self.open(title, style, rank, self.line_at(start))
        last = rest.pop("last", None)
        block = rest.pop("block", section.id)
        unit = self.unit(Kind.HEADING, start, end, last=last, block=block, label=title, **rest)
        section.heading = unit.id
        return unit

    # --- blocks --------------------------------------------------------------------------------

    def walk(self, blocks: Iterable[Block], offset: int) -> None:
        """Split a run of blocks; ``offset`` turns their line indexes into line numbers."""
        known = list(blocks)
        for position, block in enumerate(known):
            following = known[position + 1] if position + 1 < len(known) else None
            first, last = block.first + offset, block.last + offset
            match block.kind:
                case "heading":
                    self.atx(block, first, last)
                case "paragraph":
                    self.paragraph(first, last, following)
                case "list":
                    self.list(block, offset, f"{self.source.id}:{first}", 0, None, 0)
                case "table":
                    self.table(first, last)
                case "code":
                    self.fenced(block.info, first, last)
                case "html":
                    self.html(first, last)
                case "break":
                    self.structure.append(Structure(source=self.source.id, line=first, kind="thematic break"))
                case "quote":
                    self.quote(block, offset, 1)

    def atx(self, block: Block, first: int, last: int) -> None:
        start = self.content(first)
        end = self.line_end(last - 1 if block.setext else last)
        raw = self.source.text[start:end]
        title = raw if block.setext else _atx_title(raw)
        style = HeadingStyle.SETEXT if block.setext else HeadingStyle.ATX
        self.heading(style, block.level * 10, start, end, " ".join(title.split()), last=last)
        if block.setext:
            self.structure.append(Structure(source=self.source.id, line=last, kind="setext underline"))

    def paragraph(self, first: int, last: int, following: Block | None) -> None:
        """A paragraph: whole-line bold labels and short ``Label:`` lines open sections."""
        block = f"{self.source.id}:{first}"
        leads = following is not None and following.kind in _LED
        pending: list[int] = []
        for line in range(first, last + 1):
            begin, end = self.content(line), self.line_end(line)
            text = self.source.text[begin:end]
            label = _LABEL_LINE.fullmatch(text)
            introduces = (leads and line == last) or self.label_follows(line)
            if label and len(label.group(1)) <= 80 and not re.search(r"[.!?。！？]$", label.group(1)):
                self.prose(pending, block=block)
                pending = []
                self.heading(HeadingStyle.BOLD, _RANK[HeadingStyle.BOLD], begin, end, label.group(1).strip(" :："))
            elif introduces and not pending and _short_label(text):
                self.heading(HeadingStyle.PLAIN, _RANK[HeadingStyle.PLAIN], begin, end, text.strip(" :："))
            else:
                pending.append(line)
        self.prose(pending, block=block, leads=leads)

    def label_follows(self, line: int) -> bool:
        """Whether the next line with text is a bold label, which this line may introduce."""
        # By index: a slice of the rest of the file for each line is quadratic.
        following = next((self.lines[n] for n in range(line, len(self.lines)) if self.lines[n].strip()), "")
        return bool(_LABEL_LINE.fullmatch(following.strip()))

    def prose(self, lines: list[int], *, leads: bool = False, **rest: Any) -> None:
        """The sentences of consecutive lines, as units."""
        if not lines:
            return
        begin, end = self.content(lines[0]), self.line_end(lines[-1])
        spans = self.spans(begin, end)
        for n, (start, stop) in enumerate(spans):
            lead = leads and n == len(spans) - 1 and self.source.text[stop - 1] in ":："
            self.unit(Kind.LEAD if lead else Kind.SENTENCE, start, stop, **rest)

    def spans(self, begin: int, end: int) -> list[tuple[int, int]]:
        return [(begin + a, begin + b) for a, b in sentence_spans(self.source.text[begin:end])]

    def list(self, block: Block, offset: int, name: str, depth: int, parent: str | None, quote: int) -> None:
        for item in block.children:
            self.item(item, offset, name, depth, parent, block.ordered, quote)

    def item(self, item: Block, offset: int, name: str, depth: int, parent: str | None, ordered: bool, quote: int) -> None:
        first = item.first + offset
        match = _MARKER.match(self.lines[first - 1], self.content(first) - self.starts[first - 1])
        marker = match.group(1) if match else "-"
        if match:
            self.after[first] = match.end()
        common: dict[str, Any] = {"item": first, "marker": marker, "depth": depth, "ordered": ordered, "parent": parent, "quote": quote}
        common["block"] = name
        kind = Kind.CHECK if marker.endswith("]") else Kind.ITEM
        enclosing = self.stack[-1]
        children = list(item.children)
        own: Unit | None = None
        bare = self.content(first) >= self.line_end(first)
        # "- # of open questions" counts something; nobody heads a list item.
        worded = children and (children[0].kind == "paragraph" or (children[0].kind == "heading" and not children[0].setext))
        if worded and children[0].first + offset == first + bare:
            head = children.pop(0)
            own = self.item_text(first + bare, head.last + offset, kind, common, bool(children))
        inside = own.id if own else parent
        for position, child in enumerate(children):
            low, high = child.first + offset, child.last + offset
            following = children[position + 1] if position + 1 < len(children) else None
            nested = {**common, "marker": "", "depth": depth + 1, "parent": inside}
            match child.kind:
                case "paragraph":
                    leads = following is not None and following.kind in ("list", "table", "code")
                    self.prose(list(range(low, high + 1)), leads=leads, **nested)
                case "list":
                    self.list(child, offset, name, depth + 1, inside, quote)
                case "code":
                    self.fenced(child.info, low, high, **nested)
                case "table":
                    self.table(low, high, **nested)
                case "html" | "heading":
                    self.html(low, high, **nested)
                case "break":
                    self.structure.append(Structure(source=self.source.id, line=low, kind="thematic break"))
                case "quote":
                    self.quote(child, offset, quote + 1, **nested)
        self.close_to(enclosing)

    def item_text(self, first: int, last: int, kind: Kind, common: dict[str, Any], nested: bool) -> Unit | None:
        """An item's own text: one unit, one a sentence, or a bold lead with its sentences."""
        begin, end = self.content(first), self.line_end(last)
        text = self.source.text[begin:end]
        bold = _BOLD_LEAD.match(text)
        title = ""
        if bold and (bold.group("after") or bold.group("inner").rstrip()[-1:] in ":：" or bold.end() == len(text)):
            title = bold.group("inner").strip(" \t:：")
            spans = self.spans(begin + bold.end(), end)
            if len(spans) >= 2 or (not spans and nested):
                stop = begin + len(text[: bold.end()].rstrip())
                rank = _RANK[HeadingStyle.ITEM] + common["depth"]
                lead = self.heading(HeadingStyle.ITEM, rank, begin, stop, title, **common)
                for start, end_of in spans:
                    self.unit(kind, start, end_of, **common)
                return lead
        else:
            plain = _PLAIN_LEAD.match(text)
            title = plain.group("inner") if plain else ""
        spans = self.spans(begin, end)
        if title and len(spans) > 1:
            # A lead stays with its first sentence.
            spans = [(begin, spans[0][1]), *spans[1:]]
        made = [self.unit(kind, a, b, label=title if n == 0 else "", **common) for n, (a, b) in enumerate(spans)]
        return made[0] if made else None

    def table(self, first: int, last: int, **rest: Any) -> None:
        block = f"{self.source.id}:{first}"
        rest = {**rest, "block": block}
        for line in range(first, last + 1):
            if line == first + 1:
                self.structure.append(Structure(source=self.source.id, line=line, kind="table rule"))
                continue
            self.unit(Kind.ROW, self.content(line), self.line_end(line), info="header" if line == first else "", **rest)

    def fenced(self, info: str, first: int, last: int, **rest: Any) -> None:
        column = 0 if rest.get("quote") else self.after.get(first, 0)
        rest = {"block": f"{self.source.id}:{first}", **rest}
        self.unit(Kind.CODE, self.raw_start(first, column), self.line_end(last), info=info, **rest)

    def html(self, first: int, last: int, **rest: Any) -> None:
        kind = Kind.COMMENT if self.source.text.startswith("<!--", self.content(first)) else Kind.HTML
        rest = {"block": f"{self.source.id}:{first}", **rest}
        self.unit(kind, self.raw_start(first), self.line_end(last), **rest)

    def quote(self, quoted: Block, offset: int, level: int, **rest: Any) -> None:
        known = list(quoted.children)
        for position, child in enumerate(known):
            first, last = child.first + offset, child.last + offset
            name = f"{self.source.id}:{first}"
            common = {**rest, "quote": level, "block": name}
            match child.kind:
                case "list":
                    self.list(child, offset, name, 0, None, level)
                case "quote":
                    self.quote(child, offset, level + 1, **rest)
                case "paragraph":
                    leads = position + 1 < len(known) and known[position + 1].kind == "list"
                    self.prose(list(range(first, last + 1)), leads=leads, **common)
                case "break":
                    self.structure.append(Structure(source=self.source.id, line=first, kind="thematic break"))
                case "table":
                    self.table(first, last, **common)
                case "code":
                    self.fenced(child.info, first, last, **common)
                case _:
                    self.html(first, last, **common)


def _atx_title(raw: str) -> str:
    """A heading's words, without the ``#`` before and those that may stand behind."""
    title = raw.lstrip("#").strip()
    bare = title.rstrip("#")
    return bare if bare[-1:] in ("", " ", "\t") else title


def _short_label(text: str) -> bool:
    """Whether a line is a label such as ``Process:`` rather than a sentence that leads a list."""
    if not text.endswith((":", "：")) or "**" in text:
        return False
    words = text.strip(" :：")
    return 0 < len(words) <= 40 and len(words.split()) <= 4 and not re.search(r"[.,;!?。、，]", words)


@dataclass(frozen=True, slots=True)
class _Tag:
    """A pair of tag lines (1-based); ``whole``: an example that is one unit."""

    name: str
    first: int
    last: int
    whole: bool


def _find_tags(lines: list[str], body_line: int) -> Iterator[_Tag]:
    """Section tags: a tag alone on a line and its closing tag alone on a later one."""
    waiting: list[tuple[str, int]] = []
    names: Counter[str] = Counter()
    fence = ""
    for number in range(body_line, len(lines) + 1):
        line = lines[number - 1]
        match = _FENCE.match(line)
        if match and (not fence or (match.group(1).startswith(fence) and not match.group(2).strip())):
            fence = "" if fence else match.group(1)
            continue
        if fence:
            continue
        opened = _OPEN_TAG.match(line)
        if opened and _is_tag(opened.group(1).lower(), line):
            waiting.append((opened.group(1), number))
            names[opened.group(1)] += 1
        closed = _CLOSE_TAG.match(line)
        if closed and names[closed.group(1)]:
            name, first = waiting.pop()
            names[name] -= 1
            while name != closed.group(1):
                name, first = waiting.pop()
                names[name] -= 1
            yield _Tag(name, first, number, name.lower() in _WHOLE or name.lower().endswith("example"))


def _is_tag(name: str, line: str) -> bool:
    return name not in _HTML or (name in _WHOLE and line.startswith("<"))


def split_body(source: Source) -> tuple[tuple[Section, ...], tuple[Unit, ...], tuple[Structure, ...]]:
    """Sections, units and structural lines of a source's body, in file order."""
    lines = source.text.split("\n")
    body = "\n".join(lines[source.body_line - 1 :])
    walker = _Splitter(source, lines, source.line_starts(), language_of(body))
    root = _Open(f"{source.id}#0", "", HeadingStyle.ROOT, 0, None, None)
    walker.sections.append(root)
    walker.stack.append(root)
    tags = sorted(_find_tags(lines, source.body_line), key=lambda tag: tag.first)
    _region(walker, lines, source.body_line, len(lines), tags)
    _cover(walker, lines, source.body_line)
    order = {unit.id: n for n, unit in enumerate(sorted(walker.units, key=lambda u: (u.start, u.end)))}
    units = tuple(sorted(walker.units, key=lambda unit: order[unit.id]))
    sections = tuple(
        Section(
            id=s.id,
            source=source.id,
            title=s.title,
            style=s.style,
            level=s.level,
            parent=s.parent,
            heading=s.heading,
            units=tuple(sorted(s.units, key=lambda unit: order[unit])),
        )
        for s in walker.sections
    )
    return sections, units, tuple(sorted(walker.structure, key=lambda s: s.line))


def _region(walker: _Splitter, lines: list[str], first: int, last: int, tags: list[_Tag]) -> None:
    """Split lines ``first`` to ``last``; tag pairs within are sections with their own content.

    ``tags`` are in file order, and either apart or one within the other.
    """
    at, n = first, 0
    while n < len(tags):
        tag = tags[n]
        behind = bisect_right(tags, tag.last, lo=n + 1, key=lambda other: other.first)
        _blocks_of(walker, lines, at, tag.first - 1)
        if tag.whole:
            walker.unit(Kind.HTML, walker.content(tag.first), walker.line_end(tag.last), block=f"{walker.source.id}:{tag.first}")
        else:
            _tag_section(walker, lines, tag, tags[n + 1 : behind])
        at, n = tag.last + 1, behind
    _blocks_of(walker, lines, at, last)


def _tag_section(walker: _Splitter, lines: list[str], tag: _Tag, inner: list[_Tag]) -> None:
    before = list(walker.stack)
    while len(walker.stack) > 1 and walker.stack[-1].level > 70:
        walker.stack.pop()
    section = _Open(f"{walker.source.id}#{tag.first}", tag.name.replace("_", " "), HeadingStyle.TAG, 5, walker.stack[-1].id, None)
    walker.sections.append(section)
    walker.stack.append(section)
    heading = walker.unit(Kind.HEADING, walker.content(tag.first), walker.line_end(tag.first), block=section.id, label=section.title)
    section.heading = heading.id
    _region(walker, lines, tag.first + 1, tag.last - 1, inner)
    walker.stack[:] = [*walker.stack[: walker.stack.index(section) + 1]]
    walker.unit(Kind.TAG, walker.content(tag.last), walker.line_end(tag.last), block=section.id, parent=heading.id)
    walker.stack[:] = before


def _blocks_of(walker: _Splitter, lines: list[str], first: int, last: int) -> None:
    """Parse lines ``first`` to ``last``, dedented (content of tags is often indented)."""
    part = lines[first - 1 : last]
    if not any(line.strip() for line in part):
        return
    margin = min(len(line) - len(line.lstrip(" ")) for line in part if line.strip())
    walker.walk(parse_blocks("\n".join(line[margin:] for line in part)), first)


def _cover(walker: _Splitter, lines: list[str], body_line: int) -> None:
    """Give each non-blank line that no unit holds a unit of its own; markers without text are structure."""
    held = {line for unit in walker.units for line in range(unit.lines[0], unit.lines[1] + 1)}
    held |= {s.line for s in walker.structure}
    sections = {section.id: section for section in walker.sections}
    known = sorted(walker.units, key=lambda unit: unit.start)
    for number in range(body_line, len(lines) + 1):
        if number in held or not lines[number - 1].strip():
            continue
        start, end = walker.content(number), walker.line_end(number)
        if start >= end or _MARKERS_ONLY.fullmatch(lines[number - 1]):
            walker.structure.append(Structure(source=walker.source.id, line=number, kind="bare marker"))
            continue
        before = bisect_left(known, walker.starts[number - 1], key=lambda unit: unit.start)
        walker.stack[:] = [_section_behind(known[before - 1], sections) if before else walker.sections[0]]
        definition = _DEFINITION.match(lines[number - 1], start - walker.starts[number - 1])
        walker.unit(Kind.DEFINITION if definition else Kind.SENTENCE, start, end, block=f"{walker.source.id}:{number}")


def _section_behind(unit: Unit, sections: Mapping[str, _Open]) -> _Open:
    """The section that a line right behind ``unit`` is in: a closing tag ends its own."""
    section = sections[unit.section]
    return sections[section.parent] if unit.kind is Kind.TAG and section.parent else section
