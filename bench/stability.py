"""How local a change stays: one bullet is taken out of one source, and everything else should stand as it stood.

    python bench/stability.py [--count 200] [--seed 1] [--team NAME] [--shared PATH] [--show]

For each removal two builds are compared. What may differ is the bullet's claim (units aligned or merged with it, what those had
absorbed in turn) and the sections of the canonical agent in which these stand. Any other section must have the same text and heading
and stand in the same order. Causes of what else changed are counted; ``--show`` prints each removal that does not hold.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from agentmerge import build  # noqa: E402
from agentmerge.errors import AgentmergeError  # noqa: E402
from agentmerge.merge.read import agent_from_source, load_agent  # noqa: E402
from agentmerge.merge.source import source_from_bytes  # noqa: E402
from agentmerge.model import Agent, Kind, Outcome, Unit  # noqa: E402
from agentmerge.pipeline import Build  # noqa: E402

Key = tuple[str, str, int]
"""A statement across builds: source, text, and which of its equals it is. Ids hold line numbers, which move."""


class Removal(NamedTuple):
    """One bullet of one source: its first and last line, and its units."""

    source: str
    lines: tuple[int, int]
    units: frozenset[str]
    text: str


class Place(NamedTuple):
    """One section of a canonical agent: its heading as written, its own text, its statements in order."""

    heading: str
    text: str
    units: tuple[Key, ...]


class Change(NamedTuple):
    """Something that changed outside what may: its cause, and what it is in words."""

    cause: str
    what: str


def keys_of(agents: Iterable[Agent]) -> dict[str, Key]:
    """Each unit's key by its id."""
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[str, Key] = {}
    for agent in agents:
        for unit in agent.units:
            name = (unit.source, unit.text)
            found[unit.id] = (*name, seen[name])
            seen[name] += 1
    return found


def bullets(agent: Agent) -> Iterator[Removal]:
    """Each list item with all that is nested in it, if taking it out leaves the rest of its file as it was read."""
    below: dict[str, list[Unit]] = defaultdict(list)
    for unit in agent.units:
        if unit.parent:
            below[unit.parent].append(unit)
    for unit in agent.units:
        if unit.item is None or unit.kind not in (Kind.ITEM, Kind.CHECK) or unit.item != unit.lines[0]:
            continue
        members = {u.id: u for u in agent.units if u.item == unit.item}
        waiting = list(members.values())
        while waiting:
            for child in below[waiting.pop().id]:
                for u in agent.units:
                    if u.id not in members and (u is child or u.item == child.item):
                        members[u.id] = u
                        waiting.append(u)
        lines = (min(u.lines[0] for u in members.values()), max(u.lines[1] for u in members.values()))
        removal = Removal(agent.source.id, lines, frozenset(members), unit.text)
        left = agent_from_source(source_from_bytes(without(agent.source.text, removal).encode(), agent.source.path, agent.source.id))
        rest = [(u.kind, u.text) for u in agent.units if u.id not in members]
        if [(u.kind, u.text) for u in left.units] == rest:
            yield removal


def without(text: str, removal: Removal) -> str:
    """A file's text without a bullet's lines."""
    lines = text.split("\n")
    return "\n".join((*lines[: removal.lines[0] - 1], *lines[removal.lines[1] :]))


class Read:
    """A build, read for comparison."""

    def __init__(self, made: Build) -> None:
        self.made = made
        self.keys = keys_of(made.agents)
        self.decided = {self.keys[d.unit]: d for d in made.decisions}
        self.aligned = {frozenset((self.keys[a.a], self.keys[a.b])): a for a in made.alignments}
        self.places = tuple(self._places())
        self.at = {key: n for n, place in enumerate(self.places) for key in place.units}

    def _places(self) -> Iterator[Place]:
        text = self.made.text
        canonical = agent_from_source(source_from_bytes(text.encode(), "out.md", "out"))
        lines = text.split("\n")
        heads = [u.lines[0] for u in canonical.units if u.kind is Kind.HEADING and u.item is None and lines[u.lines[0] - 1].startswith("#")]
        bounds = [canonical.source.body_line, *heads, len(lines) + 1]
        standing = sorted((span[0], name) for name, span in self.made.rendered.lines.items() if name in self.keys)
        for first, last in itertools.pairwise(bounds):
            headed = first in heads
            own = [line for line in lines[first - 1 + headed : last - 1] if not line.startswith("<!-- agentmerge")]
            units = tuple(self.keys[name] for at, name in standing if first <= at < last and not (headed and at == first))
            yield Place(lines[first - 1] if headed else "", "\n".join(own).strip("\n"), units)

    def into(self, key: Key) -> Key | None:
        into = self.decided[key].into
        return self.keys[into] if into else None

    def claim(self, start: Iterable[Key]) -> set[Key]:
        """Statements aligned or merged with these, what those had absorbed, and where they went."""
        found = set(start)
        found.update(key for pair in self.aligned if pair & found for key in pair)
        return self.absorbed(found)

    def absorbed(self, found: set[Key]) -> set[Key]:
        """These, all that was merged into them, and what they were merged into."""
        while True:
            more = {key for key in self.decided if self.into(key) in found} | {
                i for k in found if k in self.decided and (i := self.into(k))
            }
            if more <= found:
                return found
            found = found | more


def compared(one: Read, two: Read, gone: frozenset[Key]) -> list[Change]:
    """What else changed, the causes first that explain others; empty when the change stayed local."""
    claim = one.claim(gone)
    claim = two.absorbed(claim - gone) | one.absorbed(claim)
    pairs = matched(one, two, gone)
    back = {m: n for n, m in pairs.items()}
    touched_one = {one.at[k] for k in claim if k in one.at}
    touched_two = {two.at[k] for k in claim if k in two.at} | {pairs[n] for n in touched_one if n in pairs}
    touched_one |= {back[m] for m in touched_two if m in back}
    rest_one = [p[:2] for n, p in enumerate(one.places) if n not in touched_one]
    rest_two = [p[:2] for n, p in enumerate(two.places) if n not in touched_two]
    orders = [n for n, _ in sorted(pairs.items(), key=lambda pair: pair[1])]
    changes: list[Change] = []
    if rest_one == rest_two and orders == sorted(orders):
        return changes
    changes.extend(outcomes(one, two, claim | gone))
    moved = [n for n, m in zip(sorted(pairs), orders, strict=True) if n != m]
    if moved:
        changes.append(Change("order of sections", "; ".join(one.places[n].heading or "(top)" for n in moved)))
    for n, m in sorted(pairs.items()):
        if n in touched_one or m in touched_two:
            continue
        a, b = one.places[n], two.places[m]
        if a.heading.lstrip("# ") != b.heading.lstrip("# "):
            changes.append(Change("heading chosen", f"{a.heading} -> {b.heading}"))
        elif a.heading != b.heading:
            changes.append(Change("heading level", f"{a.heading} -> {b.heading}"))
        if set(a.units) == set(b.units) and a.units != b.units:
            changes.append(Change("order within a section", a.heading))
        elif a.units == b.units and a.text != b.text:
            changes.append(Change("layout of a section", a.heading))
    for key in sorted(one.at.keys() & two.at.keys() - claim):
        if pairs.get(one.at[key]) != two.at[key]:
            a, b = one.places[one.at[key]].heading, two.places[two.at[key]].heading
            changes.append(Change("sections joined, split or emptied", f"{key[0]}: {key[1][:60]!r}: {a} -> {b}"))
    return changes or [
        Change("other", f"{[p for p in rest_one if p not in rest_two][:1]} -> {[p for p in rest_two if p not in rest_one][:1]}")
    ]


def matched(one: Read, two: Read, gone: frozenset[Key]) -> dict[int, int]:
    """Sections of the first that are sections of the second: most statements shared, both ways."""
    votes: Counter[tuple[int, int]] = Counter((at, two.at[key]) for key, at in one.at.items() if key in two.at and key not in gone)
    found: dict[int, int] = {}
    for (n, m), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        if n not in found and m not in found.values():
            found[n] = m
    return found


def outcomes(one: Read, two: Read, claim: set[Key]) -> Iterator[Change]:
    """Statements outside the claim of which something else became."""
    for key in one.decided:
        if key in claim or key not in two.decided:
            continue
        a, b = one.decided[key], two.decided[key]
        partners = {p for p in (one.into(key), two.into(key)) if p}
        if a.outcome is b.outcome and one.into(key) == two.into(key):
            continue
        what = f"{key[0]}: {key[1][:70]!r}: {a.outcome} {a.rule} -> {b.outcome} {b.rule}"
        if partners & claim:
            what += " (with a part of the claim)"
        pairs = [frozenset((key, p)) for p in partners]
        if any((p in one.aligned) != (p in two.aligned) for p in pairs):
            yield Change("alignment elsewhere came or went", what)
        elif a.outcome is b.outcome is Outcome.MERGED:
            yield Change("merged into another wording", what)
        else:
            yield Change(f"decision {a.rule} -> {b.rule}", what)


def drift(one: Read, two: Read, claim: set[Key]) -> int:
    """Alignments outside the claim that came or went."""
    return sum(not pair & claim for pair in one.aligned.keys() ^ two.aligned.keys())


# --- teams ---------------------------------------------------------------------------------------


def labelled(shared: Path) -> Iterator[tuple[str, list[Path]]]:
    for path in sorted((shared / "data" / "gold").glob("*.json")):
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        yield path.stem, [path.parent / name for name in files.values()]


def neighbours(shared: Path, count: int, rng: random.Random) -> Iterator[tuple[str, list[Path]]]:
    """Random teams of three corpus files of one role."""
    corpus = shared / "data" / "corpus"
    by_role: dict[str, list[Path]] = defaultdict(list)
    for line in (corpus / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        by_role[entry["role"]].append(corpus / entry["file"])
    roles = [role for role in sorted(by_role) if len(by_role[role]) >= 3]
    while count:
        team = rng.sample(sorted(by_role[rng.choice(roles)]), 3)
        try:
            for path in team:
                load_agent(path)
        except AgentmergeError:
            continue
        count -= 1
        yield "corpus " + ", ".join(path.relative_to(corpus).as_posix() for path in team), team


def removals(team: Sequence[Path], count: int, rng: random.Random) -> Iterator[tuple[Removal, list[Change], int]]:
    """Random removals of a team with what else changed, and how many alignments elsewhere did."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = {f"s{n}": path.read_text(encoding="utf-8-sig").replace("\r\n", "\n") for n, path in enumerate(team)}
        for source, text in texts.items():
            (folder / f"{source}.md").write_text(text, encoding="utf-8", newline="\n")
        paths = [folder / f"{source}.md" for source in texts]
        first = Read(build(paths, output=folder / "out.md"))
        choices = [removal for agent in first.made.agents for removal in bullets(agent)]
        for removal in rng.sample(choices, min(count, len(choices))):
            path = folder / f"{removal.source}.md"
            path.write_text(without(texts[removal.source], removal), encoding="utf-8", newline="\n")
            second = Read(build(paths, output=folder / "out.md"))
            path.write_text(texts[removal.source], encoding="utf-8", newline="\n")
            gone = frozenset(first.keys[u] for u in removal.units)
            yield removal, compared(first, second, gone), drift(first, second, first.claim(gone) | gone)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--team", help="one labelled team, or 'corpus'")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--show", action="store_true", help="print each removal that does not hold")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    groups = {name: [(name, files)] for name, files in labelled(options.shared)}
    each = options.count // (1 if options.team else len(groups) + 1)
    if options.team in (None, "corpus"):
        groups["corpus"] = list(neighbours(options.shared, max(1, each // 2), rng))
    causes: Counter[str] = Counter()
    for group, teams in groups.items():
        if options.team not in (None, group):
            continue
        held = tried = moved = 0
        for name, files in teams:
            for removal, changes, drifted in removals(files, each if len(teams) == 1 else 2, rng):
                tried, held, moved = tried + 1, held + (not changes), moved + bool(drifted)
                causes.update({change.cause for change in changes})
                if changes and options.show:
                    print(f"{name}: without {removal.source}:{removal.lines[0]} {removal.text[:80]!r}")
                    print(*(f"    {change.cause}: {change.what}" for change in changes[:8]), sep="\n")
        print(f"{group:10} {held} of {tried} stay local; alignments elsewhere came or went in {moved}", flush=True)
    print(*(f"  {count:4} {cause}" for cause, count in causes.most_common()), sep="\n")


if __name__ == "__main__":
    main()
