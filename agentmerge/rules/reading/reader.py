"""Typed readers of a policy's values: each mistake is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentmerge.rules.reading.data import Lines

Path = tuple[str, ...]


@dataclass(slots=True)
class Reader:
    """Walks a loaded policy map and collects its problems, each with its line; ``shown`` names the file."""

    shown: str
    lines: Lines
    problems: list[tuple[int, str]] = field(default_factory=list)

    def line(self, path: Path) -> int:
        at = path
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def place(self, path: Path) -> str:
        """``file:line path``."""
        return f"{self.shown}:{self.line(path)} {'.'.join(path)}"

    def problem(self, path: Path, text: str) -> None:
        self.problems.append((self.line(path), f"{self.place(path)}: {text}"))

    def told(self) -> tuple[str, ...]:
        """The problems in the order of their lines, each once."""
        return tuple(dict.fromkeys(text for _, text in sorted(self.problems, key=lambda problem: problem[0])))

    def text(self, data: Mapping[str, Any], key: str) -> str | None:
        value = data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.problem((key,), f"must be a text, not {shown_value(value)} (put it in quotes)")
        return None

    def texts(self, value: object, path: Path) -> tuple[str, ...]:
        """One text or a list of texts; whole numbers pass for texts in a list."""
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str | int) and not isinstance(item, bool) for item in value):
            return tuple(str(item) for item in value)
        self.problem(path, "must be a list of texts (such as [a, b])")
        return ()

    def words(self, value: object, path: Path, example: str) -> tuple[str, ...]:
        """One text or a list of texts, none of them blank; a problem otherwise. Nothing is no text."""
        if value is None:
            return ()
        found = [value] if isinstance(value, str) else value
        if isinstance(found, list) and all(isinstance(item, str) and item.strip() for item in found):
            return tuple(found)
        self.problem(path, f"must be a list of texts (such as {example})")
        return ()

    def choice(self, value: object, path: Path, choices: tuple[str, ...]) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or value not in choices:
            self.problem(path, f"unknown {path[-1]} {shown_value(value)} ({suggestion(str(value), choices)})")
            return None
        return value

    def map(self, value: object, path: Path, example: str) -> Mapping[str, Any] | None:
        """A map, or ``None`` for nothing and for what is none, which is a problem."""
        if value is None or isinstance(value, Mapping):
            return value
        self.problem(path, f"must be a map (such as {example})")
        return None

    def unknown_keys(self, data: Mapping[str, Any], path: Path, known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                self.problem((*path, str(key)), f"unknown key {str(key)!r} ({suggestion(str(key), known)})")


def shown_value(value: object) -> str:
    """A value as an error shows it: on one line, not too long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """``did you mean 'x'?`` when something is close, else the list of what is known."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"one of {', '.join(known)}" if known else "there is none"
