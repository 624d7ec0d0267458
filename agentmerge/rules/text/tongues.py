"""Natural languages as texts name them, in English, Korean, Japanese and Chinese."""

from __future__ import annotations

from agentmerge.rules.text.lazy import Lazy

_NAMES = {
    "ko": r"korean|한국어|한글|국문|우리말|韓国語|韩语|韩文|韓語",
    "en": r"english|영어|영문|英語|英文|英语",
    "ja": r"japanese|일본어|일어|日本語|日语|日文|日語",
    "zh": r"(?:simplified |traditional |mandarin )?chinese|mandarin|중국어|중문|中国語|(?:简体|繁体|繁體)?中文|汉语|漢語|普通话",
    "fr": r"french|프랑스어|フランス語|法语|法文",
    "de": r"german|독일어|ドイツ語|德语|德文",
    "es": r"spanish|스페인어|スペイン語|西班牙语",
    "pt": r"portuguese|포르투갈어|ポルトガル語|葡萄牙语",
    "it": r"italian|이탈리아어|イタリア語|意大利语",
    "ru": r"russian|러시아어|ロシア語|俄语|俄文",
    "vi": r"vietnamese|베트남어|ベトナム語|越南语",
    "tr": r"turkish|튀르키예어|터키어|トルコ語|土耳其语",
    "id": r"indonesian|인도네시아어|インドネシア語|印尼语",
}
ENGLISH_NAMES = {
    "ko": "Korean",
    "en": "English",
    "ja": "Japanese",
    "zh": "Chinese",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "pt": "Portuguese",
    "it": "Italian",
    "ru": "Russian",
    "vi": "Vietnamese",
    "tr": "Turkish",
    "id": "Indonesian",
}
# ``TONGUE`` matches one name without naming a group: it is built into longer patterns.
TONGUE = "(?:" + "|".join(_NAMES.values()) + ")"
_EACH = Lazy("|".join(f"(?P<{code}>{names})" for code, names in _NAMES.items()))


def tongues_named(text: str) -> tuple[str, ...]:
    """The codes of the languages that a text (in lower case) names, sorted, each once."""
    return tuple(sorted({match.lastgroup or "" for match in _EACH.finditer(text)}))
