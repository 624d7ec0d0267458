"""Lift frontmatter keys into the body (KEYS001): their texts become list items under a heading of the key's words.

A lifted unit's text is a slice of the source's own frontmatter, on its true lines, so that it is aligned, merged,
recorded and proved like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from agentmerge.merge.sentences import language_of, sentence_spans
from agentmerge.model import Agent, Field, HeadingStyle, Kind, Section, Unit
from agentmerge.rules.chosen import votes
from agentmerge.rules.keys import strategy_for, unknown_keys
from agentmerge.rules.policy import Policy

# Patterns, paths, addresses and what has no word: nothing that an agent could be told.
_NO_STATEMENT = re.compile(r"\S*[*?]\S*|\S*/\S*|[\w-]+\.[A-Za-z0-9]{1,5}|[^:\s]+://\S*|[\W\d_]*")
_BULLET = re.compile(r"[ \t]*(?:[-*+][ \t]+)?")
_LEVEL = 20


class _Leaf(NamedTuple):
    """A scalar within a key's text: half-open offsets."""

    start: int
    end: int


def lifted_keys(agents: Sequence[Agent], policy: Policy) -> frozenset[str]:
    """The keys that the policy lifts into the body."""
    return frozenset(key for key in unknown_keys(agents) if strategy_for(key, votes(agents, key), policy) == "lift")


def with_lifted(agent: Agent, keys: Collection[str]) -> Agent:
    """An agent with the texts of some of its keys as sections behind its own."""
    sections, units = list(agent.sections), list(agent.units)
    starts = agent.source.line_starts()
    used: Counter[int] = Counter()
    language = language_of("\n".join(unit.text for unit in agent.units))
    for f in agent.fields:
        spans = list(_spans(f)) if f.key in keys else []
        if not spans:
            continue
        at = starts[f.lines[0] - 1]
        name = f"{agent.source.id}#{f.lines[0]}"
        key = (at + f.raw.index(f.key), at + f.raw.index(f.key) + len(f.key))
        common: dict[str, Any] = {"section": name, "block": name}
        heading = _unit(agent, Kind.HEADING, key, starts, used, language, label=_title(f.key), **common)
        items = [
            # A list may stand on one line: where an item starts tells it from the next, and no line of a file is below 0.
            _unit(agent, Kind.ITEM, (at + low, at + high), starts, used, language, item=-at - span.start, marker="-", **common)
            for span in spans
            for low, high in _sentences(f.raw, span)
        ]
        units.extend((heading, *items))
        sections.append(
            Section(
                id=name,
                source=agent.source.id,
                title=_title(f.key),
                style=HeadingStyle.ATX,
                level=_LEVEL,
                parent=agent.sections[0].id,
                heading=heading.id,
                units=tuple(item.id for item in items),
            )
        )
    return replace(agent, sections=tuple(sections), units=tuple(units))


def lifted_as_recorded(agent: Agent, units: Iterable[Mapping[str, Any]]) -> Agent:
    """An agent as a build saw it whose ledger has these units: those on lines of its frontmatter were lifted."""
    lines = {entry["lines"][0] for entry in units if entry["source"] == agent.source.id and entry["lines"][0] < agent.source.body_line}
    keys = {f.key for f in agent.fields if lines & set(range(f.lines[0], f.lines[1] + 1))}
    return with_lifted(agent, keys) if keys else agent


def _unit(agent: Agent, kind: Kind, span: tuple[int, int], starts: tuple[int, ...], used: Counter[int], language: str, **rest: Any) -> Unit:
    source, text = agent.source, agent.source.text[span[0] : span[1]]
    first = bisect_right(starts, span[0])
    used[first] += 1
    return Unit(
        id=f"{source.id}:{first}" + (f".{used[first]}" if used[first] > 1 else ""),
        source=source.id,
        lines=(first, first + text.count("\n")),
        start=span[0],
        end=span[1],
        kind=kind,
        text=text,
        language=language_of(text, language),
        **rest,
    )


def _title(key: str) -> str:
    """A key in words: ``Task types`` for ``task_types`` and ``taskTypes``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+", " ", key).strip().lower()
    return words[:1].upper() + words[1:]


def _sentences(text: str, span: _Leaf) -> Iterator[tuple[int, int]]:
    return ((span.start + low, span.start + high) for low, high in sentence_spans(text[span.start : span.end]))


def _spans(field: Field) -> Iterator[_Leaf]:
    """The texts of a key that state something, in order."""
    for start, end in _leaves(field.raw):
        text = field.raw[start:end]
        if text.strip() and not _NO_STATEMENT.fullmatch(text) and not _is_constant(text):
            yield _Leaf(start, end)


def _is_constant(text: str) -> bool:
    return text.lower() in ("true", "false", "null", "yes", "no", "on", "off")


def _leaves(raw: str) -> Iterator[tuple[int, int]]:
    """Where the scalars of a key's own text stand, each without its quotes; a text that is no YAML is one."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        events = list(YAML(typ="safe", pure=True).parse(raw + "\n"))
    except YAMLError:
        head = re.match(r"[^:]*:[ \t]*", raw)
        yield from _lines(raw, head.end() if head else 0, len(raw))
        return
    for event in _values(events):
        yield from _of_scalar(raw, event)


def _values(events: Sequence[Any]) -> Iterator[Any]:
    """The scalar events that are values; keys of maps are not."""
    # For each open collection: whether it is a map, and whether a key comes next.
    stack: list[list[bool]] = []
    for event in events:
        kind = type(event).__name__
        if kind in ("SequenceEndEvent", "MappingEndEvent"):
            stack.pop()
            continue
        if kind not in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent"):
            continue
        is_key = bool(stack) and stack[-1] == [True, True]
        if stack and stack[-1][0]:
            stack[-1][1] = not stack[-1][1]
        if kind != "ScalarEvent":
            stack.append([kind == "MappingStartEvent", kind == "MappingStartEvent"])
        elif not is_key:
            yield event


def _of_scalar(raw: str, event: Any) -> Iterator[tuple[int, int]]:
    start, end = event.start_mark.index, event.end_mark.index
    if event.style in ("|", ">"):
        start = raw.find("\n", start) + 1 or end
        if event.style == "|":
            yield from _lines(raw, start, end)
            return
    elif event.style in ("'", '"'):
        start, end = start + 1, end - 1
    text = raw[start:end]
    # What is written with escapes reads differently from its value: it cannot be a slice.
    if text.split() == str(event.value).split():
        yield start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())


def _lines(raw: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each line of a text of several, without the mark of a list."""
    at = start
    for line in raw[start:end].split("\n"):
        match = _BULLET.match(line)
        low = match.end() if match else 0
        if line[low:].strip():
            yield at + low, at + len(line.rstrip())
        at += len(line) + 1
