"""Style is made even where it costs no meaning, and nothing is added to a statement."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentmerge.api import build
from agentmerge.output.wording import shown_as, without_lead, without_stop
from agentmerge.pipeline import Build
from agentmerge.proof import prove
from agentmerge.rules.policy import Policy


def team(folder: Path, *bodies: str, base: int | None = None) -> Build:
    paths = [folder / f"s{n}.md" for n in range(len(bodies))]
    for path, body in zip(paths, bodies, strict=True):
        path.write_text(f"---\nname: {path.stem}\ndescription: Reviews changes\n---\n\n{body}", encoding="utf-8")
    made = build(paths, policy=Policy(provenance="none"), output=folder / "out.md", base=None if base is None else paths[base])
    made.write()
    assert prove(folder / "out.md") == ()
    return made


BARE = "## Storage\n\n- Encrypt the disks\n- Test the restore\n- Name an owner\n"


def test_full_stops_of_the_few_go(tmp_path: Path) -> None:
    text = team(tmp_path, BARE, "## Storage\n\n- Rotate the keys every quarter.\n").text
    assert "- Rotate the keys every quarter\n" in text


def test_full_stops_of_the_many_stay_and_none_is_added(tmp_path: Path) -> None:
    text = team(tmp_path, "## Storage\n\n- Encrypt the disks.\n- Test the restore.\n", "## Storage\n\n- Name an owner\n").text
    assert "- Encrypt the disks.\n" in text
    assert "- Name an owner\n" in text


def test_an_item_of_two_sentences_keeps_its_stops(tmp_path: Path) -> None:
    text = team(tmp_path, BARE, "## Storage\n\n- Rotate the keys. Tell the operators first.\n").text
    assert "- Rotate the keys. Tell the operators first.\n" in text


def test_the_base_keeps_its_style(tmp_path: Path) -> None:
    text = team(tmp_path, BARE + "- Rotate the keys every quarter.\n", "## Palette\n\n- Choose warm tones\n", base=0).text
    assert "- Rotate the keys every quarter.\n" in text


def test_a_bold_lead_that_repeats_its_heading_goes(tmp_path: Path) -> None:
    text = team(tmp_path, BARE, "## Storage\n\n- **Storage**: Delete temporary files\n- **Naming**: Use verbs\n").text
    assert "- Delete temporary files\n" in text
    assert "- **Naming**: Use verbs\n" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rotate the keys.", "Rotate the keys"),
        ("키를 교체한다.", "키를 교체한다"),
        ("鍵を交換する。", "鍵を交換する"),
        ("And so on...", "And so on..."),
        ("And so on…", "And so on…"),
        (".", "."),
    ],
)
def test_the_stop_of_a_statement(text: str, shown: str) -> None:
    assert without_stop(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Storage**: Encrypt", "Encrypt"),
        ("**Storage:** Encrypt", "Encrypt"),
        ("**보안**：암호화", "암호화"),
        ("**Storage** needs care", "**Storage** needs care"),
        ("**Storage**:", "**Storage**:"),
        ("Storage: Encrypt", "Storage: Encrypt"),
    ],
)
def test_the_lead_of_a_statement(text: str, shown: str) -> None:
    assert without_lead(text) == shown


def test_every_way_to_show_a_statement_is_a_slice_of_it() -> None:
    text = "**Storage**: Encrypt the disks."
    assert all(shown in text for shown in shown_as(text))
