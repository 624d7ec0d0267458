"""The sources of a build: as they were read, which of them are merged, and what a person said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from agentmerge.errors import SourceError
from agentmerge.merge.copies import one_of_each
from agentmerge.merge.lift import lifted_keys, with_lifted
from agentmerge.merge.read import load_agent
from agentmerge.merge.sources import Found
from agentmerge.merge.told import Told, left_out, told_of
from agentmerge.model import Agent
from agentmerge.rules.decisions import Answers
from agentmerge.rules.policy import Policy


class Team(NamedTuple):
    """``agents`` are all sources, ``joined`` those that a person did not leave out, ``merged`` those of different text.

    ``copies`` are the others of the joined ones, each with the one whose text it has.
    """

    agents: tuple[Agent, ...]
    joined: tuple[Agent, ...]
    merged: tuple[Agent, ...]
    copies: tuple[tuple[Agent, Agent], ...]
    answers: Answers
    told: Told


def read_team(found: Sequence[Found], policy: Policy, answers: Answers) -> Team:
    """Read the files that were found; keys that the policy lifts are statements of the bodies when more than one is merged."""
    agents = tuple(load_agent(f.path, source_id=f.id, shown=f.shown) for f in found)
    merged, copies = one_of_each(_joined(agents, answers))
    if len(merged) > 1 and (keys := lifted_keys(merged, policy)):
        agents = tuple(with_lifted(agent, keys) for agent in agents)
        merged, copies = one_of_each(_joined(agents, answers))
    told = told_of(agents, {copy.source.id: original.source.id for copy, original in copies}, answers)
    return Team(agents=agents, joined=_joined(agents, answers), merged=merged, copies=copies, answers=answers, told=told)


def _joined(agents: Sequence[Agent], answers: Answers) -> tuple[Agent, ...]:
    """The sources that are merged: all but those that a person left out."""
    excluded = left_out(agents, answers)
    joined = tuple(agent for agent in agents if agent.source.id not in excluded)
    if not joined:
        where = f"{answers.origin}:{next(iter(excluded.values())).line}"
        raise SourceError("the decisions leave out every source", where=where, fix="remove one 'exclude'")
    return joined
