"""What decides a build: the policy file ``agentmerge.yaml``, with the packs and files that it extends.

Precedence: the command line, then the file, then what it extends, later ones first. Within one of them an override that
names more fields comes first, then the one that stands first, then what is set under ``rules``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agentmerge.rules.reading.budget import Budget
from agentmerge.rules.reading.layers import (
    LANGUAGES,
    PACKS,
    PROVENANCE,
    Layer,
    Layers,
    Semantic,
    pack_names,
    plugins_of,
    read_text,
    rules_of,
)
from agentmerge.rules.reading.options import merged
from agentmerge.rules.reading.plugins import Loaded
from agentmerge.rules.reading.reader import suggestion
from agentmerge.rules.reading.selectors import Mention, Override, Subject, without
from agentmerge.rules.reading.vocabulary import Entry
from agentmerge.rules.registry import Rule

__all__ = [
    "LANGUAGES", "PACKS", "POLICY_NAME", "PROVENANCE", "UNNAMED", "Policy", "Semantic", "Subject", "iter_settings", "load_pack",
    "load_policy", "pack_names", "parse_policy", "suggestion",
]  # fmt: skip

POLICY_NAME = "agentmerge.yaml"
# The last place in any priority: places under different overrides are compared.
UNNAMED = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What decides a build. ``settings`` maps a rule's key to its options; what is not set has the option's default.

    ``sources`` are paths or globs relative to the policy file; ``priority`` are source ids, most
    trusted first; ``overrides`` are settings for some decisions only, in the order in which they are
    looked at; ``plugins`` are third-party rules; ``lexicon`` is the team's own vocabulary, ``semantic``
    an embedding model as a further witness; ``origin`` is the policy file's path as shown to the user,
    or the pack's name; ``mentions`` are names to check when the build knows what exists (``None``: the
    policy was not read from a text); ``command_line`` is what was chosen there;
    ``decisions`` is the file of a person's answers, relative to the policy file; ``base`` is the
    source that stays whole and absorbs the others, by id; ``budget`` how long the canonical agent may be.
    """

    name: str | None = None
    output: str | None = None
    sources: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    language: str = "keep"
    provenance: str = "section"
    base: str | None = None
    budget: Budget | None = None
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()
    plugins: tuple[Loaded, ...] = ()
    lexicon: tuple[Entry, ...] = ()
    semantic: Semantic | None = None
    decisions: str | None = None
    origin: str = "default"
    mentions: tuple[Mention, ...] | None = None
    command_line: Mapping[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule that this policy may set, by key: the built-in ones and those of its plugins."""
        return rules_of(self.plugins)

    def option(self, rule: str, name: str, *, at: Subject | None = None) -> object:
        """The value of a rule's option (rule by its key, ``tools``; not its code) for what a decision is about."""
        if at is not None:
            for override in self.overrides:
                options = override.settings.get(rule)
                if options is not None and name in options and override.selector.matches(at):
                    return options[name]
        chosen = self.settings.get(rule, {})
        return chosen[name] if name in chosen else self.rules[rule].options[name].default

    def choice(self, rule: str, name: str = "strategy", *, at: Subject | None = None) -> str:
        """The value of an option that is one of a few words."""
        return str(self.option(rule, name, at=at))

    def rank(self, source: str, *, at: Subject | None = None) -> int:
        """A source's place in ``priority`` (0 = most trusted, the base before all); unnamed sources share the last, ``UNNAMED``.

        Who is trusted for what a decision is about comes before those who are trusted in general.
        """
        if source == self.base:
            return -1
        order = self.priority
        if at is not None:
            here = next((o.priority for o in self.overrides if o.priority and o.selector.matches(at)), ())
            order = (*here, *(one for one in order if one not in here)) if here else order
        return order.index(source) if source in order else UNNAMED

    def with_command_line(self, **changes: str | None) -> Policy:
        """This policy with what the command line chose; it is remembered, for a rebuild."""
        chosen = {key: value for key, value in sorted(changes.items()) if value is not None}
        return replace(self, command_line={**self.command_line, **chosen}, **chosen)  # type: ignore[arg-type]

    def with_changes(self, **changes: Any) -> Policy:
        """This policy with the given values in place of its own; ``None`` changes nothing."""
        return replace(self, **{key: value for key, value in changes.items() if value is not None})


def load_policy(path: str | Path | None = None) -> Policy:
    """The policy of a file, or of the default pack when ``path`` is ``None``.

    Raises ``PolicyError`` with every mistake: ``file:line path: what (suggestion)``.
    """
    if path is None:
        return Policy()  # The default pack: each option's default (a test holds the two together).
    path = Path(path)
    text = read_text(path, path.as_posix())
    return _policy(Layers().of_text(text, path.as_posix(), path.parent, path.resolve().as_posix()), path.as_posix())


def load_pack(name: str) -> Policy:
    """A policy that the package ships."""
    return _policy(Layers().of_pack(name), name)


def parse_policy(text: str, shown: str, *, folder: Path | None = None) -> Policy:
    """A policy from YAML text; ``shown`` names it in errors, files that it extends are looked for in ``folder`` (default: here)."""
    return _policy(Layers().of_text(text, shown, folder or Path(), f"text {shown}"), shown)


def _policy(layers: tuple[Layer, ...], origin: str) -> Policy:
    """Layers as one policy, the last of them on top."""
    policy = Policy(origin=origin, plugins=plugins_of(layers))
    for layer in layers:
        policy = policy.with_changes(
            priority=layer.priority or None,
            language=layer.language,
            provenance=layer.provenance,
            settings=merged(policy.settings, layer.settings),
            overrides=(*layer.overrides, *without(policy.overrides, layer.settings, layer.priority)),
            lexicon=tuple({entry.concept: entry for entry in (*policy.lexicon, *layer.lexicon)}.values()),
            semantic=layer.semantic,
            budget=layer.budget,
        )
    own = layers[-1]
    # Files that several policies share may speak of sources that one build has not.
    inherited = (mention for layer in layers[:-1] for mention in layer.mentions if mention.kind != "source")
    return policy.with_changes(
        name=own.name,
        output=own.output,
        decisions=own.decisions,
        base=own.base,
        sources=own.sources or None,
        mentions=(*inherited, *own.mentions),
    )


def iter_settings(policy: Policy) -> Iterator[tuple[str, str, object]]:
    """Every option of every rule as this policy sets it: rule key, option, value."""
    for key, rule in policy.rules.items():
        for name in rule.options:
            yield key, name, policy.option(key, name)
