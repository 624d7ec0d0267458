"""Where a statement can be cut: the members of a list in it that can go while the rest still reads as a statement.

Only slices of the text are kept, in order. A list can be cut when its members are of one form: phrases
behind a label ("Cache: a, b, c") or behind one verb ("Write a, b, and c"). What the members share (the
label, the verb) stays; so does a last member whose end belongs to all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from agentmerge.merge.lexicon import ConceptClass, Lexicon, normalise

Span = tuple[int, int]

_LABEL = re.compile(r"(?:(\*\*|__)[^*_\n]+?[:：]?\1[ \t]*[:：]?|[^\s,，、:：(（][^,，、:：(（\n]{0,40}[:：](?=[ \t]|[^\x00-\u2fff]))[ \t]*")
_HAS_COLON = re.compile(r"[:：]")
_TAIL = re.compile(r"[.。]?\s*$")
_SEPARATOR = re.compile(r",\s+(?:(and)\s+)?|\s+(and)\s+|[，、]\s*")
# What a list that is no plain list holds: alternatives, examples, quotes, several sentences, line breaks, exceptions.
_NO_LIST = re.compile(
    r"\n|[;；:：?？!！\"“”「」]|[.。]\s|\b(?:or|nor|but|not|unless|except|such as|including|like|e\.g|i\.e|etc|both|either)\b"
    r"|\b(?:its|their|them|they|these|those)\b"
    r"|또는|혹은|아니|または|あるいは|ない|或|不|等",
    re.IGNORECASE,
)
# Words behind which a phrase may belong to every member: "traces to identify patterns".
_SHARED = re.compile(
    r"\b(?:to|for|with|in|on|of|that|which|who|when|where|while|during|by|from|across|using|based|at|per|via|as|into|through)\b"
    r"|\b(?:between|after|before|against|over|under|without)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"(?:for|to|on|with|of|in|about|at|from|by|into|as)\s+", re.IGNORECASE)
_FEWEST, _LONGEST, _LONGEST_CJK = 3, 6, 24
_ACTIONS = (ConceptClass.ACTION, ConceptClass.GENERIC)


class Cut(NamedTuple):
    """A text taken apart: what its members share in front, the members with what separates each from the one before, the end."""

    text: str
    head: Span
    members: tuple[Span, ...]
    separators: tuple[Span, ...]
    tail: Span
    fixed: frozenset[int]

    def without(self, gone: Collection[int]) -> tuple[Span, ...]:
        """The slices that are left without some members."""
        kept = [n for n in range(len(self.members)) if n not in gone]
        slices = [self.head]
        for n in kept:
            start = self.members[n][0] if n == kept[0] else self.separators[n][0]
            if n == kept[-1] and len(kept) == 2 and self.text[start : start + 1] == ",":
                # Of two no comma stands before "and".
                start += bool(re.match(r",\s+and\s", self.text[start:]))
            slices.append((start, self.members[n][1]))
        return _joined([*slices, self.tail])

    def member(self, n: int) -> str:
        return self.text[slice(*self.members[n])]


def cut_of(text: str, lexicon: Lexicon) -> Cut | None:
    """How a statement can be cut, ``None`` when it is no plain list of three members or more."""
    label = _LABEL.match(text)
    start = label.end() if label and _HAS_COLON.search(label.group()) else 0
    tail = _TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    if _NO_LIST.search(text, start, end):
        return None
    found = _members(text, start, end)
    if found is None:
        return None
    members, separators = found
    latin = text[start:end].isascii()
    verbs = [latin and _is_verb(text[slice(*member)], lexicon) for member in members]
    fixed: set[int] = set()
    if any(verbs) and not all(verbs):
        if not verbs[0] or any(verbs[1:]):
            return None
        begin = _behind_verb(text, members[0])
        if begin is None:
            return None
        members[0] = (begin, members[0][1])
        start = begin
    elif not start:
        if not all(verbs):
            return None
        fixed.add(0)  # It begins the sentence.
    joined = not label and re.search(r"\sand\s", text[slice(*separators[-1])]) is not None
    if not latin or joined or _shares_its_end([text[slice(*member)] for member in members]):
        fixed.add(len(members) - 1)
    return Cut(text, (0, start), tuple(members), tuple(separators), (end, len(text)), frozenset(fixed))


def _members(text: str, start: int, end: int) -> tuple[list[Span], list[Span]] | None:
    """The members between two places and the separator before each, when there are enough and each is a short phrase."""
    members: list[Span] = []
    separators: list[Span] = [(start, start)]
    at, depth = start, 0
    ands = 0
    for match in _SEPARATOR.finditer(text, start, end):
        depth = sum(text.count(c, start, match.start()) for c in "(（[") - sum(text.count(c, start, match.start()) for c in ")）]")
        if depth:
            continue
        ands += bool(match.group(1) or match.group(2))
        members.append((at, match.start()))
        separators.append(match.span())
        at = match.end()
    members.append((at, end))
    last_and = re.match(r",?\s+and\s", text[slice(*separators[-1])] + " ") is not None
    if len(members) < _FEWEST or ands > 1 or (ands and not last_and):
        return None
    return (members, separators) if all(_is_phrase(text[slice(*member)]) for member in members) else None


def _is_phrase(text: str) -> bool:
    words = text.split()
    return bool(words) and (len(words) <= _LONGEST if text.isascii() else len(text) <= _LONGEST_CJK)


def _is_verb(phrase: str, lexicon: Lexicon) -> bool:
    """Whether a phrase begins with the bare form of a known verb: an action."""
    word = phrase.split()[0]
    if not word.isalpha() or word.lower().endswith(("ing", "ed", "tion", "ment", "sis", "ance", "ence")) or word.isupper():
        return False
    mentions = [m for m in lexicon.mentions(normalise(word)) if not m.part]
    return bool(mentions) and all(lexicon.kinds[m.concept] in _ACTIONS for m in mentions)


def _behind_verb(text: str, member: Span) -> int | None:
    """Where the first member begins behind the verb that all share, ``None`` when nothing is left of it."""
    verb = re.compile(r"\S+\s+").match(text, *member)
    if verb is None:
        return None
    preposition = _PREPOSITION.match(text, verb.end(), member[1])
    return preposition.end() if preposition else verb.end()


def _shares_its_end(members: Sequence[str]) -> bool:
    """Whether the end of the last member may belong to all: "unit, integration, and API tests"."""
    last = members[-1]
    return _SHARED.search(last) is not None or (len(last.split()) > 1 and any(len(member.split()) == 1 for member in members[:-1]))


def _joined(slices: Sequence[Span]) -> tuple[Span, ...]:
    """The same slices, those that touch as one, empty ones left out."""
    found: list[Span] = []
    for start, end in slices:
        if start == end:
            continue
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)
