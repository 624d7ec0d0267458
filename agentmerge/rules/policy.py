"""The policy file ``agentmerge.yaml``: typed, every mistake at once, each with its line.

Precedence: the command line, then the file, then the packs that it extends, later ones first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from agentmerge.errors import PolicyError
from agentmerge.rules.registry import BY_KEY, Option
from agentmerge.rules.vocabulary import Entry, read_vocabulary

POLICY_NAME = "agentmerge.yaml"
PACKS = Path(__file__).with_name("packs")
PROVENANCE = ("inline", "section", "sidecar", "none")
LANGUAGES = ("keep", "en", "ko", "ja", "zh")
MAX_POLICY_BYTES = 256 << 10
MAX_DEPTH = 8


class Semantic(NamedTuple):
    """An embedding model: the folder that holds it, and how much its word weighs (0 to 2)."""

    model: str
    weight: float


class Subject(NamedTuple):
    """What a decision is about, for selectors: a frontmatter key, or the titles, sources and concepts of statements."""

    key: str = ""
    sections: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    concepts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What decides a build. ``settings`` maps a rule's key to its options, defaults included.

    ``sources`` are paths or globs relative to the policy file; ``priority`` are source ids, most
    trusted first; ``lexicon`` is the team's own vocabulary, ``semantic`` an embedding model as a
    further witness; ``origin`` is the policy file's path as shown to the user, or the pack's name;
    ``command_line`` is what was chosen there.
    """

    name: str | None = None
    output: str | None = None
    sources: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    language: str = "keep"
    provenance: str = "section"
    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    lexicon: tuple[Entry, ...] = ()
    semantic: Semantic | None = None
    origin: str = "default"
    command_line: Mapping[str, str] = field(default_factory=dict)

    def option(self, rule: str, name: str, *, at: Subject | None = None) -> object:  # noqa: ARG002
        """The value of a rule's option (rule by its key, ``tools``; not its code) for what a decision is about."""
        chosen = self.settings.get(rule, {})
        return chosen[name] if name in chosen else BY_KEY[rule].options[name].default

    def choice(self, rule: str, name: str = "strategy", *, at: Subject | None = None) -> str:
        """The value of an option that is one of a few words."""
        return str(self.option(rule, name, at=at))

    def rank(self, source: str, *, at: Subject | None = None) -> int:  # noqa: ARG002
        """A source's place in ``priority`` (0 = most trusted); unnamed sources share the last."""
        return self.priority.index(source) if source in self.priority else len(self.priority)

    def with_command_line(self, **changes: str | None) -> Policy:
        """This policy with what the command line chose; it is remembered, for a rebuild."""
        chosen = {key: value for key, value in sorted(changes.items()) if value is not None}
        return replace(self, command_line={**self.command_line, **chosen}, **chosen)  # type: ignore[arg-type]

    def with_changes(self, **changes: Any) -> Policy:
        """This policy with the command line's values in place of its own; ``None`` changes nothing."""
        return replace(self, **{key: value for key, value in changes.items() if value is not None})


_TOP = ("extends", "name", "output", "sources", "priority", "language", "provenance", "lexicon", "semantic", "rules")
_SEMANTIC_WEIGHT = 0.5


@dataclass(slots=True)
class _Reader:
    """Walks a loaded policy map and collects its problems."""

    shown: str
    lines: Mapping[tuple[str, ...], int]
    problems: list[tuple[int, str]]

    def line(self, path: tuple[str, ...]) -> int:
        at: tuple[str, ...] = path
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def place(self, path: tuple[str, ...]) -> str:
        return f"{self.shown}:{self.line(path)} {'.'.join(path)}"

    def problem(self, path: tuple[str, ...], text: str) -> None:
        self.problems.append((self.line(path), f"{self.place(path)}: {text}"))

    def text(self, data: Mapping[str, Any], key: str) -> str | None:
        value = data.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.problem((key,), f"must be a text, not {_shown(value)} (put it in quotes)")
        return None

    def texts(self, data: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
            return tuple(str(item) for item in value)
        self.problem((key,), "must be a list of texts (such as [a, b])")
        return ()

    def choice(self, value: object, path: tuple[str, ...], choices: tuple[str, ...]) -> str | None:
        if value is None:
            return None
        if value not in choices:
            self.problem(path, f"unknown {path[-1]} {_shown(value)} ({suggestion(str(value), choices)})")
            return None
        return str(value)

    def unknown_keys(self, data: Mapping[str, Any], path: tuple[str, ...], known: tuple[str, ...]) -> None:
        for key in data:
            if key not in known:
                self.problem((*path, str(key)), f"unknown key {str(key)!r} ({suggestion(str(key), known)})")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def suggestion(word: str, known: tuple[str, ...]) -> str:
    """``did you mean 'x'?`` when something is close, else the list of what is known."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"one of {', '.join(known)}"


def load_policy(path: str | Path | None = None) -> Policy:
    """The policy of a file, or of the default pack when ``path`` is ``None``.

    Raises ``PolicyError`` with every mistake: ``file:line path: what (suggestion)``.
    """
    if path is None:
        return Policy()  # The default pack: each option's default (a test holds the two together).
    path = Path(path)
    shown = path.as_posix()
    try:
        return parse_policy(_read(path, shown).decode("utf-8-sig"), shown)
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


def load_pack(name: str) -> Policy:
    """A policy that the package ships."""
    return parse_policy((PACKS / f"{name}.yaml").read_text(encoding="utf-8"), name)


def pack_names() -> tuple[str, ...]:
    """The packs that ``extends`` may name."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.yaml")))


def parse_policy(text: str, shown: str) -> Policy:
    """A policy from YAML text; ``shown`` names it in errors."""
    data, lines = _load(text, shown)
    reader = _Reader(shown, lines, [])
    reader.unknown_keys(data, (), _TOP)
    base = Policy(origin=shown)
    for pack in reader.texts(data, "extends"):
        if pack not in pack_names():
            reader.problem(("extends",), f"unknown pack {pack!r} ({suggestion(pack, pack_names())})")
        elif pack != shown:
            known = load_pack(pack)
            base = replace(known, settings=_merged(base.settings, known.settings), origin=shown)
    rules = _rules(reader, data.get("rules"))
    _check_name(reader, data)
    policy = base.with_changes(
        name=reader.text(data, "name"),
        output=reader.text(data, "output"),
        sources=reader.texts(data, "sources") or None,
        priority=reader.texts(data, "priority") or None,
        language=reader.choice(data.get("language"), ("language",), LANGUAGES),
        provenance=reader.choice(data.get("provenance"), ("provenance",), PROVENANCE),
        settings=_merged(base.settings, rules),
        lexicon=read_vocabulary(reader, data.get("lexicon")) or None,
        semantic=_semantic(reader, data.get("semantic")),
    )
    if reader.problems:
        raise PolicyError(tuple(text for _, text in sorted(reader.problems, key=lambda problem: problem[0])))
    return policy


def _check_name(reader: _Reader, data: Mapping[str, Any]) -> None:
    from agentmerge.rules.names import name_problem

    name = data.get("name")
    if isinstance(name, str) and name.strip() and (problem := name_problem(name)):
        reader.problem(("name",), problem)


def _merged(low: Mapping[str, Mapping[str, object]], high: Mapping[str, Mapping[str, object]]) -> dict[str, Mapping[str, object]]:
    return {key: {**low.get(key, {}), **high.get(key, {})} for key in sorted({*low, *high})}


def _semantic(reader: _Reader, data: object) -> Semantic | None:
    if data is None:
        return None
    options = data if isinstance(data, Mapping) else {"model": data}
    reader.unknown_keys(options, ("semantic",), ("model", "weight"))
    model, weight = options.get("model"), options.get("weight")
    if not isinstance(model, str) or not model.strip():
        reader.problem(("semantic", "model"), "must be a folder that holds an embedding model (such as models/static)")
        return None
    try:
        value = _SEMANTIC_WEIGHT if weight is None else float(str(weight))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        reader.problem(("semantic", "weight"), f"must be a number from 0 to 2, not {_shown(weight)} (such as {_SEMANTIC_WEIGHT})")
        return None
    return Semantic(model, value)


def _rules(reader: _Reader, data: object) -> dict[str, dict[str, object]]:
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        reader.problem(("rules",), "must be a map of rules (such as 'tools: union')")
        return {}
    reader.unknown_keys(data, ("rules",), tuple(key for key, rule in BY_KEY.items() if rule.options))
    found: dict[str, dict[str, object]] = {}
    for key, chosen in data.items():
        rule = BY_KEY.get(str(key))
        if rule is None or not rule.options:
            continue
        # ``tools: union`` is short for ``tools: {strategy: union}``.
        options = chosen if isinstance(chosen, Mapping) else {next(iter(rule.options)): chosen}
        reader.unknown_keys(options, ("rules", str(key)), tuple(rule.options))
        found[str(key)] = {
            name: value
            for name, option in rule.options.items()
            if name in options and (value := _value(reader, options[name], ("rules", str(key), name), option)) is not None
        }
    return found


def _value(reader: _Reader, value: object, path: tuple[str, ...], option: Option) -> object:
    if option.kind == "choice":
        return reader.choice(value, path, option.choices)
    if option.kind == "number":
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        reader.problem(path, f"must be a whole number above 0, not {_shown(value)} (such as {option.default})")
        return None
    if option.kind == "map":
        return _patterns(reader, value, path, option)
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    reader.problem(path, "must be a list of texts (such as [a, b])")
    return None


def _patterns(reader: _Reader, value: object, path: tuple[str, ...], option: Option) -> object:
    """A map of patterns to words, as pairs in the order written."""
    if not isinstance(value, Mapping):
        reader.problem(path, f"must be a map (such as {{'x-*': {option.choices[0]}}})")
        return None
    return tuple(
        (str(name), word) for name in value if (word := reader.choice(value[name], (*path, str(name)), option.choices)) is not None
    )


def _load(text: str, shown: str) -> tuple[Mapping[str, Any], Mapping[tuple[str, ...], int]]:
    """The map and the line of each key, from parser events: nothing is constructed, nothing expands."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    loader = _Loader(shown, YAML(typ="safe", pure=True).parse(text))
    try:
        data = loader.document()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "has a character that YAML does not allow"
        raise PolicyError((f"{shown}:{mark.line + 1 if mark else 1} is not valid YAML: {problem} (correct it)",)) from None
    if not isinstance(data, Mapping):
        raise PolicyError((f"{shown}:1 must be a map of keys (such as 'extends: default')",))
    return data, loader.lines


class _Loader:
    """Builds plain data from YAML events; ``lines`` has the line of each key, by its path."""

    def __init__(self, shown: str, events: Iterator[Any]) -> None:
        self.shown = shown
        self.events = events
        self.lines: dict[tuple[str, ...], int] = {}

    def refuse(self, event: Any, what: str, path: tuple[str, ...] = ()) -> NoReturn:
        key = f" {'.'.join(path)}:" if path else ""
        raise PolicyError((f"{self.shown}:{event.start_mark.line + 1}{key} {what}",))

    def document(self) -> Any:
        """The one document's data; an empty one is an empty map."""
        data: Any = {}
        documents = 0
        for event in self.events:
            if _named(event, "DocumentStart"):
                documents += 1
                if documents > 1:
                    self.refuse(event, "a second YAML document (keep one)")
            elif not _named(event, "StreamStart", "StreamEnd", "DocumentEnd"):
                data = self.value(event, ())
        return {} if data is None else data

    def value(self, event: Any, path: tuple[str, ...]) -> Any:
        if _named(event, "Alias") or event.anchor:
            self.refuse(event, "YAML anchors and aliases are not read (write the value out)", path)
        if len(path) > MAX_DEPTH:
            self.refuse(event, "is nested too deeply (no key of a policy is)", path[:1])
        if _named(event, "Scalar"):
            return _scalar(event.value) if event.implicit[0] else event.value
        if _named(event, "SequenceStart"):
            return self.items(path)
        return self.map(path)

    def items(self, path: tuple[str, ...]) -> list[Any]:
        found: list[Any] = []
        while not _named(event := next(self.events), "SequenceEnd"):
            found.append(self.value(event, (*path, str(len(found)))))
        return found

    def map(self, path: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not _named(event := next(self.events), "MappingEnd"):
            if not _named(event, "Scalar"):
                self.refuse(event, "a key must be a word", path)
            inner = (*path, str(event.value))
            if inner in self.lines:
                self.refuse(event, f"stands twice, first on line {self.lines[inner]} (keep one)", inner)
            self.lines[inner] = event.start_mark.line + 1
            found[inner[-1]] = self.value(next(self.events), inner)
        return found


def _named(event: object, *names: str) -> bool:
    return type(event).__name__.removesuffix("Event") in names


def _scalar(text: str) -> str | int | None:
    """A plain scalar: nothing, a whole number, or its text."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    return int(text) if re.fullmatch(r"[-+]?[0-9]{1,18}", text) else text


def iter_settings(policy: Policy) -> Iterator[tuple[str, str, object]]:
    """Every option of every rule as this policy sets it: rule key, option, value."""
    for key, rule in BY_KEY.items():
        for name in rule.options:
            yield key, name, policy.option(key, name)
