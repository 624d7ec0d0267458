"""Answer every open question of the labelled teams from their labels, rebuild, and score.

    python bench/oracle.py [TEAM…]        default: all of ../shared/data/gold and ../shared/data/parallel

An oracle stands in for a person who never errs: a pair is the same if its lines are a labelled pair,
skipped if the labels dispute it, else different (labels name every line that says what another file
says). ``held`` is F1 over the labelled pairs that alignments or candidates hold: what answers can
reach. ``plain`` is F1 over all of them; ``asked`` counts the questions, ``default`` those that are
asked without ``--all``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from agentmerge import answer, build, questions, verify  # noqa: E402
from agentmerge.asking import CANDIDATE, CONFLICT, Question, Reply  # noqa: E402
from agentmerge.pipeline import Build  # noqa: E402
from agentmerge.rules.decisions import DIFFERENT, SAME  # noqa: E402

DATA = ROOT.parent / "shared" / "data"

Pair = tuple[str, str]


class Score(NamedTuple):
    """F1 of a team's links before and after, over all labelled pairs and over those that were held."""

    before: float
    plain: float
    held: float
    share: float
    asked: int
    default: int
    proved: bool


def golds(names: tuple[str, ...] = ()) -> Iterator[tuple[str, Path]]:
    """The labelled teams by name: (name, path of the labels)."""
    for path in (*sorted((DATA / "gold").glob("*.json")), *sorted((DATA / "parallel").glob("*/gold.json"))):
        name = path.stem if path.stem != "gold" else path.parent.name
        if not names or name in names:
            yield name, path


class Labels:
    """What a team's labels say of lines, ``FILE:LINE`` each."""

    def __init__(self, gold: Mapping[str, Any]) -> None:
        self.pairs = {_pair(*p) for p in gold["pairs"]}
        self.disputed = {_pair(*p) for p in gold.get("disputed", [])}
        self.lines = {x for p in self.pairs for x in p} | {x for claim in gold["claims"] for x in claim["lines"]}

    def between(self, one: tuple[str, tuple[int, int]], other: tuple[str, tuple[int, int]]) -> set[Pair]:
        """The pairs of lines of two statements (stem of the file, lines)."""
        return {_pair(x, y) for x in self._lines(*one) for y in self._lines(*other) if x.split(":")[0] != y.split(":")[0]}

    def _lines(self, stem: str, span: tuple[int, int]) -> list[str]:
        found = [f"{stem}:{n}" for n in range(span[0], span[1] + 1)]
        return [line for line in found if line in self.lines] or found[:1]

    def reply(self, question: Question) -> Reply:
        """What one who never errs answers."""
        if question.kind not in (CANDIDATE, "alignment", CONFLICT) or len(question.sides) != 2:
            return Reply(question, "skip")
        a, b = ((Path(side.path).stem, side.lines) for side in question.sides)
        pairs = self.between(a, b)
        if not pairs or pairs & self.disputed:
            return Reply(question, "skip")
        return Reply(question, SAME if pairs & self.pairs else DIFFERENT)


def _pair(x: str, y: str) -> Pair:
    return (x, y) if x < y else (y, x)


def f1(predicted: set[Pair], gold: set[Pair]) -> float:
    hit = len(predicted & gold)
    return 2 * hit / (len(predicted) + len(gold)) if hit else 0.0


def linked(made: Build, labels: Labels, *, candidates: bool = False) -> set[Pair]:
    """The pairs of lines that a build's alignments (and candidates) link, but for disputed ones."""
    stems = {agent.source.id: Path(agent.source.path).stem for agent in made.agents}
    at = {unit.id: (stems[unit.source], unit.lines) for agent in made.agents for unit in agent.units}
    pairs = [(al.a, al.b) for al in made.alignments] + ([(c.a, c.b) for c in made.candidates] if candidates else [])
    return {p for a, b in pairs for p in labels.between(at[a], at[b])} - labels.disputed


def consulted(path: Path, folder: Path) -> Score:
    """A team built, asked about, answered, built again and scored; ``folder`` takes what is written."""
    gold = json.loads(path.read_text(encoding="utf-8"))
    labels = Labels(gold)
    files = [path.parent / name for name in gold["files"].values()]
    first = build(files, output=folder / "out.md", decisions=folder / "agentmerge.decisions.yaml")
    asked = questions(first, every=True)
    answer(first, [reply for q in asked if (reply := labels.reply(q)).answer != "skip"])
    second = build(files, output=folder / "out.md", decisions=folder / "agentmerge.decisions.yaml")
    second.write()
    reachable = linked(first, labels, candidates=True) & labels.pairs
    after = linked(second, labels)
    return Score(
        before=f1(linked(first, labels), labels.pairs),
        plain=f1(after, labels.pairs),
        held=f1(after, reachable),
        share=len(reachable) / max(1, len(labels.pairs)),
        asked=len(asked),
        default=len(questions(first)),
        proved=verify(second.canonical) == (),
    )


def main() -> None:
    print(f"{'team':32} before  held  plain  held of all  asked  default  proved")
    for name, path in golds(tuple(sys.argv[1:])):
        with tempfile.TemporaryDirectory() as folder:
            s = consulted(path, Path(folder))
        row = f"{s.before:6.3f} {s.held:5.3f}  {s.plain:5.3f}  {s.share:11.3f}  {s.asked:5}  {s.default:7}"
        print(f"{name:32} {row}  {'yes' if s.proved else 'NO'}", flush=True)


if __name__ == "__main__":
    main()
