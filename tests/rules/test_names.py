"""Names that agent tools load, and what becomes of those that they do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st

from agentmerge.api import build
from agentmerge.errors import PolicyError
from agentmerge.rules.names import same_name
from agentmerge.rules.policy import Policy, parse_policy
from agentmerge.rules.text.agent_name import is_name, slug


@pytest.mark.parametrize("name", ["reviewer", "code-reviewer", "web3-auditor", "3d-artist", "서버-검토자", "審査", "审查员", "a-"])
def test_a_name_that_loads(name: str) -> None:
    assert is_name(name)
    assert slug(name) == name.rstrip("-")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Code Reviewer", "code-reviewer"),
        ("code_reviewer", "code-reviewer"),
        ("team:reviewer", "team-reviewer"),
        ("-reviewer", "reviewer"),
        ("C++ Reviewer!", "c-reviewer"),
        ("Prüfer", "prüfer"),
        ("  ", "agent"),
        ("🚀", "agent"),
        ("", "agent"),
        ("코드 검토자", "코드-검토자"),
    ],
)
def test_a_name_that_does_not_load_has_a_nearest_one(name: str, nearest: str) -> None:
    assert not is_name(name)
    assert slug(name) == nearest


@given(st.text(max_size=40))
def test_every_text_has_a_valid_slug(text: str) -> None:
    assert is_name(slug(text))
    assert slug(slug(text)) == slug(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Code Reviewer", "code-reviewer", True),
        ("code_reviewer", "codeReviewer", True),
        ("reviewer", "reviewers", False),
        ("code-reviewer", "reviewer-code", False),
        ("검토자", "검토자", True),
    ],
)
def test_names_that_differ_in_case_and_separators_are_one(one: str, other: str, same: bool) -> None:
    assert (same_name(one) == same_name(other)) is same


def test_an_invalid_name_in_a_policy_names_its_line() -> None:
    with pytest.raises(PolicyError, match=r"^p\.yaml:2 name: 'My Agent' is no valid name: .*did you mean 'my-agent'"):
        parse_policy("language: en\nname: My Agent\n", "p.yaml")


def test_an_invalid_name_on_the_command_line_is_bad_use(project: Path, run: Run) -> None:
    ran = run("build", "agents", "--name", "My Agent")
    assert ran.code == 2
    assert "--name: 'My Agent' is no valid name" in ran.err
    assert "did you mean 'my-agent'?" in ran.err
    assert not list(project.glob("*.md"))


def test_an_invalid_name_in_the_library_is_refused(project: Path) -> None:
    with pytest.raises(PolicyError, match="no valid name"):
        build([project / "agents"], policy=Policy(name="a:b"))
