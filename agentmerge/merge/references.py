"""Instructions to use a tool that the canonical agent has not (REF001)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agentmerge.merge.claims import STATEMENTS
from agentmerge.merge.header import grants_of
from agentmerge.merge.loose import Note, is_last, loose
from agentmerge.merge.table import Table
from agentmerge.model import Outcome, Unit
from agentmerge.rules.privileges.tool_names import ALIASES, tool_names
from agentmerge.rules.privileges.toolset import ToolSet, grants
from agentmerge.rules.text.references import SERVER, Demand, Mention, demand_of, server_key

_CODE = "REF001"
# The shell searches as well, and current releases search with it alone.
_SEARCH = frozenset(("Grep", "Glob", "LS"))


def settle_references(table: Table) -> Iterator[Note]:
    """Drop, keep or make possible what asks for a tool that is not granted; notes on what stays."""
    if table.tools.everything and not table.tools.denied:
        return
    listed = tuple(name for grant in grants_of(table.agents, table.policy) for name in grant.tools.names)
    servers = frozenset(server_key(name) for name in (*listed, *table.tools.names) if name.startswith(SERVER)) - {""}
    may_go = loose(table)
    for unit in tuple(table.undecided()):
        demand = demand_of(unit.text, servers) if unit.kind in STATEMENTS else None
        lacking = [mention for mention in demand.mentions if _lacks(table.tools, mention)] if demand else []
        if demand is None or not lacking or (demand.alternatives and len(lacking) < len(demand.mentions)):
            continue
        asks = f"asks for {_named(lacking)}, which the merged agent is not granted"
        match table.policy.choice("references", at=table.subject(unit.id)):
            case "keep":
                yield Note(_CODE, unit, f"{asks}; it stays, as the policy says")
            case "add":
                yield from _add(table, unit, lacking, listed, asks)
            case _:
                yield from _drop(table, unit, demand, lacking, asks, loose=unit.id in may_go and not is_last(table, unit))


def _lacks(tools: ToolSet, mention: Mention) -> bool:
    """Whether a tool is not granted; of servers that are inherited, and of tools that are gone, nobody can tell."""
    if mention.name.startswith(SERVER):
        if tools.everything:
            return False
        if mention.is_server:
            return server_key(mention.name) not in {server_key(name) for name in tools.names if name.startswith(SERVER)}
        return not grants(tools, mention.name)
    return ALIASES.get(mention.name, mention.name) is not None and not grants(tools, mention.name)


def _named(mentions: Iterable[Mention]) -> str:
    return ", ".join(dict.fromkeys(mention.shown for mention in mentions))


def _drop(table: Table, unit: Unit, demand: Demand, lacking: Sequence[Mention], asks: str, *, loose: bool) -> Iterator[Note]:
    if any(mention.name in _SEARCH for mention in lacking):
        yield Note(_CODE, unit, f"{asks}; it stays, for there may be other ways to search")
    elif not demand.whole or len(lacking) < len(demand.mentions):
        yield Note(_CODE, unit, f"{asks}; it stays, for it says more")
    elif not loose:
        yield Note(_CODE, unit, f"{asks}; it stays, for others rest on it")
    else:
        table.record(unit.id, Outcome.DROPPED, _CODE, asks)
        table.find(_CODE, unit, f"{asks}; it is dropped")


def _add(table: Table, unit: Unit, lacking: Sequence[Mention], listed: Sequence[str], asks: str) -> Iterator[Note]:
    wanted = [name for mention in lacking for name in _grantable(table.tools, mention, listed)]
    if wanted:
        table.wanted.extend(wanted)
        table.find(_CODE, unit, f"asks for {_named(lacking)}; {', '.join(sorted(set(wanted)))} added to the tools")
    else:
        yield Note(_CODE, unit, f"{asks}; nothing is added, for no source lists it or one denies it")


def _grantable(tools: ToolSet, mention: Mention, listed: Sequence[str]) -> tuple[str, ...]:
    """The names that grant a tool: those that sources list, or a built-in one; never what a source denies."""
    if mention.is_server:
        names: tuple[str, ...] = tuple(name for name in listed if name.startswith(SERVER) and server_key(name) == server_key(mention.name))
    elif mention.name.startswith(SERVER):
        names = tuple(name for name in listed if grants(ToolSet(everything=False, names=(name,), denied=()), mention.name))
    else:
        names = (ALIASES.get(mention.name) or mention.name,) if mention.name in tool_names() else ()
    free = ToolSet(everything=True, names=(), denied=tools.denied)
    return tuple(dict.fromkeys(name for name in names if grants(free, name)))
