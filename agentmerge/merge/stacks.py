"""Which products are rivals and which belong together (``data/stacks.tsv``), seen from a team's own stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.merge.claims import is_technology
from agentmerge.merge.lexicon import Lexicon, normalise
from agentmerge.rules.policy import suggestion

STACKS = Path(__file__).with_name("data") / "stacks.tsv"


class Product(NamedTuple):
    """A product's kind, and the languages of its ecosystem (none: it belongs to every one)."""

    kind: str
    languages: frozenset[str]


class Stack(NamedTuple):
    """A team's own products, with the kinds and languages that they settle; what they say nothing of is not judged."""

    own: frozenset[str]
    kinds: frozenset[str]
    languages: frozenset[str]

    def is_foreign(self, concept: str) -> bool:
        """Whether a product is a rival of an own one, or belongs to other languages than the own ones."""
        product = products().get(concept)
        if product is None or concept in self.own:
            return False
        if product.kind == "programming-language" or not product.languages:
            return self._elsewhere(product) or (not product.languages and product.kind in self.kinds)
        return product.kind in self.kinds or self._elsewhere(product)

    def _elsewhere(self, product: Product) -> bool:
        return bool(product.languages and self.languages) and product.languages.isdisjoint(self.languages)

    def has_language(self, language: str) -> bool | None:
        """Whether a language is one of the own ones; ``None`` when that is not known."""
        product = products().get(language)
        if product is None or product.kind != "programming-language" or not self.languages:
            return None
        return not product.languages.isdisjoint(self.languages)


@cache
def products() -> Mapping[str, Product]:
    """Every product of the table by its concept."""
    rows = (line.split("\t") for line in STACKS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return {name: Product(kind, frozenset(filter(None, languages.split("|")))) for name, kind, languages in rows}


def rivals(a: str, b: str) -> bool:
    """Whether two products are of one kind, and another."""
    known = products()
    return a != b and a in known and b in known and known[a].kind == known[b].kind


def stack_of(names: Sequence[str], lexicon: Lexicon, origin: str) -> Stack:
    """The stack that a policy names; raises ``PolicyError`` with a line for each name that is no known technology."""
    own: set[str] = set()
    problems = []
    for name in names:
        found = {m.concept for m in lexicon.mentions(normalise(name)) if not m.part and is_technology(m.concept, lexicon)}
        own |= found
        if not found:
            problems.append(f"{origin} rules.stack.names: no known technology {name!r} ({suggestion(name.lower(), tuple(products()))})")
    if problems:
        raise PolicyError(tuple(problems))
    known = [products()[name] for name in own if name in products()]
    return Stack(
        frozenset(own), frozenset(product.kind for product in known), frozenset[str]().union(*(product.languages for product in known))
    )
