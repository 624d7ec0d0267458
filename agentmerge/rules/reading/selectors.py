"""Overrides: settings that hold for some decisions only, picked by section, source, concept or frontmatter key.

overrides:
  - for: {section: Security, source: quality}
    rules: {numbers: strictest}
    priority: [quality]
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from agentmerge.rules.reading.options import Settings, read_rules
from agentmerge.rules.reading.reader import Path, Reader
from agentmerge.rules.registry import KEY_RULES, Rule

FIELDS = ("section", "source", "concept", "key")
_OF_STATEMENTS = ("section", "concept")


class Subject(NamedTuple):
    """What a decision is about, for selectors: a frontmatter key, or the titles, sources and concepts of statements."""

    key: str = ""
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    concepts: frozenset[str] = frozenset()


class Selector(NamedTuple):
    """Patterns by field; an empty field was not named. It matches when each field that was named does."""

    section: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    concept: tuple[str, ...] = ()
    key: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that were named."""
        return tuple(name for name in FIELDS if getattr(self, name))

    def matches(self, at: Subject) -> bool:
        """Whether a decision's subject is picked."""
        return (
            (not self.section or _any(self.section, at.sections, fold=True))
            and (not self.source or _any(self.source, at.sources))
            and (not self.concept or _any(self.concept, at.concepts))
            and (not self.key or _any(self.key, (at.key,) if at.key else ()))
        )


class Override(NamedTuple):
    """What holds where a selector matches: options of rules, and the sources that are trusted there."""

    selector: Selector
    settings: Settings
    priority: tuple[str, ...] = ()


class Mention(NamedTuple):
    """A name in a policy that can be checked only when the build knows what exists: ``kind`` is ``source`` or ``concept``.

    ``place`` is ``file:line path``; ``name`` may be a pattern.
    """

    place: str
    kind: str
    name: str


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says; ``*`` stands for any characters, nothing else is special."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *inner, last = rest
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    # The leftmost place of each part leaves most room for those after it.
    at, end = len(first), len(text) - len(last)
    for part in inner:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _any(patterns: Iterable[str], texts: Iterable[str], *, fold: bool = False) -> bool:
    if fold:
        patterns, texts = [_folded(p) for p in patterns], [_folded(t) for t in texts]
    return any(matches(pattern, text) for pattern in patterns for text in texts)


def read_overrides(reader: Reader, data: object, known: Mapping[str, Rule]) -> tuple[tuple[Override, ...], tuple[Mention, ...]]:
    """The overrides of one file, those with more fields first, and the names in them; problems go to the reader."""
    if data is None:
        return (), ()
    if not isinstance(data, list):
        reader.problem(("overrides",), "must be a list (such as '- {for: {section: Security}, rules: {numbers: strictest}}')")
        return (), ()
    found: list[Override] = []
    mentions: list[Mention] = []
    for number, entry in enumerate(data):
        path = ("overrides", str(number))
        if not isinstance(entry, Mapping):
            reader.problem(path, "must be a map (such as {for: {section: Security}, rules: {numbers: strictest}})")
            continue
        override = _override(reader, entry, path, known)
        found.append(override)
        mentions += _mentions(reader, override, path)
    return tuple(sorted(found, key=lambda override: -len(override.selector.fields))), tuple(mentions)


def _override(reader: Reader, entry: Mapping[str, Any], path: Path, known: Mapping[str, Rule]) -> Override:
    reader.unknown_keys(entry, path, ("for", "rules", "priority"))
    selector = _selector(reader, entry.get("for"), (*path, "for"))
    if not entry.get("rules") and not entry.get("priority"):
        reader.problem(path, "decides nothing (give it 'rules' or 'priority')")
    settings = read_rules(reader, entry.get("rules"), (*path, "rules"), known)
    for key in settings:
        _check_fit(reader, selector, key, (*path, "rules", key))
    priority = reader.words(entry.get("priority"), (*path, "priority"), "[quality]")
    return Override(selector, settings, priority)


def _selector(reader: Reader, data: object, path: Path) -> Selector:
    if data is None or data == {}:
        reader.problem(path, f"names no field (give it one of {', '.join(FIELDS)}, or set the rule under 'rules')")
        return Selector()
    if not isinstance(data, Mapping):
        reader.problem(path, "must be a map (such as {section: Security})")
        return Selector()
    reader.unknown_keys(data, path, FIELDS)
    found = {}
    for name in FIELDS:
        if name in data:
            before = len(reader.problems)
            found[name] = reader.words(data[name], (*path, name), "[Security, 'Data *']")
            if not found[name] and len(reader.problems) == before:
                reader.problem((*path, name), "is empty (name something, or take it out)")
    selector = Selector(**found)
    if selector.key and (selector.section or selector.concept):
        reader.problem(path, "never matches: a frontmatter key stands in no section and has no concept (make two overrides)")
    return selector


def _check_fit(reader: Reader, selector: Selector, key: str, path: Path) -> None:
    """Tell of a rule that never decides what the selector picks."""
    if key in KEY_RULES and (selector.section or selector.concept):
        named = next(name for name in selector.fields if name in _OF_STATEMENTS)
        reader.problem(path, f"decides frontmatter, and '{named}' picks statements (use 'key' or 'source')")
    elif key not in KEY_RULES and selector.key:
        reader.problem(path, "decides statements, and 'key' picks frontmatter (use 'section', 'concept' or 'source')")


def _mentions(reader: Reader, override: Override, path: Path) -> Iterable[Mention]:
    for name in override.selector.source:
        yield Mention(reader.place((*path, "for", "source")), "source", name)
    for name in override.selector.concept:
        yield Mention(reader.place((*path, "for", "concept")), "concept", name)
    for name in override.priority:
        yield Mention(reader.place((*path, "priority")), "source", name)


def without(overrides: Iterable[Override], settings: Settings, priority: tuple[str, ...]) -> tuple[Override, ...]:
    """Overrides of a lower layer without what a higher layer sets everywhere."""
    found = []
    for override in overrides:
        left: dict[str, Mapping[str, object]] = {}
        for key, options in override.settings.items():
            own = {name: value for name, value in options.items() if name not in settings.get(key, {})}
            if own:
                left[key] = own
        kept = Override(override.selector, left, () if priority else override.priority)
        if kept.settings or kept.priority:
            found.append(kept)
    return tuple(found)
