"""Build every labelled team by vectors and weights that never saw its labels, and judge the canonical agents.

    python bench/heldout.py [TEAM…] [--wrong]     --wrong prints the merges that no reader labelled as one claim

The shipped tables know the labels of these teams; this is what a team that nobody has seen may expect. Vectors are learnt
in the folds of ``meaning.py``, weights are fitted on the other teams of two readers. ``merges`` is the share of merged
lines whose two lines are a labelled pair (one that only one of two readers saw counts as wrong), ``restated`` the share of
labelled restatements that still stand, ``lost`` the claims of which no line stands or went into one that does.
Takes some four minutes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import alignment
import meaning
from labelled import Team, load_teams, pair, paths
from tables import text_of

from agentmerge import build
from agentmerge.merge import meaning as shipped_meaning
from agentmerge.merge import score
from agentmerge.merge.directions import Vectors
from agentmerge.merge.features import FEATURES
from agentmerge.merge.lexicon import build_lexicon, shipped_concepts
from agentmerge.merge.surroundings import SURROUNDINGS
from agentmerge.model import Outcome
from agentmerge.pipeline import Build

Pair = tuple[str, str]


class Tables(NamedTuple):
    """The files of a team's vectors and weights."""

    vectors: Path
    weights: Path


class Result(NamedTuple):
    """What became of one team."""

    team: str
    single: bool
    f1: float
    merges: int
    right: int
    restated: float
    lost: int
    wrong: Sequence[str]


def fitted(teams: Sequence[Team], folder: Path) -> Iterator[tuple[Team, Tables]]:
    """The teams with tables that were made without each."""
    at, lexicon = FEATURES.index("meaning"), build_lexicon(shipped_concepts())
    files: dict[str, Path] = {}
    for fold in range(meaning.FOLDS):
        held = teams[fold :: meaning.FOLDS]
        learner = meaning.learnt([team for team in teams if team not in held], lexicon)
        files.update(dict.fromkeys((team.name for team in held), folder / f"meaning{fold}.tsv"))
        vectors = learner.vectors[1:]
        (folder / f"meaning{fold}.tsv").write_text(text_of("heldout.py", learner.names, vectors, np.abs(vectors).max()), encoding="utf-8")
        for team in held:
            team.x[:, at] = learner.likeness(team)
    first = alignment.first_features(teams)
    merge = json.loads(score.WEIGHTS.read_text(encoding="utf-8"))["merge"]
    for team in teams:
        others = [t for t in teams if t is not team and not t.single]
        alone = alignment.fit(others, first)
        second = alignment.staged(others, first, alone)
        among = alignment.fit(others, second)
        link = alignment.threshold_of(others, {t.name: alignment.predict(second[t.name], among) for t in others})
        weights = folder / f"{team.name}.json"
        stages = {"alone": dict(zip(FEATURES, map(float, alone), strict=True))}
        stages["among"] = dict(zip((*FEATURES, *SURROUNDINGS), map(float, among), strict=True))
        weights.write_text(json.dumps({"link": link, "merge": merge, "review": alignment.REVIEW, **stages}), encoding="utf-8")
        yield team, Tables(files[team.name], weights)


def built(gold: Mapping[str, Any], sources: Path, tables: Tables) -> Build:
    """The canonical agent of a team by these tables; sources are named by their keys."""
    shipped_meaning.VECTORS, score.WEIGHTS = Vectors(tables.vectors), tables.weights
    shipped_meaning.vector.cache_clear()
    score.default_weights.cache_clear()
    with tempfile.TemporaryDirectory() as folder:
        for key, file in gold["files"].items():
            shutil.copy(sources / file, Path(folder) / f"{key}.md")
        return build(folder, output=Path(folder) / "canonical.md")


def judged(made: Build, gold: Mapping[str, Any], team: Team) -> Result:
    """A canonical agent by the labels of its sources."""
    units = {unit.id: unit for agent in made.agents for unit in agent.units}
    decided = {decision.unit: decision for decision in made.decisions}
    labelled = {line for lines in team.gold for line in lines} | {line for claim in gold["claims"] for line in claim["lines"]}
    lines = {unit.id: Team.lines_of(unit, labelled) for unit in units.values()}

    def between(a: str, b: str) -> set[Pair]:
        return {pair((x, y)) for x in lines[a] for y in lines[b] if x.split(":")[0] != y.split(":")[0]}

    linked = {p for al in made.alignments for p in between(al.a, al.b)} - team.disputed
    hit = len(linked & team.gold)
    merged = [(d.unit, d.into) for d in made.decisions if d.outcome is Outcome.MERGED and d.into and between(d.unit, d.into)]
    wrong = [(a, b) for a, b in merged if between(a, b).isdisjoint(team.gold)]
    kept = {line for unit in units for line in lines[unit] if decided[unit].outcome is Outcome.KEPT}
    absorbed = {line for a, b in merged for line in lines[a] if decided[b].outcome is Outcome.KEPT}
    claims = [set(claim["lines"]) for claim in gold["claims"] if claim["kind"] == "statement"]
    left = sum(max(0, len(claim & kept) - 1) for claim in claims)
    return Result(
        team.name,
        team.single,
        2 * hit / max(1, len(linked) + len(team.gold)),
        len(merged),
        len(merged) - len(wrong),
        left / max(1, sum(len(claim) - 1 for claim in claims)),
        sum(set(claim["lines"]).isdisjoint(kept | absorbed) for claim in gold["claims"]),
        [f"{a} {_shown(units[a].text)}\n      {b} {_shown(units[b].text)}" for a, b in wrong],
    )


def _shown(text: str) -> str:
    return " ".join(text.split())[:150]


def main() -> None:
    """Judge the teams and print them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("teams", nargs="*", metavar="TEAM")
    parser.add_argument("--wrong", action="store_true", help="print the merges that no reader labelled as one claim")
    options = parser.parse_args()
    golds = [(json.loads(path.read_text(encoding="utf-8")), folder) for path, folder in paths(single=True)]
    known = {gold["team"]: (gold, folder) for gold, folder in golds}
    if unknown := set(options.teams) - known.keys():
        parser.error(f"no labelled team {', '.join(sorted(unknown))}: {', '.join(known)}")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for team, tables in fitted(load_teams(single=True), Path(folder)):
            if options.teams and team.name not in options.teams:
                continue
            gold, sources = known[team.name]
            results.append(result := judged(built(gold, sources, tables), gold, team))
            _print(result.team, [result])
            if options.wrong:
                print(*(f"    {line}" for line in result.wrong), sep="\n", flush=True)
    for single, name in ((False, "teams of two readers"), (True, "teams of one reader")):
        if group := [result for result in results if result.single == single]:
            _print(f"{len(group)} {name}", group)


def _print(name: str, results: Sequence[Result]) -> None:
    count, right = sum(r.merges for r in results), sum(r.right for r in results)
    f1, restated = np.mean([r.f1 for r in results]), np.mean([r.restated for r in results])
    share = f"merges {right / max(1, count):.3f} of {count:3}  restated {restated:.3f}  lost {sum(r.lost for r in results)}"
    print(f"{name:24} F1 {f1:.3f}  {share}", flush=True)


if __name__ == "__main__":
    main()
