"""Learn which concepts occur together in a corpus of agent files, as short vectors: **writes** merge/data/cooccurrence.tsv.

    python bench/cooccurrence.py [--like CONCEPT]     --like prints the nearest concepts instead

Concepts that stand beside the same others get like vectors: latent semantic analysis of positive
pointwise mutual information (Levy, Goldberg and Dagan 2015), with the context counts smoothed by a power
of 0.75 and the singular values left out. A statement counts once however many files repeat it; sections
count in part. Files of labelled teams are left out, so that their scores stay honest.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from labelled import DATA, paths
from tables import nearest, text_of

from agentmerge.errors import AgentmergeError
from agentmerge.merge.claims import read_claims
from agentmerge.merge.cooccurrence import DIMENSIONS, VECTORS
from agentmerge.merge.lexicon import build_lexicon, shipped_concepts
from agentmerge.merge.read import load_agent

SEEN_AT_LEAST = 8
SECTION = 0.15
LONGEST = 80
SMOOTHING = 0.75


def contexts() -> Iterator[tuple[frozenset[str], float]]:
    """The concepts of each statement and of each section of the corpus, with how much they count."""
    lexicon = build_lexicon(shipped_concepts())
    labelled = {(folder / file).resolve() for path, folder in paths() for file in json.loads(path.read_text())["files"].values()}
    seen = set()
    for path in sorted((DATA / "corpus").rglob("*.md")):
        if path.resolve() in labelled:
            continue
        try:
            readings = read_claims(load_agent(path), lexicon)
        except AgentmergeError:
            continue
        sections = defaultdict(set)
        for reading in readings:
            concepts = frozenset(c for c in reading.wide | reading.concepts | reading.title if not c.startswith("w:"))
            if len(concepts) > 1 and concepts not in seen:
                seen.add(concepts)
                sections[reading.unit.section] |= concepts
                yield concepts, 1.0
        yield from ((frozenset(concepts), SECTION) for concepts in sections.values() if len(concepts) > 2)


def learnt() -> tuple[list[str], np.ndarray]:
    """The concepts that occur often enough, and a row of unit length for each."""
    found = [(concepts, weight) for concepts, weight in contexts() if len(concepts) <= LONGEST]
    counts = Counter(concept for concepts, weight in found if weight == 1.0 for concept in concepts)
    names = sorted(concept for concept, count in counts.items() if count >= SEEN_AT_LEAST)
    at = {concept: n for n, concept in enumerate(names)}
    together = np.zeros((len(names), len(names)))
    for concepts, weight in found:
        rows = np.array(sorted(at[concept] for concept in concepts if concept in at), dtype=int)
        if len(rows) > 1:
            together[np.ix_(rows, rows)] += weight / math.log2(len(rows) + 1)
    np.fill_diagonal(together, 0.0)
    own = together.sum(1) + 1e-9
    smooth = own**SMOOTHING
    expected = np.outer(own / own.sum(), smooth / smooth.sum())
    information = np.log(np.maximum(together / own.sum() / expected, 1.0))
    left, _, _ = np.linalg.svd((information + information.T) / 2)
    vectors = left[:, :DIMENSIONS]
    return names, vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)


def main() -> None:
    """Learn, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--like", metavar="CONCEPT")
    like = parser.parse_args().like
    names, vectors = learnt()
    if like:
        print(nearest(like, names, vectors))
    else:
        largest = np.abs(vectors).max(1, keepdims=True)
        VECTORS.path.write_text(text_of("cooccurrence.py", names, vectors, largest), encoding="utf-8")
        print(f"{len(names)} concepts, {DIMENSIONS} numbers each")


if __name__ == "__main__":
    main()
