"""Frontmatter: what a value is, what stays text, and how text that is no YAML is read."""

from __future__ import annotations

import pytest

from agentmerge.errors import SourceError
from agentmerge.merge.frontmatter import MAX_DEPTH, read_frontmatter
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Field, Finding, Value


def read(block: str) -> tuple[tuple[Field, ...], tuple[Finding, ...]]:
    return read_frontmatter(source_from_bytes(f"---\n{block}\n---\nbody\n".encode(), "a.md", "a"))


def values(block: str) -> dict[str, Value]:
    return {field.key: field.value for field in read(block)[0]}


# A later reader of the merged agent must find the characters that the author wrote.
TEXTS = (
    "no yes on off y n Yes NO On OFF 2024-01-01 2024-13-45 12:30:45 1:2 010 007 0x1F 0o17 0b1 1e3 1. .5 +7 1_000 1.10 1.0e5 1.2.3 .inf "
    ".nan -.INF = << ... mcp__* Bash(git:*) a:b C#"
)


@pytest.mark.parametrize(
    "text", [*TEXTS.split(), "9" * 30, "Read, Bash", "a\\nb", "one  two", "😀 ok", "a\u00a0b", "Bash(git:*), Read", "https://x.org/a"]
)
def test_no_surprise_values_stay_text(text: str) -> None:
    fields, findings = read(f"key: {text}")
    assert fields[0].value == text
    assert not findings


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True), ("True", True), ("FALSE", False), ("null", None), ("~", None), ("", None), ("# note", None), ("#FF5733", None),
        ("3000", 3000), ("-5", -5), ("0", 0), ("1.5", 1.5), ("-0.25", -0.25),
        ("text # note", "text"), ("true # note", True), ("C# and # x", "C# and"),
        ("'true'", "true"), ('"3000"', "3000"), ("'it''s'", "it's"), ('"a\\nb"', "a\nb"), ("'a\\nb'", "a\\nb"), ('"\\u0041"', "A"),
        ("[]", ()), ("[Read, Bash]", ("Read", "Bash")), ("[1, no, 'x, y']", (1, "no", "x, y")), ("[Agent(a, b)]", ("Agent(a", "b)")),
        ("{}", {}), ("{a: 1, b: [c]}", {"a": 1, "b": ("c",)}),
        ("\n  - Read\n  - Bash", ("Read", "Bash")), ("\n- Read", ("Read",)), ("\n  one\n  two", "one two"),
        (">\n  one\n  two\n\n  three", "one two\nthree\n"), ("|\n  one\n  two: x", "one\ntwo: x\n"), ("|-\n  one", "one"),
        ('"one\n  two"', "one two"), ("\n  a:\n    b: c", {"a": {"b": "c"}}),
    ],
)  # fmt: skip
def test_yaml_values(written: str, value: Value) -> None:
    fields, findings = read(f"key: {written}" if written[:1] != "\n" else f"key:{written}")
    assert len(fields) == 1
    assert fields[0].value == value
    assert type(fields[0].value) is type(value)
    assert not findings


@pytest.mark.parametrize(
    "text",
    [
        "Use for reviews: code, tests", "http://x.org: a site", "*", "&word rest", "!word rest", "@team", "`code` first", '"x" and y', "%a",
        "| x", "? x", "- x",
        "[open", '"open', "'", '"\\x"', "{{placeholder}}", "a: b: c # d", "이것: 예", "First. Then: \\n\\n<example>\\nuser: hi",
    ],
)  # fmt: skip
def test_a_value_that_is_no_yaml_is_the_rest_of_its_line(text: str) -> None:
    fields, findings = read(f"name: a\ndescription: {text}\ntools: [Read]")
    assert [(field.key, field.value) for field in fields] == [("name", "a"), ("description", text), ("tools", ("Read",))]
    assert [(f.code, f.source) for f in findings] == [("READ001", "a")]
    assert 2 <= findings[0].line <= 4
    assert findings[0].message.endswith("; read line by line, as agent tools do")


def test_the_finding_names_line_and_problem() -> None:
    assert read("name: a\ndescription: b: c")[1] == (
        Finding(
            code="READ001",
            source="a",
            line=3,
            message="frontmatter is not valid YAML (mapping values are not allowed here); read line by line, as agent tools do",
        ),
    )


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("a: &x 1\nb: *x", "YAML anchors and aliases are not read in frontmatter"),
        ("a:\n  <<: *x", "YAML anchors and aliases are not read in frontmatter"),
        ("a: !!set x", "YAML tag tag:yaml.org,2002:set is not read in frontmatter"),
        ("a: !!python/object/apply:os.system [x]", "YAML tag tag:yaml.org,2002:python/object/apply:os.system is not read in frontmatter"),
        ("a: {[x]: 1}", "a map or list as a key"),
        ("a: {? {x: y} : 1}", "a map or list as a key"),
        ("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH, "nested deeper than 20"),
        ("a:\n  b: 1\n  b: 2", "key 'b' stands twice in one map"),
        ("a: b\n...\nc: d", "more than one YAML document"),
    ],
)
def test_yaml_that_needs_a_constructor_is_read_as_text(block: str, message: str) -> None:
    fields, findings = read(block)
    assert findings[0].message == f"{message}; read line by line, as agent tools do"
    assert fields[0].key == "a"
    assert isinstance(fields[0].value, str)


def test_a_depth_at_the_limit_is_read() -> None:
    fields, findings = read("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
    assert not findings
    assert isinstance(fields[0].value, tuple)


def test_fields_have_their_lines_and_text() -> None:
    fields, _ = read("# first\nname: a\n\ntools:\n  - Read\n\n  - Bash\n\n'quoted key': 1\n설명: 값\ntwo words : x")
    assert [(field.key, field.lines, field.raw) for field in fields] == [
        ("name", (3, 3), "name: a"),
        ("tools", (5, 8), "tools:\n  - Read\n\n  - Bash"),
        ("quoted key", (10, 10), "'quoted key': 1"),
        ("설명", (11, 11), "설명: 값"),
        ("two words", (12, 12), "two words : x"),
    ]


def test_lines_below_a_broken_value_belong_to_it() -> None:
    example = "<example>\nuser: hi\nagent: hey\n</example>"
    block = f"description: Use it: now\n  and later\n\n{example}\n{example}\nmodel: opus"
    fields, _ = read(block)
    assert [(field.key, field.lines) for field in fields] == [("description", (2, 12)), ("model", (13, 13))]
    assert fields[0].value == block.removeprefix("description: ").rpartition("\n")[0]


def test_an_example_may_begin_on_the_line_of_its_key() -> None:
    fields, _ = read("description: Use it: now <example>\nuser: hi\n</example>\nmodel: opus")
    assert [field.key for field in fields] == ["description", "model"]


def test_a_tag_that_never_closes_hides_no_key() -> None:
    assert list(values("description: Fill in: <name>\nmodel: opus")) == ["description", "model"]


def test_other_keys_keep_their_yaml_when_one_is_broken() -> None:
    assert values("description: a: b\ntools:\n  - Read\nflag: true\nfold: >\n  x\n  y\n'q': [1]") == {
        "description": "a: b",
        "tools": ("Read",),
        "flag": True,
        "fold": "x y\n",
        "q": (1,),
    }


def test_a_tab_after_the_colon_is_a_blank() -> None:
    assert values("name:\ta\nmodel: b") == {"name": "a", "model": "b"}


def test_indented_keys_are_keys_when_it_is_yaml() -> None:
    assert values("  name: a\n  model: b") == {"name": "a", "model": "b"}


@pytest.mark.parametrize("block", ["name: a\nname: b", "name: a\n'name': b", 'name: a: b\n"name": c', "tools: [x]\nname: a\ntools: [y]"])
def test_a_key_that_stands_twice_is_an_error(block: str) -> None:
    with pytest.raises(SourceError, match="stands twice"):
        read(block)


def test_backslash_n_stays_two_characters_but_in_double_quotes() -> None:
    assert values("a: x\\ny\nb: 'x\\ny'\nc: \"x\\ny\"\nd: u: x\\ny") == {
        "a": "x\\ny",
        "b": "x\\ny",
        "c": "x\ny",
        "d": "u: x\\ny",
    }


@pytest.mark.parametrize(("written", "value"), [(r'"\ud83d\ude80 go"', "🚀 go"), (r'"\ud83d"', "\ufffd")])
def test_halves_of_a_character_are_joined(written: str, value: str) -> None:
    """JSON writes a rocket as two escapes; half a character can be written to no file."""
    source = source_from_bytes(f"---\nname: x\nlabel: {written}\n---\n\nBody.\n".encode(), "x.md", "x")
    fields, findings = read_frontmatter(source)
    assert ({f.key: f.value for f in fields}["label"], findings) == (value, ())
