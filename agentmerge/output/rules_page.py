"""The catalogue of rules, and the page of one, from the registry."""

from __future__ import annotations

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import suggestion
from agentmerge.rules.registry import BY_CODE, BY_KEY, RULES, Option, Rule


def catalogue() -> str:
    """One line a rule: code, name in a policy, summary."""
    width = max(len(rule.key) for rule in RULES)
    return "\n".join(f"{rule.code}  {rule.key:<{width}}  {rule.summary}" for rule in RULES)


def page(name: str) -> str:
    """The page of a rule, by code or by key; raises ``PolicyError`` for one that does not exist."""
    rule = BY_CODE.get(name.upper()) or BY_KEY.get(name.lower())
    if rule is None:
        raise PolicyError((f"no rule {name!r} ({suggestion(name.upper(), tuple(BY_CODE))})",))
    lines = [f"{rule.code} {rule.key}", "", rule.summary, rule.why]
    if rule.options:
        lines += ["", "In agentmerge.yaml:", "  rules:", f"    {rule.key}:"]
        lines += [f"      {option_line(key, option)}" for key, option in rule.options.items()]
    return "\n".join(lines)


def option_line(key: str, option: Option) -> str:
    """An option with its default and what else it may be."""
    default = option.default
    if default == ():
        default = "{}" if option.kind == "map" else "[]"
    others = [choice for choice in option.choices if choice != option.default]
    notes = [f"or {', '.join(others)}"] if others else []
    notes += [option.help] if option.help else []
    return f"{key}: {default}" + (f"  # {'; '.join(notes)}" if notes else "")


def markdown_page(rule: Rule) -> str:
    """The page of a rule for ``docs/rules``."""
    lines = [f"# {rule.code}: {rule.key}", "", rule.summary, "", rule.why, ""]
    if rule.options:
        lines += ["```yaml", "rules:", f"  {rule.key}:", *(f"    {option_line(k, o)}" for k, o in rule.options.items()), "```", ""]
    else:
        lines += ["This rule has no options.", ""]
    return "\n".join(lines)
