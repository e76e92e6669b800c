"""The model that labels pairs: a checkpoint, its tokenizer, its labels and its calibration."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import nn
from transformers import PretrainedConfig, PreTrainedTokenizerFast

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.calibration import Calibration, load_calibration
from claimnli.nli.checkpoint import load_config, load_module, load_tokenizer, max_positions
from claimnli.nli.device import ComputeDevice, resolve_device, use_threads
from claimnli.nli.engine import OnProgress, ScoringInterrupted, score
from claimnli.nli.folding import LabelOrder, fold_directions, read_labels
from claimnli.nli.tokens import PairTokens, read_template, tokenise
from claimnli.nli.weights import resolve_model
from claimnli.records import FloatArray, ModelInfo

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a model is made of, ready to compute."""

    module: nn.Module
    tokenizer: PreTrainedTokenizerFast
    labels: LabelOrder
    calibration: Calibration | None
    """None if the checkpoint has none."""


class NliModel:
    """Labels pairs of texts. Its methods keep nothing between calls; results do not depend on the
    order of the pairs or on what else is scored with them, beyond rounding."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        compute: ComputeDevice,
        *,
        name: str,
        source: str,
        max_tokens: int = 256,
        max_batch_tokens: int = 0,
    ) -> None:
        """*name* and *source* are for the report; the limits are those of NliConfig."""
        self._module = checkpoint.module
        self._tokenizer = checkpoint.tokenizer
        self._template = read_template(checkpoint.tokenizer)
        self._calibration = checkpoint.calibration or Calibration()
        self._compute = compute
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
        )

    def relation_probabilities(
        self,
        texts: Sequence[str],
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """Calibrated probabilities (n_pairs, 3), in the order of RELATIONS, of pairs of texts.

        *index_a*, *index_b*: (n_pairs,) positions in *texts*; swapping them changes nothing. Both
        orders of every pair are scored in one stream. Raises ScoringInterrupted on Ctrl-C.
        """
        try:
            logits = self.relation_logits(texts, index_a, index_b, on_progress=on_progress)
        except ScoringInterrupted as interruption:
            partial = self._calibration.apply(interruption.partial)
            raise ScoringInterrupted(partial) from None
        return self._calibration.apply(logits)

    def relation_logits(
        self,
        texts: Sequence[str],
        index_a: npt.ArrayLike,
        index_b: npt.ArrayLike,
        *,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """What ``relation_probabilities`` calibrates, and what a calibration is fitted on.

        (n_pairs, 3) in the order of RELATIONS.
        """
        both = np.stack([np.asarray(index_a), np.asarray(index_b)], axis=1)
        n_pairs, n_labels = len(both), len(self.labels.names)

        def on_rows(n_done: int, n_total: int) -> None:
            if on_progress is not None:
                on_progress(n_done // 2, n_total // 2)

        try:
            # Both orders of a pair have the same length and stay neighbours in the stream.
            logits = self.logits(texts, both.ravel(), both[:, ::-1].ravel(), on_progress=on_rows)
        except ScoringInterrupted as interruption:
            partial = interruption.partial.reshape(n_pairs, 2, n_labels)
            raise ScoringInterrupted(fold_directions(partial, self.labels)) from None
        return fold_directions(logits.reshape(n_pairs, 2, n_labels), self.labels)

    def directional_probabilities(
        self,
        texts: Sequence[str],
        index_premise: npt.ArrayLike,
        index_hypothesis: npt.ArrayLike,
        *,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """Calibrated probabilities (n_pairs, 3) of premise -> hypothesis alone, for evaluation.

        In the order of RELATIONS, entailment standing for agreement and neutral for unrelated.
        """
        logits = self.logits(texts, index_premise, index_hypothesis, on_progress=on_progress)
        return self._calibration.apply(logits[:, list(self.labels.columns)])

    def logits(
        self,
        texts: Sequence[str],
        index_premise: npt.ArrayLike,
        index_hypothesis: npt.ArrayLike,
        *,
        on_progress: OnProgress | None = None,
    ) -> FloatArray:
        """Raw logits (n_pairs, n_labels) of premise -> hypothesis, in the checkpoint's order."""
        return score(
            self._module,
            self._pair_tokens(texts, index_premise, index_hypothesis),
            self._compute,
            n_labels=len(self.labels.names),
            max_batch_tokens=self._max_batch_tokens,
            on_progress=on_progress,
        )

    def n_truncated(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> int:
        """How many of the pairs are longer than ``max_tokens`` and are cut when they are scored."""
        return self._pair_tokens(texts, index_a, index_b).n_truncated

    def _pair_tokens(
        self, texts: Sequence[str], index_a: npt.ArrayLike, index_b: npt.ArrayLike
    ) -> PairTokens:
        store = tokenise(texts, self._tokenizer)
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
    _check_max_tokens(config.max_tokens, model_config, tokenizer)
    use_threads(config.n_threads)
    checkpoint = Checkpoint(
        module=load_module(place, source.base_folder, model_config, compute),
        tokenizer=tokenizer,
        labels=labels,
        calibration=load_calibration(source.folder) if source.folder else None,
    )
    return NliModel(
        checkpoint,
        compute,
        name=source.name,
        source=place,
        max_tokens=config.max_tokens,
        max_batch_tokens=config.max_batch_tokens,
    )


def _check_max_tokens(
    max_tokens: int, config: PretrainedConfig, tokenizer: PreTrainedTokenizerFast
) -> None:
    limit = max_positions(config, tokenizer)
    if max_tokens > limit:
        raise ClaimnliError(
            f"nli.max_tokens is {max_tokens}, and this model reads at most {limit}",
            mend=f"Set max_tokens = {limit} in the section [nli] of the configuration.",
        )
