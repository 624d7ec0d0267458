"""What a unit claims: its facets (clauses as sets of concepts), numbers, polarity, technologies.

A composite line ("JWT, OAuth2, sessions; hashing; RBAC") has a facet for each of its parts, so
two lines can be compared by the claims that they share rather than as bags of words.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from agentmerge.merge.lexicon import ConceptClass, Lexicon, Mention, Normal, normalise
from agentmerge.merge.loanwords import loanword
from agentmerge.merge.markdown import PROSE_FENCES
from agentmerge.merge.place import Place, around_of, places_of
from agentmerge.model import Agent, HeadingStyle, Kind, Section, Unit
from agentmerge.rules.text.answer_words import directives_of
from agentmerge.rules.text.answers import Directive

HEADING_LIKE = frozenset((Kind.HEADING, Kind.LEAD))
STATEMENTS = frozenset((Kind.ITEM, Kind.CHECK, Kind.SENTENCE))

# Where one clause ends and the next begins, in normalised text.
_CUT = re.compile(
    "\x02+| (?:and|or|plus|as well as)(?= )|(?P<ko>및|그리고|또는|혹은)|(?P<particle>[와과])"
    "|以及|或者|[和与及或](?=[\u3400-\u9fff])|および|または"
)
_ENDS = " \x02"
_NUMBER = re.compile(r"(?<![A-Za-z0-9_./])(?<!/[vV])[vV]?(\d+(?:[.,]\d+)*)[ \t-]{0,2}([%％]|[A-Za-z]+|[\u3041-\ud7a3]{1,3})?")
# Words of negation in English, and in the scripts of the other languages; a text in ASCII needs the first only.
# To prevent is to see that something is not: as the verb of a clause it says the same as "avoid".
_NEGATIVE = re.compile(
    r"\b(?:not|never|no|don['’]?t|doesn'?t|do not|cannot|can'?t|must ?n[o']t|should ?n[o']t|avoid(?:s|ing|ed)?|without|missing|"
    r"lack(?:s|ing)?(?: of)?|refrain|forbid(?:den)?|prohibit(?:ed)?|isn'?t|aren'?t|won'?t|nor|neither|instead of|rather than|"
    r"skip(?:ping)?)\b|(?:^|[.;:(][ \t]*)prevent\b"
)
_NEGATIVE_ELSEWHERE = re.compile(
    r"(?:방지|방어|차단)(?:한다|하기|하세요|합니다|함)?[ \t]*(?=$|[.,)])|防止(?:する)?(?=$|[。、])|防ぐ(?=$|[。、])|"
    r"(?:^|[，。；、])(?:防止|预防)|"
    r"금지|하지\s*(?:마|말|않|못)|지\s*(?:마|말|않|못)|않(?:는|도록|고|음|아|을|은)|말\s*것|말아야|없(?:이|는|음|도록|다|어)|"
    r"피(?:하|한|할|해|함)|삼가|누락|미사용|안\s*됨|아니|"
    r"禁止|(?:し|い|れ|せ|え|ら|か|さ|み)?(?<![少危切])ない(?!し|ほど)|ません|せず|ずに|なくても|避け|なし(?!に)|なしの|欠如|欠け|欠落|代わりに|べからず|不可|"
    r"不要|不得|不能|不应|不可|不会|不用|切勿|请勿|勿|避免|严禁|没有|无需|嚴禁|請勿|不應|不會|沒有|無需|(?<![识级特分类区差个辨鉴性告离])别(?!名|的|人|于)|非必要|缺少|缺失",
)
# Two negations that make a demand: "must", word for word "must not not".
_DOUBLE = re.compile(
    r"な(?:ければ|くては|いと)(?:ならない|なりません|いけない|いけません|だめ)|ざるを得ない|(?:하)?지\s*않(?:으면|고는)\s*(?:안|못)\s*\S*|안\s*하면\s*안\s*\S*"
    r"|不得不|不能不|必不可少|不可或缺|not only|no matter|no later than"
)
# A heading that turns its list around: what stands below is what must not be done.
_NEGATIVE_HEADING = re.compile(
    r"anti-?\s?patterns?|\bavoid|\bnever\b|\bdon['’]?ts?\b|\bdo not\b|\bmust not\b|prohibit|forbid|out of scope|not to\b|not do"
    r"|not your (?:job|concern|responsib)|not responsible|not in scope|outside (?:your|the|my) scope"
    r"|담당하지\s*않|担当外|担当しない|不负责|不負責|范围之外"
    r"|mistakes|pitfalls|red flags|warning signs|failure modes"
    r"|안티\s*패턴|금지|하지\s*(?:말|않|마)|피해야|피할|실수|함정|(?:위험|경고)\s*신호|범위\s*(?:밖|외)|アンチパターン|禁止|避けるべき|しないこと|やらない|てはいけない|てはならない|よくある(?:間違い|ミス|失敗)|落とし穴|(?:範囲|対象|スコープ)外|レッドフラグ|危険信号|警告サイン|使用(?:すべきでない|しない)|反模式|禁止|避免|不要|切勿|禁忌|误区|常见错误|陷阱|范围外|超出范围|不在范围|何时不|不适用|(?:危险|警告)信号"
    r"|陷阱|罠|誤區|常見錯誤|範圍外|超出範圍|不在範圍|何時不|不適用|(?:危險|警告)(?:信號|訊號)",
    re.IGNORECASE,
)


class Facet(NamedTuple):
    """One clause: its concepts (unknown words as ``w:stem``) and whether it is negated.

    ``wide`` adds the concepts that longer terms are made of ("error message": error, message);
    it is for texts of one language, since languages build their terms differently.
    """

    concepts: frozenset[str]
    wide: frozenset[str]
    negative: bool
    label: bool = False


class Reading(NamedTuple):
    """What one unit claims, in the words of the lexicon."""

    unit: Unit
    title: frozenset[str]
    facets: tuple[Facet, ...]
    concepts: frozenset[str]
    wide: frozenset[str]
    numbers: frozenset[str]
    technologies: frozenset[str]
    negative: bool
    place: Place
    context: frozenset[str]
    template: bool
    flipped: bool
    directives: tuple[Directive, ...]
    literals: frozenset[str]
    quoted: bool
    key: str

    @property
    def is_statement(self) -> bool:
        """Whether the unit says something on its own: no heading, code, row or markup."""
        return self.unit.kind in STATEMENTS

    @property
    def heading_like(self) -> bool:
        return self.unit.kind in HEADING_LIKE


_MARKS = re.compile(r"[*`~_#\[<]")


def plain(text: str) -> str:
    """A unit's words without Markdown's marks."""
    if not _MARKS.search(text):
        return text.strip()
    text = re.sub(r"^#{1,6}\s+|\s#+$", "", text)
    text = re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", text)
    text = re.sub(r"</?[A-Za-z][\w.-]*[^<>]*>|<!--.*?-->", " ", text, flags=re.DOTALL)
    return re.sub(r"[*`~]+|(?<!\w)_+|_+(?!\w)", "", text).strip()


def concepts_of(text: str, lexicon: Lexicon) -> frozenset[str]:
    """Concepts of a text, with the words that no concept covers as ``w:word``."""
    facets = _facets(normalise(text), lexicon, flipped=False)
    return frozenset[str]().union(*(facet.concepts for facet in facets))


_WORD = re.compile(r" ([\x21-\u2fff]+)(?= )|([\uac00-\ud7a3]+|[\u30a1-\u30fc]+|[\u3400-\u9fff]+)")
_JOSA = re.compile(
    r"(?<=.{2})(?:으로부터|에서는|으로서|으로써|에게서|까지|부터|에서|에게|으로|이나|라도|처럼|보다|하여|하고|하는|하며|한다|합니다|하세요|할|한|된|되는"
    r"|됩니다|된다|은|는|이|가|의|에|로|와|과|도|만|나|및)$"
)


def _facets(normal: Normal, lexicon: Lexicon, *, flipped: bool, label: str = "") -> tuple[Facet, ...]:
    """The clauses of a text with what each says; those of its ``label`` are marked."""
    mentions = lexicon.mentions(normal)
    named = _end_of_label(normal, label)
    # A dash behind a label is no mark that the normalised text has.
    cuts = sorted({*_cuts(normal, mentions), named} if named else _cuts(normal, mentions))
    found: list[set[str]] = [set() for _ in range(len(cuts) + 1)]
    parts: list[set[str]] = [set() for _ in found]
    covered = bytearray(len(normal.text) + 1)
    for mention in mentions:
        at = bisect_right(cuts, mention.start)
        if mention.part:
            parts[at].add(mention.concept)
            continue
        covered[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)
        found[at].add(mention.concept)
        if mention.concept in lexicon.broader:
            found[at].add(lexicon.broader[mention.concept])
    for start, word in _unknown(normal, covered):
        found[bisect_right(cuts, start)].add(_by_sound(word, lexicon) or "w:" + word)
    negated = {bisect_right(cuts, at) for at in _negations(normal)}
    if 0 in negated and all(concept == "avoid" or negates(concept) for concept in found[0]):
        negated.update(range(len(found)))  # "Never: commit secrets"
    facets: list[Facet] = []
    for n, concepts in enumerate(found):
        if concepts:
            own = frozenset(concepts)
            begins = cuts[n - 1] if n else 0
            facets.append(Facet(own, own | parts[n], (n in negated) != flipped, begins < named))
    return tuple(facets)


def _end_of_label(normal: Normal, label: str) -> int:
    """Where in a normalised text its label ends; 0 when it has none, or is nothing else."""
    words = normalise(plain(label)).text.rstrip(_ENDS) if label else ""
    return len(words) if normal.text.startswith(words) and len(words) < len(normal.text.rstrip(_ENDS)) else 0


def _by_sound(word: str, lexicon: Lexicon) -> str | None:
    """The concept of a loanword that no term names; anything but Hangul and Kana is no loanword."""
    concept = loanword(word) if word[0] > "\u3000" else None
    return concept if concept in lexicon.kinds else None


def _as_one(facets: Sequence[Facet]) -> tuple[Facet, ...]:
    """Code makes one claim: what it shows; its punctuation ends no clauses."""
    concepts = frozenset[str]().union(*(facet.concepts for facet in facets))
    wide = frozenset[str]().union(*(facet.wide for facet in facets))
    return (Facet(concepts, wide, False),) if concepts else ()


def _cuts(normal: Normal, mentions: Sequence[Mention]) -> list[int]:
    """Where clauses end; never inside a term ("pros and cons")."""
    cuts = []
    for match in _CUT.finditer(normal.text):
        at, end = match.span()
        if match.lastgroup == "ko" and not (at in normal.starts and end in normal.starts):
            continue
        if match.lastgroup == "particle" and (at in normal.starts or end not in normal.starts):
            continue
        if not any(m.start < at < m.end - 1 for m in mentions if not m.part):
            cuts.append(end)
    return cuts


def negates(word: str) -> bool:
    """Whether an unknown word (``w:않는다``) is one of negation, which is no claim of its own."""
    return bool(_NEGATIVE.search(word[2:]) or _NEGATIVE_ELSEWHERE.search(word[2:])) if word.startswith("w:") else False


def _negations(normal: Normal) -> Iterable[int]:
    """Where in the normalised text words of negation stand."""
    negations = [match.start() for match in _NEGATIVE.finditer(normal.origin)]
    if not normal.origin.isascii():
        negations += [match.start() for match in _NEGATIVE_ELSEWHERE.finditer(normal.origin)]
    if not negations:
        return
    origins = [origin for _, origin in normal.places]
    doubled = [match.span() for match in _DOUBLE.finditer(normal.origin)]
    for at in negations:
        if not any(start <= at < end for start, end in doubled):
            yield normal.places[max(0, bisect_right(origins, at) - 1)][0]


def _unknown(normal: Normal, covered: bytearray) -> Iterable[tuple[int, str]]:
    """The content words that no concept covers, and where each starts."""
    for match in _WORD.finditer(normal.text):
        if match.group(1):
            word = match.group(1)
            if len(word) > 1 and word not in _STOP_WORDS and not any(covered[match.start(1) : match.end(1)]):
                yield match.start(1), word
            continue
        start = match.start()
        for end in range(start + 1, match.end() + 1):
            if end < match.end() and end not in normal.starts:
                continue
            word = _JOSA.sub("", normal.text[start:end])
            if len(word) > 1 and word not in _STOP_WORDS and not any(covered[start:end]):
                yield start, word
            start = end


_STOP_WORDS = frozenset(
    """
    don never not always the and for are with that this from when into its our your you they them their then than
    has have had was were will can may any all each every only also such via per but who how what which where why
    while if of to in on at by be is it as or an do so we us no yes being been does did these those there here
    over under about between within across more most less other another some both just even like should must would
    could shall might 위해 대한 대해 통해 따라 경우 때 등 것 수 및 의 그 이 저 ため こと もの よう 等 的 了 在 是 对 中 并 将 为
    """.split()  # noqa: SIM905 - a hundred quoted words are no clearer
)


@cache
def turns_around(title: str) -> bool:
    """Whether a heading says that what stands below it must not be done."""
    return bool(_NEGATIVE_HEADING.search(title))


def read_claims(agent: Agent, lexicon: Lexicon) -> tuple[Reading, ...]:
    """A reading of each unit of an agent, in file order."""
    sections = {section.id: section for section in agent.sections}
    titles = {section.id: concepts_of(plain(section.title), lexicon) for section in agent.sections}
    places = places_of(agent)
    return tuple(_reading(unit, places[unit.id], sections, titles, lexicon) for unit in agent.units)


_TEMPLATE_FENCES = PROSE_FENCES | {"plaintext"}
_CODE_LINE = re.compile(r"[;{}=]|\w\(|^\s*[$#]?\s*(?:npm|npx|yarn|git|pip|docker|python|curl|cd)\b")


def is_template(unit: Unit) -> bool:
    """Whether a fenced block shows prose to be written (a report to fill in) rather than code."""
    if unit.kind is not Kind.CODE or (unit.info.split() or [""])[0].lower() not in _TEMPLATE_FENCES:
        return False
    lines = [line for line in unit.text.split("\n")[1:-1] if line.strip()]
    return sum(bool(_CODE_LINE.search(line)) for line in lines) <= 0.3 * len(lines)


def _reading(unit: Unit, place: Place, sections: Mapping[str, Section], titles: Mapping[str, frozenset[str]], lexicon: Lexicon) -> Reading:
    template = is_template(unit)
    if template:
        text = plain(unit.text.split("\n", 1)[-1].rstrip("`~"))
    else:
        text = plain(unit.text) if unit.kind is not Kind.CODE else code_words(unit.text)
    section = sections[unit.section]
    chain = list(around_of(section, sections))
    # A tag opens a section of its own, wherever in a file it stands.
    near = chain[:1] if section.style is HeadingStyle.TAG else chain[:2]
    flipped = unit.kind not in HEADING_LIKE and any(turns_around(s.title) for s in near)
    if unit.id == section.heading:
        title = titles[section.id]
    else:
        title = concepts_of(unit.label, lexicon) if unit.label else frozenset()
    if unit.kind is Kind.LEAD:
        title = concepts_of(text, lexicon)
    normal = normalise(text)
    facets = _facets(normal, lexicon, flipped=flipped, label=unit.label)
    if unit.kind is Kind.CODE and not template:
        facets = _as_one(facets)
    concepts = frozenset[str]().union(*(facet.concepts for facet in facets))
    wide = frozenset[str]().union(*(facet.wide for facet in facets))
    technologies = frozenset(c for c in concepts if is_technology(c, lexicon)) | names_of(text, lexicon)
    return Reading(
        unit=unit,
        title=title,
        facets=facets,
        concepts=concepts,
        wide=wide,
        numbers=frozenset(numbers_of(text)) if unit.kind is not Kind.CODE else frozenset(),
        technologies=technologies,
        negative=any(facet.negative for facet in facets if not facet.label),
        place=place,
        context=titles[place.sections[0]],
        template=template,
        flipped=flipped,
        directives=directives_of(text) if unit.kind is not Kind.CODE else (),
        literals=literals_of(unit.text) if unit.kind is not Kind.CODE else frozenset(),
        quoted=bool(_QUOTED.fullmatch(text)),
        key=normal.text if unit.kind is not Kind.CODE else " ".join(unit.text.split()),
    )


def reread(reading: Reading, text: str, lexicon: Lexicon, *, label: str = "") -> Reading:
    """The reading of a statement of which only ``text`` stands, with its ``label`` or without."""
    words = plain(text)
    normal = normalise(words)
    facets = _facets(normal, lexicon, flipped=reading.flipped, label=label)
    concepts = frozenset[str]().union(*(facet.concepts for facet in facets))
    return reading._replace(
        facets=facets,
        concepts=concepts,
        wide=frozenset[str]().union(*(facet.wide for facet in facets)),
        numbers=frozenset(numbers_of(words)),
        technologies=frozenset(c for c in concepts if is_technology(c, lexicon)) | names_of(words, lexicon),
        negative=any(facet.negative for facet in facets if not facet.label),
        literals=literals_of(text),
        key=normal.text,
    )


# What somebody says, as a whole: a request that the agent may hear.
_QUOTED = re.compile(r"\"[^\"]+\"|“[^“”]+”|「[^「」]+」|『[^『』]+』")
_LITERAL = re.compile(r"`([^`\n]+)`|(https?://[^\s)>\]]+)")


_NAME = re.compile(r"(?<=[a-z0-9,;:)] )[A-Z][A-Za-z0-9+#]*")


def names_of(text: str, lexicon: Lexicon) -> frozenset[str]:
    """Proper names that the lexicon does not know, as ``n:go``: capitalised inside a sentence."""
    names = list(_NAME.finditer(text))
    others = text.split()[1:] if names else ()
    if sum(word[:1].isupper() and not word.isupper() for word in others) * 2 > len(others):
        return frozenset()  # In a Title Every Word Is Capitalised.
    found = set()
    for match in names:
        name = match.group()
        known = lexicon.mentions(normalise(name))
        if _begins_clause(text, match) and (known or name.lower() in _STOP_WORDS):
            continue
        if all(lexicon.kinds[mention.concept] == ConceptClass.GENERIC for mention in known):
            found.add("n:" + name.lower())
    return frozenset(found)


def _begins_clause(text: str, match: re.Match[str]) -> bool:
    """Whether a word begins what a lead leads in ("**Types**: Use type hints"): its capital says nothing there."""
    return text[match.start() - 2] == ":" and text[match.end() : match.end() + 1] not in ("", *",;)/")


def literals_of(text: str) -> frozenset[str]:
    """What a text names to the letter: inline code and addresses."""
    return frozenset(code or address.rstrip(".,;:!?") for code, address in _LITERAL.findall(text))


def numbers_of(text: str) -> Iterable[str]:
    """Numbers with their unit of measure (``80%``, ``3``, ``500lines``), as a guard compares them."""
    for match in _NUMBER.finditer(text):
        number = match.group(1).replace(",", "").rstrip(".")
        yield (number.rstrip("0").rstrip(".") if "." in number else number) + _measure((match.group(2) or "").lower())


@cache
def _measures() -> Mapping[str, str]:
    """The unit of measure that each word names, in four languages."""
    return {word: unit for unit, words in _MEASURES.items() for word in words.split()}


_MEASURES = {
    "%": "% ％ 퍼센트 percent",
    "ms": "ms",
    "s": "s sec second seconds 초 秒",
    "min": "min minute minutes 분 分",
    "h": "h hour hours 시간 時間 小时",
    "d": "d day days 일 日 天",
    "kb": "kb",
    "mb": "mb",
    "gb": "gb",
    "px": "px",
    "lines": "line lines 줄 行",
    "chars": "char chars character characters 자 글자 文字 字",
}


def _measure(word: str) -> str:
    """The unit that a word behind a number names: whole for Latin, at its start elsewhere."""
    known = _measures()
    if word in known:
        return known[word]
    if word and word[0] > "\u3000":
        return next((known[word[:size]] for size in (3, 2, 1) if word[:size] in known), "")
    return ""


def is_technology(concept: str, lexicon: Lexicon) -> bool:
    """Whether a concept is a named technology, which a guard never lets pass for another."""
    return lexicon.kinds.get(concept) == ConceptClass.TECHNOLOGY


_CODE_START = 1000


def code_words(text: str) -> str:
    """The identifiers at the start of a code block, as words: what it is about shows there."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", text[:_CODE_START])
