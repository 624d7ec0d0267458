"""Markdown block structure with line numbers.

mistune parses, and a ``BlockParser`` subclass notes the lines of every token, nested ones too.
Only blocks are parsed, never inline markup: units are slices of the source, and mistune's inline
parser is quadratic on hostile emphasis. Tables are recognised here rather than by mistune's
plugin, which is quadratic on rows of ``|-``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from re import Match
from typing import Any, NamedTuple

from mistune.block_parser import BlockParser
from mistune.core import BlockState

MAX_NESTING = 12


class Block(NamedTuple):
    """A block with its first and last line (0-based, within the text that was parsed).

    ``kind``: heading, paragraph, code, html, list, item, quote, break, table. ``level`` is a
    heading's; ``ordered`` a list's; ``setext`` is whether a heading is underlined.
    """

    kind: str
    first: int
    last: int
    children: tuple[Block, ...] = ()
    level: int = 0
    ordered: bool = False
    setext: bool = False
    info: str = ""


_BARE_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]*$", re.MULTILINE)


class _State(BlockState):
    """A block state that knows at which line of the whole text its own text begins."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.base = 0
        self.newlines: list[int] | None = None
        self.item_first: int | None = None

    def line(self, offset: int) -> int:
        if self.newlines is None:
            self.newlines = [n for n, c in enumerate(self.src) if c == "\n"]
        return self.base + bisect_right(self.newlines, offset - 1)

    def add_paragraph(self, text: str) -> None:
        super().add_paragraph(text)
        token = self.tokens[-1]
        token.setdefault("first", self.line(self.cursor))
        token["last"] = self.line(self.cursor + len(text.rstrip("\n")))

    def append_paragraph(self) -> int | None:
        # A list marker after a quote's lazy lines would else continue the paragraph above the quote.
        if self.tokens and self.tokens[-1].get("last", -1) < self.line(self.cursor) - 1:
            return None
        end = super().append_paragraph()
        if end:
            self.tokens[-1]["last"] = self.line(max(self.cursor, end - 1))
        return end

    def child_state(self, src: str, lazy_line_starts: set[int] | None = None) -> _State:
        child = self.__class__(self)
        child.process(src)
        if lazy_line_starts:
            child.lazy_line_starts = lazy_line_starts
        first = self.item_first if self.item_first is not None else self.line(self.cursor)
        self.env["item_first"][id(child.tokens)] = first
        # mistune drops the first line of an item that has nothing but a marker on it.
        bare = _BARE_MARKER.match(self.src, self.newlines[first - self.base - 1] + 1 if self.newlines and first > self.base else 0)
        child.base = first + (bare is not None)
        # If the list goes on, the line before the cursor holds the next item's marker.
        self.item_first = self.line(max(0, self.cursor - 1))
        return child


class _Parser(BlockParser):
    """A block parser that notes the first and last line of each token."""

    state_cls = _State

    def parse_method(self, m: Match[str], state: Any) -> int | None:
        known = len(state.tokens)
        first = state.line(m.start())
        outer, state.item_first = state.item_first, first
        end = super().parse_method(m, state)
        state.item_first = outer
        _note(state, known, first, max(m.start(), (end or m.end()) - 1))
        return end

    def parse_atx_heading(self, m: Match[str], state: Any) -> int:
        # Without mistune's cleaning of the text, which is quadratic on blanks; nobody reads it.
        state.append_token({"type": "heading", "text": "", "attrs": {"level": len(m.group("atx_1"))}, "style": "atx"})
        return m.end() + 1

    def parse_fenced_code(self, m: Match[str], state: Any) -> int | None:
        end = _nested_end(state.src, m.end() + 1, m.group("fenced_2"), m.group("fenced_3") or "")
        if end is None:
            return super().parse_fenced_code(m, state)
        token = {"type": "block_code", "raw": state.src[m.end() + 1 : end], "style": "fenced", "marker": m.group("fenced_2")}
        state.append_token({**token, "attrs": {"info": (m.group("fenced_3") or "").strip()}})
        return end

    def _parse_indent_code_fast(self, state: Any) -> int | None:
        # mistune 3.4 parses indented code past ``parse_method``; older ones never call this.
        known, start = len(state.tokens), state.cursor
        end: int | None = super()._parse_indent_code_fast(state)
        _note(state, known, state.line(start), max(start, (end or start) - 1))
        return end


_FENCE_LINE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$", re.MULTILINE)
_MAX_FENCES = 400
# Fences that may hold prose, by their info string.
PROSE_FENCES = frozenset(("", "markdown", "md", "mdx", "text", "txt"))


def _nested_end(text: str, start: int, marker: str, info: str) -> int | None:
    """Where a fence ends that holds fences of its own, or ``None`` when it holds none.

    Report templates often show a fenced block inside a fenced block with equal marks. CommonMark
    closes the outer one where the inner one ends, and what follows the template becomes code. A
    line with a language can only open a fence, so fences are counted, if the count comes out even.
    Shorter ones than the outer mark are text.
    """
    if info.strip().lower() not in PROSE_FENCES:
        return None
    depth, nested = 1, False
    for match in islice(_FENCE_LINE.finditer(text, start), _MAX_FENCES):
        if not match.group(1).startswith(marker):
            continue
        if match.group(2).strip():
            depth, nested = depth + 1, True
            if depth > MAX_NESTING:
                return None
        else:
            depth -= 1
            if not depth:
                return min(match.end() + 1, len(text)) if nested else None
    return None


def _note(state: _State, known: int, first: int, offset: int) -> None:
    """Give the tokens that came after the first ``known`` their lines, unless they have them."""
    for token in state.tokens[known:]:
        if "first" not in token:
            token["first"] = first
            token["last"] = state.line(offset)


def parse_blocks(text: str) -> tuple[Block, ...]:
    """The block structure of a Markdown text whose lines end in LF.

    Lines of no block (link definitions) are simply not covered. Nesting stops at 12, deeper markers
    are text. Raises ``RecursionError`` when lists and quotes follow each other a hundred times
    without a blank line: mistune parses each from within the one before.
    """
    clean = "\n".join(line.rstrip() for line in text.split("\n")) + "\n"
    state = _State()
    state.env["item_first"] = {}
    state.process(clean)
    parser = _Parser(max_nested_level=MAX_NESTING)
    parser.parse(state)
    return tuple(_blocks(state.tokens, clean.split("\n"), state.env["item_first"]))


def _blocks(tokens: list[dict[str, Any]], lines: list[str], firsts: dict[int, int]) -> Iterator[Block]:
    for token in tokens:
        kind = token["type"]
        if kind == "blank_line":
            continue
        first, last = token["first"], token["last"]
        while last > first and not lines[last].strip(" \t>"):
            last -= 1
        attrs = token.get("attrs", {})
        if kind in ("paragraph", "block_text"):
            yield from _paragraph(first, last, lines)
        elif kind == "heading":
            setext = token.get("style") == "setext"
            yield Block("heading", first, last + setext, level=attrs["level"], setext=setext)
        elif kind == "block_code":
            yield Block("code", first, last, info=attrs.get("info", ""))
        elif kind == "block_html":
            yield Block("html", first, last)
        elif kind == "thematic_break":
            yield Block("break", first, last)
        elif kind == "block_quote":
            children = tuple(_blocks(token["children"], lines, firsts))
            yield Block("quote", first, max((c.last for c in children), default=last), children)
        elif kind == "list":
            items = tuple(_items(token, lines, firsts))
            yield Block("list", items[0].first if items else first, items[-1].last if items else last, items, ordered=attrs["ordered"])


def _items(token: dict[str, Any], lines: list[str], firsts: dict[int, int]) -> Iterator[Block]:
    for item in token["children"]:
        first = firsts[id(item["children"])]
        children = tuple(_blocks(item["children"], lines, firsts))
        yield Block("item", first, max([first, *(c.last for c in children)]), children)


_RULE_CELL = re.compile(r"\s*:?-+:?\s*")


def cells(row: str) -> tuple[str, ...]:
    """The cells of a table row, without the outer pipes; an escaped pipe is text."""
    return tuple(part.strip() for part in re.split(r"(?<!\\)\|", row.strip().strip("|")))


def _is_rule(line: str) -> bool:
    return "-" in line and "|" in line and all(_RULE_CELL.fullmatch(cell) for cell in cells(line))


def _paragraph(first: int, last: int, lines: list[str]) -> Iterator[Block]:
    """A paragraph, or the tables that some of its lines form (GFM: a header row, then a rule)."""
    body = [line.lstrip(" \t>") for line in lines[first : last + 1]]
    done, n = 0, 1
    while n < len(body):
        if n == done or not _begins_table(body[n - 1], body[n]):
            n += 1
            continue
        end = n
        while end + 1 < len(body) and "|" in body[end + 1]:
            end += 1
        if n - 1 > done:
            yield Block("paragraph", first + done, first + n - 2)
        yield Block("table", first + n - 1, first + end)
        done, n = end + 1, end + 2
    if done < len(body):
        yield Block("paragraph", first + done, last)


def _begins_table(head: str, rule: str) -> bool:
    return "|" in head and _is_rule(rule) and len(cells(rule)) == len(cells(_after_marker(head)))


def _after_marker(line: str) -> str:
    return re.sub(r"^(?:[-*+]|\d{1,9}[.)])\s+", "", line)
