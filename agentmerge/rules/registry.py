"""The catalogue of rules: one entry per code, in the order in which they are listed.

``agentmerge rules``, the pages in ``docs/rules`` and the ledger all take codes from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Option(NamedTuple):
    """One setting of a rule in ``agentmerge.yaml``: its default and the values that it takes.

    ``kind`` says what it takes: one word of ``choices`` (``choice``), a ``text``, a list of
    ``texts``, a ``number``, or a ``map`` of patterns to a word of ``choices``.
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


def _contradiction(code: str, key: str, summary: str, why: str, default: str = "ask") -> Rule:
    """A rule for statements that cannot both hold; all of them take the same strategies."""
    return Rule(
        code=code,
        key=key,
        summary=summary,
        why=why,
        options={"strategy": _choice(default, "ask", "strictest", "priority", "newest", "keep-both-marked", "fail")},
    )


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
        code="NAME002",
        key="namesakes",
        summary="Sources of one name, or of names that differ only in case and separators, are reported.",
        why="Of two agents of one name one loads, and which is undefined: the merged one must replace them both.",
        options={"strategy": _choice("note", "note", "ask", help="ask: a conflict for a person")},
    ),
    Rule(
        code="DESC001",
        key="description",
        summary="The description says once when to use the agent, within a length.",
        why="The description is what the agent is chosen by, and it costs tokens at every call.",
        options={
            "strategy": _choice("compose", "compose", "priority", help="compose: the fullest opening, then what other sources add."),
            "max_length": Option(default=1024, kind="number", help="characters"),
            "examples": _choice("none", "none", "first", "each", "all", help="which sources' examples stay; they cost most of its tokens"),
            "proactive": _choice("any", "any", "majority", "never", help="when 'use proactively' stays"),
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
        summary="Of modes, memory, skills and isolation the strictest wins; hooks and servers enter only when the policy names them.",
        why="They run code or lift prompts; a merge must not hand them to an agent that had not got them.",
        options={
            "strategy": _choice("strictest", "strictest", "drop"),
            "allow": Option(
                default=(),
                kind="texts",
                help="what enters beyond that: hooks.Stop, mcpServers.github, skills.x, memory, permissionMode.acceptEdits, initialPrompt",
            ),
        },
    ),
    Rule(
        code="KEYS001",
        key="keys",
        summary="Keys that the format does not know are dropped, kept, put under 'metadata', or lifted into the body.",
        why="Agent tools ignore unknown keys; what they say steers nothing where it stands.",
        options={
            "strategy": _choice(
                "drop", "drop", "agree", "keep", "namespace", "lift", help="agree: kept when the sources that have it agree"
            ),
            "patterns": Option(
                default=(),
                choices=("drop", "agree", "keep", "namespace", "lift"),
                kind="map",
                help="by key: {capabilities: lift, 'x-*': keep}",
            ),
        },
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
        code="TMPL001",
        key="templates",
        summary="Of templates of an answer with one skeleton the fullest stays; the values that differ are told.",
        why="Two forms that differ in a name or an example read as two answers; which value holds now is for a person to say.",
        options={"strategy": _choice("one", "one", "keep")},
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
        code="REF001",
        key="references",
        summary="An instruction to use a tool that the canonical agent has not is dropped, kept, or the tool is added.",
        why="An agent that is told to use what it cannot use fails, or makes something up.",
        options={"strategy": _choice("drop", "drop", "keep", "add", help="add: the tool enters and is reported as a privilege")},
    ),
    Rule(
        code="REF002",
        key="siblings",
        summary="A line that hands work to an agent that was merged in, or sets it off against one, is dropped or kept.",
        why="Once that agent is absorbed, the line sends the reader to nobody.",
        options={"strategy": _choice("drop", "drop", "keep")},
    ),
    Rule(
        code="SCOPE001",
        key="scope",
        summary="A statement that keeps an agent to a subject, or sets one aside, gives way when another source does what lies outside.",
        why="'Only security' is no longer true of an agent that took in a reviewer of performance.",
        options={"strategy": _choice("broader", "broader", "keep", "ask", help="broader: the narrow one goes; ask: a conflict")},
    ),
    Rule(
        code="LANG002",
        key="answers",
        summary="Directives about the language to answer in become one.",
        why="An agent that is told to answer in two languages answers in either.",
        options={"strategy": _choice("ask", "ask", "follow-user", "en", "ko", "ja", "zh", "priority", "keep")},
    ),
    Rule(
        code="STACK001",
        key="stack",
        summary="Statements, rows and examples about other frameworks and languages than the policy's are kept, dropped, or give way.",
        why="Guidance for a stack that a team does not use costs tokens and misleads.",
        options={
            "strategy": _choice("keep", "keep", "only", "prefer", help="only: others are dropped; prefer: others' examples give way"),
            "names": Option(default=(), kind="texts", help="the team's frameworks and languages"),
        },
    ),
    _contradiction(
        "CONF001",
        "numbers",
        "Statements that differ in a number of one measure are a conflict.",
        "'Above 80 %' and 'above 90 %' look alike to every fuzzy scorer and mean different work.",
    ),
    _contradiction("CONF002", "polarity", "Always against never is a conflict.", "A contradiction must be seen by the person who signs."),
    _contradiction(
        "CONF003", "modality", "Must against may is a conflict.", "An agent reads the weaker of the two as leave to skip the other."
    ),
    _contradiction(
        "CONF004",
        "exclusive",
        "Only X against broader duties, or against a rival of X, is a conflict.",
        "A merged agent that may do only X cannot do what the others ask of it.",
    ),
    _contradiction(
        "CONF005",
        "scales",
        "Two scales of verdict or severity are a conflict.",
        "A report that mixes two scales cannot be compared with the next one.",
    ),
    _contradiction(
        "CONF006",
        "shapes",
        "Responses of different shape for one purpose are a conflict.",
        "A client can read one shape; examples that differ teach the agent both.",
    ),
    _contradiction(
        "CONF007",
        "versions",
        "Statements that name different versions of one product are a conflict.",
        "Code for one version may not run on another.",
    ),
    _contradiction(
        "CONF008",
        "hedges",
        "A demand that one source makes and another hedges ('when applicable') is a conflict.",
        "The hedge may be wisdom or laziness: only a person knows.",
    ),
    Rule(
        code="SIZE001",
        key="size",
        summary="A canonical agent that is longer than the policy's budget is reported, with what could go; nothing is cut.",
        why="Every line is sent at each call; which of them is worth it is for a person to say.",
        options={},
    ),
    Rule(
        code="DEC001",
        key="decisions",
        summary="What a person decided in agentmerge.decisions.yaml comes before every rule.",
        why="A question that was answered once must not be asked again, nor be decided otherwise.",
        options={},
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

# Rules that decide frontmatter; every other one decides statements. A selector must fit.
KEY_RULES = frozenset(("frontmatter", "name", "namesakes", "description", "tools", "model", "color", "privilege", "keys"))
