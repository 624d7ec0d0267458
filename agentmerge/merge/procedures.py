"""Procedures: ordered steps that are kept whole or merged whole, never interleaved."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from agentmerge.merge.roles import DOMAIN, is_plain, role_of
from agentmerge.model import Agent, Kind, Section, Unit

# Words of a heading or lead-in that say that the numbers below are an order.
_ORDER = re.compile(
    r"\b(?:in (?:this|the following|exactly this|that) order|(?:preference|priority) order|order of (?:preference|priority|operations)"
    r"|priorit(?:y|ize|ise)\b.*\border|steps?|sequence|algorithm|(?:immediate|first|next) actions?|when (?:invoked|called|asked|activated)"
    r"|do the following|loop|cycle)\b"
    r"|순서|단계|우선순위|호출되면|호출 시|절차|알고리즘"
    r"|順序|順番|優先順位|優先順序|呼び出された|呼び出し時|手順|顺序|依次|优先级|步骤|当被调用|被调用时|算法",
    re.IGNORECASE,
)


# Where numbers count an order rather than items, and how long such a list is at least.
_COUNTING = frozenset((DOMAIN, "workflow", "reference"))
_COUNTED = 3
_EXAMPLE = re.compile(r"\bexamples?\b|예시|예제|例|サンプル|示例", re.IGNORECASE)
_TOLD = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE, Kind.LEAD))


def procedures_of(agents: Sequence[Agent]) -> Mapping[str, str]:
    """For each unit that is part of a procedure, the id of that procedure (its list's block).

    A procedure is a numbered list of at least two steps in a section for workflow, or under a heading
    or lead-in that says that order matters. An example that is told in words is whole in the same way.
    """
    found: dict[str, str] = {}
    for agent in agents:
        sections = {s.id: s for s in agent.sections}
        found.update(_told_examples(agent, sections))
        steps: dict[str, set[int]] = defaultdict(set)
        members: dict[str, list[str]] = defaultdict(list)
        lead: Unit | None = None
        for unit in agent.units:
            if unit.item is None:
                lead = unit if unit.kind is Kind.LEAD else None
                continue
            numbered = unit.ordered or unit.block in steps
            led = lead is not None and lead.section == unit.section and _ORDER.search(lead.text) is not None
            if numbered and (unit.block in steps or led or _is_workflow(unit, sections)):
                steps[unit.block].add(unit.item)
                members[unit.block].append(unit.id)
        for block, ids in members.items():
            if len(steps[block]) >= 2:
                found.update(dict.fromkeys(ids, block))
    return found


def _told_examples(agent: Agent, sections: Mapping[str, Section]) -> Mapping[str, str]:
    """The statements of each section that is an example told in words, with what stands in its own sections."""
    members: dict[str, list[str]] = defaultdict(list)
    for unit in agent.units:
        section: Section | None = sections[unit.section]
        while section is not None and not (role_of(section.title) == "reference" and is_plain(section.title)):
            section = sections.get(section.parent or "")
        if section is not None and _EXAMPLE.search(section.title) and unit.kind in _TOLD:
            members[section.id].append(unit.id)
    return {unit: name for name, ids in members.items() if len(ids) >= _COUNTED for unit in ids}


def sequences_of(agents: Sequence[Agent], stays: Callable[[Unit], bool]) -> Mapping[str, str]:
    """For each item of a numbered list that stays complete, the list, where numbers may count an order.

    Nothing says that these are steps, so their items may go one by one; what is left complete is not
    woven into another author's list.
    """
    found: dict[str, str] = {}
    for agent in agents:
        sections = {s.id: s for s in agent.sections}
        lists: dict[str, list[Unit]] = defaultdict(list)
        for unit in agent.units:
            if unit.item is not None and (unit.ordered or unit.block in lists):
                lists[unit.block].append(unit)
        for block, units in lists.items():
            tops = {u.item for u in units if u.depth == 0 and u.ordered}
            if len(tops) >= _COUNTED and all(map(stays, units)) and _role_around(units[0], sections) in _COUNTING:
                found.update({u.id: block for u in units})
    return found


def _role_around(unit: Unit, sections: Mapping[str, Section]) -> str:
    """The role of the nearest section around a unit that has one."""
    section: Section | None = sections[unit.section]
    while section is not None and role_of(section.title) == DOMAIN:
        section = sections.get(section.parent or "")
    return role_of(section.title) if section else DOMAIN


def _is_workflow(unit: Unit, sections: Mapping[str, Section]) -> bool:
    section: Section | None = sections[unit.section]
    for _ in range(2):
        if section is None:
            return False
        if role_of(section.title) == "workflow" or _ORDER.search(section.title):
            return True
        section = sections.get(section.parent or "")
    return False
