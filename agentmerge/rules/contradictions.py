"""Which of two statements that cannot both hold stays: one total function for CONF001 to CONF008."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, assert_never


class Strategy(StrEnum):
    """How a contradiction is decided.

    ``STRICTEST``: the side that demands more or allows less. ``PRIORITY``: the source that the policy
    trusts more. ``NEWEST``: the higher version, or the source that says it is younger. ``KEEP_BOTH``:
    both stay, each with a mark in the text. ``ASK``: undecided; the safest choice is made until a
    person decides. ``FAIL``: no build.
    """

    STRICTEST = "strictest"
    PRIORITY = "priority"
    NEWEST = "newest"
    KEEP_BOTH = "keep-both-marked"
    ASK = "ask"
    FAIL = "fail"


class Side(NamedTuple):
    """One of the two: ``rank`` is its source's place in ``priority`` (0 = most trusted).

    At most one side is ``stricter``, at most one is ``newer``; neither means that nobody can tell.
    ``safest`` is the one that stays while nobody has decided; neither means that both do.
    """

    unit: str
    source: str
    rank: int
    stricter: bool
    newer: bool
    safest: bool = False


class Verdict(NamedTuple):
    """``winner`` is the unit that stays alone, ``None`` when both stay.

    ``resolved``: the policy decided it. ``fails``: the build must not be written. ``marked``: both
    carry a mark in the text. ``decision`` says what was done.
    """

    winner: str | None
    resolved: bool
    fails: bool
    marked: bool
    decision: str


def decide_contradiction(strategy: Strategy, a: Side, b: Side) -> Verdict:
    """The verdict on two sides; what a strategy cannot tell is asked, with the safest choice made meanwhile."""
    match strategy:
        case Strategy.STRICTEST:
            return _won(_one(a, b, "stricter"), "is stricter") or _asked(a, b, "nobody can tell which is stricter")
        case Strategy.NEWEST:
            return _won(_one(a, b, "newer"), "is newer") or _asked(a, b, "nobody can tell which is newer")
        case Strategy.PRIORITY:
            first = min(a, b, key=lambda side: side.rank) if a.rank != b.rank else None
            return _won(first, "comes first by priority") or _asked(a, b, "no source has priority over the other")
        case Strategy.KEEP_BOTH:
            return Verdict(winner=None, resolved=True, fails=False, marked=True, decision="both stay, marked in the text")
        case Strategy.ASK:
            return _asked(a, b, "for a person to decide")
        case Strategy.FAIL:
            return Verdict(winner=None, resolved=False, fails=True, marked=False, decision="the policy fails the build on it")
    assert_never(strategy)


def _one(a: Side, b: Side, what: str) -> Side | None:
    told = [side for side in (a, b) if getattr(side, what)]
    return told[0] if len(told) == 1 else None


def _won(side: Side | None, why: str) -> Verdict | None:
    if side is None:
        return None
    return Verdict(winner=side.unit, resolved=True, fails=False, marked=False, decision=f"{side.unit} stays: it {why}")


def _asked(a: Side, b: Side, why: str) -> Verdict:
    """Undecided: the safest side stays meanwhile; both when neither is."""
    safest = _one(a, b, "safest")
    done = f"{safest.unit} stays meanwhile: it is the safer" if safest else "both stay meanwhile"
    return Verdict(winner=safest and safest.unit, resolved=False, fails=False, marked=False, decision=f"{why}; {done}")
