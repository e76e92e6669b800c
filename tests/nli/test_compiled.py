"""The compiled model gives the same numbers from a few compilations, or none and a reason."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from claimnli.config import NliConfig
from claimnli.nli import scorer
from claimnli.nli.compiled import CompiledModule
from claimnli.nli.model import load_model
from claimnli.nli.mpnet import use_fused_attention
from tests.tiny_models import RELATION_LABELS, build_model

SHAPES = [(1, 7), (1, 9), (1, 16), (2, 9), (5, 16), (3, 31), (8, 24), (4, 12), (6, 20), (16, 16)]


def batches() -> list[dict[str, torch.Tensor]]:
    found = []
    for n_rows, length in SHAPES:
        generator = torch.Generator().manual_seed(length)
        ids = torch.randint(5, 30, (n_rows, length), generator=generator)
        mask = torch.ones_like(ids)
        mask[0, length - 2 :] = 0
        found += [{"input_ids": ids}, {"input_ids": ids, "attention_mask": mask}]
    return found


@pytest.mark.parametrize("kind", ["mpnet", "bert"])
@pytest.mark.parametrize("is_bfloat16", [False, True])
def test_twenty_shapes_take_a_compilation_of_each_kind(kind: str, is_bfloat16: bool) -> None:
    model = build_model(kind, RELATION_LABELS)
    use_fused_attention(model)
    graphs = []

    def count(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> Any:
        graphs.append(graph)
        return graph.forward

    torch._dynamo.reset()
    compiled = CompiledModule(model, backend=count)
    autocast = torch.autocast("cpu", torch.bfloat16, enabled=is_bfloat16)
    with torch.inference_mode(), autocast:
        for batch in batches():
            expected, found = model(**batch).logits, compiled(**batch).logits
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    assert compiled.is_compiled
    # With and without a mask, one row and several; torch itself would stop at eight.
    assert 1 <= len(graphs) <= 6


def test_what_cannot_be_compiled_runs_without(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> Any:
        raise RuntimeError("no compiler here\nsecond line")

    class Double(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 2

    torch._dynamo.reset()
    compiled = CompiledModule(Double(), backend=refuse)
    with caplog.at_level(logging.WARNING):
        assert compiled(x=torch.ones(3)).tolist() == [2, 2, 2]
        assert compiled(x=torch.ones(4)).tolist() == [2, 2, 2, 2]
    assert not compiled.is_compiled
    assert len(caplog.records) == 1
    assert "no compiler here" in caplog.text


def test_the_setting_compiles_the_model(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def compile_without_compiler(module: nn.Module) -> CompiledModule:
        made.append(partial(CompiledModule, backend="eager")(module))
        return made[-1]

    monkeypatch.setattr(scorer, "CompiledModule", compile_without_compiler)
    texts, index_a, index_b = ["The mayor resigned.", "He did not.", "no"], [0, 1, 2], [1, 2, 0]

    def logits(**settings: Any) -> np.ndarray[Any, Any]:
        place = str(tiny_checkpoints["bert"])
        config = NliConfig(model=place, device="cpu", dtype="float32", **settings)
        return load_model(config).logits(texts, index_a, index_b)

    np.testing.assert_allclose(logits(compile=True), logits(), atol=1e-5)
    assert [module.is_compiled for module in made] == [True]
