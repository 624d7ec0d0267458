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
