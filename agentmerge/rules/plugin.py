"""The contract of third-party rules: what a plugin is, what it sees, and what it may say.

A package offers a ``Plugin`` under the entry point group ``agentmerge.rules``. It is imported only when a policy names
it (``plugins: [house-style]``), runs after contradictions are settled and before statements are merged, and sees
statements that are still undecided. The build checks all that it says; a plugin that fails is an error that names it.

    from agentmerge.rules.plugin import Drop, Option, Plugin, Rule, View

    def judge(view: View) -> Iterator[Drop]:
        for statement in view.statements:
            if statement.text == "TODO":
                yield Drop(statement.id, "a note to oneself")

    plugin = Plugin(rule=Rule(code="HOUSE001", key="house-style", summary="…", why="…", options={}), judge=judge)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from agentmerge.rules.registry import Option, Rule

__all__ = ["Conflicting", "Drop", "Note", "Option", "Overridden", "Plugin", "Rule", "Statement", "Verdict", "View"]

GROUP = "agentmerge.rules"


class Statement(NamedTuple):
    """A statement that no rule has decided yet.

    ``kind`` is ``item``, ``check``, ``sentence``, ``row`` or ``code``; ``sections`` are the titles above it, innermost
    first; ``source`` is the id of its file, ``line`` its first line there; ``concepts`` are ids of the lexicon;
    ``options`` are the rule's options as the policy sets them for this statement, overrides included.
    """

    id: str
    text: str
    kind: str
    language: str
    sections: tuple[str, ...]
    source: str
    line: int
    concepts: frozenset[str]
    options: Mapping[str, object]


class View(NamedTuple):
    """What a plugin sees: undecided statements in file order, and the tools of the canonical agent.

    ``tools`` is ``None`` when it may use every tool; ``options`` are the rule's options where no override holds.
    """

    statements: tuple[Statement, ...]
    tools: tuple[str, ...] | None
    options: Mapping[str, object]


class Drop(NamedTuple):
    """The statement is left out."""

    statement: str
    why: str


class Overridden(NamedTuple):
    """The statement gives way to another undecided one, ``by``, that stays."""

    statement: str
    by: str
    why: str


class Note(NamedTuple):
    """Something to tell about a statement, which is not touched."""

    statement: str
    message: str


class Conflicting(NamedTuple):
    """Statements (two or more) that cannot all hold: they stay, and the conflict is for a person (``--strict`` fails)."""

    statements: tuple[str, ...]
    why: str


Verdict = Drop | Overridden | Note | Conflicting


class Plugin(NamedTuple):
    """One rule of a package's own. ``judge`` is a pure function: the same view, the same verdicts."""

    rule: Rule
    judge: Callable[[View], Iterable[Verdict]]
