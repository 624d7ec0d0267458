"""Find what could go from a canonical agent: restatements, second examples, lines that say little, examples (SIZE001)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from agentmerge.merge.align import covered, guard
from agentmerge.merge.claims import Reading, read_claims
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.examples import FENCE_NAMES, fence_of, framework_of
from agentmerge.merge.lexicon import Lexicon
from agentmerge.merge.procedures import procedures_of
from agentmerge.merge.refs import Refs
from agentmerge.model import Agent, Alignment, Candidate, Conflict, Decision, Kind, Outcome, Rendered, Unit
from agentmerge.rules.cuts import EXAMPLE, FILLER, RESTATEMENT, SECOND_EXAMPLE, Cut
from agentmerge.rules.decisions import SAME, Between, Single
from agentmerge.rules.text.example_quality import NO_CODE, purpose_of, quality, reason
from agentmerge.rules.text.tokens import tokens, words

# By the lexicon's content weight: half of all lines of public agents say 1.8 or more, one in twenty this or less.
_LITTLE = 0.4
# A pair less likely than this restates nothing, for all one can tell.
_LIKELY = 0.25
# A further example of one purpose shows little that the better one does not; one beside lines in words half of what they say.
_SECOND, _TOLD = 0.25, 0.5
_SAID = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE))
# What is quoted or bears a name, or leads in what follows, is no filler however few concepts it has.
_TO_THE_LETTER = re.compile("[\"“”„«»「」『』‘’]|(?<!\\w)'|(?<=[a-z,;] )[A-Z]|[:：]\\W*$")


def possible_cuts(
    agents: Sequence[Agent],
    decisions: Mapping[str, Decision],
    likely: Sequence[Alignment | Candidate],
    conflicts: Sequence[Conflict],
    rendered: Rendered,
    lexicon: Lexicon,
    pinned: Collection[str],
) -> Iterator[Cut]:
    """Every cut that may be proposed, in no order; what a person ``pinned`` is none of them.

    ``likely`` are pairs that say the same, or may.
    """
    # What a person is asked about is cut by the answer, or not at all.
    asked = {member for conflict in conflicts if not conflict.resolved for member in conflict.members}
    # A procedure stays whole, and what speaks for one that gave way would bring it back.
    steps = procedures_of(agents)
    spoken = {made.into for unit in steps if (made := decisions[unit]).into}
    desk = _Desk(agents, decisions, rendered, lexicon, asked.union(pinned, steps, spoken))
    yield from desk.restatements(pair for pair in likely if pair.score >= _LIKELY)
    yield from desk.fillers()
    yield from desk.examples()


class _Desk:
    """The units that stand in a canonical agent, with what each says and costs."""

    def __init__(
        self,
        agents: Sequence[Agent],
        decisions: Mapping[str, Decision],
        rendered: Rendered,
        lexicon: Lexicon,
        pinned: Collection[str],
    ) -> None:
        team = [read_claims(agent, lexicon) for agent in agents]
        self.comparison = Comparison(team, lexicon)
        self.refs = Refs(agents)
        self.paths = {agent.source.id: agent.source.path for agent in agents}
        self.alone = len(agents) == 1
        self.rendered = rendered
        self.taken_in = _taken_in(agents, decisions)
        self.lines = rendered.text.split("\n")
        self.standing = {
            unit.id: unit
            for agent in agents
            for unit in agent.units
            if decisions[unit.id].outcome is Outcome.KEPT and unit.id in rendered.lines
        }
        self.on_line = Counter(n for unit in self.standing for n in self._span(unit))
        held = {unit.parent for unit in self.standing.values()}
        items = {(unit.source, unit.item) for unit in self.standing.values() if unit.item is not None and unit.kind not in _SAID}
        # What others are nested in cannot go without them.
        self.free = {
            name: unit
            for name, unit in self.standing.items()
            if name not in pinned and name not in held and (unit.kind is Kind.CODE or (unit.source, unit.item) not in items)
        }

    def restatements(self, pairs: Iterable[Alignment | Candidate]) -> Iterator[Cut]:
        """Of each pair that stands the line that says less, for the other; it costs what is doubtful of it, or unsaid."""
        for pair in pairs:
            both = [self.standing.get(pair.a), self.standing.get(pair.b)]
            units = [unit for unit in both if unit is not None and unit.kind in _SAID]
            if len(units) < 2 or units[0].source == units[1].source:
                continue  # What one author says twice is said twice on purpose.
            less, more = sorted(units, key=lambda u: (self._content(u), len(u.text), u.id))
            if less.id in self.free and not any(map(self._guarded, self._with_taken_in(less), repeat(more))):
                why = f"may restate {self._place(more)} ({pair.score:.2f}): {_quoted(more.text)}"
                refs = self.refs.of_all((more, *self._with_taken_in(less)))
                unsaid = 1 - covered(self.comparison, self.comparison.readings[less.id], self.comparison.readings[more.id])
                cost = max(1 - pair.score, unsaid) * self._content(less)
                yield self._cut(RESTATEMENT, less, why, cost, (Between(refs, SAME, 1, "", "", 0),), more.id)

    def fillers(self) -> Iterator[Cut]:
        """Lines whose concepts weigh next to nothing, that name nothing, give no figure and forbid nothing."""
        for unit in self.free.values():
            reading = self.comparison.readings[unit.id]
            content = self._content(unit)
            if unit.kind in _SAID and content <= _LITTLE and not _is_marked(reading):
                seen = ", ".join(sorted(c.removeprefix("w:") for c in self.comparison.without_implied(reading.concepts | reading.title)))
                why = f"says little: {seen or 'no concept'} (weight {content:.2f}; a usual line has 1.8)"
                yield self._cut(FILLER, unit, why, content, self._drop(unit))

    def examples(self) -> Iterator[Cut]:
        """Blocks of code: second ones of one purpose and language, then those whose rule stands beside them in words."""
        blocks = [unit for unit in self.standing.values() if unit.kind is Kind.CODE and not self.comparison.readings[unit.id].template]
        groups: dict[tuple[str, str], list[Unit]] = defaultdict(list)
        for unit in blocks:
            fence = fence_of(unit)
            if fence not in NO_CODE and (purpose := purpose_of(unit.text)):
                groups[(FENCE_NAMES.get(fence, fence), purpose)].append(unit)
        second: set[str] = set()
        for (fence, purpose), found in sorted(groups.items()):
            best = max(found, key=lambda u: (u.id not in self.free, quality(u.text).points, u.id))
            for unit in found:
                if unit is not best and unit.id in self.free:
                    second.add(unit.id)
                    yield self._second(unit, best, f"{fence or 'code'} example {purpose}")
        told = {unit.section for unit in self.standing.values() if unit.kind in _SAID}
        for unit in blocks:
            if unit.id in self.free and unit.id not in second:
                beside = unit.section in told
                why = f"an example; {'lines of its section say' if beside else 'no line of its section says'} the rule in words"
                yield self._cut(EXAMPLE, unit, why, (_TOLD if beside else 1) * self._content(unit), self._drop(unit))

    def _second(self, unit: Unit, best: Unit, what: str) -> Cut:
        shown = framework_of(self.comparison.readings[unit.id], self.comparison)
        named = f" for {shown[1]}" if shown else ""
        better = reason(quality(best.text), quality(unit.text))
        why = f"a further {what}{named} beside {self._place(best)}, which is better: {better}"
        return self._cut(SECOND_EXAMPLE, unit, why, _SECOND * self._content(unit), self._drop(unit), best.id)

    def _guarded(self, a: Unit, b: Unit) -> bool:
        return guard(self.comparison.readings[a.id], self.comparison.readings[b.id]) is not None

    def _cut(self, kind: str, unit: Unit, why: str, loss: float, entries: tuple[Between | Single, ...], by: str = "") -> Cut:
        cost = self._cost(unit)
        return Cut(kind, unit.id, self._place(unit), *cost, why, loss, () if self.alone else entries, by)

    def _drop(self, unit: Unit) -> tuple[Between | Single, ...]:
        """What drops a unit, and with it what it stands for: else that would come back in its place."""
        return tuple(Single("drop", ref, "", 0) for ref in self.refs.of_all(self._with_taken_in(unit)))

    def _with_taken_in(self, unit: Unit) -> tuple[Unit, ...]:
        return (unit, *self.taken_in.get(unit.id, ()))

    def _place(self, unit: Unit) -> str:
        return f"{self.paths[unit.source]}:{unit.lines[0]}"

    def _content(self, unit: Unit) -> float:
        reading = self.comparison.readings[unit.id]
        return self.comparison.content(self.comparison.without_implied(reading.concepts | reading.title))

    def _cost(self, unit: Unit) -> tuple[int, int]:
        """Tokens and words that go with a unit: its lines of output, when it stands there alone."""
        span = self._span(unit.id)
        alone = all(self.on_line[n] == 1 for n in span)
        text = "\n".join((*(self.lines[n - 1] for n in span), "")) if alone else unit.text
        return tokens(text), words(text)

    def _span(self, unit: str) -> range:
        first, last = self.rendered.lines[unit]
        return range(first, last + 1)


def _taken_in(agents: Sequence[Agent], decisions: Mapping[str, Decision]) -> Mapping[str, Sequence[Unit]]:
    """What each unit stands for: units that went for it, or for one that did."""
    found: dict[str, list[Unit]] = defaultdict(list)
    for agent in agents:
        for unit in agent.units:
            seen = {unit.id}
            made = decisions[unit.id]
            while made.into and made.into not in seen:
                seen.add(made.into)
                made = decisions[made.into]
            if made.unit != unit.id:
                found[made.unit].append(unit)
    return found


def _is_marked(reading: Reading) -> bool:
    """Whether a line has what a count of concepts does not see: figures, names, code, a prohibition, words quoted."""
    named = reading.numbers or reading.literals or reading.technologies or reading.directives
    return bool(named) or reading.negative or _TO_THE_LETTER.search(reading.unit.text) is not None


def _quoted(text: str) -> str:
    one = " ".join(text.split())
    return repr(one if len(one) <= 60 else one[:57] + "...")
