"""Decide what becomes of each statement: kept, merged, overridden, dropped, and by which rule.

Statements are taken from the least worth keeping to the most; one goes when other statements
that stay make all of its claims. Guards come first: what differs in numbers, polarity or named
technologies is never merged.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz

from agentmerge.merge.align import Aligned, covered, guard
from agentmerge.merge.claims import STATEMENTS, Facet, Reading
from agentmerge.merge.clashes import Clash
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.identity import identities_of
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.procedures import mergeable, procedures_of
from agentmerge.merge.score import Weights
from agentmerge.merge.sentences import language_of
from agentmerge.model import Agent, Conflict, Decision, Kind, Outcome, Unit
from agentmerge.rules.policy import Policy
from agentmerge.rules.wording import Wording, preferred_language, worth

_MERGED = STATEMENTS | {Kind.HTML}
_FACET_COVERED = 0.68
# A clause that says no more than this ("when applicable") may go unsaid; any other must be said elsewhere.
_EMPTY = 0.2
# A clause of few things may be spread over the clauses of another statement, when that has few.
_ONE_STATEMENT = 4
_SPREAD = 2
# What an author's own restatement must hold at least: concepts that are not generic.
_SUBSTANCE = 3
_SYNONYM = 0.8
_OWN_WORDS = 0.9
_SAME_CODE = 60.0
_MAX_CODE = 5000
_BLANK = re.compile(r"\[[^\[\]]+\]|\{[^{}]+\}|<[^<>]+>")


class Decisions(NamedTuple):
    """Every unit's decision by unit id, the conflicts, and the language that wordings are in."""

    units: Mapping[str, Decision]
    conflicts: tuple[Conflict, ...]
    language: str
    procedures: Mapping[str, str]


@dataclass(slots=True)
class _Table:
    """Decisions while they are being made."""

    policy: Policy
    comparison: Comparison
    weights: Weights
    units: Mapping[str, Unit]
    partners: Mapping[str, tuple[tuple[str, float], ...]]
    twins: Mapping[str, tuple[str, ...]]
    clashing: frozenset[frozenset[str]]
    made: dict[str, Decision] = field(default_factory=dict)
    absorbed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def reading(self, unit: str) -> Reading:
        return self.comparison.readings[unit]

    def record(self, unit: str, outcome: Outcome, rule: str, why: str, into: str | None = None) -> None:
        self.made[unit] = Decision(unit=unit, outcome=outcome, into=into, rule=rule, why=why)

    def stands(self, unit: str) -> bool:
        return unit not in self.made or self.made[unit].outcome is Outcome.KEPT


def main_language(agents: Sequence[Agent]) -> str:
    """The language most sources are written in; ties go to English, then by name."""
    votes: Counter[str] = Counter()
    for agent in agents:
        words = Counter[str]()
        for unit in agent.units:
            words[unit.language] += len(unit.text)
        del words["code"]
        if words:
            votes[min(words, key=lambda code: (-words[code], code))] += 1
    return min(votes, key=lambda code: (-votes[code], code != "en", code)) if votes else "en"


def decide(agents: Sequence[Agent], aligned: Aligned, weights: Weights, policy: Policy) -> Decisions:
    """Decide every statement of a team; headings, lead-ins and tags are left to composition."""
    comparison, alignments = aligned.comparison, aligned.alignments
    units = {unit.id: unit for agent in agents for unit in agent.units}
    partners: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for al in alignments:
        partners[al.a].append((al.b, al.score))
        partners[al.b].append((al.a, al.score))
    table = _Table(
        policy=policy,
        comparison=comparison,
        weights=weights,
        units=units,
        twins=_twins(agents, aligned),
        clashing=frozenset(frozenset((clash.a, clash.b)) for clash in aligned.clashes),
        partners={u: tuple(sorted(found, key=lambda p: (-p[1], p[0]))) for u, found in partners.items()},
    )
    language = preferred_language(policy, main_language(agents))
    procedures = procedures_of(agents)
    _drop_comments(table)
    _one_persona(table, agents, language)
    conflicts = _conflicts(table, aligned.clashes)
    _one_example(table, agents, language)
    _same_rows(table)
    _translated_rows(table, language)
    _merge_statements(table, language, procedures, mergeable(procedures, alignments))
    return Decisions(units=table.made, conflicts=conflicts, language=language, procedures=procedures)


def _twins(agents: Sequence[Agent], aligned: Aligned) -> Mapping[str, tuple[str, ...]]:
    """For each unit the units that stand in its place in translations of its file.

    Place alone is no evidence: the two must share a concept, a number or a literal, and no guard
    may object.
    """
    tongue = {agent.source.id: main_language((agent,)) for agent in agents}
    found: dict[str, list[str]] = defaultdict(list)
    for a, b in sorted(aligned.placed):
        one, two = aligned.comparison.readings[a], aligned.comparison.readings[b]
        if tongue[one.unit.source] == tongue[two.unit.source] or guard(one, two) is not None:
            continue
        alike = one.numbers == two.numbers and one.literals == two.literals
        if alike and not (one.concepts.isdisjoint(two.concepts) and not one.numbers and not one.literals):
            found[a].append(b)
            found[b].append(a)
    return {unit: tuple(others) for unit, others in found.items()}


def _drop_comments(table: _Table) -> None:
    if table.policy.choice("comments") == "drop":
        for unit in table.units.values():
            if unit.kind is Kind.COMMENT:
                table.record(unit.id, Outcome.DROPPED, "COMM001", "comments of sources do not pass into the canonical agent")


# --- persona -----------------------------------------------------------------------------------


def _one_persona(table: _Table, agents: Sequence[Agent], language: str) -> None:
    if table.policy.choice("persona") == "keep":
        return
    found = [unit for agent in agents for unit in identities_of(agent)]
    if len({unit.source for unit in found}) < 2:
        return

    def central(unit: Unit) -> tuple[float, ...]:
        own = table.reading(unit.id).concepts
        shared = sum(table.comparison.mass(own & table.reading(other.id).concepts) for other in found if other.source != unit.source)
        fits = 1.0 if unit.language == language else 0.0
        return (fits, -float(table.policy.rank(unit.source)), round(shared, 2), -float(len(unit.text)))

    chosen = sorted(found, key=lambda u: (tuple(-x for x in central(u)), u.id))[0]
    table.record(chosen.id, Outcome.KEPT, "PERS001", "the one identity sentence: it shares most with the others")
    for unit in found:
        # What an author adds about the agent that was chosen is part of that identity.
        if unit is not chosen and unit.source != chosen.source:
            table.record(unit.id, Outcome.OVERRIDDEN, "PERS001", "one identity sentence is enough", chosen.id)


# --- conflicts ---------------------------------------------------------------------------------


def _conflicts(table: _Table, clashes: Sequence[Clash]) -> tuple[Conflict, ...]:
    found = []
    for number, clash in enumerate(clashes, 1):
        rule = "CONF001" if clash.kind == "numbers" else "CONF002"
        sources = (table.units[clash.a].source, table.units[clash.b].source)
        ranks = (table.policy.rank(sources[0]), table.policy.rank(sources[1]))
        decision, resolved = "both stay", False
        if table.policy.choice(clash.kind) == "priority" and ranks[0] != ranks[1]:
            winner, loser = (clash.a, clash.b) if ranks[0] < ranks[1] else (clash.b, clash.a)
            if table.stands(winner) and table.stands(loser):
                table.record(loser, Outcome.OVERRIDDEN, rule, f"{clash.why}; {table.units[winner].source} has priority", winner)
            decision, resolved = f"{winner} stays: its source has priority", True
        found.append(
            Conflict(
                id=f"C{number}", kind=clash.kind, members=(clash.a, clash.b), decision=decision, resolved=resolved, rule=rule, why=clash.why
            )
        )
    return tuple(found)


# --- code, tables ------------------------------------------------------------------------------

_APP_KINDS = frozenset(("web-framework", "frontend-framework", "mobile-framework"))
_FRAMEWORK_KINDS = _APP_KINDS | {"ml-library", "test-framework", "orm-library"}
_FENCE_NAMES = {
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "py": "python",
    "sh": "bash",
    "shell": "bash",
    "yml": "yaml",
}


def framework_of(reading: Reading, comparison: Comparison) -> tuple[str, str] | None:
    """The fence language and the framework that a code block shows, if it names one."""
    info = reading.unit.info.split()[0].lower() if reading.unit.info.split() else ""
    named = {
        concept
        for concept in reading.technologies
        if _FRAMEWORK_KINDS & {concept, *comparison.lexicon.broader_than(concept)} and not concept.endswith(("-framework", "-library"))
    }
    web = {c for c in named if not _APP_KINDS.isdisjoint(comparison.lexicon.broader_than(c))}
    chosen = sorted(web or named)
    return (_FENCE_NAMES.get(info, info), chosen[0]) if chosen else None


def _one_example(table: _Table, agents: Sequence[Agent], language: str) -> None:
    blocks = [u for agent in agents for u in agent.units if u.kind is Kind.CODE]
    kept: dict[str, Unit] = {}
    groups: dict[tuple[str, str], list[Unit]] = defaultdict(list)
    for unit in blocks:
        same = kept.setdefault(table.reading(unit.id).key, unit)
        twin = next((table.units[t] for t in table.twins.get(unit.id, ()) if table.stands(t) and _same_code(unit, table.units[t])), None)
        if same is not unit:
            table.record(unit.id, Outcome.MERGED, "DUP001", "the same code", same.id)
        elif twin is not None and _is_second(unit, twin, language):
            table.record(unit.id, Outcome.MERGED, "LANG001", "the same code with its comments translated", twin.id)
        elif table.policy.choice("code") == "one-per-framework" and (shown := framework_of(table.reading(unit.id), table.comparison)):
            groups[shown].append(unit)
    for (fence, framework), found in sorted(groups.items()):
        if len({u.source for u in found}) < 2:
            continue
        best = min(found, key=lambda u: (table.policy.rank(u.source), -_completeness(u), u.id))
        for unit in found:
            # Two examples by one author show two things; only others' examples give way.
            if unit is not best and unit.source != best.source:
                why = f"one {framework} example in {fence or 'code'}: {best.id} is more complete"
                table.record(unit.id, Outcome.OVERRIDDEN, "CODE001", why, best.id)


def _is_second(unit: Unit, twin: Unit, language: str) -> bool:
    """Whether of two versions the other is the one to keep: in the preferred language, else the first."""
    return (language_of(unit.text) != language, unit.id) > (language_of(twin.text) != language, twin.id)


def _same_code(a: Unit, b: Unit) -> bool:
    """Whether two blocks at one place in two translations are one: alike but for words."""
    if a.info != b.info or a.text.count("\n") != b.text.count("\n") or len(a.text) > _MAX_CODE:
        return False
    marks = [re.sub(r"[^\W_]+|\s+", "", unit.text) for unit in (a, b)]
    return marks[0] == marks[1] or fuzz.ratio(a.text, b.text) >= _SAME_CODE


def _completeness(unit: Unit) -> float:
    """How much an example shows: error paths, types and returns count more than its length."""
    text = unit.text
    marks = len(re.findall(r"\b(?:raise|throw|except|catch|return|async|await|assert)\b|->|=>", text))
    return marks + 0.1 * text.count("\n")


def _tables(table: _Table) -> Mapping[str, list[Unit]]:
    """The undecided rows of each table."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in table.units.values():
        if unit.kind is Kind.ROW and unit.id not in table.made:
            found[unit.block].append(unit)
    return found


def _same_rows(table: _Table) -> None:
    """Tables of equal text are one table; other rows stay with their table."""
    tables: dict[tuple[str, ...], str] = {}
    blocks = _tables(table)
    for block, rows in blocks.items():
        key = tuple(table.reading(row.id).key for row in rows)
        first = tables.setdefault(key, block)
        if first != block:
            for row, same in zip(rows, blocks[first], strict=True):
                table.record(row.id, Outcome.MERGED, "DUP001", "the same table row", same.id)


def _translated_rows(table: _Table, language: str) -> None:
    """A table goes when each of its rows has a twin in a table of the preferred language."""
    for rows in _tables(table).values():
        twins = [next((t for t in table.twins.get(row.id, ()) if table.stands(t)), None) for row in rows]
        known = [table.units[t] for t in twins if t is not None]
        whole = len(known) == len(rows) and len({t.block for t in known}) == 1
        if whole and sum(row.language == language for row in rows) < sum(row.language == language for row in known):
            for row, twin in zip(rows, known, strict=True):
                table.record(row.id, Outcome.MERGED, "LANG001", "the same table in the preferred language", twin.id)


# --- statements --------------------------------------------------------------------------------


def _merge_statements(table: _Table, language: str, procedures: Mapping[str, str], whole: frozenset[tuple[str, str]]) -> None:
    def wording(unit: Unit) -> Wording:
        reading = table.reading(unit.id)
        mass = table.comparison.content(reading.concepts) + 0.5 * len(reading.numbers)
        return Wording(
            unit=unit.id, source=unit.source, language=unit.language, mass=mass, length=len(unit.text), whole=unit.id in procedures
        )

    order = [unit for unit in table.units.values() if unit.kind in _MERGED and unit.id not in table.made]
    rank = {u.id: (worth(wording(u), table.policy, language), u.id) for u in order}
    for unit in sorted(order, key=lambda u: rank[u.id]):
        target = _target(table, unit, procedures, whole)
        if target is not None:
            into, why, rule = target
            table.record(unit.id, Outcome.MERGED, rule, why, into)
            for earlier in table.absorbed.pop(unit.id, []):
                # What this unit had taken must find a place of its own among what stays.
                again = _target(table, table.units[earlier], procedures, whole)
                assert again is not None
                table.record(earlier, Outcome.MERGED, again[2], again[1], again[0])
                table.absorbed[again[0]].append(earlier)
            table.absorbed[into].append(unit.id)


def _target(table: _Table, unit: Unit, procedures: Mapping[str, str], whole: frozenset[tuple[str, str]]) -> tuple[str, str, str] | None:
    """The unit that can take this one's place, why, and by which rule."""
    reading = table.reading(unit.id)
    for twin in table.twins.get(unit.id, ()):
        if table.stands(twin) and table.units[twin].kind is unit.kind and _others_settle(table, unit, procedures, whole):
            return twin, _why(table, twin, "says it in the same place of a translation"), "LANG001"
    others = []
    for other_id, score in table.partners.get(unit.id, ()):
        other = table.units[other_id]
        if other.kind not in _MERGED or not table.stands(other_id) or guard(reading, table.reading(other_id)):
            continue
        if other.source == unit.source and not (score >= _OWN_WORDS and _restates(table, reading, table.reading(other_id))):
            continue
        if unit.id in procedures and (procedures[unit.id], procedures.get(other_id)) not in whole:
            continue
        if unit.kind is Kind.CHECK and other.kind is not Kind.CHECK:
            continue
        if frozenset((unit.id, other_id)) in table.clashing or _is_blank(unit) != _is_blank(other):
            continue
        if table.policy.language not in ("keep", other.language) and unit.language == table.policy.language:
            continue  # Who asks for one language does not want its wordings to give way to another's.
        others.append((other_id, score))
    if not others:
        return None
    if others[0][1] < table.weights.merge:
        return None
    covering = [table.reading(other) for other, _ in others]
    missing = [facet for facet in reading.facets if not facet.label and not _said(table, facet, unit.language, covering)]
    lost = any(table.comparison.content(facet.concepts) > _EMPTY for facet in missing)
    if lost or not reading.numbers <= _all(r.numbers for r in covering):
        return None
    if not reading.technologies <= _all(r.technologies for r in covering) or not reading.literals <= _all(r.literals for r in covering):
        return None
    if not _others_settle(table, unit, procedures, whole):
        return None
    # The one that says most of it; of equals the surest.
    sure = [o for o, score in others if score >= table.weights.merge]
    best = max(sure, key=lambda o: _weight_said(table, reading, table.reading(o)))
    share = round(covered(table.comparison, reading, table.reading(best)), 1)
    fuller = share < _FACET_COVERED or table.comparison.content(table.reading(best).concepts) > 1.3 * table.comparison.content(
        reading.concepts
    )
    if fuller and table.policy.choice("contained") == "keep":
        return None
    if share < _FACET_COVERED:
        said_by = ", ".join(f"{table.units[o].source} line {table.units[o].lines[0]}" for o, _ in others)
        return best, f"all that it says is said by {said_by}", "DUP002"
    if fuller:
        return best, _why(table, best, "says this and more"), "DUP002"
    if unit.language != table.units[best].language:
        return best, _why(table, best, "says the same in the preferred language"), "LANG001"
    return best, _why(table, best, "says the same, more informatively"), "DUP001"


def _restates(table: _Table, reading: Reading, other: Reading) -> bool:
    """Whether a statement by the same author has all concepts of another, or near-synonyms of them.

    One author's two statements are two on purpose; short ones ("Risk: low") belong to what they stand under.
    """
    lexicon = table.comparison.lexicon
    there = other.wide | other.title
    own = reading.concepts | reading.title
    if sum(c.startswith("w:") or lexicon.kinds[c] != ConceptClass.GENERIC for c in own) < _SUBSTANCE:
        return False
    return all(c in there or any(part >= _SYNONYM and o in there for o, part in lexicon.near(c).items()) for c in own)


def _is_blank(unit: Unit) -> bool:
    """Whether a unit is a blank of a template to fill in (``[Root cause]``) rather than a statement."""
    return _BLANK.fullmatch(unit.text) is not None


def _why(table: _Table, best: str, what: str) -> str:
    unit = table.units[best]
    return f"{unit.source} line {unit.lines[0]} {what}"


def _weight_said(table: _Table, reading: Reading, other: Reading) -> tuple[float, float]:
    """How much of a statement another one says: its clauses that are said, then its words."""
    said = [facet for facet in reading.facets if _said(table, facet, reading.unit.language, (other,))]
    weight = sum(table.comparison.content(facet.concepts) for facet in said)
    return round(weight, 2), round(covered(table.comparison, reading, other), 1)


def _things(table: _Table, facet: Facet) -> frozenset[str]:
    """What a clause speaks of: its concepts but for broader ones that others imply, and generic ones."""
    lexicon = table.comparison.lexicon
    return frozenset(c for c in facet.concepts - lexicon.implied(facet.concepts) if lexicon.kinds.get(c) != ConceptClass.GENERIC)


def _said(table: _Table, facet: Facet, language: str, covering: Iterable[Reading]) -> bool:
    """Whether one of the readings makes the claim of a facet, with the same polarity."""
    for reading in covering:
        foreign = reading.unit.language != language
        spread = len(reading.facets) <= _ONE_STATEMENT and len(_things(table, facet)) <= _SPREAD
        whole = (Facet(reading.concepts, reading.wide, reading.negative),) if spread else ()
        for other in (*reading.facets, *whole):
            if other.negative == facet.negative:
                said = table.comparison.said(facet.concepts, other.concepts, other.wide, foreign=foreign)
                if said >= _FACET_COVERED:
                    return True
    return False


def _others_settle(table: _Table, unit: Unit, procedures: Mapping[str, str], whole: frozenset[tuple[str, str]]) -> bool:
    """Whether all that was merged into a unit finds another place when this unit goes."""
    earlier = table.absorbed.get(unit.id, [])
    if not earlier:
        return True
    table.record(unit.id, Outcome.MERGED, "", "")
    try:
        return all(_target(table, table.units[one], procedures, whole) is not None for one in earlier)
    finally:
        del table.made[unit.id]


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
