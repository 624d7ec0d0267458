"""Prove a ledger: re-read the sources and the output and account for every line of both."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmerge.errors import AgentmergeError
from agentmerge.merge.heading_words import in_any_language, without_colon, without_number
from agentmerge.merge.headings import shown_name
from agentmerge.merge.lift import lifted_as_recorded
from agentmerge.merge.read import load_agent
from agentmerge.model import Agent, Kind
from agentmerge.output.catalogue import read_catalogue
from agentmerge.output.files import outdated_catalogue
from agentmerge.output.layout import unescaped
from agentmerge.output.ledger import ledger_path, read_ledger, trim_of
from agentmerge.output.wording import shown_as
from agentmerge.rules.text.comments import OURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that a ledger gets wrong; ``where`` is a file, with its line when there is one."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def prove(canonical: Path) -> tuple[Problem, ...]:
    """Every disagreement between a ledger, its sources and the canonical agent; none means proved.

    Raises ``AgentmergeError`` when there is no readable ledger or canonical agent at all.
    """
    ledger_file = ledger_path(canonical)
    ledger = read_ledger(ledger_file)
    agents: dict[str, Agent] = {}
    problems: list[Problem] = []
    for source in ledger["sources"]:
        shown = str(source["path"])
        try:
            read = load_agent(canonical.parent / shown, source_id=source["id"], shown=shown)
            agents[source["id"]] = lifted_as_recorded(read, ledger["units"])
        except AgentmergeError as error:
            problems.append(Problem(where=shown, what=f"the source cannot be read: {error.what}"))
            continue
        if agents[source["id"]].source.sha256 != source["sha256"]:
            problems.append(Problem(where=shown, what="the source has changed since the build (build again)"))
    if problems:
        return tuple(problems)
    try:
        if not canonical.is_file():
            raise AgentmergeError("no such canonical agent", where=canonical.as_posix(), fix="build again")
        output = canonical.read_bytes()
    except OSError as error:
        raise AgentmergeError(f"cannot be read: {error.strerror or error}", where=canonical.as_posix(), fix="build again") from None
    if hashlib.sha256(output).hexdigest() != ledger["output"]["sha256"]:
        problems.append(Problem(where=canonical.as_posix(), what="the canonical agent is not the one that was built: its bytes differ"))
        return tuple(problems)
    shown = ledger_file.as_posix()
    problems.extend(_sources_accounted(ledger, agents, shown))
    problems.extend(_fields_accounted(ledger, agents, shown))
    problems.extend(_targets_stand(ledger, shown))
    problems.extend(_trims_hold(ledger, agents, shown))
    try:
        known = _catalogue(ledger, canonical)
    except AgentmergeError as error:
        return (*problems, Problem(where=shown, what=error.what))
    problems.extend(_output_accounted(ledger, agents, known, output.decode("utf-8", "replace"), canonical.as_posix()))
    return tuple(problems)


def _sources_accounted(ledger: Mapping[str, Any], agents: Mapping[str, Agent], shown: str) -> Iterator[Problem]:
    entries: dict[str, Mapping[str, Any]] = {}
    for entry in ledger["units"]:
        if entry["id"] in entries:
            yield Problem(where=shown, what=f"unit {entry['id']} stands twice")
        entries[entry["id"]] = entry
    for agent in agents.values():
        for unit in agent.units:
            entry = entries.pop(unit.id, {})
            place = f"{agent.source.path}:{unit.lines[0]}"
            if not entry:
                yield Problem(where=place, what=f"unit {unit.id} is unaccounted for: the ledger has no entry for it")
            elif tuple(entry["lines"]) != unit.lines:
                yield Problem(where=place, what=f"unit {unit.id} is on lines {_span(unit.lines)}, the ledger says {_span(entry['lines'])}")
            elif entry["outcome"] not in ("kept", "merged", "overridden", "dropped"):
                yield Problem(where=place, what=f"unit {unit.id} has no outcome but {entry['outcome']!r}")
    for left in entries:
        yield Problem(where=shown, what=f"unit {left} is in the ledger and in no source")


def _fields_accounted(ledger: Mapping[str, Any], agents: Mapping[str, Agent], shown: str) -> Iterator[Problem]:
    listed = Counter((entry["source"], entry["key"]) for entry in ledger["fields"])
    for agent in agents.values():
        for f in agent.fields:
            count = listed[f.source, f.key]
            if count != 1:
                what = "is unaccounted for" if not count else f"stands {count} times in the ledger"
                yield Problem(where=f"{agent.source.path}:{f.lines[0]}", what=f"frontmatter key {f.key!r} {what}")
    known = {(f.source, f.key) for agent in agents.values() for f in agent.fields}
    for source, key in listed:
        if (source, key) not in known:
            yield Problem(where=shown, what=f"frontmatter key {key!r} of {source} is in no source")


def _targets_stand(ledger: Mapping[str, Any], shown: str) -> Iterator[Problem]:
    outcome = {entry["id"]: entry["outcome"] for entry in ledger["units"]}
    into = {entry["id"]: str(entry["into"]) for entry in ledger["units"] if entry["outcome"] == "merged"}
    for entry in ledger["units"]:
        if entry["outcome"] == "merged" and outcome.get(_final(entry["id"], into)) != "kept":
            yield Problem(where=shown, what=f"unit {entry['id']} is merged into {entry['into']}, which is not kept")
        if not entry["rule"]:
            yield Problem(where=shown, what=f"unit {entry['id']} names no rule")


def _trims_hold(ledger: Mapping[str, Any], agents: Mapping[str, Agent], shown: str) -> Iterator[Problem]:
    """What is wrong with the units of which a part was cut: slices that are none of the text, or a part that nobody says."""
    outcome = {entry["id"]: entry["outcome"] for entry in ledger["units"]}
    texts = {unit.id: unit.text for agent in agents.values() for unit in agent.units}
    for entry in ledger["units"]:
        trim = trim_of(entry)
        if trim is None:
            continue
        ends = [at for span in trim.slices for at in span]
        if not ends or ends != sorted(set(ends)) or ends[0] < 0 or ends[-1] > len(texts.get(entry["id"], "")):
            yield Problem(where=shown, what=f"unit {entry['id']} is trimmed to slices that its text does not have in this order")
        if not trim.said_by or any(outcome.get(unit) != "kept" for unit in trim.said_by):
            yield Problem(where=shown, what=f"unit {entry['id']} is trimmed, and what says the rest is not kept")


def _final(unit: str, into: Mapping[str, str]) -> str:
    """The unit that a merged one ends in (a copy's unit is merged into its original's)."""
    seen: set[str] = set()
    while unit in into and unit not in seen:
        seen.add(unit)
        unit = into[unit]
    return unit


# --- the output --------------------------------------------------------------------------------


def _catalogue(ledger: Mapping[str, Any], canonical: Path) -> Mapping[str, str]:
    """The translations that a build used; it is proved with that catalogue and no other."""
    if not isinstance(ledger.get("catalogue"), dict):
        return {}
    if changed := outdated_catalogue(ledger, canonical.parent):
        raise AgentmergeError(changed, where=canonical.as_posix(), fix="build again")
    return read_catalogue(canonical.parent / str(ledger["catalogue"]["path"])).known


def _output_accounted(
    ledger: Mapping[str, Any], agents: Mapping[str, Agent], known: Mapping[str, str], text: str, shown: str
) -> Iterator[Problem]:
    lines = text.split("\n")
    units = {unit.id: unit for agent in agents.values() for unit in agent.units}
    held: set[int] = set()
    for entry in ledger["units"]:
        if entry["outcome"] != "kept":
            continue
        unit, span = units.get(entry["id"]), entry["output_lines"]
        if unit is None:
            continue
        if not isinstance(span, list) or not 1 <= span[0] <= span[1] <= len(lines):
            yield Problem(where=shown, what=f"unit {unit.id} is kept but has no lines in the canonical agent")
            continue
        held.update(range(span[0], span[1] + 1))
        here = "\n".join(lines[span[0] - 1 : span[1]])
        # A section's heading stands as its words: the marks around them are the layout's.
        trim = trim_of(entry)
        own = trim.of(unit.text) if trim else unit.text
        words: tuple[str, ...] = (own,)
        if unit.kind is Kind.HEADING:
            words = (unit.text, *(without_colon(title) for title in (unit.label, without_number(unit.label))))
        elif unit.kind in (Kind.ITEM, Kind.CHECK):
            words = shown_as(own)
        by = entry.get("translation")
        if by == "catalogue":
            stands = any(_holds(here, shown) for text in words if text in known for shown in shown_as(known[text]))
        elif by == "lexicon":
            stands = here.lstrip("# ") in in_any_language(unit.label)
        else:
            stands = any(_holds(here, text) for text in words)
        if not stands:
            what = f"the translation of unit {unit.id}" if by else f"unit {unit.id}"
            missing = "and does not" if by else "and its text does not"
            yield Problem(where=f"{shown}:{span[0]}", what=f"{what} is said to stand here, {missing}")
    for made in ledger.get("headings", ()):
        agent = agents.get(made["source"])
        if agent is not None and 1 <= made["line"] <= len(lines) and lines[made["line"] - 1].lstrip("# ") == shown_name(agent):
            held.add(made["line"])
    body = next((n for n, line in enumerate(lines[1:], 2) if line.rstrip() == "---"), 0)
    for number, line in enumerate(lines, 1):
        if number > body and number not in held and not _structural(line):
            yield Problem(where=f"{shown}:{number}", what=f"this line comes from no source: {line.strip()[:60]!r}")


def _structural(line: str) -> bool:
    """Blank lines, provenance comments, table rules, thematic breaks and underlines say nothing."""
    rest = OURS.sub("", line).strip()
    return not rest or re.fullmatch(r"[-*_=\s|:>]+", rest) is not None


def _holds(text: str, part: str) -> bool:
    # A fence may be longer than in the source: the shorter one stands within it.
    return any(_squeezed(part) in _squeezed(here) for here in (text, unescaped(text)))


def _squeezed(text: str) -> str:
    """A text without what the layout may change: white space and quote marks at line starts."""
    return re.sub(r"\s+|^[ \t]*>+", "", text, flags=re.MULTILINE)


def _span(lines: Iterable[int]) -> str:
    first, last = lines
    return f"{first}" if first == last else f"{first}-{last}"
