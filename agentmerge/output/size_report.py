"""What the summary says of a canonical agent's size: a table of sections, and over budget what could go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from agentmerge.model import Agent, Rendered
from agentmerge.output.decisions_text import entry_line
from agentmerge.output.ledger import Account
from agentmerge.output.sizes import FRONTMATTER, LEFT_OUT, Size, provenance_tokens, section_sizes
from agentmerge.rules.cuts import Cut
from agentmerge.rules.decisions import DECISIONS_NAME
from agentmerge.rules.text.tokens import tokens, words

_SHOWN = 12


class Sized(Protocol):
    """What a report of sizes needs of a build."""

    @property
    def agents(self) -> tuple[Agent, ...]: ...
    @property
    def account(self) -> Account: ...
    @property
    def rendered(self) -> Rendered: ...
    @property
    def over_budget(self) -> str: ...
    @property
    def cuts(self) -> tuple[Cut, ...]: ...


def size_lines(built: Sized, *, sizes: bool) -> list[str]:
    """The table of sections, when it is asked for or the budget does not hold, then what could go, line by line."""
    lines = list(_table(_sizes(built))) if sizes or built.over_budget else []
    return [*lines, *_cut_lines(built)] if built.over_budget else lines


def size_data(built: Sized) -> dict[str, Any]:
    """The same for programs: totals, sections, and the budget when it does not hold."""
    source_text, text = "".join(agent.source.text for agent in built.agents), built.rendered.text
    parts = _sizes(built)
    whole = {size.title: size._asdict() for size in parts if size.title in (FRONTMATTER, LEFT_OUT)}
    data: dict[str, Any] = {
        "words": {"in": words(source_text), "out": words(text)},
        "tokens": {"in": tokens(source_text), "out": tokens(text), "provenance": provenance_tokens(text)},
        "frontmatter": _counts(whole.get(FRONTMATTER)),
        "left_out": _counts(whole.get(LEFT_OUT)),
        "sections": [size._asdict() for size in parts if size.title not in whole],
    }
    if built.over_budget:
        cuts = [{**cut._asdict(), "entries": [entry_line(entry) for entry in cut.entries]} for cut in built.cuts]
        data["budget"] = {"over": built.over_budget, "cuts": [{k: v for k, v in cut.items() if k not in ("loss", "by")} for cut in cuts]}
    return data


def _counts(size: dict[str, Any] | None) -> dict[str, int]:
    return {key: (size or {}).get(key, 0) for key in ("words_in", "tokens_in", "words", "tokens")}


def _sizes(built: Sized) -> tuple[Size, ...]:
    return section_sizes(built.agents, built.account.decisions, built.rendered)


def _table(sizes: Sequence[Size]) -> Iterator[str]:
    for size in sizes:
        title = f"{'  ' * max(0, size.level - 2)}{size.title or '(opening)'}"
        yield f"section    {size.tokens:>6} of {size.tokens_in:>6} tokens  {size.words:>6} of {size.words_in:>6} words  {title}"


def _cut_lines(built: Sized) -> Iterator[str]:
    cuts = built.cuts
    for cut in cuts[:_SHOWN]:
        yield f"could go   {cut.place}: saves {cut.tokens} tokens: {cut.why}"
        yield from (f"           {entry_line(entry)}" for entry in cut.entries)
    if len(cuts) > _SHOWN:
        yield f"could go   {len(cuts) - _SHOWN} more lines, of {sum(c.tokens for c in cuts[_SHOWN:])} tokens: --format json lists them"
    spare_tokens, spare_words = built.account.policy.budget.over(built.rendered.text) if built.account.policy.budget else (0, 0)
    saved, said = sum(cut.tokens for cut in cuts), sum(cut.words for cut in cuts)
    if saved < spare_tokens or said < spare_words:
        yield f"budget     that is all: it saves {saved} tokens, {said} words; the rest is for you to shorten"
    alone = "one source alone passes unchanged: shorten it there"
    paste = (
        f"the entries of what should go belong under 'decisions:' in {built.account.policy.decisions or DECISIONS_NAME} (docs/decisions.md)"
    )
    yield f"budget     nothing was cut: {alone if len(built.agents) == 1 else paste}"
