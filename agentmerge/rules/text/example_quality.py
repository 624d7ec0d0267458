"""How good an example of code is to copy from: written criteria, told by patterns of many languages.

The criteria are on the page of CODE001, their patterns in ``data/example_quality.tsv``. They look at the text of one
block only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

# Shown in these fences is data, prose or a command: no example of a framework.
NO_CODE = frozenset(
    (
        *(
            "json",
            "jsonc",
            "json5",
            "yaml",
            "yml",
            "toml",
            "ini",
            "env",
            "xml",
            "markdown",
            "md",
            "text",
            "txt",
            "plaintext",
            "http",
            "mermaid",
        ),
        *("bash", "sh", "shell", "zsh", "console", "powershell", "diff", "csv", "dockerfile"),
    )
)
_MARKS = re.compile(r"\b(?:raise|throw|except|catch|return|async|await|assert)\b|->|=>")
_COMMENT = re.compile(r"^\s*(?:#|//(?!/)).*$", re.MULTILINE)
_HANDLER_WORK = "database work in the route"
_SYNC_AWAIT = "an await on a session that is not asynchronous"
_BLOCKING = "a blocking call in asynchronous code"
_FAULT = 2
# More than all that can speak for an example.
_BROKEN = 20
_STEP = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+\S", re.MULTILINE)
_STEPS = 2
_MAX = 6000


class Quality(NamedTuple):
    """What speaks for an example and what against it, in words for a reader, and the sum."""

    points: float
    has: tuple[str, ...]
    lacks: tuple[str, ...]


@cache
def _criteria() -> Mapping[str, tuple[int, re.Pattern[str]]]:
    """Each criterion with its points and all its patterns."""
    lines = Path(__file__).with_name("data").joinpath("example_quality.tsv").read_text(encoding="utf-8").splitlines()
    points: dict[str, int] = {}
    patterns: dict[str, list[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            name, worth, _, pattern = line.split("\t")
            points[name] = int(worth)
            patterns.setdefault(name, []).append(f"(?:{pattern})")
    return {name: (points[name], re.compile("|".join(found), re.MULTILINE)) for name, found in patterns.items()}


def purpose_of(block: str) -> str:
    """What a block is an example of: ``of a test``, ``of a route``, …; ``""`` when nothing tells."""
    code = _COMMENT.sub("", block[:_MAX])
    if _shows(code, "of a test"):
        return "of a test"
    if _shows(code, "handler"):
        return "of a route"
    return next((name for name in _criteria() if name.startswith("of ") and _shows(code, name)), "")


def _shows(code: str, name: str) -> bool:
    return _criteria()[name][1].search(code) is not None


def _faults(code: str) -> tuple[str, ...]:
    """What a reader should not copy."""
    found = []
    if _shows(code, "handler") and _shows(code, "database"):
        found.append(_HANDLER_WORK)
    if "await" in code and _shows(code, "sync session") and not _shows(code, "async session"):
        found.append(_SYNC_AWAIT)
    if re.search(r"\basync\b", code) and _shows(code, "blocking"):
        found.append(_BLOCKING)
    return tuple(found)


def is_procedure(block: str) -> bool:
    """Whether a fenced block holds numbered steps in words: a procedure, whatever it names."""
    return len(_STEP.findall(block[:_MAX])) >= _STEPS


def quality(block: str, broken: Sequence[str] = ()) -> Quality:
    """How good an example is; of two that meet the same criteria the one that shows more is better.

    ``broken`` are rules of the team that it breaks, in words: what breaks one is worse than what breaks none.
    """
    code = _COMMENT.sub("", block[:_MAX])
    has = tuple(name for name, (points, _) in _criteria().items() if points and _shows(code, name))
    faults = (*_faults(code), *broken)
    points = sum(_criteria()[name][0] for name in has) - _FAULT * len(faults) - _BROKEN * len(broken)
    shown = len(_MARKS.findall(code)) + 0.1 * block.count("\n")
    return Quality(points + min(shown, 99.0) / 100, has, faults)


def reason(best: Quality, other: Quality) -> str:
    """In what the better of two examples is better, in words."""
    more = [name for name in best.has if name not in other.has]
    worse = [name for name in other.lacks if name not in best.lacks]
    said = ([f"it has {_listed(more)}"] if more else []) + ([f"the other has {_listed(worse)}"] if worse else [])
    return "; ".join(said) or "it shows more"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
