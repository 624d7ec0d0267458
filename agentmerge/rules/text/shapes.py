"""What an example of a response is for, and where two examples for one purpose differ in shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agentmerge.rules.text.json_shapes import Example, Shape

ERROR, SUCCESS = "error body", "success body"
_ERROR = re.compile(r"\berrors?\b|\bfail(?:ed|ure)?\b|에러|오류|실패|エラー|失敗|错误|失败", re.IGNORECASE)
_SUCCESS = re.compile(r"\bsuccess(?:ful)?\b|\bok\b|성공|정상|成功|正常", re.IGNORECASE)
# Envelopes: the keys under which the matter of a response stands.
_WRAPPERS = ("data", "result", "payload")
_FLAT_ERROR = frozenset(("code", "message", "error_code", "errorCode", "errorMessage", "error_message", "error_description"))
_PROBLEM = frozenset(("title", "detail", "status", "type", "instance"))
_PAGE_KEYS: Mapping[str, frozenset[str]] = {
    "cursor": frozenset(
        ("cursor", "nextcursor", "endcursor", "startcursor", "prevcursor", "nextpagetoken", "pagetoken", "continuationtoken")
    ),
    "offset": frozenset(("offset", "skip")),
    "page": frozenset(("page", "totalpages", "pagenumber", "currentpage", "pagecount", "lastpage", "perpage", "pagesize")),
}
_PAGE_ANCHORS = frozenset(
    ("page", "totalpages", "pagenumber", "currentpage", "cursor", "nextcursor", "endcursor", "offset", "nextpagetoken")
)
_SCALARS = frozenset(("string", "number", "boolean"))


class Variant(NamedTuple):
    """One point on which responses may differ: of which ``purpose``, at which ``point``, and how it is here."""

    purpose: str
    point: str
    value: str


def variants_of(example: Example, title: str) -> Iterator[Variant]:
    """What an example of JSON fixes; ``title`` is the heading above its block."""
    shape = example.shape.item if example.shape.type == "array" and example.shape.item else example.shape
    if shape.type != "object" or not shape.keys:
        return
    purpose = purpose_of(shape, example.label, title)
    if purpose == ERROR and (envelope := _error_envelope(shape)):
        yield Variant(ERROR, "envelope", envelope)
        for path, kind in shape.paths().items():
            if kind != "any":
                yield Variant(f"{ERROR} ({envelope})", path, kind)
    if purpose == SUCCESS:
        wrappers = [key for key in _WRAPPERS if shape.get(key) is not None]
        if len(wrappers) == 1:
            yield Variant(SUCCESS, "envelope", f"{wrappers[0]}")
    for style in sorted(page_styles(shape)):
        yield Variant("pagination", "style", style)


def purpose_of(shape: Shape, label: str, title: str) -> str:
    """What a response is: told by its comment, then its keys, then its heading; ``""`` when nothing tells."""
    for words in (label, "" if _told_by_keys(shape) else title):
        if _ERROR.search(words):
            return ERROR if not _SUCCESS.search(words) else ""
        if _SUCCESS.search(words):
            return SUCCESS
    return _told_by_keys(shape)


def _told_by_keys(shape: Shape) -> str:
    if any((value := shape.get(key)) is not None and value.type in ("object", "array", "string") for key in ("error", "errors")):
        return ERROR if not any(shape.get(key) is not None for key in _WRAPPERS) else ""
    data = shape.get("data")
    return SUCCESS if data is not None and any(shape.get(key) is not None for key in ("meta", "success", "status", "message")) else ""


def _error_envelope(shape: Shape) -> str:
    """Where the error stands: ``error object``, ``errors array``, ``problem details``, ``message at the top``."""
    for key in ("error", "errors"):
        value = shape.get(key)
        if value is not None and value.type in ("object", "array", "string"):
            return f"{key} {value.type}"
    names = {name for name, _ in shape.keys}
    if len(names & _PROBLEM) >= 3 and "title" in names:
        return "problem details"
    return "code and message at the top" if len(names & _FLAT_ERROR) >= 2 else ""


def page_styles(shape: Shape) -> frozenset[str]:
    """The ways of paging that the keys of a response show: ``page``, ``cursor``, ``offset``."""
    keys = {re.sub(r"[_-]", "", path.rpartition(".")[2]).lower() for path, kind in shape.paths().items() if kind in _SCALARS | {"any"}}
    if keys.isdisjoint(_PAGE_ANCHORS):
        return frozenset()
    beside = keys & {
        "limit",
        "total",
        "totalpages",
        "totalcount",
        "pagesize",
        "perpage",
        "hasmore",
        "hasnext",
        "size",
        "totalitems",
        "next",
    }
    return frozenset(style for style, names in _PAGE_KEYS.items() if keys & names & _PAGE_ANCHORS and (beside or style == "cursor"))


_STYLES: Mapping[str, re.Pattern[str]] = {
    "cursor": re.compile(
        r"\b(?:cursor|keyset)[- ]?(?:based)?[ -]*paginat|\bpaginat\w*.{0,30}\b(?:cursors?|keyset)\b|\bcursor[- ]based\b"
        r"|커서.{0,4}(?:기반|페이지|방식)|カーソル.{0,4}(?:ベース|ページ|方式)|游标.{0,4}(?:分页|翻页)",
        re.IGNORECASE,
    ),
    "offset": re.compile(
        r"\boffset[- ]?(?:based)?[ -]*paginat|\blimit ?(?:/|and|\+|&) ?offset\b|\boffset ?(?:/|and|\+|&) ?limit\b|\boffset[- ]based\b"
        r"|\bpaginat\w*.{0,30}\boffsets?\b|오프셋.{0,4}(?:기반|페이지|방식)|オフセット.{0,4}(?:ベース|ページ|方式)|偏移量?.{0,4}分页",
        re.IGNORECASE,
    ),
    "page": re.compile(
        r"\bpage[- ](?:number[- ])?based\b|\bpage[- ]number paginat|\bpaginat\w*.{0,30}\b(?:page numbers?|total_?pages)\b"
        r"|페이지 ?번호.{0,4}(?:기반|방식)|ページ番号.{0,4}(?:ベース|方式)|页码.{0,4}分页",
        re.IGNORECASE,
    ),
}
_TEXT = 1000
_PAGING = re.compile(r"paginat|페이지네이션|페이징|페이지|ページネーション|ページング|ページ|分页|翻页", re.IGNORECASE)


def page_styles_said(text: str) -> frozenset[str]:
    """The ways of paging that a statement names; only one that speaks of paging."""
    text = text[:_TEXT]
    if not _PAGING.search(text):
        return frozenset()
    return frozenset(style for style, pattern in _STYLES.items() if pattern.search(text))
