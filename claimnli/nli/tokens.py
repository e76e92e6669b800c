"""Token ids of pairs, put together from texts that are tokenised once.

A claim stands in tens of pairs, so that tokenising pairs repeats the same work: 3,000 pairs a
second through the tokenizer's own call against several hundred thousand when the ids of each text
are kept in one flat array and the pairs are gathered from it. The ids are exactly those of
``tokenizer(a, b, truncation="longest_first", max_length=max_tokens)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerFast

from claimnli.errors import ClaimnliError
from claimnli.records import IntArray

Int64Array = npt.NDArray[np.int64]

_TEXTS_OF_A_CALL = 16_384
"""What the tokenizer returns of a text takes far more memory than its ids."""
_PROBE_TEXTS = ("The mayor resigned on Monday.", "no", "", "She did not; he said so, twice. " * 4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenStore:
    """The token ids of texts, without special tokens, one text after the other."""

    ids: IntArray
    """(n_tokens,)"""
    offsets: Int64Array
    """(n_texts + 1,): text i is ``ids[offsets[i]:offsets[i + 1]]``."""

    def __len__(self) -> int:
        return len(self.offsets) - 1


def tokenise(texts: Sequence[str], tokenizer: PreTrainedTokenizerFast) -> TokenStore:
    """Tokenise every text once, in parallel calls of the Rust tokenizer."""
    backend = tokenizer.backend_tokenizer
    # tokenizer.json may carry a length to cut or pad to; pairs are cut when they are put together.
    backend.no_truncation()
    backend.no_padding()
    parts = [np.empty(0, dtype=np.int32)]
    lengths: list[int] = []
    for start in range(0, len(texts), _TEXTS_OF_A_CALL):
        part = list(texts[start : start + _TEXTS_OF_A_CALL])
        rows = [e.ids for e in backend.encode_batch_fast(part, add_special_tokens=False)]
        lengths += map(len, rows)
        parts.append(np.fromiter(chain.from_iterable(rows), dtype=np.int32))
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    ids = np.concatenate(parts)
    return TokenStore(ids=ids, offsets=offsets)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairTemplate:
    """What a tokenizer writes around two texts: prefix, a, middle, b, suffix."""

    prefix: IntArray
    middle: IntArray
    suffix: IntArray
    type_ids: tuple[int, int, int, int, int] | None
    """Token types of the five parts; None if the model takes none."""
    pad_id: int
    pad_type_id: int
    cuts_left: bool
    """True if a text that is too long loses its beginning."""

    @property
    def n_special(self) -> int:
        """Special tokens of a pair."""
        return len(self.prefix) + len(self.middle) + len(self.suffix)


def read_template(tokenizer: PreTrainedTokenizerFast) -> PairTemplate:
    """Learn the template by looking at what *tokenizer* makes of a pair.

    Raises ClaimnliError if pairs put together by the template differ from the tokenizer's own, for
    instance when it writes different ids for the first and the second text.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise ClaimnliError(
            f"{type(tokenizer).__name__} is not a fast tokenizer",
            mend="The model's folder needs a tokenizer.json.",
        )
    encoding = tokenizer(_PROBE_TEXTS[0], _PROBE_TEXTS[3]).encodings[0]
    sequence, ids, types = encoding.sequence_ids, encoding.ids, encoding.type_ids
    a, b = ([i for i, s in enumerate(sequence) if s == side] for side in (0, 1))
    borders = (0, a[0], a[-1] + 1, b[0], b[-1] + 1, len(ids))
    part_types = tuple(types[start] if start < end else 0 for start, end in pairwise(borders))
    prefix, middle, suffix = (
        np.array(ids[borders[i] : borders[i + 1]], dtype=np.int32) for i in (0, 2, 4)
    )
    template = PairTemplate(
        prefix=prefix,
        middle=middle,
        suffix=suffix,
        type_ids=part_types if "token_type_ids" in tokenizer.model_input_names else None,  # type: ignore[arg-type]
        pad_id=0 if tokenizer.pad_token_id is None else tokenizer.pad_token_id,
        pad_type_id=tokenizer.pad_token_type_id,
        cuts_left=tokenizer.truncation_side == "left",
    )
    _check_template(template, tokenizer)
    return template


def _check_template(template: PairTemplate, tokenizer: PreTrainedTokenizerFast) -> None:
    store = tokenise(_PROBE_TEXTS, tokenizer)
    n_texts = len(_PROBE_TEXTS)
    index_a, index_b = (i.ravel().astype(np.int32) for i in np.indices((n_texts, n_texts)))
    for max_tokens in (template.n_special + 9, 256):
        pairs = PairTokens(store, template, index_a, index_b, max_tokens=max_tokens)
        ours = pairs.assemble(np.arange(len(pairs)))
        theirs = tokenizer(
            [_PROBE_TEXTS[i] for i in index_a],
            [_PROBE_TEXTS[i] for i in index_b],
            truncation="longest_first",
            max_length=max_tokens,
        )
        for row, length in enumerate(pairs.lengths):
            same = ours.ids[row, :length].tolist() == theirs["input_ids"][row]
            if ours.type_ids is not None:
                same &= ours.type_ids[row, :length].tolist() == theirs["token_type_ids"][row]
            if not same:
                raise ClaimnliError(
                    f"{type(tokenizer).__name__} writes pairs in a way that cannot be reproduced",
                    mend="Use a model with a tokenizer like that of BERT, RoBERTa or MPNet.",
                )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TokenBatch:
    """Pairs as the model reads them, short ones padded at their end."""

    ids: IntArray
    """(n_rows, length)"""
    mask: IntArray | None
    """(n_rows, length), 1 for a token and 0 for padding; None if no row is padded."""
    type_ids: IntArray | None
    """(n_rows, length); None if the model takes none."""


class PairTokens:
    """Pairs of the texts of a store, cut to a length and ready to be gathered into batches."""

    def __init__(
        self,
        store: TokenStore,
        template: PairTemplate,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        max_tokens: int,
    ) -> None:
        """*index_a*, *index_b*: (n_pairs,) positions in *store* of the first and second text."""
        budget = max_tokens - template.n_special
        if budget < 2:
            raise ClaimnliError(
                f"nli.max_tokens is {max_tokens}, and {template.n_special} of them are special",
                mend="Allow at least 16 tokens.",
            )
        a, b = np.asarray(index_a, dtype=np.int64), np.asarray(index_b, dtype=np.int64)
        sizes = np.diff(store.offsets)
        self._store, self._template = store, template
        self._n_a, self._n_b = _cut_longest_first(sizes[a], sizes[b], budget)
        self._start_a, self._start_b = store.offsets[a], store.offsets[b]
        if template.cuts_left:
            self._start_a = store.offsets[a + 1] - self._n_a
            self._start_b = store.offsets[b + 1] - self._n_b
        self.lengths: Int64Array = self._n_a + self._n_b + template.n_special
        """(n_pairs,) tokens of each pair, special ones included."""
        self.n_truncated = int(np.count_nonzero(sizes[a] + sizes[b] > budget))
        """How many pairs were cut."""

    def __len__(self) -> int:
        return len(self.lengths)

    def assemble(self, rows: npt.NDArray[np.intp]) -> TokenBatch:
        """Gather the pairs *rows*: (n_rows,) positions among the pairs of this object."""
        template, n_a, n_b = self._template, self._n_a[rows], self._n_b[rows]
        lengths = self.lengths[rows]
        length = int(lengths.max(initial=0))
        is_padded = bool((lengths != length).any())
        ids = np.full((len(rows), length), template.pad_id, dtype=np.int32)
        row_starts = np.arange(len(rows)) * length
        after_a = row_starts + len(template.prefix) + n_a
        after_b = after_a + len(template.middle) + n_b

        flat = ids.reshape(-1)
        source = self._store.ids
        to_a, from_a = _spans(after_a - n_a, self._start_a[rows], n_a)
        to_b, from_b = _spans(after_b - n_b, self._start_b[rows], n_b)
        flat[to_a], flat[to_b] = source[from_a], source[from_b]
        for start, part in (
            (row_starts, template.prefix),
            (after_a, template.middle),
            (after_b, template.suffix),
        ):
            flat[start[:, None] + np.arange(len(part))] = part

        column = np.arange(length)
        end_b = (after_b - row_starts)[:, None]
        is_token = column < end_b + len(template.suffix)
        type_ids = None
        if template.type_ids is not None:
            # Each part overwrites the types from its beginning to the end of the row.
            t = template.type_ids
            end_a = (after_a - row_starts)[:, None]
            type_ids = np.full((len(rows), length), t[0], dtype=np.int32)
            for begin, value in (
                (len(template.prefix), t[1]),
                (end_a, t[2]),
                (end_a + len(template.middle), t[3]),
                (end_b, t[4]),
                (end_b + len(template.suffix), template.pad_type_id),
            ):
                np.copyto(type_ids, value, where=column >= begin)
        return TokenBatch(
            ids=ids, mask=is_token.astype(np.int32) if is_padded else None, type_ids=type_ids
        )


def _spans(
    to_start: Int64Array, from_start: Int64Array, sizes: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """Flat positions to copy to and from, for spans of *sizes* that begin at the two starts."""
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(to_start, sizes) + within, np.repeat(from_start, sizes) + within


def _cut_longest_first(
    n_a: Int64Array, n_b: Int64Array, budget: int
) -> tuple[Int64Array, Int64Array]:
    """Tokens that remain of both texts: the rule LongestFirst of the library ``tokenizers``.

    The longer text alone is cut while it stays the longer one; beyond that both get half of the
    budget, and the text that was longer (the second, if they were equal) the odd token.
    """
    short, long = np.minimum(n_a, n_b), np.maximum(n_a, n_b)
    both_cut = short > budget // 2
    new_short = np.where(both_cut, budget // 2, short)
    new_long = np.where(both_cut, budget - budget // 2, np.minimum(long, budget - new_short))
    a_is_short = n_a <= n_b
    is_cut = short + long > budget
    return (
        np.where(is_cut, np.where(a_is_short, new_short, new_long), n_a),
        np.where(is_cut, np.where(a_is_short, new_long, new_short), n_b),
    )
