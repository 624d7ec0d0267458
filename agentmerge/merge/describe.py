"""Compose the description: the fullest opening, then what the others add, within a length.

Examples are left out: they cost most and trigger least; the ledger says so for each source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.sentences import language_of, sentence_spans
from agentmerge.model import Agent, FieldDecision, Outcome, Value
from agentmerge.rules.policy import Policy, Subject

_EXAMPLES = re.compile(
    r"<examples?>.*|(?:^|(?<=[\s.。]))(?:for example|specifically|(?:usage )?examples?(?: usage| of use)?|例|例子|示例|예시|예)\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
_NEW = 0.6


def opening_of(description: str) -> str:
    """A description without its examples and literal line breaks, on one line."""
    text = description.replace("\\n", "\n")
    return " ".join(_EXAMPLES.sub("", text).split())


def describe(agents: Sequence[Agent], comparison: Comparison, language: str, policy: Policy) -> tuple[str, tuple[FieldDecision, ...]]:
    """The canonical description and what became of each source's."""
    at = Subject(key="description", sources=tuple(agent.source.id for agent in agents if agent.has("description")))
    limit = int(str(policy.option("description", "max_length", at=at)))
    given = [(agent.source.id, _text(agent.value("description"))) for agent in agents if agent.has("description")]
    openings = [(source, opening_of(text) or " ".join(text.split())) for source, text in given]
    openings = [(source, text) for source, text in openings if text]
    if not openings:
        return "", ()
    lexicon = comparison.lexicon

    def fullness(entry: tuple[str, str]) -> tuple[object, ...]:
        source, text = entry
        fits = language_of(text) == language
        return (policy.rank(source, at=at), not fits, len(text) > limit, -round(comparison.mass(concepts_of(text, lexicon)), 2), source)

    first = min(openings, key=fullness)
    parts = [_fitting(first[1], limit)]
    said = set(concepts_of(parts[0], lexicon))
    cut = parts[0] != first[1]
    used = {first[0]}
    if policy.choice("description", at=at) == "compose":
        for source, text in sorted((o for o in openings if o is not first), key=fullness):
            for start, end in sentence_spans(text):
                sentence = text[start:end]
                concepts = concepts_of(sentence, lexicon)
                total = comparison.mass(concepts)
                new = comparison.mass(concepts - said)
                longer = [_ended(parts[0]), *parts[1:], _ended(sentence)]
                if total and new >= _NEW * total and len(" ".join(longer)) <= limit:
                    parts = longer
                    said |= concepts
                    used.add(source)
    decisions = []
    for source, text in given:
        short = " (examples left out)" if len(opening_of(text)) < len(" ".join(text.split())) else ""
        if source in used:
            place = "adds to the opening" if source != first[0] else "the fullest opening, shortened" if cut else "the fullest opening"
            why = place + short
            decisions.append(FieldDecision(source=source, key="description", outcome=Outcome.KEPT, rule="DESC001", why=why))
        else:
            why = "says nothing that the description does not say" + short
            decisions.append(FieldDecision(source=source, key="description", outcome=Outcome.MERGED, rule="DESC001", why=why))
    return " ".join(parts), tuple(decisions)


def _text(value: Value) -> str:
    """A description as text; a list or map is its texts one after the other."""
    if isinstance(value, Mapping):
        return " ".join(_text(item) for item in value.values())
    if isinstance(value, tuple):
        return " ".join(_text(item) for item in value)
    return "" if value is None else str(value)


def _ended(sentence: str) -> str:
    return sentence if sentence[-1] in ".!?。！？" else sentence + "."


def _fitting(text: str, limit: int) -> str:
    """As many whole sentences as fit; of a first one that is too long, as many whole words."""
    if len(text) <= limit:
        return text
    ends = [end for _, end in sentence_spans(text) if end <= limit]
    cut = text[: ends[-1]] if ends else text[: limit + 1].rpartition(" ")[0] or text[:limit]
    return cut.strip()
