"""Encoder layers in 8 bits on a processor: products of int8, each row with a scale of its own.

Attention itself, the last layer and the classifier stay as ``packed`` has them, in bfloat16. The
passes between the products know one core, so that batches are computed side by side (``lanes``).

What rounding costs is decided by the few inputs of a product that are far larger than all others:
they are made smaller, and their weights larger by as much, half of the way to being alike in size
(SmoothQuant, Xiao et al. 2023, arXiv:2211.10438). How large they are some sentences of news tell,
which every model reads when it is loaded.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast
from transformers.activations import GELUActivation

from claimnli.nli import int8_kernels as kernels
from claimnli.nli.checkpoint import max_positions
from claimnli.nli.device import ComputeDevice
from claimnli.nli.engine import forward_rows
from claimnli.nli.packed import PROJECTIONS, attend, can_pack, n_product_rows, pack
from claimnli.nli.tokens import PairTemplate, PairTokens, tokenise
from claimnli.records import FloatArray

_TYPICAL_ROWS = 2048
_SENTENCES = Path(__file__).with_name("sentences.txt")
# GELU is never below this, and neither is its approximation.
_LEAST_OF_GELU = -0.171


class Int8Linear:
    """A linear layer, or several of one input, with weights in 8 bits and a scale for each output.

    The product has yet to be multiplied by the scales of its rows, and the bias to be added.
    """

    def __init__(self, *layers: nn.Linear, largest: Tensor, least: float = 0.0) -> None:
        """*largest*: (in_features,) size of the inputs. A *least* input below 0 is for inputs in
        uint8, which ``shift`` makes positive."""
        weight = torch.cat([layer.weight.detach() for layer in layers])
        sizes = (largest - least).clamp_min(1e-5) / weight.abs().amax(dim=0).clamp_min(1e-5)
        smooth = sizes.sqrt()
        self.factor: FloatArray = (1 / smooth).numpy()
        self.shift: FloatArray = (-least / smooth).numpy()
        bias = [
            torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach()
            for layer in layers
        ]
        self.bias: FloatArray = (torch.cat(bias) + least * weight.sum(dim=1)).numpy()
        weight = weight * smooth
        self._scale = weight.abs().amax(dim=1).clamp_min(1e-12) / 127
        self._weight = torch.ops.onednn.qlinear_prepack(
            (weight / self._scale[:, None]).round().to(torch.int8), [_TYPICAL_ROWS, weight.size(1)]
        )
        self._zero = torch.zeros(len(weight), dtype=torch.int32)

    def product(self, rows: Tensor) -> Tensor:
        """(n_rows, in_features) in int8 or uint8 -> (n_rows, out_features) in bfloat16."""
        weight = (self._weight, self._scale, self._zero)
        out = (1.0, 0, torch.bfloat16)
        product: Tensor = torch.ops.onednn.qlinear_pointwise(
            rows, 1.0, 0, *weight, None, *out, "none", [], ""
        )
        return product


class Int8Layer(nn.Module):
    """In the place of a layer of MPNet, or of BERT and its kin; the same inputs and outputs."""

    def __init__(self, layer: Any, largest: list[Tensor]) -> None:
        """*largest*: of the inputs of the four products of *layer*, as ``_products`` has them."""
        super().__init__()
        projections, (out,), (widening,), (narrowing,) = _products(layer)
        attention = layer.attention
        self._is_mpnet = hasattr(attention, "attn")
        inner = attention.attn if self._is_mpnet else attention.self
        norm = attention.LayerNorm if self._is_mpnet else attention.output.LayerNorm
        self._n_heads = inner.num_attention_heads
        self._projections = Int8Linear(*projections, largest=largest[0])
        self._out = Int8Linear(out, largest=largest[1])
        self._widening = Int8Linear(widening, largest=largest[2])
        self._narrowing = Int8Linear(narrowing, largest=largest[3], least=_LEAST_OF_GELU)
        self._norm = _norm_arguments(norm)
        self._last_norm = _norm_arguments(layer.output.LayerNorm)

    def forward(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        position_bias: Tensor | None = None,
        **_: object,
    ) -> Tensor | tuple[Tensor]:
        n, length, width = hidden_states.shape
        hidden_states = hidden_states.float().contiguous()

        def project(padded: int) -> Tensor:
            rows, scale = _room(n * padded, width)
            inputs = rows[: n * padded].view(n, padded, width).numpy()
            factor = self._projections.factor
            kernels.quantise(hidden_states.numpy(), factor, inputs, scale.reshape(n, padded))
            product = self._projections.product(rows)
            kernels.rescale(_bits(product), scale, self._projections.bias)
            return product[: n * padded].view(n, padded, -1)

        context = attend(project, length, self._n_heads, attention_mask, position_bias)
        rows, scale = _room(n * length, width)
        kernels.quantise_bfloat16(_bits(context), self._out.factor, rows.numpy(), scale)
        residual = hidden_states.view(-1, width)
        x = _add_and_norm(self._out, rows, scale, residual, self._norm)

        rows, scale = _room(n * length, width)
        inputs, scales = x.view(1, -1, width).numpy(), scale.reshape(1, -1)
        kernels.quantise(inputs, self._widening.factor, rows[None, : n * length].numpy(), scales)
        product = self._widening.product(rows)
        rows, out_scale = _room(n * length, product.size(1), torch.uint8)
        kernels.activate(
            _bits(product), scale, self._widening.bias, self._narrowing.factor,
            self._narrowing.shift, rows.numpy(), out_scale,
        )  # fmt: skip
        x = _add_and_norm(self._narrowing, rows, out_scale, x, self._last_norm)
        x = x.view(n, length, width)
        return (x,) if self._is_mpnet else x


_Norm = tuple[FloatArray, FloatArray, np.float32]


def _norm_arguments(norm: nn.LayerNorm) -> _Norm:
    return norm.weight.detach().numpy(), norm.bias.detach().numpy(), np.float32(norm.eps)


def _add_and_norm(
    linear: Int8Linear, rows: Tensor, scale: FloatArray, residual: Tensor, norm: _Norm
) -> Tensor:
    x = torch.empty_like(residual)
    product = _bits(linear.product(rows))
    kernels.add_and_norm(product, scale, linear.bias, residual.numpy(), *norm, x.numpy())
    return x


def _room(n_rows: int, width: int, dtype: torch.dtype = torch.int8) -> tuple[Tensor, FloatArray]:
    """Memory for *n_rows* in 8 bits, with what ``n_product_rows`` adds, and for their scales."""
    rows = torch.empty(n_product_rows(n_rows), width, dtype=dtype)
    return rows, np.empty(n_rows, dtype=np.float32)


def _bits(x: Tensor) -> npt.NDArray[np.uint16]:
    """A tensor in bfloat16 as its bits, in the same memory."""
    bits: npt.NDArray[np.uint16] = x.view(torch.int16).numpy().view(np.uint16)
    return bits


def _products(layer: Any) -> tuple[list[nn.Linear], ...]:
    """The linear layers of *layer*, those of one input together, in the order of computation."""
    is_mpnet = hasattr(layer.attention, "attn")
    inner = layer.attention.attn if is_mpnet else layer.attention.self
    return (
        [getattr(inner, name) for name in PROJECTIONS[type(inner)]],
        [inner.o if is_mpnet else layer.attention.output.dense],
        [layer.intermediate.dense],
        [layer.output.dense],
    )


def can_quantise(module: Any) -> bool:
    """Whether *module* has layers of a known architecture before its last, with an exact GELU, and
    this build of torch the products."""
    if not (can_pack(module) and _has_products()):
        return False
    if len(module.base_model.encoder.layer) < 2:
        return False
    activations = [getattr(part, "intermediate_act_fn", None) for part in module.modules()]
    return all(type(found) is GELUActivation for found in activations if found is not None)


@functools.cache
def _has_products() -> bool:
    """Whether torch multiplies rows of int8 and of uint8 by weights of int8, and rightly."""
    layer = nn.Linear(32, 16, bias=False)
    try:
        linear = Int8Linear(layer, largest=torch.ones(32))
        products = [linear.product(torch.ones(8, 32, dtype=t)) for t in (torch.int8, torch.uint8)]
    except (AttributeError, RuntimeError):
        return False
    # What is 1 after the factor was this before it.
    expected = layer(1 / torch.from_numpy(linear.factor)).detach().expand(8, 16)
    return all(torch.allclose(found.float(), expected, atol=0.1) for found in products)


def quantise(
    module: Any,
    tokenizer: PreTrainedTokenizerFast,
    template: PairTemplate,
    compute: ComputeDevice,
) -> nn.Module:
    """A copy of *module*, for which ``can_quantise``, with all layers but the last in 8 bits."""
    layers = module.base_model.encoder.layer[:-1]
    texts = _SENTENCES.read_text(encoding="utf-8").splitlines()
    first = np.arange(len(texts) - 1)
    store, max_tokens = tokenise(texts, tokenizer), max_positions(module.config, tokenizer)
    pairs = PairTokens(store, template, first, first + 1, max_tokens=max_tokens)
    with _largest_inputs(layers) as largest:
        # All of them in each process, since their weights have to be the same.
        for rows in np.array_split(first, 4):
            forward_rows(module, pairs, replace(compute, dtype=torch.bfloat16), rows)
    packed: Any = pack(module)
    for i, layer in enumerate(layers):
        packed.base_model.encoder.layer[i] = Int8Layer(layer, largest[i])
    quantised: nn.Module = packed
    return quantised


@contextmanager
def _largest_inputs(layers: Any) -> Iterator[list[list[Tensor]]]:
    """By layer and product, the largest size of each input among all that is computed meanwhile."""
    found = [[torch.zeros(part[0].in_features) for part in _products(layer)] for layer in layers]

    def watch(largest: Tensor) -> Any:
        def look(_module: nn.Module, inputs: tuple[Tensor]) -> None:
            sizes = inputs[0].detach().float().abs().flatten(0, -2).amax(dim=0)
            torch.maximum(largest, sizes, out=largest)

        return look

    hooks = [
        part[0].register_forward_pre_hook(watch(largest))
        for layer, own in zip(layers, found, strict=True)
        for part, largest in zip(_products(layer), own, strict=True)
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
