"""Which headings and lead-ins stay: the clearest of a topic, the title of the whole, and what still leads something in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from agentmerge.merge.drafts import Draft, Team, alive, statements_of
from agentmerge.merge.heading_words import without_number
from agentmerge.merge.topics import stays_item
from agentmerge.model import Agent, HeadingStyle, Kind, Outcome, Section, Unit

# A section with this share of a topic's statements is what the topic is.
_MOST = 0.4
_STYLE_RANK = {
    HeadingStyle.ATX: 0,
    HeadingStyle.SETEXT: 0,
    HeadingStyle.BOLD: 1,
    HeadingStyle.PLAIN: 2,
    HeadingStyle.TAG: 2,
    HeadingStyle.ITEM: 3,
}


def heading_rank(heading: Unit, team: Team, headings: Sequence[Unit]) -> tuple[object, ...]:
    """The clearest heading: a person's choice, in the preferred language, for no one source, what most say, real, of substance, short."""
    section = team.sections[heading.section]
    words = len(heading.label.split())
    substance = team.comparison.mass(team.comparison.readings[heading.id].title)
    return (
        heading.source != team.policy.base,
        heading.id not in team.liked,
        heading.id in team.disliked,
        heading.language != team.language,
        team.rank(heading.source, headings),
        team.is_own_word(heading),
        _names_another_topic(heading, team, headings),
        -sum(frozenset((heading.id, other.id)) in team.linked for other in headings),
        not _speaks_for_most(section, headings, team),
        _STYLE_RANK[section.style],
        words > 5,
        -round(min(substance, 2.0), 1),
        words,
        heading.id,
    )


def _names_another_topic(heading: Unit, team: Team, headings: Sequence[Unit]) -> bool:
    """Whether a heading names all that the heading of another topic names: "Access & Security" where there is "Security"."""
    readings = team.comparison.readings
    title, own = readings[heading.id].title, {other.id for other in headings}
    others = (s.heading for s in team.sections.values() if s.heading and s.heading not in own and not stays_item(s, team.sections))
    return len(headings) > 1 and any(readings[other].title and readings[other].title < title for other in others)


def _speaks_for_most(section: Section, headings: Sequence[Unit], team: Team) -> bool:
    """Whether a section holds a good part of all that stands under these headings."""
    own = len(section.units)
    return own >= _MOST * sum(len(team.sections[other.section].units) for other in headings)


def settle_leads(team: Team, drafts: Sequence[Draft]) -> None:
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


def numbered(titles: Sequence[str]) -> bool:
    """Whether headings that stand side by side bear the numbers from one on, each its own."""
    found = [re.match(r"\d+", title) for title in titles]
    return len(titles) > 1 and [int(n.group()) if n else 0 for n in found] == list(range(1, len(titles) + 1))


def shown_name(agent: Agent) -> str:
    """An agent's name as words of a heading: "quality-reviewer" is "Quality Reviewer"."""
    name = agent.value("name")
    words = re.split(r"[-_\s]+", str(name) if isinstance(name, str) and name.strip() else agent.source.id)
    return " ".join(word[:1].upper() + word[1:] for word in words if word)


def set_apart(drafts: Sequence[Draft], team: Team) -> None:
    """Let parts of one heading that stay apart stand under it side by side, each under the name of its source.

    Two authors' procedures of one name, or their rival forms of an answer, are alternatives: neither is
    taken apart, and a reader must see where the one ends.
    """
    agents = {agent.source.id: agent for agent in team.agents}
    for parent in drafts:
        same: dict[str, list[Draft]] = defaultdict(list)
        for child in sorted(parent.children, key=lambda d: d.order):
            if child.title and not child.alternative and alive(child, team):
                same[without_number(child.title).casefold()].append(child)
        for first, *others in same.values():
            others = [draft for draft in others if not _is_told_apart(first, draft, team)]
            sources = [{section.source for section in draft.members} for draft in (first, *others)]
            if not others or any(len(s) > 1 for s in sources) or len(set().union(*sources)) <= len(others):
                continue
            if first.based is None:
                first.named = agents[first.members[0].source]
            for draft in others:
                draft.named, draft.alternative, draft.parent = agents[draft.members[0].source], True, first
                first.children.append(draft)
            parent.children = [child for child in parent.children if child not in others]


def _is_told_apart(one: Draft, other: Draft, team: Team) -> bool:
    """Whether a person called the headings of two parts different."""
    return any(frozenset((a.heading or "", b.heading or "")) in team.apart for a in one.members for b in other.members)


def settle_headings(drafts: Sequence[Draft], team: Team) -> None:
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
            elif draft.alternative and draft.parent and draft.parent.heading:
                team.record(
                    section.heading,
                    Outcome.MERGED,
                    "HEAD001",
                    "one heading stands over both, each named for its source",
                    draft.parent.heading.id,
                )
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


def _settle_titles(root: Draft, team: Team) -> None:
    """The title of a whole file: one stays when at least half of the sources have one."""
    titles = [team.units[s.heading] for s in root.members if s.heading]
    most = 2 * len(titles) >= len(team.agents) or any(title.source == team.policy.base for title in titles)
    kept = min(titles, key=lambda h: heading_rank(h, team, titles)) if most else None
    for title in titles:
        if kept is None:
            team.record(title.id, Outcome.DROPPED, "FORM001", "the title of a whole file, which most sources have not")
        elif title is kept:
            team.record(title.id, Outcome.KEPT, "HEAD001", "the title of the whole file")
            root.heading, root.title = kept, kept.label
        else:
            same = frozenset((title.id, kept.id)) in team.linked
            team.record(title.id, Outcome.MERGED if same else Outcome.OVERRIDDEN, "HEAD001", "one title is enough", kept.id)
