"""The order of parts that stand side by side: by what they are for, then as most sources have them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from agentmerge.merge.drafts import Draft, Team
from agentmerge.merge.roles import DOMAIN

_STAGE = re.compile(
    r"\W*(?:(?:phase|step|stage|단계|フェーズ|ステップ|ステージ|阶段|階段|步骤|步驟)\s*|第\s*)(\d+)|\W*(\d+)\s*(?:단계|段階)", re.IGNORECASE
)


def in_order(drafts: Sequence[Draft], team: Team) -> list[Draft]:
    """Parts in the order of a canonical agent.

    Those of the base stand as in its file. Others stand by their roles; within one role a part comes
    before another when most sources that have both put it first, and what no source orders stands by
    how far down its files it is; where the votes run in a circle the place in the files decides. Of subjects,
    and under one heading, one author's parts stand together. What one source has whole under one heading it
    orders itself: "Critical" before "High", whatever each is for.
    """
    keys = {draft.topic.id: draft.order for draft in drafts}
    ranked = sorted(drafts, key=lambda d: keys[d.topic.id])
    places = {draft.topic.id: _places(draft, team) for draft in ranked}
    result: list[Draft] = []
    nested = all(draft.parent is not None and draft.parent.parent is not None for draft in drafts)
    own = nested and bool(drafts) and bool(frozenset[str].intersection(*(frozenset(its) for its in places.values())))
    for _, group in groupby(ranked, key=lambda d: keys[d.topic.id][: 1 if own else 2]):
        waiting = list(group)
        while waiting:
            free = [d for d in waiting if not any(_votes(places, o, d) > 0 for o in waiting if o is not d)] or waiting[:1]
            last = places[result[-1].topic.id].keys() if result else frozenset()
            beside = next((d for d in free if places[d.topic.id].keys() & last), free[0])
            result.append(beside if nested or free[0].role == DOMAIN else free[0])
            waiting.remove(result[-1])
    return _stages_together(result)


def _stages_together(drafts: Sequence[Draft]) -> list[Draft]:
    """The same parts; those that one author calls "Phase 1", "Phase 2" stand one after the other, where the first of them stood."""
    stages: dict[str, list[tuple[int, Draft]]] = defaultdict(list)
    for draft in drafts:
        number = _STAGE.match(draft.title)
        if number and draft.heading and draft.based is None:
            stages[draft.heading.source].append((int(number.group(1) or number.group(2)), draft))
    follows = {id(draft): its for its in stages.values() if len(its) > 1 for _, draft in its}
    result: list[Draft] = []
    for draft in drafts:
        if id(draft) not in follows:
            result.append(draft)
        elif its := follows[id(draft)]:
            result.extend(stage for _, stage in sorted(its, key=lambda one: one[0]))
            its.clear()
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
