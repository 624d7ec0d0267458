"""Only X against a rival of X, or a narrow role against broader duties (CONF004): one conflict for each exclusive line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agentmerge.merge.claims import STATEMENTS, concepts_of, plain
from agentmerge.merge.sides import Parting, settle_parting
from agentmerge.merge.stacks import products, rivals
from agentmerge.merge.table import Table
from agentmerge.model import Unit
from agentmerge.rules.text.clauses import says_more
from agentmerge.rules.text.exclusive import Exclusive, asks_to_make, exclusive_of

_METHODS = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b")
_SHOWN = 12
# One stray verb is no duty: a role is broader when another source asks for work of this kind at least so often.
_DUTIES = 2


def settle_exclusive(table: Table) -> None:
    """Find each statement that allows one thing only, and what other sources say against it."""
    for unit in list(table.undecided()):
        only = exclusive_of(plain(unit.text)) if unit.kind in STATEMENTS and table.stands(unit.id) else None
        if only is not None:
            against = list(_rivals(table, unit, only) if only.kind == "choice" else _duties(table, unit))
            if against:
                _settle(table, unit, only, against)


def _settle(table: Table, unit: Unit, only: Exclusive, against: list[Unit]) -> None:
    ids = tuple(other.id for other in against)
    count = f"{len(against)} statement{'' if len(against) == 1 else 's'} of other sources"
    why = f"only {only.what!r}, against {count}" if only.kind == "choice" else f"the role is {only.what!r} only, against {count}"
    parting = Parting(kind="exclusive", a=(unit.id,), b=ids[:_SHOWN], why=why, stricter=0, rest=ids[_SHOWN:])
    settle_parting(table, parting, lambda member: _says_only_that(table, member))


def _says_only_that(table: Table, member: str) -> bool:
    """Whether a statement makes no demand but the one in dispute."""
    unit = table.units[member]
    return not says_more(plain(unit.text)) and len(table.reading(member).facets) == 1


def _others(table: Table, unit: Unit) -> Iterator[Unit]:
    return (u for u in table.undecided() if u.source != unit.source and u.kind in STATEMENTS)


def _rivals(table: Table, unit: Unit, only: Exclusive) -> Iterator[Unit]:
    """Statements that prescribe a rival of what is allowed alone."""
    own = frozenset(table.reading(unit.id).technologies)
    allowed = concepts_of(only.what, table.comparison.lexicon) & own & products().keys()
    methods = frozenset(_METHODS.findall(only.what))
    for other in _others(table, unit):
        reading = table.reading(other.id)
        if reading.negative or exclusive_of(plain(other.text)) == only:
            continue
        found = reading.technologies - own
        # Who names the allowed one as well compares the two.
        rival = any(rivals(a, b) for a in allowed for b in found) and allowed.isdisjoint(reading.technologies)
        if rival or (methods and frozenset(_METHODS.findall(other.text)) - methods):
            yield other


def _duties(table: Table, unit: Unit) -> Iterator[Unit]:
    """Statements that ask for making things, of sources that ask so more than once."""
    made = [u for u in _others(table, unit) if not table.reading(u.id).negative and asks_to_make(plain(u.text))]
    counts = Counter(other.source for other in made)
    return (other for other in made if counts[other.source] >= _DUTIES)
