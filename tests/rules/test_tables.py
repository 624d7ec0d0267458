"""Tables of cases, one file a rule: what it does (``cases``) and what it must let pass (``leaves_alone``).

A case builds small agents and looks at the result. A source is a body, or a whole file when it starts with ``---``.

    cases:
      - title: what the case shows
        policy: |                    # as in agentmerge.yaml; optional
          rules: {numbers: strictest}
        decisions: |                 # as in agentmerge.decisions.yaml; optional
          decisions: [{exclude: c}]
        sources: {a: "- Cover 80 % of the code", b: "- Cover 90 % of the code"}
        expect:
          overridden: [Cover 80]     # statements (by how they start) with this outcome: kept, merged, overridden, dropped
          fields: {"a:tools": merged}  # frontmatter keys with this outcome
          header: {tools: "Read"}    # values of the canonical agent's frontmatter; null: the key is not there
          conflicts: 1               # conflicts by this rule; ``undecided``: how many of them no rule decided
          finding: part of a note by this rule
          gains: [Bash]              # privileges that are reported, in order
          says: [text]               # stands in the canonical agent; ``omits``: does not
    leaves_alone:
      - title: …                     # the same; the rule must decide, report and find nothing
        about: [text]                # of these statements only, when given: not even that they are kept
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from agentmerge.api import build
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Decision, Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import DECISIONS_NAME
from agentmerge.rules.policy import Policy, parse_policy

TABLES = Path(__file__).with_name("tables")
OUTCOMES = tuple(str(outcome) for outcome in Outcome)
KNOWN = {*OUTCOMES, "fields", "header", "conflicts", "undecided", "finding", "gains", "says", "omits"}


def tables() -> Mapping[str, Mapping[str, Any]]:
    """Every table by its rule's code."""
    return {path.stem: YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) for path in sorted(TABLES.glob("*.yaml"))}


def entries(part: str) -> list[Any]:
    return [pytest.param(code, entry, id=f"{code}: {entry['title']}") for code, table in tables().items() for entry in table[part]]


def made(entry: Mapping[str, Any], folder: Path) -> Build:
    """The case built in a folder of its own."""
    paths = []
    for name, text in entry["sources"].items():
        path = folder / f"{name}.md"
        whole = text if text.startswith("---\n") else f"---\nname: {name}\ndescription: Works on {name}\n---\n\n{text}"
        path.write_text(whole.rstrip("\n") + "\n", encoding="utf-8")
        paths.append(path)
    if "decisions" in entry:
        (folder / DECISIONS_NAME).write_text(entry["decisions"], encoding="utf-8")
    policy = parse_policy(entry["policy"], "agentmerge.yaml") if "policy" in entry else Policy()
    return build(paths, policy=policy, output=folder / "out.md")


def statement(result: Build, start: str) -> Decision:
    """What became of the one statement that starts so."""
    found = [u.id for agent in result.agents for u in agent.units if u.text.lstrip("*`_# ").startswith(start)]
    assert len(found) == 1, f"{len(found)} statements start with {start!r}"
    return next(d for d in result.decisions if d.unit == found[0])


def check(result: Build, code: str, expect: Mapping[str, Any]) -> None:
    assert set(expect) <= KNOWN
    for outcome in OUTCOMES:
        for start in expect.get(outcome, ()):
            decided = statement(result, start)
            assert (str(decided.outcome), decided.why) == (outcome, decided.why), f"{start!r} by {decided.rule}"
            assert outcome == "kept" or decided.rule == code, f"{start!r} is {outcome} by {decided.rule}: {decided.why}"
    for name, outcome in expect.get("fields", {}).items():
        found = [f for f in result.fields if f"{f.source}:{f.key}" == name]
        assert [str(f.outcome) for f in found] == [outcome], name
    written = agent_from_source(source_from_bytes(result.text.encode(), "out.md", "out"))
    header = {f.key: f.value for f in written.fields}
    for key, value in expect.get("header", {}).items():
        assert header.get(key) == (tuple(value) if isinstance(value, list) else value), key
    own = [c for c in result.conflicts if c.rule == code]
    if "conflicts" in expect:
        assert len(own) == expect["conflicts"], own
    if "undecided" in expect:
        assert sum(not c.resolved for c in own) == expect["undecided"], own
    if "finding" in expect:
        assert any(f.code == code and expect["finding"] in f.message for f in result.findings), result.findings
    if "gains" in expect:
        assert [c.name for c in result.capabilities] == expect["gains"]
    for text in expect.get("says", ()):
        assert text in result.text
    for text in expect.get("omits", ()):
        assert text not in result.text


def acts(result: Build, code: str) -> list[object]:
    """All that a rule decided against a source, or reported."""
    decided: list[object] = [d for d in result.decisions if d.rule == code and d.outcome is not Outcome.KEPT]
    fields = [f for f in result.fields if f.rule == code and f.outcome is not Outcome.KEPT]
    return [*decided, *fields, *(c for c in result.conflicts if c.rule == code), *(f for f in result.findings if f.code == code)]


@pytest.mark.parametrize(("code", "entry"), entries("cases"))
def test_a_rule_does_what_its_table_says(code: str, entry: Mapping[str, Any], tmp_path: Path) -> None:
    result = made(entry, tmp_path)
    assert entry["expect"]
    check(result, code, entry["expect"])
    kept: list[object] = [d for d in result.decisions if d.rule == code]
    fields = [f for f in result.fields if f.rule == code]
    assert [*acts(result, code), *kept, *fields], f"{code} decides nothing here"


@pytest.mark.parametrize(("code", "entry"), entries("leaves_alone"))
def test_a_rule_leaves_alone_what_its_table_says(code: str, entry: Mapping[str, Any], tmp_path: Path) -> None:
    result = made(entry, tmp_path)
    check(result, code, entry.get("expect", {}))
    if "about" in entry:
        assert [start for start in entry["about"] if statement(result, start).rule == code] == []
    else:
        assert acts(result, code) == []
