"""HOUSE001: a rule of a team's own. Statements that only praise the agent are left out; tickets that are named are noted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentmerge.rules.plugin import Drop, Note, Option, Plugin, Rule, Statement, Verdict, View

_PRAISE = re.compile(r"\b(?:world[- ]class|best[- ]in[- ]class|cutting[- ]edge|passionate)\b", re.IGNORECASE)
_TICKET = re.compile(r"\b[A-Z]{2,}-\d+\b")

RULE = Rule(
    code="HOUSE001",
    key="house-style",
    summary="Statements in which the agent praises itself are dropped, or reported.",
    why="They cost tokens at every call, and no answer gets better by them.",
    options={
        "strategy": Option(default="drop", choices=("drop", "note"), help="note: they stay, and the summary lists them"),
        "words": Option(default=(), kind="texts", help="further words of praise"),
    },
)


def judge(view: View) -> Iterator[Verdict]:
    """What becomes of each statement; code and table rows are left alone."""
    for statement in view.statements:
        if statement.kind in ("item", "check", "sentence"):
            praise = _praise(statement)
            if praise and statement.options["strategy"] == "drop":
                yield Drop(statement.id, f"{praise!r} is praise")
            elif praise:
                yield Note(statement.id, f"{praise!r} is praise")
            for ticket in dict.fromkeys(_TICKET.findall(statement.text)):
                yield Note(statement.id, f"{ticket} may be closed by now")


def _praise(statement: Statement) -> str | None:
    found = _PRAISE.search(statement.text)
    if found:
        return found.group()
    words = statement.options["words"]
    own = words if isinstance(words, tuple) else ()
    return next((str(word) for word in own if str(word).lower() in statement.text.lower()), None)


plugin = Plugin(rule=RULE, judge=judge)
