"""Merge overlapping agent definition files into one canonical agent.

>>> from agentmerge import build, load_policy
>>> result = build(["agents/"], policy=load_policy("agentmerge.yaml"))  # doctest: +SKIP
>>> print(result.text)  # doctest: +SKIP
>>> result.write()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentmerge.api import Build as Build
    from agentmerge.api import answer as answer
    from agentmerge.api import build as build
    from agentmerge.api import check as check
    from agentmerge.api import consult as consult
    from agentmerge.api import diff as diff
    from agentmerge.api import explain as explain
    from agentmerge.api import prune as prune
    from agentmerge.api import questions as questions
    from agentmerge.api import translate as translate
    from agentmerge.api import untranslated as untranslated
    from agentmerge.api import verify as verify
    from agentmerge.errors import AgentmergeError as AgentmergeError
    from agentmerge.merge.read import load_agent as load_agent
    from agentmerge.rules.decisions import load_decisions as load_decisions
    from agentmerge.rules.policy import load_policy as load_policy

__version__ = "0.1.0"
__all__ = [
    "AgentmergeError",
    "Build",
    "answer",
    "build",
    "check",
    "consult",
    "diff",
    "explain",
    "load_agent",
    "load_decisions",
    "load_policy",
    "prune",
    "questions",
    "translate",
    "untranslated",
    "verify",
]

_HOMES = {
    "AgentmergeError": "agentmerge.errors",
    "load_agent": "agentmerge.merge.read",
    "load_decisions": "agentmerge.rules.decisions",
    "load_policy": "agentmerge.rules.policy",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: ``agentmerge --help`` needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'agentmerge' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "agentmerge.api")), name)
