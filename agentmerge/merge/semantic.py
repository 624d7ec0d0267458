"""An embedding model as a further witness: off unless the policy names a model's folder.

Its word is a shift of the first score's log-odds, by how far the cosine of two texts lies above or
below what is usual in the team, in standard deviations. Guards come before it as before any other
evidence. Nothing is ever downloaded.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agentmerge.errors import PolicyError
from agentmerge.rules.policy import Semantic

_MOST = 3.0
_FLOOR = 1e-6

Encode = Callable[[Sequence[str]], Sequence[Sequence[float]]]


class Witness(NamedTuple):
    """A loaded model and the weight of its word."""

    encode: Encode
    weight: float

    def reweigh(self, texts: Sequence[str], pairs: Sequence[tuple[int, int]], scores: Sequence[float]) -> list[float]:
        """The scores of pairs of texts (by index), shifted by how alike the model finds each pair."""
        if not pairs:
            return list(scores)
        vectors = [_unit(vector) for vector in self.encode(texts)]
        cosines = [math.fsum(x * y for x, y in zip(vectors[i], vectors[j], strict=True)) for i, j in pairs]
        mean = math.fsum(cosines) / len(cosines)
        spread = math.sqrt(math.fsum((c - mean) ** 2 for c in cosines) / len(cosines)) or 1.0
        said = (max(-_MOST, min(_MOST, (cosine - mean) / spread)) for cosine in cosines)
        return [_shifted(score, self.weight * deviation) for score, deviation in zip(scores, said, strict=True)]


def load_witness(semantic: Semantic, folder: Path) -> Witness:
    """The model that a policy names, relative to the policy's ``folder``.

    A static model is read with model2vec, any other with sentence-transformers. Raises ``PolicyError`` when there is no model
    or its library is not installed.
    """
    path = folder / semantic.model
    if not path.is_dir():
        raise PolicyError((f"{path.as_posix()}: no such folder (semantic.model names the folder of an embedding model on this disk)",))
    # Should a library look for updates all the same, it finds no network.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        encode = _static(path) if _is_static(path) else _transformer(path)
    except ImportError as error:
        name = "agentmerge[semantic]" if _is_static(path) else "sentence-transformers"
        raise PolicyError((f"{path.as_posix()}: needs a library that is not installed: {error.name} (pip install '{name}')",)) from None
    except Exception as error:
        what = f"{type(error).__name__}: {error}".split("\n")[0]
        raise PolicyError((f"{path.as_posix()}: is no embedding model that can be read: {what} (name another folder)",)) from None
    return Witness(encode, semantic.weight)


def _is_static(path: Path) -> bool:
    """Whether a folder holds a static model; one of sentence-transformers says so among its modules."""
    modules = path / "modules.json"
    return not modules.is_file() or "StaticEmbedding" in modules.read_text(encoding="utf-8", errors="replace")


def _static(path: Path) -> Encode:
    from model2vec import StaticModel

    model: Any = StaticModel.from_pretrained(str(path))
    return lambda texts: model.encode(list(texts), use_multiprocessing=False).tolist()


def _transformer(path: Path) -> Encode:
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(path), device="cpu", local_files_only=True)
    return lambda texts: model.encode(list(texts), show_progress_bar=False).tolist()


def _unit(vector: Sequence[float]) -> tuple[float, ...]:
    length = math.sqrt(math.fsum(x * x for x in vector))
    # Rounded, so that a library's last digits (threads, versions) cannot change a score.
    return tuple(round(x / length, 5) for x in vector) if length else tuple(vector)


def _shifted(score: float, by: float) -> float:
    bounded = max(_FLOOR, min(1 - _FLOOR, score))
    return 1 / (1 + math.exp(-(math.log(bounded / (1 - bounded)) + by)))
