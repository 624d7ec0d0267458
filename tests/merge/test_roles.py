"""What a section is for, told by its heading, in four languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.merge.claims import turns_around
from agentmerge.merge.heading_words import rows
from agentmerge.merge.roles import DOMAIN, is_plain, order_of, role_of

ROLES = {
    "persona": ("About", "Role and Mission", "개요", "概要"),
    "workflow": ("Workflow", "When invoked", "Review Process", "작업 절차", "ワークフロー", "工作流程"),
    "principles": ("Best Practices", "Guidelines", "원칙", "原則", "原则"),
    "scope": ("Core Responsibilities", "Areas of Expertise", "핵심 역할", "核心职责"),
    "avoid": ("Anti-patterns", "Common pitfalls", "금지 사항", "禁止事項", "反模式"),
    "checks": ("Quality Checklist", "Definition of Done", "체크리스트", "チェックリスト", "检查清单"),
    "output": ("Output Format", "Deliverables", "출력 형식", "出力形式", "输出格式"),
    "reference": ("Examples", "Code Patterns", "예시"),
    "language": ("Language Rules", "응답 언어"),
    DOMAIN: ("Database", "API design", "Error handling", "데이터베이스", "Caching"),
}
LINES = Path(__file__).with_name("data").joinpath("headings.tsv").read_text(encoding="utf-8").splitlines()
CASES = [([*line.split("\t"), "", "", ""])[:4] for line in LINES if not line.startswith("# ")]


@pytest.mark.parametrize(("role", "title"), [(role, title) for role, titles in ROLES.items() for title in titles])
def test_a_heading_tells_the_role(role: str, title: str) -> None:
    assert role_of(title) == role


@pytest.mark.parametrize(("title", "role", "plain", "negative"), CASES, ids=[case[0] for case in CASES])
def test_each_heading_of_the_data_file(title: str, role: str, plain: str, negative: str) -> None:
    assert (role_of(title), is_plain(title)) == (role, plain == "plain")
    assert turns_around(title) or not negative


@pytest.mark.parametrize("row", rows(), ids=[row[0][0] for row in rows()])
def test_all_words_of_a_row_have_one_role(row: tuple[tuple[str, ...], ...]) -> None:
    words = [word for cell in row for word in cell]
    assert len({(role_of(word), is_plain(word), turns_around(word)) for word in words}) == 1, words


def test_case_does_not_matter() -> None:
    assert role_of("BEST PRACTICES") == role_of("best practices") == "principles"


def test_roles_stand_in_a_natural_order() -> None:
    order = ["persona", "workflow", "principles", DOMAIN, "reference", "avoid", "checks", "output"]
    assert [order_of(role) for role in order] == sorted({order_of(role) for role in order})


def test_an_unknown_role_stands_with_the_domains() -> None:
    assert order_of("no such role") == order_of(DOMAIN)


@pytest.mark.parametrize("title", ["Best Practices", "Key Principles", "Anti-patterns", "원칙", "체크리스트", "反模式"])
def test_a_heading_that_says_no_more_than_its_role_is_plain(title: str) -> None:
    assert is_plain(title)


@pytest.mark.parametrize("title", ["Naming rules for APIs", "Security best practices", "Database", "Caching Guidelines", "보안 원칙"])
def test_a_heading_that_names_a_topic_is_not(title: str) -> None:
    assert not is_plain(title)
