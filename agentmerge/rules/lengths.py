"""What a statement demands of the answer itself: a cap on its length, the matter alone, more words, a format.

Only statements about the answer count: in a section on output or communication, or that name it ("the response").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple


class Demand(StrEnum):
    """What may be demanded of an answer."""

    CAP = "a cap on its length"
    BARE = "the result only"
    BRIEF = "a short answer"
    SILENT = "no explanations"
    EXPLAIN = "explanations"
    DETAIL = "details"
    JSON = "JSON only"
    MARKDOWN = "Markdown"
    PLAIN = "plain text only"
    TABLE = "a table"


class Asked(NamedTuple):
    """A demand, the words that make it, and how much of the statement they are (0 to 1)."""

    demand: Demand
    words: str
    share: float


# What rules out what. Two caps differ in a number and belong to another rule.
_AGAINST: Mapping[Demand, frozenset[Demand]] = {
    Demand.CAP: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.BARE: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.BRIEF: frozenset((Demand.DETAIL,)),
    Demand.SILENT: frozenset((Demand.EXPLAIN, Demand.DETAIL)),
    Demand.JSON: frozenset((Demand.MARKDOWN, Demand.PLAIN, Demand.TABLE)),
    Demand.PLAIN: frozenset((Demand.MARKDOWN, Demand.TABLE)),
}
_I = re.IGNORECASE
_ANSWER = re.compile(
    r"\b(?:responses?|answers?|repl(?:y|ies)|final (?:message|result|report|output|summary)|outputs?|respond)\b"
    r"|결과|답변|응답|출력|보고|회신|回答|返答|応答|出力|結果|報告|输出|回复|答复|结果|应答",
    _I,
)
# A part of an answer, or something that is no answer: a cap on it is no cap on the answer.
_PART = re.compile(
    r"\b(?:each|every|per|executive|commits?|titles?|descriptions?|subject|headlines?|names?|sections?|paragraphs?|comments?|functions?|files?|class(?:es)?|"
    r"methods?|entr(?:y|ies)|items?|fields?|steps?|emails?|tweets?|posts?|captions?|slides?|docstrings?|stor(?:y|ies)|quotes?|snippets?|intro|overview|"
    r"tests?|logs?|errors?|API|endpoints?|http|seconds?|time|tokens?)\b|각|커밋|제목|설명은|섹션|함수|파일|항목당|당|각각|각\s|コミット|タイトル|関数|ファイル|ごと|各|毎"
    r"|提交|标题|函数|文件|每|各|段落|单句|字幕",
    _I,
)
_COUNT = r"(?:\d{1,4}|one|two|three|four|five|six|ten|한|두|세|一|二|三|两|数)"
_SPAN = rf"{_COUNT}(?:\s*(?:-|–|—|~|～|to|or|에서|から|到|至)\s*{_COUNT})?"
_CAP = re.compile(
    rf"\b{_SPAN}[ -](?:short |concise |brief )?(?:sentences?|lines|words|paragraphs?|bullets?(?: points?)?)\b"
    rf"|(?:최대\s*)?{_SPAN}\s*(?:개?\s*문장|줄|단어|글자|개\s*(?:이하|이내|항목|bullet)|자\s*(?:이내|이하))|(?:bullet|불릿|글머리).{{0,20}}최대\s*{_SPAN}\s*개"
    rf"|{_SPAN}\s*(?:文(?:以内|程度|で|に)|行(?:以内|程度|で)|文字以内|字以内|項目(?:以内|まで)|点(?:以内|まで))"
    rf"|{_SPAN}\s*(?:句话?|行以内|字以内|个?要点|条(?:以内|要点)?)",
    _I,
)
_LIMITS = re.compile(
    r"\b(?:at most|max(?:imum)?|up to|no more than|within|under|limit\w*|only|keep|summari[sz]e|in|not exceed|cap\w*)\b|≤|<="
    r"|최대|이내|이하|요약|만|까지|以内|まで|要約|最大|最多|不超过|以内|总结|概括|限",
    _I,
)
_OF_ANSWER: Mapping[Demand, re.Pattern[str]] = {
    Demand.BARE: re.compile(
        r"\b(?:summary|results?|final (?:results?|answer)|conclusions?|findings) only\b"
        r"|\bonly (?:the |a )?(?:brief |short |final )?(?:summary|results?|answer|conclusions?)\b"
        r"|(?:결과|요약|결론|핵심(?:\s*발견사항)?)만|(?:結果|要約|結論|サマリー)(?:だけ|のみ)|(?:只|仅)(?:需)?(?:返回|输出|给出|报告)?(?:最终)?(?:结果|摘要|结论|总结)",
        _I,
    ),
    Demand.BRIEF: re.compile(
        r"\b(?:keep|make) (?:all |your |the |every )?(?:final )?(?:responses?|answers?|repl(?:y|ies)|outputs?|reports?|messages?)\s+(?:as )?(?:very |extremely )?(?:short|brief|concise|terse|minimal)"
        r"|\b(?:short|brief|concise|terse) (?:responses?|answers?|replies|outputs?)\b|\b(?:respond|answer|reply) (?:briefly|concisely|tersely)\b"
        r"|\b(?:be|stay) (?:brief|concise|terse)\b"
        r"|(?:답변|응답|출력|결과)[은는을를]?\s*(?:최대한\s*)?(?:짧게|간결하게|간단히)|간결(?:한|하게)\s*(?:답변|응답|출력)|(?:짧게|간결하게)\s*(?:답변|응답|대답)"
        r"|(?:回答|応答|返答|出力)[はを]\s*(?:できるだけ)?(?:短く|簡潔に)|簡潔[なに]\s*(?:回答|応答|返答|出力|答え)|(?:短く|簡潔に)\s*(?:回答|応答|答え)"
        r"|(?:回答|回复|答复|输出)(?:要|应|尽量|保持|必须)*\s*(?:简短|简洁|简明)|(?:简短|简洁|简明)(?:地)?(?:的)?\s*(?:回答|回复|答复|输出)",
        _I,
    ),
    Demand.SILENT: re.compile(
        r"\b(?:no|without(?: any)?|omit|skip|do not (?:include|add|provide|give|write)|don['’]t (?:include|add|provide|give|write)) (?:any )?(?:explanations?|commentary|prose|preamble)\b"
        r"|\b(?:code|diff|patch) only\b|\bonly (?:the )?(?:code|diff|patch)\b(?! (?:that|which|you|files?|changes?|review))"
        r"|\bdo not explain\b|\bdon['’]t explain\b"
        r"|설명\s*(?:없이|생략|금지|하지\s*(?:말|않))|코드만\s*(?:출력|반환|답변|제시)|説明(?:なし|は不要|を省|しない|せず)|コードのみ|コードだけ"
        r"|(?:不要|无需|不用|禁止|省略)(?:任何)?(?:添加|提供)?(?:解释|说明)|(?:只|仅)(?:返回|输出|给出)代码",
        _I,
    ),
    Demand.DETAIL: re.compile(
        r"\b(?:provide|give|include|write|return|offer|deliver|produce)\b[^.;]{0,30}\b(?:detailed|comprehensive|in-depth|thorough|extensive|exhaustive|full|long)\b[^.;]{0,25}"
        r"\b(?:explanations?|responses?|answers?|reports?|write-?ups?|reasoning|rationale)\b"
        r"|\b(?:explain|describe|respond|answer|report)\b[^.;]{0,40}\bin (?:full )?(?:depth|detail)\b|\b(?:detailed|comprehensive|in-depth|thorough) (?:explanations?|responses?|answers?)\b"
        r"|(?:상세|자세)(?:한|하게|히)\s*(?:설명|보고|답변|응답)|(?:답변|응답|설명|보고)[은는을를]?\s*(?:상세|자세)(?:하게|히)"
        r"|詳細[なに]\s*(?:説明|報告|回答|レポート)|詳しく\s*(?:説明|報告|回答)|(?:説明|回答|報告)[はを]\s*(?:詳細に|詳しく)"
        r"|详细(?:地|的)?\s*(?:解释|说明|回答|报告|回复|阐述)|(?:回答|回复|说明|解释|报告)(?:要|应|必须|尽量)*\s*(?:详细|详尽)",
        _I,
    ),
    Demand.EXPLAIN: re.compile(
        r"\b(?:provide|give|include|offer|add)\b[^.;]{0,30}\b(?:explanations?|reasoning|rationale|justifications?)\b"
        r"|(?:^|[.;:,] |\b(?:and|always|must|should|to|then) )explain (?:your|the|each|every|key|all|any|why|how|what)\b"
        r"|설명(?:을|도)?\s*(?:제공|포함|추가|덧붙|함께|한다|하세요|하라|할 것|해야|합니다)|(?:이유|근거)(?:를|도|와)?\s*(?:함께\s*)?(?:설명|제시|서술)"
        r"|説明(?:を|も)\s*(?:提供|含め|添え|付け|加え|行)|説明(?:する|してください|すること)|(?:理由|根拠)(?:を|も)\s*(?:説明|述べ|示)"
        r"|(?:提供|给出|附上|包含|添加)[^。；]{0,12}(?:解释|说明|理由)|(?:解释|说明)(?:每|关键|设计|你的|所有|其|原因|理由|为什么)",
        _I,
    ),
    Demand.JSON: re.compile(
        r"\bjson only\b|\bonly (?:with )?(?:a |an |the )?(?:valid |raw |single )?json\b|\b(?:respond|reply|answer|return|output)\b[^.;]{0,25}\b(?:exclusively|solely|nothing but|strictly)\b[^.;]{0,15}\bjson\b"
        r"|json(?:으로|\s*형식)?(?:으로)?만|json(?:形式)?(?:のみ|だけ)|(?:只|仅)(?:返回|输出|回复|用)?\s*(?:有效的?\s*)?json",
        _I,
    ),
    Demand.PLAIN: re.compile(
        r"\bplain[- ]text only\b|\bonly plain[- ]text\b|\bno markdown\b|\bwithout markdown\b|\bdo not use markdown\b|\bdon['’]t use markdown\b"
        r"|마크다운(?:을|은)?\s*(?:사용\s*)?(?:금지|없이|쓰지|하지)|마크다운\s*사용하지|(?:일반|평문)\s*텍스트로만|マークダウン(?:は|を)?\s*(?:禁止|使わ|使用しない)|プレーンテキストのみ"
        r"|(?:不要|禁止|不)(?:使用)?\s*markdown|(?:只|仅)(?:返回|输出|用)?纯文本",
        _I,
    ),
    Demand.MARKDOWN: re.compile(
        r"\b(?:as|in|a|with|using)\b (?:a )?(?:well-structured |structured |clean |formatted )?markdown(?: (?:report|document|format|file|summary|sections?))?\b(?! (?:files?|links?|parser|syntax))"
        r"|\bmarkdown (?:report|format)\b"
        r"|마크다운(?:\s*(?:형식|보고서|문서))?\s*(?:으로|로)|마크다운\s*(?:형식|보고서)|markdown\s*(?:형식|보고서)|(?:マークダウン|markdown)(?:形式|レポート|で)|markdown\s*(?:格式|报告)|(?:使用|用|以)\s*markdown",
        _I,
    ),
    Demand.TABLE: re.compile(
        r"\b(?:as|in|using|into) a (?:markdown |summary |comparison )?table\b|(?:표|테이블)(?:\s*형식)?(?:으로|로)\s*(?:출력|정리|보고|제시|작성)|表(?:形式)?で(?:出力|報告|示|まとめ)|(?:以|用)表格",
        _I,
    ),
}
_FORMATS = frozenset((Demand.JSON, Demand.MARKDOWN, Demand.PLAIN, Demand.TABLE))
_UNLESS = re.compile(
    r"\b(?:unless|if (?:asked|requested|needed|the user)|when (?:asked|requested|needed)|on request)\b|요청\s*(?:시|하면|하지)|求められ|要求时|除非",
    _I,
)


def demands_of(text: str, *, about_output: bool) -> tuple[Asked, ...]:
    """What a statement demands of the answer; ``about_output``: its section is about the answer.

    A statement with a way out ("unless asked") demands nothing that another could contradict.
    """
    if len(text) > 500 or _UNLESS.search(text) or not (about_output or _ANSWER.search(text)):
        return ()
    found = list(_caps(text))
    for demand, pattern in _OF_ANSWER.items():
        match = pattern.search(text)
        if match and (demand in _FORMATS or not _of_a_part(text, match)):
            found.append(Asked(demand, match[0].strip(), len(match[0]) / max(1, len(text))))
    silent = {asked.demand for asked in found} & {Demand.SILENT}
    return tuple(asked for asked in found if not (silent and asked.demand in (Demand.EXPLAIN, Demand.DETAIL)))


def _caps(text: str) -> Iterator[Asked]:
    match = _CAP.search(text)
    if match and _LIMITS.search(text) and not _PART.search(text) and (_ANSWER.search(text) or _BARE_SUBJECT.search(text)):
        yield Asked(Demand.CAP, match[0].strip(), len(match[0]) / max(1, len(text)))


# In a section on output a line such as "3-5 sentences at most" or "Summarise in 3 sentences" speaks of the answer.
_BARE_SUBJECT = re.compile(
    r"^\W*(?:\d|at most|max|up to|no more than|keep it|summari[sz]e|limit yourself|be|최대|핵심|요약|最大|要約|最多|总结|不超过)|요약|要約",
    _I,
)
_OTHER_MATTER = re.compile(
    r"\b(?:error|commit|log|test|code comments?|docstring|API|documentation|README|changelog|ticket|issue|user stor|alt text)\b[^.;]{0,20}$|에러|오류|커밋|로그|문서에|エラー|コミット|ログ|错误|提交|日志",
    _I,
)


def _of_a_part(text: str, match: re.Match[str]) -> bool:
    """Whether the words are about something other than the answer: error messages, commits, documentation."""
    return _OTHER_MATTER.search(text[max(0, match.start() - 30) : match.start()] + match[0]) is not None


def rule_out(one: Demand, other: Demand) -> bool:
    """Whether an answer cannot meet both demands."""
    return other in _AGAINST.get(one, ()) or one in _AGAINST.get(other, ())


def is_cap(demand: Demand) -> bool:
    """Whether a demand limits the answer, as the stricter of two does."""
    return demand in (Demand.CAP, Demand.BARE, Demand.BRIEF, Demand.SILENT)
