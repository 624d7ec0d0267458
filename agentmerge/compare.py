"""Compare two canonical agents by claim: what a reviewer of the second must know of the first.

Text decides first: statements with equal words are the same wherever they stand. The rest is paired
by alignment and wording, one to one, and what finds no partner is gained or lost. Nothing depends
on which agent comes first, so swapped agents swap what is gained and what is lost.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from agentmerge.changes import AgentDiff, Change, Moved, Reworded, Statement
from agentmerge.merge.align import Scored, evidence_of, guard, pairs_of, scored_pairs
from agentmerge.merge.candidates import comparable
from agentmerge.merge.claims import Reading, plain, read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.score import default_weights
from agentmerge.model import Agent, Kind, Section, Unit
from agentmerge.rules.privileges.changes import field_changes, key_changes, tool_changes
from agentmerge.rules.privileges.powers import PRIVILEGE_KEYS
from agentmerge.rules.text.comments import OURS

# Character similarity: enough to call two texts one reworded statement, and enough to do so
# although a guard forbids merging them (or although they are headings, which are short).
_ALIKE = 0.6
_CLEAR = 0.75
# A heading was renamed when at least half of what stands under it stayed.
_RENAMED = 0.5


def compare(old: Agent, new: Agent) -> AgentDiff:
    """The difference of two agents by claim; raises ``SourceError`` for tools that are no list of names.

    The order of statements within a section, the level of a heading, list markers, line breaks and
    provenance comments are no difference.
    """
    tools = tuple(tool_changes(old, new))
    others = tuple(change for key in PRIVILEGE_KEYS for change in key_changes(key, old, new))
    likeness = _Likeness(old, new)
    headings = _heading_diff(old, new, likeness)
    body = _body_diff(old, new, likeness, headings)
    return AgentDiff(
        privileges=tuple(sorted((*tools, *others), key=lambda change: list(Change).index(change.kind))),
        fields=tuple(field_changes(old, new, tools, others)),
        gained=_by_line((*headings.gained, *body.gained)),
        lost=_by_line((*headings.lost, *body.lost)),
        reworded=_warnings_first(pair.reworded for pair in (*headings.pairs, *body.pairs)),
        moved=body.moved,
    )


def _by_line(entries: Iterable[_Entry]) -> tuple[Statement, ...]:
    return tuple(entry.statement for entry in sorted(entries, key=lambda entry: entry.place))


def _warnings_first(found: Iterable[Reworded]) -> tuple[Reworded, ...]:
    return tuple(sorted(found, key=lambda r: (r.warning is None, r.new.line, r.old.line, r.new.text)))


# --- statements --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A statement on its way to a partner: ``key`` is what equal texts share, ``place`` its index in the file."""

    statement: Statement
    key: str
    place: int
    section: str
    path: tuple[str, ...]


def _is_statement(unit: Unit) -> bool:
    if unit.kind is Kind.COMMENT:
        # Ours is no statement; any other comment is read by the agent.
        return OURS.fullmatch(unit.text.strip()) is None
    return unit.kind is not Kind.TAG and bool(unit.text.strip(" \t-*+"))


def _entries(agent: Agent, renamed: Mapping[str, str]) -> tuple[_Entry, ...]:
    """The statements of an agent in file order; ``renamed`` has new titles of sections, by id."""
    sections = {section.id: section for section in agent.sections}
    shown = {section.id: _path(section, sections, {}) for section in agent.sections}
    paths = {section.id: _path(section, sections, renamed) for section in agent.sections}
    found = []
    for place, unit in enumerate(agent.units):
        if not _is_statement(unit):
            continue
        # A heading stands in the section that it opens; what it stands under is one level up.
        above = -1 if unit.kind is Kind.HEADING else None
        text = _text_of(unit)
        under, path = shown[unit.section][:above], paths[unit.section][:above]
        statement = Statement(text=text, kind=unit.kind, section=" > ".join(under), line=unit.lines[0])
        found.append(_Entry(statement=statement, key=_key_of(unit, text), place=place, section=unit.section, path=path))
    return tuple(found)


def _path(section: Section, sections: Mapping[str, Section], renamed: Mapping[str, str]) -> tuple[str, ...]:
    titles: list[str] = []
    current: Section | None = section
    while current is not None:
        titles.append(renamed.get(current.id) or _squeezed(current.title))
        current = sections.get(current.parent) if current.parent else None
    return tuple(title for title in reversed(titles) if title)


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text_of(unit: Unit) -> str:
    """A statement's text on one line; code keeps its lines, without the indentation of its list."""
    if unit.kind is Kind.HEADING:
        return _squeezed(unit.label or unit.text)
    first, _, rest = unit.text.partition("\n")
    if unit.kind is Kind.CODE:
        lines = [first, *textwrap.dedent(rest).split("\n")] if rest else [first]
        return unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in lines))
    if unit.quote and rest:
        rest = re.sub(r"^[ \t]*(?:>[ \t]?)+", "", rest, flags=re.MULTILINE)
    return _squeezed(f"{first}\n{rest}")


def _key_of(unit: Unit, text: str) -> str:
    """What makes two statements equal: their text, without the padding of table cells."""
    return re.sub(r" ?\| ?", "|", text) if unit.kind is Kind.ROW else text


# --- likeness ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two statements taken for one, and why."""

    old: _Entry
    new: _Entry
    score: float
    evidence: tuple[str, ...]
    warning: str | None

    @property
    def reworded(self) -> Reworded:
        evidence = (self.warning, *self.evidence) if self.warning else self.evidence
        return Reworded(old=self.old.statement, new=self.new.statement, score=round(self.score, 3), evidence=evidence, warning=self.warning)


class _Likeness:
    """How alike statements of the two agents are; nothing is read before it is asked for."""

    def __init__(self, old: Agent, new: Agent) -> None:
        self._agents = (old, new)
        self._readings: tuple[Mapping[int, Reading], Mapping[int, Reading]] | None = None
        self._scored: Mapping[tuple[int, int], Scored] = {}

    def _read(self) -> tuple[Mapping[int, Reading], Mapping[int, Reading]]:
        if self._readings is not None:
            return self._readings
        lexicon = default_lexicon()
        # Scores may depend on the order of a team in the last digit, so it is that of the texts, not of the arguments.
        swapped = self._agents[1].source.text < self._agents[0].source.text
        sides = zip(self._agents, "ba" if swapped else "ab", strict=True)
        team = [_renamed_units(read_claims(agent, lexicon), side) for agent, side in sides]
        scored = scored_pairs(pairs_of(sorted(team, key=lambda readings: readings[0].unit.source), lexicon), default_weights())
        pairs = ((_place(s.a), _place(s.b), s) for s in scored)
        self._scored = {(y, x) if swapped else (x, y): s for x, y, s in pairs}
        self._readings = (dict(enumerate(team[0])), dict(enumerate(team[1])))
        return self._readings

    def pair(self, old: _Entry, new: _Entry, kept: float = 0.0) -> _Pair | None:
        """The two as one reworded statement, or ``None``; ``kept`` is the share of a section that stayed."""
        left, right = self._read()
        a, b = left[old.place], right[new.place]
        same_kind = a.unit.kind is b.unit.kind
        if not (same_kind or (comparable(a, b) and a.heading_like == b.heading_like)):
            return None
        scored = self._scored.get((old.place, new.place))
        likely = scored.score if scored else 0.0
        wording = float(fuzz.ratio(old.statement.text, new.statement.text)) / 100
        enough = _CLEAR if a.unit.kind is Kind.HEADING else _ALIKE
        if not (likely >= default_weights().link or (same_kind and wording >= enough) or kept >= _RENAMED):
            return None
        warning = guard(a, b)
        if warning and wording < _CLEAR and kept < _RENAMED:
            return None
        evidence = tuple(_evidence(a, b, scored, wording, kept))
        return _Pair(old=old, new=new, score=max(likely, wording, kept), evidence=evidence, warning=warning)


def _renamed_units(readings: Sequence[Reading], side: str) -> tuple[Reading, ...]:
    """Readings with unit ids of their own: the two agents may bear one name."""
    return tuple(r._replace(unit=replace(r.unit, id=f"{side}:{place}", source=side)) for place, r in enumerate(readings))


def _place(reading: Reading) -> int:
    return int(reading.unit.id.partition(":")[2])


def _evidence(a: Reading, b: Reading, scored: Scored | None, wording: float, kept: float) -> Iterator[str]:
    if kept >= _RENAMED:
        yield f"{kept:.0%} of what stands under it stayed"
    if plain(a.unit.text) == plain(b.unit.text):
        yield "the same words in other markup"
    yield f"wording {wording:.2f}"
    if scored is not None:
        yield from (reason for reason in evidence_of(scored, default_lexicon()) if not reason.startswith("wording "))


def _best_first(pairs: Iterable[_Pair]) -> Iterator[_Pair]:
    """Pairs one to one, best score first; ties go to equal sections, then to what stands first."""
    # The sum of places orders any two pairs that share a statement, whichever agent is the old one.
    ordered = sorted(pairs, key=lambda p: (-round(p.score, 6), p.old.path != p.new.path, p.old.place + p.new.place))
    used: set[tuple[str, int]] = set()
    for pair in ordered:
        ends = {("old", pair.old.place), ("new", pair.new.place)}
        if used.isdisjoint(ends):
            used |= ends
            yield pair


# --- headings ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Headings:
    """Headings that came, went or were reworded; ``renamed`` has the new titles of old sections, by id."""

    pairs: tuple[_Pair, ...]
    gained: tuple[_Entry, ...]
    lost: tuple[_Entry, ...]
    renamed: Mapping[str, str]


def _heading_diff(old: Agent, new: Agent, likeness: _Likeness) -> _Headings:
    """Headings by title alone: one that the other agent has anywhere has not gone."""
    before, after = _entries(old, {}), _entries(new, {})
    lost, gained = _only_in(before, after), _only_in(after, before)
    below_old, below_new = _below(old, before) if lost else {}, _below(new, after) if gained else {}
    scored = (likeness.pair(a, b, _kept(below_old[a.section], below_new[b.section])) for a in lost for b in gained)
    pairs = tuple(_best_first(pair for pair in scored if pair))
    return _Headings(
        pairs=pairs,
        gained=_without(gained, (pair.new for pair in pairs)),
        lost=_without(lost, (pair.old for pair in pairs)),
        renamed={pair.old.section: pair.new.key for pair in pairs},
    )


def _only_in(entries: Sequence[_Entry], others: Sequence[_Entry]) -> tuple[_Entry, ...]:
    known = {entry.key for entry in others if entry.statement.kind is Kind.HEADING}
    return tuple(entry for entry in entries if entry.statement.kind is Kind.HEADING and entry.key not in known)


def _without(entries: Iterable[_Entry], taken: Iterable[_Entry]) -> tuple[_Entry, ...]:
    places = {entry.place for entry in taken}
    return tuple(entry for entry in entries if entry.place not in places)


def _below(agent: Agent, entries: Iterable[_Entry]) -> Mapping[str, frozenset[str]]:
    """The texts under each section's heading, those of its subsections included."""
    parents = {section.id: section.parent for section in agent.sections}
    found: dict[str, set[str]] = {section.id: set() for section in agent.sections}
    for entry in entries:
        at: str | None = entry.section
        while at is not None and entry.statement.kind is not Kind.HEADING:
            found[at].add(entry.key)
            at = parents[at]
    return {section: frozenset(keys) for section, keys in found.items()}


def _kept(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / max(len(a), len(b), 1)


# --- body --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """What became of the statements that are no headings."""

    pairs: tuple[_Pair, ...]
    gained: tuple[_Entry, ...]
    lost: tuple[_Entry, ...]
    moved: tuple[Moved, ...]


def _body_diff(old: Agent, new: Agent, likeness: _Likeness, headings: _Headings) -> _Body:
    before = tuple(e for e in _entries(old, headings.renamed) if e.statement.kind is not Kind.HEADING)
    after = tuple(e for e in _entries(new, {}) if e.statement.kind is not Kind.HEADING)
    equal = _equal(before, after)
    lost, gained = _without(before, (a for a, _ in equal)), _without(after, (b for _, b in equal))
    pairs = tuple(_best_first(pair for a in lost for b in gained if (pair := likeness.pair(a, b))))
    apart = sorted((pair for pair in equal if pair[0].path != pair[1].path), key=lambda pair: pair[1].place)
    return _Body(
        pairs=pairs,
        gained=_without(gained, (pair.new for pair in pairs)),
        lost=_without(lost, (pair.old for pair in pairs)),
        moved=tuple(Moved(statement=b.statement, from_section=a.statement.section, to_section=b.statement.section) for a, b in apart),
    )


def _equal(old: Sequence[_Entry], new: Sequence[_Entry]) -> tuple[tuple[_Entry, _Entry], ...]:
    """Pairs of equal texts, one to one in file order: under the same titles first, then the same title, then anywhere."""
    ways: tuple[Callable[[_Entry], Hashable], ...] = (lambda e: (e.key, e.path), lambda e: (e.key, e.path[-1:]), lambda e: e.key)
    found: list[tuple[_Entry, _Entry]] = []
    for way in ways:
        waiting: dict[Hashable, deque[_Entry]] = defaultdict(deque)
        for entry in _without(new, (b for _, b in found)):
            waiting[way(entry)].append(entry)
        left = _without(old, (a for a, _ in found))
        found.extend((entry, waiting[way(entry)].popleft()) for entry in left if waiting[way(entry)])
    return tuple(found)
