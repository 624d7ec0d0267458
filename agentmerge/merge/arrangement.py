"""The order of items in a list of several authors: by language, then what is of one lead or one claim side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmerge.merge.drafts import Team
from agentmerge.model import Unit


def runs_of(units: Sequence[Unit]) -> list[list[Unit]]:
    """The items of a list, each with its sentences and what is nested in it."""
    runs: list[list[Unit]] = []
    for unit in units:
        same = runs and runs[-1][0].source == unit.source and (unit.depth > 0 or unit.item == runs[-1][0].item)
        if same:
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return runs


def arranged(units: Sequence[Unit], team: Team) -> list[Unit]:
    """Items in the preferred language before the others, then those of one lead or claim side by side, each with what is nested in it."""
    runs = runs_of(units)
    runs.sort(key=lambda run: _is_foreign(run[0], team))
    places: dict[object, int] = {}
    for place, run in enumerate(runs):
        places.setdefault(_lead_of(run[0], team), place)
    runs.sort(key=lambda run: places[_lead_of(run[0], team)])
    return [unit for run in _side_by_side(runs, team) for unit in run]


def _is_foreign(unit: Unit, team: Team) -> bool:
    """Whether a unit is shown in another language than the preferred one; who asks for one language translates what is not in it."""
    return team.policy.language == "keep" and unit.language not in (team.language, "code")


def _side_by_side(runs: Sequence[list[Unit]], team: Team) -> list[list[Unit]]:
    """The same items, each behind the one of another author that it is most surely aligned with."""
    followers: dict[str, list[list[Unit]]] = {}
    firsts: list[list[Unit]] = []
    placed: dict[str, list[Unit]] = {}
    for run in runs:
        beside = _aligned_with(run, placed, team)
        (firsts if beside is None else followers.setdefault(beside[0].id, [])).append(run)
        placed.update((unit.id, run) for unit in run)
    result: list[list[Unit]] = []
    waiting = firsts[::-1]
    while waiting:
        run = waiting.pop()
        result.append(run)
        waiting.extend(reversed(followers.get(run[0].id, ())))
    return result


def _aligned_with(run: Sequence[Unit], placed: Mapping[str, list[Unit]], team: Team) -> list[Unit] | None:
    """The item of another author, shown in the same language, that an item is most surely aligned with."""
    found = sorted((-score, partner) for unit in run for partner, score in team.partners.get(unit.id, ()) if partner in placed)
    for _, partner in found:
        first = placed[partner][0]
        if first.source != run[0].source and _is_foreign(first, team) == _is_foreign(run[0], team):
            return placed[partner]
    return None


def _lead_of(unit: Unit, team: Team) -> object:
    """What the bold lead of an item names; an item without one stands for itself."""
    return (team.comparison.readings[unit.id].title if unit.label else None) or unit.id
