"""Compose the canonical body: parts in a natural order, each with its kept units in blocks.

A topic becomes a part under its clearest heading. Parts nest as most of their sources nest them,
stand in the order of what they are for (``roles``), and a statement whose part has nothing else
left moves to the part that it fits best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmerge.merge.align import Aligned
from agentmerge.merge.claims import turns_around
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.decide import Decisions
from agentmerge.merge.roles import DOMAIN, is_plain, order_of, role_of
from agentmerge.merge.subjects import subject_of
from agentmerge.merge.topics import Topic, find_topics, stays_item
from agentmerge.model import Agent, Chunk, Conflict, Decision, Finding, HeadingStyle, Kind, Outcome, Outline, Part, Section, Unit
from agentmerge.rules.policy import Policy

_STYLE_RANK = {
    HeadingStyle.ATX: 0,
    HeadingStyle.SETEXT: 0,
    HeadingStyle.BOLD: 1,
    HeadingStyle.PLAIN: 2,
    HeadingStyle.TAG: 2,
    HeadingStyle.ITEM: 3,
}
_MAX_DEPTH = 4
# Under principles or checks nothing of another role belongs, whatever one file's nesting says.
_NARROW = frozenset(("principles", "avoid", "checks", "scope"))
# Headings this surely the same are merged; others on the topic are overridden.
_SAME_HEADING = 0.9
_SAME_ROLE = 0.4


class Body(NamedTuple):
    """The canonical body and what became of every unit.

    ``language`` is that of preferred wordings; ``wanted`` are tools that statements need and a rule adds.
    """

    outline: Outline
    decisions: Mapping[str, Decision]
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    wanted: tuple[str, ...]
    language: str


@dataclass(slots=True)
class _Draft:
    """A part while it is being composed."""

    topic: Topic
    heading: Unit | None
    title: str
    members: list[Section]
    units: list[Unit] = field(default_factory=list)
    parent: _Draft | None = None
    children: list[_Draft] = field(default_factory=list)
    position: float = 0.0
    only_code: bool = False

    @property
    def role(self) -> str:
        """What the part is for; code under a heading is an example, whatever it is called."""
        return "reference" if self.only_code and self.topic.role == DOMAIN else self.topic.role

    @property
    def order(self) -> tuple[float, float, str]:
        return (order_of(self.role), self.position, self.topic.id)


@dataclass(slots=True)
class _Team:
    """Look-ups over all sources of a build."""

    agents: Sequence[Agent]
    units: Mapping[str, Unit]
    sections: Mapping[str, Section]
    comparison: Comparison
    policy: Policy
    decided: dict[str, Decision]
    language: str
    procedures: Mapping[str, str]
    linked: frozenset[frozenset[str]]
    liked: frozenset[str]
    disliked: frozenset[str]

    def kept(self, unit: Unit) -> bool:
        made = self.decided.get(unit.id)
        return made is None or made.outcome is Outcome.KEPT

    def rank(self, source: str, units: Sequence[Unit]) -> int:
        """A source's place in the policy's priority for what is decided about these units."""
        return self.policy.rank(source, at=subject_of(units, self.sections, self.comparison.readings, self.policy))

    def record(self, unit: str, outcome: Outcome, rule: str, why: str, into: str | None = None) -> None:
        self.decided[unit] = Decision(unit=unit, outcome=outcome, into=into, rule=rule, why=why)


def compose(agents: Sequence[Agent], aligned: Aligned, decisions: Decisions, policy: Policy) -> Body:
    """The outline of the canonical body, and every unit's decision (headings and tags included)."""
    team = _Team(
        agents=agents,
        units={u.id: u for agent in agents for u in agent.units},
        sections={s.id: s for agent in agents for s in agent.sections},
        comparison=aligned.comparison,
        policy=policy,
        decided=dict(decisions.units),
        language=decisions.language,
        procedures=decisions.procedures,
        linked=_linked(aligned),
        liked=decisions.liked,
        disliked=decisions.disliked,
    )
    topics = find_topics(agents, aligned)
    drafts = [_draft(topic, team) for topic in topics]
    root = drafts[0]
    by_section = {section.id: draft for draft in drafts for section in draft.members}
    _fill(team, by_section)
    _nest(drafts, team, by_section)
    _settle_leads(team, drafts)
    _relocate(drafts, team)
    _settle_headings(drafts, team)
    title = root.heading.id if root.heading else None
    parts = [Part(role="root", title=root.title, heading=title, level=1, chunks=tuple(_chunks(root, team)))]
    for draft in sorted(root.children, key=lambda d: d.order):
        parts.extend(_parts(draft, 2, team))
    _keep_the_rest(team)
    outline = Outline(parts=tuple(part for part in parts if part.heading or part.chunks))
    return Body(
        outline=outline,
        decisions=team.decided,
        conflicts=decisions.conflicts,
        findings=decisions.findings,
        wanted=decisions.wanted,
        language=decisions.language,
    )


def _linked(aligned: Aligned) -> frozenset[frozenset[str]]:
    """Headings that say the same; of two that only name one role less certainty will do."""
    names = {unit: reading.place for unit, reading in aligned.comparison.readings.items()}
    found = {frozenset(pair) for pair in aligned.placed}
    for al in aligned.alignments:
        one, other = names[al.a], names[al.b]
        same_role = one.plain and other.plain and one.names == other.names
        if al.score >= (_SAME_ROLE if same_role else _SAME_HEADING):
            found.add(frozenset((al.a, al.b)))
    return frozenset(found)


def _keep_the_rest(team: _Team) -> None:
    """What nothing decided is kept: as the wording that stays for others, or as the only one."""
    taken: dict[str, list[str]] = defaultdict(list)
    for made in team.decided.values():
        if made.outcome is Outcome.MERGED and made.into:
            taken[made.into].append(made.unit)
    for unit in team.units.values():
        if unit.id not in team.decided:
            others = taken.get(unit.id, [])
            if others:
                team.record(unit.id, Outcome.KEPT, "DUP001", f"the wording that stays; it speaks for {', '.join(sorted(others))} too")
            else:
                team.record(unit.id, Outcome.KEPT, "KEEP001", "no other source says this")


# --- parts -------------------------------------------------------------------------------------


def _draft(topic: Topic, team: _Team) -> _Draft:
    members = [team.sections[s] for s in topic.sections]
    heading = None
    if topic.role != "root":
        headings = [team.units[s.heading] for s in members if s.heading]
        heading = min(headings, key=lambda h: _heading_rank(h, team, headings))
    positions = []
    for section in members:
        agent = next(a for a in team.agents if a.source.id == section.source)
        positions.append(agent.sections.index(section) / max(1, len(agent.sections)))
    kinds = {team.units[u].kind for s in members for u in s.units}
    return _Draft(
        topic,
        heading,
        heading.label if heading else "",
        members,
        position=sum(positions) / len(positions),
        only_code=kinds == {Kind.CODE} and topic.role != "root",
    )


def _heading_rank(heading: Unit, team: _Team, headings: Sequence[Unit]) -> tuple[object, ...]:
    """The clearest heading: a person's choice, in the preferred language, what most others say, a real heading, of substance, short."""
    section = team.sections[heading.section]
    words = len(heading.label.split())
    substance = team.comparison.mass(team.comparison.readings[heading.id].title)
    return (
        heading.id not in team.liked,
        heading.id in team.disliked,
        heading.language != team.language,
        team.rank(heading.source, headings),
        -sum(frozenset((heading.id, other.id)) in team.linked for other in headings),
        _STYLE_RANK[section.style],
        words > 5,
        -round(min(substance, 2.0), 1),
        words,
        heading.id,
    )


def _is_item(section: Section, team: _Team, by_section: Mapping[str, _Draft]) -> bool:
    if section.style is not HeadingStyle.ITEM:
        return False
    if stays_item(section, team.sections):
        return True
    parent = team.sections[section.parent] if section.parent else None
    # Under "Core Responsibilities" a bold lead names a topic; elsewhere a lone one is a list item.
    return len(by_section[section.id].members) == 1 and (parent is None or role_of(parent.title) != "scope")


def _home(section: Section, team: _Team, by_section: Mapping[str, _Draft]) -> _Draft:
    """The part that a section's units go to."""
    while _is_item(section, team, by_section) and section.parent:
        section = team.sections[section.parent]
    return by_section[section.id]


def _named_places(team: _Team) -> Mapping[str, Section]:
    """For an example that others gave way to, the section of one of them whose heading names just that example.

    Only for one that stands among other examples: its own heading names them all, so it says less.
    """
    found: dict[str, Section] = {}
    for unit in team.units.values():
        made = team.decided.get(unit.id)
        if made and made.rule == "CODE001" and made.into and _code_in(team, unit) == 1 and _code_in(team, team.units[made.into]) > 1:
            found.setdefault(made.into, team.sections[unit.section])
    return found


def _code_in(team: _Team, unit: Unit) -> int:
    """How many blocks a code block's section holds, itself among them; 0 when it holds words too, or has no heading."""
    section = team.sections[unit.section]
    kinds = [team.units[u].kind for u in section.units if u != section.heading]
    return len(kinds) if section.heading and set(kinds) == {Kind.CODE} else 0


def _fill(team: _Team, by_section: Mapping[str, _Draft]) -> None:
    named = _named_places(team)
    for agent in team.agents:
        for unit in agent.units:
            section = team.sections[unit.section]
            if unit.kind in (Kind.HEADING, Kind.TAG) and not _is_item(section, team, by_section):
                continue
            if team.kept(unit):
                _home(named.get(unit.id, section), team, by_section).units.append(unit)


def _nest(drafts: Sequence[_Draft], team: _Team, by_section: Mapping[str, _Draft]) -> None:
    """Hang each part under the part that most of its sections stand in."""
    root = drafts[0]
    by_id = {d.topic.id: d for d in drafts}
    for draft in drafts[1:]:
        votes: dict[str, int] = defaultdict(int)
        for section in draft.members:
            parent = _home(team.sections[section.parent], team, by_section) if section.parent else root
            votes[parent.topic.id] += 1
        best = max(votes.values())
        names = [name for name, count in votes.items() if count == best]
        alike = next((name for name in names if by_id[name].role == draft.role != DOMAIN), None)
        chosen = by_id[alike or next((name for name in names if name == root.topic.id), names[0])]
        foreign = draft.role not in (DOMAIN, chosen.role) and chosen.role in _NARROW
        draft.parent = root if chosen is draft or foreign or _cycle(chosen, draft) else chosen
    gathering = next((d for d in drafts[1:] if d.role == "reference" and is_plain(d.title) and d.parent is root), None)
    for draft in drafts[1:]:
        if gathering and draft is not gathering and draft.parent is root and draft.only_code and not _cycle(gathering, draft):
            draft.parent = gathering
    for draft in drafts[1:]:
        (draft.parent or root).children.append(draft)


def _cycle(parent: _Draft, child: _Draft) -> bool:
    at: _Draft | None = parent
    while at:
        if at is child:
            return True
        at = at.parent
    return False


def _statements(draft: _Draft, team: _Team) -> list[Unit]:
    return [u for u in draft.units if team.kept(u) and u.kind not in (Kind.LEAD, Kind.HEADING, Kind.TAG)]


def _settle_leads(team: _Team, drafts: Sequence[_Draft]) -> None:
    """A lead-in, or a bold lead that is a list item, goes when nothing that it leads in stays."""
    for draft in drafts:
        for unit in draft.units:
            if unit.kind is Kind.HEADING and unit.id not in team.decided:
                below = [u for u in team.units.values() if u.section == unit.section and u is not unit]
                if any(team.kept(u) for u in below):
                    team.record(unit.id, Outcome.KEPT, "KEEP001", "the lead of statements that stay")
                else:
                    team.record(unit.id, Outcome.DROPPED, "FORM001", "all that stood under it is said elsewhere")
    following: dict[str, list[Unit]] = defaultdict(list)
    for agent in team.agents:
        lead: Unit | None = None
        for unit in agent.units:
            if unit.kind is Kind.LEAD:
                lead = unit
            elif lead and unit.section == lead.section and unit.kind in (Kind.ITEM, Kind.CHECK, Kind.CODE, Kind.ROW, Kind.HTML):
                following[lead.id].append(unit)
            else:
                lead = None
    for unit in team.units.values():
        if unit.kind is Kind.LEAD and team.kept(unit) and not any(team.kept(u) for u in following[unit.id]):
            team.record(unit.id, Outcome.DROPPED, "FORM001", "nothing that it leads in is left here")


def _relocate(drafts: Sequence[_Draft], team: _Team) -> None:
    """Move the lone statement of a part that shrank to the part that it fits best."""
    for draft in sorted(drafts[1:], key=lambda d: d.topic.id):
        left = _statements(draft, team)
        whole = [u for s in draft.members for u in s.units]
        led = any(team.kept(u) and u.kind in (Kind.LEAD, Kind.HEADING) for u in draft.units)
        if len(left) != 1 or led or len(whole) <= 2 or draft.children or left[0].kind not in (Kind.ITEM, Kind.SENTENCE):
            continue
        unit = left[0]
        best = max(
            (
                d
                for d in drafts[1:]
                if d is not draft and turns_around(d.title) == turns_around(draft.title) and len(_statements(d, team)) >= 2
            ),
            key=lambda d: (_fit(unit, d, team), d.topic.id),
            default=None,
        )
        if best is not None and _fit(unit, best, team) > 0:
            draft.units.clear()
            best.units.append(unit)


def _fit(unit: Unit, draft: _Draft, team: _Team) -> float:
    own = team.comparison.readings[unit.id].concepts
    others: set[str] = set()
    for other in draft.units:
        others |= team.comparison.readings[other.id].concepts
    title = frozenset().union(*(team.comparison.readings[s.heading].title for s in draft.members if s.heading))
    return team.comparison.mass(own & frozenset(others)) + team.comparison.mass(own & title)


# --- headings ----------------------------------------------------------------------------------


def _alive(draft: _Draft, team: _Team) -> bool:
    return bool(_statements(draft, team)) or any(_alive(child, team) for child in draft.children)


def _settle_headings(drafts: Sequence[_Draft], team: _Team) -> None:
    root = drafts[0]
    for draft in drafts[1:]:
        had = [sum(s.parent == member.id for s in team.sections.values()) for member in draft.members]
        if len(draft.children) == 1 and not _statements(draft, team) and draft.parent and min(had) > 1:
            # A heading whose other parts have gone says nothing of its own over the one that is left.
            child = draft.children[0]
            child.parent = draft.parent
            draft.parent.children.append(child)
            draft.children = []
    for draft in drafts[1:]:
        alive = _alive(draft, team)
        if not alive and draft.parent and draft in draft.parent.children:
            draft.parent.children.remove(draft)
        for section in draft.members:
            if section.heading is None or section.heading in team.decided:
                continue
            if not alive or draft.heading is None:
                team.record(section.heading, Outcome.DROPPED, "FORM001", "all that stood under it is said elsewhere")
            elif section.heading == draft.heading.id:
                team.record(section.heading, Outcome.KEPT, "HEAD001", "the clearest heading of its topic")
            else:
                same = frozenset((section.heading, draft.heading.id)) in team.linked
                outcome = Outcome.MERGED if same else Outcome.OVERRIDDEN
                team.record(section.heading, outcome, "HEAD001", f"its topic stands under {draft.title!r}", draft.heading.id)
    _settle_titles(root, team)
    for unit in team.units.values():
        if unit.kind is Kind.TAG and unit.id not in team.decided:
            team.record(unit.id, Outcome.DROPPED, "FORM001", "the end of a section tag", unit.parent)


def _settle_titles(root: _Draft, team: _Team) -> None:
    """The title of a whole file: one stays when at least half of the sources have one."""
    titles = [team.units[s.heading] for s in root.members if s.heading]
    kept = min(titles, key=lambda h: _heading_rank(h, team, titles)) if 2 * len(titles) >= len(team.agents) else None
    for title in titles:
        if kept is None:
            team.record(title.id, Outcome.DROPPED, "FORM001", "the title of a whole file, which most sources have not")
        elif title is kept:
            team.record(title.id, Outcome.KEPT, "HEAD001", "the title of the whole file")
            root.heading, root.title = kept, kept.label
        else:
            same = frozenset((title.id, kept.id)) in team.linked
            team.record(title.id, Outcome.MERGED if same else Outcome.OVERRIDDEN, "HEAD001", "one title is enough", kept.id)


# --- blocks ------------------------------------------------------------------------------------


def _parts(draft: _Draft, level: int, team: _Team) -> Iterable[Part]:
    heading = draft.heading.id if draft.heading else None
    yield Part(role=draft.role, title=draft.title, heading=heading, level=min(level, 6), chunks=tuple(_chunks(draft, team)))
    for child in sorted(draft.children, key=lambda d: d.order):
        yield from _parts(child, min(level + 1, _MAX_DEPTH), team)


@dataclass(slots=True)
class _Group:
    """Units of one block: a paragraph, a list, a table, a code block; ``lead`` introduces it."""

    kind: str
    units: list[Unit]
    lead: Unit | None = None


def _chunks(draft: _Draft, team: _Team) -> Iterable[Chunk]:
    """The blocks of a part: as in the file when one source is left, else by kind."""
    kept = [u for u in draft.units if team.kept(u)]
    # Of identities that stay the first that was decided opens the agent; others are claims.
    identity = next(
        (team.units[made.unit] for made in team.decided.values() if made.rule == "PERS001" and team.kept(team.units[made.unit])), None
    )
    if identity in kept:
        # The identity comes first, with what else its author says in that paragraph.
        kept = [u for u in kept if u.block != identity.block]
        first = [u for u in draft.units if team.kept(u) and u.block == identity.block]
        yield Chunk(kind="paragraph", units=tuple(u.id for u in first))
    counts: dict[str, int] = defaultdict(int)
    for unit in kept:
        counts[unit.source] += 1
    order = sorted(counts, key=lambda s: (team.rank(s, kept), -counts[s], s))
    groups: list[_Group] = []
    for source in order:
        groups.extend(_groups([u for u in kept if u.source == source], team))
    if len(order) > 1:
        groups = _fused(groups, team.language)
    for group in groups:
        if group.lead:
            yield Chunk(kind="lead", units=(group.lead.id,))
        if group.kind in ("list", "steps", "checks"):
            yield from _items(group, team, draft, numbered=group.kind == "steps" or _keeps_numbers(group, order, team, draft))
        else:
            yield Chunk(kind=group.kind, units=tuple(u.id for u in group.units))


def _keeps_numbers(group: _Group, order: Sequence[str], team: _Team, draft: _Draft) -> bool:
    """A numbered list of one author stays numbered, unless its items are sentences of a lifted lead."""
    lifted = any(team.sections[u.section].style is HeadingStyle.ITEM and team.sections[u.section] in draft.members for u in group.units)
    return len(order) == 1 and group.units[0].ordered and not lifted


_GROUP_ORDER = ("paragraph", "list", "steps", "table", "code", "raw", "checks", "definition")


def _fused(groups: list[_Group], language: str) -> list[_Group]:
    """One paragraph run, one bullet list, one checklist; procedures and what has a lead stay whole."""
    fused: dict[str, _Group] = {}
    result: list[_Group] = []
    # A checklist that is introduced takes in those that are not.
    for group in sorted(groups, key=lambda g: g.kind == "checks" and g.lead is None):
        if group.kind not in ("list", "checks") or (group.lead and (group.kind == "list" or group.kind in fused)):
            result.append(group)
        elif group.kind in fused:
            fused[group.kind].units.extend(group.units)
        else:
            fused[group.kind] = group
            result.append(group)
    for group in fused.values():
        group.units = _preferred_first(group.units, language)
    return sorted(result, key=lambda g: (_GROUP_ORDER.index(g.kind), g.lead is not None))


def _preferred_first(units: Sequence[Unit], language: str) -> list[Unit]:
    """Items in the preferred language before the others, each with what is nested in it."""
    runs: list[list[Unit]] = []
    for unit in units:
        same = runs and runs[-1][0].source == unit.source and (unit.depth > 0 or unit.item == runs[-1][0].item)
        if same:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    runs.sort(key=lambda run: run[0].language not in (language, "code"))
    return [unit for run in runs for unit in run]


def _groups(units: Sequence[Unit], team: _Team) -> list[_Group]:
    groups: list[_Group] = []
    lead: Unit | None = None
    for unit in units:
        if unit.kind is Kind.LEAD and unit.item is None:
            lead = unit
            continue
        kind = _group_kind(unit, team)
        last = groups[-1] if groups else None
        same = last is not None and last.kind == kind and last.units[-1].block == unit.block and lead is None
        if last is not None and (same or (kind in ("list", "checks") and last.kind == kind and lead is None and not last.lead)):
            last.units.append(unit)
        else:
            groups.append(_Group(kind, [unit], lead))
        lead = None
    return groups


def _group_kind(unit: Unit, team: _Team) -> str:
    if unit.item is not None:
        if unit.id in team.procedures or (unit.parent and unit.parent in team.procedures):
            return "steps"
        return "checks" if unit.kind is Kind.CHECK else "list"
    return {Kind.ROW: "table", Kind.CODE: "code", Kind.HTML: "raw", Kind.COMMENT: "raw", Kind.DEFINITION: "definition"}.get(
        unit.kind, "paragraph"
    )


def _items(group: _Group, team: _Team, draft: _Draft, *, numbered: bool) -> Iterable[Chunk]:
    """List items with their sentences; what is nested in a kept item stays below it."""
    depth_of: dict[str, int] = {}
    counters: dict[int, int] = {}
    position = 0
    while position < len(group.units):
        unit = group.units[position]
        together = [unit]
        if unit.kind in (Kind.ITEM, Kind.CHECK, Kind.HEADING) and unit.marker:
            while position + 1 < len(group.units) and _same_item(unit, group.units[position + 1], team, draft):
                position += 1
                together.append(group.units[position])
        position += 1
        depth = depth_of[unit.parent] + 1 if unit.parent in depth_of else 0
        for member in together:
            depth_of[member.id] = depth
        if unit.kind is Kind.CODE or unit.kind in (Kind.HTML, Kind.COMMENT):
            yield Chunk(kind="code", units=(unit.id,), depth=depth)
        elif unit.kind is Kind.ROW:
            yield Chunk(kind="table", units=(unit.id,), depth=depth)
        elif not unit.marker:
            yield Chunk(kind="paragraph", units=tuple(u.id for u in together), depth=depth)
        else:
            counters = {d: n for d, n in counters.items() if d <= depth}
            ordered = unit.ordered and (numbered or depth > 0)
            counters[depth] = counters.get(depth, 0) + 1
            box = unit.marker[unit.marker.index("[") :] if unit.marker.endswith("]") else ""
            marker = f"{counters[depth]}." if ordered else f"- {box}".strip()
            yield Chunk(kind="item", units=tuple(u.id for u in together), depth=depth, marker=marker)


def _same_item(unit: Unit, other: Unit, team: _Team, draft: _Draft) -> bool:
    """Sentences of one list item stay together, unless their bold lead became a heading."""
    if other.item != unit.item or other.source != unit.source or not other.marker:
        return False
    section = team.sections[unit.section]
    lifted = section.style is HeadingStyle.ITEM and section in draft.members
    return not lifted
