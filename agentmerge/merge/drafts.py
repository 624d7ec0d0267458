"""The parts of the canonical body while they are being composed, and the look-ups over all sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agentmerge.merge.comparison import Comparison
from agentmerge.merge.roles import DOMAIN, order_of
from agentmerge.merge.subjects import subject_of
from agentmerge.merge.topics import Topic
from agentmerge.model import Agent, Decision, Kind, Outcome, Section, Unit
from agentmerge.rules.policy import Policy


@dataclass(slots=True)
class Draft:
    """A part while it is being composed; ``based`` is its place among the sections of the base, if it is one of them.

    ``named``: another source has a section of the same heading that stays apart, so this one's statements
    stand under the name of their source; an ``alternative`` stands under the heading of the first of them.
    ``place`` is its place in a form of an answer that stays whole (0: it is the form's first).
    """

    topic: Topic
    heading: Unit | None
    title: str
    members: list[Section]
    units: list[Unit] = field(default_factory=list)
    parent: Draft | None = None
    children: list[Draft] = field(default_factory=list)
    position: float = 0.0
    only_code: bool = False
    based: int | None = None
    named: Agent | None = None
    alternative: bool = False
    place: int | None = None

    @property
    def role(self) -> str:
        """What the part is for; code under a heading is an example, whatever it is called."""
        return "reference" if self.only_code and self.topic.role == DOMAIN else self.topic.role

    @property
    def order(self) -> tuple[float, float, float, str]:
        if self.based is not None:
            return (0, self.based, 0, self.topic.id)
        if self.place:
            return (0, self.place, 0, self.topic.id)
        return (1, order_of(self.role), self.position, self.topic.id)


@dataclass(slots=True)
class Team:
    """Look-ups over all sources of a build.

    ``place`` has the place of each section in its file, ``apart`` pairs that a person called different,
    ``own_words`` of each source, the words of its name that the canonical agent's name has not.
    """

    agents: Sequence[Agent]
    units: Mapping[str, Unit]
    sections: Mapping[str, Section]
    comparison: Comparison
    policy: Policy
    decided: dict[str, Decision]
    language: str
    procedures: Mapping[str, str]
    partners: Mapping[str, Sequence[tuple[str, float]]]
    linked: frozenset[frozenset[str]]
    liked: frozenset[str]
    disliked: frozenset[str]
    apart: frozenset[frozenset[str]]
    place: Mapping[str, int]
    own_words: Mapping[str, frozenset[str]]

    def kept(self, unit: Unit) -> bool:
        made = self.decided.get(unit.id)
        return made is None or made.outcome is Outcome.KEPT

    def rank(self, source: str, units: Sequence[Unit]) -> int:
        """A source's place in the policy's priority for what is decided about these units."""
        return self.policy.rank(source, at=subject_of(units, self.sections, self.comparison.readings, self.policy))

    def is_own_word(self, heading: Unit) -> bool:
        """Whether a heading has a word of its agent's name that the canonical agent's name has not: "Junior-Specific Rules"."""
        words = {word.lower() for word in re.findall(r"[^\W\d_]+", heading.label)}
        return bool(words & self.own_words.get(heading.source, frozenset()))

    def final(self, unit: str) -> str:
        """The unit that says now what a unit said: itself, or the last of those that it was merged into."""
        while (made := self.decided.get(unit)) and made.outcome is Outcome.MERGED and made.into:
            unit = made.into
        return unit

    def record(self, unit: str, outcome: Outcome, rule: str, why: str, into: str | None = None) -> None:
        self.decided[unit] = Decision(unit=unit, outcome=outcome, into=into, rule=rule, why=why)


def title_of(draft: Draft, team: Team) -> frozenset[str]:
    """What the headings of a part name, as concepts."""
    return frozenset[str]().union(*(team.comparison.readings[s.heading].title for s in draft.members if s.heading))


def statements_of(draft: Draft, team: Team) -> list[Unit]:
    """What a part says, without what leads it in."""
    return [u for u in draft.units if team.kept(u) and u.kind not in (Kind.LEAD, Kind.HEADING, Kind.TAG)]


def alive(draft: Draft, team: Team) -> bool:
    """Whether a part, or one under it, says anything."""
    return bool(statements_of(draft, team)) or any(alive(child, team) for child in draft.children)
