"""Statements that allow one thing only, in four languages: a choice ("use only X"), or a role ("you only review")."""

from __future__ import annotations

from typing import NamedTuple

from agentmerge.rules.text.clauses import LONGEST
from agentmerge.rules.text.lazy import Lazy


class Exclusive(NamedTuple):
    """What a statement allows alone: ``kind`` is ``choice`` or ``role``, ``what`` the words of it."""

    kind: str
    what: str


_USE = r"(?:use|using|write|choose|accept|allow|support|build with|work with|deploy to|target)"
_NO = (
    r"(?:when|if|after|once|before|for|in case|where|while|as|with|then|enough|because|the (?:first|last|one)|a few|few|one exception"
    r"|exception|by|on|at|to|until|those|these|what|necessary|relevant|needed)\b"
)
_CHOICE = Lazy(
    rf"\b{_USE}\s+(?:only|exclusively|solely)\s+(?!{_NO})(?P<a>[^.;:]{{2,80}})"
    rf"|(?<!-)\bonly\s+{_USE}\s+(?!{_NO})(?P<b>(?:(?!\bfor\b)[^.;:]){{2,80}})(?:$|[.;:])"
    rf"|\b{_USE}\s+(?P<c>(?:(?!\bfor\b)(?:[^.;:,—–]|\.(?=\w))){{2,60}}?)\s+(?:only|exclusively)(?=\s*(?:$|[.;:,(]|in\b))"
    rf"|\bwork\s+(?:only|exclusively|solely)\s+(?:with|in)\s+(?P<j>[^.;:]{{2,80}})"
    rf"|^(?:exclusively|nothing but)\s+(?!{_NO})(?P<k>[^.;:]{{2,60}})"
    r"|\b(?:use|allow|accept)\s+nothing\s+(?:but|other than)\s+(?P<d>[^.;:]{2,60})"
    r"|^(?P<e>(?:GET|POST|PUT|PATCH|DELETE|HEAD)(?:\s*(?:/|,|and|or)\s*(?:GET|POST|PUT|PATCH|DELETE|HEAD))*)\s+only\b"
    r"|(?:오직|오로지)\s*(?P<f>[^.]{2,40}?)만(?:을)?\s|(?P<g>[A-Za-z][^\s,.]*(?:\s[A-Za-z][^\s,.]*)?)만(?:을)?\s*(?:사용|이용|쓴|허용)"
    r"|(?P<h>(?:[A-Za-z][\w.]*\s){0,2}[^、。,\s]{0,40}?)(?<!に)(?<!場合)(?<!とき)(?<!時)(?<!限り)(?<!内部)(?:のみ|だけ)(?:を)?(?:使用|使う|使い|利用|許可)"
    r"|(?:只|仅|只能|仅能)(?:使用|用|允许|支持)(?![于在来了到作])\s*(?P<i>[^，。；,;]{2,40})"
)
_ROLE = Lazy(
    r"\byour (?:sole|only) (?:responsibility|job|task|role|duty|purpose|focus) is (?:to\s+)?(?P<a>[^.;]{3,100})"
    r"|(?<!if )\byou (?:only|exclusively|solely) "
    r"(?P<b>(?:review|analy[sz]e|audit|report|advise|plan|research|inspect|check|test|document)\b[^.;]{0,80})"
    r"|^(?P<c>(?:review|analysis|audit|advice|research|planning|reporting) only)\s*(?:$|[.,;:(—–-])"
    r"|\b(?P<d>read-only (?:reviewer|agent|role|analyst|auditor|advisor))\b"
    r"|(?P<e>(?:검토|리뷰|분석|감사|조사)만)\s*(?:$|[.,(]|수행|하|한다|담당)"
    r"|(?P<f>(?:レビュー|分析|監査|調査)(?:のみ|だけ))(?:を)?(?:$|[。、(（]|行|担当|実施)"
    r"|(?:只|仅)(?:负责|进行|做)\s*(?P<g>(?:代码|变更|日志)?(?:审查|评审|分析|审计|调研)[^，。；]{0,30})",
)
# Without one of these no pattern can match; most statements are told apart by that alone.
# Some end with a space, so the text is looked at with one after it.
_HINTS = ("only", "exclusively", "solely", "sole ", "nothing", "오직", "오로지", "만 ", "만을 ", "のみ", "だけ", "只", "仅")
# "Only use this if …" sets a condition; it excludes nothing.
_IF = Lazy(r"\b(?:if|when|whenever|unless|after|once|critical)\b")
_NOT = Lazy(r"\bnot only\b|\bonly (?:the|one|an?) (?:exception|few)\b|만(?:\s*아니라)|だけでなく|のみならず|不仅|不只|不是(?:只|仅)")


# Reports, plans and timelines are made by reviewers too; only these are what a narrow role must not touch.
_MADE = (
    r"(?:code|(?:unit|integration|regression|e2e|end-to-end) tests?|tests|test (?:cases?|files?|suites?)|source files?|files|functions?"
    r"|class(?:es)?|components?|endpoints?|apis?|(?:micro)?services?|modules?|features?|bugs?|scripts?|migrations?|applications?|apps?"
    r"|pipelines?|backends?|frontends?|librar(?:y|ies)|handlers?|middleware|schemas?)"
)
_MAKES = Lazy(
    r"^(?:\W*[\w /-]{1,30}:\s+)?(?:write|implement|create|build|fix|edit|modify|refactor|develop|add|generate|migrate)\s+"
    rf"(?!an? (?:report|summary|comment|review)\b)(?:[\w/-]+\s+){{0,4}}?{_MADE}\b(?!\s+(?:reports?|reviews?|summar|plans?|timelines?))"
    r"|(?:코드|테스트|기능|버그|파일|모듈|함수)[을를]?\s?(?:\S+\s)?(?:작성|구현|수정|개발|생성|추가)(?:한다|하세요|합니다|하기)"
    r"|(?:コード|テスト|機能|バグ|ファイル|モジュール|関数)(?:を|の)(?:書く|書き|作成|実装|修正|追加|開発)"
    r"|^(?:编写|实现|修改|修复|开发|创建|添加|重构)(?!报告|摘要|评论)"
)


def asks_to_make(text: str) -> bool:
    """Whether a statement asks for code, tests or files to be written or changed."""
    return _MAKES.search(text[:LONGEST].lower()) is not None


def exclusive_of(text: str) -> Exclusive | None:
    """What a statement allows alone; ``None`` when it excludes nothing."""
    lowered = f"{text.lower()} "
    if len(text) > LONGEST or not any(hint in lowered for hint in _HINTS) or _NOT.search(lowered):
        return None
    for kind, pattern in (("role", _ROLE), ("choice", _CHOICE)):
        # Methods are told by their capitals; all else is read in lower case.
        match = pattern.search(text) or pattern.search(text[:1].lower() + text[1:]) or pattern.search(text.lower())
        if match:
            what = next((part for part in match.groups() if part), "").strip(" `*\"'")
            return Exclusive(kind, what) if what and not _IF.search(what) else None
    return None
