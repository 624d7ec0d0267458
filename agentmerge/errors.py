"""The errors that a user can cause. Each is one line: what, where, why, and what to do next."""

from __future__ import annotations


class AgentmergeError(Exception):
    """Bad input or bad use; the command line prints ``str(error)`` and exits with 2."""

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.where = where
        self.fix = fix
        place = f"{where}: " if where else ""
        hint = f" ({fix})" if fix else ""
        super().__init__(f"{place}{what}{hint}")


class SourceError(AgentmergeError):
    """A source file cannot be read as an agent."""


class OutputError(AgentmergeError):
    """The output cannot or must not be written."""


class LedgerError(AgentmergeError):
    """A ledger is missing, unreadable, or of an unknown version."""


class AnswerError(AgentmergeError):
    """Answers that cannot be taken; ``problems`` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PolicyError(AgentmergeError):
    """One or more mistakes in a policy file; ``problems`` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PluginError(AgentmergeError):
    """A plugin that a policy names cannot be used, fails, or says what it may not."""
