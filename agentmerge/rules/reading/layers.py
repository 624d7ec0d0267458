"""A policy and what it extends, as layers: packs that the package ships, and files beside the policy.

What is named stands above what it extends in its turn, later names above earlier ones, the file itself on top. A layer that
comes in twice counts once. ``name``, ``output``, ``base``, ``sources`` and ``decisions`` belong to one agent and are not inherited.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.rules.reading.budget import Budget, read_budget
from agentmerge.rules.reading.data import load_data
from agentmerge.rules.reading.options import Settings, read_rules
from agentmerge.rules.reading.plugins import Loaded, read_plugins
from agentmerge.rules.reading.reader import Reader, shown_value, suggestion
from agentmerge.rules.reading.selectors import Mention, Override, read_overrides
from agentmerge.rules.reading.vocabulary import Entry, read_vocabulary
from agentmerge.rules.registry import BY_KEY, Rule
from agentmerge.rules.text.agent_name import name_problem

PACKS = Path(__file__).parents[1] / "packs"
PROVENANCE = ("inline", "section", "sidecar", "none")
LANGUAGES = ("keep", "en", "ko", "ja", "zh")
MAX_POLICY_BYTES = 256 << 10
MAX_LAYERS = 50
SUFFIXES = (".yaml", ".yml")
TOP = (
    "extends", "name", "output", "base", "budget", "sources", "priority", "language", "provenance", "plugins", "lexicon", "semantic",
    "decisions", "rules", "overrides",
)  # fmt: skip
_SEMANTIC_WEIGHT = 0.5


class Semantic(NamedTuple):
    """An embedding model: the folder that holds it, and how much its word weighs (0 to 2)."""

    model: str
    weight: float


class Layer(NamedTuple):
    """What one file or pack says. ``id`` tells layers apart; an empty value sets nothing."""

    id: str
    name: str | None
    output: str | None
    sources: tuple[str, ...]
    priority: tuple[str, ...]
    language: str | None
    provenance: str | None
    plugins: tuple[Loaded, ...]
    lexicon: tuple[Entry, ...]
    semantic: Semantic | None
    decisions: str | None
    base: str | None
    budget: Budget | None
    settings: Settings
    overrides: tuple[Override, ...]
    mentions: tuple[Mention, ...]


@dataclass(slots=True)
class Layers:
    """Reads policies and what they extend, each file once; ``reading`` are those that are being read, to see circles."""

    read: dict[str, tuple[Layer, ...]] = field(default_factory=dict)
    reading: list[str] = field(default_factory=list)

    def of_text(self, text: str, shown: str, folder: Path, key: str) -> tuple[Layer, ...]:
        """The layers of a policy, lowest first; the last is its own. Raises ``PolicyError`` with every mistake."""
        data, lines = load_data(text, shown)
        reader = Reader(shown, lines)
        reader.unknown_keys(data, (), TOP)
        self.reading.append(key)
        below = self._below(reader, data.get("extends"), folder)
        self.reading.pop()
        layer = _layer(reader, data, key, below)
        if reader.problems:
            raise PolicyError(reader.told())
        return (*below, layer)

    def of_pack(self, name: str) -> tuple[Layer, ...]:
        """The layers of a pack that the package ships."""
        key = f"pack {name}"
        if key not in self.read:
            self.read[key] = self.of_text((PACKS / f"{name}.yaml").read_text(encoding="utf-8"), name, PACKS, key)
        return self.read[key]

    def of_file(self, path: Path, shown: str) -> tuple[Layer, ...]:
        """The layers of a policy file."""
        key = path.resolve().as_posix()
        if key not in self.read:
            self.read[key] = self.of_text(read_text(path, shown), shown, path.parent, key)
        return self.read[key]

    def _below(self, reader: Reader, extends: object, folder: Path) -> tuple[Layer, ...]:
        """The layers that ``extends`` names, under one another as the module says."""
        named = [found for ref in reader.texts(extends, ("extends",)) if (found := self._extended(reader, ref, folder))]
        tops = {layers[-1].id: layers[-1] for layers in named}
        order = [layers[-1].id for layers in named]
        order = [one for n, one in enumerate(order) if one not in order[n + 1 :]]
        inner = {layer.id: layer for layers in named for layer in layers[:-1] if layer.id not in tops}
        return (*inner.values(), *(tops[one] for one in order))

    def _extended(self, reader: Reader, ref: str, folder: Path) -> tuple[Layer, ...]:
        """The layers of a pack or file by its name in ``extends``; nothing, with a problem, when there is none."""
        if not is_file_name(ref):
            if ref not in pack_names():
                hint = suggestion(ref, pack_names())
                hint += ", or a file that ends in .yaml" if hint.startswith("one of") else ""
                reader.problem(("extends",), f"unknown pack {ref!r} ({hint})")
                return ()
            return self.of_pack(ref)
        path, shown = folder / ref, posixpath.normpath(posixpath.join(posixpath.dirname(reader.shown), ref))
        try:
            key = path.resolve().as_posix()
        except (OSError, RuntimeError, ValueError):
            reader.problem(("extends",), f"{shown} cannot be resolved (check its name and symbolic links)")
            return ()
        if key in self.reading:
            reader.problem(("extends",), f"{shown} extends this file in its turn: a circle (take one of them out)")
            return ()
        if len(self.reading) > MAX_LAYERS:
            reader.problem(("extends",), f"{shown} is file {MAX_LAYERS} of a chain (extend fewer)")
            return ()
        try:
            return tuple(_seen_from(layer, posixpath.dirname(ref)) for layer in self.of_file(path, shown))
        except PolicyError as error:
            at, place = reader.line(("extends",)), reader.place(("extends",))
            # A mistake inside has its own line; that the file cannot be read belongs to who names it.
            reader.problems += [(at, f"{place}: {text}" if text.startswith(f"{shown}: ") else text) for text in error.problems]
            return ()


def _seen_from(layer: Layer, folder: str) -> Layer:
    """A layer of a file in another folder: its model's folder is relative to it."""
    if layer.semantic is None or layer.id.startswith("pack ") or not folder:
        return layer
    model = posixpath.normpath(posixpath.join(folder, layer.semantic.model))
    return layer._replace(semantic=layer.semantic._replace(model=model))


def is_file_name(ref: str) -> bool:
    """Whether ``extends`` names a file by this, not a pack."""
    return ref.endswith(SUFFIXES)


def pack_names() -> tuple[str, ...]:
    """The packs that ``extends`` may name."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


def rules_of(plugins: tuple[Loaded, ...]) -> Mapping[str, Rule]:
    """Every rule by its key: the built-in ones, and those of plugins."""
    return {**BY_KEY, **{one.plugin.rule.key: one.plugin.rule for one in plugins}} if plugins else BY_KEY


def plugins_of(layers: tuple[Layer, ...]) -> tuple[Loaded, ...]:
    """The plugins that layers name, each once, in the order in which they run."""
    return tuple({one.name: one for layer in layers for one in layer.plugins}.values())


def _layer(reader: Reader, data: Mapping[str, Any], key: str, below: tuple[Layer, ...]) -> Layer:
    inherited = plugins_of(below)
    before = {one.name for one in inherited}
    plugins = read_plugins(reader, _others(data.get("plugins"), before), rules_of(inherited))
    known = rules_of((*inherited, *plugins))
    priority = reader.texts(data.get("priority"), ("priority",))
    base = reader.text(data, "base")
    based = (Mention(reader.place(("base",)), "source", base),) if base else ()
    overrides, mentions = read_overrides(reader, data.get("overrides"), known)
    return Layer(
        id=key,
        name=_name(reader, data),
        output=reader.text(data, "output"),
        sources=reader.texts(data.get("sources"), ("sources",)),
        priority=priority,
        language=reader.choice(data.get("language"), ("language",), LANGUAGES),
        provenance=reader.choice(data.get("provenance"), ("provenance",), PROVENANCE),
        plugins=plugins,
        lexicon=read_vocabulary(reader, data.get("lexicon")),
        semantic=_semantic(reader, data.get("semantic")),
        decisions=reader.text(data, "decisions"),
        base=base,
        budget=read_budget(reader, data.get("budget")),
        settings=read_rules(reader, data.get("rules"), ("rules",), known),
        overrides=overrides,
        mentions=(*based, *(Mention(reader.place(("priority",)), "source", name) for name in priority), *mentions),
    )


def _name(reader: Reader, data: Mapping[str, Any]) -> str | None:
    name = reader.text(data, "name")
    if name and (problem := name_problem(name)):
        reader.problem(("name",), problem)
    return name


def _others(names: object, before: set[str]) -> object:
    """What ``plugins`` names beyond those that a lower layer has loaded."""
    if isinstance(names, str):
        return None if names in before else names
    return [name for name in names if name not in before] if isinstance(names, list) else names


def _semantic(reader: Reader, data: object) -> Semantic | None:
    if data is None:
        return None
    options = data if isinstance(data, Mapping) else {"model": data}
    reader.unknown_keys(options, ("semantic",), ("model", "weight"))
    model, weight = options.get("model"), options.get("weight")
    if not isinstance(model, str) or not model.strip():
        reader.problem(("semantic", "model"), "must be a folder that holds an embedding model (such as models/static)")
        return None
    value = _SEMANTIC_WEIGHT if weight is None else weight
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 2:
        reader.problem(("semantic", "weight"), f"must be a number from 0 to 2, not {shown_value(weight)} (such as {_SEMANTIC_WEIGHT})")
        return None
    return Semantic(model, float(value))


def read_text(path: Path, shown: str) -> str:
    """The text of a policy file; raises ``PolicyError`` for what cannot be one."""
    try:
        return _read(path, shown).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError((f"{shown}:{line} is not UTF-8 (save it as UTF-8)",)) from None


def _read(path: Path, shown: str) -> bytes:
    try:
        if path.is_dir():
            raise PolicyError((f"{shown}: is a folder, not a policy (name a YAML file)",))
        if path.exists() and not path.is_file():
            raise PolicyError((f"{shown}: is not a regular file (name a YAML file)",))
        if path.exists() and path.stat().st_size > MAX_POLICY_BYTES:
            raise PolicyError((f"{shown}: larger than {MAX_POLICY_BYTES >> 10} KiB (a policy is a page)",))
        return path.read_bytes()
    except OSError as error:
        raise PolicyError((f"{shown}: cannot be read: {error.strerror or error} (check the path)",)) from None
