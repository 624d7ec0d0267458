"""Find, import and check the plugins that a policy names; nothing is imported that is not named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from agentmerge.rules.reading.reader import Reader, suggestion
from agentmerge.rules.registry import BY_CODE, BY_KEY, Option, Rule

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from agentmerge.rules.plugin import Plugin

_CODE = re.compile(r"[A-Z]{3,5}[0-9]{3}")
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_KINDS = ("choice", "text", "texts", "number", "map")
_WARN = "tell its author, or take it out of 'plugins'"


class Loaded(NamedTuple):
    """A plugin under the name by which a policy knows it, and the version of the package that it comes from."""

    name: str
    version: str
    plugin: Plugin


class _Unfit(Exception):
    """Why a plugin cannot be used."""


def read_plugins(reader: Reader, data: object, known: Mapping[str, Rule]) -> tuple[Loaded, ...]:
    """The plugins under ``plugins:``; ``known`` are the rules that are there before them. Problems go to the reader."""
    found: list[Loaded] = []
    for name in dict.fromkeys(reader.words(data, ("plugins",), "[house-style]")):
        try:
            loaded = load_plugin(name)
            _check_names(loaded.plugin.rule, {**known, **{one.plugin.rule.key: one.plugin.rule for one in found}})
        except _Unfit as why:
            reader.problem(("plugins",), f"plugin {name!r} {why}")
        else:
            found.append(loaded)
    return tuple(found)


def load_plugin(name: str) -> Loaded:
    """Import one plugin and check its shape."""
    point, version = _entry_point(name)
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:
        raise _Unfit(f"cannot be loaded from {point.value}: {_said(error)} ({_WARN})") from None
    return Loaded(name, version, _checked(plugin, point.value))


def _entry_point(name: str) -> tuple[EntryPoint, str]:
    """The one entry point of that name, and its package's version."""
    from importlib.metadata import entry_points

    from agentmerge.rules.plugin import GROUP

    group = entry_points(group=GROUP)
    # One package may be seen through two folders of the path; two packages are a question.
    named = {(point.value, point.dist.name if point.dist else ""): point for point in group if point.name == name}
    if not named:
        installed = tuple(sorted({point.name for point in group}))
        hint = suggestion(name, installed) if installed else "install the package that offers it"
        raise _Unfit(f"is not installed ({hint})")
    if len(named) > 1:
        raise _Unfit(f"is offered by {', '.join(sorted(value for value, _ in named))} (uninstall all but one)")
    (point,) = named.values()
    return point, point.dist.version if point.dist else ""


def _said(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _checked(plugin: Any, place: str) -> Plugin:
    """A plugin whose parts are what they must be; it comes from outside, so nothing is taken for granted."""
    from agentmerge.rules.plugin import Plugin

    if not isinstance(plugin, Plugin):
        raise _Unfit(f"is no Plugin: {place} is of type {type(plugin).__name__} ({_WARN})")
    rule = plugin.rule
    if not isinstance(rule, Rule) or not callable(plugin.judge):
        raise _Unfit(f"is incomplete: {place} needs a Rule and a function ({_WARN})")
    if not all(isinstance(text, str) and text.strip() for text in rule[:4]) or not isinstance(rule.options, Mapping):
        raise _Unfit(f"has a rule without code, key, summary, why or options ({_WARN})")
    if not _CODE.fullmatch(rule.code):
        raise _Unfit(f"has the code {rule.code!r}, which is not three to five capitals and three digits ({_WARN})")
    if not _KEY.fullmatch(rule.key):
        raise _Unfit(f"has the key {rule.key!r}, which is not lower-case words with hyphens ({_WARN})")
    for option_name, option in rule.options.items():
        if not isinstance(option_name, str) or not _is_option(option):
            raise _Unfit(f"has an option {option_name!r} whose kind, choices or default is not valid ({_WARN})")
    return plugin


def _is_option(option: object) -> bool:
    """Whether an option can be read, documented and defaulted."""
    if not isinstance(option, Option) or option.kind not in _KINDS or not isinstance(option.help, str):
        return False
    if not isinstance(option.choices, tuple) or not all(isinstance(choice, str) for choice in option.choices):
        return False
    default = option.default
    match option.kind:
        case "choice":
            return default in option.choices
        case "number":
            return isinstance(default, int) and not isinstance(default, bool) and default > 0
        case "text":
            return isinstance(default, str)
        case "texts":
            return isinstance(default, tuple) and all(isinstance(item, str) for item in default)
    return default == () and bool(option.choices)


def _check_names(rule: Rule, known: Mapping[str, Rule]) -> None:
    """Refuse a code or key that another rule has: a ledger must name one rule."""
    if rule.code in BY_CODE or rule.code in {other.code for other in known.values()}:
        raise _Unfit(f"has the code {rule.code}, which another rule has ({_WARN})")
    if rule.key in BY_KEY or rule.key in known:
        raise _Unfit(f"has the key {rule.key!r}, which another rule has ({_WARN})")


def installed(names: tuple[str, ...]) -> tuple[Loaded, ...]:
    """Plugins by name, for a rebuild from a ledger. Raises ``PluginError`` for one that cannot be used."""
    from agentmerge.errors import PluginError

    found = []
    for name in names:
        try:
            found.append(load_plugin(name))
        except _Unfit as why:
            raise PluginError(f"plugin {name!r} {why}") from None
    return tuple(found)
