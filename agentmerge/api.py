"""The library: what the command line does, as functions with typed, frozen results.

A function imports what only it needs, so a build does not wait for the code of an explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agentmerge.errors import LedgerError, OutputError, PolicyError, SourceError
from agentmerge.merge.read import load_agent
from agentmerge.merge.sources import Found, find_sources, source_paths
from agentmerge.output.ledger import read_ledger
from agentmerge.pipeline import Build, run
from agentmerge.rules.decisions import decisions_file, load_decisions
from agentmerge.rules.policy import POLICY_NAME, Policy, load_policy, suggestion
from agentmerge.rules.reading.selectors import Mention, matches

if TYPE_CHECKING:
    from agentmerge.asking import Question, Reply
    from agentmerge.changes import AgentDiff
    from agentmerge.explanation import Explanation
    from agentmerge.freshness import Freshness
    from agentmerge.proof import Problem
    from agentmerge.translating import Missing

__all__ = [
    "Build",
    "answer",
    "build",
    "check",
    "consult",
    "diff",
    "explain",
    "find_canonical",
    "load_decisions",
    "prune",
    "questions",
    "translate",
    "untranslated",
    "verify",
]


def build(
    paths: str | Path | Iterable[str | Path] = (),
    *,
    policy: Policy | None = None,
    policy_file: str | Path | None = None,
    output: str | Path | None = None,
    decisions: str | Path | None = None,
    base: str | Path | None = None,
) -> Build:
    """Merge agent files (a folder stands for the agents in it) into one canonical agent, in memory.

    Without ``paths`` the sources are those of the policy; paths in a policy are relative to
    ``policy_file``. ``decisions`` is the file of a person's answers (default: what the policy names,
    else ``agentmerge.decisions.yaml`` beside it or beside the output). ``base`` is the
    file among the sources that stays whole and absorbs the others (default: the policy's). ``Build.write()`` puts the
    result on disk. Raises ``AgentmergeError``.
    """
    file = Path(policy_file) if policy_file else None
    folder = file.parent if file else Path()
    chosen = policy or load_policy(file)
    target = Path(output) if output is not None else folder / chosen.output if chosen.output else None
    if target is not None and target.is_dir():
        raise OutputError("the output is a folder", where=target.as_posix(), fix="name a file: --output FOLDER/NAME.md")
    given = [paths] if isinstance(paths, str | Path) else paths
    listed = [Path(p) for p in given] or source_paths(chosen, folder)
    found = find_sources(listed, target)
    if base is not None:
        chosen = chosen.with_command_line(base=_base(Path(base), found))
    if not given:
        _check_sources(chosen, tuple(f.id for f in found))
    answers = load_decisions(Path(decisions) if decisions else decisions_file(chosen, file, target.parent if target else folder))
    built = run(found, chosen, output=target, folder=folder, policy_file=file, answers=answers)
    if built.canonical.resolve() in {path.resolve() for path in built.locations.values()}:
        raise SourceError("is a source and the output", where=built.canonical.as_posix(), fix="choose another --output")
    return built


def _base(base: Path, found: Sequence[Found]) -> str:
    """The id of the source that a file is."""
    ids = [f.id for f in found if f.path.resolve() == base.resolve()]
    if not ids:
        listed = ", ".join(f.shown for f in found)
        raise SourceError("the base is none of the sources", where=base.as_posix(), fix=f"name it among them, or choose one of {listed}")
    return ids[0]


def _check_sources(policy: Policy, sources: tuple[str, ...]) -> None:
    """Refuse a priority or a selector for a source that is not there: a slip would decide nothing, in silence."""
    mentions = policy.mentions
    if mentions is None:
        mentions = tuple(Mention(f"{policy.origin} priority", "source", source) for source in policy.priority)
    slips = [one for one in mentions if one.kind == "source" and not any(matches(one.name, source) for source in sources)]
    if slips:
        raise PolicyError(tuple(f"{one.place}: no source {one.name!r} ({suggestion(one.name, sources)})" for one in slips))


def find_canonical(path: str | Path | None = None, policy_file: str | Path | None = None) -> Path:
    """The canonical agent that a command is about: ``path``, or what the policy file builds, or the only one here."""
    if path is not None:
        given = Path(path)
        return given.with_name(given.name.removesuffix(".ledger.json") + ".md") if given.name.endswith(".ledger.json") else given
    file = Path(policy_file) if policy_file else Path(POLICY_NAME)
    if policy_file or file.exists():
        policy = load_policy(file)
        if policy.output:
            return file.parent / policy.output
    ledgers = sorted(file.parent.glob("*.ledger.json"))
    if len(ledgers) == 1:
        return ledgers[0].with_name(read_ledger(ledgers[0])["output"]["path"].rpartition("/")[2])
    place = "here" if file.parent == Path() else f"in {file.parent.as_posix()}"
    found = f"{len(ledgers) or 'no'} ledger{'' if len(ledgers) < 2 else 's'} {place}"
    raise LedgerError(f"which canonical agent? {found}", fix="name its file, or set 'output' in agentmerge.yaml")


def verify(canonical: str | Path) -> tuple[Problem, ...]:
    """Prove a ledger against its sources and its output; no problems means proved."""
    from agentmerge.proof import prove

    return prove(Path(canonical))


def check(canonical: str | Path) -> Freshness:
    """Whether a build would change a canonical agent, and whether it was edited by hand."""
    from agentmerge.freshness import freshness_of

    return freshness_of(Path(canonical))


def explain(target: str, canonical: str | Path | None = None) -> Explanation:
    """Why a line (``FILE:LINE``) or a frontmatter key is as it is in the canonical agent."""
    from agentmerge.explanation import explain_target

    return explain_target(target, Path(canonical) if canonical else None, find_canonical)


def diff(old: str | Path, new: str | Path, *, old_name: str | None = None, new_name: str | None = None) -> AgentDiff:
    """What a canonical agent gained, lost, reworded or moved between two versions; errors call them by their names."""
    from agentmerge.compare import compare

    return compare(load_agent(old, source_id="old", shown=old_name), load_agent(new, source_id="new", shown=new_name))


def questions(built: Build, *, every: bool = False) -> tuple[Question, ...]:
    """What a person may decide about a build: undecided conflicts, candidate pairs, then alignments that are not sure.

    ``every``: alignments of any certainty. What the decisions file answers is not asked again.
    """
    from agentmerge.asking import open_questions

    return open_questions(built, every=every)


def answer(built: Build, replies: Iterable[Reply]) -> Path:
    """Write answers (and, as ``skip``, open questions) into the decisions file of a build; returns its path."""
    from agentmerge.deciding import record_replies

    file = Path(built.answers.origin)
    record_replies(file, replies)
    return file


def prune(built: Build) -> int:
    """Remove the stale answers from the decisions file of a build; returns how many there were."""
    from agentmerge import deciding

    return deciding.prune(built)


def untranslated(catalogue: str | Path) -> tuple[Missing, ...]:
    """What a translation catalogue has no translation for, in file order. Raises ``SourceError``."""
    from agentmerge.translating import missing_in

    return missing_in(Path(catalogue))


def translate(catalogue: str | Path, command: str, *, timeout: float = 600.0) -> int:
    """Have a program translate what a catalogue lacks; returns how many texts it translated. Raises ``AnswerError``."""
    from agentmerge import translating

    return translating.translate(Path(catalogue), command, timeout=timeout)


def consult(command: str, asked: Iterable[Question], *, timeout: float = 600.0) -> tuple[Reply, ...]:
    """The answers of a program that reads questions as JSON lines and writes answers so; raises ``AnswerError``."""
    from agentmerge import consulting

    return consulting.consult(command, tuple(asked), timeout=timeout)
