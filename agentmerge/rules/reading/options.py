"""The settings of rules in a policy: what stands under ``rules:``, checked against each rule's options."""

from __future__ import annotations

from collections.abc import Mapping

from agentmerge.rules.privileges.allow import ALLOW_PATH, allow_problem
from agentmerge.rules.reading.reader import Path, Reader, shown_value
from agentmerge.rules.registry import Option, Rule

Settings = Mapping[str, Mapping[str, object]]


def read_rules(reader: Reader, data: object, path: Path, known: Mapping[str, Rule]) -> dict[str, dict[str, object]]:
    """The options that are set, by rule; ``known`` are the rules by key. ``tools: union`` is short for ``{strategy: union}``."""
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        reader.problem(path, "must be a map of rules (such as 'tools: union')")
        return {}
    reader.unknown_keys(data, path, tuple(key for key, rule in known.items() if rule.options))
    found: dict[str, dict[str, object]] = {}
    for key, chosen in data.items():
        rule = known.get(str(key))
        if rule is not None and rule.options:
            options = chosen if isinstance(chosen, Mapping) else {next(iter(rule.options)): chosen}
            reader.unknown_keys(options, (*path, str(key)), tuple(rule.options))
            found[str(key)] = _options(reader, options, (*path, str(key)), rule)
    return found


def _options(reader: Reader, options: Mapping[str, object], path: Path, rule: Rule) -> dict[str, object]:
    return {
        name: value
        for name, option in rule.options.items()
        if name in options and (value := _value(reader, options[name], (*path, name), option)) is not None
    }


def _value(reader: Reader, value: object, path: Path, option: Option) -> object:
    """The value of one option; ``None`` when it sets nothing or is wrong."""
    if value is None:
        return None
    match option.kind:
        case "choice":
            return reader.choice(value, path, option.choices)
        case "number":
            return _number(reader, value, path, option)
        case "map":
            return _patterns(reader, value, path, option)
        case "text":
            return _text(reader, value, path)
    return _texts(reader, value, path)


def _texts(reader: Reader, value: object, path: Path) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        reader.problem(path, "must be a list of texts (such as [a, b])")
        return None
    if path[-2:] == ALLOW_PATH:
        for problem in filter(None, map(allow_problem, value)):
            reader.problem(path, problem)
    return tuple(value)


def _number(reader: Reader, value: object, path: Path, option: Option) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    reader.problem(path, f"must be a whole number above 0, not {shown_value(value)} (such as {option.default})")
    return None


def _text(reader: Reader, value: object, path: Path) -> str | None:
    if isinstance(value, str) and value.strip():
        return value
    reader.problem(path, f"must be a text, not {shown_value(value)} (put it in quotes)")
    return None


def _patterns(reader: Reader, value: object, path: Path, option: Option) -> object:
    """A map of patterns to words, as pairs in the order written."""
    if not isinstance(value, Mapping):
        reader.problem(path, f"must be a map (such as {{'x-*': {option.choices[0]}}})")
        return None
    return tuple(
        (str(name), word) for name in value if (word := reader.choice(value[name], (*path, str(name)), option.choices)) is not None
    )


def merged(low: Settings, high: Settings) -> dict[str, Mapping[str, object]]:
    """Two layers of settings as one; ``high`` wins."""
    return {key: {**low.get(key, {}), **high.get(key, {})} for key in sorted({*low, *high})}
