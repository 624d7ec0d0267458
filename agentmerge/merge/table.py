"""The table of a build's decisions while they are being made: what each pass reads and records.

Only the passes of ``decide`` write to it, one after the other; what leaves is frozen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agentmerge.merge.align import Aligned, guard, partners_of
from agentmerge.merge.claims import Reading
from agentmerge.merge.comparison import Comparison
from agentmerge.merge.procedures import procedures_of
from agentmerge.merge.score import Weights
from agentmerge.merge.subjects import subject_of
from agentmerge.model import Agent, Conflict, Decision, Finding, Outcome, Section, Trim, Unit
from agentmerge.rules.policy import Policy, Subject
from agentmerge.rules.privileges.toolset import ToolSet
from agentmerge.rules.wording import preferred_language


@dataclass(slots=True)
class Table:
    """Decisions while they are being made.

    ``tools`` is what the canonical agent may use; ``wanted`` the tools that a rule asks to add to it.
    ``partners`` are the units that each unit is aligned with, the surest first.
    ``twins`` are units at the same place of a translation, ``clashing`` pairs that are never merged;
    ``procedures`` the procedure that each of its steps is part of, ``dissolved`` those that others say.
    ``trims`` are what stays of units of which others say a part.
    ``pinned`` are units that a person keeps: no rule removes one. ``bound`` are units that a person
    called the same as another, by that other, each with its why: they go its way.
    """

    agents: Sequence[Agent]
    policy: Policy
    comparison: Comparison
    weights: Weights
    language: str
    tools: ToolSet
    units: Mapping[str, Unit]
    sections: Mapping[str, Section]
    partners: Mapping[str, tuple[tuple[str, float], ...]]
    twins: Mapping[str, tuple[str, ...]]
    clashing: frozenset[frozenset[str]]
    procedures: Mapping[str, str]
    made: dict[str, Decision] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    trims: dict[str, Trim] = field(default_factory=dict)
    pinned: set[str] = field(default_factory=set)
    bound: dict[str, dict[str, str]] = field(default_factory=dict)
    dissolved: set[str] = field(default_factory=set)

    def reading(self, unit: str) -> Reading:
        """What a unit claims."""
        return self.comparison.readings[unit]

    def record(self, unit: str, outcome: Outcome, rule: str, why: str, into: str | None = None) -> None:
        """Decide a unit, and those that a person called the same; what a person keeps is kept."""
        if unit in self.pinned and outcome is not Outcome.KEPT:
            return
        self.made[unit] = Decision(unit=unit, outcome=outcome, into=into, rule=rule, why=why)
        if outcome is not Outcome.KEPT:
            for member, told in self.bound.get(unit, {}).items():
                self.made[member] = Decision(
                    unit=member, outcome=outcome, into=into, rule="DEC001", why=f"{told}; and of {unit} {rule} says: {why}"
                )

    def dispute(
        self,
        kind: str,
        members: Sequence[str],
        *,
        why: str,
        decision: str,
        resolved: bool,
        rule: str,
        fails: bool = False,
        marked: bool = False,
    ) -> None:
        """Record a conflict among members (unit ids, or ``source:key``) under the next number."""
        self.conflicts.append(
            Conflict(
                id=f"C{len(self.conflicts) + 1}",
                kind=kind,
                members=tuple(members),
                decision=decision,
                resolved=resolved,
                rule=rule,
                why=why,
                fails=fails,
                marked=marked,
            )
        )

    def stands(self, unit: str) -> bool:
        """Whether a unit is still in, as far as is decided."""
        return unit not in self.made or self.made[unit].outcome is Outcome.KEPT

    def undecided(self) -> Iterator[Unit]:
        """The units that no pass has decided yet, in file order."""
        return (unit for unit in self.units.values() if unit.id not in self.made)

    def find(self, rule: str, unit: Unit, message: str) -> None:
        """Note something about a unit that a reader of the build should know."""
        self.findings.append(Finding(code=rule, source=unit.source, line=unit.lines[0], message=message))

    def subject(self, *units: str) -> Subject:
        """What a policy's selectors look at: the sections, sources and concepts of units."""
        return subject_of((self.units[unit] for unit in units), self.sections, self.comparison.readings, self.policy)


def table_of(agents: Sequence[Agent], aligned: Aligned, weights: Weights, policy: Policy, tools: ToolSet) -> Table:
    """An empty table for the sources of a build; ``tools`` is what the canonical agent may use."""
    return Table(
        agents=agents,
        policy=policy,
        comparison=aligned.comparison,
        weights=weights,
        language=preferred_language(policy, main_language(agents)),
        tools=tools,
        units={unit.id: unit for agent in agents for unit in agent.units},
        sections={section.id: section for agent in agents for section in agent.sections},
        twins=_twins(agents, aligned),
        clashing=frozenset(frozenset((clash.a, clash.b)) for clash in aligned.clashes),
        procedures=procedures_of(agents),
        partners=partners_of(aligned.alignments),
    )


def main_language(agents: Sequence[Agent]) -> str:
    """The language most sources are written in; ties go to English, then by name."""
    votes: Counter[str] = Counter()
    for agent in agents:
        words = Counter[str]()
        for unit in agent.units:
            words[unit.language] += len(unit.text)
        del words["code"]
        if words:
            votes[min(words, key=lambda code: (-words[code], code))] += 1
    return min(votes, key=lambda code: (-votes[code], code != "en", code)) if votes else "en"


def _twins(agents: Sequence[Agent], aligned: Aligned) -> Mapping[str, tuple[str, ...]]:
    """For each unit the units that stand in its place in translations of its file.

    Place alone is no evidence: the two must share a concept, a number or a literal, and no guard
    may object.
    """
    tongue = {agent.source.id: main_language((agent,)) for agent in agents}
    found: dict[str, list[str]] = defaultdict(list)
    for a, b in sorted(aligned.placed):
        one, two = aligned.comparison.readings[a], aligned.comparison.readings[b]
        if tongue[one.unit.source] == tongue[two.unit.source] or guard(one, two) is not None:
            continue
        alike = one.numbers == two.numbers and one.literals == two.literals
        if alike and not (one.concepts.isdisjoint(two.concepts) and not one.numbers and not one.literals):
            found[a].append(b)
            found[b].append(a)
    return {unit: tuple(others) for unit, others in found.items()}
