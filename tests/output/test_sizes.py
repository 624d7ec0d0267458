"""What a canonical agent costs: words and tokens by section, and what a budget says of it."""

import json
from pathlib import Path

import pytest
from conftest import Run

from agentmerge import build, check, verify
from agentmerge.errors import PolicyError
from agentmerge.output.ledger import read_ledger
from agentmerge.output.report import summary, summary_json
from agentmerge.output.sizes import provenance_tokens, section_sizes
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy, parse_policy
from agentmerge.rules.reading.budget import Budget
from agentmerge.rules.text.tokens import tokens, words

ONE = """\
---
name: gardener
description: Tends a garden
---

## Watering

- Water seedlings every morning
- Keep records

```yaml
plan: daily
```

## Tools

- Clean every tool after use
"""
TWO = """\
---
name: gardener
description: Tends a garden
---

## Watering

- Water the beds before noon, from 6 to 8 litres
- Keep the soil moist
"""


def made(folder: Path, policy: str = "") -> Build:
    for name, text in (("one.md", ONE), ("two.md", TWO)):
        (folder / name).write_text(text, encoding="utf-8")
    return build([folder / "one.md", folder / "two.md"], policy=parse_policy(policy, "p.yaml"), output=folder / "out.md")


# --- counting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("abcd" * 10, 10), ("보안을 위한", 5), ("安全。", 3), ("「テスト」、", 6), ("é" * 10, 5), ("│" * 4, 2), ("🚀", 1), ("𠀋", 1)],
)
def test_tokens_are_counted_by_script(text: str, count: int) -> None:
    assert tokens(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("- Use `git add -p`", 5),
        ("보안을 위한 검토", 3),
        ("检查输入", 4),
        ("検査する。", 4),
        ("API を使う", 4),
        ("naïve café", 2),
        ("使用 Redis，缓存", 5),
    ],
)
def test_words_of_scripts_without_spaces_are_their_characters(text: str, count: int) -> None:
    assert words(text) == count


def test_provenance_costs_what_its_comments_take() -> None:
    plain = "## One\n\n- a\n"
    assert provenance_tokens(plain) == 0
    assert provenance_tokens("## One\n<!-- agentmerge: north, south -->\n\n- a\n") == pytest.approx(9, abs=1)


# --- sections ----------------------------------------------------------------------------------


def test_each_section_has_its_size_in_and_out(tmp_path: Path) -> None:
    same = "---\nname: x\ndescription: d\n---\n\nIntro words.\n\n## One\n\n- Validate user input\n\n```sh\n# no heading\n```\n"
    for name, text in (
        ("a", same),
        ("b", same.replace("Intro words.", "Other words, all of them.") + "\n### Two\n\n- Be brief and kind\n"),
    ):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    result = build([tmp_path / "a.md", tmp_path / "b.md"], policy=Policy(provenance="none"), output=tmp_path / "out.md")
    sizes = {size.title: size for size in section_sizes(result.agents, result.account.decisions, result.rendered)}
    assert list(sizes) == ["(frontmatter)", "", "One", "Two"]
    assert [sizes[title].level for title in ("", "One", "Two")] == [0, 2, 3]
    # The heading, the item and the block of both sources went into one.
    assert (sizes["One"].words_in, sizes["One"].words) == (2 * (2 + 3 + 5), 2 + 4 + 5)
    assert sizes["Two"].words_in == sizes["Two"].words - 1 == 6
    assert sum(size.tokens for size in sizes.values()) == pytest.approx(tokens(result.text), abs=4)


def test_what_was_left_out_is_counted_apart(tmp_path: Path) -> None:
    result = made(tmp_path)
    (tmp_path / "agentmerge.decisions.yaml").write_text("decisions:\n- drop: Keep records\n", encoding="utf-8")
    without = made(tmp_path)
    left = {
        b: [s.words_in for s in section_sizes(r.agents, r.account.decisions, r.rendered) if s.title == "(left out)"]
        for b, r in (("before", result), ("after", without))
    }
    assert left == {"before": [], "after": [2]}


def test_one_source_alone_goes_in_as_it_comes_out(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text(ONE, encoding="utf-8")
    result = build([tmp_path / "one.md"], output=tmp_path / "out.md")
    sizes = section_sizes(result.agents, result.account.decisions, result.rendered)
    assert [size.title for size in sizes] == ["(frontmatter)", "Watering", "Tools"]


def test_the_report_says_what_sections_and_provenance_cost(tmp_path: Path) -> None:
    data = json.loads(summary_json(made(tmp_path), ()))
    assert [part["title"] for part in data["sections"]] == ["Watering", "Tools"]
    assert data["tokens"]["provenance"] > 0
    assert data["frontmatter"]["tokens_in"] > data["frontmatter"]["tokens"] > 0
    assert "budget" not in data


def test_the_table_of_sections_is_shown_when_asked_for_or_over_budget(tmp_path: Path) -> None:
    result = made(tmp_path)
    assert "\nsection " not in summary(result, ())
    asked = summary(result, (), sizes=True)
    assert [line.split("words  ")[1] for line in asked.split("\n") if line.startswith("section ")] == ["(frontmatter)", "Watering", "Tools"]
    assert "\ncould go" not in asked
    assert "\nsection " in summary(made(tmp_path, "budget: 40\n"), ())


# --- the budget --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("500", Budget(500)),
        ("{tokens: 500}", Budget(500)),
        ("{words: 300}", Budget(None, 300)),
        ("{tokens: 500, words: 300, fail: true}", Budget(500, 300, True)),
        ("{words: 300, tokens: null, fail: null}", Budget(None, 300)),
        ("null", None),
    ],
)
def test_a_budget_is_tokens_or_words_or_both(text: str, budget: Budget | None) -> None:
    assert parse_policy(f"budget: {text}\n", "p.yaml").budget == budget


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("many", "must be a number of tokens above 0"),
        ("-1", "must be a number of tokens above 0"),
        ("0", "must be a number of tokens above 0"),
        ("true", "must be a number of tokens above 0"),
        ("[1]", "must be a number of tokens above 0"),
        ("{words: x}", "must be a number of words above 0"),
        ("{fail: true}", "names no limit"),
        ("{}", "names no limit"),
        ("{tokens: 5, fail: maybe}", "must be true or false"),
        ("{token: 5}", "did you mean 'tokens'"),
    ],
)
def test_a_mistake_in_a_budget_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(PolicyError, match=rf"p\.yaml:1 budget.*{told}"):
        parse_policy(f"budget: {text}\n", "p.yaml")


def test_a_budget_that_holds_says_nothing(tmp_path: Path) -> None:
    result = made(tmp_path, "budget: {tokens: 5000, words: 5000, fail: true}\n")
    assert " budget" not in summary(result, ())
    assert "\nbudget" not in summary(result, ())
    assert (result.over_budget, result.fails_budget, result.cuts) == ("", False, ())
    assert [f for f in result.findings if f.code == "SIZE001"] == []


@pytest.mark.parametrize(("budget", "told"), [("40", "tokens"), ("{words: 10}", "words"), ("{tokens: 5000, words: 10}", "words")])
def test_over_budget_a_note_says_so_and_nothing_is_cut(budget: str, told: str, tmp_path: Path) -> None:
    over = made(tmp_path, f"budget: {budget}\n")
    notes = [f.message for f in over.findings if f.code == "SIZE001"]
    assert len(notes) == 1
    assert f" {told}, " in notes[0]
    assert f"note       SIZE001 {notes[0]}\n" in summary(over, ())
    assert over.text == made(tmp_path).text
    assert not over.fails_budget


def test_the_ledger_keeps_the_budget_so_that_a_rebuild_is_the_same(tmp_path: Path) -> None:
    over = made(tmp_path, "budget: {tokens: 40, fail: true}\n")
    over.write()
    assert read_ledger(over.ledger_file)["policy"]["budget"] == {"tokens": 40, "words": None, "fail": True}
    assert check(over.canonical).fresh
    assert verify(over.canonical) == ()


@pytest.mark.parametrize(
    ("budget", "options", "code", "written"),
    [
        ("{tokens: 40, fail: true}", ("--strict",), 1, False),
        ("{tokens: 40, fail: true}", (), 0, True),
        ("{tokens: 40}", ("--strict",), 0, True),
        ("{tokens: 5000, fail: true}", ("--strict",), 0, True),
    ],
)
def test_strict_fails_on_a_budget_only_if_the_policy_says_so(
    budget: str, options: tuple[str, ...], code: int, written: bool, tmp_path: Path, run: Run
) -> None:
    for name, text in (("one.md", ONE), ("two.md", TWO)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "agentmerge.yaml").write_text(f"sources: [one.md, two.md]\noutput: out.md\nbudget: {budget}\n", encoding="utf-8")
    ran = run("build", "--policy", str(tmp_path / "agentmerge.yaml"), *options)
    assert ran.code == code
    assert (tmp_path / "out.md").exists() == written
    assert ("over the budget of 40: cut, raise" in ran.err) == bool(code)


def test_sizes_is_an_option_of_the_command_line(tmp_path: Path, run: Run) -> None:
    (tmp_path / "one.md").write_text(ONE, encoding="utf-8")
    shown = run("build", tmp_path / "one.md", "-o", tmp_path / "o.md", "--sizes").out
    assert "tokens       8 of      7 words  Tools\n" in shown
