"""English words written in Hangul or Katakana, matched by their sound without a dictionary.

A loanword keeps the consonants of its English word in order (마이그레이션, migration: m g r s n),
while vowels shift and are added. So words are looked up by their consonants, and of several the
one whose whole sound is closest counts. Short words, and words of which two concepts are equally
close, match nothing: chance resemblances would outweigh them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

LOANS = Path(__file__).with_name("data") / "index" / "loans.tsv"
_LEAST_CONSONANTS = 3
_LEAST_LETTERS = 5
_LEAST_SYLLABLES = 3
_ALIKE = 72.0
_CLEARLY = 8.0

# Endings of Korean grammar: a word with one is no borrowed noun.
_NATIVE = re.compile(r"(?:니다|습니까|부터|까지|에서|에게|하게|하여|하는|적인|어진|면서)$")

_INITIALS = "g,k,n,d,t,r,m,b,p,s,s,,j,j,c,k,t,p,h".split(",")  # noqa: SIM905 - sounds in the order of Unicode
_MEDIALS = "a,e,ya,ye,o,e,yo,ye,o,wa,we,we,yo,u,wo,we,wi,yu,u,i,i".split(",")  # noqa: SIM905 - sounds in the order of Unicode
_FINALS = ",k,k,k,n,n,n,t,r,k,m,r,r,r,p,r,m,p,p,t,t,n,t,t,k,t,p,h".split(",")  # noqa: SIM905 - sounds in the order of Unicode
_KANA = {
    kana: sound
    for row, sounds in {
        "アイウエオ": "a i u e o",
        "カキクケコ": "ka ki ku ke ko",
        "ガギグゲゴ": "ga gi gu ge go",
        "サシスセソ": "sa si su se so",
        "ザジズゼゾ": "ja ji ju je jo",
        "タチツテト": "ta ci tu te to",
        "ダヂヅデド": "da ji ju de do",
        "ナニヌネノ": "na ni nu ne no",
        "ハヒフヘホ": "ha hi pu he ho",
        "バビブベボ": "ba bi bu be bo",
        "パピプペポ": "pa pi pu pe po",
        "マミムメモ": "ma mi mu me mo",
        "ラリルレロ": "ra ri ru re ro",
        "ヤユヨワヲ": "ya yu yo wa o",
        "ンヴッー": "n bu _ _",
    }.items()
    for kana, sound in zip(row, sounds.replace("_", "").split(" ") if "_" in sounds else sounds.split(), strict=True)
}
_SMALL = dict(zip("ァィゥェォャュョ", ["a", "i", "u", "e", "o", "a", "u", "o"], strict=True))

# English spellings as they sound in loanwords: what two letters of ours cannot tell apart is one.
_SPELLINGS = (
    (r"sch", "sk"),
    (r"tch|ch", "c"),
    (r"ture\b", "cu"),
    (r"[ts]ion", "syon"),
    (r"[tc]ia", "sya"),
    (r"ph", "p"),
    (r"th|sh|ss", "s"),
    (r"qu", "kw"),
    (r"x", "ks"),
    (r"c(?=[eiy])", "s"),
    (r"dg(?=e)|g(?=[ey])", "j"),
    (r"ck|c|q", "k"),
    (r"[eo]r$", "a"),
    (r"ng", "n"),
    (r"f", "p"),
    (r"v", "b"),
    (r"z", "j"),
    (r"l", "r"),
    (r"(?<=[aeiou])r(?=[^aeiouyr]|e?$)", ""),
    (r"(.)\1", r"\1"),
    (r"(?<=.{3})e$", ""),
)
_OPEN = "aeiouywh"
_VOWELS = re.compile(r"[aeiouywh_]+")


@cache
def _spellings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), sound) for pattern, sound in _SPELLINGS)


@cache
def sound_of_english(word: str) -> str:
    """A lower-case English word as it sounds when it is borrowed."""
    # The c of "ch" is a sound of its own, which later rules must not read as a letter.
    for pattern, sound in _spellings()[:2]:
        word = pattern.sub(sound.replace("c", "\x03"), word)
    for pattern, sound in _spellings()[2:]:
        word = pattern.sub(sound.replace("cu", "\x03u"), word)
    return word.replace("\x03", "c")


def sound_of_hangul(word: str) -> str:
    """A Hangul word in letters."""
    parts = []
    for char in word:
        code = ord(char) - 0xAC00
        parts.append(_INITIALS[code // 588] + _MEDIALS[code % 588 // 28] + _FINALS[code % 28])
    return re.sub(r"(.)\1", r"\1", "".join(parts))


def sound_of_katakana(word: str) -> str:
    """A Katakana word in letters."""
    sound = ""
    for char in word:
        if char in _SMALL:
            sound = sound[:-1] + _SMALL[char]
        else:
            sound += _KANA.get(char, "")
    return re.sub(r"(.)\1", r"\1", sound).replace("ng", "n")


def consonants(sound: str) -> str:
    """The consonants of a sound, in order."""
    return re.sub(r"(.)\1+", r"\1", _VOWELS.sub("", sound))


def loans_of(words: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """An index of English words (with their concepts) by consonants: ``word=concept|word=concept``."""
    found: dict[str, dict[str, str]] = {}
    for word, concept in words:
        if len(word) >= _LEAST_LETTERS and re.fullmatch("[a-z]+", word):
            key = consonants(sound_of_english(word))
            if len(key) >= _LEAST_CONSONANTS:
                found.setdefault(key, {}).setdefault(word, concept)
    return {key: "|".join(f"{word}={concept}" for word, concept in sorted(found[key].items())) for key in sorted(found)}


@cache
def _loans() -> Mapping[str, str]:
    cells = LOANS.read_text(encoding="utf-8").replace("\n", "\t").split("\t")
    return dict(zip(cells[::2], cells[1::2], strict=True))


@cache
def loanword(word: str) -> str | None:
    """The concept that a word in Hangul or Katakana names by its sound, or ``None``."""
    if len(word) < _LEAST_SYLLABLES or _NATIVE.search(word):
        return None
    if all("\uac00" <= char <= "\ud7a3" for char in word):
        sound = sound_of_hangul(word)
    elif all("\u30a1" <= char <= "\u30fc" for char in word):
        sound = sound_of_katakana(word)
    else:
        return None
    key = consonants(sound)
    entries = _loans().get(key, "") if len(key) >= _LEAST_CONSONANTS else ""
    best: dict[str, float] = {}
    for english, _, concept in (entry.partition("=") for entry in entries.split("|") if entry):
        other = sound_of_english(english)
        # A borrowed word begins as its model does: with the same consonant, or with a vowel.
        if other[0] == sound[0] or (other[0] in _OPEN and sound[0] in _OPEN):
            best[concept] = max(best.get(concept, 0.0), float(fuzz.ratio(sound, other)))
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    if not ranked or ranked[0][1] < _ALIKE or (len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _CLEARLY):
        return None
    return ranked[0][0]
