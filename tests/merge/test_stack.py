"""Products of the stack table, and what a team's own stack makes of them."""

from __future__ import annotations

import pytest

from agentmerge.errors import PolicyError
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.stacks import Stack, products, rivals, stack_of


def stack(*names: str) -> Stack:
    return stack_of(names, default_lexicon(), "agentmerge.yaml")


def test_every_product_is_a_technology_of_the_lexicon_and_every_language_a_product() -> None:
    kinds = default_lexicon().kinds
    assert [name for name in products() if kinds.get(name) != "technology"] == []
    languages = {language for product in products().values() for language in product.languages}
    assert languages <= {name for name, product in products().items() if product.kind == "programming-language"}


@pytest.mark.parametrize(
    ("names", "foreign", "fine"),
    [
        (("fastapi",), ("django", "express-js", "java", "jest", "react"), ("fastapi", "python", "pytest", "postgresql", "aws", "redis")),
        (("fastapi", "django"), ("flask", "rails"), ("django", "fastapi", "sqlalchemy")),
        (("postgresql",), ("mysql", "mongodb"), ("python", "express-js", "prisma")),
        (("react",), ("vue", "angular", "flutter", "django"), ("typescript", "javascript", "jest", "mysql")),
        (("spring boot", "mysql"), ("nestjs", "postgresql", "pytest", "golang"), ("kotlin", "java", "junit", "hibernate")),
        (("nodejs",), ("fastapi", "deno"), ("express-js", "typescript")),
        ((), (), ("fastapi", "java")),
    ],
)
def test_what_is_foreign_to_a_stack(names: tuple[str, ...], foreign: tuple[str, ...], fine: tuple[str, ...]) -> None:
    own = stack(*names)
    assert [name for name in foreign if not own.is_foreign(name)] == []
    assert [name for name in fine if own.is_foreign(name)] == []


def test_a_name_that_is_no_technology_is_told_with_a_suggestion() -> None:
    with pytest.raises(PolicyError) as caught:
        stack("fastapi", "djnago", "zzz")
    assert caught.value.problems[0] == "agentmerge.yaml rules.stack.names: no known technology 'djnago' (did you mean 'django'?)"
    assert len(caught.value.problems) == 2


def test_rivals_are_of_one_kind() -> None:
    assert rivals("django", "rails")
    assert not rivals("django", "django")
    assert not rivals("django", "mysql")
    assert not rivals("django", "no-product")
