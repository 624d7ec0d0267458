"""Which of several wordings of one claim stays (DUP001), by policy and by what each says."""

from __future__ import annotations

from typing import NamedTuple

from agentmerge.rules.policy import Policy, Subject


class Wording(NamedTuple):
    """What the choice between wordings looks at.

    ``mass`` is how much the unit says (concepts by weight); ``whole`` is whether it is part of a
    procedure or table that stays whole.
    """

    unit: str
    source: str
    language: str
    mass: float
    length: int
    whole: bool
    heading: bool = False


def preferred_language(policy: Policy, main_language: str) -> str:
    """The language whose wordings win: the policy's, or the one most of the team is written in."""
    return main_language if policy.language == "keep" else policy.language


def worth(wording: Wording, policy: Policy, language: str, *, at: Subject | None = None) -> tuple[float, ...]:
    """A sort key: the wording with the highest key stays (ties end by unit id, elsewhere)."""
    fits = 1.0 if wording.language in (language, "code") else 0.0
    trust = -float(policy.rank(wording.source, at=at))
    whole = 1.0 if wording.whole else 0.0
    match policy.choice("duplicates", "prefer", at=at):
        case "priority":
            return (whole, trust, fits, wording.mass, -wording.length)
        case "longest":
            return (whole, fits, trust, float(wording.length), wording.mass)
        case "shortest":
            return (whole, fits, trust, -float(wording.length), wording.mass)
        case _:
            return (whole, fits, trust, round(wording.mass, 1), -wording.length)
