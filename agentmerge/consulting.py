"""Hand open questions to a program that a person names, and take its answers (``decide --with COMMAND``).

Nothing is sent anywhere else. The program is not trusted: it may hang, crash, write nonsense or too
much; each of that is one clear line, and then nothing of what it said is used.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from agentmerge.asking import Question, Reply, as_json, replies_of
from agentmerge.errors import AnswerError

MAX_OUTPUT_BYTES = 8 << 20
MAX_PROBLEMS = 20
_TICK = 0.02


def consult(command: str, questions: Sequence[Question], *, timeout: float = 600.0) -> tuple[Reply, ...]:
    """The answers of a program: it reads the questions on its standard input, a JSON object a line, and writes one a line.

    The command is split as a shell would split it, but no shell runs it. Raises ``AnswerError`` with
    a line for each thing that is wrong; answers are all good or none is taken.
    """
    name, lines = exchange(command, (as_json(question) for question in questions), timeout=timeout)
    if not any(line.strip() for line in lines):
        raise refused(name, [f'wrote no answer to {len(questions)} question{"s" * (len(questions) != 1)} ("skip" leaves one open)'])
    found = list(replies_of(lines, questions))
    problems = [one for one in found if isinstance(one, str)]
    if problems:
        raise refused(name, problems)
    return tuple(one for one in found if isinstance(one, Reply))


def exchange(command: str, objects: Iterable[Mapping[str, object]], *, timeout: float) -> tuple[str, list[str]]:
    """A program's name, and the lines that it writes when it is handed JSON objects, one a line. Raises ``AnswerError``."""
    arguments = _arguments(command)
    asked = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)
    output = _run(arguments, asked.encode("utf-8", "replace"), timeout)
    try:
        text = output.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(arguments, f"wrote bytes that are not UTF-8 on line {output.count(10, 0, error.start) + 1}") from None
    return _name(arguments), text.splitlines() if "\r" in text else text.split("\n")


def refused(name: str, problems: Sequence[str]) -> AnswerError:
    """What is wrong with a program's answers, a line each: none of them is taken."""
    more = [f"and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
    return AnswerError((*(f"{name}: {problem}" for problem in (*problems[:MAX_PROBLEMS], *more)), f"{name}: nothing was written"))


def _arguments(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise AnswerError((f"--with {command!r} is no command: {error} (close the quotes)",)) from None
    if not arguments:
        raise AnswerError(("--with names no command (such as --with 'python answer.py')",))
    return arguments


def _name(arguments: Sequence[str]) -> str:
    return arguments[0].rpartition("/")[2]


def _wrong(arguments: Sequence[str], problem: str) -> AnswerError:
    return refused(_name(arguments), [problem])


def _run(arguments: list[str], asked: bytes, timeout: float) -> bytes:
    """A program's standard output.

    Files stand in for pipes: a program that does not read, or leaves a child behind, blocks nothing.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written, tempfile.TemporaryFile() as said:
        given.write(asked)
        given.seek(0)
        try:
            program = subprocess.Popen(arguments, stdin=given, stdout=written, stderr=said, start_new_session=True)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise _wrong(arguments, f"cannot be started: {reason} (check the command)") from None
        try:
            _wait(program, arguments, written, said, timeout)
        finally:
            _end(program)
        if program.returncode:
            how = f"was ended by signal {-program.returncode}" if program.returncode < 0 else f"exited with {program.returncode}"
            raise _wrong(arguments, f"{how}{_last_words(said)}")
        return _content(written)


def _wait(program: subprocess.Popen[bytes], arguments: Sequence[str], written: IO[bytes], said: IO[bytes], timeout: float) -> None:
    until = time.monotonic() + timeout
    while program.poll() is None:
        if max(os.fstat(file.fileno()).st_size for file in (written, said)) > MAX_OUTPUT_BYTES:
            break
        left = until - time.monotonic()
        if left <= 0:
            raise _wrong(arguments, f"gave no answer within {timeout:g} seconds (allow more with --timeout)")
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(min(_TICK, left))
    if max(os.fstat(file.fileno()).st_size for file in (written, said)) > MAX_OUTPUT_BYTES:
        raise _wrong(arguments, f"wrote more than {MAX_OUTPUT_BYTES >> 20} MiB (one short line for each answer)")


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program and the children that it has left in its session."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(program.pid, signal.SIGKILL)
        else:
            program.kill()
    program.wait()


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_OUTPUT_BYTES + 1)


def _last_words(said: IO[bytes]) -> str:
    """The last line that a program wrote to standard error."""
    lines = _content(said).decode("utf-8", "replace").strip().split("\n")
    return f": {lines[-1].strip()[:200]}" if lines[-1].strip() else ""
