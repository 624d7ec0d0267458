"""What a canonical agent costs: words and tokens of each section and of its provenance, and the cheapest cuts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.model import Agent, Alignment, Candidate, Decision, Kind, Outcome, Unit
from agentmerge.rules.text.comments import without_provenance
from agentmerge.rules.text.tokens import tokens, words

_HEADING = re.compile(r"#{1,6} ")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
# A line of so few words without a figure, a name or code says little.
_FEW_WORDS = 5
# From here on two lines that both stand are likely to say the same.
_LIKELY = 0.5


class Size(NamedTuple):
    """The size of a part: its heading, and about how many words and tokens it has."""

    title: str
    words: int
    tokens: int


class Cut(NamedTuple):
    """A unit that could go: what kind of cut that is, where it stands, and the tokens it would save."""

    unit: str
    place: str
    what: str
    tokens: int


def section_sizes(text: str) -> tuple[Size, ...]:
    """The size of each section of a canonical agent, in order; what stands before the first heading has no title."""
    body = text.split("\n---\n", 1)[-1] if text.startswith("---\n") else text
    found: list[tuple[str, list[str]]] = [("", [])]
    fence = ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and fence and mark.group(1).startswith(fence):
            fence = ""
        elif not fence and _HEADING.match(line):
            found.append((line.lstrip("# ").strip(), []))
        found[-1][1].append(line)
    parts = [(title, "\n".join(lines).strip("\n")) for title, lines in found]
    return tuple(Size(title, len(part.split()), tokens(part)) for title, part in parts if part)


def provenance_tokens(text: str) -> int:
    """About how many tokens the comments that name sources cost."""
    return tokens(text) - tokens(without_provenance(text))


def cheapest_cuts(
    agents: Sequence[Agent],
    decisions: Sequence[Decision],
    pairs: Iterable[Alignment | Candidate],
    spare: int,
) -> tuple[Cut, ...]:
    """What could go to save ``spare`` tokens, what is missed least first; nothing is cut here.

    Restatements come first (the surest before others), then lines that say little, then whole examples.
    """
    units = {unit.id: unit for agent in agents for unit in agent.units}
    paths = {agent.source.id: agent.source.path for agent in agents}
    kept = {made.unit for made in decisions if made.outcome is Outcome.KEPT}
    ranked = sorted(_cuts(units, kept, pairs), key=lambda cut: cut[:3])
    chosen: list[Cut] = []
    saved = 0
    taken: set[str] = set()
    for _, _, unit_id, what in ranked:
        if saved >= spare:
            break
        if unit_id in taken:
            continue
        taken.add(unit_id)
        unit = units[unit_id]
        cost = tokens(unit.text)
        chosen.append(Cut(unit_id, f"{paths[unit.source]}:{unit.lines[0]}", what, cost))
        saved += cost
    return tuple(chosen)


def _cuts(units: Mapping[str, Unit], kept: set[str], pairs: Iterable[Alignment | Candidate]) -> Iterable[tuple[int, float, str, str]]:
    """Every cut with its rank: the kind, within it the value of what is lost, the unit, and in words."""
    for pair in pairs:
        if pair.score >= _LIKELY and pair.a in kept and pair.b in kept:
            shorter, longer = sorted((pair.a, pair.b), key=lambda u: (len(units[u].text), u))
            if units[shorter].kind in (Kind.ITEM, Kind.CHECK, Kind.SENTENCE):
                yield 0, -pair.score, shorter, f"likely restates {longer}"
    for unit_id in kept:
        unit = units[unit_id]
        words = unit.text.split()
        if unit.kind in (Kind.ITEM, Kind.SENTENCE) and len(words) <= _FEW_WORDS and not re.search(r"[\d`A-Z/]", unit.text[1:]):
            yield 1, float(len(unit.text)), unit_id, "says little"
        elif unit.kind is Kind.CODE:
            yield 2, -float(tokens(unit.text)), unit_id, "an example"
