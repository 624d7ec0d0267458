"""What a statement demands of the answer itself: a cap on its length, the matter alone, more words, a format.

Only statements about the answer count: in a section on output or communication, or that name it ("the response").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Demand(StrEnum):
    """What may be demanded of an answer."""

    CAP = "a cap on its length"
    BARE = "the result only"
    BRIEF = "a short answer"
    SILENT = "no explanations"
    EXPLAIN = "explanations"
    DETAIL = "details"
    JSON = "JSON only"
    MARKDOWN = "Markdown"
    PLAIN = "plain text only"
    TABLE = "a table"


class Asked(NamedTuple):
    """A demand, the words that make it, and how much of the statement they are (0 to 1)."""

    demand: Demand
    words: str
    share: float


# What rules out what. Two caps differ in a number and belong to another rule.
_AGAINST: Mapping[Demand, frozenset[Demand]] = {
    Demand.CAP: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.BARE: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.BRIEF: frozenset((Demand.DETAIL,)),
    Demand.SILENT: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.JSON: frozenset((Demand.MARKDOWN, Demand.PLAIN, Demand.TABLE)),
    Demand.PLAIN: frozenset((Demand.MARKDOWN, Demand.TABLE)),
}
_FORMATS = frozenset((Demand.JSON, Demand.MARKDOWN, Demand.PLAIN, Demand.TABLE))
_COUNT = r"(?:\d{1,4}|one|two|three|four|five|six|ten|한|두|세|一|二|三|两|数)"
_SPAN = rf"{_COUNT}(?:\s*(?:-|–|—|~|～|to|or|에서|から|到|至)\s*{_COUNT})?"
_LONG = 500
# Words that are quoted are talked about, not demanded.
_QUOTED = re.compile(r"[\"“「『][^\"”」』]*$")


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """All patterns of a name, in four languages."""
    lines = (Path(__file__).with_name("data") / "demands.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    found = [pattern.replace("{n}", _SPAN) for what, _, pattern in rows if what == name]
    return re.compile("|".join(f"(?:{pattern})" for pattern in found), re.IGNORECASE)


def demands_of(text: str, *, about_output: bool) -> tuple[Asked, ...]:
    """What a statement demands of the answer; ``about_output``: its section is about the answer.

    A statement with a way out ("unless asked") demands nothing that another could contradict.
    """
    if len(text) > _LONG or not (about_output or _pattern("answer").search(text)) or _pattern("unless").search(text):
        return ()
    found = [asked for demand in Demand if (asked := _asked(demand, text, about_output=about_output))]
    silent = any(asked.demand is Demand.SILENT for asked in found)
    return tuple(asked for asked in found if not (silent and asked.demand in (Demand.EXPLAIN, Demand.DETAIL)))


def _asked(demand: Demand, text: str, *, about_output: bool) -> Asked | None:
    match = _pattern(demand.name.lower()).search(text)
    if match is None or _QUOTED.search(text[: match.start()]):
        return None
    if demand is Demand.CAP and not _is_of_answer(text):
        return None
    if demand is Demand.EXPLAIN and not about_output:
        return None
    # Error messages, commits and documentation have lengths of their own.
    about = text[max(0, match.start() - 30) : match.start()] + match[0]
    if demand not in _FORMATS and _pattern("matter").search(about):
        return None
    return Asked(demand, match[0].strip(" .:;,"), len(match[0]) / max(1, len(text)))


def _is_of_answer(text: str) -> bool:
    """Whether a count in a text limits the answer as a whole: not its title, not each finding."""
    named = _pattern("answer").search(text) or _pattern("start").search(text)
    return bool(named and _pattern("limit").search(text) and not _pattern("part").search(text))


def rule_out(one: Demand, other: Demand) -> bool:
    """Whether an answer cannot meet both demands."""
    return other in _AGAINST.get(one, ()) or one in _AGAINST.get(other, ())
