"""The model that labels pairs: a checkpoint, its tokenizer, its labels and its calibration."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from claimnli.config import NliConfig
from claimnli.extras import require_extra
from claimnli.nli.calibration import Calibration, load_calibration
from claimnli.nli.checkpoint import (
    load_config,
    load_module,
    load_tokenizer,
    max_positions,
)
from claimnli.nli.device import (
    ComputeDevice,
    keep_freed_memory,
    resolve_device,
    use_threads,
)
from claimnli.nli.engine import OnProgress, ScoringInterrupted
from claimnli.nli.folding import LabelOrder, fold_directions, read_labels, softmax
from claimnli.nli.orders import score_orders
from claimnli.nli.scorer import Decide, PairScorer
from claimnli.nli.tokens import TokenStore, tokenise
from claimnli.nli.weights import resolve_model
from claimnli.records import RELATIONS, FloatArray, ModelInfo, Relation, RelationScores

_UNRELATED = RELATIONS.index(Relation.UNRELATED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a model is made of, ready to compute."""

    module: nn.Module
    """In float32."""
    tokenizer: PreTrainedTokenizerFast
    labels: LabelOrder
    calibration: Calibration | None
    """None if the checkpoint has none."""


class NliModel:
    """Labels pairs of texts. Its methods keep nothing between calls but how much memory the device
    had. Results do not depend on the order of the pairs or on what else is scored with them, beyond
    rounding: where that could decide the label, the pair is scored again in float32; where it
    decides whether one order of an unrelated pair is enough, its probabilities may differ by more.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        compute: ComputeDevice,
        *,
        name: str,
        source: str,
        close_call: float = 0.0125,
        one_order_from: float = 1.0,
        is_compiled: bool = False,
        max_tokens: int = 256,
        max_batch_tokens: int = 0,
    ) -> None:
        """*name* and *source* are for the report; the limits are those of NliConfig."""
        self._tokenizer = checkpoint.tokenizer
        self._calibration = checkpoint.calibration or Calibration()
        # Without a calibration the probability of one order says too little.
        can_exit = checkpoint.calibration is not None and not checkpoint.labels.has_direction
        self._one_order_from = one_order_from if can_exit else 1.0
        self._scorer = PairScorer(
            checkpoint.module,
            compute,
            checkpoint.tokenizer,
            n_labels=len(checkpoint.labels.names),
            close_call=close_call,
            is_compiled=is_compiled,
            max_tokens=max_tokens,
            max_batch_tokens=max_batch_tokens,
        )
        self.labels = checkpoint.labels
        """The order of the columns of ``logits``."""
        self.info = ModelInfo(
            name=name,
            source=source,
            device=str(compute.device),
            dtype=compute.dtype_name,
            is_calibrated=checkpoint.calibration is not None,
            operating_point=self._calibration.operating_point,
        )

    @property
    def is_compiled(self) -> bool:
        """Whether torch.compile was asked for and has not failed so far."""
        return self._scorer.is_compiled

    def tokenise(self, texts: Sequence[str]) -> TokenStore:
        """The tokens of *texts*, to be kept with ``TokenStore.save`` and scored from there."""
        return tokenise(texts, self._tokenizer)

    def score_relations(
        self,
        texts: Sequence[str] | TokenStore,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        on_progress: OnProgress | None = None,
    ) -> RelationScores:
        """Calibrated probabilities of pairs of texts, and how many of the pairs were cut.

        *texts* may be their tokens by this model's ``tokenise``. *index_a*, *index_b*: (n_pairs,)
        positions in *texts*; swapping them changes nothing. Ctrl-C ends it: pairs without a score
        are NaN.
        """
        store = texts if isinstance(texts, TokenStore) else self.tokenise(texts)
        try:
            logits = self._relation_logits(
                store, index_a, index_b, self._one_order_from, on_progress
            )
        except ScoringInterrupted as interruption:
            logits = interruption.partial
        return RelationScores(
            probabilities=self._calibration.apply(logits),
            n_truncated=self._scorer.pair_tokens(store, index_a, index_b).n_truncated,
        )

    def relation_probabilities(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> FloatArray:
        """The probabilities of ``score_relations`` alone: (n_pairs, 3), in the order of RELATIONS.

        Ctrl-C raises KeyboardInterrupt.
        """
        store = self.tokenise(texts)
        logits = self._relation_logits(store, index_a, index_b, self._one_order_from)
        return self._calibration.apply(logits)

    def relation_logits(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> FloatArray:
        """What a calibration is fitted on: (n_pairs, 3) in the order of RELATIONS.

        Both orders of every pair are read, however sure the first is.
        """
        return self._relation_logits(self.tokenise(texts), index_a, index_b, one_order_from=1.0)

    def directional_probabilities(
        self, texts: Sequence[str], index_premise: npt.ArrayLike, index_hypothesis: npt.ArrayLike
    ) -> FloatArray:
        """Calibrated probabilities (n_pairs, 3) of premise -> hypothesis alone, for evaluation.

        In the order of RELATIONS, entailment standing for agreement and neutral for unrelated.
        """

        def calibrate(logits: FloatArray) -> FloatArray:
            return self._calibration.apply(logits[:, list(self.labels.columns)])

        return calibrate(self._logits(texts, index_premise, index_hypothesis, decide=calibrate))

    def logits(
        self, texts: Sequence[str], index_premise: npt.ArrayLike, index_hypothesis: npt.ArrayLike
    ) -> FloatArray:
        """Raw logits (n_pairs, n_labels) of premise -> hypothesis, in the checkpoint's order."""
        return self._logits(texts, index_premise, index_hypothesis, decide=softmax)

    def _logits(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike, decide: Decide
    ) -> FloatArray:
        store = self.tokenise(texts)
        logits = self._scorer.score(self._scorer.pair_tokens(store, index_a, index_b))
        return self._scorer.score_close_calls(logits, store, index_a, index_b, decide=decide)

    def _relation_logits(
        self,
        store: TokenStore,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        one_order_from: float,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """(n_pairs, 3) in the order of RELATIONS, from both orders of each pair."""
        orders = np.stack([index_a, index_b], axis=1).astype(np.int64)
        # Which order comes first is a matter of the texts, so that swapping them changes nothing.
        is_turned = store.rank[orders[:, 0]] > store.rank[orders[:, 1]]
        orders[is_turned] = orders[is_turned, ::-1]
        scorer = self._scorer

        def fold(logits: FloatArray) -> FloatArray:
            return fold_directions(logits.reshape(-1, 2, scorer.n_labels), self.labels)

        def decide(logits: FloatArray) -> FloatArray:
            return self._calibration.apply(fold(logits))

        def is_settled(logits: FloatArray) -> npt.NDArray[np.bool_]:
            if one_order_from >= 1.0:
                return np.zeros(len(logits), dtype=np.bool_)
            in_both = np.stack([logits, logits], axis=1)
            settled: npt.NDArray[np.bool_] = decide(in_both)[:, _UNRELATED] >= one_order_from
            return settled

        def in_pairs(n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(n_done // 2, n_total // 2)

        try:
            logits = score_orders(scorer, store, orders, is_settled, on_progress or _ignore)
            logits = scorer.score_close_calls(
                logits.reshape(-1, scorer.n_labels),
                store,
                orders.ravel(),
                orders[:, ::-1].ravel(),
                decide=decide,
                on_progress=in_pairs,
            )
        except ScoringInterrupted as interruption:
            raise ScoringInterrupted(fold(interruption.partial)) from None
        return fold(logits)


def _ignore(n_done: int, n_total: int) -> None:
    """Progress that nobody asked for."""


def load_model(config: NliConfig) -> NliModel:
    """Load the model that *config* names onto the device that it names.

    Raises ClaimnliError, before the weights are read where that is possible: for a folder that is
    missing, labels without meaning, a checkpoint that is not in safetensors or wants code of its
    own, a device that is not there.
    """
    source = resolve_model(config.model)
    place = str(source.folder or source.hub_name)
    compute = resolve_device(config.device, config.dtype)
    if compute.dtype is torch.int8:
        require_extra("int8", "numba")
    log.info("%s (%s): %s", source.name, source.reason, compute)
    model_config = load_config(place)
    labels = read_labels(model_config.id2label or {}, place=place)
    tokenizer = load_tokenizer(place, source.base_folder)
    use_threads(config.n_threads)
    if compute.device.type == "cpu":
        keep_freed_memory()
    checkpoint = Checkpoint(
        module=load_module(place, source.base_folder, model_config, compute.device),
        tokenizer=tokenizer,
        labels=labels,
        calibration=load_calibration(source.folder) if source.folder else None,
    )
    return NliModel(
        checkpoint,
        compute,
        name=source.name,
        source=place,
        close_call=config.close_call,
        one_order_from=config.one_order_from,
        is_compiled=config.compile,
        max_tokens=min(config.max_tokens, max_positions(model_config, tokenizer)),
        max_batch_tokens=config.max_batch_tokens,
    )
