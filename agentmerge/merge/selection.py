"""The smallest set of statements that makes every claim, the most informative wordings first.

A set cover: a statement may go while those that stay make its claims, and the claims of those that went
before it. Statements go from the least worth keeping to the most, first those that are said whole; then
each one that went is tried again in place of two or more that stayed, or of one that is worth less. That comes within a statement
or so of what any other order of going reaches, so components are not searched whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from agentmerge.merge.partners import Partners


class Place(NamedTuple):
    """Where a statement that goes is said: the statement that stands for it, by which rule and why; ``less``: but for a shade.

    ``foreign``: it is in the preferred language, and what stands for it is not.
    """

    into: str
    rule: str
    why: str
    less: bool = False
    foreign: bool = False


class Selection:
    """Which statements stay.

    ``order`` are the statements that may go, the least worth keeping first; ``standing`` all that stand now.
    ``place_of`` gives the place of a statement among those partners that stay, ``None`` when it has none.
    ``bound`` are statements that go with others or not at all: ``let_go`` and ``keep`` are told of them.
    """

    def __init__(
        self,
        order: Sequence[str],
        standing: Iterable[str],
        partners: Mapping[str, Partners],
        place_of: Callable[[str, Partners], Place | None],
        bound: Collection[str] = (),
    ) -> None:
        self.standing = set(standing)
        self.gone: set[str] = set()
        self._order = order
        self._bound = frozenset(bound)
        self._free: set[str] = set()
        self._rank = {unit: n for n, unit in enumerate(order)}
        self._partners = partners
        self._place_of = place_of
        self._known: dict[tuple[str, Partners], Place | None] = {}
        self._users: dict[str, set[str]] = defaultdict(set)
        for unit in order:
            for other in partners[unit].all():
                self._users[other].add(unit)

    def partners(self, unit: str) -> Partners:
        """Those who may speak for a statement and stay."""
        return self._partners[unit].among(self.standing)

    def rests(self, unit: str) -> bool:
        """Whether all that went and had a statement as a partner has a place still, now that another part of it stands."""
        self._known.clear()
        return all(self.place(user) is not None for user in self._users[unit] & self.gone)

    def place(self, unit: str) -> Place | None:
        """The place of a statement among those that stay."""
        there = self.partners(unit)
        if not there.twins and not there.peers:
            return None
        key = (unit, there)
        if key not in self._known:
            self._known[key] = self._place_of(unit, there)
        return self._known[key]

    def select(self) -> None:
        """Let go what is said whole, then what is said but for a shade; then bring back what can stand for more than it costs."""
        alone = [unit for unit in self._order if unit not in self._bound or unit in self._free]
        for unit in alone:
            if unit in self.standing:
                self._go(unit, whole=True)
        for unit in alone:
            if unit in self.standing:
                self._go(unit)
        while [unit for unit in reversed(alone) if unit in self.gone and unit not in self._bound and self._bring_back(unit)]:
            pass

    def let_go(self, units: Iterable[str]) -> list[str]:
        """Those of some statements that may go, one after the other; they are gone until they are kept."""
        return [unit for unit in units if unit in self._rank and unit in self.standing and self._go(unit)]

    def keep(self, units: Sequence[str]) -> None:
        """Keep statements that were let go."""
        self.standing.update(units)
        self.gone.difference_update(units)

    def free(self, units: Iterable[str]) -> None:
        """Let bound statements go one by one from now on."""
        self._free.update(units)

    def _go(self, unit: str, *, whole: bool = False) -> bool:
        """Let a statement go if it, and all that went and had it as a partner, keep a place; ``whole``: with nothing unsaid."""
        self.standing.discard(unit)
        users = (unit, *(self._users[unit] & self.gone))
        if all(self._is_whole(user) if whole else self.place(user) is not None for user in users):
            self.gone.add(unit)
            return True
        self.standing.add(unit)
        return False

    def _is_whole(self, unit: str) -> bool:
        """Whether nothing of a statement that went is left unsaid, nor the preferred language left for another."""
        place = self.place(unit)
        return place is not None and not place.less and not place.foreign

    def _bring_back(self, unit: str) -> bool:
        """Keep a statement after all when two or more may go for it, or one that is worth less."""
        self.standing.add(unit)
        self.gone.discard(unit)
        users = [user for user in self._order if user in self._users[unit] and user not in self._bound - self._free]
        # What would lose a shade is no reason: it may say more than what would come back.
        went = [user for user in users if user in self.standing and user != unit and self._go(user, whole=True)]
        if len(went) > 1 or any(self._rank[one] < self._rank[unit] for one in went):
            return True
        self.standing.update(went)
        self.gone.difference_update(went)
        self.standing.discard(unit)
        self.gone.add(unit)
        return False
