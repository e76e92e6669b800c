"""The ways to score pairs that are compared, by short names.

Nothing heavy is imported here at the top: how long its imports take is part of what a process that
runs one of them alone measures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from claimnli.config import Dtype, NliConfig
from claimnli.errors import ClaimnliError
from claimnli.records import FloatArray, IntArray

REFERENCE = "ce-float32"
"""The row that all others are compared with; it always runs."""

Scorer = Callable[[Sequence[str], IntArray, IntArray, int], FloatArray]
"""(texts, index_a, index_b, batch_size) -> logits (n_pairs, n_labels), in the checkpoint's order.
Those that choose their batches themselves take no notice of the batch size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a contender needs to load."""

    config: NliConfig
    checkpoint: str
    """Folder of the same model as one plain checkpoint, adapters merged."""
    device: str
    """cpu, cuda ...; never auto."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One way to score pairs."""

    name: str
    load: Callable[[Setup], Scorer]
    dtype: Dtype = "float32"
    has_batch_size: bool = False
    is_slow: bool = False
    """Scored on a sample only."""
    needs_rounding: bool = False
    """Another row already, where the engine computes in float32."""
    is_for_gpus: bool = False
    packages: tuple[str, ...] = ()
    """Modules that have to be installed beside claimnli's own requirements."""
    install: str = ""
    """The command that installs them."""

    @property
    def may_fail(self) -> bool:
        """Whether what it needs may be there and not work: the row is then left out."""
        return self.is_for_gpus or bool(self.packages)


def reason_to_skip(contender: Contender, *, device: str, auto_dtype: str) -> str | None:
    """Why *contender* cannot run here, in one line, or None. *auto_dtype*: that of the engine."""
    missing = [package for package in contender.packages if find_spec(package) is None]
    if contender.packages and device != "cpu":
        return "measured on a CPU only"
    if contender.is_for_gpus and device == "cpu":
        return "for GPUs"
    if missing:
        return f"{' and '.join(missing)} not installed ({contender.install})"
    if contender.needs_rounding and auto_dtype == "float32":
        return f"the engine computes in float32 on this {device}"
    if contender.dtype in ("bfloat16", "int8") and auto_dtype != "bfloat16":
        return f"{contender.dtype} is not fast on this {device}"
    return None


def load_contender(key: str, setup: Setup) -> Scorer:
    """Load the contender *key*.

    Raises ClaimnliError if one of the optional packages cannot load the model, or it cannot be
    compiled.
    """
    contender = CONTENDERS[key]
    if not contender.packages:
        return contender.load(setup)
    # Other projects' exporters, in versions that nobody tested together.
    try:
        return contender.load(setup)
    except Exception as error:
        # sentence-transformers says of every failed import that the package is missing: what failed
        # is the first of the errors.
        cause: BaseException = error
        while before := cause.__cause__ or cause.__context__:
            cause = before
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        raise ClaimnliError(f"{contender.name} cannot be loaded: {lines[0]}") from error


def _load_ours(setup: Setup, **changes: Any) -> Scorer:
    from claimnli.nli.model import load_model

    model = load_model(replace(setup.config, device=setup.device, **changes))
    if changes.get("compile"):
        # One row and several, with and without padding: each is compiled on its own.
        texts = ["The mayor resigned.", "He did not.", "no"]
        model.logits(texts, [0], [1])
        model.logits(texts, [0, 0, 1, 2], [1, 1, 2, 0])
        if not model.is_compiled:
            raise ClaimnliError("the model could not be compiled")

    def score(
        texts: Sequence[str], index_a: IntArray, index_b: IntArray, batch_size: int
    ) -> FloatArray:
        return model.logits(texts, index_a, index_b)

    return score


def _load_cross_encoder(setup: Setup, *, dtype: str = "float32", backend: Any = "torch") -> Scorer:
    from sentence_transformers import CrossEncoder
    from torch import nn

    encoder = CrossEncoder(
        setup.checkpoint,
        device=setup.device,
        max_length=setup.config.max_tokens,
        # The other backends export in float32.
        model_kwargs={"dtype": dtype} if backend == "torch" else None,
        backend=backend,
        activation_fn=nn.Identity(),
    )

    def predict(
        texts: Sequence[str], index_a: IntArray, index_b: IntArray, batch_size: int
    ) -> FloatArray:
        pairs = [(texts[a], texts[b]) for a, b in zip(index_a, index_b, strict=True)]
        scores: FloatArray = encoder.predict(pairs, batch_size=batch_size, show_progress_bar=False)
        return scores

    return predict


def _load_pipeline(setup: Setup) -> Scorer:
    import torch
    from transformers import pipeline

    classify: Any = pipeline(
        "text-classification",
        model=setup.checkpoint,
        tokenizer=setup.checkpoint,
        device=setup.device,
        dtype=torch.float32,
    )
    columns = classify.model.config.label2id

    def score(
        texts: Sequence[str], index_a: IntArray, index_b: IntArray, batch_size: int
    ) -> FloatArray:
        outputs = classify(
            [
                {"text": texts[a], "text_pair": texts[b]}
                for a, b in zip(index_a, index_b, strict=True)
            ],
            batch_size=batch_size,
            truncation="longest_first",
            max_length=setup.config.max_tokens,
            top_k=None,
            function_to_apply="none",
        )
        logits = np.empty((len(outputs), len(columns)), dtype=np.float32)
        for row, output in zip(logits, outputs, strict=True):
            # It gives the labels of a pair by falling score.
            for label in output:
                row[columns[label["label"]]] = label["score"]
        return logits

    return score


def _load_naive(setup: Setup) -> Scorer:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(setup.checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(
        setup.checkpoint, dtype=torch.float32
    )
    model = model.to(setup.device).eval()

    def score(
        texts: Sequence[str], index_a: IntArray, index_b: IntArray, batch_size: int
    ) -> FloatArray:
        rows = []
        with torch.inference_mode():
            for a, b in zip(index_a, index_b, strict=True):
                inputs = tokenizer(
                    texts[a],
                    texts[b],
                    truncation="longest_first",
                    max_length=setup.config.max_tokens,
                    return_tensors="pt",
                ).to(setup.device)
                rows.append(model(**inputs).logits[0].cpu().numpy())
        return np.stack(rows)

    return score


CONTENDERS: dict[str, Contender] = {
    REFERENCE: Contender(
        name="sentence-transformers, CrossEncoder.predict, float32",
        load=_load_cross_encoder,
        has_batch_size=True,
    ),
    "ours": Contender(
        name="claimnli as it is set: the device's dtype, close calls scored again in float32",
        load=_load_ours,
        dtype="auto",
    ),
    "ours-compiled": Contender(
        name="claimnli with nli.compile, close calls scored again in float32",
        load=partial(_load_ours, compile=True),
        dtype="auto",
        is_for_gpus=True,
    ),
    "ours-int8": Contender(
        name="claimnli in int8, close calls scored again",
        load=partial(_load_ours, dtype="int8"),
        dtype="int8",
        packages=("numba",),
        install="pip install 'claimnli[int8]'",
    ),
    "ours-no-rescoring": Contender(
        name="claimnli in the device's dtype, no pair scored again",
        load=partial(_load_ours, close_call=0.0),
        dtype="auto",
        needs_rounding=True,
    ),
    "ours-float32": Contender(
        name="claimnli, float32",
        load=partial(_load_ours, dtype="float32"),
        needs_rounding=True,
    ),
    "ce-bfloat16": Contender(
        name="CrossEncoder.predict, bfloat16",
        load=partial(_load_cross_encoder, dtype="bfloat16"),
        dtype="bfloat16",
        has_batch_size=True,
    ),
    # What these two need lags behind: optimum-onnx 0.1.0 and optimum-intel 2.2.0 cannot be imported
    # with transformers 5.23, and ask for one below 4.58 and 5.6.
    "ce-onnx": Contender(
        name="CrossEncoder.predict, backend onnx",
        load=partial(_load_cross_encoder, backend="onnx"),
        has_batch_size=True,
        packages=("optimum", "onnxruntime"),
        install="pip install 'sentence-transformers[onnx]', if it allows this transformers",
    ),
    "ce-openvino": Contender(
        name="CrossEncoder.predict, backend openvino",
        load=partial(_load_cross_encoder, backend="openvino"),
        has_batch_size=True,
        packages=("optimum", "openvino"),
        install="pip install 'sentence-transformers[openvino]', if it allows this transformers",
    ),
    "pipeline": Contender(
        name="transformers, pipeline('text-classification'), float32",
        load=_load_pipeline,
        has_batch_size=True,
    ),
    "naive": Contender(
        name="transformers, a loop over single pairs, float32", load=_load_naive, is_slow=True
    ),
}


def choose(only: Sequence[str], skip: Sequence[str]) -> list[str]:
    """Short names of the rows to run: *only* these (empty: all) without *skip*.

    The reference is always among them. Raises ClaimnliError for a name that does not exist.
    """
    for key in (*only, *skip):
        if key not in CONTENDERS:
            raise ClaimnliError(
                f"there is no row '{key}'", mend=f"The rows are {', '.join(CONTENDERS)}."
            )
    return [
        key
        for key in CONTENDERS
        if key == REFERENCE or ((not only or key in only) and key not in skip)
    ]
