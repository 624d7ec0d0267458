"""What `explain` says of translations: the source's text, what stands for it, by whom, and where that is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polib
import pytest
from conftest import Run

from agentmerge import build, explain
from agentmerge.model import Outcome
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy

ENGLISH = """\
---
name: release-keeper
description: Prepares releases and writes their notes.
---

You prepare releases of a mobile application.

## Rules

- Tag every release with its version
- Run `make smoke` before a release
"""
KOREAN = """\
---
name: release-keeper
description: 번역과 서명을 담당한다.
---

## 보안

- 번역 담당자에게 새 문구를 미리 알린다

## 번역 절차와 서명

- 서명 키를 매달 교체한다
"""
OTHER = """\
---
name: release-keeper
description: Prepares releases and writes their notes.
---

## 보안

- 번역 담당자에게 새 문구를 미리 알린다
"""
NOTICE = "번역 담당자에게 새 문구를 미리 알린다"
TRANSLATED = "Tell the translators about new wording in advance"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("one.md", ENGLISH), ("two.md", KOREAN), ("three.md", OTHER)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(folder: Path, language: str = "en") -> Build:
    paths = [folder / f"{name}.md" for name in ("one", "two", "three")]
    made = build(paths, policy=Policy().with_command_line(language=language), output=folder / "out.md")
    made.write()
    return made


def filled(folder: Path, **fuzzy: bool) -> Build:
    """Built with the notice translated, and nothing else."""
    built(folder)
    file = polib.pofile(str(folder / "out.en.po"), wrapwidth=0)
    for entry in file:
        if entry.msgid == NOTICE:
            entry.msgstr, entry.flags = TRANSLATED, ["fuzzy"] if fuzzy.get("fuzzy") else []
    file.save(str(folder / "out.en.po"))
    return built(folder)


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if text in line)


def entry_line(folder: Path, text: str) -> str:
    number = line_of(folder / "out.en.po", 'msgid "' + text)
    return f"out.en.po:{number}"


def statement(found: tuple[Any, ...], text: str) -> Any:
    return next(record for record in found if record["what"] == "statement" and text in record["text"])


def test_a_line_of_the_canonical_agent_shows_text_translation_catalogue_and_place(folder: Path) -> None:
    filled(folder)
    shown = explain(f"out.md:{line_of(folder / 'out.md', TRANSLATED)}").lines
    assert shown[0].endswith(f"  {NOTICE}")
    assert shown[1:3] == (f"    translated (en): {TRANSLATED}", f"        by the catalogue, {entry_line(folder, NOTICE)}")


def test_a_line_of_a_source_shows_the_same_and_so_does_what_was_merged_into_it(folder: Path) -> None:
    made = filled(folder)
    source = {unit.source: unit.id for agent in made.agents for unit in agent.units if unit.text == NOTICE}
    outcomes = {made.account.decisions[unit].outcome: name for name, unit in source.items()}
    assert set(outcomes) == {Outcome.KEPT, Outcome.MERGED}
    for name in outcomes.values():
        lines = explain(f"{name}.md:{line_of(folder / f'{name}.md', NOTICE)}").lines
        at = lines.index(f"    translated (en): {TRANSLATED}")
        assert lines[at + 1] == f"        by the catalogue, {entry_line(folder, NOTICE)}"
    assert "    it is said by: " + NOTICE in explain(source[outcomes[Outcome.MERGED]], folder / "out.md").lines


def test_a_known_heading_is_translated_by_the_lexicon(folder: Path) -> None:
    filled(folder)
    lines = explain(f"out.md:{line_of(folder / 'out.md', '## Security')}").lines
    assert "    translated (en): Security" in lines
    assert "        by the lexicon, the table of headings" in lines


@pytest.mark.parametrize(("fuzzy", "why"), [(False, "no translation yet"), (True, "fuzzy: the text changed since it was translated")])
def test_what_has_no_translation_says_why_and_where_one_belongs(folder: Path, fuzzy: bool, why: str) -> None:
    filled(folder, fuzzy=fuzzy)
    text = NOTICE if fuzzy else "서명 키를 매달 교체한다"
    lines = explain(f"out.md:{line_of(folder / 'out.md', text)}").lines
    assert f"    not translated (en): {entry_line(folder, text)} ({why})" in lines


def test_a_refused_translation_is_told(folder: Path) -> None:
    built(folder)
    po = folder / "out.en.po"
    po.write_text(re.sub(rf'(msgid "{NOTICE}"\nmsgstr )""', r'\1"# A heading"', po.read_text(encoding="utf-8")), encoding="utf-8")
    built(folder)
    assert any("(not used: 'agentmerge build' says why)" in line for line in explain(f"out.md:{line_of(folder / 'out.md', NOTICE)}").lines)


def test_the_composed_description_shows_its_translation(folder: Path) -> None:
    built(folder)
    file = polib.pofile(str(folder / "out.en.po"), wrapwidth=0)
    (described,) = [entry for entry in file if entry.comment == "description"]
    described.msgstr = "Prepares releases, writes their notes, translates and signs."
    file.save(str(folder / "out.en.po"))
    built(folder)
    assert described.msgstr in (folder / "out.md").read_text(encoding="utf-8")
    lines = explain("description", folder / "out.md").lines
    assert lines[-2] == f"    translated (en): {described.msgstr}"
    assert lines[-1] == f"        by the catalogue, {entry_line(folder, 'Prepares')}"


@pytest.mark.parametrize(("change", "note"), [("append", "the catalogue has changed since the build"), ("remove", "the catalogue is gone")])
def test_a_catalogue_that_changed_or_is_gone_is_told(folder: Path, change: str, note: str) -> None:
    filled(folder)
    po = folder / "out.en.po"
    if change == "append":
        po.write_text(po.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    else:
        po.unlink()
    lines = explain(f"two.md:{line_of(folder / 'two.md', NOTICE)}", folder / "out.md").lines
    assert any(note in line for line in lines)
    assert any("translated (en)" in line for line in lines)


def test_without_a_language_nothing_is_said_of_translations(folder: Path) -> None:
    built(folder, "keep")
    found = explain(f"two.md:{line_of(folder / 'two.md', NOTICE)}", folder / "out.md")
    assert not any("translated" in line for line in found.lines)
    assert "translation" not in statement(found.records, NOTICE)


def test_json_says_the_same(folder: Path, run: Run) -> None:
    filled(folder)
    target = f"out.md:{line_of(folder / 'out.md', TRANSLATED)}"
    data = json.loads(run("explain", target, "--format", "json").out)
    assert data["target"] == target
    assert statement(tuple(data["found"]), NOTICE)["translation"] == {
        "source": NOTICE, "text": TRANSLATED, "language": "en", "by": "catalogue", "place": entry_line(folder, NOTICE), "note": ""
    }  # fmt: skip
    for other in ("description", "one.md:1", "out.md:1", "one.md:10"):
        assert json.loads(run("explain", other, "--format", "json").out)["found"]
