"""Probabilities that mean what they say.

Temperature scaling (Guo et al. 2017, arXiv:1706.04599) with one bias for each relation, fitted on a
dev set: a 0.9 is right nine times in ten on data like it. Stored beside the weights.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from claimnli.errors import ClaimnliError
from claimnli.nli.folding import softmax
from claimnli.records import RELATIONS, FloatArray

FILE_NAME = "calibration.json"

# Keeps the fit finite where the dev set is labelled without an error; in nats per example it is far
# below what matters.
_RIDGE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """``softmax(logits / temperature + bias)``; as it stands by default it changes nothing."""

    temperature: float = 1.0
    bias: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """In the order of RELATIONS."""
    operating_point: float = 0.5
    """The probability from which on a contradiction is worth showing; it changes no label."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0.0):
            raise ClaimnliError(f"a temperature is above 0, not {self.temperature}")
        if not all(map(math.isfinite, self.bias)):
            raise ClaimnliError(f"a bias is a finite number, not {self.bias}")
        if not 0.0 <= self.operating_point <= 1.0:
            raise ClaimnliError(f"an operating point is from 0 to 1, not {self.operating_point}")

    def apply(self, logits: FloatArray) -> FloatArray:
        """Probabilities (n_pairs, 3) of relation logits (n_pairs, 3); NaN rows stay NaN."""
        scaled = logits.astype(np.float64) / self.temperature + np.asarray(self.bias)
        return softmax(scaled).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write ``calibration.json`` into the folder of the weights."""
        bias = {str(r): b for r, b in zip(RELATIONS, self.bias, strict=True)}
        stored = {
            "temperature": self.temperature,
            "bias": bias,
            "operating_point": self.operating_point,
        }
        text = json.dumps(stored, indent=2)
        (folder / FILE_NAME).write_text(text + "\n", encoding="utf-8")


def load_calibration(folder: Path) -> Calibration | None:
    """The calibration stored in *folder*, None if there is none.

    Raises ClaimnliError, which names the file, if it is damaged.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        a, b, c = (float(stored["bias"][str(relation)]) for relation in RELATIONS)
        return Calibration(
            temperature=float(stored["temperature"]),
            bias=(a, b, c),
            operating_point=float(stored.get("operating_point", 0.5)),
        )
    except (OSError, ValueError, KeyError, TypeError, ClaimnliError) as error:
        raise ClaimnliError(
            f"{path}: not a calibration ({error!r})",
            mend="Fit it again, or delete the file to use the model uncalibrated.",
        ) from error


def fit_calibration(logits: FloatArray, labels: npt.ArrayLike) -> Calibration:
    """Fit temperature and bias by the least negative log-likelihood.

    *logits*: (n_examples, 3) uncalibrated relation logits; *labels*: (n_examples,) positions in
    RELATIONS. Raises ClaimnliError if there are no examples.
    """
    import torch

    if len(logits) == 0:
        raise ClaimnliError("there are no examples to fit a calibration on")
    x = torch.from_numpy(logits.astype(np.float64))
    y = torch.from_numpy(np.asarray(labels, dtype=np.int64))
    log_scale = torch.zeros((), dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [log_scale, bias], max_iter=200, tolerance_change=1e-12, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(x * log_scale.exp() + bias, y)
        loss = loss + _RIDGE * (log_scale.square() + bias.square().sum())
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    a, b, c = (bias - bias.mean()).tolist()
    return Calibration(temperature=math.exp(-log_scale.item()), bias=(a, b, c))


def expected_calibration_error(
    probabilities: FloatArray, labels: npt.ArrayLike, n_bins: int = 15
) -> float:
    """Mean distance between how sure the model is and how often it is right.

    *probabilities*: (n_examples, n_labels); *labels*: (n_examples,). Over *n_bins* bins of equal
    width of the highest probability, weighted by their size (Guo et al. 2017); 0 for no examples.
    """
    is_right = probabilities.argmax(axis=1) == np.asarray(labels)
    return _calibration_gap(probabilities.max(axis=1), is_right, n_bins)


def calibration_error_by_chance(
    probabilities: FloatArray, n_bins: int = 15, n_draws: int = 200
) -> float:
    """The expected calibration error that a perfectly calibrated model of these *probabilities*
    (n_examples, n_labels) shows in the mean: of few examples in a bin, the share that is right is
    off by chance. The same in every call."""
    confidence = probabilities.max(axis=1)
    rng = np.random.default_rng(0)
    draws = (rng.random(len(confidence)) < confidence for _ in range(n_draws))
    return float(np.mean([_calibration_gap(confidence, is_right, n_bins) for is_right in draws]))


def _calibration_gap(
    confidence: npt.NDArray[np.floating], is_right: npt.NDArray[np.bool_], n_bins: int
) -> float:
    if len(confidence) == 0:
        return 0.0
    confidence = confidence.astype(np.float64)
    bins = np.minimum((confidence * n_bins).astype(np.intp), n_bins - 1)
    gap = np.bincount(bins, weights=is_right - confidence, minlength=n_bins)
    return float(np.abs(gap).sum() / len(confidence))
