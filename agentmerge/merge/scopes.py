"""Statements that keep an agent to a subject, or set one aside, when another source does what lies outside (SCOPE001)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.doers import Doers, Doing, Showing
from agentmerge.merge.fields import all_fields, own_fields, subjects_of
from agentmerge.merge.identity import identities_of
from agentmerge.merge.loose import Note, is_last, loose
from agentmerge.merge.subjects import titles_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit
from agentmerge.rules.text.scopes import Scope, introduces, listed, scope_of, sets_aside

_CODE = "SCOPE001"
_RULE = "scope"
# What introduces statements; they are read with it.
_INTRODUCE = frozenset((Kind.LEAD, Kind.HEADING))


class _Void(NamedTuple):
    """Why a statement no longer holds: what it says, what another source does, and what of it ``still`` holds."""

    says: str
    doing: Doing
    subject: str
    still: tuple[str, ...] = ()


def settle_scopes(table: Table) -> Iterator[Note]:
    """Drop what says nothing but that the agent is narrower than the merged one; notes on what says more."""
    scopes = scopes_of(table) if len(table.agents) > 1 else {}
    if not scopes:
        return
    doers, free = Doers(table, scopes), loose(table)
    identities = {unit.id for agent in table.agents for unit in identities_of(agent)}
    found = {name: _void(table, doers, table.units[name], scope) for name, scope in scopes.items() if name not in table.made}
    voids = {name: void for name, void in found.items() if void}
    going = frozenset(name for name, void in voids.items() if name not in identities and _may_go(table, scopes[name], name, void, free))
    for name, void in voids.items():
        unit, told = table.units[name], f"{void.says}, and {void.doing.unit.source} line {void.doing.unit.lines[0]} does {void.subject}"
        strategy = table.policy.choice(_RULE, at=table.subject(name))
        open_to = _needed(table, doers, unit, scopes[name], going) if strategy == "broader" else None
        if strategy == "keep":
            yield Note(_CODE, unit, f"{told}; it stays, as the policy says")
        elif strategy == "ask" or open_to:
            decision = f"both stay, for {open_to}" if open_to else "for a person to decide; both stay meanwhile"
            table.dispute(_RULE, (name, void.doing.unit.id), decision=decision, resolved=False, rule=_CODE, why=told)
        elif name in going and not is_last(table, unit):
            table.record(name, Outcome.DROPPED, _CODE, told)
            table.find(_CODE, unit, f"{told}; it is dropped")
        else:
            yield Note(_CODE, unit, f"{told}; it stays, for {_why_it_stays(unit, scopes[name], void, free)}")


def _why_it_stays(unit: Unit, scope: Scope, void: _Void, free: frozenset[str]) -> str:
    if void.still:
        return f"it sets {_listed(void.still)} aside too"
    return "others rest on it" if scope.whole and unit.kind in STATEMENTS and unit.id not in free else "it says more"


def _may_go(table: Table, scope: Scope, name: str, void: _Void, free: frozenset[str]) -> bool:
    """Whether a statement has no other point, and nothing rests on it (it is ``free``); who the agent is, is decided elsewhere."""
    alone = table.units[name].kind in _INTRODUCE or name in free
    broader = table.policy.choice(_RULE, at=table.subject(name)) == "broader"
    return scope.whole and not void.still and alone and broader


def _needed(table: Table, doers: Doers, unit: Unit, scope: Scope, going: frozenset[str]) -> str | None:
    """Why a narrow statement cannot go although it has no other point: a person must put something in its place."""
    if unit.id not in going:
        return None
    if unit.kind in _INTRODUCE:
        free = _is_introduced(table, unit) and _stands_apart(table, unit, going)
        return None if free else "what stands below needs it"
    spoken = not scope.only or any(doers.speaks(unit.source, subject) for subject in _subjects(table, scope.only))
    return None if spoken else "nothing else says what it keeps to"


def scopes_of(table: Table) -> Mapping[str, Scope]:
    """The statements and lead-ins that keep to subjects or set them aside, in file order."""
    found: dict[str, Scope] = {}
    for agent in table.agents:
        lead: Unit | None = None
        for unit in agent.units:
            if unit.kind is Kind.LEAD:
                lead = unit
            elif lead and unit.section != lead.section:
                lead = None
            scope = _scope(table, unit, lead) if table.stands(unit.id) else None
            if scope:
                found[unit.id] = scope
    return found


def _scope(table: Table, unit: Unit, lead: Unit | None) -> Scope | None:
    if unit.kind not in _INTRODUCE and unit.kind not in STATEMENTS:
        return None
    title = next(titles_of(unit, table.sections), "")
    if unit.kind not in _INTRODUCE and unit.item is not None and (sets_aside(plain(title)) or (lead and sets_aside(plain(lead.text)))):
        return listed(plain(unit.text), plain(unit.label))
    scope = scope_of(plain(unit.text))
    return scope if scope and _is_about_fields(table, scope) else None


def _is_about_fields(table: Table, scope: Scope) -> bool:
    """Whether a statement names a field of work; a brief one must name nothing else."""
    named = [_subjects(table, (part,)) for part in scope.only or scope.aside]
    fields = [bool(subjects) and subjects <= all_fields() for subjects in named]
    return all(fields) if scope.brief else any(fields)


def _void(table: Table, doers: Doers, unit: Unit, scope: Scope) -> _Void | None:
    return _only(table, doers, unit, scope) or _aside(table, doers, unit, scope)


def _only(table: Table, doers: Doers, unit: Unit, scope: Scope) -> _Void | None:
    """What another source surely does beside the subjects that a statement keeps to."""
    kept = _subjects(table, scope.only) & all_fields()
    if not kept:
        return None
    named = _subjects(table, scope.aside)
    outside = [(s, doers.others(unit.source, s)) for s in sorted(own_fields() - kept) if not doers.shown(unit.source, s)]
    found = [(subject, doing) for subject, doing in outside if doing and doers.is_work_of(doing.unit.source, subject)]
    if not found:
        return None
    subject, doing = min(found, key=lambda one: (one[0] not in named, -one[1].how))
    return _Void(f"keeps to {_listed(scope.only)}", doing, subject)


def _aside(table: Table, doers: Doers, unit: Unit, scope: Scope) -> _Void | None:
    """What a statement sets aside that another source does; ``still`` what nobody does."""
    done: dict[str, tuple[str, Doing]] = {}
    still: list[str] = []
    for part in scope.aside:
        subjects = sorted(_subjects(table, (part,)))
        found = [doers.others(unit.source, subject) for subject in subjects]
        if subjects and found[0] and all(found):
            done[part] = (subjects[0] if subjects[0] in all_fields() else part, found[0])
        elif not subjects or not all(_heads(doers, unit, subject) for subject in subjects):
            still.append(part)  # What has a heading of its own all the same was never set aside.
    if not done:
        return None
    subject, doing = max(done.values(), key=lambda one: one[1].how)
    return _Void(f"sets {_listed(tuple(done))} aside", doing, subject, tuple(still))


def _heads(doers: Doers, unit: Unit, subject: str) -> bool:
    return any(doing.how is Showing.HEADS for doing in doers.shown(unit.source, subject))


def _is_introduced(table: Table, lead: Unit) -> bool:
    """Whether a heading right above a lead-in says by itself what the list below is; a heading is not so introduced."""
    section = table.sections[lead.section]
    return lead.kind is Kind.LEAD and section.heading is not None and section.units[0] == lead.id and introduces(plain(section.title))


def _stands_apart(table: Table, lead: Unit, going: frozenset[str]) -> bool:
    """Whether no list of another source that keeps its lead-in may stand beside this one: it would seem to be led in by that."""
    others = (s for s in table.sections.values() if s.source != lead.source and s.heading is not None and s.units)
    leads = [table.units[s.units[0]] for s in others if introduces(plain(s.title))]
    return not any(one.kind is Kind.LEAD and not (one.id in going and _is_introduced(table, one)) for one in leads)


def _subjects(table: Table, parts: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(subjects_of(part, table.comparison.lexicon) for part in parts))


def _listed(parts: tuple[str, ...]) -> str:
    return ", ".join(repr(part) for part in parts)
