"""The order of parts that stand side by side: by what they are for, then as most sources have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from agentmerge.merge.drafts import Draft, Team


def in_order(drafts: Sequence[Draft], team: Team) -> list[Draft]:
    """Parts in the order of a canonical agent.

    Those of the base stand as in its file. Others stand by their roles; within one role a part comes
    before another when most sources that have both put it first, and what no source orders stands by
    how far down its files it is. Where the votes run in a circle the place in the files decides. What one
    source has whole under one heading it orders itself: "Critical" before "High", whatever each is for.
    """
    keys = {draft.topic.id: draft.order for draft in drafts}
    ranked = sorted(drafts, key=lambda d: keys[d.topic.id])
    places = {draft.topic.id: _places(draft, team) for draft in ranked}
    result: list[Draft] = []
    shared = frozenset[str].intersection(*(frozenset(its) for its in places.values())) if places else frozenset()
    ordered = bool(shared) and all(draft.parent is not None and draft.parent.parent is not None for draft in drafts)
    for _, group in groupby(ranked, key=lambda d: keys[d.topic.id][: 1 if ordered else 2]):
        waiting = list(group)
        while waiting:
            free = next((d for d in waiting if not any(_votes(places, o, d) > 0 for o in waiting if o is not d)), waiting[0])
            result.append(free)
            waiting.remove(free)
    return result


def _places(draft: Draft, team: Team) -> Mapping[str, int]:
    """Where the first section of a part stands in each source that has one."""
    found: dict[str, int] = {}
    for section in draft.members:
        at = team.place[section.id]
        found[section.source] = min(at, found.get(section.source, at))
    return found


def _votes(places: Mapping[str, Mapping[str, int]], one: Draft, other: Draft) -> int:
    """How many more sources put the one before the other than the reverse."""
    a, b = places[one.topic.id], places[other.topic.id]
    return sum(1 if a[source] < b[source] else -1 for source in a.keys() & b.keys())
