"""Whatever a frontmatter says, a build writes it so that it is read back as the same."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agentmerge.api import build
from agentmerge.errors import AgentmergeError
from agentmerge.merge.read import load_agent
from agentmerge.merge.reload import alike, reloaded
from agentmerge.model import Header, Value
from agentmerge.output.yaml_text import frontmatter_text
from agentmerge.pipeline import check_reload
from agentmerge.rules.policy import parse_policy

LAW = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NASTY = (
    '"', "'", "\\", ": ", " #", "\n", "🚀", "\x85", "\u2028", "[", "]", "{", "}", "@", "`", "*", "&", "!", "|", ">", "%", "- ", "? ",
    "yes", "no", "on", "null", "~", "010", "1e3", "12:30:45", "2024-01-01", "0x1F", "\\n", "한국어", "検索", "a", " ", ",", "---", "<b>",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(NASTY), min_size=1, max_size=8).map("".join)
SCALAR = st.one_of(TEXT, st.integers(-(10**9), 10**9), st.booleans(), st.none(), st.sampled_from([0.5, 1.25, -3.75]))
VALUE = st.recursive(SCALAR, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)), max_leaves=6)


def frozen(value: object) -> Value:
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {str(key): frozen(item) for key, item in value.items()}
    assert value is None or isinstance(value, str | int | float | bool)
    return value


@LAW
@given(st.dictionaries(st.from_regex(r"[A-Za-z_][\w.-]{0,12}", fullmatch=True), VALUE, min_size=1, max_size=5))
def test_emitted_frontmatter_is_read_back_as_the_same(values: Mapping[str, object]) -> None:
    header = Header(fields=tuple((key, frozen(value)) for key, value in values.items()))
    assert reloaded(frontmatter_text(header), header) is None


@LAW
@given(TEXT, TEXT, TEXT)
@example("\x85", "yes", "- no")
@example("[a]", "@b", "`c`")
def test_a_build_with_nasty_texts_is_read_back(description: str, other: str, label: str) -> None:
    quoted = [json.dumps(text).replace("\x7f", "\\u007f") for text in (description, other, label)]
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "a.md").write_text(f"---\nname: a\ndescription: {quoted[0]}\nlabel: {quoted[2]}\n---\n\n- Look at a\n", encoding="utf-8")
        (here / "b.md").write_text(f"---\nname: a\ndescription: {quoted[1]}\nlabel: {quoted[2]}\n---\n\n- Look at b\n", encoding="utf-8")
        policy = parse_policy("rules: {keys: agree}", "p.yaml")
        built = build([here / "a.md", here / "b.md"], policy=policy, output=here / "out.md")
        built.write()
        written = load_agent(here / "out.md")
    assert written.findings == ()
    assert written.value("name") == "a"
    label_now = written.value("label")
    assert label_now == label if label else label_now is None
    assert isinstance(written.value("description"), str)
    assert "\\n" not in str(written.value("description"))


@pytest.mark.parametrize(("a", "b"), [(1, True), (0, False), ("1", 1), ((), ""), (("a",), ("b",)), ({"a": 1}, {"a": 2}), ({"a": 1}, ())])
def test_values_of_another_kind_are_not_alike(a: Value, b: Value) -> None:
    assert not alike(a, b)


def test_a_difference_is_an_error_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agentmerge.pipeline.frontmatter_text", lambda _: "---\nname: other\n---")
    with pytest.raises(AgentmergeError, match="would not be read back as it was composed: 'name' differs"):
        check_reload(Header(fields=(("name", "mine"),)), Path("out.md"))


@pytest.mark.parametrize("text", ["---\nname: 'x\n---", "---\n---", "---\nname: mine\nmore: 1\n---"])
def test_text_that_is_not_the_header_is_seen(text: str) -> None:
    assert reloaded(text, Header(fields=(("name", "mine"),))) is not None
