"""What a person's answers say about the units of one build (DEC001): answers matched by content.

A text may stand in several places: an answer is about each of them, unless it names source or section.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from agentmerge.model import Agent, Finding, Unit
from agentmerge.rules.decisions import (
    BOTH,
    DIFFERENT,
    NEITHER,
    SAME,
    Answers,
    Between,
    Entry,
    Exclude,
    KeyAnswer,
    Ref,
    Single,
    content_hash,
    is_open,
    iter_refs,
)


class Judged(NamedTuple):
    """An answer about two or more statements, with the units of each."""

    entry: Between
    units: tuple[tuple[str, ...], ...]

    def pairs(self) -> Iterator[frozenset[str]]:
        """Every pair of units of two of its statements."""
        for left, right in combinations(self.units, 2):
            yield from (frozenset((a, b)) for a in left for b in right if a != b)

    def wish(self, place: int) -> bool | None:
        """Whether a person wants a statement (by its place among the sides, from 0) to stay, ``None`` when the answer does not say."""
        answer = self.entry.answer
        if answer in (BOTH, NEITHER):
            return answer == BOTH
        return None if answer in (SAME, DIFFERENT) else place == int(answer) - 1


class Told(NamedTuple):
    """The answers of a decisions file as they are about one build.

    ``keep`` and ``drop`` are by unit, ``keys`` by frontmatter key, ``excluded`` by source id.
    ``same`` and ``apart`` are pairs of units; ``answered`` all pairs that some answer is about.
    ``stale`` are places of entries (from 0) that are about nothing in the sources any more.
    """

    judged: tuple[Judged, ...] = ()
    keep: Mapping[str, Single] = {}
    drop: Mapping[str, Single] = {}
    keys: Mapping[str, KeyAnswer] = {}
    excluded: Mapping[str, Exclude] = {}
    same: Mapping[frozenset[str], Between] = {}
    apart: Mapping[frozenset[str], Between] = {}
    answered: frozenset[frozenset[str]] = frozenset()
    stale: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


def wishes(told: Told, *, stay: bool) -> Mapping[str, str]:
    """The units that a person wants to stay, or to go, each with the note of the answer."""
    found = {unit: single.note for unit, single in (told.keep if stay else told.drop).items()}
    for judged in told.judged:
        for place, units in enumerate(judged.units):
            if judged.wish(place) is stay and all(judged.units):
                found.update({unit: judged.entry.note for unit in units if unit not in found})
    return found


def left_out(agents: Sequence[Agent], answers: Answers) -> Mapping[str, Exclude]:
    """The sources that a person excludes, by id."""
    ids = {agent.source.id for agent in agents}
    return {e.source: e for e in answers.decided if isinstance(e, Exclude) and e.source in ids}


def told_of(agents: Sequence[Agent], copies: Mapping[str, str], answers: Answers) -> Told:
    """The answers as they are about the units of ``agents``; ``copies`` has the source that a copied source repeats."""
    if not answers.entries:
        return Told()
    excluded = left_out(agents, answers)
    places = _places(agents)
    standing = {u.id for a in agents if a.source.id not in excluded and a.source.id not in copies for u in a.units}
    first = _originals(agents, copies)

    def units_of(ref: Ref) -> tuple[str, ...]:
        found = (first.get(unit.id, unit.id) for unit, title in places[ref.hash] if _fits(ref, unit, title))
        return tuple(dict.fromkeys(unit for unit in found if unit in standing))

    judged = tuple(Judged(e, tuple(map(units_of, e.refs))) for e in answers.decided if isinstance(e, Between))
    singles = [(unit, e) for e in answers.decided if isinstance(e, Single) for unit in units_of(e.ref)]
    keep = {unit: e for unit, e in singles if e.verb == "keep"}
    same = {pair: j.entry for j in judged if j.entry.answer == SAME for pair in j.pairs()}
    apart = {pair: j.entry for j in judged if j.entry.answer == DIFFERENT for pair in j.pairs()}
    stale = {n: why for n, e in enumerate(answers.entries) if (why := _why_stale(e, agents, places, excluded))}
    return Told(
        judged=judged,
        keep=keep,
        drop={unit: e for unit, e in singles if e.verb == "drop" and unit not in keep},
        keys={e.name: e for e in answers.decided if isinstance(e, KeyAnswer) and not _why_key_stale(e, agents, excluded)},
        excluded=excluded,
        same={pair: entry for pair, entry in same.items() if pair not in apart},
        apart=apart,
        answered=frozenset(pair for j in judged for pair in j.pairs()),
        stale=tuple(stale),
        findings=(*_findings(answers, excluded, stale), *_alone(answers, judged, singles, standing)),
    )


_Places = Mapping[str, Sequence[tuple[Unit, str]]]


def _places(agents: Sequence[Agent]) -> _Places:
    """Where each text stands: its units by hash, each with the title of its section."""
    found: dict[str, list[tuple[Unit, str]]] = defaultdict(list)
    for agent in agents:
        titles = {section.id: section.title for section in agent.sections}
        for unit in agent.units:
            found[content_hash(unit.text)].append((unit, titles[unit.section]))
    return found


def _fits(ref: Ref, unit: Unit, title: str) -> bool:
    return ref.source in ("", unit.source) and ref.section in ("", title)


def _originals(agents: Sequence[Agent], copies: Mapping[str, str]) -> Mapping[str, str]:
    """For each unit of a copied source the unit that it repeats."""
    by_id = {agent.source.id: agent for agent in agents}
    return {
        unit.id: same.id for copy, original in copies.items() for unit, same in zip(by_id[copy].units, by_id[original].units, strict=True)
    }


def _why_stale(entry: Entry, agents: Sequence[Agent], places: _Places, excluded: Mapping[str, Exclude]) -> str:
    """Why an entry is about nothing any more; empty when it is not stale."""
    ids = {agent.source.id for agent in agents}
    if isinstance(entry, Exclude):
        return "" if entry.source in ids else f"there is no source {entry.source!r} (any more)"
    if isinstance(entry, KeyAnswer):
        return _why_key_stale(entry, agents, excluded)
    for ref in iter_refs(entry):
        if not any(_fits(ref, unit, title) for unit, title in places.get(ref.hash, ())):
            quoted = " ".join(ref.text.split())
            shown = f"{quoted[:57]}..." if len(quoted) > 60 else quoted
            where = "".join(f" in {name}" for name in (ref.source, ref.section) if name)
            return f"no source says {(shown or ref.hash)!r}{where} (any more)"
    return ""


def _why_key_stale(entry: KeyAnswer, agents: Sequence[Agent], excluded: Mapping[str, Exclude]) -> str:
    joined = [agent for agent in agents if agent.source.id not in excluded]
    if entry.source and entry.source not in {agent.source.id for agent in joined}:
        return f"the source {entry.source!r} is left out" if entry.source in excluded else f"there is no source {entry.source!r} (any more)"
    if not any(agent.has(entry.name) for agent in joined):
        return f"no source has the key {entry.name!r} (any more)"
    values = [agent.value(entry.name) for agent in joined]
    agreed = len(joined) > 1 and all(value == values[0] for value in values)
    return f"the sources agree on {entry.name!r}" if agreed and (entry.source or values[0] == entry.value) else ""


def _alone(
    answers: Answers, judged: Sequence[Judged], singles: Sequence[tuple[str, Single]], standing: Collection[str]
) -> Iterator[Finding]:
    """Answers that cannot be followed, because one source alone passes unchanged."""
    if len({unit.rpartition(":")[0] for unit in standing}) > 1:
        return
    lines = {e.line for _, e in singles if e.verb == "drop"}
    lines |= {j.entry.line for j in judged if all(j.units) and j.entry.answer not in (DIFFERENT, BOTH)}
    for line in sorted(lines):
        yield note(answers, line, "not followed: the only source that is left passes unchanged")


def _findings(answers: Answers, excluded: Mapping[str, Exclude], stale: Mapping[int, str]) -> Iterator[Finding]:
    for n, why in stale.items():
        if is_open(answers.entries[n]):
            continue  # Nobody relies on it.
        yield note(answers, answers.entries[n].line, f"a stale answer: {why}; 'agentmerge decide --prune' removes it")
    for entry in excluded.values():
        yield Finding("DEC001", entry.source, 0, f"a person left this source out{f': {entry.note}' if entry.note else ''}")


def note(answers: Answers, line: int, message: str) -> Finding:
    """A finding about a line of the decisions file."""
    return Finding("DEC001", "", 0, f"{answers.name}:{line}: {message}")
