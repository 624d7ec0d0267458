"""Bytes in, ``Source`` out: encodings, line ends, caps, and the one line that each bad file gets."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from agentmerge.errors import SourceError
from agentmerge.merge.read import agent_from_source, load_agent
from agentmerge.merge.source import MAX_BLANK_LINES, MAX_BYTES, MAX_FRONTMATTER, MAX_LINE, source_from_bytes

HEAD = b"---\nname: a\n---\n"
NO_START = "a.md:1: no frontmatter: the first line is not '---' (start the file with '---', 'name: …', 'description: …', '---')"
NO_KEY = "a.md:2: the frontmatter has no 'key: value' line (add 'name:' and 'description:')"
NO_END = "a.md:1: the frontmatter that starts here is never closed (add a line '---' after its last key)"
NO_BODY = "a.md:3: has frontmatter but no body (write the agent's instructions below the frontmatter)"
EMPTY = "a.md: the file is empty (an agent has frontmatter and a body)"
DEEP = "a.md: is nested too deeply to be read (flatten its lists and quotes, or put blank lines between them)"

ERRORS = [
    pytest.param(b"", EMPTY, id="empty"),
    pytest.param(b" \n\t\n", EMPTY, id="blank"),
    pytest.param(b"\xef\xbb\xbf", EMPTY, id="a BOM alone"),
    pytest.param(b"name: a\n", NO_START, id="no frontmatter"),
    pytest.param(b"\n" + HEAD + b"x", NO_START, id="a blank line first"),
    pytest.param(b" " + HEAD + b"x", NO_START, id="an indented start"),
    pytest.param(b"---\nname: a\n", NO_END, id="never closed"),
    pytest.param(b"---\nname: a\n----\nx\n", NO_END, id="closed by four dashes"),
    pytest.param(b"---\n---\nx\n", NO_KEY, id="no key"),
    pytest.param(b"---\n# note\n---\nx\n", NO_KEY, id="a comment alone"),
    pytest.param(b"---\njust text\n---\nx\n", NO_KEY, id="text in the frontmatter"),
    pytest.param(b"---\n- a\n---\nx\n", NO_KEY, id="a list in the frontmatter"),
    pytest.param(b"---\n{a: b}\n---\nx\n", NO_KEY, id="a map in braces"),
    pytest.param(
        b"---\nname: a\nname: b\n---\nx\n", "a.md:3: key 'name' stands twice (first on line 2) (keep one of them)", id="a key twice"
    ),
    pytest.param(
        b"---\nd: a: b\nx: 1\nd: c\n---\nx\n", "a.md:4: key 'd' stands twice (first on line 2) (keep one of them)", id="twice, not YAML"
    ),
    pytest.param(HEAD, NO_BODY, id="no body"),
    pytest.param(HEAD + b"\n \n", NO_BODY, id="a blank body"),
    pytest.param("---\n".encode("utf-16"), "a.md:1: is UTF-16, not UTF-8 (save it as UTF-8)", id="UTF-16 LE"),
    pytest.param(b"\xfe\xff\0-", "a.md:1: is UTF-16, not UTF-8 (save it as UTF-8)", id="UTF-16 BE"),
    pytest.param("---\n".encode("utf-32"), "a.md:1: is UTF-32, not UTF-8 (save it as UTF-8)", id="UTF-32 LE"),
    pytest.param(b"\0\0\xfe\xff\0\0\0-", "a.md:1: is UTF-32, not UTF-8 (save it as UTF-8)", id="UTF-32 BE"),
    pytest.param(HEAD + b"caf\xe9\n", "a.md:4: byte 0xe9 at offset 19 is not UTF-8 (save the file as UTF-8)", id="Latin-1"),
    pytest.param(HEAD + b"\xed\xa0\x80", "a.md:4: byte 0xed at offset 16 is not UTF-8 (save the file as UTF-8)", id="a surrogate"),
    pytest.param(HEAD + b"a\rb\n", "a.md:4: a carriage return without a line feed (use LF line ends)", id="a lone CR"),
    pytest.param(
        b"---\nname: a\rmodel: b\n---\nx\n", "a.md:2: a carriage return without a line feed (use LF line ends)", id="a CR in a value"
    ),
    pytest.param(HEAD + b"a\0b", "a.md:4: control character U+0000 (remove it)", id="NUL"),
    pytest.param(HEAD + b"\n\x1b[0m", "a.md:5: control character U+001B (remove it)", id="escape"),
    pytest.param(HEAD + b"a\x0cb", "a.md:4: control character U+000C (remove it)", id="form feed"),
    pytest.param(HEAD + b"\x7f", "a.md:4: control character U+007F (remove it)", id="delete"),
    pytest.param(HEAD + b"x" * (MAX_LINE + 1), "a.md:4: line of 10001 characters (at most 10000) (break the line)", id="a long line"),
    pytest.param(
        HEAD + b"x" + b"\n" * (MAX_BLANK_LINES + 2), "a.md:10005: more than 10000 blank lines in a row (remove them)", id="blank lines"
    ),
    pytest.param(
        HEAD + b"x" + b"\n \t" * (MAX_BLANK_LINES + 1),
        "a.md:10005: more than 10000 blank lines in a row (remove them)",
        id="lines of blanks",
    ),
    pytest.param(b"---\n" + (b"k: " + b"v" * 96 + b"\n") * 656, "a.md:657: frontmatter of more than 64 KiB", id="long frontmatter"),
    pytest.param(HEAD + b"- a\n> b\n" * 2000, DEEP, id="deep nesting"),
    pytest.param(HEAD + b"<x>\n" * 2000 + b"y\n" + b"</x>\n" * 2000, DEEP, id="deep tags"),
]


@pytest.mark.parametrize(("data", "message"), ERRORS)
def test_a_bad_file_gets_one_exact_line(data: bytes, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        agent_from_source(source_from_bytes(data, "a.md", "a"))
    assert str(caught.value) == message


def test_paths_that_are_no_agent_file(tmp_path: Path) -> None:
    large = tmp_path / "large.md"
    large.write_bytes(HEAD + b"x\n" * (MAX_BYTES // 2))
    found = {}
    for path in (tmp_path, tmp_path / "absent.md", large, tmp_path / ("x" * 300)):
        with pytest.raises(SourceError) as caught:
            load_agent(path, shown="shown.md")
        found[path.name] = str(caught.value)
    assert list(found.values()) == [
        "shown.md: is a folder, not an agent file",
        "shown.md: no such file (check the path)",
        "shown.md: is larger than 1 MiB (an agent file is text of a few pages)",
        "shown.md: cannot be read: File name too long",
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD + b"one\ntwo\n", id="LF"),
        pytest.param((HEAD + b"one\ntwo\n").replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(b"\xef\xbb\xbf" + HEAD + b"one\ntwo\n", id="BOM"),
        pytest.param(HEAD.replace(b"\n", b"\r\n") + b"one\ntwo\n", id="mixed line ends"),
    ],
)
def test_line_ends_and_byte_order_mark_are_not_text(data: bytes) -> None:
    source = source_from_bytes(data, "dir/a.md", "a")
    assert source.text == "---\nname: a\n---\none\ntwo\n"
    assert source.body_line == 4
    assert source.sha256 == hashlib.sha256(data).hexdigest()
    assert (source.path, source.id) == ("dir/a.md", "a")


@pytest.mark.parametrize("char", ["\u0085", "\u2028", "\u2029", "\ufeff"])
def test_only_line_feeds_end_a_line(char: str) -> None:
    agent = agent_from_source(source_from_bytes(HEAD + f"a{char}b\nc\n".encode(), "a.md", "a"))
    assert [unit.lines for unit in agent.units] == [(4, 5)]
    assert agent.units[0].text == f"a{char}b\nc"


def test_sizes_at_the_caps_are_read() -> None:
    lines = b"x" * MAX_LINE + b"\n" * (MAX_BLANK_LINES + 1) + b"y"
    assert source_from_bytes(HEAD + lines, "a.md", "a").body_line == 4
    keys = b"k: " + b"v" * 9000 + b"\n"
    assert source_from_bytes(b"---\n" + keys * (MAX_FRONTMATTER // len(keys)) + b"---\nx", "a.md", "a").body_line == 10


def test_delimiters_may_have_blanks_behind() -> None:
    assert source_from_bytes(b"--- \nname: a\n---\t\nx", "a.md", "a").body_line == 4


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "code-reviewer.md"
    path.write_bytes(HEAD + b"Read the diff.")
    agent = load_agent(path)
    assert agent.source.id == "code-reviewer"
    assert agent.source.path == path.as_posix()
    assert agent.frontmatter == "---\nname: a\n---"
    assert [(unit.id, unit.text) for unit in agent.units] == [("code-reviewer:4", "Read the diff.")]
    assert load_agent(str(path), source_id="b").units[0].id == "b:4"


def test_line_starts_are_offsets() -> None:
    source = source_from_bytes(HEAD + b"one\n\ntwo", "a.md", "a")
    assert [source.text[start : start + 3] for start in source.line_starts()] == ["---", "nam", "---", "one", "\ntw", "two"]
