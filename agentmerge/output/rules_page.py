"""The catalogue of rules, and the page of one, from the registry: as text, as JSON, and for ``docs/rules``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import load_pack, pack_names, suggestion
from agentmerge.rules.registry import BY_KEY, RULES, Option, Rule


def catalogue(rules: Mapping[str, Rule] = BY_KEY) -> str:
    """One line a rule: code, name in a policy, summary. ``rules`` are those that a policy may set, by key."""
    key_width, code_width = max(map(len, rules)), max(len(rule.code) for rule in rules.values())
    return "\n".join(f"{rule.code:<{code_width}}  {rule.key:<{key_width}}  {rule.summary}" for rule in rules.values())


def catalogue_json(rules: Mapping[str, Rule] = BY_KEY, name: str | None = None) -> str:
    """The rules, or the one that is named, as JSON: with each option, and what each pack makes of it."""
    packs = {pack: load_pack(pack).settings for pack in pack_names()}
    shown = [_record(rule, packs) for rule in ([_named(name, rules)] if name else rules.values())]
    return json.dumps(shown[0] if name else shown, ensure_ascii=False, indent=2)


def _record(rule: Rule, packs: Mapping[str, Mapping[str, Mapping[str, object]]]) -> dict[str, Any]:
    options = [
        {
            "name": name,
            "kind": option.kind,
            "default": option.default,
            "choices": option.choices,
            "help": option.help,
            "packs": {pack: value for pack, settings in packs.items() if (value := settings.get(rule.key, {}).get(name)) is not None},
        }
        for name, option in rule.options.items()
    ]
    return {"code": rule.code, "key": rule.key, "summary": rule.summary, "why": rule.why, "options": options}


def _named(name: str, rules: Mapping[str, Rule]) -> Rule:
    """A rule by code or by key; raises ``PolicyError`` for one that does not exist."""
    by_code = {rule.code: rule for rule in rules.values()}
    rule = by_code.get(name.upper()) or rules.get(name.lower())
    if rule is None:
        raise PolicyError((f"no rule {name!r} ({suggestion(name.upper(), tuple(by_code))})",))
    return rule


def page(name: str, rules: Mapping[str, Rule] = BY_KEY) -> str:
    """The page of a rule, by code or by key; raises ``PolicyError`` for one that does not exist."""
    rule = _named(name, rules)
    lines = [f"{rule.code} {rule.key}", "", rule.summary, rule.why]
    if rule.options:
        lines += ["", "In agentmerge.yaml:", "  rules:", f"    {rule.key}:"]
        lines += [f"      {option_line(key, option)}" for key, option in rule.options.items()]
    packs = pack_lines(rule)
    if packs:
        lines += ["", "Packs that choose otherwise:", *(f"  {line}" for line in packs)]
    return "\n".join(lines)


def pack_lines(rule: Rule) -> tuple[str, ...]:
    """Each pack that sets a rule otherwise than by default: ``strict: {strategy: intersection, omitted: ask}``."""
    lines = []
    for pack in pack_names():
        chosen = load_pack(pack).settings.get(rule.key, {})
        other = [f"{name}: {_shown(value)}" for name, value in chosen.items() if value != rule.options[name].default]
        lines += [f"{pack}: {{{', '.join(other)}}}"] if other else []
    return tuple(lines)


def packs_table() -> str:
    """What packs choose otherwise than by default, as a Markdown table: a row an option, a column a pack."""
    packs = [pack for pack in pack_names() if pack != "default"]
    rows = [f"| option | default | {' | '.join(packs)} |", "|---" * (len(packs) + 2) + "|"]
    chosen = {pack: load_pack(pack) for pack in packs}
    rows.append(f"| `language` | keep | {' | '.join('' if p.language == 'keep' else p.language for p in chosen.values())} |")
    for rule in RULES:
        for name, option in rule.options.items():
            values = [policy.option(rule.key, name) for policy in chosen.values()]
            if any(value != option.default for value in values):
                cells = ["" if value == option.default else _shown(value) for value in values]
                rows.append(f"| `{rule.key}.{name}` | {_default(option)} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _default(option: Option) -> str:
    if option.default == ():
        return "{}" if option.kind == "map" else "[]"
    return _shown(option.default)


def _shown(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def option_line(key: str, option: Option) -> str:
    """An option with its default and what else it may be."""
    others = [choice for choice in option.choices if choice != option.default]
    notes = [f"or {', '.join(others)}"] if others else []
    notes += [option.help] if option.help else []
    return f"{key}: {_default(option)}" + (f"  # {'; '.join(notes)}" if notes else "")


def markdown_page(rule: Rule) -> str:
    """The page of a rule for ``docs/rules``."""
    lines = [f"# {rule.code}: {rule.key}", "", rule.summary, "", rule.why, ""]
    if rule.options:
        lines += ["```yaml", "rules:", f"  {rule.key}:", *(f"    {option_line(k, o)}" for k, o in rule.options.items()), "```", ""]
    else:
        lines += ["This rule has no options.", ""]
    return "\n".join(lines)
