"""Settle what two sets of statements part ways on: one conflict for all of them, never one a line."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, product
from typing import NamedTuple

from agentmerge.merge.table import Table
from agentmerge.model import Outcome
from agentmerge.rules.contradictions import Side, Strategy, Verdict, decide_contradiction
from agentmerge.rules.registry import BY_KEY

# More than any team has; a hostile one must not take the memory.
_PAIRS = 10_000


class Parting(NamedTuple):
    """Two sets of members (unit ids, or ``source:key``) that cannot both hold; ``kind`` is the key of the rule.

    ``stricter`` says which set is so: 0, 1, or ``None`` when nobody can tell. ``rest`` are further members
    of ``b``, too many to be named in the conflict; what becomes of ``b`` becomes of them.
    """

    kind: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    why: str
    stricter: int | None = None
    rest: tuple[str, ...] = ()


def settle_parting(table: Table, parting: Parting, may_go: Callable[[str], bool]) -> None:
    """Decide a parting and record it; of the losers go those that ``may_go``, because they say nothing else.

    When nobody decided, both stay: which of the two is stricter is used only by a policy that asks for it.
    """
    units = [member for member in (*parting.a, *parting.b) if member in table.units]
    strategy = Strategy(table.policy.choice(parting.kind, at=table.subject(*units)))
    verdict = decide_contradiction(strategy, *(_side(table, parting, n, strategy) for n in (0, 1)))
    decision, resolved = _carried_out(table, parting, verdict, may_go)
    # Whatever was decided, one side never counts as another wording of the other.
    table.clashing |= {frozenset(pair) for pair in islice(product(parting.a, (*parting.b, *parting.rest)), _PAIRS)}
    table.dispute(
        parting.kind,
        (*parting.a, *parting.b),
        decision=decision,
        resolved=resolved,
        rule=BY_KEY[parting.kind].code,
        why=parting.why,
        fails=verdict.fails,
        marked=verdict.marked,
    )


def _side(table: Table, parting: Parting, n: int, strategy: Strategy) -> Side:
    members = (parting.a, parting.b)[n]
    sources = sorted({source_of(table, member) for member in members})
    return Side(
        unit=members[0],
        source=sources[0],
        rank=min(table.policy.rank(source, at=table.subject(*(m for m in members if m in table.units))) for source in sources),
        stricter=strategy is Strategy.STRICTEST and parting.stricter == n,
        newer=False,
    )


def source_of(table: Table, member: str) -> str:
    """The source of a unit, or of a frontmatter key."""
    return table.units[member].source if member in table.units else member.rpartition(":")[0]


def _carried_out(table: Table, parting: Parting, verdict: Verdict, may_go: Callable[[str], bool]) -> tuple[str, bool]:
    """What became of the losers, in words, and whether that settles it."""
    if verdict.winner is None and any(member not in table.units for member in (*parting.a, *parting.b)):
        # What becomes of a frontmatter key is decided elsewhere.
        return verdict.decision.replace("both stay", "what stands in the body stays"), verdict.resolved
    if verdict.winner is None:
        return verdict.decision, verdict.resolved
    losers = (*parting.b, *parting.rest) if verdict.winner == parting.a[0] else parting.a
    go = [unit for unit in losers if unit in table.units and unit not in table.pinned and may_go(unit)]
    for unit in go:
        why = f"{parting.why}; {verdict.decision}"
        table.record(unit, Outcome.OVERRIDDEN, BY_KEY[parting.kind].code, why, verdict.winner)
    stay = [unit for unit in losers if unit not in go]
    if stay:
        named = ", ".join(unit for unit in stay if unit not in parting.rest)
        more = sum(unit in parting.rest for unit in stay)
        names = f"{named} and {more} more" if named and more else named or f"{more} more"
        why = "kept by a person" if table.pinned.issuperset(stay) else "saying more than that"
        return f"{verdict.decision}; {names} {'stays' if len(stay) == 1 else 'stay'} too, {why}", False
    return verdict.decision, verdict.resolved
