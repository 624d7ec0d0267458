"""Report examples that do what a statement of the team forbids (CODE001): a note at the line of code, naming the rule's line."""

from __future__ import annotations

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.table import Table
from agentmerge.model import Finding, Kind, Unit
from agentmerge.rules.text.habits import HABITS, Seen, forbids, habits_in, warns

_QUOTED = 80


def report_habits(table: Table) -> None:
    """Look through the code that stays for what stays of the team's own prohibitions."""
    rules = {habit: next((one for one in table.units.values() if _forbids(table, one, habit)), None) for habit in HABITS}
    for unit in table.units.values() if any(rules.values()) else ():
        if unit.kind is Kind.CODE and table.stands(unit.id) and not _is_warning(table, unit):
            for seen in habits_in(unit.text, (unit.info.split() or [""])[0]):
                _report(table, unit, seen, rules[seen.habit])


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
