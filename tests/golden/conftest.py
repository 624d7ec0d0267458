"""``pytest tests/golden --update-golden`` writes what the cases give now as what they must give."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected files of tests/golden")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether expected files are rewritten; never where CI is set, which must compare."""
    chosen = bool(request.config.getoption("--update-golden", default=False))
    if chosen and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused under CI: expected files are written by a person, who looks at the diff")
    return chosen
