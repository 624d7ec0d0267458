"""Put translations in the place of what stands in another language than the canonical agent's.

Nothing is translated here: a translation comes from the catalogue that a person or a program filled
in. Only a heading that a small table knows whole (``data/headings.tsv``) is replaced without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentmerge.merge.claims import literals_of, numbers_of
from agentmerge.merge.heading_words import in_language
from agentmerge.merge.sentences import language_of
from agentmerge.model import Agent, Header, Kind, Outline, Refused, Translation, Unit, Wanted

_AS_THEY_ARE = frozenset((Kind.CODE, Kind.COMMENT, Kind.TAG, Kind.DEFINITION, Kind.HTML))
_BLOCK_MARK = re.compile(r"\s*(?:#{1,6}\s|[-*+]\s|\d+[.)]\s|>|```|~~~|<!--)")


def translated(
    agents: Sequence[Agent], header: Header, outline: Outline, language: str, known: Mapping[str, str], paths: Mapping[str, str]
) -> Translation:
    """The same agents, header and outline with the ``known`` translations (by text) in their places; ``paths`` are the sources' by id."""
    units = {unit.id: unit for agent in agents for unit in agent.units}
    titles = {section.heading: section.title for agent in agents for section in agent.sections if section.heading}
    sections = {section.id: section.title for agent in agents for section in agent.sections}
    texts: dict[str, str] = {}
    for part in outline.parts:
        if part.heading:
            texts[part.heading] = titles.get(part.heading, part.title)
        for chunk in part.chunks:
            texts.update((unit, units[unit].text) for unit in chunk.units)
    wanted: dict[str, Wanted] = {}
    waiting: dict[str, str] = {}
    done: dict[str, str] = {}
    by: dict[str, str] = {}
    for unit_id, text in texts.items():
        unit = units[unit_id]
        if unit.kind in _AS_THEY_ARE or unit.language in (language, "code"):
            continue
        whole = in_language(text, language) if unit.kind is Kind.HEADING else None
        if whole is not None and text not in known:
            done[unit_id], by[unit_id] = whole, "lexicon"
            continue
        waiting[unit_id] = text
        place = f"{paths[unit.source]}:{unit.lines[0]}"
        before = wanted.get(text)
        places = (*(before.places if before else ()), place)
        wanted[text] = Wanted(text, str(unit.kind), places, sections[unit.section])
    described = next((str(value) for key, value in header.fields if key == "description"), "")
    if any(language_of(sentence) not in (language, "code") for sentence in re.split(r"(?<=[.!?。])\s+", described) if sentence):
        wanted[described] = Wanted(described, "description", (), "")
    refused = tuple(Refused(one, why) for one in wanted.values() if one.text in known and (why := _fault(one, known[one.text])))
    bad = {one.wanted.text for one in refused}
    usable = {text: known[text] for text in wanted if text in known and text not in bad}
    for unit_id, text in waiting.items():
        if text in usable:
            done[unit_id], by[unit_id] = usable[text], "catalogue"
    return Translation(
        agents=[replace(agent, units=tuple(_in_words(unit, done) for unit in agent.units)) for agent in agents],
        header=header._replace(fields=tuple((k, usable.get(described, v) if k == "description" else v) for k, v in header.fields)),
        outline=outline._replace(
            parts=tuple(part._replace(title=done.get(part.heading or "", part.title)) for part in outline.parts),
        ),
        units=by,
        wanted=tuple(wanted.values()),
        missing=tuple(one for one in wanted.values() if one.text not in usable),
        refused=refused,
    )


def _in_words(unit: Unit, done: Mapping[str, str]) -> Unit:
    return replace(unit, text=done[unit.id]) if unit.id in done else unit


def _fault(wanted: Wanted, text: str) -> str:
    """Why a translation cannot stand in the place of a text; "" when it can."""
    if "\n" in text or "\r" in text:
        return "it has a line break"
    if _BLOCK_MARK.match(text) and not _BLOCK_MARK.match(wanted.text):
        return "it begins like a heading, a list, a quote, a fence or a comment"
    if text.count("`") != wanted.text.count("`"):
        return "its backticks are not those of the text"
    if "<!--" in text or "-->" in text:
        return "it holds a comment"
    if wanted.context == Kind.ROW and text.count("|") != wanted.text.count("|"):
        return "it has another number of table cells"
    lost = sorted(literals_of(wanted.text) - literals_of(text))
    if lost:
        return f"it lacks {', '.join(lost)}"
    numbers = sorted({_digits(n) for n in numbers_of(wanted.text)} ^ {_digits(n) for n in numbers_of(text)})
    return f"its numbers differ: {', '.join(numbers)}" if numbers else ""


def _digits(number: str) -> str:
    return re.sub(r"[^\d.]", "", number)
