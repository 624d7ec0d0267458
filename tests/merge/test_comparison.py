"""How much of one statement another one says."""

from __future__ import annotations

import pytest

from agentmerge.merge.claims import Reading, read_claims
from agentmerge.merge.comparison import Comparison, action_families
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes


def readings(name: str, *lines: str) -> tuple[Reading, ...]:
    body = "".join(f"- {line}\n" for line in lines)
    source = source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}".encode(), f"{name}.md", name)
    return read_claims(agent_from_source(source), default_lexicon())


def said(part: str, whole: str) -> float:
    team = (readings("a", part), readings("b", whole))
    a, b = team[0][0], team[1][0]
    return Comparison(team, default_lexicon()).said(a.concepts, b.concepts, b.wide)


def test_a_statement_says_all_of_itself_and_of_its_parts() -> None:
    assert said("Validate user input", "Validate user input") == pytest.approx(1.0)
    assert said("Validate user input", "Validate user input, rotate signing keys") == pytest.approx(1.0)


def test_a_narrower_statement_says_the_broader_one_and_not_the_other_way() -> None:
    assert said("Write tests", "Write unit tests") > said("Write unit tests", "Write tests")


def test_nothing_says_an_empty_claim() -> None:
    assert Comparison((), default_lexicon()).said(frozenset(), frozenset({"test"}), frozenset()) == 0.0


def test_another_verb_of_one_family_says_most_of_it() -> None:
    families = action_families()
    assert families["create"] == families["write"]
    assert said("Create the schema", "Write the schema") > said("Create the schema", "Remove the schema")


def test_a_clause_whose_thing_is_met_by_nothing_is_said_in_part_at_most() -> None:
    assert said("Rotate the signing keys", "Rotate the log files") <= 0.6


def test_another_action_of_the_same_thing_is_another_claim() -> None:
    assert said("Analyze the stack trace", "Report the stack trace") <= 0.6
