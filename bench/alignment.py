"""Measure the alignment on labelled teams, and fit its weights.

    python bench/alignment.py fit                 fit on all teams, write merge/data/weights.json
    python bench/alignment.py cross               leave one team out: weights and threshold from the others
    python bench/alignment.py table               the same beside every RapidFuzz scorer, and without each part
    python bench/alignment.py errors --team NAME  false alarms and missed pairs of one team

Both stages are logistic regressions with an L2 penalty, by iteratively reweighted least squares on
standardised features, every team that two readers labelled weighing the same. The second stage is fitted on first scores by
the same weights as it will meet them. (First scores by weights from other teams differ from those by
what a team's own labels add; beside the features the second stage would read that off.) The
threshold is the one with the best mean F1, the published teams counting three times. What the learnt
vectors say of a team comes from vectors that never saw its labels (``meaning.py``). ``listed`` is
the share of labelled pairs among links and candidates for a person, ``per unit`` how many such
candidates a unit has.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from labelled import load_teams
from meaning import cross_fitted
from rapidfuzz import fuzz, utils

from agentmerge.merge.features import FEATURES
from agentmerge.merge.score import WEIGHTS
from agentmerge.merge.surroundings import SURROUNDINGS, surroundings_of

PENALTY = 10.0
PUBLISHED = 3.0
REVIEW = 0.03
SCORERS = ("ratio", "partial_ratio", "token_sort_ratio", "token_set_ratio", "partial_token_sort_ratio", "token_ratio", "WRatio", "QRatio")
LEXICON = ("facet", "facet_contained", "facet_mass", "whole", "whole_contained", "whole_mass", "context", "title", "title_contained")
MEANING = ("meaning",)
COOCCURRENCE = ("likeness", "section_likeness", "over_likest_less", "over_likest_more")
WITHOUT = {
    "without the lexicon": (
        *LEXICON,
        *COOCCURRENCE,
        *MEANING,
        *(n for n in FEATURES if n.startswith(("shared", "strongest", "second", "alone"))),
    ),
    "without structure": (
        "context",
        "same_role",
        "heading_role",
        "plain_role",
        "identity",
        "document_title",
        "same_kind",
        "place_apart",
        *SURROUNDINGS[1:],
    ),
    "without co-occurrence": COOCCURRENCE,
    "without meaning": MEANING,
    "without guards": ("polarity", "technology", "numbers"),
}


def logistic(x, y, weights):
    """Weights of a logistic regression on raw features, the first of which is the constant 1."""
    mean, spread = x[:, 1:].mean(0), x[:, 1:].std(0)
    spread[spread < 1e-6] = 1.0
    z = np.hstack([np.ones((len(x), 1)), (x[:, 1:] - mean) / spread])
    penalty = np.full(z.shape[1], PENALTY)
    penalty[0] = 1e-6
    beta = np.zeros(z.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (weights * (y - p)) - penalty * beta
        hessian = (z * (weights * p * (1 - p))[:, None]).T @ z + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    raw = beta[1:] / spread
    return np.concatenate([[beta[0] - raw @ mean], raw])


def fit(teams, features):
    weights = np.concatenate([np.full(int(t.use.sum()), 1 / t.use.sum()) for t in teams])
    x = np.vstack([features[t.name][t.use] for t in teams])
    y = np.concatenate([t.y[t.use] for t in teams])
    return logistic(x, y, weights / weights.mean())


def predict(x, beta):
    return 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))


def load_crossed():
    """The labelled teams, with what vectors that were learnt without each say of its pairs."""
    teams = load_teams(single=True)
    unseen = cross_fitted(teams)
    for team in teams:
        team.x[:, FEATURES.index("meaning")] = unseen[team.name]
    return teams


def first_features(teams, without=()):
    keep = np.array([float(name not in without) for name in FEATURES])
    return {t.name: t.x * keep for t in teams}


def second_features(team, x, scores):
    return np.hstack([x, np.array(surroundings_of(team.readings, team.pairs, [float(p) for p in scores]))])


def staged(teams, first, alone):
    """Second features of every team, from first scores by the weights ``alone``."""
    return {t.name: second_features(t, first[t.name], predict(first[t.name], alone)) for t in teams}


def threshold_of(teams, scores):
    def quality(threshold):
        return sum((PUBLISHED if t.published else 1.0) * t.f1(scores[t.name], threshold)[0] for t in teams)

    return max((round(float(x), 2) for x in np.arange(0.1, 0.7, 0.02)), key=quality)


def crossed(teams, without=()):
    """For each team its scores and threshold by weights from the others that two readers labelled, in both stages."""
    first = first_features(teams, without)
    keep = np.array([float(name not in without) for name in (*FEATURES, *SURROUNDINGS)])
    found = {}
    for team in teams:
        others = [t for t in teams if t is not team and not t.single]
        # The team has no part in the first stage either: through the others' first scores its labels would come back.
        second = {name: x * keep for name, x in staged([*others, team], first, fit(others, first)).items()}
        among = fit(others, second)
        threshold = threshold_of(others, {t.name: predict(second[t.name], among) for t in others})
        found[team.name] = (predict(second[team.name], among), threshold)
    return found


def baseline(team, scorer):
    compare = getattr(fuzz, scorer)
    texts = [utils.default_process(r.unit.text[:2000]) for r in team.readings]
    scores = np.array([compare(texts[i], texts[j]) / 100 for i, j in team.pairs])
    return max(team.f1(scores, t)[0] for t in np.arange(0.2, 1.0, 0.02))


def line(name, values):
    print(f"{name:34} " + " ".join(f"{value:>9}" if isinstance(value, str) else f"{value:9.3f}" for value in values))


def show_cross(teams):
    found = crossed(teams)
    line("team, left out", ["F1", "precision", "recall", "threshold", "best F1", "listed", "per unit"])
    rows = []
    for team in teams:
        scores, threshold = found[team.name]
        best = max(team.f1(scores, t)[0] for t in np.arange(0.1, 0.8, 0.02))
        listed = team.f1(scores, REVIEW)[2]
        per_unit = float(((scores >= REVIEW) & (scores < threshold)).sum()) / len(team.readings)
        rows.append([*team.f1(scores, threshold), threshold, best, listed, per_unit])
        line(team.name, rows[-1])
        for kind in sorted({team.kind(p) for p in team.gold}):
            line(f"   {kind}", team.f1(scores, threshold, kind))
    single = np.array([team.single for team in teams])
    line("mean", np.mean(np.array(rows)[~single], axis=0))
    line("mean of those with one reader", np.mean(np.array(rows)[single], axis=0))


def show_table(teams):
    measured = [t for t in teams if not t.single]
    names = [t.name[:9] for t in measured]
    line("F1", [*names, "mean"])
    for scorer in SCORERS:
        row = [baseline(t, scorer) for t in measured]
        line(f"rapidfuzz {scorer}, best threshold", [*row, float(np.mean(row))])
    for label, without in {"ours, team left out": (), **WITHOUT}.items():
        found = crossed(measured, without)
        row = [t.f1(*found[t.name])[0] for t in measured]
        line(label, [*row, float(np.mean(row))])


def show_errors(team, scores, threshold):
    best = {}
    for n, score in enumerate(scores):
        for lines in team.lines[n]:
            if score > best.get(lines, (0.0, 0))[0]:
                best[lines] = (score, n)

    def show(lines, score, n):
        a, b = (team.readings[k] for k in team.pairs[n])
        shared = sorted((a.concepts & b.concepts) | (a.title & b.title))
        print(f"{score:.2f} {lines} | {a.unit.text[:80]!r} | {b.unit.text[:80]!r} | {shared}")

    print("=== false alarms")
    for lines, (score, n) in sorted(best.items(), key=lambda item: -item[1][0]):
        if score >= threshold and lines not in team.gold and lines not in team.disputed:
            show(lines, score, n)
    print("=== missed")
    for lines in sorted(team.gold):
        if lines not in best:
            print("not a candidate", lines)
        elif best[lines][0] < threshold:
            show(lines, *best[lines])


def write_weights(teams):
    teams = [t for t in teams if not t.single]
    first = first_features(teams)
    alone = fit(teams, first)
    second = staged(teams, first, alone)
    among = fit(teams, second)
    scores = {t.name: predict(second[t.name], among) for t in teams}
    threshold = threshold_of(teams, scores)
    # Merging asks for much more than an alignment, and each clause must be said besides (decide.py).
    merge = 0.6
    data = {
        "made_by": "python bench/alignment.py fit",
        "link": threshold,
        "merge": merge,
        "review": REVIEW,
        "alone": {name: round(float(value), 4) for name, value in zip(FEATURES, alone, strict=True)},
        "among": {name: round(float(value), 4) for name, value in zip((*FEATURES, *SURROUNDINGS), among, strict=True)},
    }
    WEIGHTS.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"threshold {threshold}; in sample:")
    for team in teams:
        line(team.name, team.f1(scores[team.name], threshold))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("command", choices=["fit", "cross", "table", "errors"])
    parser.add_argument("--team")
    options = parser.parse_args()
    teams = load_crossed()
    if options.command == "fit":
        write_weights(teams)
    elif options.command == "cross":
        show_cross(teams)
    elif options.command == "table":
        show_table(teams)
    else:
        team = next(t for t in teams if t.name == options.team)
        show_errors(team, *crossed(teams)[team.name])


if __name__ == "__main__":
    main()
