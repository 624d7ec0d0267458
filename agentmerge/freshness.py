"""Is a canonical agent what its sources and policy would build now, and did nobody edit it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmerge.errors import AgentmergeError, LedgerError
from agentmerge.merge.sources import Found, find_sources, source_paths
from agentmerge.output.files import edited_by_hand, same_text, sha256_of
from agentmerge.output.ledger import ledger_path, policy_record, read_ledger, relative
from agentmerge.pipeline import Build, run
from agentmerge.rules.policy import Policy, Semantic, load_policy
from agentmerge.rules.vocabulary import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """``reasons`` why a canonical agent is not fresh, each a line; none means fresh.

    ``rebuilt`` is what a build would make now, ``None`` when it cannot be made.
    """

    canonical: Path
    reasons: tuple[str, ...]
    rebuilt: Build | None

    @property
    def fresh(self) -> bool:
        """Whether a build would change nothing."""
        return not self.reasons


def freshness_of(canonical: Path) -> Freshness:
    """Compare a canonical agent with its ledger, its sources, its policy, and a rebuild in memory."""
    if not canonical.is_file():
        raise LedgerError("no such canonical agent", where=canonical.as_posix(), fix="'agentmerge build' writes it")
    ledger = read_ledger(ledger_path(canonical))
    reasons = list(_source_reasons(ledger, canonical))
    if edited_by_hand(canonical):
        reasons.insert(0, f"{canonical.as_posix()} was edited by hand since it was built")
    rebuilt = None
    try:
        policy, policy_file = recorded_policy(ledger, canonical)
        if policy_record(policy, ledger["policy"]["path"]) != ledger["policy"]:
            reasons.append(f"the policy {ledger['policy']['path'] or 'of this build'} has changed")
        rebuilt = run(_sources(ledger, canonical, policy, policy_file), policy, output=canonical, policy_file=policy_file)
    except AgentmergeError as error:
        reasons.append(f"it cannot be built again: {error}")
    if rebuilt is not None:
        names = {f.id for f in _recorded(ledger, canonical)}
        reasons.extend(f"{rebuilt.locations[new].as_posix()} is a new source" for new in sorted({*rebuilt.locations} - names))
        reasons.extend(f"{gone} is no longer a source" for gone in sorted(names - {*rebuilt.locations}))
        if rebuilt.text.encode() != canonical.read_bytes() and not reasons:
            reasons.append("this version of agentmerge builds it differently")
        if not same_text(ledger_path(canonical), rebuilt.ledger) and not reasons:
            reasons.append(f"{ledger_path(canonical).as_posix()} is not the ledger that a build would write")
    return Freshness(canonical=canonical, reasons=tuple(reasons), rebuilt=rebuilt)


def recorded_policy(ledger: Mapping[str, Any], canonical: Path) -> tuple[Policy, Path | None]:
    """The policy of a build: its file as it is now with what the command line chose, or as recorded."""
    record = ledger["policy"]
    chosen = {str(key): str(value) for key, value in record["command_line"].items() if key in ("name", "language", "provenance")}
    if record["path"]:
        file = canonical.parent / str(record["path"])
        return load_policy(file).with_command_line(**chosen), file
    rules = {str(key): {n: _frozen(v) for n, v in options.items()} for key, options in record["rules"].items() if isinstance(options, dict)}
    policy = Policy(
        name=record["name"],
        language=record["language"],
        provenance=record["provenance"],
        priority=tuple(record["priority"]),
        settings=rules,
        lexicon=tuple(
            Entry(e["concept"], e["class"], e["broader"], tuple(e["near"]), tuple(e["terms"]), f"lexicon.{e['concept']}")
            for e in record.get("lexicon", ())
        ),
        semantic=Semantic(**record["semantic"]) if "semantic" in record else None,
    )
    return policy.with_command_line(**chosen), None


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _source_reasons(ledger: Mapping[str, Any], canonical: Path) -> Iterator[str]:
    for source in ledger["sources"]:
        path = canonical.parent / str(source["path"])
        try:
            if not path.is_file():
                yield f"{path.as_posix()} is gone"
            elif sha256_of(path) != source["sha256"]:
                yield f"{path.as_posix()} has changed"
        except OSError as error:
            yield f"{path.as_posix()} cannot be read: {error.strerror or error}"


def _recorded(ledger: Mapping[str, Any], canonical: Path) -> tuple[Found, ...]:
    return tuple(
        Found(id=str(s["id"]), path=canonical.parent / str(s["path"]), shown=(canonical.parent / str(s["path"])).as_posix())
        for s in ledger["sources"]
    )


def _sources(ledger: Mapping[str, Any], canonical: Path, policy: Policy, policy_file: Path | None) -> tuple[Found, ...]:
    """The sources that the policy names now; without any, those that the ledger names."""
    if policy_file is not None and policy.sources:
        found = find_sources(source_paths(policy, policy_file.parent), canonical)
        recorded = {relative(f.path, canonical.parent) for f in _recorded(ledger, canonical)}
        if recorded & {relative(f.path, canonical.parent) for f in found}:
            return found
    return _recorded(ledger, canonical)
