"""Style made even where it costs no meaning: full stops of list items, bold leads that repeat their heading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from agentmerge.merge.drafts import Team
from agentmerge.model import Chunk, Kind

_STOPS = (".", "。")
# What ends in a full stop that belongs to the word.
_ABBREVIATIONS = ("etc.", "e.g.", "i.e.", "vs.", "...")


def even(chunks: Sequence[Chunk], title: frozenset[str], team: Team) -> Sequence[Chunk]:
    """The items of a list, those of one sentence without a full stop when most have none, none led by its heading's words.

    Nothing can be added to a statement, so a list in which most items end in a full stop stays as it is.
    ``title`` is what the headings of the part name.
    """
    ends = [_ends(chunk, team) for chunk in chunks]
    found: dict[int, list[bool]] = defaultdict(list)
    for chunk, end in zip(chunks, ends, strict=True):
        if end is not None:
            found[chunk.depth].append(end)
    bare = {depth for depth, here in found.items() if 2 * sum(here) < len(here)}
    return [
        chunk._replace(stop=not (end and chunk.depth in bare), lead=not _repeats(chunk, title, team)) if chunk.kind == "item" else chunk
        for chunk, end in zip(chunks, ends, strict=True)
    ]


def _ends(chunk: Chunk, team: Team) -> bool | None:
    """Whether an item of one sentence ends in a full stop; ``None`` for any other block, and for what leads something in."""
    text = team.units[chunk.units[0]].text
    if chunk.kind != "item" or len(chunk.units) > 1 or text.endswith((":", "：", ":**", "：**")):
        return None
    return text.endswith(_STOPS) and not text.endswith(_ABBREVIATIONS)


def _repeats(chunk: Chunk, title: frozenset[str], team: Team) -> bool:
    """Whether a bold lead says just what the heading over it says."""
    unit = team.units[chunk.units[0]]
    if unit.kind not in (Kind.ITEM, Kind.CHECK):
        return False
    label = team.comparison.readings[unit.id].title if unit.label and unit.text.startswith(("**", "__")) else None
    return bool(label) and label == title
