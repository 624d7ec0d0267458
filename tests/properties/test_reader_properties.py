"""What holds for every file that the reader takes: exact text, no overlap, nothing left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmerge.errors import SourceError
from agentmerge.merge.read import agent_from_source, load_agent
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Agent

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpus"
HEAD = "---\nname: a\ndescription: b\n---\n"
LETTER = re.compile(r"[^\W\d_]")
# What a line may have outside of its units: a check box, and the provenance comment of an earlier build.
NO_TEXT = re.compile(r"\[[xX]\]|[ \t]*<!-- agentmerge: [^<>]* -->\s*$")


def refused(error: SourceError) -> None:
    assert "\n" not in str(error)


def read(data: bytes) -> Agent | None:
    """The agent, or ``None`` when the reader refuses the file in one line."""
    try:
        return agent_from_source(source_from_bytes(data, "a.md", "a"))
    except SourceError as error:
        refused(error)
        return None


def check_units(agent: Agent) -> None:
    text = agent.source.text
    for unit in agent.units:
        assert text[unit.start : unit.end] == unit.text
        assert unit.text.strip()
        assert unit.lines[0] == text.count("\n", 0, unit.start) + 1
        assert unit.lines[1] >= text.count("\n", 0, unit.end - 1) + 1
    assert all(a.end <= b.start for a, b in pairwise(agent.units))
    assert len({unit.id for unit in agent.units}) == len(agent.units)


def check_lines(agent: Agent) -> None:
    """Each non-blank line is held, and each letter of it is in a unit."""
    lines = agent.source.text.split("\n")
    structure = {s.line for s in agent.structure}
    held = structure | {line for unit in agent.units for line in range(unit.lines[0], unit.lines[1] + 1)}
    rest = list(agent.source.text)
    for unit in agent.units:
        rest[unit.start : unit.end] = ["\n" if char == "\n" else "\0" for char in unit.text]
    left_over = "".join(rest).split("\n")
    for number in range(agent.source.body_line, len(lines) + 1):
        assert not lines[number - 1].strip() or number in held, number
        left = lines[number - 1] if number in structure and "<!--" not in lines[number - 1] else left_over[number - 1]
        assert not LETTER.search(NO_TEXT.sub("", left)), (number, lines[number - 1])


def check_sections(agent: Agent) -> None:
    """Sections are a tree with the root first; each unit is in one of them, in file order."""
    seen: set[str] = set()
    for section in agent.sections:
        assert section.id not in seen
        assert section.parent in seen if seen else section.parent is None
        seen.add(section.id)
        assert section.units == tuple(u.id for u in agent.units if u.section == section.id and u.id != section.heading)
    assert {unit.section for unit in agent.units} <= seen


def check(agent: Agent) -> None:
    check_units(agent)
    check_lines(agent)
    check_sections(agent)


PREFIXES = ("", "  ", "    ", "\t", "      ", "> ", ">", "> > ", "- ", "* ", "+ ", "1. ", "2) ", "10. ", "   - ", "\t- ")
MARKERS = ("- [ ] ", "- [x] ", "# ", "## ", "###### ", "- ```", "| ", "- | a | b |", "  | - | - |", "- - ", "> - ", "- > ")
INLINE = ("word", "One thing. Another.", "`a. b`", "e.g. this", "**Label**", "**Label:**", "**Label**: text.", "**Label**: One. Two.")
WORDS = (
    "__X__",
    "Lead:",
    "label: text",
    "规则。第二。",
    "규칙입니다. 둘째.",
    "「はい。」と言う。",
    "x\\",
    "#nohead",
    "\\",
    "\u2028x",
    "a\u00a0b",
)
TABLES = ("| a | b |", "|---|---|", "a | b", "-|-", "|", "a|b\\|c|")
RULES = ("---", "===", "***", "- - -", "=", "--", "Title\n===", "*", "-", "1.", "##")
FENCES = ("```", "```py", "````", "~~~", "`", "    code", "\tcode")
HTML = ("<!-- c -->", "<!-- open", "-->", "<div>", "</div>", "<?php", "<![CDATA[", "]]>", "<script>", "</script>", "<pre>", "</pre>")
TAGS = ("<Role>", "</Role>", '<role x="1">', "<example>", "</example>", "<examples>", "</examples>")
NOTES = ("text <!-- agentmerge: a -->", "<!-- agentmerge: a -->", "[a]: http://x", "[a]: <x> 'ti", "[^1]: note")
BLANK = ("", "", "", " ")
PIECES = (*INLINE, *WORDS, *TABLES, *RULES, *FENCES, *HTML, *TAGS, *NOTES, *BLANK)

lines_of_markdown = st.builds(
    lambda first, second, text: first + second + text,
    st.sampled_from(PREFIXES + MARKERS),
    st.sampled_from(("",) * 20 + PREFIXES + MARKERS),
    st.sampled_from(PIECES) | st.text(alphabet="ab.*_`#>-|:<!=~ \t[]()1。", max_size=12),
)
bodies = st.lists(lines_of_markdown, min_size=1, max_size=14).map("\n".join)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(bodies)
def test_nothing_of_a_random_body_is_lost(body: str) -> None:
    agent = read((HEAD + body).encode())
    if agent is None:
        assert not body.strip()
    else:
        check(agent)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(bodies)
def test_line_ends_and_byte_order_mark_change_nothing(body: str) -> None:
    plain = read((HEAD + body).encode())
    windows = read(b"\xef\xbb\xbf" + (HEAD + body).replace("\n", "\r\n").encode())
    assert (plain is None) == (windows is None)
    if plain and windows:
        assert (windows.units, windows.sections, windows.structure) == (plain.units, plain.sections, plain.structure)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for data in (text, HEAD + text, f"---\n{text}\n---\nbody\n", f"---\nname: {text}\n---\nbody\n"):
        agent = read(data.encode())
        if agent is not None:
            check(agent)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, HEAD.encode() + data):
        agent = read(whole)
        if agent is not None:
            check(agent)


FRONTMATTER_LINES = (
    "name: a", "description: b: c", "tools: [Read, Bash]", "tools:",
    "  - Read", "- Read", "x: &a 1", "y: *a", "z: !tag q", "v: |",
    "  text: more", "v: >", '"q r": s', "? complex", ": value", "{a: b}",
    "<example>", "user: hi", "</example>", "# note", "...", "%YAML 1.2",
    'e: "open', "s: 'it''s'", "\tt: u", "k: `code`", "m: {{x}}", "설명: 값", "b:", "  c: {d: [e]}",
)  # fmt: skip


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FRONTMATTER_LINES), min_size=1, max_size=8))
def test_random_frontmatter_is_read_or_refused(lines: list[str]) -> None:
    agent = read(("---\n" + "\n".join(lines) + "\n---\nbody\n").encode())
    if agent is None:
        return
    text = agent.source.text.split("\n")
    assert len({field.key for field in agent.fields}) == len(agent.fields)
    for field in agent.fields:
        assert field.raw == "\n".join(text[field.lines[0] - 1 : field.lines[1]])
        assert 2 <= field.lines[0] <= field.lines[1] < agent.source.body_line - 1
    assert all(a.lines[1] < b.lines[0] for a, b in pairwise(agent.fields))
    assert all(2 <= finding.line < agent.source.body_line for finding in agent.findings)


def test_a_sample_of_real_agents_keeps_every_line() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus is not beside the project")
    taken = 0
    for path in sorted(CORPUS.glob("*/*.md"))[::12]:
        try:
            agent = load_agent(path)
        except SourceError as error:
            refused(error)
            continue
        check(agent)
        taken += 1
    assert taken > 200


def body_of(generate: Callable[[int], str]) -> Callable[[int], bytes]:
    return lambda n: (HEAD + generate(n)).encode()


def frontmatter_of(generate: Callable[[int], str]) -> Callable[[int], bytes]:
    return lambda n: f"---\nname: a\n{generate(n)}\n---\nbody\n".encode()


def chained(link: str) -> Callable[[int], str]:
    return lambda n: "a0: &x0 [1]\n" + "".join(f"a{i + 1}: &x{i + 1} " + link.format(", ".join([f"*x{i}"] * 10)) + "\n" for i in range(n))


HAZARDS = [
    pytest.param(body_of(lambda n: "- a\n> b\n" * n), 5000, id="M1 lists and quotes in turn"),
    pytest.param(body_of(lambda n: ("# a" + " " * 9900 + "b\n") * n), 90, id="M2 heading with blanks"),
    pytest.param(body_of(lambda n: ("# a" + "\t" * 9900 + "b\n") * n), 90, id="M2 heading with tabs"),
    pytest.param(body_of(lambda n: ("# a" + "\u00a0" * 4900 + "b\n") * n), 90, id="M2 heading with no-break spaces"),
    pytest.param(body_of(lambda n: "|-\n|-" * n), 10000, id="M3 table rules"),
    pytest.param(body_of(lambda n: "a|b\n-|-\n" * n + "|" * n), 10000, id="M3 tables"),
    pytest.param(body_of(lambda n: "*a\n" * n + "_a*_\n" * n), 20000, id="M4 emphasis"),
    pytest.param(body_of(lambda n: "*a **a\n" * n + "b" + " a** a*\n" * n), 20000, id="M5 strong emphasis"),
    pytest.param(body_of(lambda n: "\n" * n + "x"), 1_000_000, id="M6 blank lines"),
    pytest.param(body_of(lambda n: ("\n" * 9000 + "x") * n), 100, id="M6 blank lines under the cap"),
    pytest.param(frontmatter_of(lambda n: "v: " + "{" * n + "x" + "}" * n), 3000, id="Y1 maps as keys"),
    pytest.param(frontmatter_of(lambda n: "? " * n + "x"), 3000, id="Y1 question marks"),
    pytest.param(frontmatter_of(lambda n: "v: " + "[" * n + "]" * n), 4900, id="Y2 nested lists"),
    pytest.param(frontmatter_of(lambda n: "v:\n" + "\n".join(" " * (i + 1) + "k:" for i in range(n))), 300, id="Y2 nested maps"),
    pytest.param(
        frontmatter_of(lambda n: "x: &x0\n" + "".join(f"  k{i}: 1\n" for i in range(n)) + "y:\n" + "  - <<: *x0\n" * n),
        1000,
        id="Y3 merge keys",
    ),
    pytest.param(frontmatter_of(chained("{{<<: [{}]}}")), 100, id="Y4 chained merge keys"),
    pytest.param(frontmatter_of(chained("[{}]")), 100, id="Y5 chained aliases"),
    pytest.param(frontmatter_of(lambda n: "name2: a\rpermissionMode: bypassPermissions" * n), 1, id="Y8 a lone carriage return"),
    pytest.param(frontmatter_of(lambda n: "%YAML 1.1\n---\na: no" * n), 1, id="Y9 a directive"),
    pytest.param(frontmatter_of(lambda n: 'a: !!python/object/apply:os.system ["x"]' * n), 1, id="Y9 a tag of Python"),
    pytest.param(frontmatter_of(lambda n: "<x>\n" * n), 10000, id="unclosed tags in frontmatter"),
    pytest.param(body_of(lambda n: ("a. " * 30 + "\n") * n), 8000, id="stops that end nothing"),
    pytest.param(body_of(lambda n: "- **a**: b. C d.\n" * n), 8000, id="bold leads"),
    pytest.param(body_of(lambda n: "**a**\n" * n), 30000, id="bold labels"),
    pytest.param(body_of(lambda n: "# h\n[a]: x\n" * n), 8000, id="headings and link definitions"),
    pytest.param(body_of(lambda n: "<x>\ny\n</x>\n" * n), 8000, id="section tags"),
    pytest.param(body_of(lambda n: "<x>\n" * n + "</y>\n" * n), 40000, id="tags that never close"),
    pytest.param(body_of(lambda n: "<x>\n" * n + "y\n" + "</x>\n" * n), 3000, id="nested section tags"),
    pytest.param(body_of(lambda n: "a|b\n-|-\nx\n" * n), 8000, id="tables in one paragraph"),
    pytest.param(body_of(lambda n: ("!" * 9900 + "x\n") * n), 50, id="runs of stops"),
    pytest.param(body_of(lambda n: "- " * n + "x"), 4900, id="list markers on one line"),
    pytest.param(body_of(lambda n: "> " * n + "x"), 4900, id="quote marks on one line"),
    pytest.param(body_of(lambda n: ("[" * 9900 + "\n") * n), 50, id="open brackets"),
]


@pytest.mark.parametrize(("generate", "size"), HAZARDS)
def test_hostile_input_is_read_or_refused_in_one_line(generate: Callable[[int], bytes], size: int) -> None:
    agent = read(generate(size))
    assert agent is None or agent.units


@pytest.mark.parametrize(("definition", "word"), [("[^1]: unused", "unused"), ("[a]: target", "target"), ("[a]: x\n[a]: second", "second")])
def test_definitions_that_a_parser_drops_are_units(definition: str, word: str) -> None:
    agent = read((HEAD + definition + "\n").encode())
    assert agent is not None
    assert any(word in unit.text for unit in agent.units)
