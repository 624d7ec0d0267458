"""Whether a canonical agent is read again as what was written: each kept unit as one of its kind and text, in its place.

    python bench/reparse.py [--count 300] [--seed 1] [--shared PATH] [--show]

Builds random teams of corpus files and the labelled teams, among peers and with the first file as the base, and reads each
canonical text as a source, with every level of provenance that stands in the text. Losses are counted by cause; ``--show`` prints each.
A bold lead of which one sentence is left is read as one unit, as it is in a source: that is no loss.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from agentmerge import build, pipeline  # noqa: E402
from agentmerge.errors import AgentmergeError  # noqa: E402
from agentmerge.merge.read import agent_from_source, load_agent  # noqa: E402
from agentmerge.merge.source import source_from_bytes  # noqa: E402
from agentmerge.model import Agent, Chunk, HeadingStyle, Kind, Outline, Part, Rendered, Unit  # noqa: E402
from agentmerge.output.render import render  # noqa: E402
from agentmerge.output.wording import without_lead, without_stop  # noqa: E402
from agentmerge.rules.text.comments import OURS  # noqa: E402

LEVELS = ("none", "section", "inline")
# "Rules:" above a list is a heading in every file; it was none while its paragraph had other sentences. Nothing but other words would help.
LABEL = "a label is what is left of a paragraph"


class Loss(NamedTuple):
    """A kept unit that is not read again as what it is: why, which, and what stands there instead."""

    cause: str
    unit: str
    what: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.unit}: {self.what}"


class Written(NamedTuple):
    """A canonical text, with what was to be written."""

    agents: Sequence[Agent]
    outline: Outline
    rendered: Rendered


# --- building ------------------------------------------------------------------------------------


@contextmanager
def _caught() -> Iterator[list[tuple[Any, ...]]]:
    """What the pipeline hands to the renderer."""
    calls: list[tuple[Any, ...]] = []

    def catching(*arguments: Any) -> Rendered:
        calls.append(arguments)
        return render(*arguments)

    before, pipeline.render = pipeline.render, catching  # type: ignore[attr-defined]
    try:
        yield calls
    finally:
        pipeline.render = before  # type: ignore[attr-defined]


def written(team: Sequence[Path], *, base: bool, levels: Sequence[str] = LEVELS) -> Iterator[tuple[str, Written]]:
    """The canonical text of a team at each level of provenance, not put on disk."""
    with _caught() as calls:
        build(team, output="out.md", base=team[0] if base else None)
    agents, header, outline, decisions, conflicts, _, ledger = calls[-1]
    for level in levels:
        yield level, Written(agents, outline, render(agents, header, outline, decisions, conflicts, level, ledger))


# --- comparing -----------------------------------------------------------------------------------


_FENCE = re.compile(r"(?:`{3,}|~{3,})(.*)$")
_BACKSLASH = re.compile(r"\\(?=[#*+>`~<_-])|\d{1,9}\\(?=[.)])")


def normal(unit: Unit, text: str) -> str:
    """A text without what the layout may change: white space, quote marks, fences, a backslash that keeps a block from beginning."""
    if unit.kind is Kind.CODE:
        return _code(unit, text)
    if unit.kind in (Kind.HTML, Kind.COMMENT):
        first, _, rest = text.partition("\n")
        return f"{first.strip()}\n{_flush(rest.split(chr(10)))}"
    text = " ".join(re.sub(r"^[ \t]*(?:>[ \t]*)+", "", text, flags=re.MULTILINE).split()) if unit.quote else " ".join(text.split())
    return text.replace("\\", "", 1) if _BACKSLASH.match(text) else text


def _code(unit: Unit, text: str) -> str:
    """What a code block holds: its language and its lines, wherever they begin."""
    lines = [re.sub(r"^[ \t]*>[ \t]?", "", line) if unit.quote else line for line in text.split("\n")]
    fence = _FENCE.match(lines[0].strip())
    if fence is None:
        return "\n" + " ".join(text.split())
    if len(lines) > 1 and _FENCE.fullmatch(lines[-1].strip()):
        lines.pop()
    return f"{fence.group(1).strip()}\n{_flush(lines[1:]) if fence.group(1).strip() else ' '.join(' '.join(lines[1:]).split())}"


def _flush(lines: Sequence[str]) -> str:
    return textwrap.dedent("\n".join(line.rstrip().expandtabs(4) for line in lines))


def lost(made: Written) -> list[Loss]:
    """Every kept unit that does not come back with its kind, text and place; empty when all do."""
    if made.outline.verbatim is not None:
        return []
    again = agent_from_source(source_from_bytes(made.rendered.text.encode(), "out.md", "out"))
    return list(_Comparison(made, again).losses())


class _Comparison:
    """What was to be written beside what is read."""

    def __init__(self, made: Written, again: Agent) -> None:
        self.made = made
        self.again = again
        self.units = {u.id: u for agent in made.agents for u in agent.units}
        self.read = [u for u in again.units if not (u.kind is Kind.COMMENT and OURS.fullmatch(u.text))]
        self.sections = {s.id: s for s in again.sections}
        self.at: dict[int, list[Unit]] = {}
        for unit in self.read:
            for line in range(unit.lines[0], unit.lines[1] + 1):
                self.at.setdefault(line, []).append(unit)
        self.seen: set[str] = set()

    def losses(self) -> Iterator[Loss]:
        for made in self.made.rendered.composed:
            self.seen.update(u.id for u in self.at.get(made.line, ()) if u.kind is Kind.HEADING and u.label == made.title)
        for part in self.made.outline.parts:
            if part.heading:
                yield from self.heading(part)
            above: dict[int, Unit | None] = {}
            for chunk in part.chunks:
                above = {depth: unit for depth, unit in above.items() if depth < chunk.depth}
                first = yield from self.chunk(part, chunk, above.get(chunk.depth - 1))
                if chunk.kind == "item":
                    above[chunk.depth] = first
        for unit in self.read:
            if unit.id not in self.seen:
                yield Loss("what nobody wrote", unit.id, f"{unit.kind} {unit.text[:80]!r}")

    def heading(self, part: Part) -> Iterator[Loss]:
        unit = self.units[part.heading or ""]
        here = self.standing([unit.id])
        found = next((u for u in here if u.kind is Kind.HEADING), None)
        self.seen.update(u.id for u in here)
        if found is None or self.sections[found.section].style is not HeadingStyle.ATX:
            yield Loss("heading gone", unit.id, f"{part.title!r}: {self.told(here)}")
        elif self.sections[found.section].level != part.level * 10 or found.label != " ".join(part.title.split()):
            yield Loss("heading changed", unit.id, f"{part.level} {part.title!r}: {self.told(here)}")

    def standing(self, units: Sequence[str]) -> list[Unit]:
        found: dict[str, Unit] = {}
        for name in units:
            first, last = self.made.rendered.lines[name]
            for line in range(first, last + 1):
                found.update((u.id, u) for u in self.at.get(line, ()))
        return list(found.values())

    def told(self, units: Sequence[Unit]) -> str:
        return " / ".join(f"{u.kind}{'' if u.item is None else '-' * u.depth} {u.text[:60]!r}" for u in units[:4]) or "nothing"

    def chunk(self, part: Part, chunk: Chunk, above: Unit | None) -> Iterator[Loss]:  # type: ignore[return]
        """The losses of a block; returns the first unit that is read in its place."""
        own = [self.units[u] for u in chunk.units]
        here = self.standing(chunk.units)
        self.seen.update(u.id for u in here)
        wanted = [(u.kind, normal(u, text)) for u, text in zip(own, _shown(own, chunk), strict=True)]
        got = [(u.kind, normal(u, u.text)) for u in here]
        if wanted != got and _with_lead(wanted) != got:
            yield Loss(self.cause(own, here), own[0].id, f"{self.told(own)} -> {self.told(here)}")
            return here[0] if here else None
        yield from self.place(part, chunk, own, here, above)
        return here[0]

    def cause(self, own: Sequence[Unit], here: Sequence[Unit]) -> str:
        kind = own[0].kind
        if not here:
            return f"{kind} gone"
        texts, found = [normal(u, u.text) for u in own], [normal(u, u.text) for u in here]
        if texts == found:
            at = next(n for n, (a, b) in enumerate(zip(own, here, strict=True)) if a.kind is not b.kind)
            if own[at].kind is Kind.LEAD and len(own) == 1 and here[at].kind is Kind.HEADING:
                return LABEL
            return f"{own[at].kind} read as {here[at].kind}"
        whole, other = "".join("".join(texts).split()), "".join("".join(found).split())
        if whole == other:
            return (
                f"{kind} divided otherwise"
                if {u.kind for u in own} == {u.kind for u in here}
                else f"{kind} read as {here[-1].kind} in part"
            )
        if whole in other:
            return f"{kind} fused with its neighbour ({here[0].kind})"
        return f"{kind} with another text ({here[0].kind})"

    def place(self, part: Part, chunk: Chunk, own: Sequence[Unit], here: Sequence[Unit], above: Unit | None) -> Iterator[Loss]:
        one = here[0]
        what = f"{self.told(own)} in {part.title!r}"
        if chunk.kind == "item" and one.ordered != chunk.marker[:1].isdigit():
            yield Loss("item numbered otherwise", own[0].id, what)
        if one.depth != chunk.depth:
            yield Loss(f"{one.kind} at another depth", own[0].id, f"{one.depth} for {chunk.depth}: {what}")
        elif chunk.depth and above is not None and one.parent != above.id:
            yield Loss(f"{one.kind} under another item", own[0].id, what)
        if chunk.kind == "paragraph" and one.quote != own[0].quote:
            yield Loss("quote changed", own[0].id, what)
        title = self.under(one)
        if title != " ".join(part.title.split()) and (part.heading or title):
            yield Loss(f"{one.kind} under another heading", own[0].id, f"{title!r}: {what}")

    def under(self, unit: Unit) -> str:
        section = self.sections[unit.section]
        while section.style not in (HeadingStyle.ATX, HeadingStyle.SETEXT, HeadingStyle.ROOT):
            section = self.sections[section.parent or ""]
        return section.title


def _shown(own: Sequence[Unit], chunk: Chunk) -> list[str]:
    """The texts of a block's units as they are shown: a list item may lose its last full stop, or the bold lead that opens it."""
    texts = [unit.text for unit in own]
    if chunk.kind == "item":
        texts[0] = texts[0] if chunk.lead else without_lead(texts[0])
        texts[-1] = texts[-1] if chunk.stop else without_stop(texts[-1])
    return texts


def _with_lead(wanted: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """A bold lead with the one sentence that is left of it, as one unit."""
    if len(wanted) == 2 and wanted[0][0] is Kind.HEADING:
        return [(wanted[1][0], f"{wanted[0][1]} {wanted[1][1]}")]
    return list(wanted)


# --- teams ---------------------------------------------------------------------------------------


def labelled(shared: Path) -> Iterator[tuple[str, list[Path]]]:
    data = shared / "data"
    for path in sorted((data / "gold").glob("*.json")):
        yield path.stem, [path.parent / name for name in json.loads(path.read_text(encoding="utf-8"))["files"].values()]
    for path in sorted((ROOT / "bench" / "teams").glob("*.json")):
        yield path.stem, [data / name for name in json.loads(path.read_text(encoding="utf-8"))["files"].values()]


def wild(shared: Path, count: int, rng: random.Random) -> Iterator[tuple[str, list[Path]]]:
    """Random teams of two to four corpus files, half of them of one role."""
    corpus = shared / "data" / "corpus"
    by_role: dict[str, list[Path]] = {}
    for line in (corpus / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        by_role.setdefault(entry["role"], []).append(corpus / entry["file"])
    roles = [role for role in sorted(by_role) if len(by_role[role]) >= 4]
    every = sorted(path for paths in by_role.values() for path in paths)
    while count:
        team = rng.sample(sorted(by_role[rng.choice(roles)]) if count % 2 else every, rng.randint(2, 4))
        try:
            for path in team:
                load_agent(path)
        except AgentmergeError:
            continue
        count -= 1
        yield ", ".join(path.relative_to(corpus).as_posix() for path in team), team


Task = tuple[str, Sequence[Path], bool]


def measured(task: Task) -> tuple[str, Mapping[str, list[Loss]]]:
    """One team in one mode: its losses by level of provenance; none of a team with a file that is refused."""
    name, team, base = task
    try:
        return f"{name}{' (base)' if base else ''}", {level: lost(made) for level, made in written(team, base=base)}
    except AgentmergeError:
        return name, {}


def tasks(shared: Path, count: int, seed: int) -> list[Task]:
    teams = [*labelled(shared), *wild(shared, count, random.Random(seed))]
    return [(name, team, base) for name, team in teams for base in (False, True)]


def shown(name: str, found: Mapping[str, Sequence[Loss]]) -> Iterator[str]:
    """The losses of a build, each once with the levels at which it happens."""
    levels: dict[str, list[str]] = {}
    for level, losses in found.items():
        for loss in losses:
            levels.setdefault(str(loss), []).append(level)
    if levels:
        yield f"{name}\n"
    for loss, at in levels.items():
        yield f"    {loss}{'' if len(at) == len(found) else f' [{chr(44).join(at)}]'}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--show", action="store_true", help="print each loss")
    options = parser.parse_args()
    causes: dict[str, Counter[str]] = {level: Counter() for level in LEVELS}
    whole, todo, refused = Counter[str](), tasks(options.shared, options.count, options.seed), 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for name, found in pool.map(measured, todo):
            refused += not found
            for level, losses in found.items():
                causes[level].update({loss.cause for loss in losses})
                whole[level] += not losses
            if options.show:
                print(*shown(name, found), sep="", end="")
    for level in LEVELS:
        print(f"{level:8} {whole[level]} of {len(todo) - refused} builds are read as they were written")
        print(*(f"  {count:4} {cause}" for cause, count in causes[level].most_common()), sep="\n")


if __name__ == "__main__":
    main()
