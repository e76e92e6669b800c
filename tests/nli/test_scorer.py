"""What the scorer keeps between calls, and what an interruption leaves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from claimnli.config import NliConfig
from claimnli.nli.calibration import Calibration
from claimnli.nli.model import NliModel, load_model
from claimnli.records import FloatArray

TEXTS = ["The mayor resigned.", "No.", "Troops on Monday, and a mayor.", "A mayor, " * 9, ""]
INDEX_A, INDEX_B = (np.tile(i.ravel(), 8) for i in np.indices((len(TEXTS), len(TEXTS))))


def load(folder: Path) -> NliModel:
    """A model with which every pair is a close call."""
    settings: dict[str, Any] = {"dtype": "bfloat16", "close_call": 1.1, "max_batch_tokens": 800}
    return load_model(NliConfig(model=str(folder), device="cpu", max_tokens=64, **settings))


@pytest.mark.parametrize("short", [0, -1])
def test_a_model_knows_how_much_memory_there_was(
    short: int, tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(tiny_checkpoints["bert"])
    plenty = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    module = model._scorer._levels[short].module
    forward = module.forward
    n_failures = 0

    def forward_in_small_memory(input_ids: Any, **inputs: Any) -> Any:
        nonlocal n_failures
        if input_ids.numel() > 100:
            n_failures += 1
            raise torch.OutOfMemoryError("no memory")
        return forward(input_ids=input_ids, **inputs)

    monkeypatch.setattr(module, "forward", forward_in_small_memory)
    failures = []
    for _ in range(2):
        n_failures = 0
        scarce = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
        np.testing.assert_allclose(scarce, plenty, atol=1e-5)
        failures.append(n_failures)
    assert 0 < failures[1] < failures[0]


def test_an_interruption_before_the_close_calls_are_known_leaves_them_without_a_score(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(tiny_checkpoints["bert"])
    apply = Calibration.apply
    calls = iter(range(100))

    def interrupted(self: Calibration, logits: FloatArray) -> FloatArray:
        if next(calls) == 0:
            raise KeyboardInterrupt
        return apply(self, logits)

    monkeypatch.setattr(Calibration, "apply", interrupted)
    scores = model.score_relations(TEXTS, INDEX_A, INDEX_B)
    assert not scores.is_scored.any()  # with this model every pair is a close call
