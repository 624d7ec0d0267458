"""Group the sections of a team into topics: which sections of different files are one.

Two sections are one topic when their headings say the same, or when most of what one says the
other says too. Sections join pair by pair, best first, as long as the average link holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.align import Aligned
from agentmerge.merge.claims import concepts_of, numbers_of, plain, turns_around
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.heading_words import same_name
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.roles import DOMAIN, is_plain, role_of
from agentmerge.model import Agent, HeadingStyle, Kind, Section

_JOIN = 0.5
# From here on two headings are one name.
_ONE_NAME = 0.9
_AVERAGE = 0.3
# Sections of these roles are one topic when their headings say no more than the role: "Best
# Practices" and "Development Principles". Procedures and outputs are not: each is its own.
ROLES_THAT_JOIN = frozenset(("principles", "avoid", "checks", "reference", "scope"))
# What a heading may say of the form of its section rather than of its matter.
_FORMS = frozenset(
    (
        *("best-practice", "practice", "principle", "guideline", "rule", "standard", "criterion", "requirement", "consider", "guide"),
        *("process", "workflow", "protocol", "methodology", "step", "task", "strategy", "pattern", "example", "template", "format"),
        *("checklist", "list", "type", "level", "area", "overview", "summarize", "responsibility", "key", "advanced"),
    )
)

_NO_STEPS: Mapping[str, str] = {}


class Topic(NamedTuple):
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


def find_topics(
    agents: Sequence[Agent],
    aligned: Aligned,
    base: str | None = None,
    apart: frozenset[frozenset[str]] = frozenset(),
    *,
    steps: Mapping[str, str] = _NO_STEPS,
    gone: frozenset[str] = frozenset(),
) -> tuple[Topic, ...]:
    """The topics of a team; the first is the root, the others stand in the order of their sections.

    Sections of the ``base`` never join one another, nor do pairs that are ``apart`` or hold a procedure each,
    not even through a third. ``steps`` names, for each unit that stays as a step, its procedure. A section whose statements are
    all ``gone`` joins others by its name only: what it said binds no others together.
    """
    sections = {s.id: s for agent in agents for s in agent.sections}
    place = {name: n for n, name in enumerate(sections)}
    wrapping = frozenset[str]().union(*(transparent(agent) for agent in agents))
    free = [s for s in sections.values() if s.id not in wrapping]
    similar, procedures = _similarities(
        [s for s in free if not stays_item(s, sections) and not (s.source == base and s.style is HeadingStyle.ITEM)],
        agents,
        aligned,
        steps,
        gone,
    )
    apart |= procedures
    groups: dict[str, tuple[str, ...]] = {s.id: (s.id,) for s in free}
    for (a_id, b_id), value in sorted(similar.items(), key=lambda item: (-item[1], item[0])):
        if value < _JOIN:
            break
        left, right = groups[a_id], groups[b_id]
        if left is right or _average(left, right, similar) < _AVERAGE:
            continue
        if all(any(sections[x].source == base for x in group) for group in (left, right)):
            continue
        if any(frozenset((x, y)) in apart or _ancestor(x, y, sections) for x in left for y in right):
            continue
        joined = tuple(sorted({*left, *right}, key=lambda name: place[name]))
        for member in joined:
            groups[member] = joined
    topics = [Topic(id="", sections=tuple(sorted(wrapping, key=lambda name: place[name])), role="root")]
    seen: set[str] = set()
    for section in free:
        group = groups[section.id]
        if group[0] not in seen:
            seen.add(group[0])
            topics.append(Topic(id=group[0], sections=group, role=_role(group, sections, steps)))
    return tuple(topics)


def _role(group: Sequence[str], sections: Mapping[str, Section], steps: Mapping[str, str]) -> str:
    votes: dict[str, int] = defaultdict(int)
    for member in group:
        votes[_role_in(sections[member], sections, steps)] += 1
    best = max(votes.values())
    named = [role for role, count in votes.items() if count == best]
    return next((role for role in named if role != DOMAIN), DOMAIN)


def _role_in(section: Section, sections: Mapping[str, Section], steps: Mapping[str, str]) -> str:
    """What a section is for; "Process & Quality" among principles, without steps, is one more of them."""
    role, parent = role_of(section.title), sections.get(section.parent or "")
    if role == "workflow" and parent and role_of(parent.title) == "principles" and steps.keys().isdisjoint(section.units):
        return "principles"
    return role


class _Look(NamedTuple):
    """What the comparison of two sections looks at.

    ``holds`` are units here and further in, ``reach`` what aligns with them; a ``chapter`` has
    sections of its own; of an ``empty`` one no statement is left.
    """

    section: Section
    title: frozenset[str]
    language: str
    numbers: frozenset[str]
    role: str
    plain: bool
    chapter: bool
    steps: bool
    negative: bool
    holds: frozenset[str]
    reach: frozenset[str]
    empty: bool


def _similarities(
    free: Sequence[Section], agents: Sequence[Agent], aligned: Aligned, steps: Mapping[str, str], gone: frozenset[str]
) -> tuple[Mapping[tuple[str, str], float], frozenset[frozenset[str]]]:
    """How surely each two sections are one topic, and which two are never one, not even through a third."""
    sections = {s.id: s for agent in agents for s in agent.sections}
    languages = {u.id: u.language for agent in agents for u in agent.units}
    statements = {u.id for agent in agents for u in agent.units if u.kind not in (Kind.CODE, Kind.HEADING)}
    holds: dict[str, set[str]] = defaultdict(set)
    for section in sections.values():
        at: Section | None = section
        while at is not None:
            holds[at.id].update(unit for unit in section.units if unit in statements)
            at = sections.get(at.parent or "")
    stepped = {u.section for agent in agents for u in agent.units if u.id in steps}
    stepped |= {sections[s].parent or "" for s in stepped if sections[s].style is HeadingStyle.ITEM}
    chapters = {s.parent for s in sections.values() if _makes_a_chapter(s, sections, steps)}
    partners: dict[str, set[str]] = defaultdict(set)
    for al in aligned.alignments:
        partners[al.a].add(al.b)
        partners[al.b].add(al.a)
    looks = [
        _Look(
            section=s,
            title=concepts_of(plain(s.title), aligned.comparison.lexicon),
            language=languages.get(s.heading or "", ""),
            numbers=frozenset(numbers_of(s.title)),
            role=_role_in(s, sections, steps),
            plain=is_plain(s.title),
            chapter=s.id in chapters,
            steps=s.id in stepped,
            negative=turns_around(s.title),
            holds=frozenset(holds[s.id]),
            reach=frozenset[str]().union(*(partners[unit] for unit in holds[s.id])),
            empty=gone.issuperset(holds[s.id]),
        )
        for s in free
    ]
    similar: dict[tuple[str, str], float] = {}
    apart = set()
    doubles = {look.section.id for look in looks if _is_double(look, looks)}
    for n, a in enumerate(looks):
        for b in looks[n + 1 :]:
            if (a.section.id in doubles and b.title < a.title) or (b.section.id in doubles and a.title < b.title):
                continue  # "Security and Performance" is neither of the two; its statements are distributed.
            value = _similarity(a, b, partners, aligned)
            if value > 0:
                similar[(a.section.id, b.section.id)] = value
            elif a.steps and b.steps:
                apart.add(frozenset((a.section.id, b.section.id)))
    return similar, frozenset(apart)


def _makes_a_chapter(section: Section, sections: Mapping[str, Section], steps: Mapping[str, str]) -> bool:
    """Whether what encloses a section is a chapter: for its heading, or as it is another list of what the enclosing one lists."""
    if section.style in (HeadingStyle.ATX, HeadingStyle.SETEXT):
        return True
    above = sections.get(section.parent or "")
    if above is None or section.style is HeadingStyle.ITEM or not is_plain(section.title):
        return False
    role = _role_in(section, sections, steps)
    return role in ROLES_THAT_JOIN and role == _role_in(above, sections, steps)


def _is_double(look: _Look, looks: Sequence[_Look]) -> bool:
    """Whether a heading names just what two or more other headings name, each a part of it."""
    parts = [other.title for other in looks if other.title and other.title < look.title]
    return frozenset[str]().union(*parts) == look.title and any(a.isdisjoint(b) for a in parts for b in parts)


def _similarity(a: _Look, b: _Look, partners: Mapping[str, set[str]], aligned: Aligned) -> float:
    """How surely two sections are one topic (0 to 1)."""
    one, two = a.section, b.section
    if frozenset((one.heading or "", two.heading or "")) in aligned.apart:
        return 0.0
    title = aligned.comparison.overlap(a.title, b.title, False)
    if HeadingStyle.ITEM in (one.style, two.style) and not title[0] and a.language == b.language:
        return 0.0  # The bold lead of a list item names one thing: what stands under it alone makes no topic.
    if a.steps and b.steps:
        return 0.0  # Two procedures stand side by side under their own headings.
    if frozenset((one.source, two.source)) in aligned.versions:
        return 1.0 if (one.heading, two.heading) in aligned.placed or (two.heading, one.heading) in aligned.placed else 0.0
    if (a.numbers and b.numbers and a.numbers != b.numbers) or a.negative != b.negative:
        return 0.0
    # A chapter with sections of its own is more than its role says.
    same_role = a.role == b.role and a.role in ROLES_THAT_JOIN and a.plain and b.plain and a.chapter == b.chapter
    if one.source == two.source:
        # One author's two sections are two on purpose, unless their headings say the same.
        return 1.0 if a.title == b.title and a.title else 0.6 if same_role else 0.0
    # "Example" says what it is for, not what about: that it stands in "Example of a query" names nothing.
    bare = any(look.plain and look.role == "reference" for look in (a, b))
    name = 1.0 if same_name(one.title, two.title) else max(title[0], 0.7 * title[1] if title[2] > 0.4 and not bare else 0.0)
    if name < _ONE_NAME and _names_another(a.title, b.title, aligned.comparison):
        name = 0.0
    if a.steps != b.steps and (name < _ONE_NAME or a.role != b.role):
        return 0.0  # Techniques are not steps: what stands beside a procedure has a heading of its own.
    if a.role != b.role:
        name *= 0.75 if DOMAIN in (a.role, b.role) else 0.5
    elif a.chapter != b.chapter and name < _ONE_NAME:
        name *= 0.75  # "Usage Patterns" is no chapter on "Test Patterns".
    content = 0.0
    # What one author says in a workflow another says as output: that makes no one section of the two.
    apart = a.role != b.role and DOMAIN not in (a.role, b.role)
    if not (a.steps or b.steps or a.empty or b.empty or apart) and not a.reach.isdisjoint(b.holds):
        left = sum(not b.holds.isdisjoint(partners[u]) for u in a.holds) / len(a.holds)
        right = sum(not a.holds.isdisjoint(partners[u]) for u in b.holds) / len(b.holds)
        content = min(left, right)
    return min(1.0, max(name, content, 0.6 if same_role else 0.0) + 0.3 * min(name, content))


def _names_another(a: frozenset[str], b: frozenset[str], comparison: Comparison) -> bool:
    """Whether two headings share the form of what stands below only: "Security Best Practices", "Naming Best Practices"."""
    kinds = comparison.lexicon.kinds
    one, two = (frozenset(c for c in title - _FORMS if kinds.get(c) != ConceptClass.GENERIC) for title in (a, b))
    return bool(one and two) and comparison.overlap(one, two, False)[1] == 0


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
