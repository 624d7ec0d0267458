"""Which of several wordings of one claim stays."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agentmerge.rules.policy import Policy
from agentmerge.rules.wording import Wording, preferred_language, worth


def wording(*, source: str = "b", language: str = "en", mass: float = 1.0, length: int = 40, whole: bool = False) -> Wording:
    return Wording(unit="b:1", source=source, language=language, mass=mass, length=length, whole=whole)


PLAIN = wording()
FOREIGN = wording(language="ko")
CODE = wording(language="code")
TRUSTED = wording(source="a")
STEP = wording(whole=True)
FULLER = wording(mass=1.2)
BARELY_FULLER = wording(mass=1.04)
LONGER = wording(length=60)


@pytest.mark.parametrize(
    ("prefer", "worst_first"),
    [
        ("informative", (FOREIGN, PLAIN, FULLER, TRUSTED, STEP)),
        ("informative", (LONGER, PLAIN)),
        ("priority", (FOREIGN, PLAIN, FULLER, TRUSTED, STEP)),
        ("priority", (wording(mass=2.0), wording(source="a", language="ko"))),
        ("priority", (LONGER, PLAIN)),
        ("longest", (FOREIGN, PLAIN, FULLER, LONGER, TRUSTED, STEP)),
        ("longest", (wording(mass=9.0), LONGER)),
        ("shortest", (FOREIGN, LONGER, PLAIN, FULLER, TRUSTED, STEP)),
        ("shortest", (wording(mass=9.0, length=60), PLAIN)),
    ],
)
def test_the_order_of_wordings(prefer: str, worst_first: tuple[Wording, ...]) -> None:
    policy = Policy(priority=("a",), settings={"duplicates": {"prefer": prefer}})
    ranks = [worth(one, policy, "en") for one in worst_first]
    assert all(low < high for low, high in pairwise(ranks)), ranks


@pytest.mark.parametrize("prefer", ["informative", "priority", "longest", "shortest"])
def test_code_is_in_every_language(prefer: str) -> None:
    policy = Policy(settings={"duplicates": {"prefer": prefer}})
    assert worth(CODE, policy, "en") == worth(PLAIN, policy, "en") == worth(CODE, policy, "ko") > worth(PLAIN, policy, "ko")


def test_a_difference_that_hardly_weighs_does_not_decide() -> None:
    assert worth(BARELY_FULLER, Policy(), "en") == worth(PLAIN, Policy(), "en")
    assert worth(wording(mass=1.06), Policy(), "en") > worth(PLAIN, Policy(), "en")


@pytest.mark.parametrize(
    ("asked", "main", "preferred"), [("keep", "ko", "ko"), ("keep", "en", "en"), ("en", "ko", "en"), ("ja", "en", "ja")]
)
def test_the_preferred_language(asked: str, main: str, preferred: str) -> None:
    assert preferred_language(Policy(language=asked), main) == preferred
