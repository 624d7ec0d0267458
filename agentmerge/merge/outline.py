"""The parts of the canonical body as they are written: headings, levels, blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agentmerge.merge.blocks import chunks_of
from agentmerge.merge.drafts import Draft, Team
from agentmerge.merge.heading_words import without_colon, without_number
from agentmerge.merge.headings import numbered, shown_name
from agentmerge.merge.order import in_order
from agentmerge.model import Chunk, HeadingStyle, Outline, Part

_MAX_DEPTH = 4


def outline_of(root: Draft, team: Team) -> Outline:
    """The canonical body: what stands before all headings, then each part with those under it."""
    title = root.heading.id if root.heading else None
    parts = [Part(role="root", title=root.title, heading=title, level=1, chunks=tuple(chunks_of(root, team)))]
    chapters = in_order(root.children, team)
    plain = numbered([draft.title for draft in chapters])
    for draft in chapters:
        parts.extend(_parts(draft, 2, team, numbers=plain))
    return Outline(parts=tuple(part for part in parts if part.heading or part.composed or part.chunks))


def _parts(draft: Draft, level: int, team: Team, *, numbers: bool) -> Iterable[Part]:
    heading = draft.heading.id if draft.heading and not draft.alternative else None
    title = draft.title if draft.based is not None else _evened(draft.title, numbers=numbers)
    own = Part(role=draft.role, title=title, heading=heading, level=level, chunks=tuple(chunks_of(draft, team)))
    if draft.named and not draft.alternative:
        yield own._replace(chunks=())
    below = min(level + 1, _MAX_DEPTH)
    if draft.named:
        level = level if draft.alternative else below
        own = own._replace(title=shown_name(draft.named), heading=None, level=level, composed=draft.named.source.id)
    children = in_order([child for child in draft.children if not child.alternative], team)
    if not own.chunks and len(draft.children) == 1 and _leads_in(children, team):
        # "You are done when:" over the only list of a part leads it in.
        child = children[0]
        lead = (Chunk(kind="lead", units=(child.heading.id,)),) if child.heading else ()
        yield own._replace(chunks=(*lead, *chunks_of(child, team)))
        return
    yield own
    plain = numbered([child.title for child in children])
    for child in children:
        yield from _parts(child, min(level + 1, _MAX_DEPTH), team, numbers=plain)
    for child in in_order([child for child in draft.children if child.alternative], team):
        yield from _parts(child, below, team, numbers=False)


def _evened(title: str, *, numbers: bool) -> str:
    """A heading without the colon that some authors end theirs with, and without a number that no longer counts."""
    return without_colon(title if numbers else without_number(title))


def _leads_in(children: Sequence[Draft], team: Team) -> bool:
    """Whether the heading of a lone part is a line of text with a colon in all of its files, over a list."""
    child = children[0] if children else None
    plain = child is not None and not child.children and all(section.style is HeadingStyle.PLAIN for section in child.members)
    return plain and child is not None and all(u.item is not None for u in child.units if team.kept(u))
