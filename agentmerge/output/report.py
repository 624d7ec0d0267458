"""What `agentmerge build` prints: privileges first, then counts, conflicts, notes and sizes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from agentmerge.model import Alignment, Candidate, Capability, Conflict, Decision, Finding, Outcome, Translation
from agentmerge.output.catalogue import Tally
from agentmerge.output.printable import printable
from agentmerge.output.render import template
from agentmerge.output.size_report import Sized, size_data, size_lines
from agentmerge.output.sizes import provenance_tokens
from agentmerge.output.suggestion import suggested_base
from agentmerge.rules.text.tokens import tokens, words

__all__ = ["printable", "summary", "summary_json"]


class Built(Sized, Protocol):
    """What a report needs of a build."""

    @property
    def canonical(self) -> Path: ...
    @property
    def text(self) -> str: ...
    @property
    def decisions(self) -> tuple[Decision, ...]: ...
    @property
    def conflicts(self) -> tuple[Conflict, ...]: ...
    @property
    def capabilities(self) -> tuple[Capability, ...]: ...
    @property
    def alignments(self) -> tuple[Alignment, ...]: ...
    @property
    def candidates(self) -> tuple[Candidate, ...]: ...
    @property
    def translation(self) -> Translation | None: ...
    @property
    def catalogue(self) -> Tally | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


def summary(built: Built, written: Sequence[Path], why_none: str = "up to date", *, sizes: bool = False) -> str:
    """The summary as text; ``why_none`` is why no file was written, when none was; ``sizes``: with those of all sections."""
    counts = {outcome: sum(d.outcome is outcome for d in built.decisions) for outcome in Outcome}
    source_text = "".join(agent.source.text for agent in built.agents)
    words_in, words_out = words(source_text), words(built.text)
    paths = {agent.source.id: agent.source.path for agent in built.agents}
    text = template("summary.txt.j2").render(
        canonical=built.canonical.as_posix(),
        sources=[agent.source.id for agent in built.agents],
        units=len(built.decisions),
        kept=counts[Outcome.KEPT],
        merged=counts[Outcome.MERGED],
        overridden=counts[Outcome.OVERRIDDEN],
        dropped=counts[Outcome.DROPPED],
        capabilities=[_capability(c) for c in built.capabilities],
        conflicts=built.conflicts,
        findings=[_finding(f, paths) for f in built.findings],
        candidates=len(built.candidates),
        translation=_translation(built),
        base=_base(built),
        words_in=words_in,
        words_out=words_out,
        share=f"{words_out / max(1, words_in):.2f}",
        tokens_in=tokens(source_text),
        tokens_out=tokens(built.text),
        provenance=provenance_tokens(built.text),
        sizes=size_lines(built, sizes=sizes),
        written=f"written    {', '.join(path.as_posix() for path in written) or f'nothing: {why_none}'}",
    )
    return printable(text).rstrip("\n")


def _translation(built: Built) -> list[str]:
    """How far the canonical agent is in the language that was asked for, a line each."""
    tally, made = built.catalogue, built.translation
    if tally is None or made is None:
        return []
    shown = built.canonical.with_name(tally.path).as_posix()
    done = tally.wanted - tally.missing
    lines = [f"{done} of {tally.wanted} texts in another language are translated by {shown}; {tally.fuzzy} fuzzy, {tally.stale} stale"]
    if tally.missing:
        lines.append(f"{tally.missing} stand untranslated: fill in {shown}, or 'agentmerge translate {shown} --with COMMAND'")
    places = ((one.wanted.places[0] if one.wanted.places else "the description", one.why) for one in made.refused)
    return [*lines, *(f"{place}: its translation is not used: {why}" for place, why in places)]


def _base(built: Built) -> str:
    """Which source could be the base, when there is none; "" otherwise."""
    found = None if built.account.policy.base or len(built.agents) < 2 else suggested_base(built.agents, built.alignments)
    if found is None:
        return ""
    agent, share = found
    return f"{agent.source.id} says {share:.0%} of what the others say: to keep it whole and fold them in, --base {agent.source.path}"


def _capability(capability: Capability) -> str:
    granted = f"granted by {', '.join(capability.granted_by)}" if capability.granted_by else "named by the policy"
    return f"{capability.name}: {granted}; {', '.join(capability.lacking)} had not got it"


def _finding(finding: Finding, paths: dict[str, str]) -> str:
    where = f"{paths[finding.source]}:{finding.line}: " if finding.source in paths else ""
    return f"{where}{finding.code} {finding.message}"


def summary_json(built: Built, written: Sequence[Path]) -> str:
    """The summary as JSON, for programs."""
    counts = {str(outcome): sum(d.outcome is outcome for d in built.decisions) for outcome in Outcome}
    data = {
        "canonical": built.canonical.as_posix(),
        "sources": [{"id": a.source.id, "path": a.source.path} for a in built.agents],
        "units": counts,
        "privileges": [{"name": c.name, "granted_by": list(c.granted_by), "lacking": list(c.lacking)} for c in built.capabilities],
        "conflicts": [
            {
                "id": c.id,
                "kind": c.kind,
                "members": list(c.members),
                "decision": c.decision,
                "resolved": c.resolved,
                "rule": c.rule,
                "why": c.why,
            }
            for c in built.conflicts
        ],
        "findings": [{"code": f.code, "source": f.source, "line": f.line, "message": f.message} for f in built.findings],
        "candidates": len(built.candidates),
        **({"catalogue": built.catalogue._asdict()} if built.catalogue else {}),
        **size_data(built),
        "written": [path.as_posix() for path in written],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)
