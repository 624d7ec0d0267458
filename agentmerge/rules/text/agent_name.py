"""What agent tools load as a name: the format, and the valid name nearest to a text."""

from __future__ import annotations

import re
import unicodedata

FORMAT = "lowercase letters, digits and hyphens, no hyphen first"


def is_name(text: str) -> bool:
    """Whether a text is a name that agent tools load: letters of scripts without case will do."""
    return bool(text) and not text.startswith("-") and all(c in "-0123456789" or (c.isalpha() and c == c.lower()) for c in text)


def slug(text: str) -> str:
    """The valid name nearest to a text; ``agent`` when it has no letter or digit."""
    composed = unicodedata.normalize("NFC", text.lower())
    spaced = "".join(c if is_name("a" + c) else "-" for c in composed)
    return re.sub(r"-+", "-", spaced).strip("-") or "agent"


def name_problem(text: str) -> str | None:
    """Why a text that a user chose is no name, with a suggestion; ``None`` when it is one."""
    return None if is_name(text) else f"{text!r} is no valid name: {FORMAT} (did you mean {slug(text)!r}?)"
