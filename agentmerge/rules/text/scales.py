"""Scales that a source prescribes for its reports: verdicts (approve, reject), severities, priorities, scores.

Labels are read as levels, so two scales in two languages that have the same levels are one scale.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.rules.text.scale_words import is_only, label_pattern, lead_pattern, level_of, name_pattern, words_of

KINDS = ("verdict", "severity", "priority", "score")
_FAMILIES = ("verdict", "severity")
# A list of three severities is a scale; of verdicts two are enough.
_FEWEST = {"verdict": 2, "severity": 3}
# Levels that tell of severity without its name; "high, medium, low" alone may be anything.
_SEVERE = frozenset(("critical", "blocker", "major", "must-fix"))
# The lowest level, at which nothing has to be done.
_REMARKS = frozenset(("info", "suggestion", "trivial", "nice-to-have", "very-low"))
_TELLING = 2
# Two parts of this one are parts of one scale, even if neither holds the other.
_ORDINARY = frozenset(("critical", "high", "medium", "low"))
_LINE = 600
_GLOSS = r"(?:[ \t]*[(\[（:：=-]{1,2}[^()\[\]（）|/,、;]{1,40}[)\]）]?)?"
_SIGN = (
    r"(?P<sign>[/|,、，・;；>→＞<≥]|->|\||\bor\b|\band\b|\bthrough\b|\bto\b|또는|혹은|그리고|または|及び|或者|或|和|[-–~])"
    r"(?:[ \t]*(?:or|and|또는|または|或))?"
)
_BETWEEN = re.compile(
    rf"[*`_\"'\])}}）」]*{_GLOSS}[ \t*`_\"'\])}}）」✅❌⚠️🚫⛔🛑]*{_SIGN}[ \t*`_\"'\[({{（「✅❌⚠️🚫⛔🛑]*",
    re.IGNORECASE,
)
_TIGHT = frozenset("/|>→＞")
_MARKUP = re.compile(r"^[\s>#*`_\-+\[\](){}|\d.:\"'☐✓✔✅❌⚠️️🚫🛑⛔❗]*")
_RANGE = re.compile(r"\b(P|S)([0-4])\s*(?:-|–|—|~|to|through|から|부터|到|至)\s*\1([0-4])\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.])(0|1)\s*(?:-|–|—|~|～|to|から|에서|부터|到|至)\s*(3|4|5|10|100)(?![\d.])|(?:[/／]\s?)(5|10|100)(?![\d.])")
_GRADES = re.compile(r"\bA\+?\s*(?:-|–|~|to|から|到|至)\s*F\b|\bA\s*[/|,]\s*B\s*[/|,]\s*C\s*[/|,]\s*D(?:\s*[/|,]\s*[EF])?")


class Scale(NamedTuple):
    """A scale: ``kind`` is what it measures, ``levels`` what its labels mean, ``labels`` how they are written, in order."""

    kind: str
    levels: frozenset[str]
    labels: tuple[str, ...]

    def shown(self) -> str:
        """The scale as a reader knows it: ``Critical / High / Low``."""
        return " / ".join(self.labels)


class Lead(NamedTuple):
    """A line that starts with a label: the levels that it may mean, and how it is written."""

    levels: tuple[str, ...]
    label: str
    family: str
    start: int = 0
    end: int = 0


def scales_in(text: str, title: str = "") -> tuple[Scale, ...]:
    """The scales that a text enumerates within one line; ``title`` is what stands above it."""
    found: list[Scale] = []
    for line in text.split("\n"):
        if len(line) <= _LINE:
            found += [scale for family in _FAMILIES for scale in _enumerated(line, title, family)]
            found += _scored(line)
    return tuple(dict.fromkeys(found))


def _enumerated(line: str, title: str, family: str) -> Iterator[Scale]:
    line = _ranges_written_out(line)
    for run, tight in _runs(line, family):
        scale = _scale(run, family)
        if scale is None:
            continue
        kind = _kind(scale, line[: run[0].start], line[run[-1].end :], title, tight=tight)
        if kind:
            yield scale._replace(kind=kind)


def _ranges_written_out(line: str) -> str:
    def steps(match: re.Match[str]) -> str:
        return "/".join(f"{match[1]}{n}" for n in range(int(match[2]), int(match[3]) + 1)) or match[0]

    return _RANGE.sub(steps, line)


def _runs(line: str, family: str) -> Iterator[tuple[list[Lead], bool]]:
    """Labels that follow one another with nothing but separators between; whether all of those are tight (``/``, ``|``)."""
    run: list[Lead] = []
    tight = True
    end = -1
    for match in label_pattern(family).finditer(line):
        gap = line[end : match.start()] if end >= 0 else None
        joint = _BETWEEN.fullmatch(gap) if gap is not None else None
        if gap is not None and run and (joint or _belongs(run[-1], gap)):
            tight = tight and (joint is None or joint["sign"] in _TIGHT)
        else:
            if run:
                yield run, tight
            run, tight = [], True
        run.append(Lead(level_of(match[0], family), match[0], family, *match.span()))
        end = match.end()
    if run:
        yield run, tight


def _belongs(lead: Lead, gap: str) -> bool:
    """Whether the next label is the word for a mark or a number: "🔴 Critical", "P0 (Critical)"."""
    bare = lead.levels[0] in _marks() or re.fullmatch(r"[ps]\d", lead.levels[0]) is not None
    return bare and len(gap) <= 4 and not re.search(r"[\w/|,]", gap)


def _marks() -> frozenset[str]:
    return frozenset(level for levels in words_of("mark").values() for level in levels)


def _scale(run: Sequence[Lead], family: str) -> Scale | None:
    """The scale that labels make, if they are enough; coloured marks beside words add nothing."""
    worded = [lead for lead in run if lead.levels and lead.levels[0] not in _marks()]
    leads = worded or [lead for lead in run if lead.levels]
    sure = {lead.levels[0] for lead in leads if len(lead.levels) == 1}
    levels: dict[str, str] = {}
    for lead in leads:
        levels.setdefault(_meant(lead, sure), lead.label)
    if len(levels) < _FEWEST[family]:
        return None
    return Scale(family, frozenset(levels), tuple(levels.values()))


def _meant(lead: Lead, sure: set[str]) -> str:
    """Of several levels the one that fits its neighbours: beside "fail" a 通过 is a pass, else an approval."""
    if len(lead.levels) > 1 and "pass" in lead.levels:
        return "pass" if "fail" in sure else lead.levels[0]
    return lead.levels[0]


def _kind(scale: Scale, before: str, after: str, title: str, *, tight: bool) -> str | None:
    """What an enumeration measures, by its name before, after or above it; ``None`` when nothing says that it is a scale."""
    name = _named(before, last=True)
    label = re.search(r"(\w[\w ]*)[*_`\"'\]]*[ \t]*[:：=|][ \t*_`\"'\[({✅❌⚠️]*$", before)
    if name is None and label and not is_only(label[1], "filler") and not _named(label[1], last=True):
        # A label that names no scale ("Mood: high | medium | low") is about something else.
        return None
    if name == "other":
        return None
    if scale.kind == "verdict":
        return "verdict" if (name == "verdict" or _stands_out(scale, before, title, tight=tight)) else None
    if name in ("severity", "priority"):
        return name if tight or len(scale.levels) >= _FEWEST["severity"] else None
    beside = _named(after[:30], last=False)
    if beside in ("severity", "priority"):
        return beside
    above = _named(title, last=True)
    if above in ("severity", "priority") and (tight or name == "neutral"):
        return above
    told = tight or name == "neutral" or "p0" in scale.levels
    return _by_levels(scale) if told else None


def _by_levels(scale: Scale) -> str | None:
    if scale.levels & _SEVERE:
        return "severity"
    return "priority" if {"p1", "p2"} <= scale.levels else None


def _stands_out(scale: Scale, before: str, title: str, *, tight: bool) -> bool:
    """Whether verdicts without their name are written as one writes a scale: in capitals, below a title that names it."""
    loud = all(label.isupper() and len(label) > 1 for label in scale.labels)
    judged = scale.levels & {"approve", "request-changes", "conditional", "reject", "no-go"}
    above = _named(title, last=True) == "verdict"
    return tight and ((loud and bool(judged)) or (above and not re.search(r"\w{3,}", before)))


def _named(text: str, *, last: bool) -> str | None:
    """The name of a scale in a text: the last that is no neutral word, or the first."""
    found = [words_of("name")[_word(match[0])][0] for match in name_pattern().finditer(text)]
    telling = [name for name in found if name != "neutral"]
    if telling:
        return telling[-1 if last else 0]
    return "neutral" if found else None


def _word(text: str) -> str:
    word = re.sub(r"[\s_-]+", " ", text.lower())
    return word if word in words_of("name") else text.lower()


def _scored(line: str) -> Iterator[Scale]:
    """A scale of numbers or grades, when the line says what it scores."""
    for pattern, low in ((_NUMBERS, True), (_GRADES, False)):
        match = pattern.search(line)
        if match is None:
            continue
        kind = _named(line[: match.start()], last=True)
        if kind not in ("score", "severity", "priority"):
            continue
        shown = f"{match[1] or 0}-{match[2] or match[3]}" if low else "A-F"
        shown = shown.replace("0-10", "1-10") if shown in ("0-10", "0-5") else shown
        yield Scale(kind, frozenset((shown.replace("0-5", "1-5"),)), (shown.replace("0-5", "1-5"),))


# --- scales that are spread over lines ---------------------------------------------------------


def lead_of(line: str, *, heading: bool = False) -> Lead | None:
    """The label that a line starts with, as the name of what follows it; of a heading it is all but a few empty words."""
    start = _MARKUP.match(line)
    at = start.end() if start else 0
    for family in _FAMILIES:
        match = lead_pattern(family).match(line, at) or lead_pattern(family).match(_without_marks(line))
        if match is None or not (levels := level_of(match[0], family)):
            continue
        text = match.string
        second = _lead_word(text, match, family) if levels[0] in _marks() else (levels, match)
        if second is None:
            continue
        levels, match = second
        if _ends(text[match.end() :], heading=heading):
            return Lead(levels, match[0], family)
    return None


def _without_marks(line: str) -> str:
    """A line from its first word or coloured mark on."""
    return re.sub(r"^[^\w🔴🟥🟠🟧🟡🟨🟢🟩🔵🟦⚪⚫]+", "", line)


def _lead_word(text: str, mark: re.Match[str], family: str) -> tuple[tuple[str, ...], re.Match[str]] | None:
    """The label behind a coloured mark; the mark itself when no word follows."""
    rest = re.compile(r"[^\w]*").match(text, mark.end())
    word = lead_pattern(family).match(text, rest.end() if rest else mark.end())
    if word is not None and (levels := level_of(word[0], family)):
        return levels, word
    return (level_of(mark[0], family), mark) if not re.match(r"[^\w]*\w", text[mark.end() :]) else None


def _ends(rest: str, *, heading: bool) -> bool:
    """Whether what follows a label explains it rather than goes on: "Critical: …", not "Critical paths are …"."""
    if heading:
        return is_only(re.sub(r"[(（].*", "", rest), "filler")
    head = re.split(r"[:：—–(（|]|\s-\s|\*\*|$", rest, maxsplit=1)[0]
    return is_only(head, "filler") and (rest.strip() == "" or len(head) < len(rest) or is_only(rest, "filler"))


def scale_of(leads: Sequence[Lead], titles: Sequence[str]) -> Scale | None:
    """The scale that the first labels of lines make; ``titles`` stand above them or are the headings themselves."""
    for family in _FAMILIES:
        scale = _scale([lead for lead in leads if lead.family == family], family)
        if scale is None:
            continue
        name = next((n for title in titles if (n := _named(title, last=True)) not in (None, "neutral")), None)
        if family == "verdict":
            return scale if name == "verdict" or all(label.isupper() and len(label) > 2 for label in scale.labels) else None
        if name in ("severity", "priority"):
            return scale._replace(kind=name)
        if name != "other" and scale.levels & _SEVERE:
            return scale._replace(kind="severity")
    return None


def only_scale(text: str) -> bool:
    """Whether a statement says nothing beside its scale, so that it may give way to another one."""
    for family in _FAMILIES:
        text = label_pattern(family).sub(" ", _ranges_written_out(text))
    text = _GRADES.sub(" ", _NUMBERS.sub(" ", name_pattern().sub(" ", text)))
    return is_only(text, "plain")


def compatible(a: Scale, b: Scale) -> bool:
    """Whether two scales of one kind are one: the same levels, or a part of them; how mere remarks are called counts little."""
    one, two = a.levels - _REMARKS, b.levels - _REMARKS
    if min(len(one), len(two)) < _TELLING:
        one, two = a.levels, b.levels
    return one <= two or two <= one or one | two <= _ORDINARY
