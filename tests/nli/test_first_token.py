"""The shortened last layer, where it is allowed; its numbers are tested in test_model.py."""

import pytest
import torch
from transformers import BertForSequenceClassification

from claimnli.nli.first_token import use_first_token_alone
from tests.tiny_models import KINDS, RELATION_LABELS, build_model


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_first_position_is_computed(kind: str) -> None:
    model = build_model(kind, RELATION_LABELS)
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.inference_mode():
        before = model(input_ids=ids).logits
        assert use_first_token_alone(model)
        assert model.base_model(input_ids=ids).last_hidden_state.shape[1] == 1
        torch.testing.assert_close(model(input_ids=ids).logits, before, atol=1e-5, rtol=0)


def test_a_subclass_may_read_more_and_is_left_alone() -> None:
    class Averaging(BertForSequenceClassification):  # type: ignore[no-untyped-call]
        pass

    model = Averaging(build_model("bert", RELATION_LABELS).config)
    assert not use_first_token_alone(model)
