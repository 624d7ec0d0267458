"""Lines that hand work to an agent that is merged in, or set the agent off against it (REF002)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.identity import identities_of
from agentmerge.merge.loose import Note, is_last, loose
from agentmerge.merge.table import Table
from agentmerge.model import Agent, Finding, Kind, Outcome, Unit
from agentmerge.rules.names import choose_name
from agentmerge.rules.text.siblings import Named, handover_of, has_name, is_name, named_in, same_name

_CODE = "REF002"
_EXAMPLES = re.compile(r"<example>.*|\bexamples?:.*", re.IGNORECASE | re.DOTALL)
_SHOWN_LINES = 5
# Within so many words a sentence says who the agent is ("You are the senior API Designer").
_OPENING = 8


def settle_siblings(table: Table) -> Iterator[Note]:
    """Drop what does nothing but hand work to agents that are merged in; notes on what names them and stays."""
    may_go = loose(table)
    names = {agent.source.id: names_of(agent) for agent in table.agents}
    others = {agent.source.id: _others(names, agent) for agent in table.agents}
    for unit in tuple(table.undecided()):
        if not others[unit.source] or unit.kind in (Kind.CODE, Kind.COMMENT):
            continue
        found = handover_of(unit.text, others[unit.source])
        if found is None:
            continue
        into = f"names {_merged_in(found.named)}"
        if unit.kind not in STATEMENTS or not found.hands_over:
            yield Note(_CODE, unit, into)
        elif table.policy.choice("siblings", at=table.subject(unit.id)) == "keep":
            yield Note(_CODE, unit, f"hands work to {_merged_in(found.named)}; it stays, as the policy says")
        elif found.whole and unit.id in may_go and not is_last(table, unit):
            why = f"it hands work to {_merged_in(found.named)}"
            table.record(unit.id, Outcome.DROPPED, _CODE, why)
            table.find(_CODE, unit, f"hands work to {_merged_in(found.named)}; it is dropped")
        else:
            rests = "for it says more" if not found.whole else "for others rest on it"
            yield Note(_CODE, unit, f"hands work to {_merged_in(found.named)}; it stays, {rests}")
    _in_descriptions(table, others)


def names_of(agent: Agent) -> tuple[str, ...]:
    """What an agent is called: its name, its file's, and its title's words if those are a role."""
    found = [str(agent.value("name") or ""), PurePath(agent.source.path).stem]
    title = next((plain(u.text) for u in agent.units if u.kind is Kind.HEADING and u.text.startswith("# ")), "")
    title = re.sub(r"\s+(?:sub-?)?agent$", "", title, flags=re.IGNORECASE)
    if re.fullmatch(r"[A-Za-z][A-Za-z-]*(?: [A-Za-z][A-Za-z-]*){1,3}", title):
        found.append(title)
    return tuple(dict.fromkeys(name for name in found if is_name(name)))


def _others(names: Mapping[str, tuple[str, ...]], agent: Agent) -> tuple[str, ...]:
    """The names of the other sources that are not this one's too, nor what it says that it is."""
    own = names[agent.source.id]
    title = [plain(unit.text) for unit in agent.units if unit.kind is Kind.HEADING and unit.text.startswith("# ")][:1]
    is_ = [" ".join(plain(unit.text).split()[:_OPENING]) for unit in identities_of(agent)]
    found = dict.fromkeys(name for other, its in names.items() if other != agent.source.id for name in its)
    return tuple(
        name for name in found if not any(same_name(name, one) for one in own) and not any(has_name(one, name) for one in (*title, *is_))
    )


def _merged_in(named: Iterable[Named]) -> str:
    shown = tuple(dict.fromkeys(one.shown for one in named))
    return f"{', '.join(shown)}, which {'is' if len(shown) == 1 else 'are'} merged in"


def _in_descriptions(table: Table, others: Mapping[str, tuple[str, ...]]) -> None:
    for agent in table.agents:
        for field in agent.fields:
            if field.key == "description" and isinstance(field.value, str):
                named = named_in(_EXAMPLES.sub("", field.value), others[agent.source.id])
                if named:
                    message = f"the description names {_merged_in(named)}"
                    table.findings.append(Finding(code=_CODE, source=agent.source.id, line=field.lines[0], message=message))


def report_old_names(table: Table) -> None:
    """Note where a source that is named otherwise than the merged agent still calls itself by its old name."""
    name = str(choose_name(table.agents, table.policy).value)
    for agent in table.agents:
        own = tuple(n for n in names_of(agent)[:1] if "-" in n and not same_name(n, name))
        calling = [unit for unit in agent.units if own and table.stands(unit.id) and _calls_itself(unit, own)]
        if calling:
            lines = list(dict.fromkeys(unit.lines[0] for unit in calling))
            shown = ", ".join(map(str, lines[:_SHOWN_LINES])) + (", …" if len(lines) > _SHOWN_LINES else "")
            where = f" (line{'s' if len(lines) > 1 else ''} {shown})"
            table.find(_CODE, calling[0], f"calls itself {own[0]}, and the merged agent is named {name}{where}")


def _calls_itself(unit: Unit, own: tuple[str, ...]) -> bool:
    if unit.kind is Kind.CODE:
        return re.search(rf"[\"']{re.escape(own[0])}[\"']", unit.text) is not None
    return unit.kind in STATEMENTS and bool(named_in(unit.text, own))
