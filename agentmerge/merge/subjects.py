"""What a decision about statements is about, for the selectors of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from agentmerge.errors import PolicyError
from agentmerge.merge.claims import Reading
from agentmerge.merge.lexicon import Lexicon
from agentmerge.model import Section, Unit
from agentmerge.rules.policy import Policy, Subject, suggestion
from agentmerge.rules.reading.selectors import matches

ANYTHING = Subject()


def subject_of(units: Iterable[Unit], sections: Mapping[str, Section], readings: Mapping[str, Reading], policy: Policy) -> Subject:
    """The titles above units (innermost first), their sources and concepts; nothing when no selector would look."""
    if not policy.overrides:
        return ANYTHING
    found = list(units)
    return Subject(
        sections=tuple(dict.fromkeys(title for unit in found for title in titles_of(unit, sections))),
        sources=tuple(dict.fromkeys(unit.source for unit in found)),
        concepts=frozenset().union(*(readings[unit.id].concepts for unit in found if unit.id in readings)),
    )


def titles_of(unit: Unit, sections: Mapping[str, Section]) -> Iterator[str]:
    """The titles of a unit's section and of those around it, innermost first."""
    section: Section | None = sections[unit.section]
    while section is not None:
        if section.title:
            yield section.title
        section = sections.get(section.parent or "")


def check_concepts(policy: Policy, lexicon: Lexicon) -> None:
    """Refuse a selector for a concept that no lexicon has: a slip would decide nothing, in silence."""
    mentions = [mention for mention in policy.mentions or () if mention.kind == "concept"]
    slips = [one for one in mentions if one.name not in lexicon.kinds and not any(matches(one.name, known) for known in lexicon.kinds)]
    if slips:
        known = tuple(sorted(lexicon.kinds))
        raise PolicyError(tuple(f"{one.place}: no concept {one.name!r} ({_hint(one.name, known)})" for one in slips))


def _hint(name: str, known: tuple[str, ...]) -> str:
    hint = suggestion(name, known)
    return hint if hint.startswith("did you mean") else "concepts are named in the lexicon's tables, and under 'lexicon' in a policy"
