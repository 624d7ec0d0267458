"""Labelled teams: which lines of different files say the same thing.

From ../shared/data/gold and ../shared/data/parallel, and from bench/teams: teams of corpus files
that two readers labelled independently. A pair on which both agree is gold, one that only one of
them saw is disputed and counts neither way. Teams of ``bench/teams/single`` had one
reader: vectors learn from them, weights do not, and they are measured apart.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agentmerge.merge.align import pairs_of
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import build_lexicon, shipped_concepts
from agentmerge.merge.read import load_agent

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TEAMS = Path(__file__).with_name("teams")
SINGLE = TEAMS / "single"


def pair(lines):
    return tuple(sorted(lines.split() if isinstance(lines, str) else lines))


def paths(parallel=False, single=False):
    yield from ((path, path.parent) for path in sorted((DATA / "gold").glob("*.json")))
    yield from ((path, DATA) for path in sorted(TEAMS.glob("*.json")))
    if single:
        yield from ((path, DATA) for path in sorted(SINGLE.glob("*.json")))
    if parallel:
        yield from ((path, path.parent) for path in sorted((DATA / "parallel").glob("*/gold.json")))


class Team:
    """A labelled team: its units, its candidate pairs with features, and which pairs of lines are gold."""

    def __init__(self, gold, folder, lexicon):
        self.name, self.languages = gold["team"], gold["languages"]
        self.gold = {pair(p) for p in gold["pairs"]}
        self.disputed = {pair(p) for p in gold.get("disputed", [])}
        self.published = folder != DATA
        self.single = gold.get("labelings") == 1
        readings = [read_claims(load_agent(folder / file, source_id=key), lexicon) for key, file in gold["files"].items()]
        self.found = pairs_of(readings, lexicon)
        self.readings = [said.reading for said in self.found.said]
        labelled = {line for p in self.gold for line in p} | {line for claim in gold["claims"] for line in claim["lines"]}
        self.of_unit = [self.lines_of(reading.unit, labelled) for reading in self.readings]
        # Pairs within one source are the merger's own business: nobody labelled them.
        self.at = [n for n, (i, j) in enumerate(self.found.pairs) if self.readings[i].unit.source != self.readings[j].unit.source]
        self.pairs = [self.found.pairs[n] for n in self.at]
        self.x = np.array([self.found.features[n] for n in self.at])
        self.lines = [self.line_pairs(i, j) for i, j in self.pairs]
        self.y = np.array([float(not lines.isdisjoint(self.gold)) for lines in self.lines])
        self.use = np.array([lines.isdisjoint(self.disputed) for lines in self.lines])

    @staticmethod
    def lines_of(unit, labelled):
        lines = [f"{unit.source}:{n}" for n in range(unit.lines[0], unit.lines[1] + 1)]
        return [line for line in lines if line in labelled] or lines[:1]

    def line_pairs(self, i, j):
        return {pair((x, y)) for x in self.of_unit[i] for y in self.of_unit[j]}

    def kind(self, lines):
        return "-".join(sorted(self.languages[line.split(":")[0]] for line in lines))

    def f1(self, scores, threshold, kind=None):
        """F1, precision, recall over pairs of lines, of all pairs or of one pair of languages."""
        predicted = {lines for n in np.nonzero(scores >= threshold)[0] for lines in self.lines[n]} - self.disputed
        gold = self.gold
        if kind:
            predicted = {p for p in predicted if self.kind(p) == kind}
            gold = {p for p in gold if self.kind(p) == kind}
        hit = len(predicted & gold)
        precision, recall = hit / max(1, len(predicted)), hit / max(1, len(gold))
        return (2 * precision * recall / (precision + recall) if hit else 0.0), precision, recall


def load_teams(*, parallel=False, single=False, names=None, lexicon=None):
    lexicon = lexicon or build_lexicon(shipped_concepts())
    found = []
    for path, folder in paths(parallel, single):
        gold = json.loads(path.read_text(encoding="utf-8"))
        if not names or gold["team"] in names:
            found.append(Team(gold, folder, lexicon))
    return found
