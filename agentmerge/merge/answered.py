"""Apply a person's answers to a build (DEC001): to its alignments, then to its statements, before every rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from agentmerge.merge.align import Aligned, guard
from agentmerge.merge.clashes import Clash
from agentmerge.merge.statements import wording_of
from agentmerge.merge.table import Table
from agentmerge.merge.told import Judged, Told
from agentmerge.model import Alignment, Kind, Outcome, Relation
from agentmerge.rules.decisions import BOTH, DIFFERENT, NEITHER, SAME, Between, said
from agentmerge.rules.wording import worth

RULE = "DEC001"
BY_A_PERSON = "decided by a person"
# What composition lays out by what stands under it: a person may say which heading is better, not that one stands alone.
LAYOUT = frozenset((Kind.HEADING, Kind.LEAD, Kind.TAG))


def with_answers(aligned: Aligned, told: Told) -> Aligned:
    """The alignments as a person sees them: what is ``same`` is certain, what is ``different`` is no pair at all."""
    if not told.answered or not aligned.comparison.readings:
        return aligned
    order = {unit: n for n, unit in enumerate(aligned.comparison.readings)}
    kept = [al for al in aligned.alignments if frozenset((al.a, al.b)) not in told.apart.keys() | told.same.keys()]
    for pair, entry in told.same.items():
        a, b = sorted(pair, key=lambda unit: order[unit])
        evidence = (BY_A_PERSON, entry.note) if entry.note else (BY_A_PERSON,)
        kept.append(Alignment(a=a, b=b, relation=Relation.SAME, score=1.0, evidence=evidence))
    return aligned._replace(
        alignments=tuple(sorted(kept, key=lambda al: (al.a, al.b))),
        candidates=tuple(c for c in aligned.candidates if frozenset((c.a, c.b)) not in told.answered),
        placed=frozenset(pair for pair in aligned.placed if frozenset(pair) not in told.apart),
        apart=frozenset(told.apart),
        clashes=tuple(c for c in aligned.clashes if (pair := frozenset((c.a, c.b))) not in told.same and pair not in told.apart),
    )


# --- statements --------------------------------------------------------------------------------


def settle_answered(table: Table, told: Told, clashes: Sequence[Clash]) -> None:
    """Decide what a person decided: pins and drops, then which side of a conflict stays, then what is the same."""
    for unit, single in told.keep.items():
        _pin(table, unit, said(single.note))
    for unit, single in told.drop.items():
        _take_out(table, unit, Outcome.DROPPED, said(single.note))
    why = {frozenset((clash.a, clash.b)): clash for clash in clashes}
    for judged in told.judged:
        if judged.entry.answer not in (SAME, DIFFERENT):
            _settle_sides(table, judged, why)
    _settle_same(table, told)
    _restore_heads(table)


def _pin(table: Table, unit: str, why: str) -> None:
    if table.units[unit].kind not in LAYOUT:
        table.pinned.add(unit)
        table.record(unit, Outcome.KEPT, RULE, why)


def _take_out(table: Table, unit: str, outcome: Outcome, why: str, into: str | None = None) -> None:
    """A heading is chosen when the parts are laid out, with what a person thinks of it."""
    if table.units[unit].kind is not Kind.HEADING:
        table.record(unit, outcome, RULE, why, into)


def _contradicts(table: Table, unit: str, what: str, entry: Between) -> None:
    table.find(RULE, table.units[unit], f"{what}, so the answer on line {entry.line} of the decisions is not followed here")


def _settle_sides(table: Table, judged: Judged, clashes: Mapping[frozenset[str], Clash]) -> None:
    """One side stays, all do, or none does; the conflict is recorded with what was done."""
    if not all(judged.units):
        return
    entry = judged.entry
    members = tuple(dict.fromkeys(unit for side in judged.units for unit in side))
    if entry.answer in (BOTH, NEITHER):
        for unit in members:
            if entry.answer == BOTH and table.stands(unit):
                _pin(table, unit, said(entry.note))
            elif entry.answer == NEITHER and unit in table.pinned:
                _contradicts(table, unit, "a person keeps it", entry)
            elif entry.answer == NEITHER:
                _take_out(table, unit, Outcome.DROPPED, said(entry.note))
        done = "both stay" if entry.answer == BOTH else "neither stays"
    else:
        done = _settle_winner(table, judged)
    known = [clash for pair in judged.pairs() if (clash := clashes.get(pair)) is not None]
    table.dispute(
        known[0].kind if known else entry.conflict or "decisions",
        members,
        decision=f"{done}: {said(entry.note)}",
        resolved=True,
        rule=RULE,
        why=known[0].why if known else "a person says that they cannot both hold" if entry.answer != BOTH else "asked of a person",
    )


def _settle_winner(table: Table, judged: Judged) -> str:
    entry = judged.entry
    winners = judged.units[int(entry.answer) - 1]
    standing = [unit for unit in winners if table.stands(unit)]
    for unit in standing:
        _pin(table, unit, said(entry.note))
    for side in judged.units:
        for unit in side if side is not winners else ():
            if unit in winners or not table.stands(unit):
                continue
            if unit in table.pinned:
                _contradicts(table, unit, "another answer keeps it", entry)
            elif not standing:
                _contradicts(table, unit, "another answer takes out the side that stays", entry)
            else:
                _take_out(table, unit, Outcome.OVERRIDDEN, said(entry.note), standing[0])
    return f"{', '.join(winners)} stays"


def _settle_same(table: Table, told: Told) -> None:
    """Merge what a person called the same into one wording; what merging must not join stays apart."""
    group: dict[str, list[str]] = {}
    for pair, entry in told.same.items():
        a, b = sorted(pair)
        if table.units[a].kind in LAYOUT or table.units[b].kind in LAYOUT:
            continue
        left, right = group.setdefault(a, [a]), group.setdefault(b, [b])
        if left is right:
            continue
        if any(frozenset((x, y)) in told.apart for x in left for y in right):
            _contradicts(table, a, f"with {b} it would join statements that a person keeps apart", entry)
            continue
        left.extend(right)
        group.update(dict.fromkeys(right, left))
    for members in {id(found): found for found in group.values()}.values():
        _merge_group(table, told, sorted(members))
    _keep_apart(table, told)


def _merge_group(table: Table, told: Told, members: Sequence[str]) -> None:
    """Merge statements that a person called the same, one with another or by way of a third.

    The one that most others are the same as speaks for them; what is left joins by way of its partner.
    """
    speaker: dict[str, str] = {}
    left = [unit for unit in members if table.stands(unit)]
    chosen = _chosen(told, left)
    while left:
        partners = {unit: [other for other in left if frozenset((unit, other)) in told.same] for unit in left}
        stays = min(left, key=lambda u: (u != chosen, u not in table.pinned, -len(partners[u]), _rank(table, u)))
        direct = [unit for unit in partners[stays] if unit not in table.pinned]
        for unit in direct:
            _merge(table, told, unit, stays)
            speaker[unit] = stays
        if not partners[stays] and stays not in table.pinned and stays not in speaker.values():
            by_way = next((speaker[other] for other in members if other in speaker and frozenset((stays, other)) in told.same), None)
            if by_way is not None:
                _merge(table, told, stays, by_way)
        left = [unit for unit in left if unit != stays and unit not in direct]


def _merge(table: Table, told: Told, unit: str, stays: str) -> None:
    entry = told.same.get(frozenset((unit, stays))) or next(e for pair, e in told.same.items() if unit in pair)
    why = said(entry.note)
    table.record(unit, Outcome.MERGED, RULE, why, stays)
    table.bound.setdefault(stays, {})[unit] = why
    objection = guard(table.reading(unit), table.reading(stays))
    if objection is not None:
        table.find(RULE, table.units[unit], f"a person merged it with {stays}, though {objection}")


def _rank(table: Table, unit: str) -> tuple[object, ...]:
    best = worth(wording_of(table, table.units[unit])._replace(whole=False), table.policy, table.language)
    return (tuple(-part for part in best), unit)


def _chosen(told: Told, standing: Sequence[str]) -> str | None:
    """The wording that an answer says stays, by the first such answer."""
    for judged in told.judged:
        if judged.entry.answer == SAME and judged.entry.stays:
            for unit in judged.units[judged.entry.stays - 1]:
                if unit in standing:
                    return unit
    return None


def _keep_apart(table: Table, told: Told) -> None:
    """Pairs that no rule may merge: those that a person keeps apart, and the wordings that speak for them."""
    speaker = {member: unit for unit, members in table.bound.items() for member in members}
    pairs = {frozenset((speaker.get(a, a), speaker.get(b, b))) for a, b in (sorted(pair) for pair in told.apart)}
    table.clashing |= told.apart.keys() | {pair for pair in pairs if len(pair) == 2}


def _restore_heads(table: Table) -> None:
    """A table's first row stays as long as another row does: without it the rest is no table."""
    rows: dict[str, list[str]] = defaultdict(list)
    for unit in table.units.values():
        if unit.kind is Kind.ROW:
            rows[unit.block].append(unit.id)
    for block in rows.values():
        gone = [unit for unit in block if table.units[unit].info == "header" and not table.stands(unit)]
        if gone and any(table.stands(unit) for unit in block):
            for head in gone:
                for members in table.bound.values():
                    members.pop(head, None)
                table.find(RULE, table.units[head], "the head of a table stays as long as one of its rows does, whatever was decided")
                table.record(head, Outcome.KEPT, "KEEP001", "the head of rows that stay")
