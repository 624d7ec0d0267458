"""The run: read -> split -> align -> decide -> compose -> emit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge.errors import AgentmergeError, OutputError
from agentmerge.merge.align import Aligned, align
from agentmerge.merge.answered import with_answers
from agentmerge.merge.claims import read_claims
from agentmerge.merge.compose import Body, compose
from agentmerge.merge.copies import copied_fields, decide_copies, pass_whole
from agentmerge.merge.credits import credited, excluded_decisions, excluded_fields, settled_conflicts
from agentmerge.merge.decide import decide
from agentmerge.merge.header import Head, choose_tools, compose_header
from agentmerge.merge.lexicon import Lexicon, default_lexicon, extended
from agentmerge.merge.reload import reloaded
from agentmerge.merge.score import default_weights
from agentmerge.merge.semantic import load_witness
from agentmerge.merge.sources import Found
from agentmerge.merge.subjects import check_concepts
from agentmerge.merge.team import Team, read_team
from agentmerge.merge.told import Told, wishes
from agentmerge.merge.translation import translated
from agentmerge.merge.trims import as_trimmed, with_trims
from agentmerge.model import (
    Agent,
    Alignment,
    Candidate,
    Capability,
    Conflict,
    Decision,
    FieldDecision,
    Finding,
    Header,
    Outcome,
    Outline,
    Rendered,
    Translation,
)
from agentmerge.output.catalogue import Catalogue, Tally, Written, catalogue_path, read_catalogue, updated
from agentmerge.output.files import check_target, check_unchanged, file_stem, same_text, write_all
from agentmerge.output.ledger import Account, answers_record, ledger_path, ledger_text, relative
from agentmerge.output.render import render
from agentmerge.output.yaml_text import frontmatter_text
from agentmerge.rules.base import check_base
from agentmerge.rules.cuts import Cut, cheapest
from agentmerge.rules.decisions import Answers
from agentmerge.rules.names import check_name, namesakes
from agentmerge.rules.policy import Policy
from agentmerge.rules.privileges.tools import allowed
from agentmerge.rules.privileges.toolset import ToolSet


def run(
    found: Sequence[Found],
    policy: Policy,
    *,
    output: Path | None = None,
    folder: Path | None = None,
    policy_file: Path | None = None,
    answers: Answers | None = None,
) -> Build:
    """Merge the files that were found into one canonical agent. Reads the sources, writes nothing.

    Without ``output`` the canonical agent belongs in ``folder`` (default: here), named for itself.
    ``answers`` are what a person decided; they come before every rule.
    """
    check_name(policy)
    team = read_team(found, policy, answers or Answers())
    check_base(policy, tuple(agent.source.id for agent in team.agents), team.told.excluded)
    acting = _with_base(policy, team)
    aligned = with_answers(_aligned(team.merged, policy, policy_file), team.told)
    tools = choose_tools(team.merged, acting, team.told.keys)
    body = pass_whole(team.merged[0]) if len(team.merged) == 1 else _merged(team.merged, aligned, acting, allowed(tools), team.told)
    head = compose_header(team.merged, aligned.comparison, body.language, acting, tools, body.wanted, aligned.versions, team.told.keys)
    canonical = output or (folder or Path()) / f"{file_stem(head.name)}.md"
    paths = {f.id: relative(f.path, canonical.parent) for f in found}
    catalogue = _catalogue(policy, canonical, policy_file)
    account = _account(team, aligned, body, head, policy, canonical, paths, catalogue)._replace(
        policy_path=relative(policy_file, canonical.parent) if policy_file else None,
    )
    return Build(
        canonical=canonical,
        account=account,
        ledger=ledger_text(account),
        locations={f.id: f.path for f in found},
        answers=team.answers,
        told=team.told,
    )


def _with_base(policy: Policy, team: Team) -> Policy:
    """The policy for what is merged: of copies of the base the first one is, which says the same."""
    first = next((original.source.id for copy, original in team.copies if copy.source.id == policy.base), None)
    return policy.with_changes(base=first)


def _account(
    team: Team,
    aligned: Aligned,
    body: Body,
    head: Head,
    policy: Policy,
    canonical: Path,
    paths: Mapping[str, str],
    old: Catalogue,
) -> Account:
    """The rendered agent with all that the ledger records of it, but for where its files lie."""
    decisions = {**body.decisions, **decide_copies(team.copies, body.decisions), **excluded_decisions(team.agents, team.told)}
    shared, named = namesakes(team.joined, policy)
    standing = as_trimmed(team.agents, decisions)
    translation, catalogue = _translated(standing, head.header, body.outline, policy.language, old, canonical, paths)
    shown = translation or Translation(standing, head.header, body.outline)
    conflicts = settled_conflicts((*shared, *head.conflicts, *body.conflicts), team.told)
    check_reload(head.header, canonical)
    rendered = render(shown.agents, shown.header, shown.outline, decisions, conflicts, policy.provenance, ledger_path(canonical).name)
    own = (finding for agent in team.agents for finding in agent.findings)
    return Account(
        agents=team.agents,
        paths=paths,
        decisions=decisions,
        fields=(*head.fields, *copied_fields(team.copies), *excluded_fields(team.agents, team.told)),
        alignments=aligned.alignments,
        candidates=aligned.candidates,
        conflicts=conflicts,
        capabilities=head.capabilities,
        findings=(*own, *team.told.findings, *named, *head.findings, *body.findings, *_size_findings(policy, rendered.text)),
        policy=policy,
        policy_path=None,
        output_name=canonical.name,
        rendered=rendered,
        answers=answers_record(team.answers, canonical.parent),
        translation=translation,
        catalogue=catalogue,
    )


def _size_findings(policy: Policy, text: str) -> tuple[Finding, ...]:
    told = policy.budget.told(text) if policy.budget else ""
    return (Finding("SIZE001", "", 0, told),) if told else ()


def _catalogue(policy: Policy, canonical: Path, policy_file: Path | None) -> Catalogue:
    """The translations that are there for a canonical agent: beside it, else beside where the policy puts it."""
    if policy.language == "keep":
        return Catalogue({}, None)
    own = read_catalogue(catalogue_path(canonical, policy.language))
    if own.entries is not None or policy_file is None or policy.output is None:
        return own
    return read_catalogue(catalogue_path(policy_file.parent / policy.output, policy.language))


def _translated(
    agents: Sequence[Agent],
    header: Header,
    outline: Outline,
    language: str,
    old: Catalogue,
    canonical: Path,
    paths: Mapping[str, str],
) -> tuple[Translation | None, Written | None]:
    """The canonical agent in the language that the policy asks for, as far as its catalogue goes, and that catalogue."""
    if language == "keep" or outline.verbatim is not None:
        return None, None
    path = catalogue_path(canonical, language)
    made = translated(agents, header, outline, language, old.known, paths)
    return made, updated(path, language, made.wanted, made.missing, old.entries or ()) if made.wanted or old.entries is not None else None


def _aligned(agents: Sequence[Agent], policy: Policy, policy_file: Path | None) -> Aligned:
    """What the agents say alike; one source alone is compared with nothing, not even with itself."""
    lexicon = _lexicon(policy)
    if policy.overrides:
        check_concepts(policy, lexicon)
    witness = load_witness(policy.semantic, policy_file.parent if policy_file else Path()) if policy.semantic else None
    return align([read_claims(agent, lexicon) for agent in agents] if len(agents) > 1 else (), lexicon, default_weights(), witness)


def _lexicon(policy: Policy) -> Lexicon:
    return extended(default_lexicon(), policy.lexicon) if policy.lexicon else default_lexicon()


def _merged(agents: Sequence[Agent], aligned: Aligned, policy: Policy, tools: ToolSet, told: Told) -> Body:
    decided = decide(agents, aligned, default_weights(), policy, tools, told)
    body = compose(agents, aligned, decided, policy)
    return credited(body._replace(decisions=with_trims(body.decisions, decided.trims, agents)), told, agents)


def check_reload(header: Header, canonical: Path) -> None:
    """Refuse frontmatter that would not be read back as it was composed; that is a defect of ours, and nothing is written."""
    if header.verbatim is None and (key := reloaded(frontmatter_text(header), header)) is not None:
        raise AgentmergeError(
            f"the frontmatter would not be read back as it was composed: {key!r} differs",
            where=canonical.as_posix(),
            fix="a defect of agentmerge: report it with the sources",
        )


def _named(conflicts: Sequence[Conflict]) -> str:
    return "; ".join(f"{conflict.rule} {', '.join(conflict.members)}: {conflict.why}" for conflict in conflicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A finished build, in memory until ``write`` puts it on disk.

    ``canonical`` is where the canonical agent belongs, ``ledger`` its ledger as JSON text,
    ``locations`` the path of each source by id. ``account`` has all that the ledger records;
    ``answers`` are a person's, ``told`` what they say about these sources.
    """

    canonical: Path
    account: Account
    ledger: str
    locations: Mapping[str, Path]
    answers: Answers
    told: Told

    def write(self, *, force: bool = False) -> tuple[Path, ...]:
        """Write the canonical agent and its ledger, both or neither; returns the files that changed.

        Raises ``OutputError`` when the output is a folder or was edited by hand (or was never
        ours), unless ``force``; when a source changed since it was read; and when the policy fails
        the build on a conflict.
        """
        if self.failed:
            raise OutputError(
                f"the policy fails the build on {_named(self.failed)}", where=self.canonical.as_posix(), fix="decide them in the policy"
            )
        check_target(self.canonical, self.text, force=force)
        for agent in self.agents:
            check_unchanged(self.locations[agent.source.id], agent.source)
        files = {self.canonical: self.text, self.ledger_file: self.ledger}
        if self.account.catalogue is not None:
            files[self.canonical.with_name(self.account.catalogue.tally.path)] = self.account.catalogue.text
        changed = {path: text for path, text in files.items() if not same_text(path, text)}
        write_all(changed)
        return tuple(changed)

    @property
    def ledger_file(self) -> Path:
        """Where the ledger belongs: beside the canonical agent."""
        return ledger_path(self.canonical)

    @property
    def text(self) -> str:
        """The canonical agent."""
        return self.account.rendered.text

    @property
    def rendered(self) -> Rendered:
        """The canonical agent with the output lines of each unit."""
        return self.account.rendered

    @property
    def agents(self) -> tuple[Agent, ...]:
        """The sources as they were read, by id."""
        return tuple(self.account.agents)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What became of every unit of every source, in file order."""
        return tuple(self.account.decisions[unit.id] for agent in self.agents for unit in agent.units)

    @property
    def fields(self) -> tuple[FieldDecision, ...]:
        """What became of every frontmatter key."""
        return tuple(self.account.fields)

    @property
    def alignments(self) -> tuple[Alignment, ...]:
        """Units that make the same claim."""
        return tuple(self.account.alignments)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Pairs for a person to decide."""
        return tuple(self.account.candidates)

    @property
    def translation(self) -> Translation | None:
        """What is translated and what wants a translation; ``None`` when no language is asked for."""
        return self.account.translation

    @property
    def catalogue(self) -> Tally | None:
        """How far the translation catalogue is; ``None`` when there is none."""
        return self.account.catalogue.tally if self.account.catalogue else None

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """What the sources disagree on, and what was done."""
        return tuple(self.account.conflicts)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What the canonical agent may do and some source may not."""
        return tuple(self.account.capabilities)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd about the sources."""
        return tuple(self.account.findings)

    @property
    def unresolved(self) -> tuple[Conflict, ...]:
        """Conflicts that no rule decided; ``--strict`` fails on them."""
        return tuple(conflict for conflict in self.conflicts if not conflict.resolved)

    @property
    def failed(self) -> tuple[Conflict, ...]:
        """Conflicts on which the policy fails the build (strategy ``fail``); ``write`` refuses then."""
        return tuple(conflict for conflict in self.conflicts if conflict.fails)

    @property
    def over_budget(self) -> str:
        """What of the policy's budget does not hold, in words; "" when it holds, or there is none."""
        return self.account.policy.budget.told(self.text) if self.account.policy.budget else ""

    @property
    def fails_budget(self) -> bool:
        """Whether the agent is over a budget on which ``--strict`` fails (``budget: {…, fail: true}``)."""
        return bool(self.over_budget) and self.account.policy.budget is not None and self.account.policy.budget.fail

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """What could go for the agent to hold its budget, cheapest first; none when it holds. Found anew at each call."""
        from agentmerge.merge.cuts import possible_cuts  # Only agents that are over need it.

        budget = self.account.policy.budget
        if budget is None or not self.over_budget:
            return ()
        pinned = wishes(self.told, stay=True)
        made = self.account.decisions
        lexicon = _lexicon(self.account.policy)
        found = possible_cuts(self.agents, made, (*self.alignments, *self.candidates), self.conflicts, self.rendered, lexicon, pinned)
        return cheapest(found, *budget.over(self.text))

    def count(self, outcome: Outcome) -> int:
        """How many units ended so."""
        return sum(decision.outcome is outcome for decision in self.decisions)
