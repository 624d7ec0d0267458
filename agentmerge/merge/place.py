"""Where in its file a unit stands: its section, what that section is for, and what it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agentmerge.merge.identity import identities_of
from agentmerge.merge.roles import DOMAIN, is_plain, role_of
from agentmerge.model import Agent, Kind, Section


class Place(NamedTuple):
    """A unit's place. ``sections`` are the ids of the sections around it, innermost first.

    For a heading these are the sections around the one that it ``opens``. ``role`` is what the
    nearest section with a role is for; ``names`` the role that a heading gives its section, if
    any, and ``plain`` whether it says no more than that. ``identity``: the unit says what the
    agent is; ``document``: it is the file's title.
    """

    sections: tuple[str, ...]
    opens: str | None
    role: str
    names: str
    plain: bool
    identity: bool
    document: bool


def places_of(agent: Agent) -> Mapping[str, Place]:
    """The place of each unit of an agent, by unit id."""
    sections = {section.id: section for section in agent.sections}
    roles = {section.id: role_of(section.title) for section in agent.sections}
    identities = {unit.id for unit in identities_of(agent)}
    title = next((unit.id for unit in agent.units if unit.kind is Kind.HEADING and unit.text.startswith("# ")), None)
    found = {}
    for unit in agent.units:
        own = sections[unit.section]
        opens = own.id if unit.id == own.heading else None
        around = tuple(s.id for s in around_of(sections[own.parent] if opens and own.parent else own, sections))
        named = role_of(unit.text) if unit.kind in (Kind.HEADING, Kind.LEAD) else DOMAIN
        found[unit.id] = Place(
            sections=around,
            opens=opens,
            role=next((roles[s] for s in around if roles[s] != DOMAIN), DOMAIN),
            names="" if named == DOMAIN else named,
            plain=named != DOMAIN and is_plain(unit.text.strip("#*_ :：")),
            identity=unit.id in identities,
            document=unit.id == title,
        )
    return found


def around_of(section: Section, sections: Mapping[str, Section]) -> Iterator[Section]:
    """A section and those around it, innermost first."""
    current: Section | None = section
    while current is not None:
        yield current
        current = sections.get(current.parent) if current.parent else None
