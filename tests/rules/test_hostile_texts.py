"""No text makes the recognisers of scales, shapes, lengths and examples slow."""

from __future__ import annotations

import time
from itertools import combinations
from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.rules.text.example_quality import purpose_of, quality
from agentmerge.rules.text.habits import HABITS, forbids, habits_in
from agentmerge.rules.text.json_shapes import examples_in
from agentmerge.rules.text.lengths import demands_of
from agentmerge.rules.text.scales import lead_of, only_scale, scales_in
from agentmerge.rules.text.shapes import page_styles_said, variants_of

WORDS = (
    *("Critical/", "critical, ", "P0 (", "🔴 ", "高/", "통과 / ", "severity ", "- ", "*_*_", "1-10 ", "A/B/C/D/"),
    *("def a(", "a:string ", "public a ", "fn a", "SELECT ", "res.json(", "err.message", "res.", "{", "[", '{"a":', "'", "// "),
    *("paginat", "never expose ", "no sensitive ", "any ", "3 sentences ", "결과만 ", "只返回 ", '"', "「", "explain your "),
)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_a_thousandfold_is_read_in_no_time(word: str) -> None:
    text = word * (60_000 // len(word))
    short = text[:590]
    start = time.perf_counter()
    for one in (text, short):
        scales_in(one)
        lead_of(one[:80])
        only_scale(short)
        demands_of(one, about_output=True)
        page_styles_said(one)
        quality(one)
        purpose_of(one)
        for example in examples_in(one):
            list(variants_of(example, ""))
        for fence in ("python", "ts", "java"):
            list(habits_in(one, fence))
        for habit in HABITS:
            forbids(one, "", habit, flipped=False)
    assert time.perf_counter() - start < 2


def test_thousands_of_scales_examples_and_demands_are_settled_in_time(tmp_path: Path) -> None:
    names = ("critical", "high", "medium", "low", "blocker", "major", "minor", "warning", "error", "note")
    scales = "".join(f"- Severity: {' / '.join(part)}\n" for part in combinations(names, 4))
    for name, cap, kind in (("a", "Keep responses short", "{}"), ("b", "Give detailed answers", "[]")):
        errors = "".join(f'```json\n{{"error": {{"code": "X", "k{n}": {kind}}}}}\n```\n\n' for n in range(400))
        demands = f"- {cap}\n" * 400
        leaks = "```js\nres.json({ error: err.message });\n```\n\n" * 200
        own = scales if name == "a" else scales.replace("critical", "p1")
        body = f"## Output\n\n{demands}\n## Levels\n\n{own}\n## Errors\n\n{errors}{leaks}"
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: x\n---\n\n{body}", encoding="utf-8")
    start = time.perf_counter()
    result = build([tmp_path / "a.md", tmp_path / "b.md"], output=tmp_path / "out.md")
    assert time.perf_counter() - start < 60
    assert len(result.conflicts) < 1000
