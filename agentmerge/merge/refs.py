"""Name statements in a decisions file: by text, and by source and section where a text stands in several places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from agentmerge.model import Agent, Unit
from agentmerge.rules.decisions import Ref, content_hash


class Refs:
    """How a person's answers name the units of one build."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        self._titles = {section.id: section.title for agent in agents for section in agent.sections}
        self._places: dict[str, list[Unit]] = defaultdict(list)
        for agent in agents:
            for unit in agent.units:
                self._places[content_hash(unit.text)].append(unit)

    def of(self, unit: Unit) -> Ref:
        """The unit, told apart from others of the same text by its source, and then by its section."""
        known, title = content_hash(unit.text), self._titles[unit.section]
        alike = self._places[known]
        source = unit.source if len({u.source for u in alike}) > 1 else ""
        section = title if title and sum(u.source == unit.source for u in alike) > 1 else ""
        return Ref(known, unit.text, source, section)

    def of_all(self, units: Iterable[Unit]) -> tuple[Ref, ...]:
        """Units that are meant together: one text in several places of them is one statement."""
        found = list(units)
        ids = {unit.id for unit in found}
        named = (Ref(r.hash, r.text) if all(u.id in ids for u in self._places[r.hash]) else r for r in map(self.of, found))
        return tuple({ref.key: ref for ref in named}.values())
