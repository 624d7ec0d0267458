"""Find directives about the language to answer in, as statements make them in four languages (LANG002).

A statement is read clause by clause: what a clause is about (answers, comments, commit messages …) and
the language that it asks for there. Abilities ("fluent in Korean"), subjects ("translate Korean") and
what is forbidden ask for none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from agentmerge.rules.text.answers import Directive, Follows, Scope, together
from agentmerge.rules.text.clauses import LONGEST
from agentmerge.rules.text.lazy import Lazy
from agentmerge.rules.text.tongues import TONGUE, tongues_named

_HINT = re.compile(rf"{TONGUE}|language|언어|言語|语言|語言", re.IGNORECASE)
_MARKS = re.compile(r"[*`_]+|^#+\s+")

# --- the language that a clause asks for ---------------------------------------------------------

_LIST = rf"{TONGUE}(?:\s*\([^()]*\))?(?:\s*(?:,|/|or|and|및|또는|혹은|と|か|または|や|和|或|或者|与|及|、|와|과)\s*{TONGUE})*"
_USER = r"(?:user|customer|client|human|requester|asker|caller|reader)"
_THEIR = Lazy(
    rf"\b(?:the |each |every |your )?{_USER}['’]?s?['’]? (?:\w+ )?language\b|\btheir (?:own |native |preferred )?language\b"
    rf"|\bsame language\b|\blanguage (?:of|used by|used in|in) (?:the |their |this |each )?(?:{_USER}|request|input|question|query"
    rf"|prompt|message)"
    rf"|\b(?:the|whatever|whichever|that) language (?:that |in which )?(?:the |a )?(?:{_USER}|they|you are|question|request)\b"
    r"|사용자(?:의|가|와|\s)?\s?[^.,。]{0,14}언어|(?:동일한|같은)\s?언어|(?:질문|입력|요청)(?:한|된|받은|의|에 사용된)?\s?언어"
    r"|ユーザーの?(?:の|が|と)[^。、]{0,12}言語|(?:同じ|同一の)言語|(?:質問|入力|依頼)(?:の|と同じ|された|に使われた)[^。、]{0,4}言語"
    r"|(?:用户|使用者)[^。，,]{0,8}(?:语言|語言)|(?:相同|同样|同一|一致)的?(?:语言|語言)|(?:提问|输入|问题)的?(?:所用的?)?(?:语言|語言)"
)
_ASKED = Lazy(
    rf"\bin (?:both |either |fluent |clear |formal |polite |natural |proper |only |the )*(?P<en>{_LIST})(?! (?:section|version|class"
    rf"|market|law|team|compan|texts?\b|files?\b|names?\b|words?\b|grammar))"
    rf"|\b(?:use|using|prefer|default to) (?P<use>{TONGUE})(?= (?:for|in|when|as|throughout|only|unless|at|by|and|or|with|always)\b"
    rf"|\s*(?:[^\w\s]|$))"
    rf"|\b(?P<only>{TONGUE}) only\b|\bonly (?P<just>{TONGUE})\b|\blanguage(?: is|:| =) *(?P<label>{_LIST})"
    rf"|(?P<ko>{_LIST})(?:\([^)]*\))?(?:으로|로)(?!서|부터|의)|(?P<kouse>{TONGUE})(?:만)?(?:을|를)?\s?(?:만\s)?사용(?!자)|언어(?:는|:"
    rf"|：)\s?(?P<kolabel>{_LIST})"
    rf"|(?P<ja>{_LIST})(?:で(?!は?な)|にて)|(?P<jause>{TONGUE})を(?:使|用い)|言語(?:は|:|：)\s?(?P<jalabel>{_LIST})"
    rf"|(?:用|使用|以|采用|採用|默认为?|预设)\s?(?P<zh>{_LIST})|(?P<zhto>{TONGUE})(?=输出|交付|沟通|交流|回复|回答|作答|答复|为主|对话)"
    rf"|(?:语言|語言)(?:为|是|:|：)\s?(?P<zhlabel>{_LIST})"
)

# --- what a clause is about --------------------------------------------------------------------------

_SCOPES: tuple[tuple[Scope, str], ...] = (
    (Scope.COMMENTS, r"\bcomments?\b|docstring|주석|コメント|注释|註解"),
    (
        Scope.COMMITS,
        r"\bcommits?\b|pull request|\bprs?\b|changelog|release notes?|커밋|풀 리퀘스트|コミット|プルリク|提交(?:信息|说明|消息)",
    ),
    (
        Scope.NAMES,
        r"identifier|variable|function names?|class names?|\bnaming\b|file names?|branch|식별자|변수|함수\s?명|파일\s?명|識別子|変数"
        r"|関数名|标识符|变量|函数名|命名",
    ),
    (
        Scope.INTERFACE,
        r"\bui\b|interface|labels?\b|error messages?|\blogs?\b|buttons?\b|화면|버튼|로그|오류 메시지|에러 메시지|画面|ボタン|ログ"
        r"|エラーメッセージ|界面|按钮|日志|错误(?:信息|消息)",
    ),
    (Scope.PROMPTS, r"\bprompts?\b|keywords?\b|프롬프트|プロンプト|提示词|关键词|咒语"),
    (
        Scope.TERMS,
        (r"\bterms?\b|terminology|\bjargon\b|proper nouns?|용어|고유\s?명사|用語|固有名詞|术语|专有名词|术名|缩写|原文|원문|原词"),
    ),
    (
        Scope.DOCUMENTS,
        r"documentation|\bdocs?\b|documents?\b|readme|reports?\b|specs?\b|specification|summar(?:y|ies)|emails?\b|articles?\b"
        r"|\btests?\b|titles?\b|headings?\b"
        r"|문서|보고서|리포트|명세|요약|메일|결과|제목|ドキュメント|文書|報告書|レポート|仕様|要約|メール|文档|报告|文件|摘要|邮件|标题",
    ),
    (Scope.CODE, r"\bcode\b|snippet|코드|コード|代码"),
)
_SCOPE = tuple((scope, Lazy(words)) for scope, words in _SCOPES)
_ANSWERS = Lazy(
    r"\b(?:respond|responses?|reply|replies|replying|answer|answers|answering|responding|communicate|communication|converse"
    r"|conversations?|interact|outputs?|chat)\b"
    r"|\b(?:speak|talk) (?:to|with)\b|\bspeak in\b|응답|답변|대답|회답|회신|출력|대화|소통|回答|返答|応答|返信|出力|対話|会話|答え"
    r"|やり取り|コミュニケーション|回复|回覆|答复|回应|输出|沟通|交流|作答|对话|交付"
)
_REPLYING = Lazy(r"\b(?:answer|respond|reply)|답변|응답|대답|回答|返答|応答|回复|答复")
# Verbs that need to be told what: followed at once by the language, they speak of all that is written.
_ALL = Lazy(
    r"\b(?:write|explain|think and write)(?: everything| all text| all output)?(?: back)?(?: only| always)? in (?:the |their |both "
    r"|fluent |the same )*"
    rf"(?:{TONGUE}|{_USER}|language|same)|(?:으로|로)\s(?:친절하게 |자세히 )?(?:설명|작성|안내)|で(?:丁寧に)?(?:説明|記述|書)"
)
_ALONE = Lazy(
    rf"(?!{TONGUE}$)(?:please |always |default to |by default |only |exclusively |use |in |write )*{TONGUE}(?: \([^)]*\))?(?: only"
    rf"| always| by default| at all times)?"
    rf"|(?:(?:answer|response|output|reply|conversation|communication|default) )?language(?: is|:| =) .*"
    rf"|(?:match|mirror|follow|use) (?:the )?(?:{_USER}['’]?s?['’]? |same )(?:\w+ )?language(?: as the {_USER})?(?: \([^)]*\))?"
    rf"|(?:항상|반드시|기본적으로|기본은|가급적)?\s*{TONGUE}(?:만)?(?:을|를)?\s?(?:만\s)?사용(?:한다|하세요|합니다|할 것|하기)?"
    rf"|(?:응답|답변|출력|대화|기본|사용)?\s?언어(?:는|:|：).*|(?:応答|回答|出力|返答|使用|対話)?言語(?:は|:|：).*"
    rf"|(?:常に|必ず|基本的に)?{TONGUE}を(?:使用|使う|使って|使い|用い).{{0,8}}"
    rf"|(?:回复|回答|输出|交付|沟通|默认|使用)?(?:语言|語言)(?:为|是|:|：).*"
    rf"|(?!{TONGUE}$)(?:请|默认|始终|全程|一律|统一|总是|必须|都)*(?:用|使用|以|采用)?{TONGUE}(?:为主|输出|交付|沟通|交流|回复|回答"
    rf"|作答|对话)?"
)

# --- what asks for nothing ------------------------------------------------------------------------

_SUBJECT = Lazy(r"translat|locali[sz]|번역|통역|翻訳|翻译|互译|翻譯|\bplain english\b|\blearn(?:ing)?\b|학습자|teach")
_ABILITY = Lazy(
    rf"^(?:the |our |most |all )?{_USER}s? (?:\w+ )?(?:writes?|speaks?|communicates?|asks?|talks?|responds?|replies|reply|answers?"
    rf"|provides?|gives?|sends?"
    rf"|types?)\b"
    r"|\bfluent|\bproficien|\bbilingual|\d개 국어|다국어|多言語|多语言|\bmultilingual|\bnative (?:speaker|level)|\b(?:can|could|may"
    r"|might|able to|capable of)\b|\bskilled\b|supports?\b|supporting"
    r"|유창|능통|능숙|구사|할 수 있|해도 된|流暢|堪能|話せ|できる|できます|流利|精通|擅长|能够|会说|可以|可用|支持|対応し|지원"
)
_FORBIDDEN = Lazy(
    r"\b(?:never|not|don['’]?t|avoid|no longer|without|instead of|rather than)\b|지\s*(?:마|말|않)|금지|말\s*것|대신|ないで"
    r"|ない(?:こと)?|禁止|避け|ません|代わりに|不要|不得|不用|勿|避免|别用|而不是"
)
_OTHER_THAN = Lazy(rf"\bother than (?:in )?({TONGUE})|({TONGUE})(?:以外|之外|\s?이외|\s?외)")
# Whatever the user does, this holds.
_FIRM = Lazy(
    r",?\s*\(?\b(?:regardless of|irrespective of|no matter|whatever the|even (?:if|when))\b[^.;)]*\)?"
    r"|[^.,。]*?(?:에|와|과)\s?(?:관계|상관)\s?없이,?|[^.,。]*?와 무관하게,?|[^。、]*?(?:に(?:関わらず|かかわらず|関係なく)"
    r"|を問わず)、?|(?:无论|不管|不论)[^。，,]*[，,]?"
)
_WHEN = Lazy(
    r"^(?:and |but |or |otherwise |then )?(?:when|if|whenever|for|where|should)\b|(?:면|경우|경우에는|때|때는|때에는|사용자에게는)$"
    r"|(?:場合|場合は|場合には|とき|ときは|時|時は|時には|たら|れば|なら|ば)$|^(?:当|如果|若|对于?|用户)|时$|的话$"
)
_UNLESS = Lazy(r"^(?:unless|except|until)\b|않는 한$|않는다면$|ない限り$|^除非")
_REQUESTED = Lazy(r"\b(?:asks?|asked|requests?|requested|needed|necessary|possible|appropriate)\b|요청|필요|要求|必要|依頼|需要")

_SENTENCE = Lazy(r"(?<=[.!?])\s+|(?<=[。！？；;])|\n+|\s[-–—]\s|\s*—\s*")
# "Commit messages: …", "File names → …": what stands behind is about that.
_LABEL = Lazy(r"(?:\[\w+\]\s*)?(?!https?)([^:：→，、。]{1,60}?)\s*(?::|：|→|=>|->)\s*(?=\S)")
_OF_ALL = Lazy(r"\b(?:language|tone|style|communication|general)\b|언어|말투|어조|言語|口調|语言|語言|语气|风格")
# What a template or guide explains is no directive to the agent.
_ABOUT = Lazy(r"^이 (?:템플릿|에이전트|문서|가이드)|^この(?:テンプレート|エージェント|文書|ドキュメント|ガイド)")
_CLAUSE = Lazy(
    r"[,，、;；](?!\s*(?:and |or )?" + TONGUE + r"\b(?!['’]))\s*|\s*:\s+(?=respond|reply|answer|use |always)"
    r"|\s+(?=(?:if|when|whenever|unless|except|but|while|keeping)\b)|\s+and (?=(?:write|use|keep|code|comments?|technical|all|answer"
    r"|respond|reply|leave)\b)"
    r"|(?<=면)\s+|(?<=경우에는)\s+|(?<=경우)\s+|(?<=때는)\s+|(?<=때)\s+|(?<=되)\s+|(?<=하고)\s+|(?<=며)\s+|(?<=는 한)\s+"
    r"|(?<=場合は)|(?<=場合には)|(?<=ときは)|(?<=時は)|(?<=たら)|(?<=れば)|(?<=なら)(?!な)|(?<=的话)|(?<=ない限り)|(?<=时)(?=就|用|请"
    r"|以|则|使)|(?<=[提写问])(?=就用)"
)
_BARE = Lazy(_LIST)
# Who names more languages lists what is supported.
_SEVERAL = 2
_MANY = Lazy(r"\b(?:all|every|each|any) (?=languages?)|\blanguages\b")


def directives_of(text: str) -> tuple[Directive, ...]:
    """What a statement asks for, each scope and language once; nothing when it asks for no language."""
    if len(text) > LONGEST or not _HINT.search(text):
        return ()
    bare = unicodedata.normalize("NFC", _MARKS.sub("", text)).lower().strip()
    if bare.endswith((":", "：")) and not _ANSWERS.search(bare):
        return ()  # "Always in English:" is about what is listed below.
    found: list[Directive] = []
    for sentence in _SENTENCE.split(bare):
        if sentence and _HINT.search(sentence) and not _SUBJECT.search(sentence):
            found.extend(_asked_for(sentence))
    if not found:
        return ()
    joined = _joined(found)
    whole = len(joined) == 1 and _says_no_more(bare)
    return tuple(Directive(follows=d.follows, languages=d.languages, scope=d.scope, whole=whole) for d in joined)


def states_ability(text: str) -> bool:
    """Whether a statement says that languages are mastered ("fluent in Korean and English"), and nothing else."""
    bare = unicodedata.normalize("NFC", _MARKS.sub("", text)).lower()
    return bool(_ABILITY.search(bare) and tongues_named(bare)) and _says_no_more(_ABILITY.sub(" ", bare))


def _joined(found: Iterable[Directive]) -> tuple[Directive, ...]:
    """Directives by scope, those that belong together as one."""
    by_scope: dict[Scope, list[Directive]] = {}
    for directive in found:
        by_scope.setdefault(directive.scope, []).append(directive)
    one = (together(each) for each in by_scope.values())
    return tuple(d for d in one if d is not None)


def _asked_for(sentence: str) -> Iterator[Directive]:
    """What the clauses of one sentence ask for."""
    other = _OTHER_THAN.search(sentence)
    if other:
        if _FORBIDDEN.search(sentence) and _ANSWERS.search(sentence):
            yield Directive(follows=Follows.NOTHING, languages=tongues_named(other[0]))
        return
    if _ABOUT.search(sentence):
        return
    firm = _FIRM.sub(" ", sentence)
    labelled = _LABEL.match(firm)
    if labelled and not _HINT.search(firm, labelled.end()):
        labelled = None
    label = labelled[1] if labelled else ""
    clauses = [clause.strip(" .。!！,，、:：()（）") for clause in _CLAUSE.split(firm[labelled.end() :] if labelled else firm)]
    clauses = [clause for clause in clauses if clause]
    condition = (tongues_named(label) or None) if label and not _OF_ALL.search(label) else None
    answering = bool(_ANSWERS.search(label))
    for n, clause in enumerate(clauses):
        if _UNLESS.search(clause):
            continue
        if _WHEN.search(clause) and (n or len(clauses) > 1):
            condition = condition if answering else _condition(clause)
            continue
        answering = bool(_ANSWERS.search(clause)) or (answering and clause.isascii())
        found = _of_clause(clause, label, answering, _trailing(clauses[n + 1 :]) if condition is None else condition)
        if found is not None:
            yield found


def _condition(clause: str) -> tuple[str, ...] | None:
    """The languages on which a clause ("when the user writes in Korean") makes the rest depend.

    "When you respond" is no condition; on any other (``?``) nothing general can be asked for.
    """
    named = tongues_named(clause)
    if named:
        return named
    return None if _ANSWERS.search(clause) and not _REQUESTED.search(clause) else ("?",)


def _trailing(rest: Iterable[str]) -> tuple[str, ...] | None:
    """The condition that follows ("respond in Korean if the user writes in Korean")."""
    behind = next(iter(rest), "")
    return _condition(behind) if _WHEN.search(behind) and behind.startswith(("if", "when")) else None


def _of_clause(clause: str, label: str, answering: bool, condition: tuple[str, ...] | None) -> Directive | None:
    """What one clause asks for; ``condition``: the languages of the user on which it depends."""
    if any(pattern.search(part) for pattern in (_FORBIDDEN, _ABILITY, _MANY) for part in (clause, label)):
        return None
    their, asked = _THEIR.search(clause), _ASKED.search(clause)
    general = _OF_ALL.search(label) is not None
    alone = _ALONE.fullmatch(clause) is not None or (general and _BARE.fullmatch(clause) is not None)
    if not their and not asked and not alone:
        return None
    scope = _scope(clause, label)
    if scope is None:
        if not (answering or (alone and (general or not label)) or _ALL.search(clause)):
            return None
        scope = Scope.ANSWERS
    if their:
        return Directive(follows=Follows.USER, languages=tongues_named(clause), scope=scope)
    named = tongues_named(asked[0] if asked else clause)
    if not named or len(named) > _SEVERAL:
        return None
    if condition is None:
        return Directive(follows=Follows.NOTHING, languages=named, scope=scope)
    return Directive(follows=Follows.USER, languages=named, scope=scope) if condition == named else None


def _scope(clause: str, label: str) -> Scope | None:
    """What a clause is about, by its words, then by its label's; ``None`` when neither says."""
    for part in (clause, label):
        scope = next((scope for scope, words in _SCOPE if words.search(part)), None)
        if scope in (Scope.CODE, Scope.DOCUMENTS, Scope.INTERFACE) and _REPLYING.search(part):
            scope = None  # "Answer questions about the code in Korean" is about answers.
        if scope is not None:
            return scope
    return None


# --- whether more is said -------------------------------------------------------------------------

_FILLING = Lazy(
    r"\b(?:please|always|must|should|shall|will|only|strictly|exclusively|you|your|the|an?|all|every|each|any|be|is|are|in|to|with|of"
    r"|for|by|at|as|and|or|both|either|them|they|their|it|user|users|customer"
    r"|customers|client|clients|human|respond|responds|responding|response|responses|reply|replies|replying|answer|answers|answering"
    r"|communicate|communicates|communicating|communication|converse|conversation"
    r"|conversations|speak|speaks|talk|write|writes|written|writing|output|outputs|message|messages|question|questions|query|request"
    r"|requests|input|prompt|interact|interaction|interactions|use|uses|used|using"
    r"|when|if|whenever|then|that|this|whichever|whatever|which|regardless|irrespective|matter|no|even|language|languages|same|own"
    r"|preferred|native|default|times|text|requested|asks|asked|ask"
    r"|match|mirror|follow|detect|s|ly|fluently|not|do|never|switch|unprompted|other|than|on|from|user['’]s|keep|everything)\b"
    rf"|{TONGUE}|\([^()]*\)"
    r"|항상|반드시|모든|무조건|기본적으로|기본|사용자|고객|질문|요청|입력|언어|답변|응답|대답|회답|회신|출력|대화|소통|의사|작성|사용"
    r"|설명|동일|같은|해당|관계없이|상관없이|경우|에게|에서|으로|하세요|하십시오|합니다|한다|하면|하되|해라|할|것|하는|하여|해|한|된|때"
    r"|의|를|을|은|는|이|가|와|과|로|에|도|만|면|말|글|쓰|다|님|께|그|당신|너"
    r"|常に|必ず|すべて|全て|基本的|ユーザー|質問|依頼|入力|言語|回答|返答|応答|返信|出力|対話|会話|説明|記述|使用|同じ|場合|とき|時"
    r"|行ってください|行う|行い|行って|してください|すること|される|された|します|しろ|する|して|された|使う|使って|使い|書い|書く"
    r"|関わらず|かかわらず|ください|です"
    r"|ます|こと|た|し|ら|れ|ば|の|を|は|が|に|で|と|も|い|へ|よ"
    r"|始终|总是|一律|全程|统一|必须|默认|所有|全部|用户|使用者|问题|提问|请求|输入|语言|語言|回答|回复|答复|输出|沟通|交流|作答|对话"
    r"|交付|使用|采用|相同|同样|无论|不管|哪种|什么|如果|时|请|都|用|以|为|主|的|就|则|与|和|或|来|进行|所|写|说|你|您|当|若|对",
)
# How to address the user ("用「你」") is something else.
_QUOTED = re.compile(r"[「『\"“'‘][你您][」』\"”'’]|用[你您]")
_LETTER = re.compile(r"[^\W\d_]")


def _says_no_more(bare: str) -> bool:
    """Whether nothing is left of a statement when the words of such directives are taken away."""
    return not _QUOTED.search(bare) and not _LETTER.search(_FILLING.sub(" ", bare))
