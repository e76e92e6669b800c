"""Models of a few lines, so that the tests need no weights and patch nothing."""

import re
import signal
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from claimnli.records import FloatArray, IntArray, ModelInfo, RelationScores


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


class FakeEncoder:
    """Texts that share words are similar: each word has its own random direction."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        vectors = np.zeros((len(texts), 64), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in sorted(words(text)):
                vectors[row] += np.random.default_rng(zlib.crc32(word.encode())).normal(size=64)
        return vectors


class FakeModel:
    """Agreement if at least half of the words are shared, contradiction if one of the two has a
    "not" as well; the more words are shared, the surer. *interrupt_after*: pairs until a real
    SIGINT comes, as Ctrl-C sends it."""

    def __init__(self, *, interrupt_after: int | None = None, operating_point: float = 0.5) -> None:
        self.interrupt_after = interrupt_after
        self.operating_point = operating_point

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            name="fake",
            source="tests",
            device="cpu",
            dtype="float32",
            is_calibrated=False,
            operating_point=self.operating_point,
        )

    def score_relations(
        self,
        texts: Sequence[str],
        index_a: IntArray,
        index_b: IntArray,
        *,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> RelationScores:
        probabilities = np.full((len(index_a), 3), np.nan, dtype=np.float32)
        try:
            for row, (a, b) in enumerate(zip(index_a, index_b, strict=True)):
                if row == self.interrupt_after:
                    signal.raise_signal(signal.SIGINT)
                probabilities[row] = _relation(words(texts[a]), words(texts[b]))
                if on_progress is not None:
                    on_progress(row + 1, len(index_a))
        except KeyboardInterrupt:
            pass
        n_truncated = sum(
            len(texts[a].split()) + len(texts[b].split()) > 256
            for a, b in zip(index_a, index_b, strict=True)
        )
        return RelationScores(probabilities=probabilities, n_truncated=n_truncated)


def _relation(a: set[str], b: set[str]) -> tuple[float, float, float]:
    shared = len(a & b) / max(len(a | b), 1)
    if shared < 0.5:
        return 0.1, 0.1, 0.8
    p = 0.5 + 0.45 * shared
    rest = (1 - p) / 2
    return (rest, p, rest) if ("not" in a) != ("not" in b) else (p, rest, rest)
