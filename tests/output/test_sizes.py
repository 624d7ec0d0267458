"""What a canonical agent costs, and what could go."""

from pathlib import Path

import pytest

from agentmerge import build
from agentmerge.errors import PolicyError
from agentmerge.output.report import summary, summary_json
from agentmerge.output.sizes import provenance_tokens, section_sizes
from agentmerge.rules.text.tokens import tokens
from agentmerge.rules.policy import Policy, parse_policy

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


def made(folder: Path, policy: Policy | None = None):  # type: ignore[no-untyped-def]
    for name, text in (("one.md", ONE), ("two.md", TWO)):
        (folder / name).write_text(text, encoding="utf-8")
    return build([folder / "one.md", folder / "two.md"], policy=policy, output=folder / "out.md")


def test_tokens_are_counted_by_script() -> None:
    assert tokens("abcd" * 10) == 10
    assert tokens("보안을 위한") == 5
    assert tokens("") == 0


def test_each_section_has_its_size_and_code_opens_none() -> None:
    text = "---\nname: x\n---\n\nIntro words.\n\n## One\n\n```sh\n# no heading\n```\n\n### Two\n\n- a b c\n"
    assert [(size.title, size.words) for size in section_sizes(text)] == [("", 2), ("One", 7), ("Two", 6)]


def test_provenance_costs_what_its_comments_take() -> None:
    plain = "## One\n\n- a\n"
    assert provenance_tokens(plain) == 0
    assert provenance_tokens("## One\n<!-- agentmerge: north, south -->\n\n- a\n") == pytest.approx(9, abs=1)


def test_the_report_says_what_sections_and_provenance_cost(tmp_path: Path) -> None:
    import json

    data = json.loads(summary_json(made(tmp_path), ()))
    assert [part["title"] for part in data["sections"]] == ["Watering", "Tools"]
    assert data["tokens"]["provenance"] > 0


def test_a_budget_that_holds_says_nothing(tmp_path: Path) -> None:
    assert "\nbudget " not in summary(made(tmp_path, parse_policy("budget: 5000\n", "p.yaml")), ())


def test_over_budget_the_cheapest_cuts_are_listed_and_nothing_is_cut(tmp_path: Path) -> None:
    policy = parse_policy("budget: 40\n", "p.yaml")
    over = made(tmp_path, policy)
    told = summary(over, ())
    assert "over the budget of 40" in told
    assert "one.md:9" in told  # "Keep records" says little.
    assert told.index("says little") < told.index("an example")
    assert over.text == made(tmp_path).text


@pytest.mark.parametrize("value", ["many", "-1", "0", "true", "[1]"])
def test_a_budget_is_a_number_of_tokens(value: str) -> None:
    with pytest.raises(PolicyError, match=r"p\.yaml:1 budget"):
        parse_policy(f"budget: {value}\n", "p.yaml")
