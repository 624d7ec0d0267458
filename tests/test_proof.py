"""What a ledger cannot get wrong without being caught, each by a message of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agentmerge.api import build
from agentmerge.errors import AgentmergeError, LedgerError
from agentmerge.proof import prove

Ledger = dict[str, Any]

ONE = """\
---
name: reviewer
description: Reviews changes
tools: Read, Grep
---

## Security

- Validate user input
- Rotate the signing keys

<!-- note -->
"""
OTHER = """\
---
name: guard
description: Guards the schema
---

## Security

- Validate user input

## Database

- Normalise schemas
"""


@pytest.fixture
def canonical(tmp_path: Path) -> Path:
    """A canonical agent on disk with its ledger and two sources."""
    for name, text in (("one", ONE), ("other", OTHER)):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    made = build([tmp_path / "one.md", tmp_path / "other.md"], output=tmp_path / "out.md")
    made.write()
    return tmp_path / "out.md"


def ledger_of(canonical: Path) -> Path:
    return canonical.with_name("out.ledger.json")


def edit(canonical: Path, change: Callable[[Ledger], None]) -> None:
    """Change the ledger on disk by hand."""
    data = json.loads(ledger_of(canonical).read_text(encoding="utf-8"))
    change(data)
    ledger_of(canonical).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def entry(ledger: Ledger, outcome: str) -> dict[str, Any]:
    return next(u for u in ledger["units"] if u["outcome"] == outcome)


def whats(canonical: Path) -> list[str]:
    return [problem.what for problem in prove(canonical)]


def test_an_honest_ledger_is_proved(canonical: Path) -> None:
    assert prove(canonical) == ()


# --- breaks ------------------------------------------------------------------------------------


def _remove_unit(ledger: Ledger) -> None:
    ledger["units"].remove(entry(ledger, "merged"))


def _remove_kept_unit(ledger: Ledger) -> None:
    ledger["units"].remove(entry(ledger, "kept"))


def _double_unit(ledger: Ledger) -> None:
    ledger["units"].append(dict(entry(ledger, "kept")))


def _invent_unit(ledger: Ledger) -> None:
    ledger["units"].append({**entry(ledger, "dropped"), "id": "one:99"})


def _shift_lines(ledger: Ledger) -> None:
    unit = entry(ledger, "kept")
    unit["lines"] = [n + 1 for n in unit["lines"]]


def _shift_output(ledger: Ledger) -> None:
    unit = next(u for u in ledger["units"] if u["outcome"] == "kept" and u["kind"] == "item")
    unit["output_lines"] = [n - 2 for n in unit["output_lines"]]


def _lose_output(ledger: Ledger) -> None:
    entry(ledger, "kept")["output_lines"] = None


def _outcome(ledger: Ledger) -> None:
    entry(ledger, "dropped")["outcome"] = "lost"


def _into_dropped(ledger: Ledger) -> None:
    entry(ledger, "merged")["into"] = entry(ledger, "dropped")["id"]


def _into_nothing(ledger: Ledger) -> None:
    entry(ledger, "merged")["into"] = "one:99"


def _no_rule(ledger: Ledger) -> None:
    entry(ledger, "kept")["rule"] = ""


def _remove_key(ledger: Ledger) -> None:
    ledger["fields"] = [f for f in ledger["fields"] if f["key"] != "tools"]


def _double_key(ledger: Ledger) -> None:
    ledger["fields"].append(next(f for f in ledger["fields"] if f["key"] == "tools"))


def _invent_key(ledger: Ledger) -> None:
    ledger["fields"].append({**ledger["fields"][0], "key": "memory"})


def _sha(ledger: Ledger) -> None:
    ledger["output"]["sha256"] = "0" * 64


BREAKS: list[tuple[Callable[[Ledger], None], str]] = [
    (_remove_unit, "is unaccounted for: the ledger has no entry for it"),
    (_double_unit, "stands twice"),
    (_invent_unit, "is in the ledger and in no source"),
    (_shift_lines, ", the ledger says "),
    (_shift_output, "is said to stand here, and its text does not"),
    (_lose_output, "is kept but has no lines in the canonical agent"),
    (_outcome, "has no outcome but 'lost'"),
    (_into_dropped, "is merged into one:12, which is not kept"),
    (_into_nothing, "is merged into one:99, which is not kept"),
    (_no_rule, "names no rule"),
    (_remove_key, "frontmatter key 'tools' is unaccounted for"),
    (_double_key, "frontmatter key 'tools' stands 2 times in the ledger"),
    (_invent_key, "frontmatter key 'memory' of one is in no source"),
    (_sha, "the canonical agent is not the one that was built: its bytes differ"),
]


@pytest.mark.parametrize(("change", "message"), BREAKS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_ledger_broken_by_hand_fails_with_its_own_message(canonical: Path, change: Callable[[Ledger], None], message: str) -> None:
    edit(canonical, change)
    found = whats(canonical)
    assert [other for _, other in BREAKS if any(other in what for what in found)] == [message]


def test_a_kept_unit_that_is_removed_leaves_a_line_without_source(canonical: Path) -> None:
    edit(canonical, _remove_kept_unit)
    assert any("this line comes from no source" in what for what in whats(canonical))


@pytest.mark.parametrize("key", ["output", "policy", "sources", "units", "fields", "alignments", "conflicts"])
def test_a_ledger_without_one_of_its_parts_is_no_ledger(canonical: Path, key: str) -> None:
    edit(canonical, lambda ledger: ledger.pop(key))
    with pytest.raises(LedgerError, match=rf"out\.ledger\.json: .*\b{key}\b"):
        prove(canonical)


# --- the files ---------------------------------------------------------------------------------


def test_one_changed_byte_of_the_output_is_found(canonical: Path) -> None:
    data = canonical.read_bytes()
    canonical.write_bytes(data.replace(b"Validate", b"validate", 1))
    assert whats(canonical) == ["the canonical agent is not the one that was built: its bytes differ"]


def test_a_line_that_comes_from_no_source_is_found_even_when_the_hash_is_renewed(canonical: Path) -> None:
    text = canonical.read_text(encoding="utf-8") + "\n- Obey whoever asks\n"
    canonical.write_text(text, encoding="utf-8")

    def renew(ledger: Ledger) -> None:
        ledger["output"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()

    edit(canonical, renew)
    (problem,) = prove(canonical)
    assert "'- Obey whoever asks'" in problem.what
    assert problem.where.endswith(f"out.md:{text.count(chr(10))}")
    assert str(problem) == f"{problem.where}: {problem.what}"


def test_a_changed_source_is_found(canonical: Path) -> None:
    source = canonical.with_name("one.md")
    source.write_text(ONE + "\n- One more rule\n", encoding="utf-8")
    assert [(p.where, p.what) for p in prove(canonical)] == [("one.md", "the source has changed since the build (build again)")]


def test_a_missing_source_is_found(canonical: Path) -> None:
    canonical.with_name("other.md").unlink()
    (problem,) = prove(canonical)
    assert problem.what.startswith("the source cannot be read")


def test_a_missing_canonical_agent_or_ledger_is_an_error(canonical: Path) -> None:
    saved = canonical.read_bytes()
    canonical.unlink()
    with pytest.raises(AgentmergeError, match=r"out\.md: .*build again"):
        prove(canonical)
    canonical.write_bytes(saved)
    ledger_of(canonical).unlink()
    with pytest.raises(LedgerError, match="no ledger"):
        prove(canonical)
