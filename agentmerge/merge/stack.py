"""Statements, rows and examples about other stacks than the policy's (STACK001).

``only`` drops what is about foreign products alone; ``prefer`` lets foreign examples give way to own ones.
"""

from __future__ import annotations

import re
from collections import defaultdict

from agentmerge.merge.claims import Reading, concepts_of, plain
from agentmerge.merge.examples import FENCE_NAMES, framework_of
from agentmerge.merge.identity import identities_of
from agentmerge.merge.loose import is_last, loose
from agentmerge.merge.stacks import Stack, products, stack_of
from agentmerge.merge.table import Table
from agentmerge.model import Conflict, Kind, Outcome, Unit

RULE = "STACK001"
_STATED = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE, Kind.ROW))
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_EITHER = re.compile(r"/|\bor\b|또는|혹은|または|もしくは|或者|或")
# "Express every amount in cents" is about no framework.
_VERB = re.compile(
    r"\W*(?:express|react|go|rust|swift)\s+(?:an?|the|all|any|each|every|your|their|its|to|on|with|in|as|through|over|back|only|clearly)\b",
    re.IGNORECASE,
)
# Named in passing wherever an interface is spoken of; no product that a line would be about.
_EVERYWHERE = frozenset(("http", "rest", "json"))


def settle_stack(table: Table) -> None:
    """Apply the policy's stack to every statement that is still undecided."""
    strategies = {unit.id: table.policy.choice("stack", at=table.subject(unit.id)) for unit in table.undecided()}
    if all(strategy == "keep" for strategy in strategies.values()):
        return
    stacks: dict[object, Stack] = {}
    gone: list[str] = []
    may_go = loose(table)
    identities = {unit.id for agent in table.agents for unit in identities_of(agent)}
    for unit in list(table.undecided()):
        if strategies[unit.id] == "keep" or unit.id in identities:
            continue
        names = table.policy.option("stack", "names", at=table.subject(unit.id))
        if names not in stacks:
            stacks[names] = stack_of(names if isinstance(names, tuple) else (), table.comparison.lexicon, table.policy.origin)
        if _settle(table, unit, stacks[names], strategies[unit.id], unit.id in may_go):
            gone.append(unit.id)
    gone += _empty_heads(table, gone)
    if gone:
        _tell(table, gone)


def _settle(table: Table, unit: Unit, stack: Stack, strategy: str, may_go: bool) -> bool:
    """Decide one unit; whether it went."""
    reading = table.reading(unit.id)
    if unit.kind is Kind.CODE:
        what = _foreign_code(table, reading, stack)
        return what is not None and _drop_code(table, unit, what, stack, strategy)
    if unit.kind not in _STATED or strategy != "only":
        return False
    foreign = {c for c in reading.technologies if stack.is_foreign(c)}
    if not foreign or _VERB.match(unit.text):
        return False
    others = {c for c in reading.technologies if not c.startswith("n:")} - foreign - _EVERYWHERE
    # A kind, and the language that a product is written in, come with the product.
    others -= table.comparison.lexicon.implied(reading.technologies)
    others -= {language for c in foreign for language in products()[c].languages}
    stays = others or _only_one_way(table, unit, foreign) or not (may_go or unit.kind is Kind.ROW) or is_last(table, unit)
    if stays:
        table.find(RULE, unit, f"names {', '.join(sorted(foreign))}, which the policy's stack has not, beside other things; it stays")
        return False
    table.record(unit.id, Outcome.DROPPED, RULE, f"about {', '.join(sorted(foreign))}; {_named(stack)}")
    return True


def _only_one_way(table: Table, unit: Unit, foreign: set[str]) -> bool:
    """Whether foreign products are only one way of several ("type hints or TypeScript"), or an aside in brackets."""
    lexicon = table.comparison.lexicon
    outside = _BRACKETS.sub(" ", plain(unit.text))
    if foreign.isdisjoint(concepts_of(outside, lexicon)):
        return True
    ways = [concepts_of(way, lexicon) for way in _EITHER.split(outside)]
    return len(ways) > 1 and any(way and foreign.isdisjoint(way) for way in ways)


def _foreign_code(table: Table, reading: Reading, stack: Stack) -> str | None:
    """The foreign framework or language that a block of code shows, if it does."""
    shown = framework_of(reading, table.comparison)
    if shown is not None and (shown[1] in stack.own or stack.is_foreign(shown[1])):
        return shown[1] if stack.is_foreign(shown[1]) else None
    language = _language(reading.unit)
    return language if stack.has_language(language) is False else None


def _language(unit: Unit) -> str:
    info = (unit.info.split() or [""])[0].lower()
    return {"go": "golang", "c": "c-language", "c++": "cpp", "c#": "csharp", "cs": "csharp", "rb": "ruby", "kt": "kotlin"}.get(
        info, FENCE_NAMES.get(info, info)
    )


def _drop_code(table: Table, unit: Unit, what: str, stack: Stack, strategy: str) -> bool:
    if strategy == "only":
        if is_last(table, unit):
            return False
        table.record(unit.id, Outcome.DROPPED, RULE, f"an example in {what}; {_named(stack)}")
        return True
    best = next((own for own in table.undecided() if own.kind is Kind.CODE and _is_own_code(table, own, stack)), None)
    if best is not None:
        table.record(unit.id, Outcome.OVERRIDDEN, RULE, f"an example in {what}; the policy prefers {_listed(stack)}", best.id)
    return best is not None


def _is_own_code(table: Table, unit: Unit, stack: Stack) -> bool:
    shown = framework_of(table.reading(unit.id), table.comparison)
    return (shown is not None and shown[1] in stack.own) or (
        _foreign_code(table, table.reading(unit.id), stack) is None and stack.has_language(_language(unit)) is True
    )


def _empty_heads(table: Table, gone: list[str]) -> list[str]:
    """The head rows of tables whose other rows have all gone."""
    blocks: dict[str, list[Unit]] = defaultdict(list)
    for unit in table.units.values():
        if unit.kind is Kind.ROW:
            blocks[unit.block].append(unit)
    heads = []
    for rows in blocks.values():
        if len(rows) > 1 and rows[0].id not in gone and all(row.id in gone for row in rows[1:]):
            table.record(rows[0].id, Outcome.DROPPED, RULE, "the head of a table whose rows have all gone")
            heads.append(rows[0].id)
    return heads


def _named(stack: Stack) -> str:
    return f"the policy's stack is {_listed(stack)} only"


def _listed(stack: Stack) -> str:
    return ", ".join(sorted(stack.own))


def _tell(table: Table, gone: list[str]) -> None:
    count = f"{len(gone)} statement{'' if len(gone) == 1 else 's'}"
    table.conflicts.append(
        Conflict(
            id="stack",
            kind="stack",
            members=tuple(gone),
            decision=f"{count} left out by the policy's stack",
            resolved=True,
            rule=RULE,
            why="they are about products of other stacks",
        )
    )
