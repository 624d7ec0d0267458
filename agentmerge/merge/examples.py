"""One code example a purpose (CODE001)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from agentmerge.merge.claims import Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.habits import broken, forbidden
from agentmerge.merge.purposes import one_purpose
from agentmerge.merge.sentences import language_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Outcome, Unit
from agentmerge.rules.text.example_quality import NO_CODE, Quality, is_procedure, purpose_of, quality, reason

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


def frameworks_of(reading: Reading, comparison: Comparison) -> frozenset[str]:
    """The frameworks of applications that a code block shows; of others only where it shows none of these."""
    named = {
        concept
        for concept in reading.technologies
        if _FRAMEWORK_KINDS & {concept, *comparison.lexicon.broader_than(concept)} and not concept.endswith(("-framework", "-library"))
    }
    web = {c for c in named if not _APP_KINDS.isdisjoint(comparison.lexicon.broader_than(c))}
    return frozenset(web or named)


def framework_of(reading: Reading, comparison: Comparison) -> tuple[str, str] | None:
    """The fence language and the framework that a code block shows, if it names one."""
    info = fence_of(reading.unit)
    chosen = sorted(frameworks_of(reading, comparison))
    return (FENCE_NAMES.get(info, info), chosen[0]) if chosen else None


def settle_examples(table: Table) -> None:
    """Equal code is one block; of examples of one purpose by several sources the best stays."""
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
        elif _is_code(table, unit) and table.policy.choice("code", at=table.subject(unit.id)) == "one-per-framework":
            shown = frameworks_of(table.reading(unit.id), table.comparison)
            if shown:
                fence = fence_of(unit)
                groups[(FENCE_NAMES.get(fence, fence), " and ".join(sorted(shown)), purpose_of(unit.text))].append(unit)
    habits = forbidden(table) if groups else {}
    for (fence, frameworks, kind), found in sorted(groups.items()):
        what = f"{frameworks} example {kind}".strip()
        for same_purpose in _by_purpose(table, found, kind, habits):
            _settle_group(table, f"{what} in {fence or 'code'}", same_purpose)


class _Judged(NamedTuple):
    """An example with its source's place in the priority, how good it is, and what the team forbids that it does."""

    unit: Unit
    rank: int
    quality: Quality


def _by_purpose(table: Table, found: Sequence[Unit], kind: str, habits: Mapping[str, Unit]) -> Iterator[list[_Judged]]:
    """The examples of each purpose that several sources show, the best first, then those of others that it can stand for."""
    at = table.subject(*(unit.id for unit in found))
    judged = [_Judged(unit, table.policy.rank(unit.source, at=at), quality(unit.text, broken(unit, habits))) for unit in found]
    left = sorted(judged, key=lambda one: (one.rank, -one.quality.points, one.unit.id))
    while left:
        best = left.pop(0)
        # Two examples by one author show two things; only others' examples give way.
        others = [one for one in left if one.unit.source != best.unit.source and one_purpose(table, best.unit, one.unit, kind)]
        if others:
            yield [best, *others]
        left = [one for one in left if one not in others]


def _settle_group(table: Table, what: str, found: Sequence[_Judged]) -> None:
    """The best of the examples for one purpose stays; the others give way, and one conflict says so."""
    best, *others = found
    for one in others:
        better = "its source comes first by priority" if best.rank < one.rank else f"it is better: {reason(best.quality, one.quality)}"
        table.record(one.unit.id, Outcome.OVERRIDDEN, "CODE001", f"one {what}: {best.unit.id} stays, {better}", best.unit.id)
    table.dispute(
        "code",
        tuple(one.unit.id for one in found),
        decision="; ".join(dict.fromkeys(table.made[one.unit.id].why.partition(": ")[2] for one in others)),
        resolved=True,
        rule="CODE001",
        why=f"several sources show a {what}",
    )


def _is_code(table: Table, unit: Unit) -> bool:
    """Whether a block is an example of a framework: no report to fill in, no message, no command, no numbered steps."""
    fence = fence_of(unit)
    return not table.reading(unit.id).template and fence not in NO_CODE and not (fence == "" and is_procedure(unit.text))


def _is_second(unit: Unit, twin: Unit, language: str) -> bool:
    """Whether of two versions the other is the one to keep: in the preferred language, else the first."""
    return (language_of(unit.text) != language, unit.id) > (language_of(twin.text) != language, twin.id)


def _same_code(a: Unit, b: Unit) -> bool:
    """Whether two blocks at one place in two translations are one: alike but for words."""
    if a.info != b.info or a.text.count("\n") != b.text.count("\n") or len(a.text) > _MAX_CODE:
        return False
    marks = [re.sub(r"[^\W_]+|\s+", "", unit.text) for unit in (a, b)]
    return marks[0] == marks[1] or fuzz.ratio(a.text, b.text) >= _SAME_CODE
