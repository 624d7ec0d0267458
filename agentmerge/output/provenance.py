"""Which comments a canonical agent carries: who its statements come from, as much as the level says, and conflicts.

A section without a comment comes from the same sources as the section around it, an outermost one from all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Chunk, Conflict, Decision, Outcome, Part, Unit

_Names = Mapping[str, str]


class Notes(NamedTuple):
    """The comments of one canonical agent: ``sections`` by the place of a part, the others behind statements."""

    sections: Mapping[int, str]
    origins: Mapping[str, frozenset[str]]
    names: _Names
    marks: Mapping[str, Sequence[str]]
    inline: bool

    def behind(self, chunk: Chunk) -> str:
        """What stands behind a block's text; code, tables and lead-ins of one sentence carry no comment."""
        if chunk.kind not in ("item", "paragraph") and not (chunk.kind == "lead" and len(chunk.units) > 1):
            return ""
        said = f" {_note(_sources(chunk.units, self.origins), self.names)}" if self.inline else ""
        marked = sorted({mark for unit in chunk.units for mark in self.marks.get(unit, ())})
        return f"{said} <!-- agentmerge: conflict {', '.join(marked)} -->" if marked else said


def notes_of(
    level: str, parts: Sequence[Part], units: Mapping[str, Unit], decisions: Mapping[str, Decision], conflicts: Sequence[Conflict]
) -> Notes:
    """The comments of a canonical agent of these parts; ``level`` is that of its provenance."""
    origins = _origins(units, decisions)
    names = _short({unit.source for unit in units.values()})
    sections = _section_notes(parts, origins, names) if level == "section" else {}
    return Notes(sections, origins, names, _marks(conflicts), level == "inline")


def comment_safe(text: str) -> str:
    """A name inside a comment: nothing in it can end the comment or hide."""
    encoded = re.sub(r"[^A-Za-z0-9._/-]", lambda m: "".join(f"%{b:02X}" for b in m.group().encode("utf-8", "replace")), text)
    return re.sub(r"-(?=[->])|^-|-$", "%2D", encoded)


def _origins(units: Mapping[str, Unit], decisions: Mapping[str, Decision]) -> Mapping[str, frozenset[str]]:
    """For each kept unit, the sources that make its claim: its own and those merged into it, copies of files included."""
    found: dict[str, set[str]] = defaultdict(set)
    for unit in units.values():
        made, seen = decisions[unit.id], {unit.id}
        while made.outcome is Outcome.MERGED and made.into and made.into not in seen:
            seen.add(made.into)
            made = decisions[made.into]
        if made.outcome is Outcome.KEPT:
            found[made.unit].add(unit.source)
    return {unit: frozenset(sources) for unit, sources in found.items()}


def _sources(units: Iterable[str], origins: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*(origins.get(unit, frozenset()) for unit in units))


def _section_notes(parts: Sequence[Part], origins: Mapping[str, frozenset[str]], names: _Names) -> Mapping[int, str]:
    """A comment for each part whose sources are not those that a reader takes from the part around it."""
    own = [_sources((unit for chunk in part.chunks for unit in chunk.units), origins) for part in parts]
    everyone = frozenset[str]().union(*own)
    around: list[tuple[int, frozenset[str]]] = []
    found: dict[int, str] = {}
    for place, (part, sources) in enumerate(zip(parts, own, strict=True)):
        # Without a heading of its own a part reads as more of what stands before it.
        headed = part.heading or part.composed
        while around and headed and around[-1][0] >= part.level:
            around.pop()
        outer = around[-1][1] if around else everyone
        if sources and sources != outer:
            found[place] = _note(sources, names)
        if headed:
            around.append((part.level, sources or outer))
        elif around:
            around[-1] = (around[-1][0], sources or outer)
    return found


def _note(sources: Iterable[str], names: _Names) -> str:
    return f"<!-- agentmerge: {', '.join(sorted(comment_safe(names[source]) for source in sources))} -->"


def _short(sources: Iterable[str]) -> _Names:
    """Names for ids: without the folders and the file name in which all of them end, where enough is left to tell them apart."""
    parts = {source: source.split("/") for source in sources}
    shared = 0
    while len(parts) > 1 and min(map(len, parts.values())) > shared + 1 and len({p[-1 - shared] for p in parts.values()}) == 1:
        shared += 1
    return {source: "/".join(p[: len(p) - shared]) for source, p in parts.items()}


def _marks(conflicts: Sequence[Conflict]) -> Mapping[str, Sequence[str]]:
    """The ids of the marked conflicts that each unit is a member of."""
    found: dict[str, list[str]] = defaultdict(list)
    for conflict in conflicts:
        for member in conflict.members if conflict.marked else ():
            found[member].append(comment_safe(conflict.id))
    return found
