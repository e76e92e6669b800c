"""The pairs that are scored: those of a folder, and pairs of one exact length cut from its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerFast

from claimnli.benchmark.records import Workload
from claimnli.claims.extraction import extract_claims
from claimnli.config import Config
from claimnli.embedding import Encoder, embed_claims, load_encoder
from claimnli.errors import ClaimnliError
from claimnli.nli.tokens import PairTemplate, PairTokens, read_template, tokenise
from claimnli.pairing import select_pairs
from claimnli.records import Article, IntArray
from claimnli.sources import gather

_SEED = 0
# Far more than is needed of cuts, and no minutes of tokenising for a folder of a million articles.
_MAX_CHARACTERS = 500_000
# A claim stands in many pairs; so do the texts that are cut.
_MAX_TEXTS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReader:
    """Counts the tokens of pairs as the model reads them."""

    tokenizer: PreTrainedTokenizerFast
    template: PairTemplate
    max_tokens: int

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast, max_tokens: int) -> "PairReader":
        """Reader of pairs that *tokenizer* writes, cut to *max_tokens*."""
        return cls(tokenizer=tokenizer, template=read_template(tokenizer), max_tokens=max_tokens)

    def workload(
        self, name: str, texts: list[str], index_a: IntArray, index_b: IntArray
    ) -> Workload:
        """The pairs with their lengths."""
        pairs = PairTokens(
            tokenise(texts, self.tokenizer),
            self.template,
            index_a,
            index_b,
            max_tokens=self.max_tokens,
        )
        return Workload(
            name=name, texts=texts, index_a=index_a, index_b=index_b, lengths=pairs.lengths
        )


def read_folder(folder: Path, config: Config) -> Sequence[Article]:
    """The articles of *folder*, at least two."""
    return gather(folder, config.articles, min_articles=2).articles


def real_mix(
    articles: Sequence[Article],
    config: Config,
    reader: PairReader,
    *,
    n_pairs: int = 0,
    encoder: Encoder | None = None,
) -> Workload:
    """A random *n_pairs* (0: all) of the pairs that a comparison of *articles* would score.

    *encoder* is the bundled one if None. Raises ClaimnliError if there are no pairs.
    """
    claims = extract_claims(articles, config.claims).claims
    vectors = embed_claims(claims, encoder or load_encoder(config.nli.device))
    pairs = select_pairs(claims, vectors, config.pairing)
    if not len(pairs):
        raise ClaimnliError(
            "the articles have no claims to pair", mend="Give a folder on one event."
        )
    rows = np.random.default_rng(_SEED).permutation(len(pairs))[: n_pairs or len(pairs)]
    texts = [claim.text for claim in claims]
    return reader.workload("mix", texts, pairs.index_a, pairs.index_b).take(rows)


def pairs_of_length(
    articles: Sequence[Article], reader: PairReader, length: int, n_pairs: int
) -> Workload:
    """*n_pairs* pairs of exactly *length* tokens, special ones included, of passages of *articles*.

    Raises ClaimnliError if the model does not read so many tokens, or the articles are too short.
    """
    n_tokens = length - reader.template.n_special
    if n_tokens < 2 or length > reader.max_tokens:
        shortest = reader.template.n_special + 2
        raise ClaimnliError(
            f"pairs of {length} tokens cannot be made for this model",
            mend=f"Give lengths from {shortest} to {reader.max_tokens}.",
        )
    rng = np.random.default_rng(_SEED)
    stream = "\n".join(article.text for article in articles)[:_MAX_CHARACTERS]
    sides = [
        _cut_passages(stream, reader.tokenizer, size, rng)
        for size in (n_tokens - n_tokens // 2, n_tokens // 2)
    ]
    index_a, index_b = ((rng.permutation(n_pairs) % len(side)).astype(np.int32) for side in sides)
    texts = [*sides[0], *sides[1]]
    index_b += np.int32(len(sides[0]))
    return reader.workload(str(length), texts, index_a, index_b)


def _cut_passages(
    stream: str, tokenizer: PreTrainedTokenizerFast, n_tokens: int, rng: np.random.Generator
) -> list[str]:
    """Passages of *stream* that are *n_tokens* tokens long, each cut where words begin."""
    encoding = tokenizer.backend_tokenizer.encode(stream, add_special_tokens=False)
    words, offsets = encoding.word_ids, encoding.offsets
    begins = [i for i, word in enumerate(words) if i == 0 or word != words[i - 1]]
    last = {i - 1 for i in begins}
    starts = np.array([i for i in begins if i + n_tokens - 1 in last], dtype=np.intp)
    chosen = rng.permutation(starts)[: 2 * _MAX_TEXTS]
    passages = [stream[offsets[i][0] : offsets[i + n_tokens - 1][1]] for i in chosen]
    # A tokenizer may read a passage differently out of its place, as the first word by its space.
    sizes = np.diff(tokenise(passages, tokenizer).offsets)
    exact = [passage for passage, size in zip(passages, sizes, strict=True) if size == n_tokens]
    if not exact:
        raise ClaimnliError(
            f"the articles have no passage of {n_tokens} tokens",
            mend="Give a folder with longer articles, or shorter pairs.",
        )
    return exact[:_MAX_TEXTS]
