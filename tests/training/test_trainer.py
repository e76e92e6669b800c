"""Training runs on tiny models."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from claimnli.config import ConfigError, NliConfig
from claimnli.nli.model import load_model
from claimnli.training.config import TrainConfig
from claimnli.training.evaluation import evaluate
from claimnli.training.finish import finish
from claimnli.training.trainer import relation_loss, train


def test_loss_of_a_label_is_cross_entropy_and_of_a_set_its_total() -> None:
    logits = torch.tensor([[2.0, 0.5, -1.0]])
    p = logits.softmax(-1)[0]
    label = relation_loss(logits, torch.tensor([[1.0, 0.0, 0.0]]))
    either = relation_loss(logits, torch.tensor([[0.0, 1.0, 1.0]]))
    soft = relation_loss(logits, torch.tensor([[0.5, 0.25, 0.25]]))
    assert label.item() == pytest.approx(-p[0].log().item())
    assert either.item() == pytest.approx(-(p[1] + p[2]).log().item())
    expected = -(0.5 * p[0].log() + 0.25 * p[1].log() + 0.25 * p[2].log())
    assert soft.item() == pytest.approx(expected.item())


def test_gradient_of_a_set_is_finite() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    relation_loss(logits, torch.tensor([[0.0, 1.0, 1.0]])).backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(logits.grad).all()  # type: ignore[arg-type]


@pytest.mark.parametrize("has_adapters", [True, False])
def test_a_run_learns_and_its_model_can_be_loaded(
    run_config: TrainConfig, has_adapters: bool
) -> None:
    config = run_config if has_adapters else replace(run_config, lora=None)
    folder = finish(config, train(config), Path("configs/tiny.toml"))
    card = (folder / "README.md").read_text()
    assert "--config configs/tiny.toml" in card
    assert "| roles_swapped | 24 |" in card  # a tiny model fails on all shapes
    names = {path.name for path in folder.iterdir()}
    weights = "adapter_model.safetensors" if has_adapters else "model.safetensors"
    assert {weights, "config.json", "calibration.json", "README.md"} <= names
    assert load_file(folder / weights).popitem()[1].dtype is torch.float16
    scores = evaluate(load_model(NliConfig(model=str(folder), max_tokens=64)), config.dev[0])
    assert scores.accuracy > 0.5  # chance is a third


def test_a_killed_run_goes_on_at_its_step_and_ends_the_same(
    run_config: TrainConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole = train(run_config)

    class KilledError(Exception):
        pass

    from transformers import TrainerCallback

    class Kill(TrainerCallback):
        def on_step_end(self, args, state, control, **_) -> None:  # type: ignore[no-untyped-def]
            if state.global_step == 8:
                raise KilledError

    cut_off = replace(run_config, output=str(tmp_path / "cut"))
    with monkeypatch.context() as patch:
        patch.setattr("transformers.trainer.DEFAULT_CALLBACKS", [Kill])
        with pytest.raises(KilledError):
            train(cut_off)
    again = train(cut_off)
    history = json.loads((again.parent / "first" / "finished.json").read_text())["history"]
    assert history[-1]["step"] == 24
    expected = load_file(whole / "adapter_model.safetensors")
    for name, tensor in load_file(again / "adapter_model.safetensors").items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)


def test_a_finished_run_is_not_repeated(run_config: TrainConfig) -> None:
    result = train(run_config)
    before = (result / "adapter_model.safetensors").stat().st_mtime_ns
    assert train(run_config) == result
    assert (result / "adapter_model.safetensors").stat().st_mtime_ns == before


def test_a_stage_keeps_a_share_of_what_it_began_with(run_config: TrainConfig) -> None:
    first, second = run_config.stages
    trained = load_file(train(run_config) / "adapter_model.safetensors")
    begun = load_file(Path(run_config.output) / "first" / "adapter_model.safetensors")
    kept = replace(run_config, stages=(first, replace(second, name="kept", keep_share=0.25)))
    for name, tensor in load_file(train(kept) / "adapter_model.safetensors").items():
        expected = 0.25 * begun[name] + 0.75 * trained[name]
        torch.testing.assert_close(tensor, expected, rtol=1e-4, atol=1e-5)
    with pytest.raises(ConfigError, match="keep_share"):
        replace(second, keep_share=1.0)
