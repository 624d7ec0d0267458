"""Group the sections of a team into topics: which sections of different files are one.

Two sections are one topic when their headings say the same, or when most of what one says the
other says too. Sections join pair by pair, best first, as long as the average link holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentmerge.merge.align import Comparison
from agentmerge.merge.claims import concepts_of, plain
from agentmerge.merge.roles import DOMAIN, role_of
from agentmerge.model import Agent, Alignment, HeadingStyle, Section

_JOIN = 0.5
_AVERAGE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Sections that become one part; ``id`` is its first section's id, ``role`` what it is for."""

    id: str
    sections: tuple[str, ...]
    role: str


def transparent(agent: Agent) -> frozenset[str]:
    """Sections that only wrap the whole file: its root, a lone ``#`` title, one outer tag."""
    found = {agent.sections[0].id}
    titles = [s for s in agent.sections if s.style in (HeadingStyle.ATX, HeadingStyle.SETEXT) and s.level == 10]
    if len(titles) == 1:
        found.add(titles[0].id)
    outer = [s for s in agent.sections if s.style is HeadingStyle.TAG and s.parent == agent.sections[0].id]
    if len(outer) == 1 and not any(s.style is not HeadingStyle.TAG and s.parent == agent.sections[0].id for s in agent.sections):
        found.add(outer[0].id)
    return frozenset(found)


def stays_item(section: Section, sections: Mapping[str, Section]) -> bool:
    """Whether a bold lead is a list item of its section rather than a topic of its own."""
    if section.style is not HeadingStyle.ITEM:
        return False
    parent = sections.get(section.parent or "")
    return parent is not None and role_of(parent.title) in ("workflow", "principles", "checks", "output", "avoid")


def find_topics(agents: Sequence[Agent], comparison: Comparison, alignments: Sequence[Alignment]) -> tuple[Topic, ...]:
    """The topics of a team, ordered by their first section; every section stands in one."""
    sections = {s.id: s for agent in agents for s in agent.sections}
    wrapping = frozenset().union(*(transparent(agent) for agent in agents))
    home = {unit.id: unit.section for agent in agents for unit in agent.units}
    titles = {s.id: concepts_of(plain(s.title), comparison.lexicon) for s in sections.values()}
    links = _content_links(alignments, home)
    similar: dict[tuple[str, str], float] = {}
    free = [s for s in sections.values() if s.id not in wrapping]
    for n, a in enumerate(free):
        for b in free[n + 1 :]:
            if stays_item(a, sections) or stays_item(b, sections):
                continue
            value = _similarity(a, b, titles, links, comparison)
            if value > 0:
                similar[(a.id, b.id)] = value
    groups: dict[str, tuple[str, ...]] = {s.id: (s.id,) for s in free}
    for (a_id, b_id), value in sorted(similar.items(), key=lambda item: (-item[1], item[0])):
        if value < _JOIN:
            break
        left, right = groups[a_id], groups[b_id]
        if left is right or _average(left, right, similar) < _AVERAGE:
            continue
        if any(_ancestor(x, y, sections) for x in left for y in right):
            continue
        joined = tuple(sorted({*left, *right}, key=list(sections).index))
        for member in joined:
            groups[member] = joined
    topics = [Topic(id="", sections=tuple(sorted(wrapping, key=list(sections).index)), role="root")]
    seen: set[str] = set()
    for section in free:
        group = groups[section.id]
        if group[0] not in seen:
            seen.add(group[0])
            topics.append(Topic(id=group[0], sections=group, role=_role(group, sections)))
    return tuple(topics)


def _role(group: Sequence[str], sections: Mapping[str, Section]) -> str:
    votes: dict[str, int] = defaultdict(int)
    for member in group:
        votes[role_of(sections[member].title)] += 1
    best = max(votes.values())
    named = [role for role, count in votes.items() if count == best]
    return next((role for role in named if role != DOMAIN), DOMAIN)


def _content_links(alignments: Sequence[Alignment], home: Mapping[str, str]) -> Mapping[tuple[str, str], tuple[frozenset[str], frozenset[str]]]:
    """For two sections, the units of each that align with one of the other."""
    left: dict[tuple[str, str], set[str]] = defaultdict(set)
    right: dict[tuple[str, str], set[str]] = defaultdict(set)
    for al in alignments:
        a, b = (al.a, al.b) if (home[al.a], al.a) <= (home[al.b], al.b) else (al.b, al.a)
        left[(home[a], home[b])].add(a)
        right[(home[a], home[b])].add(b)
    return {key: (frozenset(left[key]), frozenset(right[key])) for key in left}


def _similarity(
    a: Section,
    b: Section,
    titles: Mapping[str, frozenset[str]],
    links: Mapping[tuple[str, str], tuple[frozenset[str], frozenset[str]]],
    comparison: Comparison,
) -> float:
    title = comparison.overlap(titles[a.id], titles[b.id], False)
    name = max(title[0], 0.7 * title[1] if title[2] > 0.4 else 0.0)
    key = (a.id, b.id) if (a.id, b.id) in links else (b.id, a.id)
    found = links.get(key)
    content = 0.0
    if found and a.units and b.units:
        content = min(len(found[0]) / len(a.units), len(found[1]) / len(b.units), 1.0)
    roles = (role_of(a.title), role_of(b.title))
    if roles[0] != roles[1] and DOMAIN not in roles:
        name *= 0.5
    same_role = 0.25 if roles[0] == roles[1] and roles[0] in ("checks", "avoid", "workflow", "output") else 0.0
    if a.source == b.source:
        # One author's two sections are two on purpose, unless their headings say the same.
        return name if name >= 0.9 else 0.0
    return min(1.0, max(name, content) + 0.3 * min(name, content) + same_role)


def _average(left: Sequence[str], right: Sequence[str], similar: Mapping[tuple[str, str], float]) -> float:
    pairs = [similar.get((x, y), similar.get((y, x), 0.0)) for x in left for y in right]
    return sum(pairs) / len(pairs)


def _ancestor(a: str, b: str, sections: Mapping[str, Section]) -> bool:
    """Whether one section encloses the other: they can never be one."""
    for low, high in ((a, b), (b, a)):
        at: str | None = low
        while at:
            if at == high:
                return True
            at = sections[at].parent
    return False
