"""Token ids of pairs, put together from texts that are tokenised once.

A claim stands in tens of pairs, so that tokenising pairs repeats the same work: 3,000 pairs a
second through the tokenizer's own call against more than a million when the ids of each text are
kept in one flat array and the pairs are copied from it. The ids are exactly those of
``tokenizer(a, b, truncation="longest_first", max_length=max_tokens)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

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
    """(n_tokens + longest,): behind the last text stand as many zeros as the longest text has
    tokens, so that as many ids can be read from the beginning of any text."""
    offsets: Int64Array
    """(n_texts + 1,): text i is ``ids[offsets[i]:offsets[i + 1]]``."""
    rank: Int64Array
    """(n_texts,): place of each text when they are sorted, which gives two texts an order that does
    not depend on how they are handed over."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def save(self, folder: Path) -> None:
        """Write the store into *folder*, which exists, for ``open``."""
        np.save(folder / "ids.npy", self.ids)
        np.save(folder / "offsets.npy", self.offsets)
        np.save(folder / "rank.npy", self.rank)

    @classmethod
    def open(cls, folder: Path) -> "TokenStore":
        """The store that was saved into *folder*, mapped: what is scored is read from its files,
        and the system may drop it again. It belongs to the tokenizer that made it.

        Raises ClaimnliError if *folder* holds none."""
        if not (folder / "rank.npy").is_file():
            raise ClaimnliError(
                f"{folder} holds no tokens, or those of an older version",
                mend="Tokenise the texts again, and save them there.",
            )
        return cls(
            ids=np.load(folder / "ids.npy", mmap_mode="r"),
            offsets=np.load(folder / "offsets.npy", mmap_mode="r"),
            rank=np.load(folder / "rank.npy", mmap_mode="r"),
        )


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
    parts.append(np.zeros(max(lengths, default=0), dtype=np.int32))
    rank = np.empty(len(texts), dtype=np.int64)
    rank[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts))
    return TokenStore(ids=np.concatenate(parts), offsets=offsets, rank=rank)


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
        length = int(lengths.max(initial=template.n_special))
        widest_a, widest_b = int(n_a.max(initial=0)), int(n_b.max(initial=0))
        # Every text is copied at the width of the widest: one copy of many ids a row is cheaper
        # than an index for each id (docs/log.md). What is copied beyond a text is overwritten by
        # what stands behind it, or runs into the columns beyond *length*, which are left out.
        wide = np.empty((len(rows), length + max(widest_a, widest_b)), dtype=np.int32)
        flat, source = wide.reshape(-1), self._store.ids
        row_starts = np.arange(len(rows)) * wide.shape[1]
        begin_a = row_starts + len(template.prefix)
        begin_b = begin_a + n_a + len(template.middle)
        wide[:, : len(template.prefix)] = template.prefix
        _windows(flat, widest_a)[begin_a] = _windows(source, widest_a)[self._start_a[rows]]
        _windows(flat, len(template.middle))[begin_a + n_a] = template.middle
        _windows(flat, widest_b)[begin_b] = _windows(source, widest_b)[self._start_b[rows]]
        _windows(flat, len(template.suffix))[begin_b + n_b] = template.suffix
        ids = np.ascontiguousarray(wide[:, :length])

        column = np.arange(length)
        mask = None
        if (lengths != length).any():
            is_token = column < lengths[:, None]
            np.copyto(ids, template.pad_id, where=~is_token)
            mask = is_token.astype(np.int32)
        type_ids = None
        if template.type_ids is not None:
            # Each part overwrites the types from its beginning to the end of the row.
            t = template.type_ids
            type_ids = np.full((len(rows), length), t[0], dtype=np.int32)
            for begin, value in (
                (begin_a - row_starts, t[1]),
                (begin_a - row_starts + n_a, t[2]),
                (begin_b - row_starts, t[3]),
                (begin_b - row_starts + n_b, t[4]),
                (lengths, template.pad_type_id),
            ):
                np.copyto(type_ids, value, where=column >= begin[:, None])
        return TokenBatch(ids=ids, mask=mask, type_ids=type_ids)


def _windows(array: IntArray, width: int) -> IntArray:
    """A view of the flat *array*: row i is ``array[i : i + width]``, so that rows overlap."""
    shape = (max(0, len(array) - width + 1), width)
    return np.lib.stride_tricks.as_strided(array, shape, array.strides * 2)


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
