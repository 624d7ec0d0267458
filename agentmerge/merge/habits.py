"""Report examples that do what a statement of the team forbids (CODE001): a note at the line of code, naming the rule's line."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.table import Table
from agentmerge.model import Finding, Kind, Unit
from agentmerge.rules.text.habits import HABITS, Seen, forbids, habits_in, warns

_QUOTED = 80


def forbidden(table: Table) -> Mapping[str, Unit]:
    """The habits that statements of the team forbid, each with the first statement that does."""
    found = {habit: next((one for one in table.units.values() if _forbids(table, one, habit)), None) for habit in HABITS}
    return {habit: rule for habit, rule in found.items() if rule is not None}


def broken(unit: Unit, rules: Mapping[str, Unit]) -> tuple[str, ...]:
    """What an example does that the team forbids, in words; ``rules`` are of ``forbidden``."""
    seen = habits_in(unit.text, (unit.info.split() or [""])[0]) if rules else ()
    return tuple(f"what {rules[one.habit].source} line {rules[one.habit].lines[0]} forbids" for one in seen if one.habit in rules)


def report_habits(table: Table) -> None:
    """Look through the code that stays for what stays of the team's own prohibitions."""
    rules = forbidden(table)
    for unit in table.units.values() if rules else ():
        if unit.kind is Kind.CODE and table.stands(unit.id) and not _is_warning(table, unit):
            for seen in habits_in(unit.text, (unit.info.split() or [""])[0]):
                _report(table, unit, seen, rules.get(seen.habit))


def _is_warning(table: Table, unit: Unit) -> bool:
    return table.reading(unit.id).flipped or warns(table.sections[unit.section].title)


def _report(table: Table, unit: Unit, seen: Seen, rule: Unit | None) -> None:
    if rule is not None:
        said = " ".join(plain(rule.text).split())
        said = said if len(said) <= _QUOTED else said[: _QUOTED - 1] + "…"
        message = f"the example {HABITS[seen.habit]}, against {rule.source} line {rule.lines[0]}: {said}"
        table.findings.append(Finding(code="CODE001", source=unit.source, line=unit.lines[0] + seen.line, message=message))


def _forbids(table: Table, unit: Unit, habit: str) -> bool:
    if unit.kind not in STATEMENTS or not table.stands(unit.id):
        return False
    return forbids(plain(unit.text), table.sections[unit.section].title, habit, flipped=table.reading(unit.id).flipped)
