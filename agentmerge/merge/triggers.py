"""What a description says: its sentences, its examples, and whether it urges to use the agent unasked."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agentmerge.merge.sentences import language_of, sentence_spans

_OPENING_TAG = re.compile(r"<([a-z][\w-]+)\b[^<>]*>", re.IGNORECASE)
_CLOSING_TAG = re.compile(r"</([a-z][\w-]+)>", re.IGNORECASE)
_EXAMPLE = "example"
# Markup of words, and a whole description: what stands in it is not set apart.
_INLINE = frozenset(("em", "strong", "code", "description", "commentary"))
# Where a tagged example stood, with the word that led it in.
_GAP = "\x00"
_LED_GAP = re.compile(rf"(?:[\w ]{{2,30}}[:：]\s*)?{_GAP}", re.IGNORECASE)
_REMARK = re.compile(r"<commentary>.*?(?:</commentary>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"</?(?:examples?|commentary|context|user|assistant|uses?|use[_-]cases?|triggers?|when|description|system)\b[^<>]*>", re.IGNORECASE
)
_LEAD = re.compile(
    r"(?:^|(?<=[\s.。!?]))(?:<?(?:here are (?:some )?)?(?:usage |use |trigger )?(?:examples?|sample scenarios)"
    r"(?: usage| of use| uses| scenarios?| include| triggers?)?"
    r"|for example|例えば|例|使用例|示例|例子|使用示例|例如|예시|사용 예시|예를 들어|예)>?\s*[:：]",
    re.IGNORECASE,
)
_SPECIFICALLY = re.compile(r"(?:^|(?<=[\s.。]))specifically\s*[:：]\s*", re.IGNORECASE)
# A dialogue that is played through: what a user says, and what is answered.
_TURN = r"(?:user|사용자|유저|ユーザー|ユーザ|用户)"
_DIALOGUE = re.compile(
    rf"(?:^|(?<=\s))(?:[-*•]\s*)?(?:(?:context|상황|컨텍스트|状況|背景|上下文)\s*[:：][^\n]{{0,300}}?\s)?{_TURN}\s*[:：]\s*[\"'“「\\]",
    re.IGNORECASE,
)
_ITEM = re.compile(rf"(?m)^\s*(?:[-*•]|\d+[.)])\s+|^(?=\s*{_TURN}\s*[:：])", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
_STOPS = ".!?。！？"

_URGE = re.compile(
    r"\bpro-?actively\b|\bproati?vamente\b|\bproactivement\b|\bproakti[fv]|\bmust be used\b|\balways use (?:this|the) (?:agent|subagent)\b"
    r"|\buse (?:this agent )?(?:immediately|automatically)\b"
    r"|선제적으로|능동적으로|적극적으로|적극 (?:활용|사용)|사전에 (?:적극적으로 )?(?:사용|활용)|반드시 (?:사용|활용)"
    r"|積極的に|能動的に|プロアクティブに|必ず(?:使用|利用)|主动(?:使用|调用|用于|应用)?|积极使用|必须使用",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    r"(?:,?\s*\b(?:and )?pro-?actively\b,?)|(?:선제적으로|능동적으로|적극적으로|積極的に|能動的に|プロアクティブに)\s*", re.IGNORECASE
)
_EXCLUDES = re.compile(
    r"(?:not (?:for|to be used|intended)\b|(?:do not|don['’]t|never|not) use\b|except\b|unlike\b"
    r"|for\b[^.;]{3,80}, use (?:the )?[a-z]+(?:-[a-z]+)+|(?:defers?|hands? off) to\b"
    r"|사용하지|쓰지|使用しない|使わない|(?:不要|请勿|不用于)使?用?)",
    re.IGNORECASE,
)
_FEW = 3
# A description is a few sentences; one of hundreds is read as far as anybody would.
_MOST = 60
_ENGLISH = frozenset("the and for with of to when use this that from or by using is are an in on who".split())  # noqa: SIM905
_FOREIGN = frozenset(
    """
    de et les des pour dans avec une du la le est para com e em da do que os as uma el los las y con und der die das für mit ein eine
    ve için bir ile bu olarak di il per che un quando se o ou não como ao na
    """.split()  # noqa: SIM905 - sixty quoted words are no clearer
)


class Description(NamedTuple):
    """A description taken apart: ``sentences`` and ``examples`` are its own words on one line each; ``blocks`` counts other tagged text."""

    sentences: tuple[str, ...]
    examples: tuple[str, ...]
    blocks: int = 0


def read_description(text: str) -> Description:
    """The sentences and examples of a description; a text that only has examples has no sentence."""
    text = text.replace("\\n", "\n").replace("\\t", " ").replace('\\"', '"')
    text = _REMARK.sub(" ", text.replace(_GAP, ""))
    spans = list(_tagged(text))
    tagged = [text[start:end] for start, end in spans]
    examples = [block for block in tagged if block.lower().startswith(f"<{_EXAMPLE}")]
    blocks = len(tagged) - len(examples)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    prose = _LED_GAP.sub("\n\n", _GAP.join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)))
    at = min((match.start() for match in (_LEAD.search(prose), _DIALOGUE.search(prose)) if match), default=None)
    if at is not None:
        examples.extend(_untagged(prose[at:]))
        prose = prose[:at]
    prose = _SPECIFICALLY.sub(" ", prose)
    sentences = dict.fromkeys(_sentences(_TAG.sub(" ", prose)))
    return Description(tuple(sentences), tuple(" ".join(example.split()) for example in examples), blocks)


def _tagged(text: str) -> Iterator[tuple[int, int]]:
    """Where text between tags stands: examples, which may be left open, and other pairs of tags."""
    closing: dict[str, list[int]] = defaultdict(list)
    for match in _CLOSING_TAG.finditer(text):
        closing[match.group(1).lower()].append(match.end())
    openings = [(match.start(), match.end(), match.group(1).lower()) for match in _OPENING_TAG.finditer(text)]
    examples = [start for start, _, name in openings if name == _EXAMPLE]
    done = 0
    for start, opened, name in openings:
        if start < done or name in _INLINE:
            continue
        ends = closing[name]
        at = bisect_left(ends, opened)
        end = ends[at] if at < len(ends) else None
        if name == _EXAMPLE:
            following = bisect_left(examples, opened)
            next_one = examples[following] if following < len(examples) else len(text)
            end = min(end or next_one, next_one)
        if end is not None:
            yield start, end
            done = end


def plain_words(text: str) -> str:
    """A description's words without tags and literal breaks, for one that has nothing but examples."""
    bare = _TAG.sub(" ", text.replace("\\n", "\n"))
    lead = _LEAD.match(bare.strip())
    return " ".join((bare.strip()[lead.end() :] if lead else bare).split()) or " ".join(bare.split())


def _untagged(text: str) -> Iterator[str]:
    """Examples behind a lead such as ``Examples:``, one a list item or dialogue."""
    lead = _LEAD.match(text)
    rest = _TAG.sub(" ", text[lead.end() :] if lead else text)
    starts = [match.start() for match in _ITEM.finditer(rest)] or [0]
    for start, end in zip([0, *starts], [*starts, len(rest)], strict=True):
        piece = _BULLET.sub("", rest[start:end].strip(), count=1) if _BULLET.match(rest[start:end].strip()) else rest[start:end].strip()
        if re.search(r"\w", piece):
            yield piece


def _sentences(prose: str) -> list[str]:
    text = _on_one_line(prose)
    found: list[str] = []
    for start, end in sentence_spans(text):
        sentence = text[start:end].strip(" •|")
        if found and re.match(r"[-–—(]|[a-z]", sentence):
            # A stop within quotation marks may end nothing.
            found[-1] = f"{found[-1]} {sentence}"
        else:
            found.append(sentence.lstrip("-–— "))
    # A lead-in whose list is gone, or a rest of punctuation, says nothing.
    return [sentence for sentence in found if re.search(r"\w", sentence) and not sentence.endswith((":", "："))][:_MOST]


def _on_one_line(prose: str) -> str:
    """Lines run on; a list's items follow its lead, set apart by semicolons."""
    done: list[str] = []
    listed = False
    for raw in prose.replace("**", "").split("\n"):
        line = raw.strip().lstrip("#").strip()
        bullet = _BULLET.match(line)
        if done and (not line or (listed and not bullet)):
            done[-1] = _closed(done[-1], listed)
        if bullet:
            if done and not done[-1].endswith((":", "：", ";", *_STOPS)):
                done[-1] += ";"
            line = line[bullet.end() :]
        listed = bool(bullet) or (listed and not line)
        if line:
            done.append(line)
    return " ".join(" ".join(done).split())


def _closed(text: str, listed: bool) -> str:
    """A text that another paragraph follows, or a list that has ended, with a full stop."""
    bare = text.rstrip().rstrip(";,")
    ended = not bare or bare[-1] in _STOPS + ":：" or (not listed and bare[-1] not in ")\"'”’」" and not bare[-1].isalnum())
    return bare if ended else bare + "."


def joined(sentences: Sequence[str]) -> str:
    """Sentences one after the other, each with its stop; one alone stays as it is."""
    text = ""
    for n, sentence in enumerate(sentences):
        whole = _ended(sentence) if len(sentences) > 1 and not (n == len(sentences) - 1 and sentence.endswith(">")) else sentence
        # Chinese and Japanese have no blank behind a full stop.
        text += whole if not text or (text[-1] in "。！？" and whole[:1] > "\u3000") else f" {whole}"
    return text


def _ended(sentence: str) -> str:
    if not sentence or sentence.rstrip("\"'”’)」』")[-1:] in tuple(_STOPS) or sentence.endswith(">"):
        return sentence
    return sentence + ("。" if re.match(r"[\u3041-\u30ff\u3400-\u9fff」』）]", sentence[-1]) else ".")


def tongue_of(text: str, fallback: str = "en") -> str:
    """A text's language as for statements, and ``other`` for one in Latin letters that is hardly English."""
    language = language_of(text, fallback)
    if language != "en":
        return language
    words = re.findall(r"[^\W\d_]+", text.lower())
    foreign, english = sum(word in _FOREIGN or not word.isascii() for word in words), sum(word in _ENGLISH for word in words)
    return "other" if foreign > english and (foreign > 1 or fallback == "other") else "en"


def urges(sentence: str) -> bool:
    """Whether a sentence urges to use the agent unasked (``use proactively``, ``MUST BE USED``)."""
    return _URGE.search(sentence) is not None


def excludes(sentence: str) -> bool:
    """Whether a sentence says what an agent is not for."""
    return _EXCLUDES.search(sentence) is not None


def without_urge(sentence: str) -> str:
    """A sentence without its urge; "" when little or something else than an adverb would be left."""
    left = " ".join(_ADVERB.sub(" ", sentence).split())
    left = re.sub(r"\s+([.,;!?。、])", r"\1", left)
    few = len(left.split()) < _FEW and left.isascii()
    return "" if urges(left) or few else left
