"""What a section is for (workflow, principles, checks, …), told by its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agentmerge.merge.han import simplified
from agentmerge.merge.heading_words import bare

DOMAIN = "domain"
_DOMAIN_ORDER = 60
_PLAIN = "plain"
# A pattern is compiled only when a heading has letters of its language.
_SCRIPTS = {
    "en": re.compile(r"[a-z]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
    "ja": re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
}


class _Row(NamedTuple):
    role: str
    order: int
    language: str
    pattern: str


@cache
def _table() -> tuple[_Row, ...]:
    lines = Path(__file__).with_name("data").joinpath("roles.tsv").read_text(encoding="utf-8").splitlines()
    cells = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple(_Row(role, int(order), language, pattern) for role, order, language, pattern in cells)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _rows(title: str) -> Iterator[_Row]:
    """The rows in whose script a heading has letters, in the order of the table."""
    scripts = {language for language, script in _SCRIPTS.items() if script.search(title)}
    return (row for row in _table() if row.language in scripts)


@cache
def role_of(title: str) -> str:
    """The role of a section with this heading; a heading that matches none is a domain."""
    words = bare(title).lower()
    written = {"zh": simplified(words)}
    found = (row.role for row in _rows(words) if row.role != _PLAIN and _compiled(row.pattern).search(written.get(row.language, words)))
    return next(found, DOMAIN)


def order_of(role: str) -> int:
    """Where sections of a role stand in the canonical agent, smaller first."""
    return next((row.order for row in _table() if row.role == role), _DOMAIN_ORDER)


@cache
def is_plain(title: str) -> bool:
    """Whether a heading says no more than its role: "Key Principles", but not "Naming rules for APIs"."""
    role, rest = role_of(title), bare(title).lower()
    if role == DOMAIN:
        return False
    # In Han characters alone a heading may be Japanese or Chinese: either reading will do.
    return not all(_remainder(rest, role, other) for other in ("zh", "ja"))


def _remainder(words: str, role: str, unread: str) -> bool:
    """Whether letters are left when a role's words and the plain ones are taken away, by the rows of all languages but one."""
    rows = [row for row in _rows(words) if row.role in (role, _PLAIN) and row.language != unread]
    words = simplified(words) if unread == "ja" else words
    for row in rows:
        words = _compiled(row.pattern).sub(" ", words)
    return bool(re.search(r"[^\W\d_]", words))
