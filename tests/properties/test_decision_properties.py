"""Laws of answers: whatever a person answers, every statement is accounted for, and the same answers give the same bytes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from test_merge_properties import LAW, on_disk, teams

from agentmerge.api import build, questions, verify
from agentmerge.asking import Question, Reply, entry_of
from agentmerge.errors import SourceError
from agentmerge.model import Outcome
from agentmerge.output.decisions_text import with_entries
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import (
    DECISIONS_NAME,
    SAME,
    Between,
    Entry,
    Exclude,
    KeyAnswer,
    Ref,
    Single,
    content_hash,
    parse_decisions,
)

NOTES = ("", "agreed in May", 'a "quoted": #note', "\u202eback to front")


@st.composite
def a_reply(draw: st.DrawFn, question: Question) -> Entry:
    answer = draw(st.sampled_from([word for word in question.answers if word != "skip"]))
    stays = draw(st.integers(0, len(question.sides))) if answer == SAME else 0
    return entry_of(Reply(question, answer, stays, draw(st.sampled_from(NOTES))))


@st.composite
def an_entry(draw: st.DrawFn, made: Build) -> Entry:
    """An answer that nobody asked for: about any statements, source or key, wise or not."""
    units = [unit for agent in made.agents for unit in agent.units]
    note = draw(st.sampled_from(NOTES))

    def ref() -> Ref:
        unit = draw(st.sampled_from(units))
        source = draw(st.sampled_from(("", unit.source)))
        return Ref(content_hash(unit.text), unit.text, source, "")

    match draw(st.sampled_from(("keep", "drop", "between", "between", "exclude", "key", "stale"))):
        case "between":
            refs = tuple(ref() for _ in range(draw(st.integers(2, 3))))
            answer = draw(st.sampled_from(("same", "different", "both", "neither", "1", "2")))
            return Between(refs, answer, 0, "", note, 0)
        case "exclude":
            return Exclude(draw(st.sampled_from([agent.source.id for agent in made.agents])), note, 0)
        case "key":
            name = draw(st.sampled_from(("model", "color", "name", "tools")))
            return KeyAnswer(name, None, draw(st.sampled_from([agent.source.id for agent in made.agents])), note, 0)
        case "stale":
            return Single("keep", Ref(content_hash("nobody says this"), "nobody says this"), note, 0)
        case verb:
            return Single(verb, ref(), note, 0)


@st.composite
def entries(draw: st.DrawFn, made: Build) -> list[Entry]:
    asked = draw(st.lists(st.sampled_from(found), max_size=6)) if (found := questions(made, every=True)) else []
    chosen = [draw(a_reply(question)) for question in asked]
    chosen.extend(draw(an_entry(made)) for _ in range(draw(st.integers(0, 5))))
    return list({entry.key: entry for entry in chosen}.values())


def built(paths: list[Path], folder: Path) -> Build:
    return build(paths, output=folder / "out.md")


@LAW
@given(teams, st.data())
def test_whatever_is_answered_the_ledger_is_proved_and_the_order_of_files_is_nothing(team: list[str], data: st.DataObject) -> None:
    with on_disk(team) as (folder, paths):
        chosen = data.draw(entries(built(paths, folder)))
        text = with_entries("", [(entry, "a comment") for entry in chosen], "d.yaml")
        (folder / DECISIONS_NAME).write_text(text, encoding="utf-8")
        try:
            made = built(paths, folder)
        except SourceError as error:
            assert "leave out every source" in str(error)  # noqa: PT017
            return
        made.write()
        assert verify(made.canonical) == ()
        assert {(again.text, again.ledger) for order in itertools.permutations(paths) for again in [built(list(order), folder)]} == {
            (made.text, made.ledger)
        }
        _check_promises(made)


def _check_promises(made: Build) -> None:
    decisions = {decision.unit: decision for decision in made.decisions}
    distinct = {agent.source.text for agent in made.agents if agent.source.id not in made.told.excluded}
    if len(distinct) == 1:
        return
    for unit in made.told.keep:
        if made_of(made)[unit].kind not in ("heading", "lead", "tag"):
            assert decisions[unit].outcome is Outcome.KEPT
            assert decisions[unit].rule in ("DEC001", "PERS001", "KEEP001")
    for pair in made.told.apart:
        for unit in pair:
            assert not (decisions[unit].outcome is Outcome.MERGED and decisions[unit].into in pair)
    for decision in made.decisions:
        if decision.unit.rpartition(":")[0] in made.told.excluded:
            assert (decision.outcome, decision.rule) == (Outcome.DROPPED, "DEC001")


def made_of(made: Build) -> Mapping[str, Any]:
    return {unit.id: unit for agent in made.agents for unit in agent.units}


@LAW
@given(teams, st.data())
def test_entries_are_read_back_as_they_were_written(team: list[str], data: st.DataObject) -> None:
    with on_disk(team) as (folder, paths):
        chosen = data.draw(entries(built(paths, folder)))
    half = len(chosen) // 2
    text = with_entries("", [(entry, "first") for entry in chosen[:half]], "d.yaml")
    text = with_entries(text, [(entry, "then") for entry in chosen[half:]], "d.yaml")
    read = parse_decisions(text, "d.yaml")
    assert [entry._replace(line=0) for entry in read] == [_plain(entry) for entry in chosen]
    if chosen:
        gone = data.draw(st.integers(0, len(chosen) - 1))
        left = parse_decisions(with_entries(text, (), "d.yaml", without=[gone]), "d.yaml")
        assert [entry._replace(line=0) for entry in left] == [_plain(e) for n, e in enumerate(chosen) if n != gone]


def _plain(entry: Entry) -> Entry:
    return entry._replace(note=" ".join(entry.note.split()))
