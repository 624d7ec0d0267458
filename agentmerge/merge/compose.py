"""Compose the canonical body: parts in a natural order, each with its kept units in blocks.

A topic becomes a part under its clearest heading. Parts nest as most of their sources nest them,
stand in the order of what they are for (``roles``), and a statement whose part has nothing else
left moves to the part that it fits best. Where one source is the base, its parts stand as they are
in its file, and those of the others that have none to go to come after them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.merge.align import Aligned, partners_of
from agentmerge.merge.answered import BY_A_PERSON
from agentmerge.merge.claims import Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.decide import Decisions
from agentmerge.merge.drafts import Draft, Team
from agentmerge.merge.examples import fence_of
from agentmerge.merge.gather import gather, relocate
from agentmerge.merge.heading_words import of_one_name
from agentmerge.merge.headings import heading_rank, set_apart, settle_headings, settle_leads
from agentmerge.merge.outline import outline_of
from agentmerge.merge.procedures import sequences_of
from agentmerge.merge.roles import DOMAIN, is_plain, role_of
from agentmerge.merge.rows import join_rows
from agentmerge.merge.topics import Topic, find_topics, stays_item
from agentmerge.model import Agent, Conflict, Decision, Finding, HeadingStyle, Kind, Outcome, Outline, Section, Unit
from agentmerge.rules.names import own_words
from agentmerge.rules.policy import Policy
from agentmerge.rules.text.example_quality import NO_CODE

# Under principles or checks nothing of another role belongs, whatever one file's nesting says.
_NARROW = frozenset(("principles", "avoid", "checks", "scope"))
# Headings this surely the same are merged, of two that only name one role less will do; others on the topic are overridden.
_SAME_HEADING = 0.75
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
    team = _team(agents, aligned, decisions, policy)
    steps = {unit: name for unit, name in team.procedures.items() if team.kept(team.units[unit])}
    gone = frozenset(unit for unit, made in decisions.units.items() if made.outcome is not Outcome.KEPT)
    topics = find_topics(agents, aligned, policy.base, decisions.forms.apart | _scoped(team), steps=steps, gone=gone)
    drafts = [_draft(topic, team, decisions.forms.places) for topic in topics]
    root = drafts[0]
    by_section = {section.id: draft for draft in drafts for section in draft.members}
    _fill(team, by_section)
    join_rows(drafts, team)
    _nest(drafts, team, by_section)
    settle_leads(team, drafts)
    gather(drafts, team)
    relocate(drafts, team)
    set_apart(drafts, team)
    settle_headings(drafts, team)
    outline = outline_of(root, team)
    _keep_the_rest(team)
    return Body(
        outline=outline,
        decisions=team.decided,
        conflicts=decisions.conflicts,
        findings=decisions.findings,
        wanted=decisions.wanted,
        language=decisions.language,
    )


def _team(agents: Sequence[Agent], aligned: Aligned, decisions: Decisions, policy: Policy) -> Team:
    """The look-ups over all sources, with what was decided."""

    def stays(unit: Unit) -> bool:
        return unit.id not in decisions.units or decisions.units[unit.id].outcome is Outcome.KEPT

    return Team(
        agents=agents,
        units={u.id: u for agent in agents for u in agent.units},
        sections={s.id: s for agent in agents for s in agent.sections},
        comparison=aligned.comparison,
        policy=policy,
        decided=dict(decisions.units),
        language=decisions.language,
        procedures={**sequences_of(agents, stays), **decisions.procedures},
        partners=partners_of(aligned.alignments),
        linked=_linked(aligned),
        liked=decisions.liked,
        disliked=decisions.disliked,
        apart=aligned.apart,
        own_words=own_words(agents, policy),
        place={section.id: n for agent in agents for n, section in enumerate(agent.sections)},
    )


def _scoped(team: Team) -> frozenset[frozenset[str]]:
    """Pairs of sections each of which led in "only" its own subject: without that the one list must not run into the other."""
    led = {
        team.units[made.unit].section
        for made in team.decided.values()
        if made.rule == "SCOPE001" and team.units[made.unit].kind is Kind.LEAD
    }
    return frozenset(frozenset(pair) for pair in combinations(sorted(led), 2))


def _linked(aligned: Aligned) -> frozenset[frozenset[str]]:
    """Headings that say the same, told by their words alone, so that no edit of what stands below changes it."""
    readings = {unit: r for unit, r in aligned.comparison.readings.items() if r.unit.kind is Kind.HEADING}
    found = {frozenset(pair) for pair in aligned.placed}
    found.update(of_one_name({unit: r.unit.text for unit, r in readings.items()}))
    found.update(frozenset((al.a, al.b)) for al in aligned.alignments if BY_A_PERSON in al.evidence)
    for (a, one), (b, other) in combinations(readings.items(), 2):
        if one.unit.source != other.unit.source and _is_one_title(one, other, aligned.comparison):
            found.add(frozenset((a, b)))
    return frozenset(found) - aligned.apart


def _is_one_title(one: Reading, other: Reading, comparison: Comparison) -> bool:
    """Whether two headings say the same; across languages it is enough that both say no more than one role."""
    same_role = one.place.plain and other.place.plain and one.place.names == other.place.names
    if same_role and one.unit.language != other.unit.language:
        return True
    return comparison.overlap(one.title, other.title, False)[0] >= (_SAME_ROLE if same_role else _SAME_HEADING)


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
        heading = min(headings, key=lambda h: heading_rank(h, team, headings))
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
            stands_in = None if _begins_anew(section, team) else section.parent
            parent = _home(team.sections[stands_in], team, by_section) if stands_in else root
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


def _begins_anew(section: Section, team: Team) -> bool:
    """Whether the agent introduces itself between a heading and a label under it: what the label opens is no part of that heading."""
    above = team.sections.get(section.parent or "")
    heading = team.units.get(section.heading or "")
    if above is None or heading is None or section.style not in (HeadingStyle.PLAIN, HeadingStyle.BOLD):
        return False
    return any(team.comparison.readings[u].place.identity and team.units[u].lines < heading.lines for u in above.units)


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
