"""The ledger: the machine-readable account of a build, as JSON beside the canonical agent."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import LedgerError
from agentmerge.model import (
    Agent,
    Alignment,
    Candidate,
    Capability,
    Conflict,
    Decision,
    FieldDecision,
    Finding,
    Outcome,
    Rendered,
    Translation,
    Trim,
    Value,
)
from agentmerge.output.catalogue import Written
from agentmerge.rules.decisions import Answers
from agentmerge.rules.policy import Policy
from agentmerge.rules.reading.options import Settings
from agentmerge.rules.reading.selectors import Override

VERSION = 1
SCHEMA = Path(__file__).with_name("schema") / "ledger.schema.json"

_NAME = (str, type(None))
_SPAN = (list, type(None))
_RECORDS: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "output": {"path": str, "sha256": str},
    "policy": {
        "path": _NAME, "name": _NAME, "language": str, "provenance": str, "priority": list, "command_line": dict, "rules": dict,
    },
}  # fmt: skip
_ENTRIES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "sources": {"id": str, "path": str, "sha256": str},
    "units": {
        "id": str,
        "source": str,
        "kind": str,
        "outcome": str,
        "into": _NAME,
        "rule": str,
        "why": str,
        "lines": list,
        "output_lines": _SPAN,
    },
    "fields": {"source": str, "key": str, "outcome": str, "rule": str, "why": str},
    "alignments": {"a": str, "b": str, "relation": str, "score": (int, float), "evidence": list},
    "candidates": {"a": str, "b": str, "score": (int, float), "evidence": list},
    "conflicts": {"id": str, "members": list, "decision": str, "rule": str, "why": str},
}

_OPTIONAL_ENTRIES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {"headings": {"line": int, "title": str, "source": str}}

_POLICY_ENTRIES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "overrides": {"for": dict, "rules": dict, "priority": list},
    "plugins": {"name": str},
}


class Account(NamedTuple):
    """All that a ledger records of one build."""

    agents: Sequence[Agent]
    paths: Mapping[str, str]
    decisions: Mapping[str, Decision]
    fields: Sequence[FieldDecision]
    alignments: Sequence[Alignment]
    candidates: Sequence[Candidate]
    conflicts: Sequence[Conflict]
    capabilities: Sequence[Capability]
    findings: Sequence[Finding]
    policy: Policy
    policy_path: str | None
    output_name: str
    rendered: Rendered
    answers: Mapping[str, str] | None = None
    translation: Translation | None = None
    catalogue: Written | None = None


def ledger_path(canonical: Path) -> Path:
    """Where the ledger of a canonical agent lies: beside it, ``<stem>.ledger.json``."""
    return canonical.parent / f"{canonical.stem}.ledger.json"


def relative(path: Path, folder: Path) -> str:
    """``path`` as seen from ``folder``, with forward slashes: a ledger holds no absolute path."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def answers_record(answers: Answers, folder: Path) -> Mapping[str, str] | None:
    """Which decisions file a build read, as seen from the ledger's folder; ``None`` when there was none."""
    return {"path": relative(Path(answers.origin), folder), "sha256": answers.sha256} if answers.sha256 else None


def ledger_text(account: Account) -> str:
    """The ledger as JSON text: one line an entry, so that it reads and diffs well."""
    sections = [(key, value) for key, value in _ledger(account).items()]
    lines = []
    for key, value in sections:
        if isinstance(value, list):
            inner = ",\n".join("  " + _dump(entry) for entry in value)
            lines.append(f" {_dump(key)}: [\n{inner}\n ]" if value else f" {_dump(key)}: []")
        else:
            lines.append(f" {_dump(key)}: {_dump(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"not a ledger value: {value!r}")


def _ledger(account: Account) -> dict[str, Any]:
    return {
        "version": VERSION,
        "output": {"path": account.output_name, "sha256": account.rendered.sha256},
        "policy": policy_record(account.policy, account.policy_path),
        **({"decisions": account.answers} if account.answers else {}),
        **({"catalogue": account.catalogue.tally._asdict()} if account.catalogue else {}),
        "sources": [{"id": a.source.id, "path": account.paths[a.source.id], "sha256": a.source.sha256} for a in account.agents],
        "privileges": [{"name": c.name, "granted_by": c.granted_by, "lacking": c.lacking} for c in account.capabilities],
        "conflicts": [
            {
                "id": c.id, "kind": c.kind, "members": c.members, "decision": c.decision, "resolved": c.resolved,
                "rule": c.rule, "why": c.why, **({"fails": True} if c.fails else {}), **({"marked": True} if c.marked else {}),
            }
            for c in account.conflicts
        ],
        "fields": _fields(account),
        "units": _units(account),
        "structure": [{"source": s.source, "line": s.line, "kind": s.kind} for a in account.agents for s in a.structure],
        "alignments": [
            {"a": a.a, "b": a.b, "relation": a.relation, "score": a.score, "evidence": a.evidence} for a in account.alignments
        ],
        **({"headings": [c._asdict() for c in account.rendered.composed]} if account.rendered.composed else {}),
        "candidates": [{"a": c.a, "b": c.b, "score": c.score, "evidence": c.evidence} for c in account.candidates],
        "findings": [{"code": f.code, "source": f.source, "line": f.line, "message": f.message} for f in account.findings],
    }  # fmt: skip


def policy_record(policy: Policy, path: str | None) -> dict[str, Any]:
    """What a rebuild needs of the policy: where it is, and what was chosen."""
    more: dict[str, Any] = {}
    if policy.lexicon:
        more["lexicon"] = [
            {"concept": e.concept, "class": e.kind, "broader": e.broader, "near": list(e.near), "terms": list(e.terms)}
            for e in policy.lexicon
        ]
    if policy.base:
        more["base"] = policy.base
    if policy.budget:
        more["budget"] = policy.budget._asdict()
    if policy.decisions:
        more["decisions"] = policy.decisions
    if policy.semantic:
        more["semantic"] = {"model": policy.semantic.model, "weight": policy.semantic.weight}
    if policy.overrides:
        more["overrides"] = [_override_record(override) for override in policy.overrides]
    if policy.plugins:
        more["plugins"] = [{"name": one.name, "code": one.plugin.rule.code, "version": one.version} for one in policy.plugins]
    return {
        **more,
        "path": path,
        "name": policy.name,
        "language": policy.language,
        "provenance": policy.provenance,
        "priority": list(policy.priority),
        "command_line": dict(policy.command_line),
        "rules": _settings_record(policy.settings),
    }


def _override_record(override: Override) -> dict[str, Any]:
    selector = override.selector
    return {
        "for": {name: list(getattr(selector, name)) for name in selector.fields},
        "rules": _settings_record(override.settings),
        "priority": list(override.priority),
    }


def _settings_record(settings: Settings) -> dict[str, Any]:
    return {key: {name: _listed(value) for name, value in sorted(options.items())} for key, options in sorted(settings.items())}


def _listed(value: object) -> object:
    """A value as JSON has it: lists for tuples, inner ones too."""
    return [_listed(item) for item in value] if isinstance(value, tuple | list) else value


def _fields(account: Account) -> list[dict[str, Any]]:
    values: dict[tuple[str, str], Value] = {(f.source, f.key): f.value for a in account.agents for f in a.fields}
    return [
        {"source": f.source, "key": f.key, "value": values.get((f.source, f.key)), "outcome": f.outcome, "rule": f.rule, "why": f.why}
        for f in account.fields
    ]


def _units(account: Account) -> list[dict[str, Any]]:
    found = []
    by = account.translation.units if account.translation else {}
    for agent in account.agents:
        titles = {s.id: s.title for s in agent.sections}
        for unit in agent.units:
            made = account.decisions[unit.id]
            lines = account.rendered.lines.get(unit.id) if made.outcome is Outcome.KEPT else None
            found.append(
                {
                    "id": unit.id, "source": unit.source, "lines": unit.lines, "kind": unit.kind, "language": unit.language,
                    "section": titles[unit.section], "outcome": made.outcome, "into": made.into, "rule": made.rule, "why": made.why,
                    "output_lines": lines, **({"translation": by[unit.id]} if unit.id in by else {}),
                    **({"trimmed": made.trim._asdict()} if made.trim else {}),
                }
            )  # fmt: skip
    return found


def read_ledger(path: Path) -> dict[str, Any]:
    """A ledger as plain JSON data; raises ``LedgerError`` when it is none of ours."""
    shown = path.as_posix()
    if path.exists() and not path.is_file():
        raise LedgerError("is not a regular file", where=shown, fix="name the canonical agent beside its ledger")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LedgerError("no ledger", where=shown, fix="'agentmerge build' writes it beside the canonical agent") from None
    except OSError as error:
        raise LedgerError(f"cannot be read: {error.strerror or error}", where=shown, fix="build again") from None
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"is not a ledger: {error}", where=shown, fix="build again") from None
    if not isinstance(data, dict) or data.get("version") != VERSION:
        found = data.get("version") if isinstance(data, dict) else None
        raise LedgerError(f"ledger of version {found!r}, not {VERSION}", where=shown, fix="build again with this agentmerge")
    problem = _misshapen(data)
    if problem:
        raise LedgerError(f"is not a ledger: {problem}", where=shown, fix="build again")
    return data


def _misshapen(data: Mapping[str, Any]) -> str | None:
    """What keeps data from being a ledger, as far as those who read one rely on it."""
    for section, keys in _RECORDS.items():
        missing = _missing(data.get(section), keys)
        if missing is not None:
            return f"{section} {missing}"
    for section, keys in _POLICY_ENTRIES.items():
        chosen = data["policy"].get(section, [])
        if not isinstance(chosen, list) or any(_missing(entry, keys) for entry in chosen):
            return f"policy.{section} is no list of valid entries"
    for section, keys in {**_ENTRIES, **{name: keys for name, keys in _OPTIONAL_ENTRIES.items() if name in data}}.items():
        entries = data.get(section)
        if not isinstance(entries, list):
            return f"{section} is no list"
        missing = next((m for entry in entries if (m := _missing(entry, keys)) is not None), None)
        if missing is not None:
            return f"an entry of {section} {missing}"
    if not all(_is_trim(unit.get("trimmed")) for unit in data["units"]):
        return "what a unit is trimmed to is no list of slices with those who say the rest"
    spans = [span for unit in data["units"] for span in (unit["lines"], unit["output_lines"] or [1, 1])]
    return None if all(_is_span(span) for span in spans) else "a unit's lines are no pair of numbers"


def _is_trim(record: object) -> bool:
    if record is None:
        return True
    if not isinstance(record, dict) or not isinstance(record.get("said_by"), list) or not isinstance(record.get("slices"), list):
        return False
    return all(isinstance(unit, str) for unit in record["said_by"]) and all(_is_span(span) for span in record["slices"])


def trim_of(entry: Mapping[str, Any]) -> Trim | None:
    """What of a kept unit stands, as its ledger entry says; ``None`` when all of it does."""
    record = entry.get("trimmed")
    return Trim(tuple((start, end) for start, end in record["slices"]), tuple(record["said_by"])) if record else None


def _missing(record: object, keys: Mapping[str, type | tuple[type, ...]]) -> str | None:
    if not isinstance(record, dict):
        return "is no map"
    wrong = [key for key, kind in keys.items() if key not in record or not isinstance(record[key], kind)]
    return f"has no valid {', '.join(wrong)}" if wrong else None


def _is_span(span: object) -> bool:
    return isinstance(span, list) and len(span) == 2 and all(isinstance(n, int) for n in span)
