"""Compose the canonical body: parts in a natural order, each with its kept units in blocks.

A topic becomes a part under its clearest heading. Parts nest as most of their sources nest them,
stand in the order of what they are for (``roles``), and a statement whose part has nothing else
left moves to the part that it fits best. Where one source is the base, its parts stand as they are
in its file, and those of the others that have none to go to come after them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.align import Aligned, partners_of
from agentmerge.merge.blocks import chunks_of
from agentmerge.merge.decide import Decisions
from agentmerge.merge.drafts import Draft, Team, alive, statements_of
from agentmerge.merge.examples import fence_of
from agentmerge.merge.gather import gather, relocate
from agentmerge.merge.roles import DOMAIN, is_plain, role_of
from agentmerge.merge.rows import join_rows
from agentmerge.merge.topics import Topic, find_topics, stays_item
from agentmerge.model import Agent, Conflict, Decision, Finding, HeadingStyle, Kind, Outcome, Outline, Part, Section, Unit
from agentmerge.rules.policy import Policy
from agentmerge.rules.text.example_quality import NO_CODE

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


def compose(agents: Sequence[Agent], aligned: Aligned, decisions: Decisions, policy: Policy) -> Body:
    """The outline of the canonical body, and every unit's decision (headings and tags included)."""
    team = Team(
        agents=agents,
        units={u.id: u for agent in agents for u in agent.units},
        sections={s.id: s for agent in agents for s in agent.sections},
        comparison=aligned.comparison,
        policy=policy,
        decided=dict(decisions.units),
        language=decisions.language,
        procedures=decisions.procedures,
        partners=partners_of(aligned.alignments),
        linked=_linked(aligned),
        liked=decisions.liked,
        disliked=decisions.disliked,
    )
    topics = find_topics(agents, aligned, policy.base, decisions.forms.apart)
    drafts = [_draft(topic, team, decisions.forms.places) for topic in topics]
    root = drafts[0]
    by_section = {section.id: draft for draft in drafts for section in draft.members}
    _fill(team, by_section)
    join_rows(drafts, team)
    _nest(drafts, team, by_section)
    _settle_leads(team, drafts)
    gather(drafts, team)
    relocate(drafts, team)
    _settle_headings(drafts, team)
    _tell_apart(drafts, decisions.forms.rivals)
    title = root.heading.id if root.heading else None
    parts = [Part(role="root", title=root.title, heading=title, level=1, chunks=tuple(chunks_of(root, team)))]
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


def _keep_the_rest(team: Team) -> None:
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


def _draft(topic: Topic, team: Team, places: Mapping[str, int]) -> Draft:
    members = [team.sections[s] for s in topic.sections]
    heading = None
    if topic.role != "root":
        headings = [team.units[s.heading] for s in members if s.heading]
        heading = min(headings, key=lambda h: _heading_rank(h, team, headings))
    files = {agent.source.id: agent for agent in team.agents}
    positions = [_position(section, files[section.source]) for section in members]
    kinds = {team.units[u].kind for s in members for u in s.units}
    based = next((files[s.source].sections.index(s) for s in members if s.source == team.policy.base), None)
    return Draft(
        topic,
        heading,
        heading.label if heading else "",
        members,
        position=sum(positions) / len(positions),
        only_code=kinds == {Kind.CODE} and topic.role != "root",
        based=based,
        place=places.get(members[0].id) if members else None,
    )


def _position(section: Section, agent: Agent) -> float:
    """How far down its file a section stands (0 to 1); a bold lead stands in its section, so that no list item moves another section."""
    headed = [s for s in agent.sections if s.style is not HeadingStyle.ITEM]
    if section.style is not HeadingStyle.ITEM:
        return headed.index(section) / len(headed)
    around = next((s for s in headed if s.id == section.parent), headed[0])
    leads = [s for s in agent.sections if s.parent == section.parent]
    return (headed.index(around) + (leads.index(section) + 1) / (len(leads) + 1)) / len(headed)


def _heading_rank(heading: Unit, team: Team, headings: Sequence[Unit]) -> tuple[object, ...]:
    """The clearest heading: a person's choice, in the preferred language, what most others say, a real heading, of substance, short."""
    section = team.sections[heading.section]
    words = len(heading.label.split())
    substance = team.comparison.mass(team.comparison.readings[heading.id].title)
    return (
        heading.source != team.policy.base,
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


def _is_item(section: Section, team: Team, by_section: Mapping[str, Draft]) -> bool:
    if section.style is not HeadingStyle.ITEM:
        return False
    if section.source == team.policy.base or stays_item(section, team.sections):
        return True
    parent = team.sections[section.parent] if section.parent else None
    # Under "Core Responsibilities" a bold lead names a topic; elsewhere a lone one is a list item.
    return len(by_section[section.id].members) == 1 and (parent is None or role_of(parent.title) != "scope")


def _home(section: Section, team: Team, by_section: Mapping[str, Draft]) -> Draft:
    """The part that a section's units go to."""
    while _is_item(section, team, by_section) and section.parent:
        section = team.sections[section.parent]
    return by_section[section.id]


def _named_places(team: Team) -> Mapping[str, Section]:
    """For an example that others gave way to, the section of one of them whose heading names just that example.

    Only for one that stands among other examples: its own heading names them all, so it says less.
    """
    found: dict[str, Section] = {}
    for unit in team.units.values():
        made = team.decided.get(unit.id)
        if (
            made
            and made.rule == "CODE001"
            and made.into
            and team.units[made.into].source != team.policy.base
            and _code_in(team, unit) == 1
            and _code_in(team, team.units[made.into]) > 1
        ):
            found.setdefault(made.into, team.sections[unit.section])
    return found


def _code_in(team: Team, unit: Unit) -> int:
    """How many blocks a code block's section holds, itself among them; 0 when it holds words too, or has no heading."""
    section = team.sections[unit.section]
    kinds = [team.units[u].kind for u in section.units if u != section.heading]
    return len(kinds) if section.heading and set(kinds) == {Kind.CODE} else 0


def _fill(team: Team, by_section: Mapping[str, Draft]) -> None:
    named = _named_places(team)
    for agent in team.agents:
        for unit in agent.units:
            section = team.sections[unit.section]
            if unit.kind in (Kind.HEADING, Kind.TAG) and not _is_item(section, team, by_section):
                continue
            if team.kept(unit):
                _home(named.get(unit.id, section), team, by_section).units.append(unit)


def _nest(drafts: Sequence[Draft], team: Team, by_section: Mapping[str, Draft]) -> None:
    """Hang each part under the part that most of its sections stand in."""
    root = drafts[0]
    by_id = {d.topic.id: d for d in drafts}
    for draft in drafts[1:]:
        votes: dict[str, int] = defaultdict(int)
        own = [section for section in draft.members if section.source == team.policy.base]
        for section in own or draft.members:
            parent = _home(team.sections[section.parent], team, by_section) if section.parent else root
            votes[parent.topic.id] += 1
        best = max(votes.values())
        names = [name for name, count in votes.items() if count == best]
        alike = next((name for name in names if by_id[name].role == draft.role != DOMAIN), None)
        chosen = by_id[alike or next((name for name in names if name == root.topic.id), names[0])]
        foreign = not own and draft.role not in (DOMAIN, chosen.role) and chosen.role in _NARROW
        draft.parent = root if chosen is draft or foreign or _cycle(chosen, draft) else chosen
    gathering = next((d for d in drafts[1:] if d.role == "reference" and is_plain(d.title) and d.parent is root), None)
    for draft in drafts[1:]:
        if (
            gathering
            and draft is not gathering
            and draft.based is None
            and draft.parent is root
            and draft.only_code
            and not _shows_data(draft, team)
            and not _cycle(gathering, draft)
        ):
            draft.parent = gathering
    for draft in drafts[1:]:
        (draft.parent or root).children.append(draft)


def _shows_data(draft: Draft, team: Team) -> bool:
    """Whether all code of a part is in formats of data: it shows what an answer looks like, not how something is written."""
    return all(fence_of(team.units[u]) in NO_CODE for s in draft.members for u in s.units if team.units[u].kind is Kind.CODE)


def _cycle(parent: Draft, child: Draft) -> bool:
    at: Draft | None = parent
    while at:
        if at is child:
            return True
        at = at.parent
    return False


def _settle_leads(team: Team, drafts: Sequence[Draft]) -> None:
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


# --- headings ----------------------------------------------------------------------------------


def _settle_headings(drafts: Sequence[Draft], team: Team) -> None:
    root = drafts[0]
    for draft in drafts[1:]:
        had = [sum(s.parent == member.id for s in team.sections.values()) for member in draft.members]
        if len(draft.children) == 1 and draft.based is None and not statements_of(draft, team) and draft.parent and min(had) > 1:
            # A heading whose other parts have gone says nothing of its own over the one that is left.
            child = draft.children[0]
            child.parent = draft.parent
            draft.parent.children.append(child)
            draft.children = []
    for draft in drafts[1:]:
        lives = alive(draft, team)
        if not lives and draft.parent and draft in draft.parent.children:
            draft.parent.children.remove(draft)
        for section in draft.members:
            if section.heading is None or section.heading in team.decided:
                continue
            if not lives or draft.heading is None:
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


def _tell_apart(drafts: Sequence[Draft], rivals: frozenset[str]) -> None:
    """Parts that are rivals and have one title name their source: a reader must see that they are alternatives."""
    parts = [draft for draft in drafts[1:] if any(section.id in rivals for section in draft.members)]
    titles = Counter(draft.title.lower() for draft in parts)
    for draft in parts:
        if draft.heading and titles[draft.title.lower()] > 1:
            draft.title = f"{draft.title} ({draft.heading.source})"


def _settle_titles(root: Draft, team: Team) -> None:
    """The title of a whole file: one stays when at least half of the sources have one."""
    titles = [team.units[s.heading] for s in root.members if s.heading]
    most = 2 * len(titles) >= len(team.agents) or any(title.source == team.policy.base for title in titles)
    kept = min(titles, key=lambda h: _heading_rank(h, team, titles)) if most else None
    for title in titles:
        if kept is None:
            team.record(title.id, Outcome.DROPPED, "FORM001", "the title of a whole file, which most sources have not")
        elif title is kept:
            team.record(title.id, Outcome.KEPT, "HEAD001", "the title of the whole file")
            root.heading, root.title = kept, kept.label
        else:
            same = frozenset((title.id, kept.id)) in team.linked
            team.record(title.id, Outcome.MERGED if same else Outcome.OVERRIDDEN, "HEAD001", "one title is enough", kept.id)


# --- parts as they are written ------------------------------------------------------------------


def _parts(draft: Draft, level: int, team: Team) -> Iterable[Part]:
    heading = draft.heading.id if draft.heading else None
    yield Part(role=draft.role, title=draft.title, heading=heading, level=min(level, 6), chunks=tuple(chunks_of(draft, team)))
    for child in sorted(draft.children, key=lambda d: d.order):
        yield from _parts(child, min(level + 1, _MAX_DEPTH), team)
