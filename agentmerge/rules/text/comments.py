"""The comments that a canonical agent carries: names of its sources or of its ledger, and marks of conflicts.

They are no statements: whoever reads a canonical agent passes over them.
"""

from __future__ import annotations

import re

_NAMES = "[A-Za-z0-9._/%-]+(?:, [A-Za-z0-9._/%-]+)*"
# Any comment of ours.
OURS = re.compile(rf"<!-- agentmerge: (?:conflict )?{_NAMES} -->")
# All that stand at the end of a line's text.
TRAILING = re.compile(rf"(?<=\S)(?:[ \t]*{OURS.pattern})+$")
# One that names sources or the ledger, with the white space that sets it off: what is left without
# them is the text of level ``none``, byte for byte. Marks of conflicts stand at every level.
PROVENANCE = re.compile(rf"(?:\n\n?| )?<!-- agentmerge: {_NAMES} -->")


def without_provenance(text: str) -> str:
    """A canonical agent as ``provenance: none`` has it."""
    return PROVENANCE.sub("", text)
