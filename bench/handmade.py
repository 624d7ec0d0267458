"""What people made of the same files by hand, and how far a build goes with them: the measures of composition.py.

``consolidation`` compares a build with a public consolidation, ``verdicts`` with the careful merge of the seeds,
statement by statement, ``restatements`` with the labelled claims of a team.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agentmerge import build
from agentmerge.model import Outcome, Unit
from agentmerge.pipeline import Build

NEAR, WITHIN, FEWEST = 90, 95, 3
_MARKERS = re.compile(r"^\s*(?:(?:[-*+>#]+|\d+[.)]|\[[ xX]\])\s+)*")
_PROVENANCE = re.compile(r"<!-- agentmerge.*?-->", re.DOTALL)


def normal(line: str) -> str:
    """A line without its markers, emphasis and runs of white space."""
    return " ".join(re.sub(r"\*\*|__|`", "", _MARKERS.sub("", line)).split())


def body(text: str) -> str:
    """What follows the frontmatter, without our own comments."""
    match = re.match(r"\ufeff?---\n.*?\n---\n", text, re.DOTALL)
    return _PROVENANCE.sub("", text[match.end() :] if match else text)


def lines_of(text: str) -> list[str]:
    """The lines of a body that say something, normalised."""
    return [found for line in body(text).split("\n") if (found := normal(line))]


def words(text: str) -> int:
    return len(_PROVENANCE.sub("", text).split())


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")


# --- a public consolidation ----------------------------------------------------------------------


class Consolidation(NamedTuple):
    """One case: words of the real result that stood in a source, those of them that we hold, and lengths against it."""

    case: str
    base: bool
    carried: int
    held: int
    missing: tuple[str, ...]
    body: float
    whole: float
    text: str

    @property
    def share(self) -> float:
        return self.held / max(1, self.carried)


def near(line: str, others: Sequence[str]) -> bool:
    """Whether a near-identical line is among others."""
    return process.extractOne(line, others, scorer=fuzz.ratio, score_cutoff=NEAR) is not None


def holds(line: str, ours: Sequence[str], joined: str) -> bool:
    """Whether our result has a near-identical line, a longer one that contains it, or its words over several lines."""
    longer = [other for other in ours if len(other) > len(line)]
    return (
        near(line, ours) or line in joined or process.extractOne(line, longer, scorer=fuzz.partial_ratio, score_cutoff=WITHIN) is not None
    )


def survivor(folder: Path) -> Path | None:
    """The file that the others were folded into, if the case names one."""
    names = json.loads(_read(folder / "case.json")).get("survivor") or []
    return next((path for name in names if (path := folder / "before" / f"{name}.md").is_file()), None)


def consolidation(folder: Path, *, base: bool) -> Consolidation | None:
    """Build the files of a case and hold the result against the real one; None when there is no base to build on."""
    chosen = survivor(folder) if base else None
    if base and chosen is None:
        return None
    before = sorted((folder / "before").glob("*.md"))
    made = build(before, output=folder / "canonical.out.md", base=chosen)
    real = "\n".join(_read(path) for path in sorted((folder / "after").glob("*.md")))
    sources = [line for path in before for line in lines_of(_read(path))]
    carried = [line for line in lines_of(real) if len(line.split()) >= FEWEST and near(line, sources)]
    ours, joined = lines_of(made.text), " ".join(lines_of(made.text))
    missing = tuple(line for line in carried if not holds(line, ours, joined))
    total = words(" ".join(carried))
    return Consolidation(
        case=folder.name,
        base=base,
        carried=total,
        held=total - words(" ".join(missing)),
        missing=missing,
        body=words(body(made.text)) / words(body(real)),
        whole=words(made.text) / words(real),
        text=made.text,
    )


# --- the careful merge of the seeds --------------------------------------------------------------


class Verdict(NamedTuple):
    """What a person did with one statement, and what the build did with the unit that holds it."""

    statement: str
    verdict: str
    target: str
    canonical: str
    unit: Unit | None
    stands: bool
    wording: str

    @property
    def place(self) -> str:
        return f"{self.unit.source}:{self.unit.lines[0]}" if self.unit else self.statement


class Kept(NamedTuple):
    """A build read for what stands: decisions, the ledger's entries, kept lines of the labels."""

    made: Build
    units: dict[str, Unit]
    entries: dict[str, dict[str, Any]]
    joined: str

    @classmethod
    def of(cls, made: Build) -> Kept:
        units = {unit.id: unit for agent in made.agents for unit in agent.units}
        entries = {entry["id"]: entry for entry in json.loads(made.ledger)["units"]}
        return cls(made, units, entries, " ".join(lines_of(made.text)))

    def stands(self, unit: str, text: str) -> bool:
        """Whether a unit stands in the result; of a trimmed one, whether this text of it does."""
        entry = self.entries[unit]
        return entry["outcome"] == Outcome.KEPT and (not entry.get("trimmed") or normal(text) in self.joined)

    def merged_into(self, unit: str) -> str | None:
        """The kept unit that says it now."""
        entry = self.entries[unit]
        while entry["outcome"] == Outcome.MERGED:
            entry = self.entries[entry["into"]]
        return entry["id"] if entry["outcome"] == Outcome.KEPT else None

    def lines(self) -> set[str]:
        """Each line of each kept unit, as labels write them."""
        kept = (unit for unit in self.units.values() if self.entries[unit.id]["outcome"] == Outcome.KEPT)
        return {f"{unit.source}:{line}" for unit in kept for line in range(unit.lines[0], unit.lines[1] + 1)}


def _found(text: str, units: Iterable[Unit]) -> Unit | None:
    """The unit of a source that holds a statement best."""
    wanted = normal(re.sub(r"^CODE \w*: ", "", text))

    def score(unit: Unit) -> tuple[float, float]:
        have = normal(re.sub(r"^\s*(```|~~~)\w*", "", unit.text))
        alike = fuzz.ratio(wanted, have)
        return max(alike, 95.0 if wanted in have or (len(have.split()) >= FEWEST and have in wanted) else 0.0), alike

    best = max(units, key=score)
    return best if score(best)[0] >= 75 else None


def verdicts(shared: Path) -> list[Verdict]:
    """Each statement of the seeds with a person's verdict and ours."""
    data = shared / "data"
    held = Kept.of(build(sorted((data / "seeds").glob("*.md")), output=data / "canonical.out.md"))
    claims = [c for c in json.loads(_read(data / "gold" / "seeds.json"))["claims"] if c["kind"] != "section"]
    kept = held.lines()
    by_source: dict[str, list[Unit]] = {}
    for unit in held.units.values():
        if unit.kind not in ("heading", "comment", "tag"):
            by_source.setdefault(unit.source, []).append(unit)
    with (data / "ideal" / "seeds-ledger.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    found = []
    for statement, verdict, target, text, canonical in (row[:5] + [""] * (5 - len(row)) for row in rows):
        unit = _found(text, by_source[statement.split(".")[0]])
        stands = unit is not None and held.stands(unit.id, text)
        found.append(Verdict(statement, verdict, target, canonical or text, unit, stands, _wording(unit, held, claims, kept)))
    return found


def _wording(unit: Unit | None, held: Kept, claims: Sequence[Any], kept: set[str]) -> str:
    """How a unit that is gone is still said: ``merged``, ``claimed`` (each of its labelled claims has a kept line), or nothing."""
    if unit is None:
        return ""
    if held.merged_into(unit.id):
        return "merged"
    own = [c for c in claims if any(f"{unit.source}:{n}" in c["lines"] for n in range(unit.lines[0], unit.lines[1] + 1))]
    return "claimed" if own and all(kept.intersection(c["lines"]) for c in own) else ""


# --- labelled claims -----------------------------------------------------------------------------


class Restated(NamedTuple):
    """A team's restatements: claims with the kept lines of each that has several, and what a cover by lines could reach."""

    claims: tuple[tuple[str, tuple[str, ...]], ...]
    ratio: float
    least: float


def restatements(shared: Path, team: str) -> Restated:
    """The statement claims that a build says more than once; a line counts as in score_alignment.py."""
    path = shared / "data" / "gold" / f"{team}.json"
    gold = json.loads(_read(path))
    files = [path.parent / name for name in gold["files"].values()]
    held = Kept.of(build(files, output=path.parent / "canonical.out.md"))
    statements = [c for c in gold["claims"] if c["kind"] == "statement"]
    kept, texts = held.lines(), {}
    for unit in held.units.values():
        texts.setdefault(f"{unit.source}:{unit.lines[0]}", " ".join(unit.text.split()))
    said = [(c["claim"], [line for line in c["lines"] if line in kept]) for c in statements]
    possible = sum(len(c["lines"]) - 1 for c in statements)
    several = tuple((claim, tuple(f"{n} {texts.get(n, '')}" for n in lines)) for claim, lines in said if len(lines) > 1)
    chosen = cover([set(c["lines"]) for c in gold["claims"]])
    left = sum(len(chosen.intersection(c["lines"])) - 1 for c in statements)
    return Restated(several, sum(max(0, len(lines) - 1) for _, lines in said) / possible, left / possible)


def cover(claims: Sequence[set[str]]) -> set[str]:
    """Lines, greedily few, of which every claim has at least one: newly said claims first, then those said again least."""
    chosen: set[str] = set()
    of = {line: {n for n, claim in enumerate(claims) if line in claim} for line in sorted(set().union(*claims))}
    open_claims = set(range(len(claims)))
    while open_claims:
        line = max(of, key=lambda x: (len(of[x] & open_claims) - len(of[x] - open_claims), len(of[x] & open_claims)))
        if not of[line] & open_claims:
            line = next(x for x in of if of[x] & open_claims)
        chosen.add(line)
        open_claims -= of.pop(line)
    for line in sorted(chosen):
        if all((chosen - {line}) & claim for claim in claims if line in claim):
            chosen.remove(line)
    return chosen


def teams(shared: Path) -> Iterator[str]:
    yield from (path.stem for path in sorted((shared / "data" / "gold").glob("*.json")))
