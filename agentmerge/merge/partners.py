"""Who may speak for a statement: take its place, or say a clause of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from agentmerge.merge.align import guard
from agentmerge.merge.authors import asks, says_again
from agentmerge.merge.claims import STATEMENTS, Reading, plain
from agentmerge.merge.lexicon import ConceptClass, normalise
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Unit

# From this score on a partner surely makes the claim; then a small part of the wording may go unsaid.
CERTAIN = 0.72
MERGED = STATEMENTS | {Kind.HTML}
_HELPER = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+")
_BLANK = re.compile(r"\[[^\[\]]+\]|\{[^{}]+\}|<[^<>]+>")


class Partners(NamedTuple):
    """Who may speak for one statement.

    ``twins`` stand in its place in a translation, ``peers`` may take its place (with scores, the surest first).
    Beside them ``own``, its author's, may say a clause of it.
    """

    twins: tuple[str, ...] = ()
    peers: tuple[tuple[str, float], ...] = ()
    own: tuple[str, ...] = ()

    def all(self) -> Iterator[str]:
        yield from self.twins
        yield from (peer for peer, _ in self.peers)
        yield from self.own

    def among(self, standing: Set[str]) -> Partners:
        """Those of them that stand."""
        return Partners(
            tuple(unit for unit in self.twins if unit in standing),
            tuple(peer for peer in self.peers if peer[0] in standing),
            tuple(unit for unit in self.own if unit in standing),
        )


def partners_for(table: Table, unit: Unit) -> Partners:
    """Who may speak for a statement, if they stay; the base stays whole."""
    if unit.source == table.policy.base:
        return Partners()
    reading = table.reading(unit.id)
    twins = (
        twin
        for twin in table.twins.get(unit.id, ())
        if frozenset((unit.id, twin)) not in table.clashing and table.units[twin].kind is unit.kind
    )
    peers, own = [], []
    for other, score in table.partners.get(unit.id, ()):
        if not _may_speak(table, unit, other):
            continue
        if table.units[other].source == unit.source and not says_again(table.comparison, reading, table.reading(other), score):
            own.append(other)
        else:
            peers.append((other, score))
    return Partners(tuple(twins), tuple(peers), tuple(own))


def _may_speak(table: Table, unit: Unit, other_id: str) -> bool:
    """Whether no guard keeps a unit from saying what another one says."""
    other = table.units[other_id]
    reading, there = table.reading(unit.id), table.reading(other_id)
    if other.kind not in MERGED or guard(reading, there):
        return False
    if (unit.kind is Kind.CHECK) != (other.kind is Kind.CHECK) and other.source == unit.source:
        return False  # Who states a rule and then asks to check it means both.
    if frozenset((unit.id, other_id)) in table.clashing or _is_blank(unit) != _is_blank(other):
        return False
    if reading.quoted != there.quoted or _is_about_another(table, reading, there) or _is_about_another(table, there, reading):
        return False
    if unit.kind is not Kind.CHECK and asks(other.text) and not asks(unit.text):
        return False  # Whether a rule is kept can be asked when there is a rule.
    # Who asks for one language does not want its wordings to give way to another's.
    return table.policy.language in ("keep", other.language) or unit.language != table.policy.language


def _is_about_another(table: Table, reading: Reading, other: Reading) -> bool:
    """Whether a statement says what a tool or an agent does, by its name (``**trace-viewer**: …``), of which the other says nothing."""
    name = plain(reading.unit.label).rstrip(":： ")
    if not _HELPER.fullmatch(name):
        return False
    words, lexicon = normalise(name), table.comparison.lexicon
    # "mobile-first" is a term, no name.
    term = any(m.end - m.start >= len(words.text) and lexicon.kinds[m.concept] != ConceptClass.TECHNOLOGY for m in lexicon.mentions(words))
    return not term and words.text.strip() not in other.key


def _is_blank(unit: Unit) -> bool:
    """Whether a unit is a blank of a template to fill in (``[Root cause]``) rather than a statement."""
    return _BLANK.fullmatch(unit.text) is not None
