"""Two forms of one answer are a conflict (CONF006): each stays whole under a heading of its own until a person chooses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from agentmerge.merge.claims import concepts_of, plain
from agentmerge.merge.forms import Form, forms_of, translations_of
from agentmerge.merge.roles import is_plain, role_of
from agentmerge.merge.sides import Parting, settle_parting
from agentmerge.merge.table import Table
from agentmerge.model import Agent, HeadingStyle, Kind, Outcome, Section, Unit
from agentmerge.rules.text.skeletons import LEAST, Skeleton, prose_skeleton, stands_for

_ANSWER = frozenset(("report", "output", "return"))
_LAYOUT = frozenset(("format", "template", "structure"))
# The shape of one message among others, which CONF006 compares key by key.
_MESSAGE = frozenset(("error", "api", "commit-message", "commit"))
_BLANKS = 2
_SHOWN = 4
_LONG = 40


class Answer(NamedTuple):
    """The form of one source's answer: the unit that names it, all its units, the sections that are its own, its skeleton.

    ``top`` is the section for output that it stands in; it is the form's own where the form has no heading of its own.
    A form in a fence is one unit, and its section holds other things too; one in the open text is all of its sections.
    """

    head: Unit
    units: tuple[str, ...]
    sections: tuple[str, ...]
    skeleton: Skeleton
    top: str

    @property
    def is_headed(self) -> bool:
        """Whether the form has a heading of its own below that of the section for output."""
        return self.sections[0] != self.top

    @property
    def is_open(self) -> bool:
        """Whether the form stands in the open text."""
        return self.head.kind is not Kind.CODE


class Kept(NamedTuple):
    """What composition needs to know of forms.

    ``apart`` are pairs of sections that are never one part, ``places`` those of sections in a form that stays whole, its head's 0.
    """

    apart: frozenset[frozenset[str]] = frozenset()
    places: Mapping[str, int] = {}


def settle_rivals(table: Table, versions: frozenset[frozenset[str]], refused: Iterable[str] = ()) -> Kept:
    """Report each pair of forms that cannot both be the answer's; ``refused`` are heads that a person has decided against.

    The forms of ``versions`` of one file in two languages are one.
    """
    translations = translations_of(table, versions)
    answers = [answer for agent in table.agents if (answer := _answer_of(table, agent)) is not None]
    _drop_refused(table, answers, frozenset(refused))
    answers = [answer for answer in answers if table.stands(answer.units[0])]
    apart: set[frozenset[str]] = set()
    places: dict[str, int] = {}
    for one, other in combinations(answers, 2):
        if _is_one_form(one, other, translations):
            continue
        headed = one.is_headed and other.is_headed
        sides = [answer.sections if headed else (answer.top, *answer.sections) for answer in (one, other)]
        apart |= {frozenset(pair) for pair in product(*sides)}
        _settle_pair(table, one, other)
    for answer in answers:
        if answer.is_open and not any(_is_one_form(answer, other, translations) for other in answers if other is not answer):
            _keep_whole(table, answer)
            if sum(table.sections[section].style is not HeadingStyle.ITEM for section in answer.sections) > 1:
                apart |= {frozenset(pair) for pair in product(answer.sections, table.sections)}
            places.update({section: place for place, section in enumerate(answer.sections)})
    return Kept(frozenset(apart), places)


def _is_one_form(one: Answer, other: Answer, translations: frozenset[frozenset[str]]) -> bool:
    if frozenset((one.head.source, other.head.source)) in translations:
        return True
    return any(stands_for(a.skeleton, b.skeleton, translated=True) is not None for a, b in ((one, other), (other, one)))


def _settle_pair(table: Table, one: Answer, other: Answer) -> None:
    why = f"two forms of answer: {_shown(one)} against {_shown(other)}"
    settle_parting(table, Parting("shapes", (one.head.id,), (other.head.id,), why), lambda _: True)
    for answer in (one, other):
        made = table.made.get(answer.head.id)
        if answer.is_open and made is not None and made.outcome is Outcome.OVERRIDDEN:
            for unit in answer.units:
                table.record(unit, made.outcome, made.rule, made.why, made.into)


def _shown(answer: Answer) -> str:
    keys = [key[:_LONG] for key in dict.fromkeys(answer.skeleton.keys) if "." not in key]
    kind = "JSON with " if answer.skeleton.kind == "json" else "a report with "
    more = ", …" if len(keys) > _SHOWN else ""
    return f"{kind}{', '.join(keys[:_SHOWN])}{more} ({answer.head.source} line {answer.head.lines[0]})"


def _drop_refused(table: Table, answers: Sequence[Answer], refused: frozenset[str]) -> None:
    """What stands under a heading that a person decided against goes with it."""
    for answer in answers:
        if answer.is_open and answer.head.id in refused:
            for unit in answer.units:
                table.record(unit, Outcome.DROPPED, "DEC001", "a person chose another form of answer")


def _keep_whole(table: Table, answer: Answer) -> None:
    """No line of a form in the open text is another wording of what stands elsewhere."""
    for unit in answer.units:
        table.clashing |= {frozenset((unit, other)) for other, _ in table.partners.get(unit, ())}


# --- the form of a source's answer -------------------------------------------------------------


def _answer_of(table: Table, agent: Agent) -> Answer | None:
    """The one form that a source shows in its main section for output; ``None`` when it shows none, or several."""
    below = _below(agent)
    depth = {section.id: sum(section in inside for inside in below.values()) for section in agent.sections}
    named = [section for section in agent.sections if _is_for_answers(table, section)]
    # What a mode of the agent answers with stands further in.
    tops = [section for section in named if depth[section.id] == min(depth[one.id] for one in named)]
    if len(tops) != 1:
        return None
    inside = {section.id for section in below[tops[0].id]}
    fenced = [form for form in forms_of(table) if form.unit.section in inside]
    if len(fenced) == 1:
        return _fenced(fenced[0], tops[0])
    return _open(table, tops[0], below) if not fenced else None


def _is_for_answers(table: Table, section: Section) -> bool:
    """Whether a heading names what the agent answers with."""
    told = concepts_of(plain(section.title.replace("_", " ")), table.comparison.lexicon)
    if not told.isdisjoint(_MESSAGE):
        return False
    named = "output-format" in told or (not told.isdisjoint(_ANSWER) and not told.isdisjoint(_LAYOUT))
    return named or (role_of(section.title) == "output" and is_plain(section.title) and not told.isdisjoint(_ANSWER))


def _fenced(form: Form, top: Section) -> Answer:
    return Answer(form.unit, (form.unit.id,), (form.unit.section,), form.skeleton, top.id)


def _open(table: Table, top: Section, below: Mapping[str, Sequence[Section]]) -> Answer | None:
    """A form in the open text: headings, labels and blanks to fill in, under a heading of its own or that of the section."""
    children = [section for section in below[top.id] if section.parent == top.id]
    bare = all(table.units[unit].kind in (Kind.HEADING, Kind.TAG) for unit in top.units)
    alone = children[0] if len(children) == 1 and bare else top
    sections = below[alone.id]
    ids = {section.id for section in sections}
    units = [unit for unit in table.units.values() if unit.section in ids and unit.kind is not Kind.TAG]
    skeleton = prose_skeleton([_line(unit) for unit in units if unit.id != top.heading])
    # Where code is shown the headings name examples.
    if any(unit.kind is Kind.CODE for unit in units) or alone.heading is None or len(skeleton.slots) < LEAST or skeleton.blanks < _BLANKS:
        return None
    stated = tuple(unit.id for unit in units if unit.kind is not Kind.HEADING)
    own = tuple(section.id for section in sections)
    return Answer(table.units[alone.heading], stated, own, skeleton, top.id) if stated else None


def _line(unit: Unit) -> str:
    """A unit as a line of a form: a heading has a title, a list item its marker."""
    if unit.kind is Kind.HEADING:
        return f"# {unit.label}"
    return f"{unit.marker} {unit.text}".strip()


def _below(agent: Agent) -> Mapping[str, Sequence[Section]]:
    """Each section with all that it encloses, itself first."""
    found: dict[str, list[Section]] = {section.id: [] for section in agent.sections}
    by_id = {section.id: section for section in agent.sections}
    for section in agent.sections:
        for around in _around(section, by_id):
            found[around.id].append(section)
    return found


def _around(section: Section, by_id: Mapping[str, Section]) -> Iterator[Section]:
    at: Section | None = section
    while at is not None:
        yield at
        at = by_id.get(at.parent or "")
