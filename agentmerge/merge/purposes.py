"""Whether two examples of code show one thing (CODE001): one framework is no evidence, for agents show many things of one.

Evidence is that their labels say the same, that neither label says more than the framework and what kind of code it
is, or that the one is written in the names of the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agentmerge.merge.claims import concepts_of, is_technology, plain
from agentmerge.merge.lexicon import ConceptClass
from agentmerge.merge.table import Table
from agentmerge.model import Kind, Unit

# How much of the names in the smaller example the other has, and how many names are evidence at all.
_COPIED = 0.8
_NAMES = 5
_SAME_LABEL = 0.6
_MOST_CODE = 6000
# What a label says of no example in particular.
_NAMELESS = frozenset(("code", "example", "pattern", "template", "basic", "structure", "standard", "guideline", "quick-start", "skeleton"))
# What a label says that names the kind of code only.
_OF_KIND: Mapping[str, frozenset[str]] = {
    "of a route": frozenset(("api", "endpoint", "routing", "controller", "handler", "web-server", "backend")),
    "of a test": frozenset(("test", "unit-test", "test-code", "test-suite")),
    "of a component": frozenset(("component", "ui-component", "frontend")),
    "of a model": frozenset(("model", "data-model", "database")),
    "of a configuration": frozenset(("configure", "configuration", "settings")),
}
# Examples that come in pairs: the one side of a pair is never an example of the other.
_SIDE = re.compile(
    r"(?P<wrong>❌|✗|\b(?:before|bad|wrong|avoid|don['’]?t|incorrect|legacy|old)\b|나쁜|잘못|이전|悪い|誤り|错误|不推荐|反例|改善前|修正前)"
    r"|(?P<right>✅|✓|\b(?:after|good|right|correct|recommended|new)\b|좋은|올바른|이후|良い|正しい|正确|推荐|改善後|修正後)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\s*(?:#|//).*$|/\*[\s\S]*?\*/", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w+")
_KEYWORDS = frozenset(
    (
        *(
            "import",
            "from",
            "export",
            "require",
            "module",
            "package",
            "namespace",
            "def",
            "func",
            "function",
            "class",
            "struct",
            "interface",
        ),
        *("const", "let", "var", "return", "async", "await", "default", "if", "else", "for", "in", "of", "do", "end", "with", "as", "type"),
        *("new", "this", "self", "try", "catch", "except", "throw", "raise", "public", "private", "static", "void", "use", "extends"),
        *("string", "str", "number", "int", "boolean", "bool", "true", "false", "null", "None", "True", "False", "not", "and", "or", "is"),
    )
)


def one_purpose(table: Table, a: Unit, b: Unit, kind: str) -> bool:
    """Whether two examples of one framework and ``kind`` of code show the same; where nothing tells, they do not."""
    labels = [label_of(table, unit) for unit in (a, b)]
    if _side(labels[0], a) != _side(labels[1], b):
        return False
    if _is_copied(a.text, b.text):
        return True
    one, other = (_said(table, label, kind) for label in labels)
    if one is None or other is None:
        return False
    if not one or not other:
        return bool(kind) and one == other
    return table.comparison.overlap(one, other, a.language == b.language)[0] >= _SAME_LABEL


def same_label(table: Table, a: Unit, b: Unit) -> bool:
    """Whether what names two blocks says the same, and says anything."""
    one, other = (_said(table, label_of(table, unit), "") for unit in (a, b))
    return (
        bool(one and other)
        and table.comparison.overlap(one or frozenset(), other or frozenset(), a.language == b.language)[0] >= _SAME_LABEL
    )


def label_of(table: Table, unit: Unit) -> str | None:
    """What names a block alone: the line that leads it in, else its heading; ``None`` when the heading names several."""
    section = table.sections[unit.section]
    known = [table.units[one] for one in section.units]
    at = next(n for n, one in enumerate(known) if one.id == unit.id)
    if at and known[at - 1].kind is Kind.LEAD:
        return plain(known[at - 1].text)
    return section.title if _is_alone(unit, known) else None


def _is_alone(unit: Unit, known: Sequence[Unit]) -> bool:
    """Whether a block is the only one of its language under a heading."""
    return sum(one.kind is Kind.CODE and one.info == unit.info for one in known) == 1


def _said(table: Table, label: str | None, kind: str) -> frozenset[str] | None:
    """What a label says beyond the framework and the kind of code; ``None`` when there is none."""
    if label is None:
        return None
    lexicon = table.comparison.lexicon
    told = concepts_of(label, lexicon) - _NAMELESS - _OF_KIND.get(kind, frozenset())
    return frozenset(
        c for c in told if not is_technology(c, lexicon) and lexicon.kinds.get(c) != ConceptClass.GENERIC and not _SIDE.search(c)
    )


def _side(label: str | None, unit: Unit) -> str:
    """Which side of a pair a block is, by its label or the comment that it starts with: ``wrong``, ``right`` or ``""``."""
    first = unit.text.split("\n", 2)[1:2]
    found = _SIDE.search(f"{label or ''} {first[0] if first and _COMMENT.match(first[0]) else ''}")
    return (found.lastgroup or "") if found else ""


def _is_copied(a: str, b: str) -> bool:
    """Whether the smaller of two examples is written in the names of the other."""
    names = sorted((_names(a[:_MOST_CODE]), _names(b[:_MOST_CODE])), key=len)
    return len(names[0]) >= _NAMES and len(names[0] & names[1]) >= _COPIED * len(names[0])


def _names(code: str) -> frozenset[str]:
    body = _COMMENT.sub("", code.split("\n", 1)[-1])
    return frozenset(_NAME.findall(body)) - _KEYWORDS
