"""Frontmatter keys by a person's answers (DEC001): the value, or the source, that wins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentmerge.model import Agent, FieldDecision, Outcome, Value
from agentmerge.rules.chosen import Chosen
from agentmerge.rules.decisions import OMIT, KeyAnswer, said
from agentmerge.rules.privileges.tool_strategies import Grant, Omitted, Strategy
from agentmerge.rules.privileges.tools import ToolsDecision, decide_tools

RULE = "DEC001"


def answered_tools(grants: Sequence[Grant], answer: KeyAnswer) -> ToolsDecision | None:
    """The tool list that a person chose; ``None`` when the source that wins is not merged."""
    why = said(answer.note)
    if answer.value is not None:
        listed = answer.value.split(",") if isinstance(answer.value, str) else answer.value
        names = tuple(name.strip() for name in listed if name.strip())
        made = decide_tools(tuple(grants), strategy=Strategy.SET, omitted=Omitted.ALL, chosen=names)
        return replace(made, why=f"{why}{made.why.removeprefix('set: the list that the policy names')}")
    if any(grant.source == answer.source for grant in grants):
        ranked = tuple(replace(grant, priority=int(grant.source == answer.source)) for grant in grants)
        made = decide_tools(ranked, strategy=Strategy.PRIORITY, omitted=Omitted.ALL)
        return replace(made, why=f"{why}; {made.why}")
    return None


def answered_key(agents: Sequence[Agent], key: str, answer: KeyAnswer | None) -> Chosen | None:
    """A key's value by a person's answer; ``None`` when there is none, or the source that wins has no such key."""
    if answer is None:
        return None
    given = [(agent.source.id, agent.value(key)) for agent in agents if agent.has(key)]
    why = said(answer.note)
    if answer.value == OMIT:
        return Chosen(key=key, value=None, present=False, decisions=tuple(_field(s, key, Outcome.DROPPED, why) for s, _ in given))
    if answer.source:
        winner = next((agent for agent in agents if agent.source.id == answer.source), None)
        if winner is None:
            return None
        if not winner.has(key):
            return Chosen(key=key, value=None, present=False, decisions=tuple(_field(s, key, Outcome.DROPPED, why) for s, _ in given))
        value = winner.value(key)
    else:
        # A value that a source has is that source's, be it a number, a map, or a list.
        wanted = _text(answer.value)
        value = next((own for _, own in given if _text(own) == wanted), answer.value)
    return Chosen(key=key, value=value, present=value is not None, decisions=_settled(key, given, value, why))


def with_answer(agents: Sequence[Agent], chosen: Chosen, answer: KeyAnswer | None) -> Chosen:
    """What a rule chose, or a person in its place; a conflict that the rule found is listed as decided."""
    told = answered_key(agents, chosen.key, answer)
    if told is None or answer is None:
        return chosen
    done = f"{chosen.key} is {_text(told.value)}" if told.present else f"{chosen.key} is left out"
    decided = (c._replace(decision=f"{done}: {said(answer.note)}", resolved=True, rule=RULE, fails=False) for c in chosen.conflicts)
    return told._replace(conflicts=tuple(decided))


def _settled(key: str, given: Sequence[tuple[str, Value]], value: Value, why: str) -> tuple[FieldDecision, ...]:
    made: list[FieldDecision] = []
    for source, own in given:
        same = own == value
        kept = any(one.outcome is Outcome.KEPT for one in made)
        made.append(_field(source, key, (Outcome.MERGED if kept else Outcome.KEPT) if same else Outcome.OVERRIDDEN, why))
    return tuple(made)


def _field(source: str, key: str, outcome: Outcome, why: str) -> FieldDecision:
    return FieldDecision(source=source, key=key, outcome=outcome, rule=RULE, why=why)


def _text(value: Value) -> str:
    """A value as a person writes it."""
    if isinstance(value, str):
        return ", ".join(part.strip() for part in value.split(","))
    if isinstance(value, tuple):
        return ", ".join(_text(item) for item in value)
    return json.dumps(_jsonable(value), ensure_ascii=False, sort_keys=True)


def _jsonable(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _jsonable(item) for key, item in value.items()}
    return [_jsonable(item) for item in value] if isinstance(value, tuple) else value
