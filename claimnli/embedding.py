"""Claims as unit vectors, by the bundled all-MiniLM-L6-v2 as it was trained here.

The encoder here gives what ``SentenceTransformer(folder).encode`` gives (mean over the tokens, then
unit length; the tests hold it to that), without importing sentence_transformers: on two cores that
import costs about as much time as encoding the sentences of a small folder.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from claimnli.errors import ClaimnliError
from claimnli.processes import merge, share
from claimnli.records import Claim, FloatArray

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer
    from transformers import PreTrainedModel

EMBEDDER_FOLDER = Path(__file__).parent / "models" / "embedder"
_MAX_TOKENS = 256  # max_seq_length of all-MiniLM-L6-v2
_BATCH_TOKENS = {"cpu": 4_096, "cuda": 131_072}  # what a batch holds, padding included


_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return one vector a text: float32 (n_texts, dim), in the order of *texts*."""
        ...


class MeanPoolingEncoder:
    """Mean of a transformer's last hidden states, scaled to unit length."""

    def __init__(
        self,
        model: "PreTrainedModel",
        tokenizer: "Tokenizer",
        *,
        device: "torch.device",
    ) -> None:
        self._model = model.to(device).eval()  # type: ignore[arg-type]
        self._tokenizer = tokenizer
        self._device = device
        self._batch_tokens = _BATCH_TOKENS.get(device.type, 16_384)
        self.dim: int = model.config.hidden_size

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 (n_texts, dim), unit length; only the first 256 tokens of a text count."""
        import torch

        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        self._warn_of_cut(texts, ids)
        vectors = np.full((len(ids), self.dim), np.nan, dtype=np.float32)
        lengths = np.array([len(row) for row in ids], dtype=np.int64)
        with torch.inference_mode():
            for rows in share(_batches(lengths, self._batch_tokens)):
                vectors[rows] = self._encode_batch([ids[row] for row in rows]).cpu().numpy()
        return merge(vectors, self._device)

    def _encode_batch(self, ids: Sequence[Sequence[int]]) -> "torch.Tensor":
        import torch

        width = max(map(len, ids))
        padded = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, row_ids in enumerate(ids):
            padded[row, : len(row_ids)] = row_ids
            mask[row, : len(row_ids)] = 1
        mask_tensor = torch.from_numpy(mask).to(self._device)
        hidden = self._model(
            input_ids=torch.from_numpy(padded).to(self._device), attention_mask=mask_tensor
        ).last_hidden_state.float()
        weights = mask_tensor.unsqueeze(-1).float()
        mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1)
        return torch.nn.functional.normalize(mean, dim=1)

    def _warn_of_cut(self, texts: Sequence[str], ids: Sequence[Sequence[int]]) -> None:
        # Only a full row can have been cut; those few are tokenised again to know.
        full = [text for text, row in zip(texts, ids, strict=True) if len(row) == _MAX_TOKENS]
        if not full:
            return
        encodings = self._tokenizer.encode_batch(full)
        n_cut = sum(bool(encoding.overflowing) for encoding in encodings)
        if n_cut:
            _log.warning("%d texts are embedded by their first %d tokens only", n_cut, _MAX_TOKENS)


def load_encoder(device: str = "auto") -> MeanPoolingEncoder:
    """Load the bundled embedder (384 dimensions) onto *device*; ``auto`` is cuda, mps or cpu.

    Raises ClaimnliError if the installation lacks the embedder's files, or the device does not
    exist.
    """
    return load_encoder_folder(EMBEDDER_FOLDER, device)


def load_encoder_folder(folder: Path, device: str = "auto") -> MeanPoolingEncoder:
    """Load a mean-pooling sentence-transformers model from *folder*; see load_encoder."""
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ClaimnliError(
                f"{folder / name}: this file of the claim embedder is missing",
                mend="Install claimnli again: its package carries the file.",
            )
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    from claimnli.nli.device import resolve_device

    # float32 on a CPU also where bfloat16 is faster: this is the short stage, and a cosine that
    # depends on the processor would move pairs over the cut.
    torch_device = resolve_device(device, "float32").device
    dtype = torch.float16 if torch_device.type == "cuda" else torch.float32
    has_bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = AutoModel.from_pretrained(
            folder, dtype=dtype, use_safetensors=True, local_files_only=True
        )
    finally:
        if has_bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_MAX_TOKENS)
    return MeanPoolingEncoder(model, tokenizer, device=torch_device)


def embed_claims(claims: Sequence[Claim], encoder: Encoder) -> FloatArray:
    """Embed the claims' texts: float32 (n_claims, dim), unit length, in the order of *claims*.

    Texts that occur several times, as in reprints, are embedded once.
    """
    position: dict[str, int] = {}
    rows = np.array(
        [position.setdefault(claim.text, len(position)) for claim in claims], dtype=np.int64
    )
    vectors = encoder.encode(list(position))
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(norms, 1e-12)).astype(np.float32)
    return unit[rows]


def _batches(lengths: npt.NDArray[np.int64], batch_tokens: int) -> list[list[int]]:
    """Rows in batches of similar length, longest first, each at most *batch_tokens* when padded."""
    batches: list[list[int]] = []
    width = 0
    for row in np.argsort(-lengths, kind="stable").tolist():
        # The first row of a batch is its longest.
        if not batches or (len(batches[-1]) + 1) * width > batch_tokens:
            batches.append([])
            width = int(lengths[row])
        batches[-1].append(row)
    return batches
