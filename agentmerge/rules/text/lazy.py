"""A pattern that is compiled when it is first needed: most builds need few of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property


class Lazy:
    """A regular expression, compiled at its first use."""

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in a text."""
        return self._compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """The match at a text's start."""
        return self._compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of a whole text."""
        return self._compiled.fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """All matches in a text, in order."""
        return self._compiled.finditer(text)

    def sub(self, by: str, text: str) -> str:
        """A text with all matches replaced."""
        return self._compiled.sub(by, text)

    def split(self, text: str) -> list[str]:
        """A text cut at each match."""
        return self._compiled.split(text)
