"""What is asked for about the language of answers, and which of several directives stays (LANG002)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, assert_never

from agentmerge.rules.text.tongues import ENGLISH_NAMES


class Follows(StrEnum):
    """What the language of an answer depends on: the user's, or nothing."""

    USER = "follow-user"
    NOTHING = "fixed"


class Scope(StrEnum):
    """What a directive is about."""

    ANSWERS = "answers"
    COMMENTS = "comments"
    COMMITS = "commits"
    NAMES = "names"
    CODE = "code"
    DOCUMENTS = "documents"
    INTERFACE = "interface"
    TERMS = "terms"
    PROMPTS = "prompts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What is asked for: ``languages`` are sorted codes.

    With ``follow-user`` they are the languages that the user may write in, none named meaning any;
    with ``fixed`` there is at least one. ``whole``: the statement says nothing else.
    """

    follows: Follows
    languages: tuple[str, ...]
    scope: Scope = Scope.ANSWERS
    whole: bool = True

    @property
    def asked(self) -> tuple[Follows, tuple[str, ...], Scope]:
        """What two directives that ask for the same have in common."""
        return self.follows, self.languages, self.scope

    def covers(self, other: Directive) -> bool:
        """Whether who obeys this directive obeys the other."""
        if self.asked == other.asked:
            return True
        both = self.follows is other.follows is Follows.USER and self.scope is other.scope
        return both and (not self.languages or (bool(other.languages) and set(other.languages) <= set(self.languages)))

    def opposes(self, other: Directive) -> bool:
        """Whether the two cannot both be obeyed."""
        return self.scope is other.scope and self.asked != other.asked and Follows.NOTHING in (self.follows, other.follows)

    def __str__(self) -> str:
        named = " and ".join(ENGLISH_NAMES[code] for code in self.languages)
        if self.follows is Follows.NOTHING:
            return named
        return f"the user's language ({named})" if named else "the user's language"


def together(directives: Iterable[Directive]) -> Directive | None:
    """One directive of those that a paragraph makes about one thing; ``None`` when they do not belong together.

    "When in Korean, respond in Korean. When in English, respond in English." is one, with two languages.
    """
    found = tuple(directives)
    asked = {d.follows for d in found}
    if not found or len({d.scope for d in found}) > 1:
        return None
    languages = {d.languages for d in found}
    if asked == {Follows.NOTHING} and len(languages) > 1:
        return None
    follows = Follows.USER if Follows.USER in asked else Follows.NOTHING
    every = () if follows is Follows.USER and () in languages else tuple(sorted(frozenset().union(*languages)))
    return Directive(follows=follows, languages=every, scope=found[0].scope, whole=all(d.whole for d in found))


class Strategy(StrEnum):
    """How directives that do not agree are decided: what the policy wants, or who.

    ``ASK``: undecided; what follows the user stays meanwhile, if a source has it. ``KEEP``: all stay.
    """

    ASK = "ask"
    FOLLOW_USER = "follow-user"
    EN = "en"
    KO = "ko"
    JA = "ja"
    ZH = "zh"
    PRIORITY = "priority"
    KEEP = "keep"


class Verdict(NamedTuple):
    """``asked`` is what the directives that stay ask for, ``None`` when all stay; ``decision`` says what was done."""

    asked: tuple[Follows, tuple[str, ...], Scope] | None
    resolved: bool
    decision: str


def decide_answers(strategy: Strategy, sides: tuple[tuple[Directive, int], ...]) -> Verdict:
    """The verdict on directives of one scope, each with the rank of its source (0 = most trusted).

    Nothing is invented: what no source asks for cannot win.
    """
    match strategy:
        case Strategy.KEEP:
            return Verdict(None, resolved=True, decision="all stay, as the policy says")
        case Strategy.PRIORITY:
            first = min(rank for _, rank in sides)
            asked = {directive.asked: directive for directive, rank in sides if rank == first}
            if len(asked) == 1:
                return _won(next(iter(asked.values())), "its source comes first by priority")
            return _asked_of_a_person(sides, "no source has priority over the others")
        case Strategy.ASK:
            return _asked_of_a_person(sides, "for a person to decide")
        case Strategy.FOLLOW_USER | Strategy.EN | Strategy.KO | Strategy.JA | Strategy.ZH:
            if sides[0][0].scope is not Scope.ANSWERS:
                return _asked_of_a_person(sides, f"the policy says only in which language to answer ({strategy})")
            wanted = [directive for directive, _ in sides if _is(directive, strategy)]
            if wanted:
                return _won(min(wanted, key=lambda d: d.languages), f"the policy wants {strategy}")
            return _asked_of_a_person(sides, f"the policy wants {strategy}, which no source asks for")
    assert_never(strategy)


def _is(directive: Directive, strategy: Strategy) -> bool:
    """Whether a directive asks for what a strategy wants."""
    if strategy is Strategy.FOLLOW_USER:
        return directive.follows is Follows.USER
    return directive.follows is Follows.NOTHING and directive.languages == (str(strategy),)


def _won(directive: Directive, why: str) -> Verdict:
    return Verdict(directive.asked, resolved=True, decision=f"{directive} stays: {why}")


def _asked_of_a_person(sides: tuple[tuple[Directive, int], ...], why: str) -> Verdict:
    """Undecided: an agent that follows its user answers everybody, so that is safest meanwhile."""
    safe = sorted(
        (d for d, _ in sides if d.follows is Follows.USER and d.scope is Scope.ANSWERS), key=lambda d: (len(d.languages), d.languages)
    )
    if not safe:
        return Verdict(None, resolved=False, decision=f"{why}; all stay meanwhile")
    return Verdict(safe[0].asked, resolved=False, decision=f"{why}; {safe[0]} stays meanwhile: it suits every user")
