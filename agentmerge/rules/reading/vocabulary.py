"""A team's own vocabulary: concepts and terms that its policy adds to the lexicon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentmerge.rules.reading.reader import Reader

CLASSES = ("action", "object", "quality", "technology", "artefact", "condition", "generic")
TERM_LANGUAGES = ("en", "ko", "ja", "zh")
_EXAMPLE = "[posting, GL entry]"
_KEYS = ("class", "broader", "near", *TERM_LANGUAGES)


class Entry(NamedTuple):
    """A concept that a policy adds, or a known one that gets more terms.

    ``kind`` is its class, ``""`` for a known concept's own (``object`` for a new one); ``where`` is
    the place in the policy, for errors.
    """

    concept: str
    kind: str
    broader: str | None
    near: tuple[str, ...]
    terms: tuple[str, ...]
    where: str


def read_vocabulary(reader: Reader, data: object) -> tuple[Entry, ...]:
    """The entries under ``lexicon:``; problems go to the policy's reader."""
    if data is None:
        return ()
    if not isinstance(data, Mapping):
        reader.problem(("lexicon",), "must be a map of concepts (such as 'ledger-entry: [posting, GL entry]')")
        return ()
    found = []
    for name, value in data.items():
        path = ("lexicon", str(name))
        # ``concept: [term, term]`` is short for terms of any language.
        options = value if isinstance(value, Mapping) else {"en": value}
        reader.unknown_keys(options, path, _KEYS)
        terms = tuple(term for language in TERM_LANGUAGES for term in reader.words(options.get(language), (*path, language), _EXAMPLE))
        kind = reader.choice(options.get("class"), (*path, "class"), CLASSES) or ""
        broader = options.get("broader")
        if broader is not None and not isinstance(broader, str):
            reader.problem((*path, "broader"), "must be one concept (such as 'security')")
            broader = None
        if not terms:
            reader.problem(path, "has no terms (list the words that name it, such as [posting, GL entry])")
        found.append(
            Entry(str(name), kind, broader, reader.words(options.get("near"), (*path, "near"), _EXAMPLE), terms, reader.place(path))
        )
    return tuple(found)
