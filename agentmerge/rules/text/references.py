"""Find instructions to use a tool, as statements give them in four languages (REF001).

A tool's name counts when it is a name only ("WebSearch", ``mcp__x__y``) or is marked as a tool
("the Read tool", "`Bash`", "Grep 도구"); a server's when a source lists it or it is marked as one. What is
forbidden, what others do and what depends on whether a tool is there is no instruction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from agentmerge.rules.privileges.tool_names import tool_names
from agentmerge.rules.text.clauses import LONGEST, is_exact, says_more
from agentmerge.rules.text.lazy import Lazy

SERVER = "mcp__"


class Mention(NamedTuple):
    """A tool that a text names: ``name`` is a built-in tool, an MCP tool, or ``mcp__`` and a server's plain name."""

    name: str
    shown: str
    start: int
    end: int

    @property
    def is_server(self) -> bool:
        """Whether a server is meant that the text calls by its plain name."""
        return self.name.startswith(SERVER) and "__" not in self.name[len(SERVER) :]


class Demand(NamedTuple):
    """An instruction to use tools: one of ``mentions`` is enough when they are ``alternatives``.

    ``whole``: the statement demands nothing else.
    """

    mentions: tuple[Mention, ...]
    alternatives: bool
    whole: bool


# --- names -----------------------------------------------------------------------------------------

# Words of their own: only a mark makes tools of them.
_WORDS = (
    *("Read", "Write", "Edit", "View", "LS", "Grep", "Glob", "LSP", "Bash", "PowerShell"),
    *("Task", "Agent", "Skill", "Monitor", "Artifact", "Workflow"),
)
_TOOL = r"(?:tools?\b|도구|툴|ツール|工具)"
_ONE = "|".join(_WORDS)
_LISTED = rf"{_ONE}|WebSearch|WebFetch|TodoWrite|NotebookEdit|MultiEdit"
# "Use Read to …", "Grep/Glob", "Read, Grep and Glob".
_MARKED_WORD = Lazy(
    rf"`(?P<code>{_ONE})(?:\([^`]*\))?`|(?<![A-Za-z0-9_])(?P<tool>{_ONE})(?= ?{_TOOL})|\b(?:[Uu]se|[Uu]sing"
    rf"|[Ii]nvoke) (?:the )?(?P<to>{_ONE})(?= to\b)"
    rf"|(?<![A-Za-z0-9_])(?P<many>(?:{_LISTED})(?:(?:/|, |, and | and | or |, or |、|와 |과 |と"
    rf"|和)(?:{_LISTED}))+)(?![A-Za-z0-9_])(?! ?[a-z-]*(?:splitting|access|operations?|ratio|paths?|locks?|heavy))"
)
_SPELLED = (
    (
        "WebSearch",
        (rf"(?:web[- ]?search|websearch|웹\s?검색|ウェブ検索|Web検索|网络搜索|网页搜索)(?=`?\s?{_TOOL})|`websearch`|`web[-_]search`"),
    ),
    ("WebFetch", rf"(?:web[- ]?fetch|webfetch)(?=`?\s?{_TOOL})|`webfetch`|`web[-_]fetch`"),
    ("TodoWrite", rf"(?:todo[- ]?write)(?=`?\s?{_TOOL})"),
)
# Names of servers that mean nothing else.
_KNOWN_SERVERS = ("context7", "sequential-thinking", "serena")
_MCP = r"(?:-|\s)?MCP(?![A-Za-z0-9_])"
_UNLISTED = Lazy(
    r"`?(?<![A-Za-z0-9_-])(?P<name>[A-Za-z][A-Za-z0-9_-]*[A-Za-z0-9])`?\s(?=MCP(?![A-Za-z0-9_]))|\bMCP (?:server|tool|서버|도구"
    r"|サーバー|ツール|服务器|工具)\s?`(?P<quoted>[\w-]+)`"
)
_NO_NAME = frozenset(
    [
        "the",
        "a",
        "an",
        "any",
        "all",
        "each",
        "every",
        "your",
        "our",
        "this",
        "that",
        "these",
        "those",
        "available",
        "relevant",
        "custom",
        "other",
        "via",
        "use",
        "using",
        "and",
        "or",
        "with",
        "of",
        "for",
        "no",
    ]
)


@cache
def _exact_names() -> re.Pattern[str]:
    names = sorted((name for name in tool_names() if name not in _WORDS), key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9_.])(?:{'|'.join(names)})(?!\.?[A-Za-z0-9_])|mcp__[A-Za-z0-9_-]*[A-Za-z0-9*]")


def server_key(name: str) -> str:
    """A server's plain name, however it is spelled: ``context7`` of ``mcp__context7-mcp__query``, ``Context7 MCP``."""
    parts = name.split("__")
    own = parts[1] if name.startswith(SERVER) and len(parts) > 1 else name
    own = re.sub(r"^plugin_[^_]+_", "", own).lower()
    own = re.sub(r"^(?:mcp[-_])?(?:server[-_])?|(?:[-_](?:mcp|server))+$", "", own)
    return re.sub(r"[^a-z0-9]", "", own)


def mentions_of(text: str, servers: frozenset[str]) -> tuple[Mention, ...]:
    """The tools that a text names, in order; ``servers`` are the plain names of those that sources list."""
    found = {(mention.start, mention.name): mention for mention in _all(text, servers)}
    ordered = sorted(found.values(), key=lambda m: (m.start, -m.end))
    kept: list[Mention] = []
    for mention in ordered:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)


def _all(text: str, servers: frozenset[str]) -> Iterator[Mention]:
    for match in _exact_names().finditer(text):
        yield Mention(match[0], match[0], *match.span())
    for match in _MARKED_WORD.finditer(text):
        if match["many"]:
            if set(re.findall(_LISTED, match["many"])) <= {"Read", "Write", "Edit", "View"}:
                continue
            for word in re.finditer(_LISTED, match["many"]):
                at = match.start("many") + word.start()
                yield Mention(word[0], word[0], at, at + len(word[0]))
        else:
            group = match.lastgroup or ""
            yield Mention(match[group], match[group], *match.span(group))
    for name, pattern in _SPELLED:
        for match in _spelled(pattern).finditer(text):
            yield Mention(name, match[0].strip("`"), *match.span())
    yield from _servers(text, servers)


@cache
def _spelled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _servers(text: str, listed: frozenset[str]) -> Iterator[Mention]:
    for key in sorted({*listed, *map(server_key, _KNOWN_SERVERS)}):
        for match in _called(key).finditer(text):
            marked = re.match(rf"`?\s?(?:{_MCP}|{_TOOL}|server\b|서버|サーバー|服务器)", text[match.end() :])
            alone = key in listed and (key in map(server_key, _KNOWN_SERVERS) or re.search(r"\d", key))
            if marked or alone:
                yield Mention(SERVER + key, match[0], *match.span())
    for match in _UNLISTED.finditer(text):
        name = match["name"] or match["quoted"]
        if name.lower() not in _NO_NAME and (match["quoted"] or re.search(r"[A-Z0-9-]", name)) and server_key(name):
            yield Mention(SERVER + server_key(name), name, *match.span("name" if match["name"] else "quoted"))


@cache
def _called(key: str) -> re.Pattern[str]:
    """How a server's name may be written: its letters, with single marks between them."""
    return re.compile(r"(?<![A-Za-z0-9_/.@-])" + r"[-_ ]?".join(map(re.escape, key)) + r"(?![a-zA-Z0-9_/.@-]*[a-zA-Z0-9_])", re.IGNORECASE)


# --- instructions ------------------------------------------------------------------------------------

_USE = r"(?:use|utili[sz]e|leverage|employ|invoke|call|query|consult)"
_BEFORE = Lazy(
    rf"(?:\b{_USE}|\b(?:using|via|with the|prefer))\b[^.;:。]{{0,40}}$|(?:使用|利用|调用|借助|通过|采用|用)[^。；，]{{0,12}}$",
    re.IGNORECASE,
)
_BEHIND = Lazy(
    r"^[`*]*\s?(?:도구|툴|MCP|서버|등)?[`*]*\s?(?:를|을|로|으로)?\s?(?:\S+\s){0,4}?(?:사용|활용|이용|호출|검색|조회|확인)"
    r"|^[`*]*\s?(?:ツール|MCP|サーバー|など)?[`*]*(?:を|で)(?:必ず|常に|先に)?[^。]{0,12}?(?:使|利用|活用|用い|呼び出|検索|調べ|確認)"
    r"|^[`*]*\s?(?:tool|mcp|server)?s?\s?(?:must|should|needs to) be used\b",
    re.IGNORECASE,
)
_FORBIDS_BEFORE = Lazy(
    r"\b(?:not|never|don['’]?t|avoid|without|instead of|rather than|no|nor|cannot|can['’]?t)\b[^.;]*$|(?:不要|不得|禁止|避免|切勿|请勿"
    r"|勿|不能|不使用|不用|而不是|无需)[^。；]*$",
    re.IGNORECASE,
)
_FORBIDS_BEHIND = Lazy(r"^[^.。]*(?:지\s*(?:마|말|않)|금지|없이|대신|말\s*것|안\s?된다|ない|ません|禁止|避け|代わりに|不要|は不可)")
_OTHERS = Lazy(
    rf"\b(?:users?|customers?|clients?|teams?|developers?|people|they|he|she|who|which|that|apps?|applications?|services?|systems?|it"
    rf"|agents|workflows?)\s(?:\w+\s)?(?={_USE}s?\b)[^.;]*$"
    r"|(?:사용자|고객|개발자|팀)(?:가|이|는|은)\s[^.]*$|(?:ユーザー|利用者|顧客|開発者)(?:が|は)[^。]*$|(?:用户|客户|开发者)(?:会|可以"
    r"|能|在|通过)?[^。，]*$",
    re.IGNORECASE,
)
_IF_THERE = Lazy(
    r"\b(?:if|when|where|whenever) (?:\w+ ){0,6}?(?:available|accessible|configured|installed|enabled|permitted|allowed|supported"
    r"|connected)|\bif (?:you have|possible)\b|\bhave access\b|\bas available\b|\bfall ?back\b|\boptional"
    r"|가능(?:하면|한 경우|할 경우|할 때)|있(?:으면|는 경우|을 때)|설치된|利用(?:可能|でき)|使用(?:可能|でき)|使える場合|可能(?:なら"
    r"|であれば|な場合)|可用(?:时|的话)?|如果(?:有|可以|可能|支持)|若(?:有|可用)",
    re.IGNORECASE,
)
_MAY = Lazy(
    rf"\b(?:can|could|may|might) (?:also )?(?:be )?{_USE}d?\b[^.;]*$|\b(?:can|could|may|might)\b[^.;]{{0,30}}$|할 수 있|できる|できます"
    rf"|可以",
    re.IGNORECASE,
)
# "When using X, …", "X 사용 시 …": what holds while a tool is used does not ask for its use.
_WHILE_BEFORE = Lazy(
    rf"\b(?:when|if|while|after|before|by|per|\w+ed) (?:you )?(?:{_USE}|using|calling|invoking|via)\b[^.;,]*$|(?:当|在)[^，。]*$",
    re.IGNORECASE,
)
_WHILE_BEHIND = Lazy(
    r"^[`*]*[^.。，,]{0,8}?(?:사용|이용|활용|호출)\s?(?:시\b|할 때|하는 경우|하면|한 결과)|^[^。，]{0,10}?(?:使用|利用|呼び出)(?:する"
    r"|した)?(?:場合|際|とき|時)|^[^。，]{0,6}(?:时|之前|之后|前)[，,]"
)
# "… passes it via `Task()` calls": how something comes about.
_VIA = Lazy(r"\bvia\b[^.;]{0,12}$", re.IGNORECASE)
_CALLS = Lazy(r"^[`*()\s]*(?:calls?|responses?|results?|outputs?)\b", re.IGNORECASE)
_OR = Lazy(r"^\s*(?:/|,? ?or |,? 또는 |혹은|이나 |や|か|または|或者?)")


def demand_of(text: str, servers: frozenset[str] = frozenset()) -> Demand | None:
    """What a statement tells the agent to use, or ``None``."""
    mentions = mentions_of(text, servers) if len(text) <= LONGEST else ()
    if not mentions or _IF_THERE.search(text):
        return None
    asked = tuple(mention for mention in mentions if _is_asked(text, mention))
    if not asked:
        return None
    if _or_else(text, mentions):
        return None
    alternatives = any(_or_between(text, a, b) for a, b in pairwise(mentions))
    return Demand(mentions if alternatives else asked, alternatives, len(asked) == len(mentions) and _demands_only(text, asked))


def _or_else(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether something that is no tool will do as well ("use X or the official pages")."""
    behind = re.sub(rf"^[`*\s]*(?:{_TOOL}|MCP)?", "", text[mentions[-1].end :])
    return (
        _OR.search(behind) is not None
        or re.search(r"(?:\bor (?:the )?|/ ?|또는 |または|或者?)[`*]*$", text[: mentions[0].start]) is not None
    )


def _or_between(text: str, a: Mention, b: Mention) -> bool:
    between = text[a.end : b.start]
    return len(between) < 40 and re.search(r"\bor\b|/|또는|혹은|または|或", between) is not None


def _is_asked(text: str, mention: Mention) -> bool:
    before = text[_clause_start(text, mention.start) : mention.start]
    after = text[mention.end :]
    if _FORBIDS_BEFORE.search(before) or _FORBIDS_BEHIND.search(after) or _OTHERS.search(before) or _MAY.search(before):
        return False
    if _WHILE_BEFORE.search(before) or _WHILE_BEHIND.search(after):
        return False
    if _VIA.search(before) and _CALLS.search(after):
        return False
    return _BEFORE.search(before.rstrip("`* ") + " ") is not None or _BEFORE.search(before) is not None or _BEHIND.search(after) is not None


def _clause_start(text: str, at: int) -> int:
    """Where the sentence begins that a place is in."""
    ends = [match.end() for match in re.finditer(r"[.!?;](?=\s)|[。！？；\n]", text[:at])]
    return ends[-1] if ends else 0


# --- whether using a tool is all that is demanded ----------------------------------------------------

# Tools that look things up: what they are used for is what they do.
_LOOK_UP = Lazy(r"^(?:WebSearch|WebFetch)$|^mcp__.*(?:context7|doc|search|fetch|librar|wiki|knowledge|tavily|perplexity|firecrawl)")
_LOOKED_UP = Lazy("검색|조회|확인|조사|찾|참고|참조|検索|調べ|確認|参照|取得|調査")
_LOOKING = (
    r"(?:search|look(?:ing)? up|lookup|find|fetch|check|research|get|retrieve|verify|confirm|consult|read|discover|explore|browse"
    r"|gather|collect|access|pull|query|stay|learn"
    r"|investigate|identify|resolve|obtain|see|answer)\w*"
)
_LABEL = r"(?:[^:：.。]{1,60}[:：]\s*)?"
_ONLY_EN = Lazy(
    rf"{_LABEL}(?:(?:if|when|whenever|for|before|after|once|while|during|in)\b[^,;:]*,\s*)?(?:(?:always|please|first|you (?:must|should"
    rf"|will)|must|should|actively|proactively)\s+)*"
    rf"{_USE}\s+(?:the |a |an )?(?P<names>\x00(?:(?:,| and|, and| or|/)?\s*\x00)*)(?:\s*(?:mcp|tools?|servers?"
    rf"|documentation))*(?:\s+first)?"
    rf"(?P<tail>\s+(?:(?:to|in order to) (?P<purpose>{_LOOKING})\b[^;]*|(?:for|about|on|when|whenever|before|if|during|as"
    rf"|instead)\b[^;]*))?[.!]?",
    re.IGNORECASE,
)
_ONLY_KO = Lazy(
    rf"{_LABEL}[^.]*?\x00(?:(?:와|과|,|및|\s)*\x00)*\s?(?:MCP|도구|툴|서버|\s)*(?:를|을|로|으로)?\s?(?:반드시|항상|먼저"
    rf"|적극)?\s?(?P<tail>(?:사용|활용|이용|호출)(?:하여|해서|해)\s[^.]*?(?=검색|조회|확인|조사|찾|참고|참조)|[^.]*?(?=검색|조회|확인"
    rf"|조사|찾|참고|참조)|)"
    r"(?:적극\s?)?(?:사용|활용|이용|호출|검색|조회|확인|조사|찾아?|참고|참조)(?:할\s?것|하세요|한다|합니다|하십시오|하기|해야\s?(?:한다"
    r"|합니다)|해라|함)?[.!]?"
)
_ONLY_JA = Lazy(
    rf"{_LABEL}[^。]*?\x00(?:(?:と|、|や|および|\s)*\x00)*\s?(?:MCP|ツール|サーバー|\s)*(?:を|で)(?:必ず|常に"
    rf"|先に)?(?P<tail>(?:使用して|利用して|活用して|使って|使い|用いて)[^。]*?(?=検索|調べ|確認|参照|取得|調査)|[^。]*?(?=検索|調べ"
    rf"|確認|参照|取得|調査)|)"
    r"(?:使用|利用|活用|使う|使っ|使い|用い|呼び出|検索|調べ|確認|参照|取得|調査)(?:する|すること|してください|します|して|ること|る"
    r"|てください|ます|す|こと)*[。]?"
)
_ONLY_ZH = Lazy(
    rf"{_LABEL}(?:(?:当|如果|若|对于|遇到|在|需要|涉及)?[^，。]*?(?:时|后|前|的话|问题|情况)?[，,])?[^，。]{{0,12}}?(?:必须|务必|请"
    rf"|始终|优先|应|先|都|要)*(?:使用|利用|调用|借助|通过|采用|用)\s?\x00(?:(?:和|与|、|及|\s)*\x00)*\s?(?:MCP|工具|服务器|\s)*"
    r"(?P<tail>来?(?:查询|搜索|查找|检索|获取|查阅|查看|核实|确认|查)[^，。]*|)[。]?"
)
_ANY = (_ONLY_EN, _ONLY_KO, _ONLY_JA, _ONLY_ZH)


def _demands_only(text: str, asked: Sequence[Mention]) -> bool:
    """Whether a statement demands nothing but the use of tools; in doubt it does not."""
    blank = _blanked(text, asked)
    if says_more(blank.strip()) or is_exact(blank):
        return False
    match = next((found for pattern in _ANY if (found := pattern.fullmatch(blank.strip()))), None)
    if match is None:
        return False
    look_up = all(_LOOK_UP.search(mention.name) for mention in asked)
    return look_up or not (match["tail"] or _LOOKED_UP.search(blank))


def _blanked(text: str, asked: Iterable[Mention]) -> str:
    """A text with its tools as one sign each, without marks."""
    for mention in sorted(asked, key=lambda m: -m.start):
        text = text[: mention.start] + "\x00" + text[mention.end :]
    return re.sub(r"[*_]{1,3}|`\x00(?:\([^`]*\))?`", lambda m: "\x00" if "\x00" in m[0] else "", text)
