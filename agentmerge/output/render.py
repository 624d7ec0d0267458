"""The canonical agent as text: headings, blocks and provenance, laid out by a template."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from agentmerge.model import Agent, Chunk, Conflict, Decision, Header, Outcome, Outline, Part, Rendered, Unit
from agentmerge.output.layout import Layout, width_of
from agentmerge.output.yaml_text import frontmatter_text

# A comment of ours in a canonical agent: the names of sources or of the ledger, or marks of conflicts.
PROVENANCE = re.compile(r"<!-- agentmerge: (?:conflict )?[A-Za-z0-9._/%-]+(?:, [A-Za-z0-9._/%-]+)* -->")
TEMPLATES = Path(__file__).with_name("templates")


class _Block(NamedTuple):
    """One block of output: its text, whether a blank line comes before it, and the lines of its units, from 0."""

    text: str
    apart: bool
    spans: Mapping[str, tuple[int, int]] = {}


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
    origins = _origins(units, decisions)
    blocks = list(_blocks(outline.parts, Layout(agents), origins, provenance, _marks(conflicts)))
    if provenance == "sidecar":
        blocks.append(_Block(f"<!-- agentmerge: {comment_safe(ledger)} -->", True))
    text = template("canonical.md.j2").render(frontmatter=frontmatter, blocks=blocks).rstrip("\n") + "\n"
    return Rendered(text=text, sha256=sha256(text), lines=_lines(frontmatter, blocks))


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


# --- provenance --------------------------------------------------------------------------------


def comment_safe(text: str) -> str:
    """A name inside a comment: nothing in it can end the comment or hide."""
    encoded = re.sub(r"[^A-Za-z0-9._/-]", lambda m: "".join(f"%{b:02X}" for b in m.group().encode("utf-8", "replace")), text)
    return re.sub(r"-(?=[->])|^-|-$", "%2D", encoded)


def _origins(units: Mapping[str, Unit], decisions: Mapping[str, Decision]) -> Mapping[str, frozenset[str]]:
    """For each kept unit, the sources that make its claim: its own and those merged into it."""
    found: dict[str, set[str]] = defaultdict(set)
    for unit in units.values():
        made = decisions[unit.id]
        if made.outcome is Outcome.KEPT:
            found[unit.id].add(unit.source)
        elif made.outcome is Outcome.MERGED and made.into:
            found[made.into].add(unit.source)
    return {unit: frozenset(sources) for unit, sources in found.items()}


def _note(sources: Iterable[str]) -> str:
    return f"<!-- agentmerge: {', '.join(comment_safe(s) for s in sorted(set(sources)))} -->"


def _marks(conflicts: Sequence[Conflict]) -> Mapping[str, Sequence[str]]:
    """The ids of the marked conflicts that each unit is a member of."""
    found: dict[str, list[str]] = defaultdict(list)
    for conflict in conflicts:
        for member in conflict.members if conflict.marked else ():
            found[member].append(comment_safe(conflict.id))
    return found


# --- blocks ------------------------------------------------------------------------------------


def _blocks(
    parts: Sequence[Part],
    layout: Layout,
    origins: Mapping[str, frozenset[str]],
    provenance: str,
    marks: Mapping[str, Sequence[str]],
) -> Iterable[_Block]:
    for part in parts:
        own = [u for chunk in part.chunks for u in chunk.units]
        if part.heading:
            yield _Block("#" * part.level + " " + " ".join(part.title.split()), True, {part.heading: (0, 0)})
        if provenance == "section" and own:
            sources: set[str] = set().union(*(origins.get(u, frozenset()) for u in own))
            yield _Block(_note(sources), part.heading is None)
        previous: Chunk | None = None
        widths: list[int] = []
        listed = False
        for chunk in _told_apart(part.chunks):
            del widths[chunk.depth :]
            laid = layout.block(chunk, " " * sum(widths), listed=listed)
            text = "\n".join(laid.lines)
            if chunk.kind == "item":
                widths.append(width_of(chunk.marker))
                listed = True
            stated = chunk.kind in ("item", "paragraph") or (chunk.kind == "lead" and len(chunk.units) > 1)
            if provenance == "inline" and stated:
                sources = set().union(*(origins.get(u, frozenset()) for u in chunk.units))
                text = f"{text} {_note(sources)}"
            marked = sorted({mark for u in chunk.units for mark in marks.get(u, ())})
            if marked and stated:
                text = f"{text} <!-- agentmerge: conflict {', '.join(marked)} -->"
            yield _Block(text, _apart(previous, chunk), laid.spans)
            previous = chunk


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


def _apart(previous: Chunk | None, chunk: Chunk) -> bool:
    """Whether a blank line separates a block from the one before it."""
    if previous is None or previous.kind == "raw":
        return True
    if chunk.kind == "item" and previous.kind == "item":
        # A list that ends and another kind of list would fuse without a line between them.
        return chunk.depth == 0 and previous.depth == 0 and _list_kind(previous.marker) != _list_kind(chunk.marker)
    if chunk.kind == "item" and previous.kind == "lead":
        return False
    return not (chunk.depth > 0 and chunk.kind == "item")


def _list_kind(marker: str) -> str:
    return f"ordered{marker[-1]}" if marker[:1].isdigit() else marker[:1]


def _lines(frontmatter: str, blocks: Sequence[_Block]) -> Mapping[str, tuple[int, int]]:
    """The output lines of each unit, counted as the template lays the blocks out."""
    line = frontmatter.count("\n") + 1
    found: dict[str, tuple[int, int]] = {}
    for block in blocks:
        first = line + 1 + block.apart
        line = first + block.text.count("\n")
        found.update({unit: (first + low, first + high) for unit, (low, high) in block.spans.items()})
    return found
