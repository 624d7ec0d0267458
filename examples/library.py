"""Merge the example team in memory and list what a person should look at; nothing is written."""

from pathlib import Path

from agentmerge import build

result = build(policy_file=Path(__file__).with_name("backend") / "agentmerge.yaml")

print(f"{result.canonical.name}: {len(result.agents)} sources, {len(result.text.splitlines())} lines")
for gain in result.capabilities:
    print(f"{gain.name}: granted by {', '.join(gain.granted_by)}; new to {', '.join(gain.lacking)}")
for conflict in result.unresolved:
    print(f"undecided: {' and '.join(conflict.members)}: {conflict.why}")
for decision in result.decisions:
    if decision.outcome == "overridden":
        print(f"{decision.unit} gave way to {decision.into} by {decision.rule}: {decision.why}")

# result.write() would put the canonical agent and its ledger on disk, both or neither.
