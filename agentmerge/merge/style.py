"""Style made even where it costs no meaning: full stops of list items, bold leads that repeat their heading."""

from __future__ import annotations

from collections.abc import Sequence

from agentmerge.merge.drafts import Team
from agentmerge.model import Chunk

_STOPS = (".", "。")
# What ends in a full stop that belongs to the word.
_ABBREVIATIONS = ("etc.", "e.g.", "i.e.", "vs.", "...")


def even(chunks: Sequence[Chunk], title: frozenset[str], team: Team) -> Sequence[Chunk]:
    """The items of a list, those of one sentence without a full stop when most have none, none led by its heading's words.

    Nothing can be added to a statement, so a list in which most items end in a full stop stays as it is.
    ``title`` is what the headings of the part name.
    """
    ends = {n: _ends(chunk, team) for n, chunk in enumerate(chunks) if chunk.kind == "item" and len(chunk.units) == 1}
    bare = 2 * sum(ends.values()) < len(ends)
    return [
        chunk._replace(stop=not (bare and ends.get(n, False)), lead=not _repeats(chunk, title, team)) if chunk.kind == "item" else chunk
        for n, chunk in enumerate(chunks)
    ]


def _ends(chunk: Chunk, team: Team) -> bool:
    text = team.units[chunk.units[0]].text
    return text.endswith(_STOPS) and not text.endswith(_ABBREVIATIONS)


def _repeats(chunk: Chunk, title: frozenset[str], team: Team) -> bool:
    """Whether a bold lead says just what the heading over it says."""
    unit = team.units[chunk.units[0]]
    label = team.comparison.readings[unit.id].title if unit.label and unit.text.startswith(("**", "__")) else None
    return bool(label) and label == title
