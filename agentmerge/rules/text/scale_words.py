"""The words of scales (``data/scales.tsv``): labels of levels, names of scales, words that add nothing to one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data") / "scales.tsv"
# What may follow a label in languages that write particles without a gap.
_PARTICLES = r"(?:으로|로|을|를|은|는|의|이|가|중|に|で|の|を|と|は|から|为|的|之)"
_BEFORE = "[はをにがのと为按成分是]"


@cache
def words_of(what: str) -> Mapping[str, tuple[str, ...]]:
    """Each word of a kind of row (``severity``, ``verdict``, ``name``, ``filler``, …) with the levels that it may mean."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in DATA.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition("\t")
        if kind == what:
            level, *cells = rest.split("\t")
            for word in (word for cell in cells for word in cell.split("|") if word):
                if level not in found[word]:
                    found[word].append(level)
    return {word: tuple(levels) for word, levels in found.items()}


def _either(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[ _-]") for word in sorted(words, key=lambda w: (-len(w), w)))


@cache
def label_pattern(family: str) -> re.Pattern[str]:
    """Finds the labels of a family of levels, the longest first; each stands apart from other words."""
    words = [*words_of(family), *(words_of("mark") if family == "severity" else ())]
    marks = [w for w in words if w in words_of("mark")]
    latin = _either(w for w in words if w.isascii())
    other = _either(w for w in words if not w.isascii() and w not in marks)
    found = [
        rf"(?<![\w-])(?:{latin})(?![\w])",
        rf"(?:(?<![\w-])|(?<={_BEFORE}))(?:{other})(?=(?![\w-])|{_PARTICLES})",
        *([_either(marks)] if marks else []),
    ]
    return re.compile("|".join(found), re.IGNORECASE)


@cache
def lead_pattern(family: str) -> re.Pattern[str]:
    """Finds a label at a place where a line starts; in a script without gaps anything may follow it."""
    words = words_of(family)
    latin = _either(w for w in words if w.isascii())
    other = _either([*(w for w in words if not w.isascii()), *(words_of("mark") if family == "severity" else ())])
    return re.compile(rf"(?:{latin})(?!\w)|{other}", re.IGNORECASE)


@cache
def name_pattern() -> re.Pattern[str]:
    """Finds the names of scales ("severity"); names in Latin letters stand apart from other words."""
    latin = [w for w in words_of("name") if w.isascii()]
    other = [w for w in words_of("name") if not w.isascii()]
    return re.compile(rf"(?<![\w-])(?:{_either(latin)})(?![\w])|{_either(other)}", re.IGNORECASE)


def level_of(label: str, family: str) -> tuple[str, ...]:
    """The levels that a label may mean, most often one."""
    word = re.sub(r"\s+", " ", label.lower())
    known = words_of(family)
    for form in (word, word.replace("_", " "), word.replace("-", " "), word.replace(" ", "-"), word.replace("_", "-")):
        if form in known:
            return known[form]
    return words_of("mark").get(word, ())


@cache
def _stripped(what: str) -> re.Pattern[str]:
    latin = [w for w in words_of(what) if w.isascii()]
    other = [w for w in words_of(what) if not w.isascii()]
    return re.compile(rf"(?<![\w-])(?:{_either(latin)})(?![\w-])|{_either(other)}", re.IGNORECASE)


def is_only(text: str, what: str) -> bool:
    """Whether a text has no words but those of a kind of row (``filler``: beside a label; ``plain``: around a scale)."""
    return re.search(r"\w", _stripped(what).sub(" ", text)) is None
