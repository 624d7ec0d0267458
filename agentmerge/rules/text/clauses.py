"""Whether a statement makes one demand or more, by its punctuation and connectives, in four languages."""

from __future__ import annotations

from agentmerge.rules.text.lazy import Lazy

# Longer statements are not read: they say more than one thing, and reading takes time.
LONGEST = 600
_VERBS = (
    "add|always|apply|avoid|build|check|commit|confirm|create|decide|define|deliver|describe|document|do|don't|ensure|explain|fix|follow|give|include|keep|list|log|"
    "maintain|make|monitor|never|note|notify|output|prefer|prepare|propose|provide|record|report|require|return|review|run|save|share|specify|stop|store|summari[sz]e|"
    "test|track|try|update|validate|verify|wait|warn|write"
)
# What begins another demand, or hedges the first.
_MORE = Lazy(
    r"[;；]|[.!?](?=\s+\S)|[。！？](?=\S)|\s[—–-]\s|\n|:\s*$|：\s*$|\band you\b|\b(?:but|then|while|unless|except|however|although)\b"
    rf"|\b(?:and|or|also)(?: then| also)? (?:{_VERBS})\b|,(?: and)? (?:{_VERBS})\b"
    r"|하고\s|하며\s|하면서\s|지만\s|[한된]\s(?:뒤|후|다음)|고\s나서|그리고\s|않는 한"
    r"|してから|した(?:後|上で|うえで)|しつつ|しながら|(?:し|れ)、|ただし|そして"
    r"|然后|并且|并(?=[^发行])|同时|之后再?|随后|但是?|除非|以及"
)
# "When a schema changes, …": what comes first is no demand.
_CONDITION = Lazy(r"^(?:[^:,]{1,60}:\s*)?(?:if|when|whenever|for|once|after|before|in case|where|should|while)\b[^,;:]*,\s*")
# Figures and literals are claims of their own.
_EXACT = Lazy(r"\d|`[^`]+`|https?://")


def says_more(text: str) -> bool:
    """Whether a statement demands more than one thing; in doubt it does."""
    return _MORE.search(_CONDITION.sub("", text.lower())) is not None


def is_exact(text: str) -> bool:
    """Whether a text has figures, inline code or addresses."""
    return _EXACT.search(text) is not None
