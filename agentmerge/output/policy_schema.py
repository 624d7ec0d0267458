"""The JSON Schema of a policy, made from the registry: editors complete and explain ``agentmerge.yaml`` by it.

It says what the parser says, but for what no schema can know: names of files, sources, concepts and plugins.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agentmerge.rules.policy import LANGUAGES, PROVENANCE, pack_names
from agentmerge.rules.reading.selectors import FIELDS
from agentmerge.rules.reading.vocabulary import CLASSES, TERM_LANGUAGES
from agentmerge.rules.registry import KEY_RULES, RULES, Option, Rule

POLICY_SCHEMA = Path(__file__).parents[1] / "rules" / "schema" / "agentmerge.schema.json"

_FILE = r"\.ya?ml$"
_WORD: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}
_WORDS: Mapping[str, Any] = {"anyOf": [_WORD, {"type": "array", "items": _WORD}]}
_SELECTS: Mapping[str, str] = {
    "section": "Titles above a statement, in any case; * stands for any characters.",
    "source": "Ids of sources: a file's stem. A decision is picked when one of its sources is named.",
    "concept": "Ids of concepts of the lexicon that a statement speaks of, such as coverage.",
    "key": "Frontmatter keys, such as tools or x-*.",
}


def schema_text(rules: Iterable[Rule] = RULES) -> str:
    """The schema as JSON text, as it is committed; ``rules`` may have those of plugins as well."""
    return json.dumps(policy_schema(rules), ensure_ascii=False, indent=2) + "\n"


def policy_schema(rules: Iterable[Rule] = RULES) -> dict[str, Any]:
    """The schema as data."""
    known = {rule.key: rule for rule in rules if rule.options}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://agentmerge.invalid/agentmerge.schema.json",
        "title": "agentmerge policy",
        "description": "How agentmerge merges agent files into one: agentmerge.yaml. Every key is optional.",
        "type": "object",
        "additionalProperties": False,
        "properties": _top(known),
        # Rules that no list here has are those of plugins, which this file or one that it extends may name.
        "if": {"anyOf": [{"required": ["plugins"]}, {"required": ["extends"], "properties": {"extends": _naming_a_file()}}]},
        "else": {
            "properties": {
                "rules": {"propertyNames": {"enum": [*known]}},
                "overrides": {"items": {"properties": {"rules": {"propertyNames": {"enum": [*known]}}}}},
            }
        },
        "$defs": {"rules": _rules(known.values()), "words": _WORDS, "texts": _texts()},
    }


def _top(known: Mapping[str, Rule]) -> dict[str, Any]:
    return {
        "extends": {
            "description": "Packs that the program ships, or files beside this one; later ones win, this file wins over all of them.",
            "anyOf": [_extended(), {"type": "array", "items": _extended()}, {"type": "null"}],
        },
        "name": _said("The canonical agent's name.", {"type": ["string", "null"], "pattern": r"\S"}),
        "output": _said("The canonical agent's file, relative to this one.", {"type": ["string", "null"], "pattern": r"\S"}),
        "sources": _said("Files, folders or patterns, relative to this file.", {"$ref": "#/$defs/texts"}),
        "priority": _said("Ids of sources, most trusted first.", {"$ref": "#/$defs/texts"}),
        "language": {
            "description": "The language whose wordings are preferred; keep: the one most of the team is written in.",
            "enum": [*LANGUAGES, None],
            "default": "keep",
        },
        "provenance": {
            "description": "Comments in the canonical agent that name its sources.",
            "enum": [*PROVENANCE, None],
            "default": "section",
        },
        "plugins": _said(
            "Third-party rules by the names under which installed packages offer them. Only these are imported.",
            {"anyOf": [{"$ref": "#/$defs/words"}, {"type": "null"}]},
        ),
        "lexicon": _lexicon(),
        "semantic": _semantic(),
        "budget": _budget(),
        "base": _said("The source (its id) that stays whole and absorbs the others.", {"type": ["string", "null"], "pattern": r"\S"}),
        "decisions": _said("The file of a person's answers, relative to this one.", {"type": ["string", "null"], "pattern": r"\S"}),
        "rules": _said("Options of rules; 'agentmerge rules' lists them.", {"anyOf": [{"$ref": "#/$defs/rules"}, {"type": "null"}]}),
        "overrides": {
            "description": "What holds for some decisions only. One that names more fields comes first, then the one that stands first.",
            "type": ["array", "null"],
            "items": _override(known),
        },
    }


def _said(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, **schema}


def _texts() -> dict[str, Any]:
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "integer"]}}, {"type": "null"}]}


def _extended() -> dict[str, Any]:
    return {"anyOf": [{"enum": [*pack_names()]}, {"type": "string", "pattern": _FILE}]}


def _naming_a_file() -> dict[str, Any]:
    file = {"type": "string", "pattern": _FILE}
    return {"anyOf": [file, {"type": "array", "contains": file}]}


def _lexicon() -> dict[str, Any]:
    some = {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1}]}
    terms = [{"required": [one], "properties": {one: some}} for one in TERM_LANGUAGES]
    words = {"anyOf": [{"$ref": "#/$defs/words"}, {"type": "null"}]}
    concept = {
        "type": "object",
        "additionalProperties": False,
        "anyOf": terms,
        "properties": {
            "class": {"description": "What kind of thing it is.", "enum": [*CLASSES, None]},
            "broader": {"description": "The concept that it is a kind of.", "type": ["string", "null"]},
            "near": _said("Concepts near to it.", words),
            **{one: _said(f"Terms for it ({one}).", words) for one in TERM_LANGUAGES},
        },
    }
    return {
        "description": "The team's own vocabulary: words that name a concept, or a known one by further words.",
        "type": ["object", "null"],
        "additionalProperties": {"anyOf": [_WORD, {"type": "array", "minItems": 1, "items": _WORD}, concept]},
    }


def _semantic() -> dict[str, Any]:
    model = _said("A folder that holds an embedding model, relative to this file.", _WORD)
    weight = {"description": "How much its word weighs.", "type": ["number", "null"], "minimum": 0, "maximum": 2, "default": 0.5}
    return {
        "description": "An embedding model as a further witness of likeness.",
        "anyOf": [
            model,
            {"type": "object", "additionalProperties": False, "required": ["model"], "properties": {"model": model, "weight": weight}},
            {"type": "null"},
        ],
    }


def _budget() -> dict[str, Any]:
    limits = {
        unit: {"description": f"At most about so many {unit}.", "type": ["integer", "null"], "minimum": 1} for unit in ("tokens", "words")
    }
    fail = {"description": "Whether --strict fails on a longer one.", "type": ["boolean", "null"], "default": False}
    some = [{"required": [unit], "properties": {unit: {"type": "integer"}}} for unit in limits]
    return {
        "description": "How long the canonical agent may be, in tokens or words; a build that is over says what could go and cuts nothing.",
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "object", "additionalProperties": False, "anyOf": some, "properties": {**limits, "fail": fail}},
            {"type": "null"},
        ],
    }


def _rules(rules: Iterable[Rule]) -> dict[str, Any]:
    return {"type": "object", "properties": {rule.key: _rule(rule) for rule in rules}}


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule's options as a map, or the value of its first one alone."""
    options = {name: _option(option) for name, option in rule.options.items()}
    return {
        "description": f"{rule.code}: {rule.summary} {rule.why}",
        "anyOf": [next(iter(options.values())), {"type": "object", "additionalProperties": False, "properties": options}],
    }


def _option(option: Option) -> dict[str, Any]:
    said = {"description": option.help[:1].upper() + option.help[1:]} if option.help else {}
    match option.kind:
        case "choice":
            return {**said, "enum": [*option.choices, None], "default": option.default}
        case "number":
            return {**said, "type": ["integer", "null"], "minimum": 1, "default": option.default}
        case "text":
            return {**said, "type": ["string", "null"], "pattern": r"\S", "default": option.default}
        case "map":
            values = {"enum": [*option.choices, None]}
            return {**said, "type": ["object", "null"], "additionalProperties": values, "default": {}}
    default = [*option.default] if isinstance(option.default, tuple) else []
    return {**said, "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "null"}], "default": default}


def _override(known: Mapping[str, Rule]) -> dict[str, Any]:
    frontmatter = [key for key in known if key in KEY_RULES]
    statements = [key for key in known if key not in KEY_RULES]
    chosen = {
        **{name: {"minItems": 1, **_said(_SELECTS[name], {"$ref": "#/$defs/words"})} for name in FIELDS},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["for"],
        "properties": {
            "for": {
                "description": "What it is for: each field that is named must match.",
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "properties": chosen,
                # A frontmatter key stands in no section and has no concept.
                "not": {"required": ["key"], "anyOf": [{"required": ["section"]}, {"required": ["concept"]}]},
            },
            "rules": _said("Options of rules that hold there.", {"anyOf": [{"$ref": "#/$defs/rules"}, {"type": "null"}]}),
            "priority": _said("Who is trusted there, most trusted first.", {"anyOf": [{"$ref": "#/$defs/words"}, {"type": "null"}]}),
        },
        "anyOf": [
            {"required": ["rules"], "properties": {"rules": {"type": "object", "minProperties": 1}}},
            {"required": ["priority"], "properties": {"priority": {"type": ["string", "array"], "minItems": 1}}},
        ],
        "allOf": [
            {"if": _for(["section"], ["concept"]), "then": _without(frontmatter)},
            {"if": _for(["key"]), "then": _without(statements)},
        ],
    }


def _for(*fields: list[str]) -> dict[str, Any]:
    """Whether an override's selector names one of these fields."""
    return {"properties": {"for": {"anyOf": [{"required": one} for one in fields]}}, "required": ["for"]}


def _without(keys: list[str]) -> dict[str, Any]:
    return {"properties": {"rules": {"propertyNames": {"not": {"enum": keys}}}}}
