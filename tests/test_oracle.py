"""With the answers of one who never errs, links reach what candidates and alignments hold: the labelled teams as an oracle."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.mark.parametrize("name", ["architect", "debugger", "seeds", "02-solver", "12-performance-optimizer", "15-po"])
def test_answers_lead_to_the_links_that_the_candidates_hold(name: str, shared: Path, tmp_path: Path) -> None:
    assert shared.is_dir()
    oracle = runpy.run_path(str(ROOT / "bench" / "oracle.py"))
    ((_, gold),) = oracle["golds"]((name,))
    score = oracle["consulted"](gold, tmp_path)
    assert score.held >= 0.95, score
    assert score.plain >= score.before, score
    assert score.proved, score
