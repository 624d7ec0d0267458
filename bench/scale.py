"""What it costs to find candidate pairs among 5, 50 and 500 agents of the corpus.

    python bench/scale.py [--agents 5 50 500]

For each size: units, candidate pairs, pairs per unit, time of vectors and candidates and by how
much it raised the process's peak memory; and the time per n log n of units, relative to the
smallest size. Up to some fifty agents a unit meets ever more others until its budget is spent; from
there on a number that stays means that the cost grows no faster than n log n.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import resource
import time

from labelled import DATA

from agentmerge.errors import AgentmergeError
from agentmerge.merge.candidates import candidate_pairs
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import load_agent
from agentmerge.merge.vectors import vectors_of

CORPUS = DATA / "corpus"


def readings(count):
    """The claims of ``count`` files, spread evenly over the corpus; unreadable ones are passed over."""
    rows = [json.loads(line) for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    step = len(rows) / (count * 1.05)
    found = []
    for n in range(len(rows)):
        if len(found) == count:
            break
        try:
            agent = load_agent(CORPUS / rows[int(n * step) % len(rows)]["file"], source_id=f"s{n:04}")
        except AgentmergeError:
            continue
        found.append(read_claims(agent, default_lexicon()))
    return found


def measure(team):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    pairs = list(candidate_pairs(vectors_of(team, default_lexicon())))
    seconds = time.perf_counter() - start
    return len(pairs), seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main():
    gc.disable()  # As the command line does.
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--agents", type=int, nargs="+", default=[5, 50, 500])
    first = None
    print("agents   units    pairs  per unit  seconds      MiB  time/(n log n)")
    for count in parser.parse_args().agents:
        team = readings(count)
        units = sum(map(len, team))
        pairs, seconds, peak = measure(team)
        growth = units * math.log2(max(2, units))
        own = seconds / growth
        first = first or own
        print(f"{len(team):6} {units:7} {pairs:8} {pairs / units:9.1f} {seconds:8.2f} {peak:8.1f} {own / first:15.2f}", flush=True)


if __name__ == "__main__":
    main()
