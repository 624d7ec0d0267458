"""Frontmatter text: what is written reads back as the same value, by a strict parser and by our own reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agentmerge.merge.frontmatter import read_frontmatter
from agentmerge.merge.source import source_from_bytes
from agentmerge.model import Header, Value
from agentmerge.output.yaml_text import frontmatter_text, scalar, value_text

HARD = [
    "A\n", "a:\n", "", " ", "a ", " a", "yes", "No", "true", "null", "~", "1e3", "1_000", "0x1f", "017", "1.5", ".5", "-1",
    "2001-01-01", "12:30:45", "<<", "=", "a: b", "a:", ": a", "a #b", "# a", "- a", "-", "?", "? a", "! a", "!tag x", "&a",
    "*a", "|", ">", "> folded", "%a", "@a", "`a`", "'a'", '"a"', "it's", 'say "x"', "a\\b", "\\n", "C:\\new", "[a]",
    "{a: b}", "a, b", "---", "...", "--- a", "a\nb", "a\r\nb", "\ta", "a\x85b", "a\u2028b", "a\u2029b", "\ufeffa", "a\xa0b",
    "\x00", "\x7f", "\x9f", "😀", "서버: 주문", "𠮷野", "e\u0301", "a\u200bb", "\u202ea", "\uffff", "\ufffe", "Read, Write",
    "mcp__a__b", "a-b/c.d", "a (b)", "on", "OFF", "y", "N", "None", "x" * 2000, ".inf", ".nan", "+1", "1e999", "a\u3000b",
]  # fmt: skip

texts = st.one_of(
    st.sampled_from(HARD),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40),
    st.text(alphabet=st.sampled_from("ab1 \t\n\r\x85\u2028:#-?!&*|>%@`'\"\\,[]{}~=<.0eExy가"), max_size=20),
)
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.integers(-(10**6), 10**6).map(lambda n: n / 8))
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)), max_leaves=12
)


def _as_value(data: Any) -> Value:
    if isinstance(data, dict):
        return {key: _as_value(item) for key, item in data.items()}
    return tuple(_as_value(item) for item in data) if isinstance(data, list) else data


def _read_back(value: Value) -> tuple[Any, Value]:
    """The value of a key as a strict YAML 1.2 parser and as our own reader see it."""
    text = frontmatter_text(Header(fields=(("name", "x"), ("key", value))))
    assert text.count("\n") == 3
    strict = YAML(typ="safe", pure=True).load(text.removeprefix("---\n").removesuffix("---"))
    fields, findings = read_frontmatter(source_from_bytes(f"{text}\n\nBody.\n".encode(), "x.md", "x"))
    assert findings == ()
    assert [f.key for f in fields] == ["name", "key"]
    return strict["key"], fields[1].value


@pytest.mark.parametrize("text", HARD)
def test_a_hard_text_reads_back(text: str) -> None:
    assert _read_back(text) == (text, text)


@given(texts)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_text_reads_back(text: str) -> None:
    assert _read_back(text) == (text, text)


@given(values)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_value_reads_back(data: Any) -> None:
    strict, own = _read_back(_as_value(data))
    assert strict == data
    assert own == _as_value(data)


@pytest.mark.parametrize("key", ["a b", "a: b", "#a", "키", "a\nb", '"', "-", "true"])
def test_a_key_reads_back(key: str) -> None:
    text = frontmatter_text(Header(fields=((key, "v"),)))
    assert YAML(typ="safe", pure=True).load(text.removeprefix("---\n").removesuffix("---")) in ({key: "v"}, {True: "v"})


def test_plain_words_stay_plain() -> None:
    assert scalar("backend-engineer") == "backend-engineer"
    assert scalar("Reviews API changes, with care") == "Reviews API changes, with care"
    assert value_text(True) == "true"
    assert value_text(("a", {"b": None})) == '["a", {"b": null}]'


def test_a_verbatim_header_passes_as_it_is() -> None:
    assert frontmatter_text(Header(fields=(), verbatim="---\nname:   x\n---")) == "---\nname:   x\n---"
