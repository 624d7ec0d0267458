"""How strongly a statement asks, in four languages: it demands, states, or permits; and whether it hedges."""

from __future__ import annotations

from enum import StrEnum

from agentmerge.rules.text.lazy import Lazy


class Force(StrEnum):
    """How strongly a statement asks; ``STATES`` is a plain imperative or a mere naming."""

    DEMANDS = "demands"
    STATES = "states"
    PERMITS = "permits"


_PERMITS = Lazy(
    r"\b(?:may (?:also )?(?:be )?\w+|optional(?:ly)?|not (?:strictly )?(?:required|mandatory|necessary)|need not|needn't"
    r"|(?:don't|do not) (?:have|need) to"
    r"|can be (?:skipped|omitted|left out)|at your discretion|is up to (?:you|the))\b"
    r"|선택\s?(?:적|사항)|생략\s?(?:가능|해도|할 수)|해도\s?(?:된다|됩니다|좋)|(?:필수|의무)[는가]?\s?아니|하지\s?않아도"
    r"|任意(?:です|で|と|。|$)|省略(?:可|して(?:も)?よい|できる)|して(?:も)?(?:よい|良い|構わない|かまわない)|必須では(?:ない|ありません)|しなくても"
    r"|可选|可省略|可以(?:不|省略|跳过)|非必[须需]|不必|不是必须|无需强制"
)
_DEMANDS = Lazy(
    r"\b(?:must|always|shall|required|mandatory|every|all|without exception|no exceptions|never skip|is a must)\b"
    r"|반드시|필수|항상|무조건|모든|예외\s?없이"
    r"|必ず|必須|常に|すべて|全て|例外なく"
    r"|必须|务必|始终|总是|所有|每个|一律|强制"
)
_HEDGE = Lazy(
    r"\b(?:(?:when|where|if|as|wherever|whenever) "
    r"(?:applicable|appropriate|possible|necessary|needed|feasible|required|relevant|practical|supported|available)"
    r"|when(?:ever)? (?:it makes sense|the (?:project|language|codebase|framework) (?:supports|allows|uses) (?:it|them))"
    r"|as (?:far as|much as) possible|where it (?:helps|makes sense)|try to)\b"
    r"|가능(?:한\s?(?:경우|한)|하면|하다면)|필요(?:에\s?따라|한\s?경우|하면|시)|적절한\s?경우|해당하는\s?경우|되도록|지원(?:하는|되는)\s?경우|여건이"
    r"|必要(?:に応じて|であれば|なら|な場合)|可能(?:であれば|な限り|なら|な場合)|適宜|なるべく|できれば|できるだけ|該当する場合|(?:対応して|サポートして)いる場合"
    r"|如有必要|如果可能|必要时|视情况|尽可能|尽量|适当时|可能的话|如适用|在(?:支持|适用)的情况下|酌情"
)


def force_of(text: str) -> Force:
    """How strongly a statement asks."""
    lowered = text.lower()
    # "Not required" is no demand; a line that demands one thing and permits another is neither.
    rest = _PERMITS.sub(" ", lowered)
    demands = _DEMANDS.search(rest) is not None
    if rest != lowered:
        return Force.STATES if demands else Force.PERMITS
    return Force.DEMANDS if demands else Force.STATES


def hedge_of(text: str) -> str:
    """The words with which a statement leaves a way out; "" when it has none."""
    found = _HEDGE.search(text.lower())
    return found[0] if found else ""
