"""The base of a merge must be one of the sources that are merged, whatever way they come in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import Policy
from agentmerge.rules.reading.reader import suggestion


def check_base(policy: Policy, sources: Sequence[str], left_out: Collection[str]) -> None:
    """Refuse a base that is no source, or that a person left out: it would decide nothing, in silence. Raises ``PolicyError``."""
    base = policy.base
    if base is None or (base in sources and base not in left_out):
        return
    place = next((m.place for m in policy.mentions or () if m.name == base and m.place.endswith(" base")), f"{policy.origin} base")
    gone = f"{base!r} is left out by the decisions (choose another)"
    raise PolicyError((f"{place}: {gone if base in left_out else f'no source {base!r} ({suggestion(base, tuple(sources))})'}",))
