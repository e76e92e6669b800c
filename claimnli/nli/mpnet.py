"""Scaled dot-product attention for MPNet.

transformers has only eager attention for MPNet, since T5-style relative positions add a bias to the
scores, and it materialises that bias once for every row of the batch. The bias depends on the
positions alone, so one (1, n_heads, length, length) tensor, passed as the ``attn_mask`` of
``scaled_dot_product_attention``, gives the same numbers (largest difference of a logit seen in
float32: 4e-7) in less time and memory.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder, MPNetSelfAttention


def _attention_forward(
    self: MPNetSelfAttention,
    hidden_states: Tensor,
    attention_mask: Tensor | None = None,
    position_bias: Tensor | None = None,
    output_attentions: bool = False,
    **_: object,
) -> tuple[Tensor]:
    if output_attentions:
        raise ValueError("attention probabilities do not exist in the fused MPNet attention")
    if torch.is_autocast_enabled(hidden_states.device.type):
        # Once, where autocast would do it for each of the three projections.
        hidden_states = hidden_states.to(torch.get_autocast_dtype(hidden_states.device.type))
    n_rows, length, _width = hidden_states.shape
    shape = (n_rows, length, self.num_attention_heads, self.attention_head_size)
    query = self.q(hidden_states).view(shape).transpose(1, 2)
    key = self.k(hidden_states).view(shape).transpose(1, 2)
    value = self.v(hidden_states).view(shape).transpose(1, 2)

    bias = position_bias
    if attention_mask is not None:
        bias = attention_mask if bias is None else bias + attention_mask
    context = nn.functional.scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=None if bias is None else bias.to(query.dtype),
        dropout_p=self.dropout.p if self.training else 0.0,
    )
    return (self.o(context.transpose(1, 2).reshape(n_rows, length, self.all_head_size)),)


def _encoder_forward(
    self: MPNetEncoder,
    hidden_states: Tensor,
    attention_mask: Tensor | None = None,
    output_attentions: bool = False,
    output_hidden_states: bool = False,
    return_dict: bool = False,
    **_: object,
) -> BaseModelOutput | tuple[object, ...]:
    """All layers, (n_rows, length, width) -> the same. Bias and mask are the same in each of them:
    summed and rounded once, not in every one. Attention probabilities are refused there.

    Where ``self.attention_multiple`` asks for it, the bias is wider than the batch is long, with
    minus infinity for the positions beyond; the attention of ``packed`` then pads its input."""
    length = hidden_states.size(1)
    n_beyond = n_positions_beyond(length, getattr(self, "attention_multiple", 1))
    bias = _position_bias(self, length + n_beyond, hidden_states.device)
    if attention_mask is not None:
        # The same for every query.
        bias = bias + pad(attention_mask[:, :, :1], (0, n_beyond))
    if n_beyond:
        bias[..., length:] = -torch.inf
    if torch.is_autocast_enabled(hidden_states.device.type):
        bias = bias.to(torch.get_autocast_dtype(hidden_states.device.type))
    passed = [hidden_states] if output_hidden_states else []
    for layer in self.layer:
        (hidden_states,) = layer(hidden_states, None, bias, output_attentions=output_attentions)
        if output_hidden_states:
            passed.append(hidden_states)
    output = BaseModelOutput(
        last_hidden_state=hidden_states,
        hidden_states=tuple(passed) if output_hidden_states else None,
    )
    return output if return_dict else output.to_tuple()


def n_positions_beyond(length: int, multiple: int) -> int:
    """By how many positions to pad *length* to a multiple of *multiple*; 0 if more than half of it
    is missing, where the padding costs as much as it gains (docs/log.md)."""
    n_beyond = -length % multiple
    return n_beyond if 2 * n_beyond <= multiple else 0


def _position_bias(encoder: MPNetEncoder, length: int, device: torch.device) -> Tensor:
    """(1, n_heads, length, length), where the original repeats it for every row of the batch."""
    position = torch.arange(length, device=device)
    bucket = encoder.relative_position_bucket(position[None, :] - position[:, None])  # type: ignore[no-untyped-call]
    bias: Tensor = encoder.relative_attention_bias(bucket).permute(2, 0, 1).unsqueeze(0)
    return bias


def use_fused_attention(model: nn.Module) -> bool:
    """Replace the attention of every MPNet encoder inside *model*, in place.

    Returns True if there was one. Weights and their names stay as they are, so that the model is
    saved as a plain MPNet checkpoint.
    """
    found = False
    for module in model.modules():
        if isinstance(module, MPNetEncoder):
            module.forward = _encoder_forward.__get__(module)  # type: ignore[method-assign]
            found = True
        elif isinstance(module, MPNetSelfAttention):
            module.forward = _attention_forward.__get__(module)  # type: ignore[method-assign]
    return found
