"""Walk through what is open and write a person's answers into the decisions file, after each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agentmerge.asking import CONFLICT, KEY, Question, Reply, Side, entry_of
from agentmerge.errors import OutputError, PolicyError
from agentmerge.output.decisions_text import with_entries
from agentmerge.output.files import same_text, write_all
from agentmerge.output.report import printable
from agentmerge.pipeline import Build
from agentmerge.rules.decisions import BOTH, DIFFERENT, NEITHER, SAME, Entry, is_open, parse_decisions

QUIT = "quit"
LIMIT = 20
_KEYS = {"s": SAME, "d": DIFFERENT, "b": BOTH, "n": NEITHER, "k": "skip", "": "skip", "q": QUIT}
_WIDTH = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """How a walk ended: how many questions were answered, and how many of those shown are still open."""

    answered: int
    left: int


def limited(questions: Sequence[Question], limit: int | None) -> tuple[Question, ...]:
    """Every conflict, and the first ``limit`` pairs (``None`` or 0: all)."""
    conflicts = tuple(q for q in questions if q.kind in (CONFLICT, KEY))
    pairs = tuple(q for q in questions if q.kind not in (CONFLICT, KEY))
    return (*conflicts, *(pairs[:limit] if limit else pairs))


# --- the file ----------------------------------------------------------------------------------


def record_replies(file: Path, replies: Iterable[Reply]) -> bool:
    """Write answers into a decisions file, whole or not at all; returns whether it changed.

    An entry that is still open, or that was answered otherwise, gives way to the new answer; open
    questions (``skip``) are added only where the file has no entry for them.
    """
    text = _text(file)
    old = parse_decisions(text, file.as_posix()) if text.strip() else ()
    places: dict[tuple[object, ...], list[int]] = {}
    for n, entry in enumerate(old):
        places.setdefault(entry.key, []).append(n)
    added: list[tuple[Entry, str]] = []
    gone: list[int] = []
    for reply in replies:
        entry = entry_of(reply)
        if is_open(entry) and entry.key in places:
            continue
        gone.extend(places.get(entry.key, ()))
        added.append((entry, _comment(reply.question)))
    new = with_entries(text, added, file.as_posix(), without=gone)
    if not added or same_text(file, new):
        return False
    _check_file(file)
    write_all({file: new})
    return True


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n") if file.exists() else ""
    except OSError as error:
        raise OutputError(f"cannot be read: {error.strerror or error}", where=file.as_posix(), fix="check the path") from None
    except UnicodeDecodeError:
        raise PolicyError((f"{file.as_posix()}: is not UTF-8 (save it as UTF-8)",)) from None


def _check_file(file: Path) -> None:
    if file.is_symlink():
        raise OutputError("the decisions file is a symbolic link", where=file.as_posix(), fix="name the file that it points to")


def _comment(question: Question) -> str:
    """What an entry is about, without line numbers: they would be wrong soon."""
    places = " and ".join(f"{side.source}{f' ({side.section})' if side.section else ''}" for side in question.sides)
    rule = f"{question.rule}: " if question.rule else ""
    return f"{places}: {rule}{question.why}"


def prune(built: Build) -> int:
    """Remove the stale answers from a build's decisions file; returns how many there were."""
    stale = built.told.stale
    if stale:
        file = Path(built.answers.origin)
        _check_file(file)
        write_all({file: with_entries(_text(file), (), file.as_posix(), without=stale)})
    return len(stale)


# --- the walk ----------------------------------------------------------------------------------


def walk(
    questions: Sequence[Question], *, ask: Callable[[str], str], show: Callable[[str], None], write: Callable[[Reply], object]
) -> Walked:
    """Show each question and write its answer at once; quitting, end of input and Ctrl-C lose nothing.

    ``ask`` takes a prompt and returns a line; it may raise ``EOFError`` or ``KeyboardInterrupt``.
    """
    answered = 0
    for number, question in enumerate(questions, 1):
        show(screen(question, number, len(questions)))
        reply = _reply(question, ask, show)
        if reply is None:
            break
        if reply.answer != "skip":
            write(reply)
            answered += 1
            show(f"written; {len(questions) - number} left")
    return Walked(answered=answered, left=len(questions) - answered)


def _reply(question: Question, ask: Callable[[str], str], show: Callable[[str], None]) -> Reply | None:
    """The answer that a person types; ``None`` to quit."""
    while True:
        try:
            line = ask("> ")
        except (EOFError, KeyboardInterrupt):
            show("")
            return None
        reply = typed_reply(question, line)
        if isinstance(reply, str):
            show(reply)
        else:
            return None if reply.answer == QUIT else reply


def typed_reply(question: Question, line: str) -> Reply | str:
    """A typed line as an answer, or what is wrong with it; a note follows a colon: ``2: agreed in May``."""
    if question.kind == KEY and line.strip().startswith("="):
        value = line.strip()[1:].strip()
        return Reply(question, value) if value else "which value? such as =Read, Grep"
    word, _, note = line.partition(":")
    word, note = word.strip().lower(), " ".join(note.split())
    answer = _KEYS.get(word, word)
    if answer == QUIT:
        return Reply(question, QUIT)
    place = int(answer) if answer.isascii() and answer.isdigit() and len(answer) < 3 else 0
    if 0 < place <= len(question.sides):
        if question.kind == KEY:
            return Reply(question, question.sides[place - 1].source, note=note)
        if question.kind != CONFLICT:
            return Reply(question, SAME, stays=place, note=note)
    if answer in question.answers:
        return Reply(question, answer, note=note)
    return f"not an answer: {printable(word)!r} ({_choices(question)})"


def screen(question: Question, number: int, count: int) -> str:
    """One question as a person sees it: both sides in full, why it is asked, and what to type."""
    return printable("\n".join(_screen(question, number, count)))


def _screen(question: Question, number: int, count: int) -> Iterator[str]:
    what = {CONFLICT: "undecided conflict", KEY: f"undecided key {question.key!r}"}.get(question.kind, question.kind)
    title = f"-- {number} of {count}: {what}{f' ({question.rule})' if question.rule else ''} "
    yield ""
    yield title.ljust(_WIDTH, "-")
    yield question.why
    for place, side in enumerate(question.sides, 1):
        yield ""
        yield from _side(place, side)
    yield ""
    if question.score is not None:
        yield f"likely     {question.score:.2f} that they say the same"
    if question.evidence:
        yield f"evidence   {'; '.join(question.evidence)}"
    yield f"meanwhile  {question.meanwhile}"
    yield _choices(question)


def _side(place: int, side: Side) -> Iterator[str]:
    about = ", ".join(part for part in (f"under {side.section!r}" if side.section else "", side.language) if part)
    yield f"{place}  {side.path}:{side.lines[0]}{f'  ({about})' if about else ''}"
    yield from (f"   | {line}" for line in side.text.split("\n"))


def _choices(question: Question) -> str:
    places = [str(n) for n in range(1, len(question.sides) + 1)]
    listed = " or ".join((", ".join(places[:-1]), places[-1])) if len(places) > 1 else places[0]
    end = "skip [enter], quit; a note after a colon (s: both are about sessions)"
    if question.kind == KEY:
        return f"{listed}: that source's value; =VALUE: another; {end}"
    if question.kind == CONFLICT:
        return f"{listed}: it stays alone; [b]oth, [n]either, [s]ame (no conflict: merge), [d]ifferent things; {end}"
    return f"[s]ame (merge), {listed}: same, and that wording stays; [d]ifferent; {end}"
