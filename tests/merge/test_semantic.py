"""An embedding model as a witness, with a tiny static model made here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agentmerge import build
from agentmerge.errors import PolicyError
from agentmerge.merge.align import pairs_of, scored_pairs
from agentmerge.merge.claims import read_claims
from agentmerge.merge.lexicon import default_lexicon
from agentmerge.merge.read import load_agent
from agentmerge.merge.score import default_weights
from agentmerge.merge.semantic import Witness, load_witness
from agentmerge.rules.policy import Semantic, parse_policy

VECTORS = {
    "[UNK]": (0.0, 0.0, 0.1),
    "frobnicate": (1.0, 0.0, 0.0),
    "zorblify": (0.9, 0.1, 0.0),
    "widgets": (0.0, 1.0, 0.0),
    "never": (0.0, 0.0, 1.0),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model2vec = pytest.importorskip("model2vec", reason="the extra 'semantic' is not installed")
    import numpy
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.normalizers import Lowercase
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(VECTORS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    folder = tmp_path_factory.mktemp("model")
    model2vec.StaticModel(vectors=numpy.array(list(VECTORS.values()), dtype="float32"), tokenizer=tokenizer).save_pretrained(str(folder))
    return folder


def team(folder: Path, *lines: str) -> list[Path]:
    paths = []
    for name, line, other in zip("ab", lines, ("Never stop the team", "Widgets for the team"), strict=True):
        path = folder / f"{name}.md"
        body = f"## Duties\n\n- {line}\n- {other}\n"
        path.write_text(f"---\nname: {name}\ndescription: d\n---\n\n{body}", encoding="utf-8")
        paths.append(path)
    return paths


def score(folder: Path, semantic: str, *lines: str) -> float:
    team(folder, *lines)
    policy = folder / "agentmerge.yaml"
    policy.write_text(f"sources: [a.md, b.md]\noutput: out.md\n{semantic}", encoding="utf-8")
    result = build(policy_file=policy)
    aligned = {(pair.a, pair.b): pair.score for pair in result.alignments}
    listed = {(pair.a, pair.b): pair.score for pair in result.candidates}
    return {**aligned, **listed}.get(("a:8", "b:8"), 0.0)


def test_of_two_words_that_nobody_knows_the_one_that_the_model_finds_alike_scores_higher(model: Path, tmp_path: Path) -> None:
    paths = team(tmp_path, "Frobnicate the gauges", "Zorblify the gauges\n- Widgets the gauges")
    readings = [read_claims(load_agent(path), default_lexicon()) for path in paths]
    found = pairs_of(readings, default_lexicon())

    def alone(witness: Witness | None) -> dict[str, float]:
        pairs = scored_pairs(found, default_weights(), witness)
        return {pair.b.unit.text: pair.alone for pair in pairs if pair.a.unit.text == "Frobnicate the gauges"}

    without, having = alone(None), alone(load_witness(Semantic(model.as_posix(), 0.5), tmp_path))
    assert having["Zorblify the gauges"] > without["Zorblify the gauges"]
    assert having["Widgets the gauges"] < without["Widgets the gauges"]


def test_without_weight_it_changes_nothing(model: Path, tmp_path: Path) -> None:
    lines = ("Frobnicate widgets of the team", "Zorblify widgets of the team")
    silent = score(tmp_path, f"semantic: {{model: {model.as_posix()}, weight: 0}}\n", *lines)
    assert silent == pytest.approx(score(tmp_path, "", *lines), abs=0.002)


def test_guards_come_before_it(model: Path, tmp_path: Path) -> None:
    team(tmp_path, "Frobnicate widgets with 3 retries", "Frobnicate widgets with 5 retries")
    policy = tmp_path / "agentmerge.yaml"
    policy.write_text(f"sources: [a.md, b.md]\noutput: out.md\nsemantic: {{model: {model.as_posix()}, weight: 2}}\n", encoding="utf-8")
    made = build(policy_file=policy)
    outcomes = {d.unit: d.outcome for d in made.decisions}
    # They are no duplicates but a conflict, in which the lower number of retries stays until it is decided.
    assert (outcomes["a:8"], outcomes["b:8"]) == ("kept", "overridden")
    assert [c.members for c in made.unresolved] == [("a:8", "b:8")]


def test_two_builds_with_a_model_are_one(model: Path, tmp_path: Path) -> None:
    lines = ("Frobnicate widgets of the team", "Zorblify widgets of the team")
    semantic = f"semantic: {model.as_posix()}\n"
    assert score(tmp_path, semantic, *lines) == score(tmp_path, semantic, *lines)
    ledger = json.loads(build(policy_file=tmp_path / "agentmerge.yaml").ledger)
    assert ledger["policy"]["semantic"] == {"model": model.as_posix(), "weight": 0.5}


def test_a_folder_that_is_missing_or_holds_no_model_is_one_line(model: Path, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such folder"):
        load_witness(Semantic("nowhere", 0.5), tmp_path)
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    (broken / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(PolicyError, match="is no embedding model that can be read"):
        load_witness(Semantic("broken", 0.5), tmp_path)


def test_what_is_said_is_relative_to_the_team_and_bounded() -> None:
    witness = Witness(lambda texts: [(1.0, 0.0) if "x" in text else (0.0, 1.0) for text in texts], 1.0)
    alike, unlike = witness.reweigh(["x", "xx", "y"], [(0, 1), (0, 2)], [0.5, 0.5])
    assert alike > 0.5 > unlike
    assert witness.reweigh(["x"], [], []) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("semantic: {weight: 1}", "semantic.model: must be a folder"),
        ("semantic: {model: m, weight: 3}", "semantic.weight: must be a number from 0 to 2"),
        ("semantic: {model: m, wight: 1}", "semantic.wight: unknown key"),
    ],
)
def test_a_mistake_in_the_policy_is_told(text: str, problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    assert f"p.yaml:1 {problem}" in caught.value.problems[0]
