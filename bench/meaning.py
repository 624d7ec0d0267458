"""Learn what concepts say about a claim, as short vectors: **writes** merge/data/meaning.tsv.

    python bench/meaning.py [--like CONCEPT]     --like prints the nearest concepts instead

The lessons are claims in several wordings and languages (``bench/wordings``) and the labelled teams.
A text's direction is the sum of its concepts' vectors. Wordings of one claim are drawn together, the
other claims of the batch pushed away (InfoNCE, van den Oord and others 2018); a batch holds whole
groups, so that much of what is pushed away is about the same matter and yet another claim. A pair of
a labelled team is one claim or not by its cosine (logistic loss). The vectors begin as those of
``cooccurrence.py``, so that concepts that no lesson has stay where the corpus puts them.

``cross_fitted`` gives teams the feature that vectors learnt without them would have given: by the
shipped vectors a labelled team knows its own labels, and weights fitted on that would trust it too much.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from labelled import Team, load_teams
from tables import nearest, text_of

from agentmerge.merge import cooccurrence
from agentmerge.merge.claims import concepts_of, plain
from agentmerge.merge.lexicon import Lexicon, build_lexicon, shipped_concepts
from agentmerge.merge.meaning import DIMENSIONS, VECTORS

WORDINGS = Path(__file__).with_name("wordings")
SEED = 5
FOLDS = 6
EPOCHS = 24
BATCH = 256
JUDGED = 1024
RATE = 0.015
TEMPERATURE = 0.1
# How many of a text's concepts are left out at random, so that no claim hangs on one of them.
DROPPED = 0.2
# What the labelled pairs weigh beside the wordings.
PAIRS = 5.0
LONGEST = 100

Text = frozenset[str]


class Lessons(NamedTuple):
    """``groups`` hold claims, a claim its wordings; a pair is two texts, whether they make one claim, and what it weighs."""

    groups: Sequence[Sequence[Sequence[Text]]]
    pairs: Sequence[tuple[Text, Text, float, float]]


def wordings(lexicon: Lexicon) -> list[list[list[Text]]]:
    """The concepts of each wording of each claim of each group, the name of a claim being a wording too."""
    groups: list[list[list[Text]]] = []
    for path in sorted(WORDINGS.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                groups.append([])
            elif line.startswith("# "):
                groups[-1].append([concepts_of(plain(line[2:]), lexicon)])
            elif line.strip():
                groups[-1][-1].append(concepts_of(plain(line.split(": ", 1)[1]), lexicon))
    return groups


def labelled_pairs(teams: Iterable[Team]) -> list[tuple[Text, Text, float, float]]:
    """The candidate pairs of labelled teams; every team weighs the same."""
    found = []
    for team in teams:
        texts = [reading.concepts | reading.title for reading in team.readings]
        weight = 1 / max(1, team.use.sum())
        found += [(texts[i], texts[j], y, weight) for (i, j), y, use in zip(team.pairs, team.y, team.use, strict=True) if use]
    return found


class Learner:
    """The vectors while they are learnt, one a row; row 0 stands for no concept and stays 0."""

    def __init__(self, lessons: Lessons, lexicon: Lexicon) -> None:
        self.random = np.random.default_rng(SEED)
        texts = [text for group in lessons.groups for claim in group for text in claim]
        texts += [text for a, b, _, _ in lessons.pairs for text in (a, b)]
        self.names = sorted({*cooccurrence.VECTORS.rows, *(c for text in texts for c in text if not c.startswith("w:"))})
        self.row = {name: n for n, name in enumerate(self.names, 1)}
        self.vectors = self._first(lexicon)
        self.slope, self.offset = 5.0, -3.0
        self.groups = [[bags for claim in group if len(bags := self._bags(claim)) > 1] for group in lessons.groups]
        self.left = np.array([self.bag(a) for a, _, _, _ in lessons.pairs])
        self.right = np.array([self.bag(b) for _, b, _, _ in lessons.pairs])
        self.one = np.array([y for _, _, y, _ in lessons.pairs])
        weights = np.array([weight for _, _, _, weight in lessons.pairs])
        self.weight = weights / weights.mean()
        self.moments = np.zeros((2, *self.vectors.shape), dtype=np.float32)
        self.steps = 0

    def _first(self, lexicon: Lexicon) -> np.ndarray:
        vectors = self.random.normal(0, 0.02, (len(self.names) + 1, DIMENSIONS))
        for name, n in self.row.items():
            start, rarity = cooccurrence.vector(name), lexicon.rarity(name)
            if start:
                vectors[n, : len(start)] += np.array(start) * rarity
            else:
                vectors[n] += self.random.normal(0, 0.5 * rarity / np.sqrt(DIMENSIONS), DIMENSIONS)
        vectors[0] = 0
        return vectors.astype(np.float32)

    def bag(self, text: Text) -> np.ndarray:
        """The rows of a text's concepts, filled up with row 0."""
        found = [self.row[c] for c in sorted(text) if c in self.row][:LONGEST]
        return np.array(found + [0] * (LONGEST - len(found)))

    def _bags(self, claim: Sequence[Text]) -> list[np.ndarray]:
        """The bags of a claim's wordings that have a concept."""
        return [self.bag(text) for text in claim if not self.row.keys().isdisjoint(text)]

    def encode(self, bags: np.ndarray, drop: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which concepts each text says, its direction, and the length that this had."""
        said = np.zeros((len(bags), len(self.vectors)), dtype=np.float32)
        np.put_along_axis(said, np.where(self.random.random(bags.shape) >= drop, bags, 0) if drop else bags, 1.0, 1)
        said[:, 0] = 0
        total = said @ self.vectors
        length = np.linalg.norm(total, axis=1, keepdims=True) + 1e-6
        return said, total / length, length

    def learn(self) -> None:
        """Go through all groups so many times, in steps that become smaller (a cosine to 0)."""
        for epoch in range(EPOCHS):
            rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
            batch: list[list[np.ndarray]] = []
            order = self.random.permutation(len(self.groups))
            for n in order:
                batch += self.groups[n]
                if len(batch) >= BATCH or n == order[-1]:
                    gradient = self._contrast(batch)
                    if len(self.one):
                        gradient += self._judge(self.random.integers(0, len(self.one), JUDGED), rate)
                    self._move(gradient, rate)
                    batch = []

    def _contrast(self, batch: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        """The gradient of InfoNCE between two wordings of each claim, in both directions."""
        drawn = [self.random.choice(len(claim), 2, replace=False) for claim in batch]
        a, u, length_a = self.encode(np.array([claim[one] for claim, (one, _) in zip(batch, drawn, strict=True)]), DROPPED)
        b, v, length_b = self.encode(np.array([claim[other] for claim, (_, other) in zip(batch, drawn, strict=True)]), DROPPED)
        alike = u @ v.T / TEMPERATURE
        wrong = (_softmax(alike, 1) + _softmax(alike, 0) - 2 * np.eye(len(alike), dtype=np.float32)) / (2 * len(alike) * TEMPERATURE)
        return _back(a, u, length_a, wrong @ v) + _back(b, v, length_b, wrong.T @ u)

    def _judge(self, chosen: np.ndarray, rate: float) -> np.ndarray:
        """The gradient of the logistic loss of labelled pairs."""
        a, u, length_a = self.encode(self.left[chosen], DROPPED)
        b, v, length_b = self.encode(self.right[chosen], DROPPED)
        cosine = (u * v).sum(1)
        p = 1 / (1 + np.exp(-(self.slope * cosine + self.offset)))
        wrong = (self.weight[chosen] * (p - self.one[chosen]) / len(chosen)).astype(np.float32)
        self.slope -= rate * 10 * float((wrong * cosine).sum())
        self.offset -= rate * 10 * float(wrong.sum())
        of_cosine = (wrong * np.float32(PAIRS * self.slope))[:, None]
        return _back(a, u, length_a, of_cosine * v) + _back(b, v, length_b, of_cosine * u)

    def _move(self, gradient: np.ndarray, rate: float) -> None:
        """A step of Adam (Kingma and Ba 2015)."""
        self.steps += 1
        self.moments[0] += 0.1 * (gradient - self.moments[0])
        self.moments[1] += 0.001 * (gradient * gradient - self.moments[1])
        mean, square = self.moments[0] / (1 - 0.9**self.steps), self.moments[1] / (1 - 0.999**self.steps)
        self.vectors -= np.float32(rate) * mean / (np.sqrt(square) + 1e-8)

    def likeness(self, team: Team) -> np.ndarray:
        """The cosine of each candidate pair of a team."""
        _, directions, _ = self.encode(np.array([self.bag(reading.concepts | reading.title) for reading in team.readings]))
        left, right = np.array(team.pairs).T
        return (directions[left] * directions[right]).sum(1)


def _softmax(x: np.ndarray, axis: int) -> np.ndarray:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _back(said: np.ndarray, unit: np.ndarray, length: np.ndarray, of_unit: np.ndarray) -> np.ndarray:
    """The gradient of the vectors, from that of the directions."""
    return said.T @ ((of_unit - unit * (unit * of_unit).sum(1, keepdims=True)) / length)


def learnt(teams: Iterable[Team], lexicon: Lexicon) -> Learner:
    """Vectors from all wordings and these teams."""
    learner = Learner(Lessons(wordings(lexicon), labelled_pairs(teams)), lexicon)
    learner.learn()
    return learner


def cross_fitted(teams: Sequence[Team]) -> Mapping[str, np.ndarray]:
    """The cosines of each team's pairs by vectors from the teams of the other folds."""
    lexicon = build_lexicon(shipped_concepts())
    found = {}
    for fold in range(FOLDS):
        held = teams[fold::FOLDS]
        learner = learnt([team for team in teams if team not in held], lexicon)
        found.update({team.name: learner.likeness(team) for team in held})
    return found


def main() -> None:
    """Learn, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--like", metavar="CONCEPT")
    like = parser.parse_args().like
    lexicon = build_lexicon(shipped_concepts())
    learner = learnt(load_teams(single=True, lexicon=lexicon), lexicon)
    if like:
        print(nearest(like, learner.names, learner.vectors[1:]))
    else:
        vectors = learner.vectors[1:]
        VECTORS.path.write_text(text_of("meaning.py", learner.names, vectors, np.abs(vectors).max()), encoding="utf-8")
        print(f"{len(learner.names)} concepts, {DIMENSIONS} numbers each")


if __name__ == "__main__":
    main()
