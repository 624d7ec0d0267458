"""What a diff of two agents finds: frozen data, made by ``compare`` and shown by ``output``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agentmerge.model import Kind


class Change(StrEnum):
    """How a privilege changed: ``GAINED`` lets the agent do more, ``LOST`` less."""

    GAINED = "gained"
    CHANGED = "changed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one agent: ``section`` is its chain of titles, outermost first, "" at the top."""

    text: str
    kind: Kind
    section: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivilegeChange:
    """A tool, mode, hook, server, skill or the like that changed; ``None``: it is not there."""

    name: str
    kind: Change
    old: str | None
    new: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A frontmatter key that changed without changing a privilege; ``None``: the key is not there."""

    key: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """A statement in other words; ``score`` is 0 to 1, ``warning`` what a guard saw (then first in ``evidence``)."""

    old: Statement
    new: Statement
    score: float
    evidence: tuple[str, ...]
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A statement, as the new agent has it, that stands under other titles than before."""

    statement: Statement
    from_section: str
    to_section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDiff:
    """What differs: privileges widest first, reworded statements with warnings first, else file order."""

    privileges: tuple[PrivilegeChange, ...]
    fields: tuple[FieldChange, ...]
    gained: tuple[Statement, ...]
    lost: tuple[Statement, ...]
    reworded: tuple[Reworded, ...]
    moved: tuple[Moved, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs that a reviewer must see."""
        return not (self.privileges or self.fields or self.gained or self.lost or self.reworded or self.moved)
