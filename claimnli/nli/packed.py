"""Matrix products in bfloat16 on a processor, their weights laid out once for oneDNN.

Under autocast each product copies its weights into the layout of the processor's tiles, the
feed-forward layer writes and reads its widest tensor once more for the activation, and the three
projections of an attention read the same input three times. Here weights are packed when the model
is loaded, the activation is part of the product, and the three projections are one. The operators
are those that torch.compile emits for processors, called without its minutes of compiling.

oneDNN compiles a product for each number of rows that it meets, in 1 to 20 ms, and keeps the last
thousand: mini spent half of its first pass over a folder there. So products have one of a few
numbers of rows, and what stands in the rows that nobody asked for is dropped.

Sums and norms stay in float32, as in ``products``.
"""

import functools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers.activations import GELUActivation
from transformers.models.bert.modeling_bert import BertSelfAttention
from transformers.models.electra.modeling_electra import ElectraSelfAttention
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder, MPNetSelfAttention
from transformers.models.roberta.modeling_roberta import RobertaSelfAttention
from transformers.models.xlm_roberta.modeling_xlm_roberta import XLMRobertaSelfAttention

from claimnli.nli.mpnet import n_positions_beyond

PROJECTIONS: dict[type[nn.Module], tuple[str, str, str]] = {
    MPNetSelfAttention: ("q", "k", "v"),
    BertSelfAttention: ("query", "key", "value"),
    RobertaSelfAttention: ("query", "key", "value"),
    XLMRobertaSelfAttention: ("query", "key", "value"),
    ElectraSelfAttention: ("query", "key", "value"),
}
_TYPICAL_ROWS = 2048
"""Rows of a product for which oneDNN chooses the layout; others are computed as well."""

_ATTENTION_MULTIPLE = 16
"""Attention is at its fastest over multiples of so many positions; 63 cost 2.5 times what 64 do.
Its three projections are padded with it, all other layers not."""


class PackedLinear(nn.Module):
    """A linear layer in bfloat16, with an exact GELU behind it if *has_gelu*.

    (..., in_features) of any floating type -> (..., out_features) in bfloat16; in float32 if
    *is_summed*: a conversion and a sum of one number type take less time than a sum of two.
    """

    def __init__(self, *layers: nn.Linear, has_gelu: bool = False, is_summed: bool = False) -> None:
        """Several *layers* of one input are stacked: their outputs stand one after the other."""
        super().__init__()
        biases = [layer.bias.detach() for layer in layers if layer.bias is not None]
        if len(biases) not in (0, len(layers)):
            raise ValueError("either all stacked layers have a bias or none has")
        weight = torch.cat([layer.weight.detach() for layer in layers]).to(torch.bfloat16)
        self._weight = torch.ops.mkldnn._reorder_linear_weight(weight, _TYPICAL_ROWS)
        self._bias = torch.cat(biases).to(torch.bfloat16) if biases else None
        self._activation = ("gelu", "none") if has_gelu else ("none", "")
        self._out = torch.float32 if is_summed else torch.bfloat16

    def forward(self, x: Tensor) -> Tensor:
        name, kind = self._activation
        rows = x.reshape(-1, x.size(-1))
        product: Tensor = torch.ops.mkldnn._linear_pointwise(
            _with_room(rows), self._weight, self._bias, name, [], kind
        )
        return product[: len(rows)].view(*x.shape[:-1], product.size(-1)).to(self._out)


def n_product_rows(n_rows: int) -> int:
    """*n_rows* rounded up, by an eighth at most beyond 64: eight numbers to a power of two."""
    step = max(8, 1 << max(0, (n_rows - 1).bit_length() - 4))
    return -(-n_rows // step) * step


def _roomy(n_rows: int, width: int) -> Tensor:
    """(n_rows, width) in bfloat16, not initialised, with memory for ``n_product_rows`` of them."""
    return torch.empty(n_product_rows(n_rows), width, dtype=torch.bfloat16)[:n_rows]


def _with_room(rows: Tensor) -> Tensor:
    """*rows* (n_rows, width) and what lies in memory behind them, as (n_product_rows, width) in
    bfloat16; copied if there is no memory behind them, as there is behind the rows of a product."""
    n_rows, width = rows.shape
    n_product = n_product_rows(n_rows)
    if rows.dtype is torch.bfloat16:
        if n_product == n_rows:
            return rows
        n_values = rows.storage_offset() + n_product * width
        if rows.is_contiguous() and n_values <= rows.untyped_storage().nbytes() // rows.itemsize:
            return rows.as_strided((n_product, width), (width, 1))
    copied = _roomy(n_rows, width)
    copied.copy_(rows)
    return copied.as_strided((n_product, width), (width, 1))


def can_pack(module: nn.Module) -> bool:
    """Whether *module* is an encoder of an architecture whose layers are known to be called as
    modules (T5 reads the number type of their weights), and this build of torch can compute packed
    layers."""
    is_known = any(type(part) in PROJECTIONS for part in module.modules())
    is_encoder = not getattr(getattr(module, "config", None), "is_decoder", False)
    return is_known and is_encoder and _has_operators()


def is_packed(module: nn.Module) -> bool:
    """Whether ``pack`` made *module*."""
    return any(isinstance(part, PackedLinear) for part in module.modules())


@functools.cache
def _has_operators() -> bool:
    """Whether the operators are there, and compute what they should."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    layer = nn.Linear(8, 4)
    x = torch.linspace(-2, 2, 24).view(3, 8)
    try:
        packed = PackedLinear(layer, has_gelu=True)(x)
    except (AttributeError, RuntimeError):
        return False
    return torch.allclose(packed.float(), nn.functional.gelu(layer(x)), atol=0.05)


def pack(module: nn.Module) -> nn.Module:
    """A copy of *module* with packed linear layers; it shares all other weights."""
    shared = {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())}
    copied = deepcopy(module, shared)
    for part in copied.modules():
        dense, activation = (getattr(part, name, None) for name in ("dense", "intermediate_act_fn"))
        # transformers gives "gelu" this class, and its approximations others.
        if isinstance(dense, nn.Linear) and type(activation) is GELUActivation:
            part.dense = PackedLinear(dense, has_gelu=True)
            part.intermediate_act_fn = nn.Identity()
        elif type(part) in PROJECTIONS and not _is_read_in_parts(part, copied):
            layers = [getattr(part, name) for name in PROJECTIONS[type(part)]]
            part.projections = PackedLinear(*layers)
            for name in PROJECTIONS[type(part)]:
                delattr(part, name)
            part.forward = _attention_forward.__get__(part)
        elif isinstance(part, MPNetEncoder):
            part.attention_multiple = _ATTENTION_MULTIPLE  # type: ignore[assignment]
    for part in list(copied.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.Linear):
                # The layers before a residual sum; one that is missed here costs time alone.
                is_summed = name == "o" or (name == "dense" and hasattr(part, "LayerNorm"))
                setattr(part, name, PackedLinear(child, is_summed=is_summed))
    return copied


def _is_read_in_parts(attention: nn.Module, module: nn.Module) -> bool:
    """Whether an outer module calls the projections of *attention* one by one (first_token)."""
    return any(
        attention in outer.children() and "forward" in vars(outer) for outer in module.modules()
    )


def _padded_mask(mask: Tensor | None, length: int) -> Tensor | None:
    """(n_rows or 1, 1, 1, n >= length): which keys count, those beyond *length* not. None: all.

    *mask*: (n_rows, 1, 1 or length, length), the same for every query, or None for all keys.
    """
    n_beyond = n_positions_beyond(length, _ATTENTION_MULTIPLE)
    if mask is None:
        if n_beyond == 0:
            return None
        mask = torch.ones(1, 1, 1, length, dtype=torch.bool)
    beyond = False if mask.dtype is torch.bool else -torch.inf
    return pad(mask[:, :, :1], (0, n_beyond), value=beyond)


def attend(
    project: Callable[[int], Tensor],
    length: int,
    n_heads: int,
    attention_mask: Tensor | None,
    position_bias: Tensor | None,
) -> Tensor:
    """The context of self-attention, (n, length, width) in bfloat16.

    *project*: a length that is at least *length* -> queries, keys and values of inputs of that
    length, (n, padded, 3 * width); what they are beyond *length* is masked. The scores of MPNet
    have a *position_bias*, to which its encoder has added the mask.
    """
    if position_bias is not None and attention_mask is not None:
        raise ValueError("the mask belongs into the bias: use_fused_attention was not called")
    # MPNet's encoder has put the mask into the bias, and made it as wide as it should be.
    mask = _padded_mask(attention_mask, length) if position_bias is None else position_bias
    if mask is not None and mask.dtype is not torch.bool:
        mask = mask.to(torch.bfloat16)
    projected = project(length if mask is None else mask.size(-1))
    n_rows, padded, _width = projected.shape
    query, key, value = projected.view(n_rows, padded, 3, n_heads, -1).permute(2, 0, 3, 1, 4)
    context = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return context.transpose(1, 2)[:, :length].flatten(2)


def _attention_forward(
    self: Any,
    hidden_states: Tensor,
    attention_mask: Tensor | None = None,
    position_bias: Tensor | None = None,
    **_: object,
) -> tuple[Tensor, ...]:
    """Self-attention of BERT and its kin, and of MPNet."""
    n_rows, length, width = hidden_states.shape

    def project(padded: int) -> Tensor:
        x = hidden_states
        if padded > length:
            x = _roomy(n_rows * padded, width).view(n_rows, padded, width)
            x[:, :length] = hidden_states
            x[:, length:] = 0
        projected: Tensor = self.projections(x)
        return projected

    context = attend(project, length, self.num_attention_heads, attention_mask, position_bias)
    if isinstance(self, MPNetSelfAttention):
        return (self.o(context),)
    return context, None  # type: ignore[return-value]
