"""Measure the alignment on labelled teams, and fit its weights.

    python bench/alignment.py fit                    fit weights on all teams, write data/weights.json
    python bench/alignment.py cross                  leave one team out: fit on the others, measure on it
    python bench/alignment.py errors --team NAME     false alarms and missed pairs of one team

Teams come from ../shared/data/gold and ../shared/data/parallel. Pairs are pairs of lines in
different files, as in shared/score/score_alignment.py. The fit is a logistic regression by
iteratively reweighted least squares with an L2 penalty; the teams of
independent authors weigh 3, translations 0.1 (the build aligns those in order anyway).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from agentmerge.merge.align import scored_pairs
from agentmerge.merge.claims import read_claims
from agentmerge.merge.comparison import FEATURES, WEIGHTS, Weights
from agentmerge.merge.lexicon import build_lexicon, shipped_concepts
from agentmerge.merge.read import load_agent

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ZERO = Weights(tuple(0.0 for _ in FEATURES), 0.5, 0.9, 0.1)


def load_teams(lexicon, parallel):
    paths = sorted((DATA / "gold").glob("*.json")) + (sorted((DATA / "parallel").glob("*/gold.json")) if parallel else [])
    for path in paths:
        gold = json.loads(path.read_text(encoding="utf-8"))
        team = [read_claims(load_agent(path.parent / file, source_id=Path(file).stem), lexicon) for file in gold["files"].values()]
        yield gold, team


def line(unit):
    return f"{unit.source}:{unit.lines[0]}"


class Team:
    def __init__(self, gold, team, lexicon):
        self.name = gold["team"]
        self.gold = {tuple(sorted(p)) for p in gold["pairs"]}
        self.disputed = {tuple(sorted(p)) for p in gold.get("disputed", [])}
        self.languages = gold["languages"]
        _, self.scored = scored_pairs(team, lexicon, ZERO)
        labelled = {x for p in self.gold for x in p} | {x for c in gold["claims"] for x in c["lines"]}
        self.lines = []
        for s in self.scored:
            self.lines.append(tuple(sorted((self.line(s.a.unit, labelled), self.line(s.b.unit, labelled)))))
        self.x = np.array([s.features for s in self.scored])
        self.y = np.array([p in self.gold for p in self.lines], dtype=float)
        self.use = np.array([p not in self.disputed for p in self.lines])

    @staticmethod
    def line(unit, labelled):
        for n in range(unit.lines[0], unit.lines[1] + 1):
            if f"{unit.source}:{n}" in labelled:
                return f"{unit.source}:{n}"
        return line(unit)

    def f1(self, p, threshold, kind=None):
        predicted = {pair for pair, q in zip(self.lines, p, strict=True) if q >= threshold} - self.disputed
        gold = self.gold
        if kind:
            predicted = {pair for pair in predicted if self.kind(pair) == kind}
            gold = {pair for pair in gold if self.kind(pair) == kind}
        hit = len(predicted & gold)
        precision, recall = hit / max(1, len(predicted)), hit / max(1, len(gold))
        return (2 * precision * recall / (precision + recall) if hit else 0.0), precision, recall

    def kind(self, pair):
        return "-".join(sorted(self.languages[x.split(":")[0]] for x in pair))


def fit(teams, penalty=1.0):
    xs, ys, ws = [], [], []
    for team in teams:
        # Several unit pairs can stand for one pair of lines: only the best of them must score.
        x, y = team.x[team.use], team.y[team.use]
        xs.append(x)
        ys.append(y)
        ws.append(np.full(len(y), team_weight(team) / max(1, len(y))))
    x, y, w = np.vstack(xs), np.concatenate(ys), np.concatenate(ws)
    w = w / w.mean()
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ beta))
        g = x.T @ (w * (y - p)) - penalty * beta
        h = (x * (w * p * (1 - p))[:, None]).T @ x + penalty * np.eye(x.shape[1])
        step = np.linalg.solve(h, g)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    return beta


def team_weight(team):
    return 3.0 if team.name in ("seeds", "architect", "debugger") else 0.1


def predict(team, beta):
    return 1 / (1 + np.exp(-team.x @ beta))


def best_threshold(teams, beta):
    scored = [(t, predict(t, beta)) for t in teams]

    def quality(threshold):
        return sum(team_weight(t) * t.f1(p, threshold)[0] for t, p in scored)

    return max((round(x, 3) for x in np.arange(0.1, 0.9, 0.02)), key=quality)


def show(team, beta, threshold):
    p = predict(team, beta)
    f, precision, recall = team.f1(p, threshold)
    kinds = sorted({team.kind(pair) for pair in team.gold})
    reach = len(set(team.lines) & team.gold) / len(team.gold)
    print(
        f"{team.name:32} F1 {f:.3f} P {precision:.3f} R {recall:.3f} reach {reach:.2f}  "
        + "  ".join(f"{k} {team.f1(p, threshold, k)[0]:.3f}" for k in kinds)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("command", choices=["fit", "cross", "errors"])
    parser.add_argument("--no-parallel", action="store_true")
    parser.add_argument("--team")
    options = parser.parse_args()
    lexicon = build_lexicon(shipped_concepts())
    teams = [Team(gold, team, lexicon) for gold, team in load_teams(lexicon, not options.no_parallel)]
    if options.command == "cross":
        for team in teams:
            if options.team and team.name != options.team:
                continue
            others = [t for t in teams if t is not team]
            beta = fit(others)
            show(team, beta, best_threshold(others, beta))
        return
    beta = fit(teams)
    threshold = best_threshold(teams, beta)
    if options.command == "errors":
        team = next(t for t in teams if t.name == options.team)
        p = predict(team, beta)
        best = {}
        for pair, q, s in zip(team.lines, p, team.scored, strict=True):
            if q > best.get(pair, (0,))[0]:
                best[pair] = (q, s)
        print("=== false alarms")
        for pair, (q, s) in sorted(best.items(), key=lambda kv: -kv[1][0])[:400]:
            if pair not in team.gold and pair not in team.disputed and q >= threshold:
                print(f"{q:.2f} {pair} | {s.a.unit.text[:80]!r} | {s.b.unit.text[:80]!r} | {sorted(s.shared)}")
        print("=== missed")
        for pair in sorted(team.gold):
            q, s = best.get(pair, (0, None))
            if q < threshold:
                print(
                    f"{q:.2f} {pair} | "
                    + (f"{s.a.unit.text[:80]!r} | {s.b.unit.text[:80]!r} | {sorted(s.shared)}" if s else "no shared concept")
                )
        return
    for name, value in zip(FEATURES, beta, strict=True):
        print(f"  {name:24} {value:+.3f}")
    for team in teams:
        show(team, beta, threshold)
    # Above this score a pair may be merged when one also covers the claims of the other (decide.py).
    merge = 0.6
    WEIGHTS.parent.mkdir(exist_ok=True)
    data = {
        "made_by": "python bench/alignment.py fit",
        "weights": {n: round(float(v), 4) for n, v in zip(FEATURES, beta, strict=True)},
        "link": float(threshold),
        "merge": merge,
        "review": round(float(threshold) / 3, 3),
    }
    WEIGHTS.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print("threshold", threshold)


if __name__ == "__main__":
    main()
