"""Find lines that hand work to another agent, or set the agent off against it, in four languages (REF002).

A name counts where it can only be an agent's: hyphenated and ending in a role ("api-designer"), in inline
code, after an @, before a word for agent, or in capitals where work is handed over ("to the API Designer").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from agentmerge.rules.text.clauses import LONGEST, is_exact, says_more
from agentmerge.rules.text.lazy import Lazy


class Named(NamedTuple):
    """An agent that a text names: ``shown`` as it stands there."""

    agent: str
    shown: str
    start: int
    end: int


class Handover(NamedTuple):
    """What a statement does with other agents: ``hands_over`` work to them or sets them off, and ``whole``: nothing else."""

    named: tuple[Named, ...]
    hands_over: bool
    whole: bool


_ROLE = re.compile(
    r"(?:er|or|ist|ect|agent|expert|pro|lead|analyst|manager|admin|sre|qa|guru|ninja|master|researcher|scientist|advocate|strategist"
    r"|assistant|guide|coach|champion|wizard|specialists?|ops|guardian|sage)$"
)
_AGENT = r"(?:(?:sub-?)?agents?\b|에이전트|エージェント|代理|智能体|子代理)"
_NO_NAMES = frozenset(("agent", "skill", "readme", "index", "main", "agents", "untitled", "copy"))


def is_name(name: str) -> bool:
    """Whether an agent's name or file stem can be looked for at all: no number, no word for any file."""
    return len(name) >= 3 and re.search(r"[^\W\d_]", name) is not None and name.lower() not in _NO_NAMES


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^\w]+|_", name.lower()) if word]


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in case and separators at most."""
    return _words(one) == _words(other)


def has_name(text: str, name: str) -> bool:
    """Whether the words of a name stand in a text, in order."""
    return f" {' '.join(_words(name))} " in f" {' '.join(_words(text))} "


@cache
def _written(name: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """How a name is written as an agent's anywhere, and how where work is handed over (in capitals)."""
    words = [re.escape(word) for word in _words(name)]
    if not words:
        return re.compile(r"(?!)"), None
    joined, spaced = "[-_]".join(words), "[-_ ]".join(words)
    edge, end = r"(?<![A-Za-z0-9_/.@-])", r"(?![A-Za-z0-9_/-]|\.[A-Za-z0-9])"
    forms = [rf"`(?P<code>{joined})`", rf"@(?P<at>(?:agent-)?{joined}){end}", rf"{edge}(?P<agent>{spaced})(?=`?\*{{0,2}}\s?{_AGENT})"]
    role = _ROLE.search(_words(name)[-1]) is not None
    if len(words) > 1 and role:
        forms.append(rf"{edge}(?P<plain>{joined}){end}")
    capitals = (
        re.compile(rf"(?<![A-Za-z0-9_/.@-])(?P<title>{spaced})(?![A-Za-z0-9_/-])", re.IGNORECASE) if len(words) > 1 and role else None
    )
    return re.compile("|".join(forms), re.IGNORECASE), capitals


def named_in(text: str, names: Iterable[str]) -> tuple[Named, ...]:
    """Where a text names agents of these names, in order."""
    found: dict[int, Named] = {}
    low = text.lower()
    for name in sorted(names, key=lambda n: (-len(n), n)):
        if _words(name) and _words(name)[0] in low:
            for one in _named(text, name):
                if not any(one.start < other.end and other.start < one.end for other in found.values()):
                    found[one.start] = one
    return tuple(found[at] for at in sorted(found))


def without_names(text: str, names: Iterable[str]) -> str:
    """A text with one sign for each place where it bears one of these names as an identifier, in quotation marks, or in capitals."""
    for name in sorted(names, key=lambda n: (-len(n), n)):
        words = [re.escape(word) for word in _words(name)]
        if not words or _words(name)[0] not in text.lower():
            continue
        joined = "[-_]".join(words)
        forms = [rf"(?<=[\"'`]){joined}(?=[\"'`])", rf"(?<=[:@]){joined}(?![\w-])"]
        if len(words) > 1:
            forms.append(rf"(?<![\w./-]){joined}(?![\w/-]|\.\w)")
            forms.append(rf"(?-i:(?<![\w-]){' '.join(re.escape(word.capitalize()) for word in _words(name))}(?![\w-]))")
        text = re.sub("|".join(forms), "\x00", text, flags=re.IGNORECASE)
    return text


def _named(text: str, name: str) -> Iterable[Named]:
    anywhere, capitals = _written(name)
    for match in anywhere.finditer(text):
        if not (match["agent"] and _is_part(text, match.start())):
            yield Named(name, match[0].strip("`@"), *match.span())
    for match in capitals.finditer(text) if capitals else ():
        words = match[0].split(" ")
        before = text[: match.start()].rstrip("*` ") + " "
        if len(words) > 1 and all(word[:1].isupper() for word in words) and not _is_part(text, match.start()) and _TO.search(before):
            yield Named(name, match[0], *match.span())


def _is_part(text: str, at: int) -> bool:
    """Whether a name in words continues a longer one ("Senior API Designer"); a sentence's first word is none."""
    before = text[:at].rstrip("*` ") + " "
    return re.search(r"[A-Z][\w-]* $", before) is not None and re.search(r"(?:^|[.:!?]\s)(?!#)[A-Z][a-z]+ $", before) is None


# --- what is done with them --------------------------------------------------------------------------

_TO = Lazy(
    r"(?:\b(?:to|with|by|from|invoke|use|call|consult|ask|involve|notify|support|help|assist|guide|see|than|unlike) (?:the |an? )?|→ ?"
    r"|-> ?|[(（])$|(?:交给|转给|委托|由|找|走|转)$",
    re.IGNORECASE,
)
_WORK = (
    r"(?:hand(?:s|ed|ing)?(?: it| them| this| work| tasks?| results?| off| over)*|hands? ?-?off|delegat(?:e|es|ed|ing)|escalat(?:e|es"
    r"|ed|ing)|defer(?:s|red)?|refer|forward|pass|route|transfer|redirect|send|assign"
    r"|leave|collaborat(?:e|es|ing)|coordinat(?:e|es|ing)|work(?:s|ing)?|partner(?:s|ing)?|pair|sync|align|integrat(?:e|es)|interface"
    r"|liaise|support|help|assist|guide|advise|consult|notify|inform|ask|involve|engage|switch)"
)
_USING = r"(?:use|invoke|call|launch|spawn|run|trigger|dispatch|recommend|suggest|see|consult|prefer|go to)"
# Several agents in a row are blanked as one.
_ONE = "\x00"
_ROW = Lazy(r"\x00(?:\s*(?:(?:, and|, or|,|/|and|or|및|와|과|·|、|と|や|和|或|与)\s*)?\x00)+")
_HEAD = (
    r"(?:[^:：\x00]{1,60}[:：]\s*)?(?:(?:if|when|whenever|for|once|after|before|in case|where|should)\b[^,;:\x00]*,\s*)?(?:(?:always"
    r"|please|also|then|you (?:should|must|can|may)|must|should|instead)\s+)*"
)
_TAIL = (
    r"(?:\s*(?:for|on|about|when|whenever|if|with|regarding|as|where|before|after|during|instead|to|in|of|at|around|whose|who|since"
    r"|because)\b[^;\x00]*)?"
)
_ENGLISH = (
    rf"{_HEAD}{_WORK}\b[^;:.\x00]{{0,60}}?\b(?:to|with|by|over to)?\s*(?:the |an? )?{_ONE}{_TAIL}[.!]?",
    rf"{_HEAD}{_USING}\s+(?:the |an? )?{_ONE}{_TAIL}[.!]?",
    rf"[^.;:\x00]{{2,80}}?\s?(?:→|->|=>)\s*(?:use |delegate to |hand off to |the )?{_ONE}[.!]?",
    rf"(?:the )?{_ONE} (?:handles?|owns?|covers?|manages?|takes? care of|takes? over|is responsible for|are responsible for|will handle"
    rf"|is in charge of)\b[^;\x00]*",
    rf"(?:you are |you're |i am |it is |is |are )?not (?:be )?responsible for\b[^;.\x00]*?[:;,(–-]\s*(?:that is |those are "
    rf"|this is )?(?:use |see |delegate to |hand (?:it |that )?to |the )?(?:the )?{_ONE}(?:'s)?(?: job| task| work)?\)?[.!]?",
    rf"(?:do not|don't|does not|doesn't|never)\b[^;.\x00]*?[:;,(–-]\s*(?:that is |those are |use |see |delegate to |hand (?:it "
    rf"|that )?to )(?:the )?{_ONE}(?:'s)?(?: job| task| work)?\)?[.!]?",
    rf"{_ONE}",
)
_KO = (
    rf"(?:[^:：\x00]{{1,40}}[:：]\s*)?[^.\x00]*?{_ONE}\s?(?:에게|에|으로|로|한테|와|과)\s?[^.]*?(?:위임|넘긴|넘겨|넘길|인계|전달|맡긴"
    rf"|맡겨|맡길|이관|요청|의뢰|협업|협력|상의)(?:한다|합니다|하세요|할 것|하기|다|니다|라|ㄴ다)?[.]?",
    rf"[^.\x00]*?{_ONE}\s?(?:이|가|은|는|에서)\s?(?:담당|처리|맡)(?:한다|합니다|는다|습니다|함|하므로.*)?[.]?",
    rf"[^.\x00]*?{_ONE}\s?(?:를|을)?\s?(?:사용|호출|이용)(?:한다|합니다|하세요|할 것)?[.]?",
    rf"[^.\x00]*?담당하지\s?않[^\x00]*?{_ONE}[^.\x00]*[.]?",
    rf"[^.\x00]*?{_ONE}의?\s?담당(?:이다|입니다)?[.]?",
)
_JA = (
    rf"(?:[^:：\x00]{{1,40}}[:：]\s*)?[^。\x00]*?{_ONE}\s?(?:に|へ|と)\s?[^。]*?(?:委譲|委任|任せ|引き継|引継|渡|依頼|移管"
    rf"|エスカレーション|連携|協力|相談)(?:する|します|してください|すること|ぐ|ぎます|いで|る|ます|す)*[。]?",
    rf"[^。\x00]*?{_ONE}\s?(?:が|は|の)\s?(?:担当|処理|受け持)(?:する|します|つ|です|である)?[。]?",
    rf"[^。\x00]*?{_ONE}\s?を(?:使う|使用する|使用して|使って|呼び出す|呼び出して|利用する)(?:こと|ください)?[。]?",
    rf"[^。\x00]*?担当(?:しない|外)[^\x00]*?{_ONE}[^。\x00]*[。]?",
)
_ZH = (
    rf"[^。；\x00]*?(?:交给|转交(?:给)?|移交(?:给)?|委托(?:给)?|委派(?:给)?|转给|转|走|去找|找|请教|联系|调用|改用|使用"
    rf"|由)\s?{_ONE}\s?(?:处理|负责|完成|执行|来做|协助|即可)?[。]?",
    rf"[^。；\x00]*?(?:与|和|同)\s?{_ONE}\s?(?:协作|合作|配合|对接)[^。；\x00]{{0,20}}[。]?",
    rf"[^。；\x00]*?{_ONE}\s?(?:负责|处理|承担)[^。；，\x00]*[。]?",
    rf"[^。；\x00]*?不负责[^\x00]*?{_ONE}[^。；\x00]*[。]?",
)
_WHOLE = tuple(Lazy(pattern, re.IGNORECASE) for pattern in (*_ENGLISH[:-1], *_KO, *_JA, *_ZH))
_HANDS_OVER = Lazy(
    rf"\b{_WORK}\b[^.;\x00]{{0,60}}\x00|\b{_USING}\s+(?:the |an? )?\x00|(?:→|->|=>)\s*\x00|\x00[^.;]{{0,12}}\b(?:handles?|owns?|covers?"
    rf"|manages?|is responsible|takes?)\b|\bunlike (?:the )?\x00|not responsible\b[^.]*\x00"
    r"|\x00[^.]{0,30}(?:위임|넘[긴겨길기]|인계|맡|담당|이관|협업|협력)|\x00\s?(?:이|가|에서)\s?처리|담당하지\s?않[^.]*\x00"
    r"|\x00[^。]{0,30}(?:委譲|委任|任せ|引き継"
    r"|引継|渡|依頼|担当|連携|協力)|担当(?:しない|外)[^。]*\x00"
    r"|(?:交给|转交|移交|委托|委派|转给|走|找|由|调用|改用)[^。；]{0,4}\x00|\x00[^。；]{0,4}(?:负责|处理)|不负责[^。]*\x00|(?:与"
    r"|和)\s?\x00\s?(?:协作|合作|配合)",
    re.IGNORECASE,
)


def handover_of(text: str, names: Iterable[str]) -> Handover | None:
    """What a statement does with agents of these names, ``None`` when it names none."""
    named = named_in(text, names)
    if not named:
        return None
    if len(text) > LONGEST:
        return Handover(named, hands_over=False, whole=False)
    blank = _blanked(text, named)
    hands_over = _HANDS_OVER.search(blank) is not None
    return Handover(named, hands_over, hands_over and _only_hands_over(blank))


def _only_hands_over(blank: str) -> bool:
    """Whether a line has no point but the handing over; in doubt it has."""
    if says_more(blank) or is_exact(blank) or "`" in blank:
        return False
    if any(_ROLE.search(word) for word in re.findall(r"[A-Za-z][a-z0-9]*(?:-[A-Za-z0-9]+)+", blank)):
        return False  # Another agent has work handed over as well.
    return any(pattern.fullmatch(blank) for pattern in _WHOLE)


def _blanked(text: str, named: Sequence[Named]) -> str:
    """A text with each agent as one sign, without marks and words for agent behind it."""
    for one in sorted(named, key=lambda n: -n.start):
        text = text[: one.start] + "\x00" + text[one.end :]
    text = re.sub(r"[*_]{1,3}|`(?=\x00)|(?<=\x00)`", "", text)
    text = re.sub(rf"\x00\s?(?:{_AGENT}|specialist\b)", "\x00", text, flags=re.IGNORECASE).strip()
    return _ROW.sub("\x00", text)
