"""The fitted score: how likely it is that two units make one claim.

It has two stages, both logistic, with weights from ``bench/alignment.py fit``. The first looks at
the pair alone, the second at what the first says of the pairs around it (``surroundings``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from operator import mul
from pathlib import Path
from typing import NamedTuple

from agentmerge.merge.features import FEATURES
from agentmerge.merge.surroundings import SURROUNDINGS

WEIGHTS = Path(__file__).with_name("data") / "weights.json"


class Weights(NamedTuple):
    """The weight of each feature in the first stage (``alone``) and the second (``among``), and thresholds.

    Thresholds are probabilities: from ``link`` on a pair is an alignment, from ``merge`` on one unit
    may go for the other, from ``review`` on a pair is listed for a person.
    """

    alone: tuple[float, ...]
    among: tuple[float, ...]
    link: float
    merge: float
    review: float


@cache
def default_weights() -> Weights:
    """The weights that the package ships."""
    data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(
        tuple(data["alone"][name] for name in FEATURES),
        tuple(data["among"][name] for name in (*FEATURES, *SURROUNDINGS)),
        data["link"],
        data["merge"],
        data["review"],
    )


def probability(features: Sequence[float], weights: Sequence[float]) -> float:
    """The logistic score of a feature vector."""
    total = sum(map(mul, features, weights))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
