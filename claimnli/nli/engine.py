"""Batch inference over pairs: the performance core.

Pairs are sorted by their exact length in tokens. Batches hold pairs of one length, which need no
attention mask, or of a few neighbouring lengths where a batch of its own would cost more than the
padding; how many, a small dynamic programme decides. Nothing in the loop waits for the device: the
logits stay there until the end of a call, which is a part of a long run (orders.py). Several
processes share the batches.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from claimnli.errors import ClaimnliError
from claimnli.nli.device import ComputeDevice
from claimnli.nli.lanes import in_lanes
from claimnli.nli.tokens import Int64Array, PairTokens, TokenBatch
from claimnli.processes import merge, share
from claimnli.records import FloatArray, IntArray

_log = logging.getLogger(__name__)

RowArray = npt.NDArray[np.intp]
OnProgress = Callable[[int, int], None]
"""Called after each batch with the number of pairs that are done and of all."""

BATCH_TOKENS = {"cpu": 2048, "cuda": 65_536}
"""Tokens of a batch. A processor is at full speed from about 512 tokens on, and small batches stay
in its caches; a GPU wants more work at a time than it has lanes."""
# What a batch costs beyond its tokens (Python, kernel launches, thread barriers), in tokens.
_OVERHEAD_TOKENS = {"cpu": 128, "cuda": 4096}


class TokenBudget:
    """How many tokens a batch has at most; fewer while the device is out of memory."""

    def __init__(self, compute: ComputeDevice, max_batch_tokens: int = 0) -> None:
        """*max_batch_tokens* of 0 lets the device decide."""
        default = BATCH_TOKENS.get(compute.device.type, BATCH_TOKENS["cuda"])
        self.n_planned = max_batch_tokens or default
        """What was asked for: the same in all processes, which plan their shares with it."""
        self.n_tokens = self.n_planned
        """What this process has memory for, as far as it knows."""
        self._least = self.n_planned

    def shrink(self, n_failed: int) -> None:
        """Half of *n_failed*, the tokens for which there was no memory."""
        self.n_tokens = max(1, min(self.n_tokens, n_failed) // 2)
        if self.n_tokens < self._least:
            self._least = self.n_tokens
            _log.warning("out of memory: batches of at most %d tokens", self.n_tokens)

    def grow(self) -> None:
        """Twice as much, up to the plan: others may have had the memory for a while only."""
        self.n_tokens = min(2 * self.n_tokens, self.n_planned)


class ScoringInterrupted(KeyboardInterrupt):
    """Ctrl-C while pairs were scored; *partial* holds what was finished."""

    def __init__(self, partial: FloatArray) -> None:
        super().__init__("scoring was interrupted")
        self.partial = partial
        """(n_pairs, n_columns); the rows of pairs that were not scored are NaN."""


def score(
    module: nn.Module,
    pairs: PairTokens,
    compute: ComputeDevice,
    *,
    n_labels: int,
    budget: TokenBudget | None = None,
    n_lanes: int = 1,
    on_progress: OnProgress | None = None,
) -> FloatArray:
    """Raw logits of *pairs* in their order: (n_pairs, n_labels), float32.

    *budget* is that of the device if it is None; where memory ran out, the next call with it begins
    with twice what was enough. With several *n_lanes*, which is for processors, as many batches are
    computed side by side. Raises ScoringInterrupted on Ctrl-C, and ClaimnliError if the device
    has no memory for a single pair or a logit is not a finite number.
    """
    budget = budget or TokenBudget(compute)
    overhead = _OVERHEAD_TOKENS.get(compute.device.type, _OVERHEAD_TOKENS["cuda"])
    # The same plan in all processes, which take their shares of it.
    batches = share(plan_batches(pairs.lengths, budget.n_planned, overhead))
    n_own = sum(map(len, batches))
    done: list[tuple[RowArray, Tensor]] = []
    n_done = 0
    if n_lanes > 1:
        # A few pairs are shared among the lanes, too.
        n_tokens = sum(int(pairs.lengths[rows].sum()) for rows in batches)
        parts = _split_all(batches, pairs.lengths, max(1, -(-n_tokens // n_lanes)))
        results = in_lanes(partial(forward_rows, module, pairs, compute), parts, n_lanes)
    else:
        results = _one_by_one(module, pairs, compute, batches, budget)
    try:
        for rows, logits in results:
            done.append((rows, logits))
            n_done += len(rows)
            if on_progress is not None:
                on_progress(n_done, n_own)
    except KeyboardInterrupt:
        raise ScoringInterrupted(_collect(done, len(pairs), n_labels)) from None
    return merge(_collect(done, len(pairs), n_labels), compute.device)


def _one_by_one(
    module: nn.Module,
    pairs: PairTokens,
    compute: ComputeDevice,
    batches: Iterable[RowArray],
    budget: TokenBudget,
) -> Iterator[tuple[RowArray, Tensor]]:
    """The rows of each batch and their logits, in smaller batches where memory asks for it."""
    left = deque(batches)
    if left:
        budget.grow()
    if budget.n_tokens < budget.n_planned:
        left = _split_all(left, pairs.lengths, budget.n_tokens)
    while left:
        rows = left[0]
        logits = _forward_if_it_fits(module, pairs, compute, rows)
        if logits is not None:
            yield left.popleft(), logits
            continue
        if len(rows) == 1:
            raise ClaimnliError(
                f"{compute.device} has no memory for one pair of texts",
                mend="Use --device cpu, a smaller model, or a smaller max_tokens.",
            )
        budget.shrink(len(rows) * int(pairs.lengths[rows].max()))
        left = _split_all(left, pairs.lengths, budget.n_tokens)


def plan_batches(lengths: Int64Array, max_batch_tokens: int, overhead: int) -> list[RowArray]:
    """Rows of each batch, the longest pairs first, so that memory runs out early if it does.

    *lengths*: (n_pairs,) tokens. Neighbouring lengths are joined where that costs least, counting
    padded tokens and *overhead* tokens a batch: a shortest path over the distinct lengths. A batch
    has at most *max_batch_tokens* tokens, or one pair.
    """
    order = np.argsort(-lengths, kind="stable")
    negative, counts = np.unique(-lengths, return_counts=True)
    distinct = -negative
    ends = np.cumsum(counts)
    starts = ends - counts
    n = len(distinct)
    # cost[j]: least cost of the j longest lengths; begin[j]: where the last group of them begins.
    cost = np.zeros(n + 1)
    begin = np.zeros(n + 1, dtype=np.intp)
    for j in range(1, n + 1):
        n_tokens = (ends[j - 1] - starts[:j]) * distinct[:j]
        total = cost[:j] + n_tokens + overhead * np.ceil(n_tokens / max_batch_tokens)
        begin[j] = np.argmin(total)
        cost[j] = total[begin[j]]
    groups: list[RowArray] = []
    j = n
    while j > 0:
        groups.append(order[starts[begin[j]] : ends[j - 1]])
        j = int(begin[j])
    return [b for group in reversed(groups) for b in _split(group, lengths, max_batch_tokens)]


def _split_all(
    batches: Iterable[RowArray], lengths: Int64Array, max_batch_tokens: int
) -> deque[RowArray]:
    return deque(part for rows in batches for part in _split(rows, lengths, max_batch_tokens))


def _split(rows: RowArray, lengths: Int64Array, max_batch_tokens: int) -> list[RowArray]:
    """*rows* in parts with at most *max_batch_tokens* tokens, all but the last as large as can be:
    batches of one size are what compiled products are made for (packed.py)."""
    max_rows = max(1, max_batch_tokens // int(lengths[rows].max()))
    return [rows[i : i + max_rows] for i in range(0, len(rows), max_rows)]


def _precision(compute: ComputeDevice) -> torch.autocast:
    """Matrix products in the dtype of *compute*, those that int8 leaves out in bfloat16; what is
    between them stays in float32."""
    return torch.autocast(
        compute.device.type,
        dtype=torch.bfloat16 if compute.dtype is torch.int8 else compute.dtype,
        enabled=compute.dtype != torch.float32,
        cache_enabled=False,
    )


def _forward_if_it_fits(
    module: nn.Module, pairs: PairTokens, compute: ComputeDevice, rows: RowArray
) -> Tensor | None:
    """The logits of *rows*, or None if there is no memory for them."""
    # Once more if it fails, since memory may lie about in pieces that are too small.
    for _ in range(2):
        try:
            return forward_rows(module, pairs, compute, rows)
        except RuntimeError as error:
            if not _is_out_of_memory(error):
                raise
        # Not among the lines above: their error keeps all that the model had computed.
        torch.cuda.empty_cache()
    return None


def _is_out_of_memory(error: RuntimeError) -> bool:
    """Whether the device has no memory: for tensors, for cuBLAS, or for a copy from pinned memory,
    which have no class of their own."""
    said = str(error)
    is_told = "CUBLAS_STATUS_ALLOC_FAILED" in said or "CUDA error: out of memory" in said
    return is_told or isinstance(error, torch.OutOfMemoryError)


def forward_rows(
    module: nn.Module, pairs: PairTokens, compute: ComputeDevice, rows: RowArray
) -> Tensor:
    """Logits (n_rows, n_labels) of *rows*, with the settings that torch keeps for each thread."""
    with torch.inference_mode(), _precision(compute):
        return _forward(module, pairs.assemble(rows), compute.device)


def _forward(module: nn.Module, batch: TokenBatch, device: torch.device) -> Tensor:
    inputs = {"input_ids": _to_device(batch.ids, device)}
    if batch.mask is not None:
        inputs["attention_mask"] = _to_device(batch.mask, device)
    if batch.type_ids is not None:
        inputs["token_type_ids"] = _to_device(batch.type_ids, device)
    logits: Tensor = module(**inputs).logits
    return logits


def _to_device(array: IntArray, device: torch.device) -> Tensor:
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        # Only from pinned memory does the copy run beside the computation.
        tensor = tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device).long()


def _collect(done: list[tuple[RowArray, Tensor]], n_pairs: int, n_labels: int) -> FloatArray:
    """The logits of all batches, in the caller's order; NaN where there are none."""
    result = np.full((n_pairs, n_labels), np.nan, dtype=np.float32)
    if done:
        values = torch.cat([logits for _, logits in done]).float().cpu().numpy()
        if not np.isfinite(values).all():
            raise ClaimnliError(
                "the model gave a logit that is not a finite number",
                mend="Use dtype float32; if that is so already, the weights are damaged.",
            )
        result[np.concatenate([rows for rows, _ in done])] = values
    return result
