"""The canonical agent as text: headings, blocks and provenance, laid out by a template."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from agentmerge.model import Agent, Chunk, Composed, Conflict, Decision, Header, Kind, Outline, Part, Rendered, Unit
from agentmerge.output.provenance import Notes, comment_safe, notes_of
from agentmerge.output.wording import without_lead, without_stop
from agentmerge.output.yaml_text import frontmatter_text

TEMPLATES = Path(__file__).with_name("templates")


class _Block(NamedTuple):
    """One block of output: its text, whether a blank line comes before it, and its units."""

    text: str
    apart: bool
    units: tuple[str, ...] = ()
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
    blocks = list(_blocks(outline.parts, units, agents, notes))
    if provenance == "sidecar":
        blocks.append(_Block(f"<!-- agentmerge: {comment_safe(ledger)} -->", True))
    text = template("canonical.md.j2").render(frontmatter=frontmatter, blocks=blocks).rstrip("\n") + "\n"
    lines, composed = _lines(frontmatter, blocks, units)
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


def _blocks(
    parts: Sequence[Part],
    units: Mapping[str, Unit],
    agents: Sequence[Agent],
    notes: Notes,
) -> Iterable[_Block]:
    for place, part in enumerate(parts):
        if part.heading or part.composed:
            units_of = (part.heading,) if part.heading else ()
            yield _Block("#" * part.level + " " + " ".join(part.title.split()), True, units_of, part.composed)
        if place in notes.sections:
            yield _Block(notes.sections[place], not (part.heading or part.composed))
        previous: Chunk | None = None
        widths: list[int] = []
        for chunk in part.chunks:
            del widths[chunk.depth :]
            text = _chunk_text(chunk, " " * sum(widths), units, agents)
            if chunk.kind == "item":
                # What is nested in an item is indented to where the item's own text starts.
                widths.append(2 if chunk.marker.startswith("-") else len(chunk.marker) + 1)
            text += notes.behind(chunk)
            yield _Block(text, _apart(previous, chunk), chunk.units)
            previous = chunk


def _apart(previous: Chunk | None, chunk: Chunk) -> bool:
    """Whether a blank line separates a block from the one before it."""
    if previous is None:
        return True
    if chunk.kind == "item" and previous.kind == "item":
        # A list that ends and another kind of list would fuse without a line between them.
        return chunk.depth == 0 and previous.depth == 0 and _list_kind(previous.marker) != _list_kind(chunk.marker)
    if chunk.kind == "item" and previous.kind == "lead":
        return False
    return not (chunk.depth > 0 and chunk.kind == "item")


def _list_kind(marker: str) -> str:
    return "ordered" if marker[:1].isdigit() else marker[:1]


def _chunk_text(chunk: Chunk, indent: str, units: Mapping[str, Unit], agents: Sequence[Agent]) -> str:
    members = [units[u] for u in chunk.units]
    if chunk.kind == "table":
        return "\n".join(indent + line for line in _table_lines(members, agents))
    texts = [_text(unit, joined=chunk.kind != "code") for unit in members]
    if chunk.kind in ("code", "raw", "definition"):
        return "\n".join(indent + line if line else "" for line in "\n".join(texts).split("\n"))
    text = " ".join(texts)
    if chunk.kind == "item":
        text = text if chunk.lead else without_lead(text)
        text = text if chunk.stop else without_stop(text)
        return f"{indent}{chunk.marker} {text}".rstrip()
    quote = "> " * members[0].quote
    return "\n".join(indent + quote + line for line in text.split("\n"))


def _text(unit: Unit, *, joined: bool) -> str:
    """A unit's text without the indentation and quote marks of its place in the source."""
    lines = unit.text.split("\n")
    if joined and unit.kind not in (Kind.HTML, Kind.COMMENT):
        return " ".join(line.strip(" \t").lstrip("> \t") if n else line.strip() for n, line in enumerate(lines))
    last = lines[-1]
    margin = len(last) - len(last.lstrip(" ")) if len(lines) > 1 else 0
    return "\n".join(line[margin:] if n and line[:margin].strip() == "" else line for n, line in enumerate(lines))


def _table_lines(rows: Sequence[Unit], agents: Sequence[Agent]) -> Iterable[str]:
    for row in rows:
        yield row.text
        if row.info == "header":
            source = next(a.source for a in agents if a.source.id == row.source)
            yield source.text.split("\n")[row.lines[0]].strip(" \t>")


def _lines(
    frontmatter: str, blocks: Sequence[_Block], units: Mapping[str, Unit]
) -> tuple[Mapping[str, tuple[int, int]], tuple[Composed, ...]]:
    """The output lines of each unit and each composed heading, counted as the template lays the blocks out."""
    line = frontmatter.count("\n") + 1
    found: dict[str, tuple[int, int]] = {}
    composed = []
    for block in blocks:
        first = line + 1 + block.apart
        line = first + block.text.count("\n")
        if block.composed:
            composed.append(Composed(first, block.text.lstrip("# "), block.composed))
        rows = [u for u in block.units if units[u].kind is Kind.ROW]
        if rows:
            at = first
            for row in rows:
                found[row] = (at, at)
                at += 2 if units[row].info == "header" else 1
        else:
            found.update(dict.fromkeys(block.units, (first, line)))
    return found, tuple(composed)
