"""Each bug that was found and fixed in the merge core leaves a case here."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build, verify
from agentmerge.merge.claims import Reading, literals_of, read_claims
from agentmerge.merge.lexicon import build_lexicon, default_lexicon, shipped_concepts
from agentmerge.merge.read import agent_from_source
from agentmerge.merge.source import source_from_bytes
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy


def team(folder: Path, *bodies: str) -> Build:
    paths = []
    for n, body in enumerate(bodies):
        path = folder / f"s{n}.md"
        path.write_text(f"---\nname: s{n}\ndescription: d\n---\n\n{body}", encoding="utf-8")
        paths.append(path)
    return build(paths, output=folder / "out.md")


def readings(body: str) -> tuple[Reading, ...]:
    source = source_from_bytes(f"---\nname: a\ndescription: d\n---\n\n{body}".encode(), "a.md", "a")
    return read_claims(agent_from_source(source), default_lexicon())


def test_copies_of_a_source_whose_unit_is_not_kept(tmp_path: Path) -> None:
    one = "---\nname: s\ndescription: d\n---\n\n## Security\n\nLook at these first:\n\n- Validate user input\n"
    for n in ("s0", "s2"):
        (tmp_path / f"{n}.md").write_text(one)
    (tmp_path / "s1.md").write_text(one.replace("Look at these first:\n\n", ""))
    build([tmp_path], output=tmp_path / "out.md").write()
    assert verify(tmp_path / "out.md") == ()


def test_a_positive_section_never_ends_under_a_negative_heading(tmp_path: Path) -> None:
    made = team(
        tmp_path,
        "## Anti-patterns\n\n- Log passwords\n- Share mutable state between requests\n\n## Practices\n\n- Cache query results\n",
        "## Practices\n\n- Never log passwords\n- Log failed requests\n\n## Things to avoid\n\n- Cache query results\n",
    )
    flipped = {r.unit.text: r.flipped for r in readings(made.text.split("\n---\n", 1)[1])}
    assert not flipped["Log failed requests"]


def test_do_and_do_not_told_by_headings_is_a_conflict(tmp_path: Path) -> None:
    made = team(tmp_path, "## Practices\n\n- Cache query results\n", "## Anti-patterns\n\n- Cache query results\n")
    assert [c.kind for c in made.conflicts] == ["polarity"]


@pytest.mark.parametrize(
    "line",
    [
        "识别性能瓶颈",
        "按级别记录日志",
        "特别注意安全",
        "分别测试每个模块",
        "按类别整理",
        "少ないコードで書く",
        "危ない箇所を直す",
        "テストを実行しなければならない",
        "테스트를 실행하지 않으면 안 된다",
    ],
)
def test_words_that_only_look_negative(line: str) -> None:
    assert not readings(f"- {line}\n")[0].negative


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("リリース前にテストを実行しなければならない", "リリース前にテストを実行してはいけません"),
        ("Write the CLI in Rust", "Write the CLI in Go"),
        ("Style components with Tailwind", "Style components with Bootstrap"),
        ("Respond in Korean", "Respond in English"),
        ("한국어로 답변한다", "일본어로 답변한다"),
        ("日本語で回答する", "英語で回答する"),
        ("用中文回答", "用英文回答"),
    ],
)
def test_guard(tmp_path: Path, a: str, b: str) -> None:
    made = team(tmp_path, f"## Rules\n\n- {a}\n", f"## Rules\n\n- {b}\n")
    assert a in made.text
    assert b in made.text


def test_checked_and_open_boxes_of_one_list_stay_together(tmp_path: Path) -> None:
    assert (
        "- [ ] Backups restored\n- [x] Indexes reviewed"
        in team(tmp_path, "## Database\n\n- [ ] Backups restored\n- [x] Indexes reviewed\n", "## Palette\n\n- Warm colours\n").text
    )


def test_no_concept_is_broader_than_itself() -> None:
    lex = build_lexicon(shipped_concepts())
    above = {n: list(lex.broader_than(n)) for n in lex.kinds}
    assert [n for n, chain in above.items() if any(n in above[b] for b in chain)] == []


def test_punctuation_is_no_part_of_an_address() -> None:
    assert literals_of("See https://example.org/x, then go") == {"https://example.org/x"}


def test_no_part_of_a_hangul_word_is_a_term() -> None:
    assert "professional" not in readings("- 프로토콜을 정한다\n")[0].wide


def test_a_comment_inside_a_statement_is_reported(tmp_path: Path) -> None:
    made = team(tmp_path, "- Be brief <!-- hidden -->\n", "- Warm colours\n")
    assert [(f.code, f.source, f.line) for f in made.findings] == [("COMM001", "s0", 6)]


def test_place_alone_does_not_make_a_line_a_translation(tmp_path: Path) -> None:
    same = "- Validate input\n- Log requests\n- Cache query results\n{}\n- Write unit tests\n- Review code\n- Use transactions\n"
    made = team(tmp_path, same.format("- Log an exception once, where it is handled."), same.format("- 배포는 금요일에 진행한다."))
    assert "배포는 금요일에 진행한다" in made.text


def test_a_tag_does_not_inherit_the_heading_before_it() -> None:
    read = readings("## Anti-patterns\n\n- Skip tests\n\n<Constraints>\n- Keep changes focused\n</Constraints>\n")
    assert [r.flipped for r in read if r.is_statement] == [True, False]


def test_a_blank_of_a_template_is_no_statement(tmp_path: Path) -> None:
    made = team(tmp_path, "## Report\n\n[Root cause]\n", "## Report\n\n- Explain the root cause of each failure\n")
    assert "[Root cause]" in made.text
    assert "Explain the root cause of each failure" in made.text


def test_a_chosen_language_does_not_give_way_to_another(tmp_path: Path) -> None:
    bodies = ("## Rules\n\n- Use parameterised queries\n", "## Rules\n\n- 매개변수화된 쿼리를 사용하고 배포 전에 백업을 확인한다\n")
    paths = []
    for n, body in enumerate(bodies):
        path = tmp_path / f"s{n}.md"
        path.write_text(f"---\nname: s{n}\ndescription: d\n---\n\n{body}", encoding="utf-8")
        paths.append(path)
    made = build(paths, policy=Policy(language="en"), output=tmp_path / "out.md")
    assert "Use parameterised queries" in made.text


def test_the_one_clause_that_nobody_else_says_keeps_its_line(tmp_path: Path) -> None:
    others = "- Use connection pools, SQL injection checks, Kubernetes deployments, GraphQL schemas\n"
    line = others.replace("\n", " and filtering\n")
    for name, body in (("s0", line), ("s1", others)):
        (tmp_path / f"{name}.md").write_text(f"---\nname: {name}\ndescription: d\n---\n\n## API\n\n{body}", encoding="utf-8")
    # The other line is trusted more, so this one is asked first whether it can go.
    made = build([tmp_path], policy=Policy(priority=("s1",)), output=tmp_path / "out.md")
    assert "filtering" in made.text
