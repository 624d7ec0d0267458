"""One code example a purpose (CODE001), and tables that stand twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from agentmerge.merge.claims import Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.sentences import language_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit
from agentmerge.rules.text.example_quality import NO_CODE, purpose_of, quality, reason

_SAME_CODE = 60.0
_MAX_CODE = 5000
_APP_KINDS = frozenset(("web-framework", "frontend-framework", "mobile-framework"))
_FRAMEWORK_KINDS = _APP_KINDS | {"ml-library", "test-framework", "orm-library"}
FENCE_NAMES = {
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "typescript",
    "py": "python",
    "sh": "bash",
    "shell": "bash",
    "yml": "yaml",
}


def fence_of(unit: Unit) -> str:
    """The language that a code block's fence names; "" when it names none."""
    return (unit.info.split() or [""])[0].lower()


def framework_of(reading: Reading, comparison: Comparison) -> tuple[str, str] | None:
    """The fence language and the framework that a code block shows, if it names one."""
    info = fence_of(reading.unit)
    named = {
        concept
        for concept in reading.technologies
        if _FRAMEWORK_KINDS & {concept, *comparison.lexicon.broader_than(concept)} and not concept.endswith(("-framework", "-library"))
    }
    web = {c for c in named if not _APP_KINDS.isdisjoint(comparison.lexicon.broader_than(c))}
    chosen = sorted(web or named)
    return (FENCE_NAMES.get(info, info), chosen[0]) if chosen else None


def settle_examples(table: Table) -> None:
    blocks = [u for agent in table.agents for u in agent.units if u.kind is Kind.CODE and table.stands(u.id)]
    # What a person keeps stays, then what the base says, so others go into it.
    blocks.sort(key=lambda u: (u.id not in table.pinned, u.source != table.policy.base))
    kept: dict[str, Unit] = {}
    groups: dict[tuple[str, str, str], list[Unit]] = defaultdict(list)
    for unit in blocks:
        same = kept.setdefault(table.reading(unit.id).key, unit)
        if unit.id in table.pinned or unit.source == table.policy.base or frozenset((unit.id, same.id)) in table.clashing:
            continue
        twin = next((table.units[t] for t in table.twins.get(unit.id, ()) if table.stands(t) and _same_code(unit, table.units[t])), None)
        if same is not unit:
            table.record(unit.id, Outcome.MERGED, "DUP001", "the same code", same.id)
        elif twin is not None and _is_second(unit, twin, table.language):
            table.record(unit.id, Outcome.MERGED, "LANG001", "the same code with its comments translated", twin.id)
        elif not _is_code(table, unit):
            continue
        elif table.policy.choice("code", at=table.subject(unit.id)) == "one-per-framework" and (
            shown := framework_of(table.reading(unit.id), table.comparison)
        ):
            groups[(*shown, purpose_of(unit.text))].append(unit)
    for (fence, framework, purpose), found in sorted(groups.items()):
        if len({u.source for u in found}) > 1:
            what = f"{framework} example {purpose}".strip()
            _settle_group(table, f"{what} in {fence or 'code'}", found)


def _settle_group(table: Table, what: str, found: Sequence[Unit]) -> None:
    """The best of the examples for one purpose stays; the others give way, and one conflict says so."""
    at = table.subject(*(unit.id for unit in found))
    rank = {unit.source: table.policy.rank(unit.source, at=at) for unit in found}
    judged = {unit.id: quality(unit.text) for unit in found}
    best = min(found, key=lambda u: (rank[u.source], -judged[u.id].points, u.id))
    # Two examples by one author show two things; only others' examples give way.
    others = [unit for unit in found if unit.source != best.source]
    for unit in others:
        trusted = rank[best.source] < rank[unit.source]
        better = "its source comes first by priority" if trusted else f"it is better: {reason(judged[best.id], judged[unit.id])}"
        table.record(unit.id, Outcome.OVERRIDDEN, "CODE001", f"one {what}: {best.id} stays, {better}", best.id)
    table.dispute(
        "code",
        (best.id, *(unit.id for unit in others)),
        decision="; ".join(dict.fromkeys(table.made[unit.id].why.partition(": ")[2] for unit in others)),
        resolved=True,
        rule="CODE001",
        why=f"several sources show a {what}",
    )


def _is_code(table: Table, unit: Unit) -> bool:
    """Whether a block is an example of a framework: no report to fill in, no message, no command."""
    return not table.reading(unit.id).template and fence_of(unit) not in NO_CODE


def _is_second(unit: Unit, twin: Unit, language: str) -> bool:
    """Whether of two versions the other is the one to keep: in the preferred language, else the first."""
    return (language_of(unit.text) != language, unit.id) > (language_of(twin.text) != language, twin.id)


def _same_code(a: Unit, b: Unit) -> bool:
    """Whether two blocks at one place in two translations are one: alike but for words."""
    if a.info != b.info or a.text.count("\n") != b.text.count("\n") or len(a.text) > _MAX_CODE:
        return False
    marks = [re.sub(r"[^\W_]+|\s+", "", unit.text) for unit in (a, b)]
    return marks[0] == marks[1] or fuzz.ratio(a.text, b.text) >= _SAME_CODE


def _tables(table: Table) -> Mapping[str, list[Unit]]:
    """The undecided rows of each table."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in table.units.values():
        if unit.kind is Kind.ROW and unit.id not in table.made:
            found[unit.block].append(unit)
    return found


def settle_equal_tables(table: Table) -> None:
    """Tables of equal text are one table; other rows stay with their table."""
    tables: dict[tuple[str, ...], str] = {}
    blocks = _tables(table)
    for block, rows in blocks.items():
        key = tuple(table.reading(row.id).key for row in rows)
        first = tables.setdefault(key, block)
        if first != block and not any(frozenset((a.id, b.id)) in table.clashing for a, b in zip(rows, blocks[first], strict=True)):
            for row, same in zip(rows, blocks[first], strict=True):
                table.record(row.id, Outcome.MERGED, "DUP001", "the same table row", same.id)


def settle_translated_tables(table: Table) -> None:
    """A table goes when each of its rows has a twin in a table of the preferred language."""
    for rows in _tables(table).values():
        twins = [next((t for t in table.twins.get(row.id, ()) if table.stands(t)), None) for row in rows]
        known = [table.units[t] for t in twins if t is not None]
        whole = len(known) == len(rows) and len({t.block for t in known}) == 1
        if whole and sum(row.language == table.language for row in rows) < sum(row.language == table.language for row in known):
            for row, twin in zip(rows, known, strict=True):
                table.record(row.id, Outcome.MERGED, "LANG001", "the same table in the preferred language", twin.id)
