"""How long a canonical agent may be (SIZE001): tokens, words, or both, as the policy says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agentmerge.rules.reading.reader import Reader, shown_value
from agentmerge.rules.text.tokens import tokens, words

_KEYS = ("tokens", "words", "fail")


class Budget(NamedTuple):
    """At most so many tokens and words (``None``: any number); ``fail``: ``--strict`` fails on more."""

    tokens: int | None = None
    words: int | None = None
    fail: bool = False

    def over(self, text: str) -> tuple[int, int]:
        """How many tokens and words a text has beyond the budget."""
        return _beyond(tokens(text), self.tokens), _beyond(words(text), self.words)

    def told(self, text: str) -> str:
        """What is over the budget, in words; "" when it holds."""
        counts = (("tokens", tokens(text), self.tokens), ("words", words(text), self.words))
        return "; ".join(
            f"about {count} {unit}, {count - limit} over the budget of {limit}"
            for unit, count, limit in counts
            if limit is not None and count > limit
        )


def _beyond(count: int, limit: int | None) -> int:
    return 0 if limit is None else max(0, count - limit)


def read_budget(reader: Reader, data: object) -> Budget | None:
    """``budget``: a number of tokens, or a map; a problem otherwise."""
    if data is None:
        return None
    if not isinstance(data, Mapping):
        limit = _limit(reader, data, ("budget",), "tokens")
        return Budget(tokens=limit) if limit else None
    reader.unknown_keys(data, ("budget",), _KEYS)
    limits = {unit: _limit(reader, data.get(unit), ("budget", unit), unit) for unit in ("tokens", "words")}
    fail = data.get("fail")
    if fail is not None and not isinstance(fail, bool):
        reader.problem(("budget", "fail"), f"must be true or false, not {shown_value(fail)}")
    if all(data.get(unit) is None for unit in limits):
        reader.problem(("budget",), "names no limit (such as {tokens: 3000})")
    return Budget(limits["tokens"], limits["words"], fail is True) if any(limits.values()) else None


def _limit(reader: Reader, value: object, path: tuple[str, ...], unit: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    reader.problem(path, f"must be a number of {unit} above 0, not {shown_value(value)}")
    return None
