"""The last layer for the first token alone.

The classifiers of the BERT family read the first position of the last layer and nothing else of it.
Keys and values of that layer need every position; queries, output projection and feed-forward need
the first alone. That is exact, and saves a twelfth of the work of 12 layers, a sixth of that of 6.
"""

from typing import Any

from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertForSequenceClassification
from transformers.models.mpnet.modeling_mpnet import MPNetForSequenceClassification
from transformers.models.roberta.modeling_roberta import RobertaForSequenceClassification
from transformers.models.xlm_roberta.modeling_xlm_roberta import XLMRobertaForSequenceClassification

_LIKE_BERT = (
    BertForSequenceClassification,
    RobertaForSequenceClassification,
    XLMRobertaForSequenceClassification,
)


def use_first_token_alone(model: nn.Module) -> bool:
    """Let the last layer of *model* compute its first position alone, in place.

    Only for classifiers that are known to read no other; returns whether *model* is one. It can
    then only classify: ``last_hidden_state`` has one position.
    """
    # Not isinstance: a subclass may read more.
    if type(model) is MPNetForSequenceClassification:
        forward: Any = _mpnet_attention
    elif type(model) in _LIKE_BERT:
        forward = _bert_attention
    else:
        return False
    base: Any = model.base_model
    attention = base.encoder.layer[-1].attention
    attention.forward = forward.__get__(attention)
    return True


def _bert_attention(
    self: Any, hidden_states: Tensor, attention_mask: Tensor | None = None, **_: object
) -> tuple[Tensor, None]:
    attention, first = self.self, hidden_states[:, :1]
    context = _attend(
        attention.query(first),
        attention.key(hidden_states),
        attention.value(hidden_states),
        attention.num_attention_heads,
        None if attention_mask is None else attention_mask[:, :, :1],
    )
    return self.output(context, first), None


def _mpnet_attention(
    self: Any,
    hidden_states: Tensor,
    attention_mask: Tensor | None = None,
    position_bias: Tensor | None = None,
    **_: object,
) -> tuple[Tensor]:
    attention, first = self.attn, hidden_states[:, :1]
    query = attention.q(first)
    length = hidden_states.size(1)
    # The bias may be wider than the batch is long (mpnet.py).
    bias = None if position_bias is None else position_bias[:, :, :1, :length].to(query.dtype)
    if attention_mask is not None:
        mask = attention_mask[:, :, :1].to(query.dtype)
        bias = mask if bias is None else bias + mask
    context = _attend(
        query,
        attention.k(hidden_states),
        attention.v(hidden_states),
        attention.num_attention_heads,
        bias,
    )
    return (self.LayerNorm(attention.o(context) + first),)


def _attend(query: Tensor, key: Tensor, value: Tensor, n_heads: int, mask: Tensor | None) -> Tensor:
    """Attention of one query a row: (n_rows, 1, width), from keys of (n_rows, length, width)."""
    query, key, value = (
        x.view(*x.shape[:2], n_heads, -1).transpose(1, 2) for x in (query, key, value)
    )
    context = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return context.transpose(1, 2).flatten(2)
