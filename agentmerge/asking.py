"""The open questions of a build: undecided conflicts, pairs that may say the same, alignments that are not sure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from agentmerge.errors import AgentmergeError
from agentmerge.merge.refs import Refs
from agentmerge.merge.told import Judged
from agentmerge.model import Agent, Candidate, Conflict, Outcome, Relation
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import BOTH, DIFFERENT, NEITHER, SAME, Between, KeyAnswer, Ref, content_hash
from agentmerge.rules.registry import BY_CODE

# An alignment at least this likely is not asked about, unless all are.
SURE = 0.9
CONFLICT, KEY, CANDIDATE, ALIGNMENT = "conflict", "key", "candidate", "alignment"
SKIP = "skip"


class Side(NamedTuple):
    """One side of a question: a statement with its place, or a source's value of a frontmatter key (``ref`` is then empty)."""

    text: str
    source: str
    path: str
    lines: tuple[int, int]
    section: str
    language: str
    ref: Ref


class Question(NamedTuple):
    """What a person may decide.

    ``id`` is of the content: the same question has the same id in each build. ``why`` it is asked;
    ``meanwhile`` is what happens if nobody answers; ``score`` is the probability that a pair says
    the same, ``None`` for a conflict; ``answers`` are the words that answer it; ``key`` is the
    frontmatter key of a question about one.
    """

    id: str
    kind: str
    rule: str
    why: str
    sides: tuple[Side, ...]
    score: float | None
    evidence: tuple[str, ...]
    meanwhile: str
    answers: tuple[str, ...]
    key: str = ""


class Reply(NamedTuple):
    """An answer to a question: one of its words (a value for a frontmatter key), for ``same`` the wording that stays, and a note."""

    question: Question
    answer: str
    stays: int = 0
    note: str = ""


def open_questions(built: Build, *, sure: float = SURE, every: bool = False) -> tuple[Question, ...]:
    """Conflicts first, then candidates from the likeliest, then alignments from the least sure.

    Two statements of one source are its author's business. ``every``: those too, and alignments of any
    certainty; else those below ``sure``. What was answered is not asked again.
    """
    book = _Book(built)
    found = [
        *(q for conflict in built.conflicts if not conflict.resolved and (q := book.conflict(conflict)) is not None),
        *(
            book.pair(CANDIDATE, c.a, c.b, c.score, c.evidence)
            for c in sorted(built.candidates, key=_likely)
            if every or book.foreign(c.a, c.b)
        ),
        *(
            book.pair(ALIGNMENT, al.a, al.b, al.score, al.evidence)
            for al in sorted(built.alignments, key=lambda al: (al.score, al.a, al.b))
            if frozenset((al.a, al.b)) not in built.told.answered
            and (every or (al.score < sure and al.relation is not Relation.CONFLICTS and book.foreign(al.a, al.b)))
        ),
    ]
    first: dict[str, Question] = {}
    for question in found:
        first.setdefault(question.id, question)
    return tuple(first.values())


def _likely(candidate: Candidate) -> tuple[float, str, str]:
    return (-candidate.score, candidate.a, candidate.b)


class _Book:
    """Look-ups over a build."""

    def __init__(self, built: Build) -> None:
        self.agents: Mapping[str, Agent] = {agent.source.id: agent for agent in built.agents}
        self.units = {unit.id: unit for agent in built.agents for unit in agent.units}
        self.titles = {section.id: section.title for agent in built.agents for section in agent.sections}
        self.made = {decision.unit: decision for decision in built.decisions}
        self.judged: Sequence[Judged] = built.told.judged
        self.refs = Refs(built.agents)

    def side(self, unit_id: str) -> Side:
        unit = self.units[unit_id]
        title = self.titles[unit.section]
        return Side(
            text=unit.text,
            source=unit.source,
            path=self.agents[unit.source].source.path,
            lines=unit.lines,
            section=title,
            language=unit.language,
            ref=self.refs.of(unit),
        )

    def foreign(self, a: str, b: str) -> bool:
        """Whether two units are of different sources."""
        return self.units[a].source != self.units[b].source

    def pair(self, kind: str, a: str, b: str, score: float, evidence: tuple[str, ...]) -> Question:
        sides = (self.side(a), self.side(b))
        why = {
            CANDIDATE: "the two may say the same, and nothing was done about it",
            ALIGNMENT: "the two were taken to say the same, which is not sure",
        }[kind]
        return Question(
            id=question_id(kind, sides),
            kind=kind,
            rule="",
            why=why,
            sides=sides,
            score=score,
            evidence=evidence,
            meanwhile=f"{self._fate(a)}; {self._fate(b)}",
            answers=(SAME, DIFFERENT, SKIP),
        )

    def _fate(self, unit: str) -> str:
        made = self.made[unit]
        into = f" into {made.into}" if made.into and made.outcome is not Outcome.KEPT else ""
        return f"{unit} is {made.outcome}{into} ({made.rule}: {made.why})"

    def conflict(self, conflict: Conflict) -> Question | None:
        """A question about a conflict; ``None`` for one that is neither of statements nor of one key."""
        if all(member in self.units for member in conflict.members):
            sides = tuple(self.side(member) for member in conflict.members)
            places = tuple(str(n) for n in range(1, len(sides) + 1))
            answers = (*places, BOTH, NEITHER, SAME, DIFFERENT, SKIP)
            return self._asked(conflict, CONFLICT, sides, answers) if len(sides) > 1 else None
        keys = {member.rpartition(":")[2] for member in conflict.members}
        key = next(iter(keys)) if len(keys) == 1 else ""
        values = tuple(side for agent in self.agents.values() if (side := _value_side(agent, key)) is not None) if key else ()
        return self._asked(conflict, KEY, values, (*(side.source for side in values), SKIP), key) if values else None

    def _asked(self, conflict: Conflict, kind: str, sides: tuple[Side, ...], answers: tuple[str, ...], key: str = "") -> Question:
        return Question(
            id=question_id(key or kind, sides),
            kind=kind,
            rule=conflict.rule,
            why=conflict.why,
            sides=sides,
            score=None,
            evidence=(),
            meanwhile=conflict.decision,
            answers=answers,
            key=key,
        )


def _value_side(agent: Agent, key: str) -> Side | None:
    field = next((f for f in agent.fields if f.key == key), None)
    if field is None:
        # An omitted tools key is an answer of its own: it grants every tool.
        shown, lines = ("(omitted: every tool)", (1, 1)) if key == "tools" else ("", (1, 1))
        return Side(shown, agent.source.id, agent.source.path, lines, "", "", Ref("")) if shown else None
    return Side(field.raw.strip(), agent.source.id, agent.source.path, field.lines, "", "", Ref(""))


def question_id(kind: str, sides: Iterable[Side]) -> str:
    """The same for the same texts, whatever stands around them and in which order."""
    keys = sorted(side.ref.key if side.ref.hash else (content_hash(side.text), side.source, "") for side in sides)
    return content_hash(json.dumps(["" if kind in (CONFLICT, CANDIDATE, ALIGNMENT) else kind, keys], ensure_ascii=False))


def entry_of(reply: Reply, line: int = 0) -> Between | KeyAnswer:
    """What the decisions file says of an answer; of ``skip`` an entry that is still open."""
    question, answer = reply.question, "" if reply.answer == SKIP else reply.answer
    if question.kind == KEY:
        sources = {side.source for side in question.sides}
        value = None if not answer or answer in sources else answer
        return KeyAnswer(question.key, value, answer if answer in sources else "", reply.note, line)
    label = BY_CODE[question.rule].key if question.kind == CONFLICT else ""
    return Between(tuple(side.ref for side in question.sides), answer, reply.stays, label, reply.note, line)


def open_reply(question: Question) -> Reply:
    """A question left open."""
    return Reply(question, SKIP)


def as_json(question: Question) -> dict[str, Any]:
    """A question for a program, as ``docs/questions.schema.json`` has it."""
    return {
        "id": question.id,
        "kind": question.kind,
        "rule": question.rule or None,
        "key": question.key or None,
        "why": question.why,
        "sides": [_side_json(side) for side in question.sides],
        "score": question.score,
        "evidence": list(question.evidence),
        "meanwhile": question.meanwhile,
        "answers": list(question.answers),
    }


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "text": side.text,
        "source": side.source,
        "file": side.path,
        "lines": list(side.lines),
        "section": side.section or None,
        "language": side.language or None,
        "hash": side.ref.hash or None,
    }


def checked_reply(data: object, questions: Mapping[str, Question]) -> Reply:
    """An answer as a program wrote it: ``{"id": …, "answer": …}``, with ``stays`` and ``note`` if it likes.

    Raises ``AgentmergeError`` for what is no answer to one of the questions.
    """
    if not isinstance(data, dict):
        raise AgentmergeError("is no map", fix='write {"id": …, "answer": …}')
    unknown = sorted(str(key) for key in data.keys() - {"id", "answer", "stays", "note"})
    if unknown:
        raise AgentmergeError(f"has an unknown key {unknown[0]!r}", fix="known are id, answer, stays, note")
    question = questions.get(data["id"]) if isinstance(data.get("id"), str) else None
    if question is None:
        raise AgentmergeError(f"answers no question that was asked: id {data.get('id')!r}"[:120], fix="copy the id of the question")
    answer, note, stays = data.get("answer"), data.get("note", ""), data.get("stays", 0)
    answer = str(answer) if isinstance(answer, int) and not isinstance(answer, bool) else answer
    if not isinstance(answer, str) or not _answers(question, answer):
        raise AgentmergeError(f"has no answer to {question.id} but {answer!r}"[:120], fix=f"one of {', '.join(question.answers)}")
    if not isinstance(note, str) or len(note) > 2000:
        raise AgentmergeError("has a note that is no text of at most 2000 characters", fix="shorten it, or leave it out")
    if not isinstance(stays, int) or isinstance(stays, bool) or not 0 <= stays <= len(question.sides) or (stays and answer != SAME):
        raise AgentmergeError(f"has 'stays': {stays!r}"[:120], fix=f"a side, from 1 to {len(question.sides)}, with answer same")
    return Reply(question, answer, stays, " ".join(note.split()))


def _answers(question: Question, answer: str) -> bool:
    """One of the words; for a frontmatter key also a value that no source has."""
    return answer in question.answers or (question.kind == KEY and bool(answer.strip()) and len(answer) <= 2000)


def replies_of(lines: Sequence[str], questions: Sequence[Question]) -> Iterator[Reply | str]:
    """Each line of a program's output as an answer, or as what is wrong with it."""
    known = {question.id: question for question in questions}
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reply = checked_reply(json.loads(line), known)
        except AgentmergeError as error:
            yield f"line {number} {error}"
        except (ValueError, RecursionError):
            yield f"line {number} is not JSON: {line.strip()[:60]!r} (write one answer a line)"
        else:
            if reply.question.id in seen:
                yield f"line {number} answers {reply.question.id} a second time (answer a question once)"
            seen.add(reply.question.id)
            yield reply
