"""The run: read -> split -> align -> decide -> compose -> emit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge.merge.align import align
from agentmerge.merge.claims import read_claims
from agentmerge.merge.comparison import default_weights
from agentmerge.merge.compose import compose
from agentmerge.merge.copies import copied_fields, decide_copies, one_of_each
from agentmerge.merge.decide import decide
from agentmerge.merge.header import compose_header
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import load_agent
from agentmerge.merge.sources import Found
from agentmerge.model import Agent, Alignment, Candidate, Capability, Conflict, Decision, FieldDecision, Finding, Outcome, Outline, Rendered
from agentmerge.output.files import check_target, check_unchanged, file_stem, same_text, write_all
from agentmerge.output.ledger import Account, ledger_path, ledger_text, relative
from agentmerge.output.render import render
from agentmerge.rules.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A finished build, in memory: nothing is on disk yet.

    ``text`` is the canonical agent, ``ledger`` its ledger as JSON; ``canonical`` and
    ``ledger_file`` are where they belong. ``decisions`` has every unit of every source.
    """

    canonical: Path
    ledger_file: Path
    text: str
    ledger: str
    agents: tuple[Agent, ...]
    decisions: tuple[Decision, ...]
    fields: tuple[FieldDecision, ...]
    alignments: tuple[Alignment, ...]
    candidates: tuple[Candidate, ...]
    conflicts: tuple[Conflict, ...]
    capabilities: tuple[Capability, ...]
    findings: tuple[Finding, ...]
    rendered: Rendered
    locations: Mapping[str, Path]
    language: str

    def write(self, *, force: bool = False) -> tuple[Path, ...]:
        """Write the canonical agent and its ledger, both or neither; returns the files that changed.

        Raises ``OutputError`` when the output is a folder or was edited by hand (or was never
        ours), unless ``force``; and when a source changed since it was read.
        """
        check_target(self.canonical, self.text, force=force)
        for agent in self.agents:
            check_unchanged(self.locations[agent.source.id], agent.source)
        files = {self.canonical: self.text, self.ledger_file: self.ledger}
        changed = {path: text for path, text in files.items() if not same_text(path, text)}
        write_all(changed)
        return tuple(changed)

    @property
    def unresolved(self) -> tuple[Conflict, ...]:
        """Conflicts that no rule decided; ``--strict`` fails on them."""
        return tuple(conflict for conflict in self.conflicts if not conflict.resolved)

    def count(self, outcome: Outcome) -> int:
        """How many units ended so."""
        return sum(decision.outcome is outcome for decision in self.decisions)


def run(
    found: Sequence[Found], policy: Policy, *, output: Path | None = None, folder: Path | None = None, policy_file: Path | None = None
) -> Build:
    """Merge the files that were found into one canonical agent. Reads the sources, writes nothing.

    Without ``output`` the canonical agent belongs in ``folder`` (default: here), named for itself.
    """
    agents = tuple(load_agent(f.path, source_id=f.id, shown=f.shown) for f in found)
    distinct, copies = one_of_each(agents)
    lexicon, weights = default_lexicon(), default_weights()
    # One source alone is compared with nothing, not even with itself.
    aligned = align([read_claims(agent, lexicon) for agent in distinct if len(distinct) > 1], lexicon, weights)
    if len(distinct) == 1:
        outline, decisions, conflicts = _alone(distinct[0])
        language = "en"
    else:
        decided = decide(distinct, aligned, weights, policy)
        outline, decisions = compose(distinct, aligned, decided, policy)
        conflicts, language = decided.conflicts, decided.language
    head = compose_header(distinct, aligned.comparison, language, policy)
    decisions = {**decisions, **decide_copies(copies)}
    fields = (*head.fields, *copied_fields(copies))
    canonical = output or (folder or Path()) / f"{file_stem(head.name)}.md"
    rendered = render(agents, head.header, outline, decisions, policy.provenance, ledger_path(canonical).name)
    findings = tuple(f for agent in agents for f in agent.findings) + head.findings
    account = Account(
        agents=agents,
        paths={f.id: relative(f.path, canonical.parent) for f in found},
        decisions=decisions,
        fields=fields,
        alignments=aligned.alignments,
        candidates=aligned.candidates,
        conflicts=(*head.conflicts, *conflicts),
        capabilities=head.capabilities,
        findings=findings,
        policy=policy,
        policy_path=relative(policy_file, canonical.parent) if policy_file else None,
        output_name=canonical.name,
        rendered=rendered,
    )
    return Build(
        canonical=canonical,
        ledger_file=ledger_path(canonical),
        text=rendered.text,
        ledger=ledger_text(account),
        agents=agents,
        decisions=tuple(decisions[u.id] for agent in agents for u in agent.units),
        fields=fields,
        alignments=aligned.alignments,
        candidates=aligned.candidates,
        conflicts=account.conflicts,
        capabilities=head.capabilities,
        findings=findings,
        rendered=rendered,
        locations={f.id: f.path for f in found},
        language=language,
    )


def _alone(agent: Agent) -> tuple[Outline, dict[str, Decision], tuple[Conflict, ...]]:
    """One source alone is its own canonical agent: its body passes unchanged."""
    kept = {unit.id: Decision(unit=unit.id, outcome=Outcome.KEPT, into=None, rule="KEEP001", why="the only source") for unit in agent.units}
    return Outline(parts=(), verbatim=agent.source.id), kept, ()
