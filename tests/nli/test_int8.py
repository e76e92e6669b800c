"""Layers in 8 bits: what numba computes against torch, and a model beside itself in float32."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli import int8_kernels as kernels
from claimnli.nli.device import ComputeDevice, resolve_device
from claimnli.nli.engine import score
from claimnli.nli.first_token import use_first_token_alone
from claimnli.nli.int8 import Int8Layer, can_quantise, quantise
from claimnli.nli.model import NliModel, load_model
from claimnli.nli.mpnet import use_fused_attention
from claimnli.nli.packed import PackedLinear
from claimnli.nli.tokens import PairTokens, read_template, tokenise
from tests.nli.ranks import Ranks
from tests.tiny_models import KINDS, RELATION_LABELS, build_model, build_tokenizer

INT8 = ComputeDevice(device=torch.device("cpu"), dtype=torch.int8, reason="test")
TEXTS = ["The mayor resigned.", "No.", "Troops on Monday, and a mayor.", "A mayor, " * 9, ""]
INDEX_A, INDEX_B = (i.ravel() for i in np.indices((len(TEXTS), len(TEXTS))))

pytestmark = pytest.mark.skipif(
    not can_quantise(build_model("bert", RELATION_LABELS)), reason="torch without 8-bit products"
)


def bits(x: Tensor) -> Any:
    return x.view(torch.int16).numpy().view(np.uint16)


@pytest.fixture
def rows() -> Tensor:
    torch.manual_seed(0)
    return torch.randn(6, 40) * torch.tensor([[0.01], [1], [3], [50], [1], [1]])


def test_each_row_has_127_levels_of_its_own(rows: Tensor) -> None:
    factor = torch.linspace(0.5, 2, 40)
    rows[4] = 0
    out, scale = torch.full((2, 4, 40), 7, dtype=torch.int8), np.full((2, 4), 7, dtype=np.float32)
    kernels.quantise(rows.view(2, 3, 40).numpy(), factor.numpy(), out.numpy(), scale)
    expected = (rows * factor).view(2, 3, 40)
    levels = expected.abs().amax(dim=2, keepdim=True) / 127
    found = out[:, :3] * torch.from_numpy(scale)[:, :3, None]
    assert ((found - expected).abs() <= 0.501 * levels + 1e-7).all()
    assert out[0].abs().max() == 127
    # Positions that attention adds are zero, and nothing is made of nothing.
    assert not out[:, 3].any()
    assert not scale[:, 3].any()
    assert not out[1, 1].any()


def test_rows_of_bfloat16_are_the_same(rows: Tensor) -> None:
    short = rows.bfloat16().view(2, 3, 40)[:, :2]
    factor = np.ones(40, dtype=np.float32)
    wide, scale = torch.empty(2, 2, 40, dtype=torch.int8), np.empty((2, 2), dtype=np.float32)
    kernels.quantise(short.float().contiguous().numpy(), factor, wide.numpy(), scale)
    out, flat_scale = torch.empty(4, 40, dtype=torch.int8), np.empty(4, dtype=np.float32)
    kernels.quantise_bfloat16(bits(short), factor, out.numpy(), flat_scale)
    assert torch.equal(out, wide.view(4, 40))
    np.testing.assert_array_equal(flat_scale, scale.ravel())


def test_what_follows_a_product(rows: Tensor) -> None:
    """Scales and bias, with GELU in 8 bits, or with a sum and a norm; other rows stay."""
    product, scale = rows.bfloat16(), torch.tensor([3.0, 1, 0.5, 0.1, 2])
    bias, factor = torch.linspace(-1, 1, 40), torch.linspace(0.5, 2, 40)
    expected = product[:5].float() * scale[:, None] + bias

    rescaled = product.clone()
    kernels.rescale(bits(rescaled), scale.numpy(), bias.numpy())
    torch.testing.assert_close(rescaled[:5], expected.bfloat16())
    assert torch.equal(rescaled[5], product[5])

    out, out_scale = torch.zeros(6, 40, dtype=torch.uint8), np.empty(5, dtype=np.float32)
    shift = 0.17 * factor
    arguments = (scale.numpy(), bias.numpy(), factor.numpy(), shift.numpy())
    kernels.activate(bits(product), *arguments, out.numpy(), out_scale)
    activated = nn.functional.gelu(expected) * factor + shift
    levels = torch.from_numpy(out_scale)[:, None]
    assert ((out[:5] * levels - activated).abs() <= 0.51 * levels + 2e-3).all()
    assert (out[:5].amax(dim=1) == 255).all()
    assert not out[5].any()

    norm, residual = nn.LayerNorm(40), torch.randn(5, 40)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    x = torch.empty(5, 40)
    weights = norm.weight.detach().numpy(), norm.bias.detach().numpy(), np.float32(norm.eps)
    kernels.add_and_norm(
        bits(product), scale.numpy(), bias.numpy(), residual.numpy(), *weights, x.numpy()
    )
    torch.testing.assert_close(x, norm(expected + residual).detach(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_in_8_bits_is_nearly_the_same(kind: str) -> None:
    """Of all lengths, with and without padding."""
    model = build_model(kind, RELATION_LABELS)
    with torch.no_grad():
        # An input without effect, and one that is far larger than all others.
        layer = model.base_model.encoder.layer[0]
        layer.intermediate.dense.bias[3] = -30
        norm = layer.attention.LayerNorm if kind == "mpnet" else layer.attention.output.LayerNorm
        norm.weight[5] *= 40
    use_fused_attention(model)
    assert use_first_token_alone(model)
    tokenizer = build_tokenizer(kind)
    template = read_template(tokenizer)
    pairs = PairTokens(tokenise(TEXTS, tokenizer), template, INDEX_A, INDEX_B, max_tokens=64)
    before = score(model, pairs, resolve_device("cpu", "float32"), n_labels=3)
    quantised = quantise(model, tokenizer, template, INT8)
    layers: Any = quantised.base_model.encoder.layer  # type: ignore[union-attr]
    assert [isinstance(layer, Int8Layer) for layer in layers] == [True, False]
    assert any(isinstance(part, PackedLinear) for part in layers[1].modules())
    for n_lanes in (1, 2):
        after = score(quantised, pairs, INT8, n_labels=3, n_lanes=n_lanes)
        assert np.abs(after - before).mean() < 0.03 * np.abs(before).mean()
    # The original is as it was.
    np.testing.assert_array_equal(
        score(model, pairs, resolve_device("cpu", "float32"), n_labels=3), before
    )


def test_another_activation_is_not_taken_for_gelu() -> None:
    model = build_model("bert", RELATION_LABELS)
    model.base_model.encoder.layer[1].intermediate.intermediate_act_fn = nn.ReLU()
    assert not can_quantise(model)


def test_a_single_layer_has_nothing_to_gain() -> None:
    model = build_model("bert", RELATION_LABELS)
    model.base_model.encoder.layer = model.base_model.encoder.layer[:1]
    assert not can_quantise(model)


@pytest.mark.usefixtures("with_flags")
def test_a_model_that_cannot_be_computed_in_8_bits_says_so(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimnli.nli.int8.can_quantise", lambda module: False)
    with pytest.raises(ClaimnliError, match="this BertForSequenceClassification cannot be"):
        load_model(NliConfig(model=str(tiny_checkpoints["bert"]), device="cpu", dtype="int8"))


def test_all_processes_round_to_the_same_weights() -> None:
    model, tokenizer = build_model("bert", RELATION_LABELS), build_tokenizer("bert")
    use_first_token_alone(model)

    def largest() -> Any:
        layers: Any = quantise(model, tokenizer, read_template(tokenizer), INT8).base_model
        return layers.encoder.layer[0]._narrowing.factor

    alone = largest()
    for found in Ranks(2).run(largest):
        np.testing.assert_array_equal(found, alone)


def test_a_processor_without_8_bits_is_told(tiny_checkpoints: Mapping[str, Path]) -> None:
    for flags in ({"amx_bf16"}, {"avx512_vnni"}):
        with pytest.raises(ClaimnliError, match="not known to multiply in 8 bits and in bfloat16"):
            resolve_device("cpu", "int8", cpu_flags=frozenset(flags))
    compute = resolve_device("cpu", "int8", cpu_flags=frozenset({"avx512_vnni", "avx512_bf16"}))
    assert str(compute) == "device=cpu dtype=int8 (as asked, with avx512_vnni)"
    with pytest.raises(ClaimnliError, match="int8 is for processors, and the device is meta"):
        resolve_device("meta", "int8")


@pytest.fixture
def with_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    flags = frozenset({"amx_int8", "amx_bf16"})
    monkeypatch.setattr("claimnli.nli.device.read_cpu_flags", lambda: flags)


@pytest.mark.usefixtures("with_flags")
def test_close_calls_are_those_of_float32(tiny_checkpoints: Mapping[str, Path]) -> None:
    """Scored again in bfloat16, and the nearest of them in float32."""

    def probabilities(dtype: Any, close_call: float) -> Any:
        config = NliConfig(
            model=str(tiny_checkpoints["mpnet"]), device="cpu", dtype=dtype, close_call=close_call
        )
        model = load_model(config)
        assert model.info.dtype == dtype
        return model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)

    exact, in_16_bits = probabilities("float32", 0), probabilities("bfloat16", 0)
    rough = probabilities("int8", 0)
    ranked = np.sort(exact, axis=1)
    gap = ranked[:, 2] - ranked[:, 1]
    # Everything is near enough for float32; then all is within five times the setting.
    np.testing.assert_allclose(probabilities("int8", 1.1 * gap.max()), exact, atol=1e-5)
    mended = probabilities("int8", float(gap.min()) / 2)
    is_near = gap < 2 * gap.min()
    assert is_near.any()
    np.testing.assert_allclose(mended[is_near], in_16_bits[is_near], atol=1e-5)
    assert np.abs(in_16_bits - exact)[is_near].max() > 1e-4
    assert np.abs(rough - in_16_bits)[is_near].max() > 1e-4


@pytest.mark.usefixtures("with_flags")
def test_an_interruption_leaves_what_float32_was_to_decide_without_a_score(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pairs are to be read in bfloat16, and then the nearest of them in float32."""
    place, seen = str(tiny_checkpoints["mpnet"]), []

    def load(close_call: float) -> NliModel:
        config = NliConfig(model=place, device="cpu", dtype="int8", max_batch_tokens=100)
        return load_model(replace(config, close_call=close_call))

    ranked = np.sort(load(0.0).relation_probabilities(TEXTS, INDEX_A, INDEX_B), axis=1)
    gap = ranked[:, 2] - ranked[:, 1]
    model = load(float(np.quantile(gap, 0.6)))
    scores = model.score_relations(
        TEXTS, INDEX_A, INDEX_B, on_progress=lambda *counts: seen.append(counts)
    )
    assert scores.is_scored.all()
    n_done = [done for done, _ in seen]
    assert n_done == sorted(n_done)
    assert n_done[-1] > 2 * len(INDEX_A)  # in int8, in bfloat16, and some in float32

    in_16_bits = model._scorer._levels[1].module
    forward, n_batches = in_16_bits.forward, 0

    def interrupted(**inputs: Any) -> Any:
        nonlocal n_batches
        n_batches += 1
        if n_batches > 12:
            raise KeyboardInterrupt
        return forward(**inputs)

    monkeypatch.setattr(in_16_bits, "forward", interrupted)
    left = model.score_relations(TEXTS, INDEX_A, INDEX_B)
    assert 0 < left.is_scored.sum() < len(INDEX_A)
    # What has a score is what it would have been.
    kept = left.probabilities[left.is_scored]
    np.testing.assert_allclose(kept, scores.probabilities[left.is_scored], atol=1e-5)


@pytest.mark.usefixtures("with_flags")
def test_neighbours_change_little_and_the_order_of_two_texts_nothing(
    tiny_checkpoints: Mapping[str, Path],
) -> None:
    """Sums of 8-bit products are exact, and each row has its own scale; what is padded, in
    bfloat16, is not the same to the last bit."""

    def load(max_batch_tokens: int) -> NliModel:
        place, limit = str(tiny_checkpoints["mpnet"]), max_batch_tokens
        config = NliConfig(model=place, device="cpu", dtype="int8", max_batch_tokens=limit)
        return load_model(replace(config, close_call=0.0))

    model = load(0)
    together = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    alone = load(1).relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    np.testing.assert_allclose(alone, together, atol=0.02)
    turned = model.relation_probabilities(TEXTS, INDEX_B, INDEX_A)
    np.testing.assert_allclose(turned, together, atol=1e-6)


@pytest.mark.usefixtures("with_flags")
def test_without_numba_the_extra_is_named(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr("claimnli.nli.model.load_module", pytest.fail)
    with pytest.raises(ClaimnliError, match="This needs numba, which cannot be loaded") as error:
        load_model(NliConfig(model=str(tiny_checkpoints["bert"]), device="cpu", dtype="int8"))
    assert "pip install 'claimnli[int8]'" in str(error.value)
