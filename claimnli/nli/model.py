"""The model that labels pairs: a checkpoint, its tokenizer, its labels and its calibration."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from transformers import PreTrainedTokenizerFast

from claimnli.config import NliConfig
from claimnli.nli.calibration import Calibration, load_calibration
from claimnli.nli.checkpoint import (
    load_config,
    load_module,
    load_tokenizer,
    max_positions,
)
from claimnli.nli.compiled import CompiledModule
from claimnli.nli.device import (
    ComputeDevice,
    keep_freed_memory,
    resolve_device,
    use_threads,
)
from claimnli.nli.engine import OnProgress, ScoringInterrupted, score
from claimnli.nli.folding import LabelOrder, fold_directions, read_labels, softmax
from claimnli.nli.packed import is_packed
from claimnli.nli.products import with_products_in_16_bits
from claimnli.nli.tokens import PairTokens, TokenStore, read_template, tokenise
from claimnli.nli.weights import resolve_model
from claimnli.records import FloatArray, ModelInfo, RelationScores

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
    """Labels pairs of texts. Its methods keep nothing between calls; results do not depend on the
    order of the pairs or on what else is scored with them, beyond rounding, and where rounding
    could decide the label, the pair is scored again in float32."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        compute: ComputeDevice,
        *,
        name: str,
        source: str,
        close_call: float = 0.025,
        is_compiled: bool = False,
        max_tokens: int = 256,
        max_batch_tokens: int = 0,
    ) -> None:
        """*name* and *source* are for the report; the limits are those of NliConfig."""
        self._exact = checkpoint.module
        self._module = checkpoint.module
        if compute.dtype is not torch.float32:
            self._module = with_products_in_16_bits(compute, checkpoint.module)
        self._scorer = self._module
        if is_compiled and not is_packed(self._module):
            self._scorer = CompiledModule(self._module)
        self._tokenizer = checkpoint.tokenizer
        self._template = read_template(checkpoint.tokenizer)
        self._calibration = checkpoint.calibration or Calibration()
        self._compute = compute
        self._close_call = close_call
        self._max_tokens = max_tokens
        self._max_batch_tokens = max_batch_tokens
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
        return isinstance(self._scorer, CompiledModule) and self._scorer.is_compiled

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
        positions in *texts*; swapping them changes nothing. Both orders of every pair are scored in
        one stream. Ctrl-C ends it: pairs without a score are NaN.
        """
        store = texts if isinstance(texts, TokenStore) else self.tokenise(texts)
        try:
            logits = self._relation_logits(store, index_a, index_b, on_progress)
        except ScoringInterrupted as interruption:
            logits = interruption.partial
        return RelationScores(
            probabilities=self._calibration.apply(logits),
            n_truncated=self._pair_tokens(store, index_a, index_b).n_truncated,
        )

    def relation_probabilities(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> FloatArray:
        """The probabilities of ``score_relations`` alone: (n_pairs, 3), in the order of RELATIONS.

        Ctrl-C raises KeyboardInterrupt.
        """
        return self._calibration.apply(self.relation_logits(texts, index_a, index_b))

    def relation_logits(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> FloatArray:
        """What ``relation_probabilities`` calibrates, and what a calibration is fitted on.

        (n_pairs, 3) in the order of RELATIONS.
        """
        return self._relation_logits(self.tokenise(texts), index_a, index_b)

    def directional_probabilities(
        self, texts: Sequence[str], index_premise: npt.ArrayLike, index_hypothesis: npt.ArrayLike
    ) -> FloatArray:
        """Calibrated probabilities (n_pairs, 3) of premise -> hypothesis alone, for evaluation.

        In the order of RELATIONS, entailment standing for agreement and neutral for unrelated.
        """

        def calibrate(logits: FloatArray) -> FloatArray:
            return self._calibration.apply(logits[:, list(self.labels.columns)])

        store = self.tokenise(texts)
        return calibrate(self._score(store, index_premise, index_hypothesis, decide=calibrate))

    def logits(
        self, texts: Sequence[str], index_premise: npt.ArrayLike, index_hypothesis: npt.ArrayLike
    ) -> FloatArray:
        """Raw logits (n_pairs, n_labels) of premise -> hypothesis, in the checkpoint's order."""
        store = self.tokenise(texts)
        return self._score(store, index_premise, index_hypothesis, decide=softmax)

    def _relation_logits(
        self,
        store: TokenStore,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        both = np.stack([np.asarray(index_a), np.asarray(index_b)], axis=1)
        shape = (len(both), 2, len(self.labels.names))

        def fold(logits: FloatArray) -> FloatArray:
            return fold_directions(logits.reshape(shape), self.labels)

        def on_rows(n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(n_done // 2, n_total // 2)

        try:
            logits = self._score(
                # Both orders of a pair have the same length and stay neighbours in the stream.
                store,
                both.ravel(),
                both[:, ::-1].ravel(),
                decide=lambda logits: self._calibration.apply(fold(logits)),
                on_progress=on_rows,
            )
        except ScoringInterrupted as interruption:
            raise ScoringInterrupted(fold(interruption.partial)) from None
        return fold(logits)

    def _score(
        self,
        store: TokenStore,
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        decide: Callable[[FloatArray], FloatArray],
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """Logits (n_rows, n_labels); close calls in float32.

        *decide* turns them into the probabilities (n_rows, 3), or (n_rows // 2, 3) of rows in
        twos, whose order makes the label.
        """
        index_a, index_b = np.asarray(index_a), np.asarray(index_b)
        logits = score(
            self._scorer,
            self._pair_tokens(store, index_a, index_b),
            self._compute,
            n_labels=len(self.labels.names),
            max_batch_tokens=self._max_batch_tokens,
            on_progress=on_progress,
        )
        if self._module is self._exact:
            return logits
        ranked = np.sort(decide(logits), axis=1)
        is_close = ranked[:, -1] - ranked[:, -2] < self._close_call
        rows = np.flatnonzero(np.repeat(is_close, len(logits) // max(1, len(is_close))))

        def on_close_rows(n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(len(logits) + n_done, len(logits) + n_total)

        try:
            logits[rows] = score(
                self._exact,
                self._pair_tokens(store, index_a[rows], index_b[rows]),
                replace(self._compute, dtype=torch.float32),
                n_labels=len(self.labels.names),
                max_batch_tokens=self._max_batch_tokens,
                on_progress=on_close_rows,
            )
        except ScoringInterrupted as interruption:
            logits[rows] = interruption.partial
            raise ScoringInterrupted(logits) from None
        return logits

    def _pair_tokens(
        self, store: TokenStore, index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> PairTokens:
        return PairTokens(store, self._template, index_a, index_b, max_tokens=self._max_tokens)


def load_model(config: NliConfig) -> NliModel:
    """Load the model that *config* names onto the device that it names.

    Raises ClaimnliError, before the weights are read where that is possible: for a folder that is
    missing, labels without meaning, a checkpoint that is not in safetensors or wants code of its
    own, a device that is not there.
    """
    source = resolve_model(config.model)
    place = str(source.folder or source.hub_name)
    compute = resolve_device(config.device, config.dtype)
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
        is_compiled=config.compile,
        max_tokens=min(config.max_tokens, max_positions(model_config, tokenizer)),
        max_batch_tokens=config.max_batch_tokens,
    )
