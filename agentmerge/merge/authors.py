"""One author's two statements are two on purpose, unless one surely says the other again."""

from __future__ import annotations

import re

from agentmerge.merge.align import covered
from agentmerge.merge.claims import Reading, plain
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.coverage import COVERED, all_said, is_minimal_pair
from agentmerge.merge.lexicon import ConceptClass

# An author's own statement is a restatement only when the other is this surely the same.
_OWN_WORDS = 0.9
# What it must hold at least: concepts that are not generic.
_SUBSTANCE = 3
_SYNONYM = 0.8
# Of the other statement this share must be said too: the two are of one size.
_ALIKE = 0.5
_QUOTED = re.compile(r"[\"“「『‘']")
_QUESTION = re.compile(r"[?？]\W*$")


def says_again(comparison: Comparison, reading: Reading, other: Reading, score: float) -> bool:
    """Whether an author's other statement says a statement again; short ones ("Risk: low") belong to what they stand under."""
    if score < _OWN_WORDS or _substance(comparison, reading) < _SUBSTANCE:
        return False
    return _in_its_words(comparison, reading, other) or _in_other_words(comparison, reading, other)


def asks(text: str) -> bool:
    """Whether a text is a question, or somebody's words in quotes: neither states what the agent does."""
    words = plain(text)
    return bool(_QUESTION.search(words) or _QUOTED.match(words))


def _substance(comparison: Comparison, reading: Reading) -> int:
    kinds = comparison.lexicon.kinds
    return sum(c.startswith("w:") or kinds[c] != ConceptClass.GENERIC for c in reading.concepts | reading.title)


def _in_its_words(comparison: Comparison, reading: Reading, other: Reading) -> bool:
    """Whether the other has all concepts of a statement, or near-synonyms of them."""
    there = other.wide | other.title
    near = comparison.lexicon.near
    return all(c in there or any(part >= _SYNONYM and o in there for o, part in near(c).items()) for c in reading.concepts | reading.title)


def _in_other_words(comparison: Comparison, reading: Reading, other: Reading) -> bool:
    """Whether two statements of different lists are of one size, and the other alone makes every claim of the first, its label's too."""
    if reading.unit.block == other.unit.block or is_minimal_pair(reading.unit.text, other.unit.text):
        return False
    if asks(reading.unit.text) or asks(other.unit.text):
        return False
    label = reading._replace(concepts=reading.title)
    return (
        covered(comparison, other, reading) >= _ALIKE
        and (not reading.title or covered(comparison, label, other) >= COVERED)
        and all_said(comparison, reading, (other,))
    )
