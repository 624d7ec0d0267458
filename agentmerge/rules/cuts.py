"""What could go from a canonical agent that is over its budget (SIZE001), what is missed least first. Nothing is cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from agentmerge.rules.decisions import Between, Single

# What another example shows, what another line may say, what says little, what shows a rule that stands in words too.
SECOND_EXAMPLE, RESTATEMENT, FILLER, EXAMPLE = "second example", "restatement", "low information", "example"
# The only example of something is missed more than a line that says little.
_TIER = {SECOND_EXAMPLE: 0, RESTATEMENT: 1, FILLER: 1, EXAMPLE: 2}


class Cut(NamedTuple):
    """A unit that could go: where it stands in its source, what that saves, why it is cheap.

    ``loss`` is what is lost, as far as one can expect, by the weight of concepts; ``entries`` make the cut in a
    decisions file (none can when one source alone passes unchanged); ``by`` is the unit that says or shows it still.
    """

    kind: str
    unit: str
    place: str
    tokens: int
    words: int
    why: str
    loss: float
    entries: tuple[Between | Single, ...]
    by: str = ""


def cheapest(cuts: Iterable[Cut], tokens: int, words: int) -> tuple[Cut, ...]:
    """The cuts of the least loss a token that together save so many tokens and words; all that there are when they do not.

    Second examples come first and only examples last. A unit goes once, and what stays for another that goes is not proposed to go itself.
    """
    chosen: list[Cut] = []
    needed: set[str] = set()
    gone: set[str] = set()
    for cut in sorted(cuts, key=lambda cut: (_TIER[cut.kind], cut.loss / max(1, cut.tokens), cut.unit)):
        if sum(c.tokens for c in chosen) >= tokens and sum(c.words for c in chosen) >= words:
            break
        if cut.unit in gone | needed or cut.by in gone:
            continue
        chosen.append(cut)
        gone.add(cut.unit)
        needed.add(cut.by)
    return tuple(chosen)
