"""What a canonical agent costs: words and tokens in and out, of each section and of its provenance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Agent, Decision, Rendered, Unit
from agentmerge.rules.text.comments import without_provenance
from agentmerge.rules.text.tokens import tokens, words

_HEADING = re.compile(r"#{1,6} ")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
FRONTMATTER, LEFT_OUT = "(frontmatter)", "(left out)"


class Size(NamedTuple):
    """A part of a canonical agent: its heading, how deep that is, and about how many words and tokens went in and came out.

    What went in are the statements of the sources that end in it, as they stand or for which one of its statements stands.
    """

    title: str
    level: int
    words_in: int
    tokens_in: int
    words: int
    tokens: int


class _Span(NamedTuple):
    """A section of a text: its heading's words and level (0: what stands before the first), its first line, its lines."""

    title: str
    level: int
    first: int
    lines: tuple[str, ...]


def section_sizes(agents: Sequence[Agent], decisions: Mapping[str, Decision], rendered: Rendered) -> tuple[Size, ...]:
    """The size of the frontmatter, of each section in order, and of what was left out of all sections."""
    spans = tuple(_spans(rendered.text))
    went_in: list[list[str]] = [[] for _ in spans]
    left_out: list[str] = []
    for agent in agents:
        for unit in agent.units:
            line = rendered.lines.get(_stands_for(unit, decisions), (0, 0))[0]
            at = next((n for n, span in enumerate(spans) if span.level >= 0 and 0 <= line - span.first < len(span.lines)), None)
            (left_out if at is None else went_in[at]).append(unit.text)
    went_in[0] = [agent.frontmatter for agent in agents]
    sizes = [_size(span, "\n".join(span.lines).strip("\n"), texts) for span, texts in zip(spans, went_in, strict=True)]
    gone = _size(_Span(LEFT_OUT, 0, 0, ()), "", left_out)
    return tuple(size for size in (*sizes, gone) if size.tokens or size.tokens_in)


def _size(span: _Span, text: str, went_in: Sequence[str]) -> Size:
    return Size(span.title, max(0, span.level), sum(map(words, went_in)), sum(map(tokens, went_in)), words(text), tokens(text))


def _stands_for(unit: Unit, decisions: Mapping[str, Decision]) -> str:
    """The unit that says what a unit said: itself, or the last of those that it went for."""
    made, seen = decisions[unit.id], {unit.id}
    while made.into and made.into not in seen:
        seen.add(made.into)
        made = decisions[made.into]
    return made.unit


def _spans(text: str) -> Iterator[_Span]:
    """The frontmatter (level -1), then each section; code opens none."""
    lines = text.split("\n")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), -1) + 1 if lines[0] == "---" else 0
    yield _Span(FRONTMATTER, -1, 1, tuple(lines[:end]))
    title, level, first, fence = "", 0, end, ""
    for n, line in enumerate(lines[end:], end):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = ""
        elif not fence and _HEADING.match(line):
            yield _Span(title, level, first + 1, tuple(lines[first:n]))
            title, level, first = line.lstrip("# ").strip(), len(line) - len(line.lstrip("#")), n
    yield _Span(title, level, first + 1, tuple(lines[first:]))


def provenance_tokens(text: str) -> int:
    """About how many tokens the comments that name sources cost."""
    return tokens(text) - tokens(without_provenance(text))
