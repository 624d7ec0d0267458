"""Responses of different shape for one purpose are a conflict (CONF006): error bodies, envelopes, ways of paging."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from agentmerge.merge.claims import STATEMENTS, plain
from agentmerge.merge.sides import Parting, settle_parting, source_of
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Unit, Value
from agentmerge.rules.keys import KNOWN_KEYS
from agentmerge.rules.text.json_shapes import Example, examples_in
from agentmerge.rules.text.shapes import Variant, page_styles_said, variants_of

_FENCES = frozenset(("", "json", "jsonc", "json5", "http"))
_SAME_KEYS = 2
# More examples for one purpose than a team shows that means them.
_MOST = 100


class Shown(NamedTuple):
    """A member (a code unit, a statement, a frontmatter key) with what it fixes of one purpose, point by point."""

    member: str
    source: str
    points: Mapping[str, frozenset[str]]


def settle_shapes(table: Table) -> None:
    """Find examples for one purpose that differ in shape, and decide each difference."""
    blocks = {unit.id: examples_in(_inside(unit)) for unit in table.units.values() if _is_data(table, unit)}
    blocks = {unit: examples for unit, examples in blocks.items() if examples}
    shown = _shown(table, blocks)
    for purpose in sorted(shown):
        found: dict[str, tuple[list[str], list[str]]] = {}
        ambiguous = _own_variants(shown[purpose])
        for one, two in combinations(shown[purpose][:_MOST], 2):
            if one.source != two.source:
                _compare(purpose, one, two, ambiguous, found)
        for why, (a, b) in found.items():
            parting = Parting("shapes", tuple(dict.fromkeys(a)), tuple(dict.fromkeys(b)), why, _richer(why, a, b, blocks))
            settle_parting(table, parting, lambda unit, p=parting: _all_in(unit, p, blocks))  # type: ignore[misc]


def _is_data(table: Table, unit: Unit) -> bool:
    return unit.kind is Kind.CODE and (unit.info.split() or [""])[0].lower() in _FENCES and table.stands(unit.id)


def _inside(unit: Unit) -> str:
    return unit.text.split("\n", 1)[-1].rstrip("`~ \n")


# --- what is shown -----------------------------------------------------------------------------


def _shown(table: Table, blocks: Mapping[str, tuple[Example, ...]]) -> Mapping[str, list[Shown]]:
    """By purpose what each block, statement and unknown key of the frontmatter fixes."""
    points: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for unit, examples in blocks.items():
        for example in examples:
            for variant in _variants(table, table.units[unit], example):
                points[(variant.purpose, unit)][variant.point].add(variant.value)
    for member, styles in _styles_said(table):
        points[("pagination", member)]["style"] |= styles
    found: dict[str, list[Shown]] = defaultdict(list)
    for (purpose, member), values in points.items():
        fixed = {point: frozenset(value) for point, value in values.items()}
        found[purpose].append(Shown(member, source_of(table, member), fixed))
    return found


def _variants(table: Table, unit: Unit, example: Example) -> Iterator[Variant]:
    """What an example fixes, for its purpose; one without a purpose is known by its heading."""
    title = table.sections[unit.section].title
    known = list(variants_of(example, title))
    yield from known
    heading = table.sections[unit.section].heading
    if not known and heading and (concepts := table.reading(heading).title):
        purpose = f"examples under {title!r}" if not concepts else "examples under " + " ".join(sorted(concepts))
        shape = example.shape.item or example.shape
        yield from (Variant(purpose, path, kind) for path, kind in shape.paths().items() if kind != "any")


def _styles_said(table: Table) -> Iterator[tuple[str, frozenset[str]]]:
    """The ways of paging that statements demand, and texts under keys that the format does not know."""
    for unit in table.units.values():
        if unit.kind in STATEMENTS and table.stands(unit.id) and not table.reading(unit.id).negative:
            styles = page_styles_said(plain(unit.text))
            if styles:
                yield unit.id, styles
    for agent in table.agents:
        for field in agent.fields:
            styles = frozenset[str]().union(*(page_styles_said(text) for text in _texts(field.value)))
            if field.key not in KNOWN_KEYS and styles:
                yield f"{agent.source.id}:{field.key}", styles


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


# --- where it differs --------------------------------------------------------------------------


def _own_variants(shown: list[Shown]) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """By source and point all that a source shows: an author who shows two ways leaves the choice open."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for one in shown:
        for point, values in one.points.items():
            found[one.source][point] = found[one.source].get(point, frozenset()) | values
    return found


def _compare(
    purpose: str, one: Shown, two: Shown, own: Mapping[str, Mapping[str, frozenset[str]]], found: dict[str, tuple[list[str], list[str]]]
) -> None:
    """Add the difference of two members, in words, to what was found; equal differences are one."""
    shared = [point for point in one.points if point in two.points]
    if purpose.startswith("examples under ") and len(shared) < _SAME_KEYS:
        return
    differ = [point for point in shared if own[one.source][point].isdisjoint(own[two.source][point])]
    if not differ:
        return
    left = "; ".join(_said(point, one.points[point]) for point in differ)
    right = "; ".join(_said(point, two.points[point]) for point in differ)
    turned = f"{purpose}: {right}, against {left}"
    if turned in found:
        one, two = two, one
    sides = found.setdefault(turned if turned in found else f"{purpose}: {left}, against {right}", ([], []))
    sides[0].append(one.member)
    sides[1].append(two.member)


def _said(point: str, values: frozenset[str]) -> str:
    if point == "style":
        return f"by {' or '.join(sorted(values))}"
    if point == "envelope":
        return " or ".join(sorted(values))
    return f"{point} is {' or '.join(sorted(_a(value) for value in values))}"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ao" else f"a {kind}"


def _richer(why: str, a: list[str], b: list[str], blocks: Mapping[str, tuple[Example, ...]]) -> int | None:
    """Which side says more of its details: a list of objects with keys, against an object that shows none."""
    sides = [_list_of_objects(members, blocks) for members in (a, b)]
    return None if "details" not in why or sides[0] == sides[1] else int(sides[1])


def _list_of_objects(members: list[str], blocks: Mapping[str, tuple[Example, ...]]) -> bool:
    return any("details[]." in path for member in members for example in blocks.get(member, ()) for path in example.shape.paths())


def _all_in(unit: str, parting: Parting, blocks: Mapping[str, tuple[Example, ...]]) -> bool:
    """Whether all keys of a block stand in a block of the other side, so that it may give way."""
    others = parting.b if unit in parting.a else parting.a
    own = _paths(blocks.get(unit, ()))
    return bool(own) and any(own <= _paths(blocks.get(other, ())) for other in others)


def _paths(examples: tuple[Example, ...]) -> frozenset[str]:
    return frozenset(path for example in examples for path in example.shape.paths())
