"""The data of a build: frozen, made by one stage and read by the next.

Line numbers are 1-based and inclusive, in the file as it is on disk. Offsets are 0-based and
half-open, in ``Source.text``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a unit is."""

    HEADING = "heading"
    LEAD = "lead"
    ITEM = "item"
    CHECK = "check"
    SENTENCE = "sentence"
    ROW = "row"
    CODE = "code"
    COMMENT = "comment"
    TAG = "tag"
    HTML = "html"
    DEFINITION = "definition"


class Outcome(StrEnum):
    """What became of a unit or a frontmatter field."""

    KEPT = "kept"
    MERGED = "merged"
    OVERRIDDEN = "overridden"
    DROPPED = "dropped"


class Relation(StrEnum):
    """How two aligned units relate: for ``CONTAINS``, ``a`` says all that ``b`` says and more."""

    SAME = "same"
    CONTAINS = "contains"
    OVERLAPS = "overlaps"
    CONFLICTS = "conflicts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file that goes in: ``text`` is decoded, without BOM, with LF line ends.

    ``id`` is the file's stem, made unique within the build; ``path`` is as the user gave it;
    ``body_line`` is the number of the first body line.
    """

    id: str
    path: str
    text: str
    sha256: str
    body_line: int

    def line_starts(self) -> tuple[int, ...]:
        """Offset of each line's first character; index 0 is line 1."""
        starts = [0]
        at = self.text.find("\n")
        while at != -1:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return tuple(starts)


Scalar = str | int | float | bool | None
Value = Scalar | tuple["Value", ...] | Mapping[str, "Value"]


class Field(NamedTuple):
    """One frontmatter key. ``raw`` is its text as written, key included; ``lines`` its span."""

    source: str
    key: str
    value: Value
    raw: str
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The smallest statement that can be kept or dropped.

    ``text`` is ``source.text[start:end]``: a list item's text without its marker, a sentence, a
    table row, a whole code block with its fences. ``block`` names the list, paragraph or table
    that it stands in; ``item`` is the first line of its list item; ``marker`` the item's marker
    as written; ``label`` the words of a bold or plain lead (``**Type safety**: …``); ``parent``
    the first unit of the item that this item is nested in.
    """

    id: str
    source: str
    lines: tuple[int, int]
    start: int
    end: int
    kind: Kind
    text: str
    language: str
    section: str
    block: str
    item: int | None = None
    marker: str = ""
    depth: int = 0
    ordered: bool = False
    label: str = ""
    parent: str | None = None
    quote: int = 0
    info: str = ""


class HeadingStyle(StrEnum):
    """How a section is marked in its file."""

    ROOT = "root"
    ATX = "atx"
    SETEXT = "setext"
    BOLD = "bold"
    PLAIN = "plain"
    ITEM = "item"
    TAG = "tag"


class Section(NamedTuple):
    """A part of a file under one heading; ``parent`` is the enclosing section's id."""

    id: str
    source: str
    title: str
    style: HeadingStyle
    level: int
    parent: str | None
    heading: str | None
    units: tuple[str, ...]


class Structure(NamedTuple):
    """A line that is no statement: a table rule, a thematic break, a Setext underline, a bare marker."""

    source: str
    line: int
    kind: str


class Finding(NamedTuple):
    """Something a reader of the build should know; ``line`` may be 0 when it is about a file."""

    code: str
    source: str
    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One source, read: fields, sections, units in file order, and what was odd about it."""

    source: Source
    fields: tuple[Field, ...]
    frontmatter: str
    sections: tuple[Section, ...]
    units: tuple[Unit, ...]
    structure: tuple[Structure, ...]
    findings: tuple[Finding, ...]

    def value(self, key: str) -> Value:
        """The value of a frontmatter key, ``None`` when it is not there."""
        return next((f.value for f in self.fields if f.key == key), None)

    def has(self, key: str) -> bool:
        """Whether the frontmatter has ``key`` at all (an omitted ``tools`` is not an empty one)."""
        return any(f.key == key for f in self.fields)


class Alignment(NamedTuple):
    """Two units of a team that make the same claim; ``score`` is a probability (0 to 1)."""

    a: str
    b: str
    relation: Relation
    score: float
    evidence: tuple[str, ...]


class Trim(NamedTuple):
    """What of a kept unit stands (``slices``: offsets in its text, in order), and the units that say the rest (``said_by``)."""

    slices: tuple[tuple[int, int], ...]
    said_by: tuple[str, ...]

    def of(self, text: str) -> str:
        """The slices of a text, one after the other."""
        return "".join(text[start:end] for start, end in self.slices)

    def cut(self, text: str) -> tuple[str, ...]:
        """What of a text is left out, without the marks between."""
        ends = (0, *(end for _, end in self.slices))
        starts = (*(start for start, _ in self.slices), len(text))
        return tuple(part for end, start in zip(ends, starts, strict=True) if (part := text[end:start].strip(" ,、，")))


class Decision(NamedTuple):
    """What became of one unit, by which rule and why; ``into`` is the unit that says it now, ``trim`` what of a kept one stands."""

    unit: str
    outcome: Outcome
    into: str | None
    rule: str
    why: str
    trim: Trim | None = None


class FieldDecision(NamedTuple):
    """What became of one frontmatter key of one source."""

    source: str
    key: str
    outcome: Outcome
    rule: str
    why: str


class Conflict(NamedTuple):
    """Statements that cannot both hold (``members``: unit ids or ``source:key``).

    ``decision`` is what was done; ``resolved`` is whether a rule decided it. Unresolved conflicts
    make ``--strict`` fail; one that ``fails`` is never written. The members of one that is
    ``marked`` carry a mark in the text.
    """

    id: str
    kind: str
    members: tuple[str, ...]
    decision: str
    resolved: bool
    rule: str
    why: str
    fails: bool = False
    marked: bool = False


class Capability(NamedTuple):
    """A tool, mode, hook or server that the canonical agent has and ``lacking`` had not."""

    name: str
    granted_by: tuple[str, ...]
    lacking: tuple[str, ...]


class Header(NamedTuple):
    """The canonical agent's frontmatter: ordered keys with plain values."""

    fields: tuple[tuple[str, Value], ...]
    verbatim: str | None = None


class Chunk(NamedTuple):
    """One block of the canonical body: units that are written together.

    ``kind`` is ``paragraph``, ``item``, ``row``, ``table``, ``code``, ``lead`` or ``raw``. Without ``stop``
    the last full stop is left out, without ``lead`` the bold words that open it.
    """

    kind: str
    units: tuple[str, ...]
    depth: int = 0
    marker: str = ""
    stop: bool = True
    lead: bool = True


class Part(NamedTuple):
    """One section of the canonical body; ``heading`` is the unit whose words title it.

    ``composed``: no unit has the title's words; they are the name of this source.
    """

    role: str
    title: str
    heading: str | None
    level: int
    chunks: tuple[Chunk, ...]
    composed: str | None = None


class Outline(NamedTuple):
    """The canonical body before it is text. ``verbatim``: the one source whose body passes whole."""

    parts: tuple[Part, ...]
    verbatim: str | None = None


class Candidate(NamedTuple):
    """A pair for a person to decide: likely enough to look at, never acted on."""

    a: str
    b: str
    score: float
    evidence: tuple[str, ...]


class Composed(NamedTuple):
    """A heading of the canonical agent that stands in no source: the name of the source that its section is of."""

    line: int
    title: str
    source: str


class Rendered(NamedTuple):
    """The canonical agent as text, the output lines of each unit that stands in it, and the headings that were composed."""

    text: str
    sha256: str
    lines: Mapping[str, tuple[int, int]]
    composed: tuple[Composed, ...] = ()


class Wanted(NamedTuple):
    """A text that has to be translated: where it stands (``path:line``), and under which heading.

    ``context`` is ``description`` for the frontmatter's, else the kind of the unit.
    """

    text: str
    context: str
    places: tuple[str, ...]
    section: str


class Refused(NamedTuple):
    """A translation that is not used, and why."""

    wanted: Wanted
    why: str


class Translation(NamedTuple):
    """The canonical agent in one language, as far as translations are there.

    ``units`` maps each translated unit to who did it, ``catalogue`` or ``lexicon``; ``wanted`` is all that
    needs a translation, ``missing`` what has none that can be used.
    """

    agents: Sequence[Agent]
    header: Header
    outline: Outline
    units: Mapping[str, str] = {}
    wanted: tuple[Wanted, ...] = ()
    missing: tuple[Wanted, ...] = ()
    refused: tuple[Refused, ...] = ()
