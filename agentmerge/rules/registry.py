"""The catalogue of rules: one entry per code, in the order in which they are listed.

``agentmerge rules``, the pages in ``docs/rules`` and the ledger all take codes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Option(NamedTuple):
    """One setting of a rule in ``agentmerge.yaml``: its default and the values that it takes.

    ``choices`` empty means any text, number or list, as ``kind`` says: ``choice``, ``text``,
    ``texts`` or ``number``.
    """

    default: object
    choices: tuple[str, ...] = ()
    kind: str = "choice"
    help: str = ""


class Rule(NamedTuple):
    """A rule: ``code`` never changes, ``key`` is its name in a policy file."""

    code: str
    key: str
    summary: str
    why: str
    options: Mapping[str, Option]


def _choice(default: str, *choices: str, help: str = "") -> Option:
    return Option(default=default, choices=choices, help=help)


RULES: tuple[Rule, ...] = (
    Rule(
        code="READ001",
        key="frontmatter",
        summary="Frontmatter that is not valid YAML is read line by line, and reported.",
        why="Agent tools load such files (an unquoted ': ' in a description is common), so their users rely on them.",
        options={},
    ),
    Rule(
        code="NAME001",
        key="name",
        summary="The canonical agent has one name.",
        why="Two agents of one name hide each other; which one loads is undefined.",
        options={
            "strategy": _choice(
                "majority",
                "majority",
                "priority",
                help="majority: the name most sources bear, then the one whose words most sources share.",
            )
        },
    ),
    Rule(
        code="DESC001",
        key="description",
        summary="The description says once when to use the agent, within a length.",
        why="The description is what the agent is chosen by, and it costs tokens at every call.",
        options={
            "strategy": _choice("compose", "compose", "priority", help="compose: the fullest opening, then what other sources add."),
            "max_length": Option(default=1024, kind="number", help="characters"),
        },
    ),
    Rule(
        code="TOOLS001",
        key="tools",
        summary="One tool list, by exact semantics: an omitted list means every tool.",
        why="A merge must never widen what an agent may do without saying so.",
        options={
            "strategy": _choice("majority", "union", "intersection", "majority", "least-privilege", "priority", "set"),
            "omitted": _choice("all", "all", "ignore", "ask", help="what a source without 'tools' counts as"),
            "set": Option(default=(), kind="texts", help="the list, for strategy 'set'"),
        },
    ),
    Rule(
        code="MODEL001",
        key="model",
        summary="One model.",
        why="The model decides cost and quality; two sources that name different ones must not be decided by accident.",
        options={"strategy": _choice("majority", "majority", "priority", "largest", "drop")},
    ),
    Rule(
        code="COLOR001",
        key="color",
        summary="The colour is cosmetic: kept when the sources agree, else left out.",
        why="A colour tells a user nothing about the merged agent.",
        options={"strategy": _choice("agree", "agree", "majority", "priority", "drop")},
    ),
    Rule(
        code="PRIV001",
        key="privilege",
        summary="Modes, hooks, servers, memory and skills enter only when every source has them alike.",
        why="They run code or lift prompts; a merge must not hand them to an agent that had not got them.",
        options={"strategy": _choice("agree", "agree", "drop")},
    ),
    Rule(
        code="KEYS001",
        key="keys",
        summary="Keys that the format does not know are dropped, kept, or kept when the sources agree.",
        why="Agent tools ignore unknown keys; they cost nothing to them and mislead readers.",
        options={"strategy": _choice("drop", "drop", "agree", "keep")},
    ),
    Rule(
        code="KEEP001",
        key="keep",
        summary="A statement that no other source makes is kept.",
        why="Nothing may be lost in a merge.",
        options={},
    ),
    Rule(
        code="DUP001",
        key="duplicates",
        summary="Of several wordings of one claim the most informative stays.",
        why="Each claim once; the others are merged into it and stay traceable.",
        options={
            "prefer": _choice("informative", "informative", "priority", "longest", "shortest"),
        },
    ),
    Rule(
        code="DUP002",
        key="contained",
        summary="A statement whose claims other kept statements make is merged into the fullest of them.",
        why="A line that adds nothing costs tokens at every call.",
        options={"strategy": _choice("merge", "merge", "keep")},
    ),
    Rule(
        code="LANG001",
        key="language",
        summary="Of equal wordings in several languages the one in the preferred language stays.",
        why="A half-translated text reads badly; what exists in one language only is never dropped for it.",
        options={},
    ),
    Rule(
        code="CODE001",
        key="code",
        summary="One code example per framework and purpose.",
        why="Three examples of one framework cost three times the tokens and contradict each other in style.",
        options={"strategy": _choice("one-per-framework", "one-per-framework", "keep")},
    ),
    Rule(
        code="HEAD001",
        key="headings",
        summary="Sections on one topic become one section, under the clearest heading.",
        why="A reader looks for a topic in one place.",
        options={},
    ),
    Rule(
        code="PERS001",
        key="persona",
        summary="One identity sentence opens the agent; what the others add is kept as claims.",
        why="Five 'You are …' sentences are four too many.",
        options={"strategy": _choice("one", "one", "keep")},
    ),
    Rule(
        code="CONF001",
        key="numbers",
        summary="Statements that differ in a number are a conflict; both stay unless a strategy decides.",
        why="'Above 80 %' and 'above 90 %' look alike to every fuzzy scorer and mean different work.",
        options={"strategy": _choice("keep-both", "keep-both", "priority")},
    ),
    Rule(
        code="CONF002",
        key="polarity",
        summary="Always against never is a conflict; both stay unless a strategy decides.",
        why="A contradiction must be seen by the person who signs.",
        options={"strategy": _choice("keep-both", "keep-both", "priority")},
    ),
    Rule(
        code="COMM001",
        key="comments",
        summary="Comments of the sources are dropped.",
        why="Hidden text must not pass into an agent unseen; provenance comments are written anew.",
        options={"strategy": _choice("drop", "drop", "keep")},
    ),
    Rule(
        code="FORM001",
        key="form",
        summary="Markup that holds no statement of its own (tags, lead-ins, table heads) goes with what it belongs to.",
        why="A heading without content or a lead-in without a list is a leftover.",
        options={},
    ),
)

BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}
BY_KEY: Mapping[str, Rule] = {rule.key: rule for rule in RULES}
if len(BY_CODE) != len(RULES) or len(BY_KEY) != len(RULES):
    raise RuntimeError("two rules share a code or a key")
