"""Concepts that stand for one another in files that are translations of one another.

    python bench/translations.py [--top 200] [--least 4]

Pairs of corpus files that are versions of one in two languages are aligned unit by unit. Where an
aligned pair has a concept on one side that the other does not meet, and the other way round, the
two may be one demand in other words, or a term may be under the wrong concept. The pairs that go
together most are printed with how often, for somebody who knows both languages to put right in
``merge/lexicon`` or ``merge/data/near.tsv``; nothing is written.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter, defaultdict

from labelled import DATA

from agentmerge.errors import AgentmergeError
from agentmerge.merge.align import pairs_of, parallel_versions, scored_pairs
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import load_agent
from agentmerge.merge.score import default_weights
from agentmerge.merge.vectors import shares_of

CORPUS = DATA / "corpus"
MET = 0.5


def translations():
    """Pairs of files of one collection with one name and other languages, English first."""
    named = defaultdict(list)
    for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = re.sub(r"(?:[-_](?:ja|zh|ko|en)|\.agent|\.chatmode|\.chatmode_ja)*\.md$", "", row["file"].split("__")[-1].lower())
        named[(row["file"].split("/")[0].split("@")[0], re.sub(r"^\d+[-_]", "", name))].append(row)
    for rows in named.values():
        english = [r for r in rows if r["languages"] == ["en"]][:2]
        others = [r for r in rows if r["languages"][0] in ("ko", "ja", "zh")][:6]
        yield from ((one["file"], other["file"], other["languages"][0]) for one in english for other in others)


def unmet(a, b, lexicon):
    """The concepts of ``a`` that ``b`` does not meet."""
    meets = dict(shares_of(b.concepts, b.wide, lexicon))
    for concept, share in list(meets.items()):
        for other, nearness in lexicon.near(concept).items():
            meets[other] = max(meets.get(other, 0.0), share * nearness)
    own = shares_of(a.concepts, a.concepts, lexicon)
    return {c for c, share in own.items() if share == 1.0 and meets.get(c, 0.0) < MET and not c.startswith("w:")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--top", type=int, default=200)
    parser.add_argument("--least", type=int, default=4)
    options = parser.parse_args()
    lexicon, weights = default_lexicon(), default_weights()
    together, left, right, files = Counter(), Counter(), Counter(), 0
    languages = defaultdict(Counter)
    seen = set()
    for one, other, language in translations():
        try:
            team = [read_claims(load_agent(CORPUS / file, source_id=name), lexicon) for file, name in ((one, "a"), (other, "b"))]
        except AgentmergeError:
            continue
        placed, _ = parallel_versions(team, scored_pairs(pairs_of(team, lexicon), weights))
        files += bool(placed)
        for a, b in placed.values():
            if a.unit.language != "en" or b.unit.language != language or (a.key, b.key) in seen or not a.is_statement:
                continue
            seen.add((a.key, b.key))
            here, there = unmet(a, b, lexicon), unmet(b, a, lexicon)
            left.update(here)
            right.update(there)
            for x in here:
                for y in there:
                    together[(x, y)] += 1
                    languages[(x, y)][language] += 1
    print(f"{files} pairs of files, {len(seen)} pairs of statements")
    found = [(n / (left[x] + right[y] - n), n, x, y) for (x, y), n in together.items() if n >= options.least]
    for strength, n, x, y in sorted(found, reverse=True)[: options.top]:
        print(f"{strength:.2f} {n:3} {x} / {y}  {dict(languages[(x, y)])}")


if __name__ == "__main__":
    main()
