"""Compose the description: the fullest opening, then what the others add, within a length.

Examples are left out: they cost most and trigger least; the ledger says so for each source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentmerge.merge.claims import concepts_of
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.sentences import language_of, sentence_spans
from agentmerge.model import Agent, FieldDecision, Outcome
from agentmerge.rules.policy import Policy

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
    limit = int(str(policy.option("description", "max_length")))
    given = [(agent.source.id, str(agent.value("description") or "")) for agent in agents if agent.has("description")]
    openings = [(source, opening_of(text) or " ".join(text.split())) for source, text in given]
    openings = [(source, text) for source, text in openings if text]
    if not openings:
        return "", ()
    lexicon = comparison.lexicon

    def fullness(entry: tuple[str, str]) -> tuple[object, ...]:
        source, text = entry
        fits = language_of(text) == language
        return (policy.rank(source), not fits, len(text) > limit, -round(comparison.mass(concepts_of(text, lexicon)), 2), source)

    first = min(openings, key=fullness)
    parts = [first[1]]
    said = set(concepts_of(first[1], lexicon))
    used = {first[0]}
    if policy.choice("description") == "compose":
        for source, text in sorted((o for o in openings if o is not first), key=fullness):
            for start, end in sentence_spans(text):
                sentence = text[start:end]
                concepts = concepts_of(sentence, lexicon)
                total = comparison.mass(concepts)
                new = comparison.mass(concepts - said)
                if total and new >= _NEW * total and sum(map(len, parts)) + len(parts) + len(sentence) <= limit:
                    parts.append(sentence if sentence[-1] in ".!?。！？" else sentence + ".")
                    said |= concepts
                    used.add(source)
    if parts[0][-1] not in ".!?。！？" and len(parts) > 1:
        parts[0] += "."
    decisions = []
    for source, text in given:
        short = " (examples left out)" if len(opening_of(text)) < len(" ".join(text.split())) else ""
        if source in used:
            why = ("the fullest opening" if source == first[0] else "adds to the opening") + short
            decisions.append(FieldDecision(source=source, key="description", outcome=Outcome.KEPT, rule="DESC001", why=why))
        else:
            why = "says nothing that the description does not say" + short
            decisions.append(FieldDecision(source=source, key="description", outcome=Outcome.MERGED, rule="DESC001", why=why))
    return " ".join(parts)[:limit], tuple(decisions)
