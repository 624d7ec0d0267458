"""What a section is for (workflow, principles, checks, …), told by its heading."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

DOMAIN = "domain"
_DOMAIN_ORDER = 60


@cache
def _table() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    rows = []
    for line in Path(__file__).with_name("data").joinpath("roles.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            role, order, pattern = line.split("\t")
            rows.append((role, int(order), re.compile(pattern, re.IGNORECASE)))
    return tuple(rows)


@cache
def role_of(title: str) -> str:
    """The role of a section with this heading; a heading that matches none is a domain."""
    return next((role for role, _, pattern in _table() if pattern.search(title)), DOMAIN)


def order_of(role: str) -> int:
    """Where sections of a role stand in the canonical agent, smaller first."""
    return next((order for name, order, _ in _table() if name == role), _DOMAIN_ORDER)


# Words that say nothing of a topic beside a role's own: "Key Principles", "Completion Checklist".
_QUALIFIERS = re.compile(
    r"\b(?:the|and|of|for|your|our|my|key|core|main|important|essential|critical|general|development|developer|working|work|coding|code|quality|"
    r"engineering|technical|professional|fundamental|guiding|operating|basic|common|additional|final|completion|task|always|primary|major|patterns?)\b|"
    r"핵심|주요|패턴|영역|작업|수행|필수|개발|코드|품질|중요|기본|일반|완료|시|및|重要な?|基本|開発|コード|品質|作業|必須|主な|完了|の|核心|主要|开发|代码|质量|工作|必须|关键|完成|的|パターン|模式",
    re.IGNORECASE,
)


@cache
def is_plain(title: str) -> bool:
    """Whether a heading says no more than its role: "Key Principles", but not "Naming rules for APIs"."""
    for _, _, pattern in _table():
        match = pattern.search(title)
        if match:
            rest = _QUALIFIERS.sub(" ", title[: match.start()] + " " + title[match.end() :])
            return not re.search(r"[^\W\d_]", rest)
    return False
