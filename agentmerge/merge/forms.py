"""One template of an answer (TMPL001): of two with one skeleton the fuller stays, and what they show differently is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.merge.purposes import same_label
from agentmerge.merge.roles import role_of
from agentmerge.merge.sentences import language_of
from agentmerge.merge.table import Table, main_language
from agentmerge.model import Kind, Outcome, Section, Unit
from agentmerge.rules.names import choose_name, same_name
from agentmerge.rules.text.example_quality import is_procedure
from agentmerge.rules.text.skeletons import Difference, Skeleton, said, skeleton_of, stands_for

_FENCES = frozenset(("", "json", "jsonc", "json5", "markdown", "md", "text", "txt", "plaintext"))
# From this many keys on a text to fill in is evidence by itself.
_TELLING = 4
_BLANKS = 2
# More of a team's blocks than this are no templates but a catalogue.
_MOST = 200


class Form(NamedTuple):
    """A template in a fence, with its skeleton."""

    unit: Unit
    skeleton: Skeleton


def forms_of(table: Table) -> list[Form]:
    """The templates that stand in fences, in the order of the sources."""
    found: list[Form] = []
    for unit in table.units.values():
        if unit.kind is Kind.CODE and table.stands(unit.id) and (unit.info.split() or [""])[0].lower() in _FENCES:
            inside = unit.text.split("\n", 1)[-1].rstrip("`~ \n")
            skeleton = None if is_procedure(inside) and "#" not in inside else skeleton_of(inside)
            if skeleton is not None:
                found.append(Form(unit, skeleton))
    return found[:_MOST]


def translations_of(table: Table, versions: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    """The pairs of sources that are versions of one file in two languages."""
    tongues = {agent.source.id: main_language((agent,)) for agent in table.agents}
    return frozenset(pair for pair in versions if len({tongues[source] for source in pair}) > 1)


def settle_templates(table: Table, versions: frozenset[frozenset[str]]) -> None:
    """Of the templates of several sources with one skeleton the fullest stays, the canonical agent's own before others'.

    In ``versions`` of one file in two languages the templates in one place are one, their headings translated too.
    """
    name = same_name(str(choose_name(table.agents, table.policy).value))
    forms = forms_of(table)
    twins = _twins(forms, translations_of(table, versions))
    left = sorted(forms, key=lambda form: _standing(table, form, name))
    while left:
        best = left.pop(0)
        for other in list(left):
            differ = _stands_for(table, best, other, twins)
            if differ is not None:
                _merge(table, best.unit, other.unit, differ)
                left.remove(other)


def _twins(forms: Sequence[Form], translations: frozenset[frozenset[str]]) -> frozenset[frozenset[str]]:
    """The templates that stand in one place of two translations: the same one of as many, with as many keys."""
    by_source: dict[str, list[Form]] = defaultdict(list)
    for form in forms:
        by_source[form.unit.source].append(form)
    found: set[frozenset[str]] = set()
    for one, other in (sorted(pair) for pair in translations):
        if len(by_source[one]) == len(by_source[other]):
            for a, b in zip(by_source[one], by_source[other], strict=True):
                if (a.skeleton.kind, len(a.skeleton.slots)) == (b.skeleton.kind, len(b.skeleton.slots)):
                    found.add(frozenset((a.unit.id, b.unit.id)))
    return frozenset(found)


def _standing(table: Table, form: Form, name: str) -> tuple[object, ...]:
    unit, skeleton = form
    rank = table.policy.rank(unit.source, at=table.subject(unit.id))
    own = any(same_name(value) == name for slot in skeleton.slots for value in slot.values)
    foremost = unit.id in table.pinned or unit.source == table.policy.base
    foreign = language_of(unit.text) != table.language
    return (not foremost, rank, -len(skeleton.slots), not own, foreign, -len(unit.text), unit.id)


def _stands_for(table: Table, best: Form, other: Form, twins: frozenset[frozenset[str]]) -> tuple[Difference, ...] | None:
    """What the other shows differently, when the best can take its place."""
    if other.unit.source in (best.unit.source, table.policy.base) or other.unit.id in table.pinned:
        return None  # Two templates by one author are for two answers.
    if frozenset((best.unit.id, other.unit.id)) in table.clashing:
        return None
    if table.policy.choice("templates", at=table.subject(best.unit.id, other.unit.id)) == "keep":
        return None
    if frozenset((best.unit.id, other.unit.id)) in twins:
        return ()
    differ = stands_for(best.skeleton, other.skeleton)
    if differ is None or _is_named_alike(table, best, other):
        return differ
    told = [one for one in differ if not {same_name(one.here), same_name(one.there)} & _names(table)]
    return differ if _is_to_fill_in(best, other) and 2 * len(told) < len(other.skeleton.slots) else None


def _names(table: Table) -> set[str]:
    return {same_name(name) for agent in table.agents for name in (agent.source.id, str(agent.value("name") or ""))}


def _is_named_alike(table: Table, one: Form, other: Form) -> bool:
    """Whether what names two templates says that they are for one answer."""
    return same_label(table, one.unit, other.unit) or all(is_output(table, form.unit) for form in (one, other))


def _is_to_fill_in(one: Form, other: Form) -> bool:
    """Whether both are texts with blanks and so many keys that nothing need name them."""
    kinds = {one.skeleton.kind, other.skeleton.kind}
    return kinds == {"prose"} and min(one.skeleton.blanks, other.skeleton.blanks) >= _BLANKS and len(other.skeleton.slots) >= _TELLING


def is_output(table: Table, unit: Unit) -> bool:
    """Whether a unit stands in a section for what the agent returns, or in one within it."""
    return any(role_of(section.title) == "output" for section in _around(table, unit))


def _around(table: Table, unit: Unit) -> Iterator[Section]:
    section: Section | None = table.sections[unit.section]
    while section is not None:
        yield section
        section = table.sections.get(section.parent or "")


def _merge(table: Table, best: Unit, other: Unit, differ: Sequence[Difference]) -> None:
    shown = "; ".join(said(differ))
    why = f"{best.source} line {best.lines[0]} is the same template" + (f"; it shows other values: {shown}" if shown else "")
    table.record(other.id, Outcome.MERGED, "TMPL001", why, best.id)
    if shown:
        told = f"this template stands for {other.source} line {other.lines[0]} too; what the two show differently: {shown}"
        table.find("TMPL001", best, told)
