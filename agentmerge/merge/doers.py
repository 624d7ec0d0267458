"""Which source does what: its headings, bold leads, identity and repeated statements about a subject."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple

from agentmerge.merge.claims import STATEMENTS, plain, turns_around
from agentmerge.merge.fields import fields_of, side_fields, subjects_of
from agentmerge.merge.identity import identities_of
from agentmerge.merge.subjects import titles_of
from agentmerge.merge.table import Table
from agentmerge.model import Agent, Kind, Unit
from agentmerge.rules.text.scopes import Scope, sets_aside

# A subject that so many statements are about is one that the source works on.
_SEVERAL = 4
# Under such a heading, or in such a line, a subject is named because somebody else does it.
_ELSEWHERE = re.compile(
    r"\b(?:sub-?)?agents?\b|\bhand(?:s|ing)?[ -]?(?:off|over)|\bdelegat|\bescalat|\bdefer\b|\bcollaborat|\bcoordinat|\bintegration with"
    r"|\bnot responsible|\bconsult\b|\bwork(?:s|ing)? with\b|\bother (?:team|reviewer)s?\b|에이전트|위임|이관|협업|협력|넘긴"
    r"|エージェント|委譲|委任|連携|引き継|代理|智能体|委托|转交|交给|协作",
    re.IGNORECASE,
)
_ELSEWHERE_BELOW = re.compile(
    r"\b(?:other|with|between|which|related|sibling|sub-?)\b.{0,20}\bagents?\b|\bhand-?offs?\b|\bdelegat|\bescalat|\bcollaborat|\bcoordinat|\bintegration"
    r"|위임|이관|협업|협력|다른 에이전트|他のエージェント|委譲|委任|連携|引き継|委托|转交|协作|其他(?:代理|智能体)",
    re.IGNORECASE,
)
_RESPONSIBLE = re.compile(
    r"\b(?:you are|you're|is) (?:also )?responsible for\b|\byour (?:mission|job|role|focus|responsibility) is\b"
    r"|담당(?:한다|합니다)|책임(?:진다|집니다)|担当(?:する|します)|负责",
    re.IGNORECASE,
)


class Showing(IntEnum):
    """How surely something shows that a source works on a subject: it says so, names it, or speaks of it several times."""

    SAYS = 3
    HEADS = 2
    LABELS = 1
    SPEAKS = 0


class Doing(NamedTuple):
    """A unit that shows that its source works on a subject, and how surely."""

    unit: Unit
    how: Showing


class Doers:
    """What each source does, as far as its own words show; ``scopes`` are the statements that set it off."""

    def __init__(self, table: Table, scopes: Mapping[str, Scope]) -> None:
        self._table = table
        self._scopes = scopes
        self._identities = frozenset(unit.id for agent in table.agents for unit in identities_of(agent))
        self._spoken = {agent.source.id: self._repeated(agent) for agent in table.agents}
        self._known = {agent.source.id: self._does(agent) for agent in table.agents}

    def shown(self, source: str, subject: str) -> Sequence[Doing]:
        """What shows that a source works on a subject, the surest first."""
        return self._known[source].get(subject, ())

    def speaks(self, source: str, subject: str) -> bool:
        """Whether a source speaks of a subject at all, but for the statements that set it off."""
        return subject in self._spoken[source] or any(doing.unit.id not in self._scopes for doing in self.shown(source, subject))

    def others(self, source: str, subject: str) -> Doing | None:
        """What shows best that another source does; what any agent touches in passing must be its work."""
        found = [other for other in self._known if other != source and self.shown(other, subject)]
        doing = [self.shown(other, subject)[0] for other in found if subject not in side_fields() or self.is_work_of(other, subject)]
        return max(doing, key=lambda one: one.how, default=None)

    def is_work_of(self, source: str, subject: str) -> bool:
        """Whether a subject is surely a source's work: it says so, or it names it and speaks of it several times."""
        shown = self.shown(source, subject)
        return bool(shown) and (shown[0].how is Showing.SAYS or (len(shown) > 1 and shown[-1].how is Showing.SPEAKS))

    def _does(self, agent: Agent) -> Mapping[str, Sequence[Doing]]:
        found: dict[str, list[Doing]] = defaultdict(list)
        aside = {s for u in agent.units if u.id in self._scopes for part in self._scopes[u.id].aside for s in self._subjects(part)}
        for unit in agent.units:
            for how, subjects in self._told(unit):
                for subject in subjects:
                    found[subject].append(Doing(unit, how))
        for subject, units in self._spoken[agent.source.id].items():
            if len(units) >= _SEVERAL and (subject not in aside or subject in found):
                found[subject].append(Doing(units[0], Showing.SPEAKS))
        return {subject: sorted(doings, key=lambda doing: -doing.how) for subject, doings in found.items()}

    def _told(self, unit: Unit) -> Iterator[tuple[Showing, Iterable[str]]]:
        """What a unit says that its source does: who it is, what it keeps to, what a heading or bold lead names."""
        if unit.id in self._scopes:
            yield Showing.SAYS, frozenset[str]().union(*(self._subjects(part) for part in self._scopes[unit.id].only))
        elif self._is_own(unit):
            if unit.kind in STATEMENTS and (unit.id in self._identities or _RESPONSIBLE.search(plain(unit.text))):
                yield Showing.SAYS, fields_of(self._table.reading(unit.id).concepts, self._table.comparison.lexicon)
            section = self._table.sections[unit.section]
            if unit.id == section.heading and section.units:
                yield Showing.HEADS, self._subjects(section.title)
            if unit.kind in STATEMENTS and unit.label:
                yield Showing.LABELS, self._subjects(unit.label)

    def _repeated(self, agent: Agent) -> Mapping[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in agent.units:
            if unit.kind in STATEMENTS and self._is_own(unit):
                for subject in fields_of(self._table.reading(unit.id).concepts, self._table.comparison.lexicon):
                    found[subject].append(unit)
        return found

    def _is_own(self, unit: Unit) -> bool:
        """Whether a unit tells of its own source's work: it neither sets aside nor hands over."""
        if unit.id in self._scopes or self._table.reading(unit.id).flipped:
            return False
        if unit.kind is not Kind.HEADING and _ELSEWHERE.search(unit.text) and unit.id not in self._identities:
            return False
        titles = list(titles_of(unit, self._table.sections))[:2]
        return not any(turns_around(title) or sets_aside(title) or _ELSEWHERE_BELOW.search(title) for title in titles)

    def _subjects(self, phrase: str) -> frozenset[str]:
        return subjects_of(plain(phrase), self._table.comparison.lexicon)
