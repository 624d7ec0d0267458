"""Is a canonical agent what its sources and policy would build now, and did nobody edit it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmerge.errors import AgentmergeError, LedgerError
from agentmerge.merge.sources import Found, find_sources, source_paths
from agentmerge.output.files import edited_by_hand, outdated_catalogue, same_text, sha256_of
from agentmerge.output.ledger import answers_record, ledger_path, policy_record, read_ledger, relative
from agentmerge.pipeline import Build, run
from agentmerge.rules.decisions import Answers, decisions_file, load_decisions
from agentmerge.rules.policy import Policy, Semantic, load_policy
from agentmerge.rules.reading.budget import Budget
from agentmerge.rules.reading.plugins import installed
from agentmerge.rules.reading.selectors import FIELDS, Override, Selector
from agentmerge.rules.reading.vocabulary import Entry


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
    if changed := outdated_catalogue(ledger, canonical.parent):
        reasons.append(changed)
    rebuilt = None
    try:
        policy, policy_file = recorded_policy(ledger, canonical)
        reasons.extend(_policy_reasons(policy_record(policy, ledger["policy"]["path"]), ledger["policy"]))
        answers = _answers(ledger, canonical, policy, policy_file)
        reasons.extend(_answer_reasons(ledger, canonical, answers))
        rebuilt = run(_sources(ledger, canonical, policy, policy_file), policy, output=canonical, policy_file=policy_file, answers=answers)
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


def _answers(ledger: Mapping[str, Any], canonical: Path, policy: Policy, policy_file: Path | None) -> Answers:
    """A person's answers as they are now: where a build would look for them, else where this one found them."""
    usual = decisions_file(policy, policy_file, canonical.parent)
    record = ledger.get("decisions")
    if not usual.exists() and isinstance(record, dict):
        usual = canonical.parent / str(record.get("path"))
    return load_decisions(usual)


def _answer_reasons(ledger: Mapping[str, Any], canonical: Path, answers: Answers) -> Iterator[str]:
    before, now = ledger.get("decisions"), answers_record(answers, canonical.parent)
    if before != now:
        what = "are gone" if now is None else "are new" if before is None else "have changed"
        yield f"the decisions in {answers.origin} {what}"


def recorded_policy(ledger: Mapping[str, Any], canonical: Path) -> tuple[Policy, Path | None]:
    """The policy of a build: its file as it is now with what the command line chose, or as recorded."""
    record = ledger["policy"]
    chosen = {str(key): str(value) for key, value in record["command_line"].items() if key in ("name", "language", "provenance", "base")}
    if record["path"]:
        file = canonical.parent / str(record["path"])
        return load_policy(file).with_command_line(**chosen), file
    policy = Policy(
        name=record["name"],
        language=record["language"],
        provenance=record["provenance"],
        priority=tuple(record["priority"]),
        settings=_settings(record["rules"]),
        overrides=tuple(_override(entry) for entry in record.get("overrides", ())),
        plugins=installed(tuple(str(entry["name"]) for entry in record.get("plugins", ()))),
        lexicon=tuple(
            Entry(e["concept"], e["class"], e["broader"], tuple(e["near"]), tuple(e["terms"]), f"lexicon.{e['concept']}")
            for e in record.get("lexicon", ())
        ),
        semantic=Semantic(**record["semantic"]) if "semantic" in record else None,
        decisions=record.get("decisions"),
        base=record.get("base"),
        budget=_budget(record.get("budget")),
    )
    return policy.with_command_line(**chosen), None


def _policy_reasons(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[str]:
    """What changed in the policy: a plugin's package may be another one although the policy is the same."""
    versions = {str(entry["name"]): entry.get("version") for entry in then.get("plugins", ())}
    for entry in now.get("plugins", ()):
        if versions.get(entry["name"], entry["version"]) != entry["version"]:
            yield f"the plugin {entry['name']} is of version {entry['version'] or 'unknown'}, not {versions[entry['name']] or 'unknown'}"
    names = [[entry["name"] for entry in record.get("plugins", ())] for record in (now, then)]
    if {**now, "plugins": names[0]} != {**then, "plugins": names[1]}:
        yield f"the policy {then['path'] or 'of this build'} has changed"


def _settings(record: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    return {str(key): {n: _frozen(v) for n, v in options.items()} for key, options in record.items() if isinstance(options, dict)}


def _budget(record: object) -> Budget | None:
    if not isinstance(record, dict):
        return None
    tokens, words = (limit if isinstance(limit := record.get(unit), int) else None for unit in ("tokens", "words"))
    return Budget(tokens, words, record.get("fail") is True)


def _override(record: Mapping[str, Any]) -> Override:
    selector = Selector(*(tuple(map(str, record["for"].get(name, ()))) for name in FIELDS))
    return Override(selector, _settings(record["rules"]), tuple(map(str, record["priority"])))


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
