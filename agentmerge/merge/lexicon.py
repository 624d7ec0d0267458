"""The concept lexicon: which terms, in four languages, name the same concept.

The data are the TSV files in ``agentmerge/merge/lexicon/``, one per field, one concept per line::

    concept <TAB> class <TAB> broader <TAB> en <TAB> ko <TAB> ja <TAB> zh

Terms of a cell are separated by ``|``. TSV rather than YAML because the files are read at every
start: 1,500 concepts take milliseconds here and more than a second in a YAML parser.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.merge.han import traditional
from agentmerge.merge.loanwords import loans_of
from agentmerge.rules.reading.vocabulary import TERM_LANGUAGES, Entry

DATA = Path(__file__).with_name("lexicon")
INDEX = Path(__file__).with_name("data") / "index"
FREQUENCY = Path(__file__).with_name("data") / "frequency.json"
NEAR = Path(__file__).with_name("data") / "near.tsv"
LANGUAGES = TERM_LANGUAGES


class ConceptClass(StrEnum):
    """What a concept is: it decides how much a shared mention says about a shared claim."""

    ACTION = "action"
    OBJECT = "object"
    QUALITY = "quality"
    TECHNOLOGY = "technology"
    ARTEFACT = "artefact"
    CONDITION = "condition"
    GENERIC = "generic"


class Concept(NamedTuple):
    """One concept: its id, class, optional broader concept, and terms by language."""

    id: str
    kind: ConceptClass
    broader: str | None
    terms: Mapping[str, tuple[str, ...]]


class Mention(NamedTuple):
    """A concept seen in a text; ``start`` and ``end`` index the normalised text.

    ``part``: the term is a part of a longer term that was seen.
    """

    concept: str
    start: int
    end: int
    part: bool = False


# --- normalisation -----------------------------------------------------------------------------

_HANGUL = "\uac00-\ud7a3"
_KATAKANA = "\u30a1-\u30fa\u30fc"
_HIRAGANA = "\u3041-\u309f"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3005"
_LATIN = "a-z\u00c0-\u02af\u0370-\u1fff"
_TOKEN = re.compile(
    rf"(?P<latin>n\+1|\.net\b|[{_LATIN}](?:[{_LATIN}0-9]|(?<=[a-z0-9])\.(?=[a-z]{{2}}))*(?:\+\+|\#(?![a-z0-9_]))?)"
    rf"|(?P<hangul>[{_HANGUL}]+)|(?P<katakana>[{_KATAKANA}]+)|(?P<other>[{_HIRAGANA}{_HAN}]+)"
    r"|(?P<gap>(?:[ \t\-_/'’]|\.(?!net\b))+)|(?P<stop>.)",
    re.DOTALL,
)
_OBJECT_PARTICLE = re.compile(r"(?<=.{2})[을를]$")


@cache
def stem(word: str) -> str:
    """The inflection-free form of a lower-case Latin word (``validating`` -> ``validat``).

    Inflection only, on purpose: a full Snowball stem makes ``author`` and ``authorize`` one word.
    """
    if len(word) <= 3 or not word.isascii() or not word.isalpha() or word in _INVARIANT:
        return word
    if word.endswith("isation"):
        word = word[:-7] + "ization"
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ly") and len(word) > 5:
        word = word[:-2]
    for suffix in ("ing", "ed"):
        root = word.removesuffix(suffix)
        if root != word and len(root) >= 3 and re.search("[aeiouy]", root):
            word = _root(root)
            break
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    if word.endswith("is") and len(word) > 5:
        word = word[:-1] + "z"
    return word


# Words whose last letters only look like an inflection.
_INVARIANT = frozenset(
    ("https", "rtos", "cors", "staging", "meeting", "marketing", "news", "stats", "locale", "really", "during", "string", "being", "thing")
)


def _root(root: str) -> str:
    """The word that ``root`` + ing or ed comes from: ``logg`` -> ``log``, ``cod`` -> ``code``."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    if len(root) == 3 and re.fullmatch("[^aeiou][aeiouy][^aeiouwxy]", root):
        return root + "e"
    return root


class Normal(NamedTuple):
    """A text in the form in which terms are compared, and where its words start.

    ``text``: NFC, lower case; Latin words inflection-free with one space on each side, so that a
    term only matches whole words; Hangul, Kana and Han joined across single gaps, so ``속도 제한``
    and ``속도제한`` are one term; every other character is a stop (U+0002).
    ``starts``: indexes in ``text`` at which a word of the source starts. ``places``: for each piece
    of ``text``, where it starts there and where it came from in ``origin`` (NFC, lower case).
    """

    text: str
    starts: frozenset[int]
    places: tuple[tuple[int, int], ...]
    origin: str


def normalise(text: str) -> Normal:
    """Bring ``text`` (a source's line or a lexicon term) into the form that is compared."""
    out: list[str] = []
    starts: list[int] = []
    length = 0
    gap = True
    places: list[tuple[int, int]] = []
    origin = unicodedata.normalize("NFC", text).lower()
    for match in _TOKEN.finditer(origin):
        group = match.lastgroup
        value = match.group()
        if group == "gap" and value != "." and ". " not in value:
            gap = True
            continue
        if group == "latin":
            starts.append(length - 1 if out and out[-1].endswith(" ") else length)
            piece = stem(value) + " " if out and out[-1].endswith(" ") else f" {stem(value)} "
        elif group == "hangul":
            if gap or not out or out[-1].endswith((" ", _STOP)):
                starts.append(length)
            piece = _OBJECT_PARTICLE.sub("", value)
        elif group == "katakana":
            starts.append(length)
            piece = value[:-1] if len(value) > 3 and value.endswith("ー") else value
        elif group == "other":
            starts.append(length)
            piece = value
        else:
            piece = _STOP
        out.append(piece)
        places.append((length, match.start()))
        length += len(piece)
        gap = group in ("gap", "stop")
    return Normal("".join(out), frozenset(starts), tuple(places), origin)


# --- loading -----------------------------------------------------------------------------------


@cache
def _entries(block: str) -> tuple[tuple[int, str, str], ...]:
    """The terms of a block with their lengths and concepts, longest first as they are stored."""
    pairs = (entry.rpartition("=") for entry in block.split("|")) if block else ()
    return tuple((len(term), term, concept) for term, _, concept in pairs)


# How much of a concept a near one says: a near-synonym, a common rewording, the same narrow subject.
_NEARNESS = {"3": 0.85, "2": 0.5, "1": 0.25}


@cache
def _near(entry: str) -> Mapping[str, float]:
    pairs = (link.rpartition(":") for link in entry.split("|")) if entry else ()
    return {concept: _NEARNESS[strength] for concept, _, strength in pairs}


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What finds concepts in a text: normalised terms, and each concept's class and broader one.

    ``blocks`` holds the terms under what they start with (a first word, or two characters), as
    ``term=concept|term=concept``, longest first; a block is taken apart when a text first needs
    it. ``shares`` is the share of agent files in which a concept is seen. ``links`` holds the
    concepts near to each, as ``concept:strength|concept:strength``.
    """

    blocks: Mapping[str, str]
    kinds: Mapping[str, str]
    broader: Mapping[str, str]
    shares: Mapping[str, float]
    links: Mapping[str, str]

    @property
    def terms(self) -> Mapping[str, str]:
        """The concept of every normalised term."""
        return {term: concept for block in self.blocks.values() for _, term, concept in _entries(block)}

    def rarity(self, concept: str) -> float:
        """How much seeing a concept tells, from 0 (in every agent file) to 1 (in hardly any)."""
        return min(1.0, math.log(1 / (self.shares.get(concept, 0.0) + 0.002)) / math.log(500))

    def near(self, concept: str) -> Mapping[str, float]:
        """The concepts that say part of what this one says, and how much of it (0 to 1)."""
        return _near(self.links.get(concept, ""))

    def mentions(self, normal: Normal) -> tuple[Mention, ...]:
        """Every term in a text, longest first at each place, left to right, never overlapping."""
        text, starts = normal.text, normal.starts
        found: list[Mention] = []
        at, end, end_of_last = 0, len(text), -1
        while at < end:
            if _KANA_FIRST <= text[at] <= _KANA_LAST and at in starts:
                whole = self._made_up(text, at)
                if len(whole) > 1:
                    found.extend(whole)
                    at = end_of_last = whole[-1].end
                    continue
            for size, term, concept in _entries(self.blocks.get(_start(text, at), "")):
                if not text.startswith(term, at) or not _allowed(text, at, size, starts, end_of_last):
                    continue
                found.append(Mention(concept, at, at + size))
                if size > 3:
                    found.extend(self._inside(text, at, size, starts))
                # The space that ends a Latin word also starts the next one.
                at = end_of_last = at + size - (text[at + size - 1] == " ")
                break
            else:
                at = _next_place(text, at)
        return tuple(found)

    def _made_up(self, text: str, at: int) -> Sequence[Mention]:
        """The fewest terms that make up a run of Katakana whole (テストファイル: テスト and ファイル); none when they leave a rest."""
        end = at
        while end < len(text) and _KANA_FIRST <= text[end] <= _KANA_LAST:
            end += 1
        best: dict[int, tuple[Mention, ...]] = {end: ()}
        for start in range(end - 2, at - 1, -1):
            made = [
                (Mention(concept, start, stop), *best[stop])
                for size, term, concept in _entries(self.blocks.get(_start(text, start), ""))
                if size > 1
                for stop in _ends(text, start, term, end)
                if stop in best
            ]
            if made:
                best[start] = min(made, key=len)
        return best.get(at, ())

    def _inside(self, text: str, at: int, size: int, starts: frozenset[int]) -> Iterator[Mention]:
        """Terms that make up a longer one: "error message" is about messages and about errors too."""
        stop = at + size
        if text[at] == " " and " " not in text[at + 1 : stop - 1]:
            return
        inner = end_of_last = at
        parts: list[Mention] = []
        while inner < stop:
            for length, term, concept in _entries(self.blocks.get(_start(text, inner), "")):
                end = inner + length
                if length >= size or end > stop or not text.startswith(term, inner):
                    continue
                if not _allowed(text, inner, length, starts, end_of_last):
                    continue
                parts.append(Mention(concept, inner, end, part=True))
                inner = end_of_last = end - (text[end - 1] == " ")
                break
            else:
                inner = _next_place(text, inner)
        # Without spaces a part may be a mere prefix (프로 in 프로토콜): parts must make up the whole.
        if text[at] == " " or sum(part.end - part.start for part in parts) >= size:
            yield from parts

    def broader_than(self, concept: str) -> Iterator[str]:
        """The chain of broader concepts, nearest first."""
        seen = {concept}
        while (concept := self.broader.get(concept, "")) and concept not in seen:
            yield concept
            seen.add(concept)

    def implied(self, concepts: Iterable[str]) -> set[str]:
        """The broader concepts that these bring with them."""
        return {broader for concept in concepts for broader in self.broader_than(concept)}


_STOP = "\x02"
_KANA_FIRST, _KANA_LAST = "\u30a1", "\u30fc"


def _ends(text: str, at: int, term: str, end: int) -> Iterator[int]:
    """Where a term ends that begins at a place of a run of Katakana; long words lose their last long vowel, short ones keep it."""
    if text.startswith(term, at):
        yield at + len(term)
        if text.startswith("ー", at + len(term)):
            yield at + len(term) + 1
    elif term == text[at:end] + "ー":
        yield end


def _start(text: str, at: int) -> str:
    """What terms are filed under: a Latin word with its spaces, or two other characters."""
    if text[at] == " ":
        return text[at : text.find(" ", at + 1) + 1]
    return text[at : at + 2]


def _next_place(text: str, at: int) -> int:
    """The next place at which a term can start: inside a Latin word none can."""
    at += 1
    if at < len(text) and text[at] < "\u0250" and text[at] not in " \x02":
        space = text.find(" ", at)
        return len(text) if space == -1 else space
    return at


def _allowed(text: str, at: int, size: int, starts: frozenset[int], end_of_last: int) -> bool:
    """Whether a term may match here: guards against terms found inside other words."""
    first = text[at]
    if first == " ":
        return True
    anchored = at in starts or at == end_of_last
    if size == 1:
        return at in starts and (at + 1 == len(text) or at + 1 in starts or text[at + 1] in _AFTER_ONE)
    if "\uac00" <= first <= "\ud7a3":
        return anchored or size >= 3
    if _KANA_FIRST <= first <= _KANA_LAST:
        # A short loanword starts many longer ones (プロ, プロトコル): it must be the whole run.
        end = at + size
        whole = end == len(text) or end in starts or not _KANA_FIRST <= text[end] <= _KANA_LAST
        return anchored and (size > 3 or whole)
    return True


_AFTER_ONE = frozenset(" \x02은는이가을를의에로와과도만をがはにでとのも的")


def read_concepts(lines: Iterable[str], origin: str) -> Iterator[Concept]:
    """Concepts of one TSV file; raises ``ValueError`` naming ``origin`` and the line."""
    for number, line in enumerate(lines, 1):
        row = line.rstrip("\n")
        if not row.strip() or row.startswith("#"):
            continue
        cells = row.split("\t")
        if len(cells) != 3 + len(LANGUAGES):
            raise ValueError(f"{origin}:{number}: {len(cells)} columns, not {3 + len(LANGUAGES)}")
        name, kind, broader = (cell.strip() for cell in cells[:3])
        try:
            concept_class = ConceptClass(kind)
        except ValueError:
            known = ", ".join(ConceptClass)
            raise ValueError(f"{origin}:{number}: unknown class {kind!r} (one of {known})") from None
        terms = {
            language: tuple(term.strip() for term in cell.split("|") if term.strip())
            for language, cell in zip(LANGUAGES, cells[3:], strict=True)
        }
        yield Concept(id=name, kind=concept_class, broader=broader or None, terms=terms)


def build_lexicon(concepts: Iterable[Concept]) -> Lexicon:
    """Index concepts by their terms; of two concepts with one term the first one has it.

    Chinese terms are met in traditional characters too, unless that is a term of its own.
    """
    concepts = tuple(concepts)
    kinds: dict[str, str] = {}
    broader: dict[str, str] = {}
    terms: dict[str, str] = {}
    for concept in concepts:
        kinds.setdefault(concept.id, concept.kind)
        if concept.broader:
            broader.setdefault(concept.id, concept.broader)
        for words in concept.terms.values():
            for term in words:
                terms.setdefault(normalise(term).text, concept.id)
    for concept in concepts:
        for form in (form for word in concept.terms.get("zh", ()) for form in traditional(word)):
            terms.setdefault(normalise(form).text, concept.id)
    blocks: dict[str, list[str]] = {}
    for term in sorted(terms, key=lambda term: (-len(term), term)):
        blocks.setdefault(_start(term, 0), []).append(f"{term}={terms[term]}")
    shares = json.loads(FREQUENCY.read_text(encoding="utf-8"))
    links = read_near(NEAR.read_text(encoding="utf-8").split("\n"), NEAR.name)
    links = {one: kept for one, others in links.items() if one in kinds and (kept := _known(others, kinds))}
    return Lexicon({start: "|".join(blocks[start]) for start in sorted(blocks)}, kinds, broader, shares, links)


def _known(links: str, kinds: Mapping[str, str]) -> str:
    return "|".join(link for link in links.split("|") if link.rpartition(":")[0] in kinds)


def read_near(lines: Iterable[str], origin: str) -> Mapping[str, str]:
    """The links of ``data/near.tsv`` in both directions; raises ``ValueError`` naming ``origin`` and the line."""
    links: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        concept, _, others = line.partition("\t")
        for link in others.split("|"):
            other, _, strength = link.rpartition(":")
            if not other or strength not in _NEARNESS or concept == other:
                raise ValueError(f"{origin}:{number}: {link!r} links {concept!r} to no other concept with a strength of 1 to 3")
            links.setdefault(concept, []).append(f"{other}:{strength}")
            links.setdefault(other, []).append(f"{concept}:{strength}")
    return {concept: "|".join(sorted(links[concept])) for concept in sorted(links)}


def extended(lexicon: Lexicon, entries: Iterable[Entry]) -> Lexicon:
    """A lexicon with a team's own concepts and terms; a term of theirs is theirs, whatever it named before.

    Raises ``PolicyError`` with every concept that is not known and every term that could never match.
    """
    from difflib import get_close_matches  # Slow to import, and most policies have no vocabulary.

    entries = tuple(entries)
    kinds, broader = dict(lexicon.kinds), dict(lexicon.broader)
    blocks, links = dict(lexicon.blocks), dict(lexicon.links)
    for entry in entries:
        kinds[entry.concept] = entry.kind or kinds.get(entry.concept, ConceptClass.OBJECT)
    problems = []
    for entry in entries:
        for other in filter(None, (entry.broader, *entry.near)):
            if other not in kinds:
                close = get_close_matches(other, kinds, n=1)
                known = f"did you mean {close[0]!r}?" if close else "'agentmerge explain' shows the concepts of a line"
                problems.append(f"{entry.where}: unknown concept {other!r} ({known})")
        if entry.broader:
            broader[entry.concept] = entry.broader
        for other in entry.near:
            for one, two in ((entry.concept, other), (other, entry.concept)):
                links[one] = "|".join(filter(None, (links.get(one, ""), f"{two}:2")))
        for term in entry.terms:
            key = normalise(term).text
            if not key.strip(" \x02") or "\x02" in key:
                problems.append(f"{entry.where}: {term!r} can match nothing (a term is words without punctuation between them)")
                continue
            kept = [e for e in blocks.get(_start(key, 0), "").split("|") if e and e.rpartition("=")[0] != key]
            ordered = sorted([*kept, f"{key}={entry.concept}"], key=lambda e: (-len(e.rpartition("=")[0]), e))
            blocks[_start(key, 0)] = "|".join(ordered)
    if problems:
        raise PolicyError(tuple(problems))
    return Lexicon(blocks, kinds, broader, lexicon.shares, links)


def shipped_concepts() -> Iterator[Concept]:
    """The concepts of the TSV files that the package ships, file by file."""
    for path in sorted(DATA.glob("*.tsv")):
        yield from read_concepts(path.read_text(encoding="utf-8").split("\n"), path.name)


def compiled(lexicon: Lexicon, concepts: Iterable[Concept] = ()) -> Mapping[str, str]:
    """The index as texts by file name: normalising 40,000 terms at every start would take a fifth of a second."""
    rows = [(c, lexicon.kinds[c], lexicon.broader.get(c, ""), str(lexicon.shares.get(c, 0.0))) for c in sorted(lexicon.kinds)]
    words = ((term.lower(), concept.id) for concept in concepts for term in concept.terms["en"])
    return {
        "concepts.tsv": _table(rows),
        "loans.tsv": _table(loans_of(words).items()),
        "near.tsv": _table(sorted(lexicon.links.items())),
        "terms.tsv": _table(sorted(lexicon.blocks.items())),
    }


def _table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


def _columns(name: str, width: int) -> list[list[str]]:
    """The columns of an index file; one split of the whole text is the fastest way to read it."""
    cells = (INDEX / name).read_text(encoding="utf-8").replace("\n", "\t").split("\t")
    return [cells[n::width] for n in range(width)]


@cache
def default_lexicon() -> Lexicon:
    """The lexicon that the package ships, from its compiled index."""
    names, kinds, broader, shares = _columns("concepts.tsv", 4)
    return Lexicon(
        blocks=dict(zip(*_columns("terms.tsv", 2), strict=True)),
        kinds=dict(zip(names, kinds, strict=True)),
        broader={name: above for name, above in zip(names, broader, strict=True) if above},
        shares=dict(zip(names, map(float, shares), strict=True)),
        links=dict(zip(*_columns("near.tsv", 2), strict=True)),
    )
