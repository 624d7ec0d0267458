"""Tables of vectors: how they are shipped, and which concepts are near in them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np


def text_of(script: str, names: Sequence[str], vectors: np.ndarray, largest: np.ndarray | float) -> str:
    """The shipped form: a concept and its vector a line, in whole numbers of a byte each, 127 for the ``largest``."""
    whole = np.round(vectors / largest * 127).astype(np.int8)
    rows = (f"{name}\t{base64.b85encode(row.tobytes()).decode()}" for name, row in zip(names, whole, strict=True))
    return f"# made by: python bench/{script}\n" + "\n".join(rows) + "\n"


def nearest(name: str, names: Sequence[str], vectors: np.ndarray) -> str:
    """The concepts whose vectors point most nearly the same way."""
    if name not in names:
        raise SystemExit(f"no concept {name!r} in the table: 'python bench/lexicon.py see TEXT' shows the concepts of a text")
    unit = vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9)
    return ", ".join(names[n] for n in np.argsort(-(unit @ unit[names.index(name)]))[:16])
