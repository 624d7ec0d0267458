"""JSON as people write it in examples, and what its shape is for."""

from __future__ import annotations

import pytest

from agentmerge.rules.text.json_shapes import MAX_TEXT, examples_in
from agentmerge.rules.text.shapes import Variant, page_styles_said, variants_of


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('{"a": 1, "b": "x", "c": true, "d": null}', {"a": "number", "b": "string", "c": "boolean", "d": "any"}),
        ("{a: 1, 'b': 'x',}", {"a": "number", "b": "string"}),
        ('{"a": {...}, "b": [...], "c": ...}', {"a": "object", "b": "array", "c": "any"}),
        ('{"a": string, "b": "number", "c": Array, "d": true|false}', {"a": "string", "b": "number", "c": "array", "d": "any"}),
        ('{"a": "<id>", "b": "x|y", "c": "${name}"}', {"a": "any", "b": "any", "c": "any"}),
        ('{"a": [{"b": 1}, {"c": 2}], ...}', {"a": "array", "a[].b": "number"}),
        ('{"a": 1 // one\n  "b": 2 /* two */\n}', {"a": "number", "b": "number"}),
        ('{"url": "https://example.org/a#b"}', {"url": "string"}),
        ('{"a": {"b": {"c": "값"}}}', {"a": "object", "a.b": "object", "a.b.c": "string"}),
    ],
)
def test_an_example_is_read_leniently(text: str, paths: dict[str, str]) -> None:
    (example,) = examples_in(text)
    assert example.shape.paths() == paths


@pytest.mark.parametrize("text", ["", "{", '{"a": ', '{"a": {', "[", "plain words", "{" * 200, "[" * 5000, '{"a"' * 50, "}]}", '"'])
def test_what_breaks_off_is_no_example(text: str) -> None:
    assert examples_in(text) == ()


def test_several_values_of_a_block_have_the_comment_before_them() -> None:
    text = '// 성공\n{ "data": {} }\n\n# エラー\n{ "error": {} }\nwords\n[{"a": 1}]'
    assert [(example.label, example.shape.type) for example in examples_in(text)] == [
        ("성공", "object"),
        ("エラー", "object"),
        ("", "array"),
    ]


def test_no_more_is_read_than_a_limit() -> None:
    assert examples_in(" " * MAX_TEXT + "{}") == ()


@pytest.mark.parametrize(
    ("text", "title", "variant"),
    [
        ('{"error": {"code": "X"}}', "", Variant("error body", "envelope", "error object")),
        ('{"error": "message"}', "", Variant("error body", "envelope", "error string")),
        ('{"errors": [{"message": "m"}]}', "", Variant("error body", "envelope", "errors array")),
        ('{"code": 1, "message": "m"}', "오류 응답", Variant("error body", "envelope", "code and message at the top")),
        ('{"type": "t", "title": "t", "status": 404}', "错误格式", Variant("error body", "envelope", "problem details")),
        ('{"data": {}, "meta": {}}', "", Variant("success body", "envelope", "data")),
        ('{"result": {}}', "成功", Variant("success body", "envelope", "result")),
        ('{"items": [], "page": 1, "totalPages": 2}', "", Variant("pagination", "style", "page")),
        ('{"items": [], "next_cursor": "a"}', "", Variant("pagination", "style", "cursor")),
        ('{"items": [], "offset": 0, "limit": 10}', "", Variant("pagination", "style", "offset")),
    ],
)
def test_an_example_tells_what_it_is_for(text: str, title: str, variant: Variant) -> None:
    (example,) = examples_in(text)
    assert variant in list(variants_of(example, title))


@pytest.mark.parametrize(
    "text", ['{"name": "x", "version": 1}', '{"page": 3}', '{"data": {}, "error": null}', "[]", '{"title": "Home", "limit": 3}']
)
def test_other_examples_tell_nothing(text: str) -> None:
    assert [variant for example in examples_in(text) for variant in variants_of(example, "")] == []


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("Use cursor-based pagination", {"cursor"}),
        ("Add limit/offset parameters and pagination metadata", {"offset"}),
        ("커서 기반 페이지네이션", {"cursor"}),
        ("オフセットベースのページネーション", {"offset"}),
        ("游标分页", {"cursor"}),
        ("Offer cursor-based and offset pagination", {"cursor", "offset"}),
        ("Paginate all lists", set()),
        ("Close database cursors", set()),
        ("Read the log at an offset", set()),
    ],
)
def test_a_statement_names_a_way_of_paging(text: str, styles: set[str]) -> None:
    assert page_styles_said(text) == styles
