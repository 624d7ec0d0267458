"""One language: what stands in another is translated by a catalogue, and nothing is pretended to be."""

import re
import sys
from pathlib import Path

import polib
import pytest

from agentmerge import build, check, translate, untranslated, verify
from agentmerge.errors import AgentmergeError
from agentmerge.pipeline import Build
from agentmerge.rules.policy import Policy

OTHER_SCRIPTS = re.compile(r"[\uac00-\ud7a3\u3040-\u30ff\u3400-\u9fff]")
ENGLISH = """\
---
name: release-keeper
description: Prepares releases and writes their notes.
---

You prepare releases of a mobile application.

## Rules

- Tag every release with its version
- Write release notes for people who use the application
- Never publish on a Friday
"""
KOREAN = """\
---
name: release-keeper
description: Prepares releases and writes their notes.
---

## 테스트

- 배포 전에 `make smoke`를 3회 실행한다
- 번역 담당자에게 새 문구를 미리 알린다

| 단계 | 담당 |
|---|---|
| 서명 | 보안 담당자 |

```sh
# 서명 확인
make verify
```
"""
TRANSLATIONS = {
    "배포 전에 `make smoke`를 3회 실행한다": "Run `make smoke` 3 times before a release",
    "번역 담당자에게 새 문구를 미리 알린다": "Tell the translators about new wording in advance",
    "| 단계 | 담당 |": "| Step | Who |",
    "| 서명 | 보안 담당자 |": "| Signing | Security officer |",
}


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    files = {"one.md": ENGLISH, "two.md": KOREAN}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [tmp_path / name for name in files]


def built(sources: list[Path], language: str = "en") -> Build:
    made = build(sources, policy=Policy().with_command_line(language=language), output=sources[0].parent / "out.md")
    made.write()
    return made


def filled(sources: list[Path], **changes: str) -> Build:
    built(sources)
    file = polib.pofile(str(catalogue(sources)), wrapwidth=0)
    for entry in file:
        entry.msgstr = changes.get(entry.msgid, TRANSLATIONS[entry.msgid])
    file.save(str(catalogue(sources)))
    return built(sources)


def catalogue(sources: list[Path]) -> Path:
    return sources[0].parent / "out.en.po"


def test_what_has_no_translation_is_written_into_the_catalogue_and_stands_as_it_is(sources: list[Path]) -> None:
    made = built(sources)
    file = polib.pofile(str(catalogue(sources)))
    assert {entry.msgid for entry in file} == set(TRANSLATIONS)
    assert all(entry.msgstr == "" and entry.occurrences and entry.comment for entry in file)
    assert "번역 담당자에게" in made.text
    assert made.catalogue is not None
    assert (made.catalogue.missing, made.catalogue.wanted) == (4, 4)


def test_a_filled_catalogue_gives_one_language(sources: list[Path]) -> None:
    made = filled(sources)
    prose = re.sub(r"```.*?```", "", made.text, flags=re.DOTALL)
    assert OTHER_SCRIPTS.search(prose) is None, prose
    assert "- Run `make smoke` 3 times before a release" in made.text
    assert "# 서명 확인" in made.text  # Code stays as it is.
    assert made.catalogue is not None
    assert made.catalogue.missing == 0


def test_only_a_heading_that_is_known_whole_is_translated_without_the_catalogue(sources: list[Path]) -> None:
    made = built(sources)
    assert "## Testing" in made.text
    assert made.translation is not None
    assert sorted(made.translation.units.values()) == ["lexicon"]


def test_the_ledger_marks_what_is_translated_and_verify_proves_it(sources: list[Path]) -> None:
    made = filled(sources)
    assert verify(made.canonical) == ()
    assert check(made.canonical).fresh
    assert made.ledger.count('"translation": "catalogue"') == len(TRANSLATIONS)
    text = catalogue(sources).read_text(encoding="utf-8")
    catalogue(sources).write_text(text.replace("Tell the translators", "Tell all translators"), encoding="utf-8")
    assert "translation catalogue" in str(verify(made.canonical)[0])
    assert not check(made.canonical).fresh


def test_a_line_that_is_not_the_translation_is_found(sources: list[Path]) -> None:
    import hashlib

    made = filled(sources)
    forged = made.text.replace("Signing | Security officer", "Signing | Nobody")
    made.canonical.write_text(forged, encoding="utf-8")
    old, new = (hashlib.sha256(text.encode()).hexdigest() for text in (made.text, forged))
    made.ledger_file.write_text(made.ledger.replace(old, new), encoding="utf-8")
    assert any("translation of unit" in problem.what for problem in verify(made.canonical))


@pytest.mark.parametrize(
    ("text", "bad", "why"),
    [
        ("배포 전에 `make smoke`를 3회 실행한다", "Run `make smoke` 5 times before a release", "numbers differ"),
        ("배포 전에 `make smoke`를 3회 실행한다", "Run `make tests` 3 times before a release", "lacks make smoke"),
        ("배포 전에 `make smoke`를 3회 실행한다", "Run make smoke 3 times before a release", "backticks"),
        ("번역 담당자에게 새 문구를 미리 알린다", "Tell them\nin advance", "line break"),
        ("번역 담당자에게 새 문구를 미리 알린다", "# Tell them in advance", "begins like a heading"),
        ("번역 담당자에게 새 문구를 미리 알린다", "Tell them <!-- later -->", "comment"),
        ("| 서명 | 보안 담당자 |", "| Signing |", "table cells"),
    ],
)
def test_a_translation_that_breaks_its_statement_is_not_used(sources: list[Path], text: str, bad: str, why: str) -> None:
    made = filled(sources, **{text: bad})
    assert made.translation is not None
    (refused,) = made.translation.refused
    assert refused.wanted.text == text
    assert why in refused.why
    assert text in made.text


def test_a_translation_of_a_text_that_changed_a_little_is_fuzzy_and_of_one_that_is_gone_is_stale(sources: list[Path]) -> None:
    filled(sources)
    changed = KOREAN.replace("번역 담당자에게 새 문구를 미리 알린다", "번역 담당자에게 새 문구를 꼭 미리 알린다").replace(
        "| 서명 | 보안 담당자 |\n", ""
    )
    sources[1].write_text(changed, encoding="utf-8")
    made = built(sources)
    assert made.catalogue is not None
    assert (made.catalogue.fuzzy, made.catalogue.stale, made.catalogue.missing) == (1, 1, 1)
    assert "꼭 미리 알린다" in made.text
    sources[1].write_text(KOREAN, encoding="utf-8")
    again = built(sources).catalogue
    assert again is not None
    assert again.stale == 0


def test_without_a_language_there_is_no_catalogue(sources: list[Path]) -> None:
    built(sources, "keep")
    assert not list(sources[0].parent.glob("*.po"))


def test_the_same_build_gives_the_same_catalogue(sources: list[Path]) -> None:
    filled(sources)
    first = catalogue(sources).read_bytes()
    assert built(sources).write() == ()
    assert catalogue(sources).read_bytes() == first


@pytest.mark.parametrize("text", ['msgid "a"\nmsgstr b\n', "no po file", 'msgid "a\n'])
def test_what_is_no_catalogue_is_refused_in_one_line(sources: list[Path], text: str) -> None:
    catalogue(sources).write_text(text, encoding="utf-8")
    with pytest.raises(AgentmergeError, match=r"out\.en\.po:[12]: ") as caught:
        built(sources)
    assert "\n" not in str(caught.value)


# --- translate --with --------------------------------------------------------------------------


def program(folder: Path, body: str) -> str:
    file = folder / "translator.py"
    file.write_text(f"import json, sys\nasked = [json.loads(line) for line in sys.stdin]\n{body}\n", encoding="utf-8")
    return f"'{sys.executable}' '{file}'"


def test_a_program_translates_what_is_missing(sources: list[Path]) -> None:
    built(sources)
    body = f"known = {TRANSLATIONS!r}\nfor one in asked:\n    print(json.dumps({{'id': one['id'], 'translation': known[one['text']]}}))"
    assert translate(catalogue(sources), program(sources[0].parent, body)) == len(TRANSLATIONS)
    assert untranslated(catalogue(sources)) == ()
    made = built(sources)
    assert "Signing | Security officer" in made.text


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("print('hello')", "no JSON"),
        ("print(json.dumps({'id': 'x', 'translation': 'y'}))", "'id'"),
        ("print(json.dumps({'id': asked[0]['id'], 'translation': 3}))", "'translation'"),
        ("sys.exit(3)", "exited with 3"),
    ],
)
def test_a_program_that_answers_wrongly_changes_nothing(sources: list[Path], body: str, why: str) -> None:
    built(sources)
    before = catalogue(sources).read_bytes()
    with pytest.raises(AgentmergeError, match=re.escape(why)):
        translate(catalogue(sources), program(sources[0].parent, body))
    assert catalogue(sources).read_bytes() == before


def test_a_build_to_elsewhere_uses_the_translations_beside_the_policys_output(sources: list[Path]) -> None:
    folder = sources[0].parent
    policy = folder / "agentmerge.yaml"
    policy.write_text("language: en\noutput: out.md\nsources: [one.md, two.md]\n", encoding="utf-8")
    filled(sources)
    other = build(policy_file=policy, output=folder / "elsewhere.md")
    other.write()
    assert "Signing | Security officer" in other.text
    assert (folder / "elsewhere.en.po").exists()
    assert check(other.canonical).fresh
    assert verify(other.canonical) == ()
