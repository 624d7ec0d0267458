"""Which sections of a team are one topic."""

from __future__ import annotations

import pytest

from agentmerge.merge.align import align
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.procedures import procedures_of
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.score import default_weights
from agentmerge.merge.source import source_from_bytes
from agentmerge.merge.topics import Topic, find_topics, stays_item, transparent
from agentmerge.model import Agent


def agent(name: str, body: str) -> Agent:
    return agent_from_source(source_from_bytes(f"---\nname: {name}\ndescription: d\n---\n\n{body}".encode(), f"{name}.md", name))


def topics_of(*bodies: str) -> tuple[tuple[Topic, ...], list[Agent]]:
    agents = [agent(f"s{n}", body) for n, body in enumerate(bodies)]
    lexicon = default_lexicon()
    aligned = align([read_claims(one, lexicon) for one in agents], lexicon, default_weights())
    return find_topics(agents, aligned, steps=procedures_of(agents)), agents


def titles(*bodies: str) -> list[set[str]]:
    """The titles of each topic's sections, without the root topic."""
    topics, agents = topics_of(*bodies)
    known = {s.id: s.title for a in agents for s in a.sections}
    return [{known[s] for s in topic.sections} for topic in topics[1:]]


def section(title: str, *lines: str, mark: str = "##") -> str:
    return f"{mark} {title}\n\n" + "".join(f"- {line}\n" for line in lines) + "\n"


def test_every_section_is_in_exactly_one_topic_and_the_root_comes_first() -> None:
    topics, agents = topics_of(
        section("Security", "Validate input") + section("Testing", "Write unit tests"), section("Security", "Encrypt backups")
    )
    members = [s for topic in topics for s in topic.sections]
    assert sorted(members) == sorted(s.id for a in agents for s in a.sections)
    assert topics[0].role == "root"
    assert {a.sections[0].id for a in agents} <= set(topics[0].sections)


def test_sections_of_one_title_are_one_topic() -> None:
    assert titles(section("Security", "Validate input"), section("Security", "Encrypt backups")) == [{"Security"}]


def test_sections_of_one_title_in_two_languages_are_one_topic() -> None:
    assert titles(section("Error handling", "Log failures"), section("오류 처리", "실패를 기록한다")) == [{"Error handling", "오류 처리"}]


@pytest.mark.parametrize(
    ("one", "other"), [("🎯 Your Core Mission", "🎯 コアミッション"), ("Behavioral Traits", "行为特征"), ("2. Edge Cases", "예외 상황")]
)
def test_two_names_of_one_row_are_one_topic_whatever_their_concepts(one: str, other: str) -> None:
    assert titles(section(one, "Cancel shipped orders"), section(other, "Encrypt backups")) == [{one, other}]


def test_sections_that_say_the_same_are_one_topic_whatever_their_title() -> None:
    lines = ("Validate user input", "Never log passwords", "Encrypt backups at rest")
    assert titles(section("Safety net", *lines), section("Hardening", *lines)) == [{"Safety net", "Hardening"}]


def test_unrelated_sections_are_two_topics() -> None:
    assert len(titles(section("Database", "Design schemas"), section("Colour palette", "Choose warm tones"))) == 2


def test_two_procedures_stay_two() -> None:
    steps = "## Workflow\n\n1. Read the diff\n2. Run the tests\n3. Write the report\n"
    assert len(titles(steps, steps.replace("Write the report", "File an issue"))) == 2


def test_titles_with_other_numbers_are_two_topics() -> None:
    assert len(titles(section("Phase 1", "Read the code"), section("Phase 2", "Read the code"))) == 2


def test_one_authors_sections_are_two_unless_their_titles_agree() -> None:
    assert len(titles(section("Database", "Design schemas") + section("Caching", "Design schemas"), section("Voice", "Be brief"))) == 3


def test_a_section_and_its_own_subsection_are_never_one() -> None:
    nested = section("Security", "Validate input") + section("Security", "Encrypt backups", mark="###")
    topics, _ = topics_of(nested, section("Voice", "Be brief"))
    assert all(len(topic.sections) == 1 for topic in topics[1:])


def test_headings_that_share_the_form_only_are_two_topics() -> None:
    joined = titles(
        section("Security Best Practices", "Rotate the keys", "Close the gate"),
        section("Naming Best Practices", "Use plain nouns", "Avoid acronyms"),
    )
    assert {"Security Best Practices"} in joined
    same = titles(section("Security Best Practices", "Rotate the keys"), section("Best Practices for Security", "Close the gate"))
    assert {"Security Best Practices", "Best Practices for Security"} in same


def test_when_to_use_an_agent_is_another_topic_than_what_it_does_when_invoked() -> None:
    joined = titles(
        section("When to Use", "A vessel asks for a berth", "The tide turns"),
        "## When invoked\n\n1. Read the tide table\n2. Open the lower gate\n3. Log the passage\n",
    )
    assert {"When to Use"} in joined
    assert {"When invoked"} in joined


def test_a_list_of_principles_that_holds_another_leaves_the_others_to_that_one() -> None:
    joined = titles(
        section("Key Considerations", "Count the crates") + "**Best Practices:**\n\n- Name every owner\n- Keep a log\n",
        section("Principles", "Sign each entry"),
        section("Working Principles", "Close the gate"),
    )
    assert {"Best Practices", "Principles", "Working Principles"} in [{title.rstrip(":") for title in topic} for topic in joined]


def test_a_topic_has_the_role_of_its_titles() -> None:
    topics, _ = topics_of(section("Best Practices", "Write unit tests"), section("Key Principles", "Encrypt backups"))
    assert [(topic.role, len(topic.sections)) for topic in topics[1:]] == [("principles", 2)]


def test_a_lone_title_and_a_lone_outer_tag_only_wrap_the_file() -> None:
    titled = agent("a", "# Reviewer\n\n" + section("Security", "Validate input"))
    assert {s.title for s in titled.sections if s.id in transparent(titled)} == {"", "Reviewer"}
    tagged = agent("b", "<rules>\n\n- Validate input\n\n</rules>\n")
    assert {s.title for s in tagged.sections if s.id in transparent(tagged)} == {"", "rules"}


def test_of_two_top_titles_neither_wraps() -> None:
    two = agent("a", section("Security", "Validate input", mark="#") + section("Testing", "Write unit tests", mark="#"))
    assert transparent(two) == {two.sections[0].id}


def test_a_bold_lead_stays_an_item_of_principles_and_not_of_responsibilities() -> None:
    def lead(title: str) -> bool:
        one = agent("a", f"## {title}\n\n- **Safety**: Validate input. Never log passwords.\n")
        return stays_item(one.sections[-1], {s.id: s for s in one.sections})

    assert lead("Best Practices")
    assert not lead("Core Responsibilities")
