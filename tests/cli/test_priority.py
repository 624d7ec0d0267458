"""A priority for a source that is not there is a mistake, not a no-op."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.errors import PolicyError

AGENT = "---\nname: {0}\ndescription: Looks after {0}.\n---\n\nYou look after {0}.\n"


def project(folder: Path, priority: str) -> Path:
    for name in ("platform", "payments"):
        (folder / f"{name}.md").write_text(AGENT.format(name), encoding="utf-8")
    policy = folder / "agentmerge.yaml"
    policy.write_text(f"sources: [platform.md, payments.md]\noutput: one/out.md\npriority: [{priority}]\n", encoding="utf-8")
    return policy


def test_a_mistyped_source_is_named_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"priority: no source 'platfrom' \(did you mean 'platform'\?\)"):
        build(policy_file=project(tmp_path, "platfrom"))


def test_known_sources_pass(tmp_path: Path) -> None:
    assert build(policy_file=project(tmp_path, "payments, platform")).agents
