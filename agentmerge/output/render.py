"""The canonical agent as text: headings, blocks and provenance, laid out by a template."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from agentmerge.model import Agent, Chunk, Composed, Conflict, Decision, Header, Outline, Part, Rendered
from agentmerge.output.layout import Layout, width_of
from agentmerge.output.provenance import Notes, comment_safe, notes_of
from agentmerge.output.yaml_text import frontmatter_text

TEMPLATES = Path(__file__).with_name("templates")


class _Block(NamedTuple):
    """One block of output: its text, whether a blank line comes before it, and the lines of its units, from 0."""

    text: str
    apart: bool
    spans: Mapping[str, tuple[int, int]] = {}
    composed: str | None = None


@cache
def template(name: str) -> Template:
    """One of our own templates. Values never become templates: nothing is loaded from strings."""
    loader = FileSystemLoader(TEMPLATES, encoding="utf-8")
    env = Environment(loader=loader, undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    return env.get_template(name)


def render(
    agents: Sequence[Agent],
    header: Header,
    outline: Outline,
    decisions: Mapping[str, Decision],
    conflicts: Sequence[Conflict],
    provenance: str,
    ledger: str,
) -> Rendered:
    """The canonical agent; ``provenance`` is a level, ``ledger`` the ledger's file name.

    The members of conflicts that are ``marked`` carry a comment with the conflict's id.
    """
    frontmatter = frontmatter_text(header)
    if outline.verbatim is not None:
        agent = next(a for a in agents if a.source.id == outline.verbatim)
        return _verbatim(agent, frontmatter)
    units = {u.id: u for agent in agents for u in agent.units}
    notes = notes_of(provenance, outline.parts, units, decisions, conflicts)
    blocks = list(_blocks(outline.parts, Layout(agents), notes))
    if provenance == "sidecar":
        blocks.append(_Block(f"<!-- agentmerge: {comment_safe(ledger)} -->", True))
    text = template("canonical.md.j2").render(frontmatter=frontmatter, blocks=blocks).rstrip("\n") + "\n"
    lines, composed = _lines(frontmatter, blocks)
    return Rendered(text=text, sha256=sha256(text), lines=lines, composed=composed)


def sha256(text: str) -> str:
    """The hash of a text as it is written (UTF-8)."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _verbatim(agent: Agent, frontmatter: str) -> Rendered:
    """One source alone: its body passes unchanged."""
    lines = agent.source.text.split("\n")
    body = "\n".join(lines[agent.source.body_line - 1 :])
    text = (frontmatter + "\n" + body).rstrip("\n") + "\n"
    shift = frontmatter.count("\n") + 2 - agent.source.body_line
    return Rendered(text=text, sha256=sha256(text), lines={u.id: (u.lines[0] + shift, u.lines[1] + shift) for u in agent.units})


# --- blocks ------------------------------------------------------------------------------------


def _blocks(parts: Sequence[Part], layout: Layout, notes: Notes) -> Iterable[_Block]:
    for place, part in enumerate(parts):
        if part.heading or part.composed:
            spans = {part.heading: (0, 0)} if part.heading else {}
            yield _Block("#" * part.level + " " + " ".join(part.title.split()), True, spans, part.composed)
        if place in notes.sections:
            yield _Block(notes.sections[place], not (part.heading or part.composed))
        previous: Chunk | None = None
        widths: list[int] = []
        listed = False
        top = ""
        for chunk in _told_apart(part.chunks):
            del widths[chunk.depth :]
            laid = layout.block(chunk, " " * sum(widths), listed=listed)
            if chunk.kind == "item":
                widths.append(width_of(chunk.marker))
                listed = True
            yield _Block("\n".join(laid.lines) + notes.behind(chunk), _apart(previous, chunk, top), laid.spans)
            previous = chunk
            top = _list_kind(chunk.marker) if chunk.depth == 0 else top


def _told_apart(chunks: Iterable[Chunk]) -> Iterable[Chunk]:
    """The same blocks, the numbers of a list that directly follows another numbered list written with the other mark: ``1)``."""
    mark, before = ".", False
    for chunk in chunks:
        if chunk.depth == 0:
            numbered = chunk.kind == "item" and chunk.marker[:1].isdigit()
            if chunk.marker == "1.":
                mark = ")" if before and mark == "." else "."
            before = numbered
            if numbered:
                yield chunk._replace(marker=chunk.marker[:-1] + mark)
                continue
        yield chunk


def _apart(previous: Chunk | None, chunk: Chunk, top: str) -> bool:
    """Whether a blank line separates a block from the one before it; ``top`` is the kind of the list that both may belong to."""
    if previous is None or previous.kind == "raw":
        return True
    if chunk.kind == "item" and previous.kind == "item":
        # A list that ends and another kind of list would fuse without a line between them.
        return chunk.depth == 0 and _list_kind(chunk.marker) != top
    if chunk.kind == "item" and previous.kind == "lead":
        return False
    return not (chunk.depth > 0 and chunk.kind == "item")


def _list_kind(marker: str) -> str:
    return f"ordered{marker[-1]}" if marker[:1].isdigit() else marker[:1]


def _lines(frontmatter: str, blocks: Sequence[_Block]) -> tuple[Mapping[str, tuple[int, int]], tuple[Composed, ...]]:
    """The output lines of each unit and each composed heading, counted as the template lays the blocks out."""
    line = frontmatter.count("\n") + 1
    found: dict[str, tuple[int, int]] = {}
    composed = []
    for block in blocks:
        first = line + 1 + block.apart
        line = first + block.text.count("\n")
        if block.composed:
            composed.append(Composed(first, block.text.lstrip("# "), block.composed))
        found.update({unit: (first + low, first + high) for unit, (low, high) in block.spans.items()})
    return found, tuple(composed)
