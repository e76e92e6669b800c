"""Packed matrix products; where a build of torch lacks them, the model goes without."""

import pytest
import torch
from torch import nn
from transformers import T5Config, T5ForSequenceClassification

from claimnli.nli import products
from claimnli.nli.device import ComputeDevice
from claimnli.nli.first_token import use_first_token_alone
from claimnli.nli.mpnet import n_positions_beyond, use_fused_attention
from claimnli.nli.packed import PackedLinear, can_pack, n_product_rows, pack
from tests.tiny_models import KINDS, RELATION_LABELS, build_model

BFLOAT16 = ComputeDevice(device=torch.device("cpu"), dtype=torch.bfloat16, reason="test")
needs_packing = pytest.mark.skipif(
    not can_pack(build_model("bert", RELATION_LABELS)), reason="torch without oneDNN"
)


@needs_packing
def test_a_packed_layer_is_a_linear_layer_in_bfloat16() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(32, 16), nn.Linear(32, 8)
    x = torch.randn(3, 5, 32)
    with torch.inference_mode():
        expected = torch.cat([first(x), second(x)], dim=-1)
        both = PackedLinear(first, second)(x)
        activated = PackedLinear(first, has_gelu=True)(x)
    assert both.dtype is torch.bfloat16
    torch.testing.assert_close(both.float(), expected, atol=0.02, rtol=0.02)
    torch.testing.assert_close(
        activated.float(), nn.functional.gelu(first(x)), atol=0.02, rtol=0.02
    )


@pytest.mark.parametrize(
    ("n_rows", "expected"),
    [(1, 8), (8, 8), (9, 16), (64, 64), (65, 72), (129, 144), (1025, 1152), (2015, 2048)],
)
def test_products_have_one_of_few_numbers_of_rows(n_rows: int, expected: int) -> None:
    assert n_product_rows(n_rows) == expected
    assert len({n_product_rows(n) for n in range(1025, 2049)}) == 8


@needs_packing
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rows_that_nobody_asked_for_are_left_out(dtype: torch.dtype) -> None:
    """They may hold anything; what stands behind the rows of a product is not even copied."""
    torch.manual_seed(0)
    first, second = nn.Linear(16, 24), nn.Linear(24, 16)
    x = torch.randn(20, 16).to(dtype)
    x[9:] = torch.nan
    part, middle = x[:9], x[3:6]
    with torch.inference_mode():
        product = PackedLinear(first)(part)
        assert product.untyped_storage().nbytes() == 16 * 24 * product.itemsize
        both = PackedLinear(second)(product)
        expected = second(first(part.float()))
        torch.testing.assert_close(both.float(), expected, atol=0.03, rtol=0.03)
        torch.testing.assert_close(
            PackedLinear(first)(middle).float(), first(middle.float()), atol=0.03, rtol=0.03
        )
        assert PackedLinear(first)(x[:0]).shape == (0, 24)
        turned = part.T.contiguous().T
        torch.testing.assert_close(
            PackedLinear(first)(turned).float(), first(part.float()), atol=0.03, rtol=0.03
        )


def test_layers_with_and_without_a_bias_are_not_stacked() -> None:
    with pytest.raises(ValueError, match="bias"):
        PackedLinear(nn.Linear(8, 8), nn.Linear(8, 8, bias=False))


@needs_packing
@pytest.mark.parametrize("length", [20, 24, 31, 32])
@pytest.mark.parametrize("has_mask", [False, True])
@pytest.mark.parametrize("is_shortened", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_packed_model_computes_the_same(
    kind: str, is_shortened: bool, has_mask: bool, length: int
) -> None:
    model = build_model(kind, RELATION_LABELS)
    with torch.no_grad():
        # Scores far from even, so that what attention, its mask and its positions do can be seen.
        for name, weight in model.named_parameters():
            if "attention" in name and weight.ndim == 2:
                weight.mul_(6)
    use_fused_attention(model)
    if is_shortened:
        assert use_first_token_alone(model)
    generator = torch.Generator().manual_seed(3)
    inputs = {"input_ids": torch.randint(5, 40, (6, length), generator=generator)}
    if has_mask:
        lengths = torch.tensor([length, 20, 16, 12, 8, 4])
        inputs["attention_mask"] = (torch.arange(length) < lengths[:, None]).long()
    packed = pack(model)
    with torch.inference_mode():
        before = model(**inputs).logits
        logits = packed(**inputs).logits
        torch.testing.assert_close(logits.float(), before, atol=0.02, rtol=0)
        # The original is as it was.
        assert torch.equal(model(**inputs).logits, before)
    assert not any(isinstance(part, nn.Linear) for part in packed.modules())
    n_fused = sum(hasattr(part, "projections") for part in packed.modules())
    assert n_fused == (1 if is_shortened else 2)


@pytest.mark.parametrize(
    ("length", "expected"), [(1, 0), (7, 0), (8, 8), (9, 7), (15, 1), (16, 0), (23, 0), (24, 8)]
)
def test_attention_is_padded_by_half_of_the_multiple_at_most(length: int, expected: int) -> None:
    assert n_positions_beyond(length, 16) == expected
    assert n_positions_beyond(length, 1) == 0


@needs_packing
def test_a_decoder_is_not_packed() -> None:
    model = build_model("bert", RELATION_LABELS)
    assert can_pack(model)
    model.config.is_decoder = True
    assert not can_pack(model)


def test_a_model_goes_without_where_torch_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "can_pack", lambda module: False)
    copy = products.with_products_in_16_bits(BFLOAT16, build_model("bert", RELATION_LABELS))
    linear = [part for part in copy.modules() if isinstance(part, nn.Linear)]
    assert linear
    assert all(part.weight.dtype is torch.bfloat16 for part in linear)


def test_other_architectures_are_not_packed() -> None:
    config = T5Config(vocab_size=40, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    assert not can_pack(T5ForSequenceClassification(config))
