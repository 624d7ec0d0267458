"""Ask the third-party rules that the policy names about what is still undecided, and check what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from agentmerge.errors import PluginError
from agentmerge.merge.subjects import titles_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit
from agentmerge.rules.plugin import Conflicting, Drop, Note, Overridden, Statement, Verdict, View
from agentmerge.rules.policy import Subject
from agentmerge.rules.reading.plugins import Loaded

_KINDS = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE, Kind.ROW, Kind.CODE))
_FIX = "tell its author, or take it out of 'plugins'"


def settle_plugins(table: Table) -> None:
    """Ask each plugin in its turn; a later one sees what an earlier one left. Raises ``PluginError``."""
    for loaded in table.policy.plugins:
        asked = {unit.id: unit for unit in table.undecided() if unit.kind in _KINDS}
        for verdict in _checked(loaded, _verdicts(loaded, _view(table, loaded, asked)), asked):
            _carry_out(table, loaded.plugin.rule.code, verdict)


def _view(table: Table, loaded: Loaded, asked: Mapping[str, Unit]) -> View:
    statements = tuple(
        Statement(
            id=unit.id,
            text=unit.text,
            kind=str(unit.kind),
            language=unit.language,
            sections=tuple(titles_of(unit, table.sections)),
            source=unit.source,
            line=unit.lines[0],
            concepts=frozenset(c for c in table.reading(unit.id).concepts if not c.startswith("w:")),
            options=_options(table, loaded, table.subject(unit.id)),
        )
        for unit in asked.values()
    )
    tools = None if table.tools.everything else tuple(table.tools.names)
    return View(statements=statements, tools=tools, options=_options(table, loaded, None))


def _options(table: Table, loaded: Loaded, at: Subject | None) -> Mapping[str, object]:
    rule = loaded.plugin.rule
    return {name: table.policy.option(rule.key, name, at=at) for name in rule.options}


def _verdicts(loaded: Loaded, view: View) -> list[Verdict]:
    try:
        return list(loaded.plugin.judge(view))
    except (Exception, SystemExit) as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        _refuse(loaded, f"failed: {said}")


def _refuse(loaded: Loaded, what: str) -> NoReturn:
    raise PluginError(f"plugin {loaded.name!r} (rule {loaded.plugin.rule.code}) {what}", fix=_FIX)


def _checked(loaded: Loaded, verdicts: list[Verdict], asked: Mapping[str, Unit]) -> list[Verdict]:
    """The verdicts in file order, once they are known to make sense together."""
    for verdict in verdicts:
        _check_shape(loaded, verdict, asked)
    gone = [verdict.statement for verdict in verdicts if isinstance(verdict, Drop | Overridden)]
    twice = sorted({one for one in gone if gone.count(one) > 1}) if len(set(gone)) < len(gone) else []
    if twice:
        _refuse(loaded, f"decides statement {twice[0]!r} twice")
    leaving = set(gone)
    for verdict in verdicts:
        staying = (verdict.by,) if isinstance(verdict, Overridden) else verdict.statements if isinstance(verdict, Conflicting) else ()
        lost = sorted(leaving.intersection(staying))
        if lost:
            _refuse(loaded, f"lets statement {lost[0]!r} stay in one verdict and go in another")
    place = {unit: n for n, unit in enumerate(asked)}
    # A plugin may answer in any order; a build must not depend on it.
    return sorted(verdicts, key=lambda verdict: ([place[unit] for unit in _named(verdict)], type(verdict).__name__, verdict[1:]))


def _check_shape(loaded: Loaded, verdict: object, asked: Mapping[str, Unit]) -> None:
    if not isinstance(verdict, Drop | Overridden | Note | Conflicting):
        _refuse(loaded, f"says {type(verdict).__name__!r}, which is no verdict")
    words = verdict.message if isinstance(verdict, Note) else verdict.why
    if not isinstance(words, str) or not words.strip() or "\n" in words:
        _refuse(loaded, "gives no reason on one line")
    if isinstance(verdict, Conflicting) and not isinstance(verdict.statements, tuple):
        _refuse(loaded, "names the statements of a conflict in no tuple")
    named = _named(verdict)
    if isinstance(verdict, Conflicting) and len(set(named)) < 2:
        _refuse(loaded, "names fewer than two statements in a conflict")
    if isinstance(verdict, Overridden) and verdict.by == verdict.statement:
        _refuse(loaded, f"overrides statement {verdict.statement!r} by itself")
    for unit in named:
        if not isinstance(unit, str) or unit not in asked:
            _refuse(loaded, f"speaks of statement {unit!r}, which is unknown or decided already")


def _named(verdict: Verdict) -> tuple[str, ...]:
    """The statements that a verdict speaks of."""
    if isinstance(verdict, Conflicting):
        return tuple(verdict.statements)
    return (verdict.statement, verdict.by) if isinstance(verdict, Overridden) else (verdict.statement,)


def _carry_out(table: Table, code: str, verdict: Verdict) -> None:
    match verdict:
        case Drop(statement, why):
            table.record(statement, Outcome.DROPPED, code, why)
        case Overridden(statement, by, why):
            table.record(statement, Outcome.OVERRIDDEN, code, why, by)
        case Note(statement, message):
            table.find(code, table.units[statement], message)
        case Conflicting(statements, why):
            table.dispute("plugin", statements, decision="all stay, for a person to decide", resolved=False, rule=code, why=why)
