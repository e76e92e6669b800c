"""Pairs of sentences of one article: hard examples of what does not contradict.

Candidates from two articles on one event are about the same people, places and figures, and 2 in
100 contradict; a model that has seen contradictions in every third pair flags far more. One article
hardly ever contradicts itself, so its own sentences, as similar as candidates are, give such
negatives without a labeller. Whether two of them agree is left open (``not_contradiction``).
"""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from claimnli.records import FloatArray
from claimnli.training.events import text_key

if TYPE_CHECKING:
    from claimnli.embedding import Encoder

_MIN_WORDS, _MAX_WORDS = 7, 60
_MIN_SIMILARITY, _MAX_SIMILARITY = 0.4, 0.9
"""Below, hardly a candidate; above, mostly the same sentence again."""
_NO_WEIGHT = 0.3
"""The similarity at which a pair would have no chance to be drawn: near ones are the hard ones."""
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*$")


def same_article_pairs(
    articles: Sequence[Sequence[str]],
    encoder: "Encoder",
    *,
    n_pairs: int,
    seed: int,
    held_out: Collection[str] = (),
) -> list[tuple[str, str]]:
    """Draw at most *n_pairs* pairs of similar sentences, in a random order of the two.

    *articles*: the sentences of each. Sentences in *held_out* (by letters and digits alone) are
    left out, since a dev set may hold them.
    """
    rng = np.random.default_rng(seed)
    dropped = {text_key(text) for text in held_out}
    pairs: list[tuple[str, str]] = []
    similarity: list[float] = []
    for sentences in articles:
        texts = [t for t in dict.fromkeys(sentences) if _is_whole(t) and text_key(t) not in dropped]
        if len(texts) < 2:
            continue
        vectors: FloatArray = encoder.encode(texts)
        products = vectors @ vectors.T
        for a, b in zip(*np.triu_indices(len(texts), k=1), strict=True):
            if _MIN_SIMILARITY <= products[a, b] <= _MAX_SIMILARITY:
                pairs.append((texts[a], texts[b]))
                similarity.append(float(products[a, b]))
    if not pairs:
        return []
    weights = np.array(similarity) - _NO_WEIGHT
    drawn = rng.choice(
        len(pairs), min(n_pairs, len(pairs)), replace=False, p=weights / weights.sum()
    )
    turn = rng.random(len(drawn)) < 0.5
    return [pairs[i][::-1] if turned else pairs[i] for i, turned in zip(drawn, turn, strict=True)]


def _is_whole(text: str) -> bool:
    n_words = len(text.split())
    return _MIN_WORDS <= n_words <= _MAX_WORDS and _SENTENCE_END.search(text) is not None
