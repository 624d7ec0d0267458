"""Directives about the language to answer in become one (LANG002)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from agentmerge.merge.claims import STATEMENTS
from agentmerge.merge.table import Table
from agentmerge.model import Outcome, Unit
from agentmerge.rules.text.answer_words import states_ability
from agentmerge.rules.text.answers import Directive, Scope, Strategy, decide_answers, together

_CODE = "LANG002"


class Asked(NamedTuple):
    """What one paragraph or item of a source asks for; ``beside`` says that the languages are mastered, and no more."""

    units: tuple[Unit, ...]
    directive: Directive
    beside: tuple[Unit, ...]

    @property
    def source(self) -> str:
        return self.units[0].source

    @property
    def names(self) -> str:
        return f"{self.source} line {self.units[0].lines[0]}"


def settle_answers(table: Table) -> None:
    """Merge directives of several sources that ask for the same, and settle those that do not agree."""
    found = sorted(_asked(table), key=lambda asked: asked.directive.scope)
    for _, each in groupby(found, key=lambda asked: asked.directive.scope):
        team = _merged(table, list(each))
        if any(a.directive.opposes(b.directive) and a.source != b.source for a in team for b in team):
            _settle(table, team)


def _asked(table: Table) -> Iterator[Asked]:
    """The directives of all sources, one for each scope of a paragraph or item."""
    standing = (unit for unit in table.undecided() if unit.kind in STATEMENTS)
    for _, each in groupby(standing, key=lambda unit: (unit.source, unit.block, unit.item)):
        units = tuple(each)
        asking = [unit for unit in units if table.reading(unit.id).directives]
        if asking:
            yield from _of_paragraph(table, units, asking)


def _of_paragraph(table: Table, units: Sequence[Unit], asking: Sequence[Unit]) -> Iterator[Asked]:
    able = tuple(unit for unit in units if unit not in asking and states_ability(unit.text))
    by_scope: dict[Scope, list[tuple[Unit, Directive]]] = {}
    for unit in asking:
        for directive in table.reading(unit.id).directives:
            by_scope.setdefault(directive.scope, []).append((unit, directive))
    for scope, pairs in by_scope.items():
        one = together(directive for _, directive in pairs)
        beside = able if scope is Scope.ANSWERS else ()
        if one is not None:
            yield Asked(tuple(unit for unit, _ in pairs), one, beside)


def _merged(table: Table, team: list[Asked]) -> list[Asked]:
    """The directives that are left once those that others cover are merged into them."""
    order = sorted(team, key=lambda asked: _rank(table, asked))
    left: list[Asked] = []
    for asked in order:
        keeper = next((k for k in left if k.directive.covers(asked.directive) and k.source != asked.source), None)
        if keeper is not None and asked.directive.whole:
            why = f"{keeper.names} asks for the same: answers in {keeper.directive}"
            _take_out(
                table, asked, keeper, Outcome.MERGED, why if asked.directive.scope is Scope.ANSWERS else f"{keeper.names} asks for the same"
            )
            _keep(table, keeper, "the one directive about the language of " + keeper.directive.scope)
        else:
            left.append(asked)
    return left


def _rank(table: Table, asked: Asked) -> tuple[object, ...]:
    """Where a directive comes among those that may stand for others: the more general, then what has to stay anyway."""
    first = asked.units[0]
    return (
        len(asked.directive.languages) if asked.directive.languages else -1,
        asked.directive.whole,
        first.language != table.language,
        table.policy.rank(first.source, at=table.subject(first.id)),
        sum(len(unit.text) for unit in asked.units),
        first.id,
    )


def _take_out(table: Table, asked: Asked, keeper: Asked, outcome: Outcome, why: str) -> None:
    for unit in asked.units:
        table.record(unit.id, outcome, _CODE, why, keeper.units[0].id)
    for unit in asked.beside:
        table.record(unit.id, outcome, _CODE, f"it goes with the directive beside it: {why}", keeper.units[0].id)


def _keep(table: Table, asked: Asked, why: str) -> None:
    for unit in asked.units:
        table.record(unit.id, Outcome.KEPT, _CODE, why)


def _settle(table: Table, team: Sequence[Asked]) -> None:
    """One conflict for all directives of one scope that cannot all be obeyed."""
    ordered = sorted(team, key=lambda asked: asked.units[0].id)
    ids = [unit.id for asked in ordered for unit in asked.units]
    at = table.subject(*ids)
    verdict = decide_answers(
        Strategy(table.policy.choice("answers", at=at)),
        tuple((asked.directive, table.policy.rank(asked.source, at=table.subject(asked.units[0].id))) for asked in ordered),
    )
    winners = [asked for asked in ordered if verdict.asked is None or asked.directive.asked == verdict.asked]
    losers = [asked for asked in ordered if asked not in winners and any(asked.directive.opposes(w.directive) for w in winners)]
    why = "answers are asked for in " + _listed(ordered) if ordered[0].directive.scope is Scope.ANSWERS else _elsewhere(ordered)
    staying = [asked.names for asked in losers if not asked.directive.whole]
    for asked in losers:
        if asked.names not in staying:
            _take_out(table, asked, winners[0], Outcome.OVERRIDDEN, f"{why}; {verdict.decision}")
    for asked in ordered:
        if asked not in losers or asked.names in staying:
            _keep(table, asked, verdict.decision)
    more = f"; {' and '.join(staying)} stays too, for it says more" if staying else ""
    table.dispute(
        "answers",
        tuple(ids),
        decision=verdict.decision + more,
        resolved=verdict.resolved and not staying,
        rule=_CODE,
        why=why,
    )


def _elsewhere(asked: Sequence[Asked]) -> str:
    return f"{asked[0].directive.scope} are asked for in {_listed(asked)}"


def _listed(team: Iterable[Asked]) -> str:
    """What is asked for and by whom: "en (a), ko (b)"."""
    by: dict[str, list[str]] = {}
    for asked in team:
        by.setdefault(str(asked.directive), []).append(asked.source)
    return ", ".join(f"{what} ({', '.join(dict.fromkeys(sources))})" for what, sources in by.items())
