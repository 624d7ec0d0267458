"""Which fields of work a text is about, by its concepts (``data/fields.tsv``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.lexicon import ConceptClass, Lexicon

FIELDS = Path(__file__).with_name("data") / "fields.tsv"
# What names a subject's kind or what is looked at, but no subject: "security concerns", "code style problems".
_NO_SUBJECT = frozenset(
    (
        *(
            "concern",
            "problem",
            "error",
            "topic",
            "risk",
            "code",
            "codebase",
            "disadvantage",
            "finding",
            "operation",
            "task",
            "area",
            "scope",
        ),
        *("w:lane", "w:hotspot", "w:surface", "w:flaw", "w:문제", "w:사항", "w:面", "w:问题", "w:事项"),
    )
)
# To write, change or run something is an act; whoever sets it aside says what must not be done.
_ACTS = frozenset(
    (
        *("create", "write", "implement", "fix", "change", "edit", "generate", "run", "execute", "commit", "push", "delete", "install"),
        *("refactor", "build", "release", "merge", "update", "develop", "add", "remove"),
    )
)
_KINDS = frozenset((ConceptClass.ACTION, ConceptClass.GENERIC, ConceptClass.CONDITION))


@cache
def _table() -> tuple[tuple[str, str, frozenset[str]], ...]:
    rows = (line.split("\t") for line in FIELDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return tuple((field, kind, frozenset(concepts.split())) for field, kind, concepts in rows)


@cache
def _fields() -> Mapping[str, frozenset[str]]:
    """The fields that each concept belongs to."""
    return {concept: frozenset(f for f, _, own in _table() if concept in own) for _, _, concepts in _table() for concept in concepts}


@cache
def own_fields() -> frozenset[str]:
    """The fields that make an agent's job."""
    return frozenset(field for field, kind, _ in _table() if kind == "own")


def side_fields() -> frozenset[str]:
    """The fields that any agent touches."""
    return all_fields() - own_fields()


def fields_of(concepts: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    """The fields that concepts belong to, by themselves or by what is broader."""
    known = _fields()
    return frozenset[str]().union(*(known.get(c, frozenset()) for one in concepts for c in (one, *lexicon.broader_than(one))))


def subjects_of(text: str, lexicon: Lexicon) -> frozenset[str]:
    """What a phrase names: fields, and concepts and words that belong to none; nothing when it names an act."""
    concepts = concepts_of(text, lexicon)
    if not _ACTS.isdisjoint(concepts):
        return frozenset()
    bare = concepts - lexicon.implied(concepts)
    rest = (c for c in bare if not fields_of((c,), lexicon) and c not in _NO_SUBJECT and lexicon.kinds.get(c) not in _KINDS)
    return fields_of(concepts, lexicon) | frozenset(rest)


@cache
def all_fields() -> frozenset[str]:
    """Every field of work."""
    return frozenset(field for field, _, _ in _table())
