"""The compiled model gives the same numbers from a few compilations, or none and a reason."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from claimnli.config import NliConfig
from claimnli.nli.compiled import CompiledModule
from claimnli.nli.model import load_model


def batches() -> list[dict[str, torch.Tensor]]:
    found = []
    for n_rows, length in [(1, 7), (2, 9), (5, 16), (3, 31), (8, 24), (4, 12), (6, 20), (7, 33)]:
        generator = torch.Generator().manual_seed(length)
        ids = torch.randint(5, 30, (n_rows, length), generator=generator)
        mask = torch.ones_like(ids)
        mask[0, length - 2 :] = 0
        found += [{"input_ids": ids}, {"input_ids": ids, "attention_mask": mask}]
    return found


@pytest.mark.parametrize("kind", ["mpnet", "bert"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_all_shapes_from_at_most_eight_compilations(
    kind: str, dtype: Any, tiny_checkpoints: Mapping[str, Path]
) -> None:
    model = load_model(NliConfig(model=str(tiny_checkpoints[kind]), dtype=dtype, device="cpu"))
    module = model._module
    compiled_graphs = []

    def count(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> Any:
        compiled_graphs.append(graph)
        return graph.forward

    torch._dynamo.reset()
    compiled = CompiledModule(module, backend=count)
    with torch.inference_mode():
        for batch in batches():
            expected, found = module(**batch).logits, compiled(**batch).logits
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    assert 1 <= len(compiled_graphs) <= 8


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
    assert len(caplog.records) == 1
    assert "no compiler here" in caplog.text
