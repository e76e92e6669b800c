"""From a checkpoint on disk to probabilities, against transformers itself."""

import json
import logging
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli import scorer
from claimnli.nli.calibration import Calibration
from claimnli.nli.model import NliModel, load_model
from claimnli.nli.tokens import TokenStore
from claimnli.records import RELATIONS
from tests.tiny_models import KINDS, RELATION_LABELS, save_checkpoint

TEXTS = [
    "The mayor resigned on Monday.",
    "No, the mayor has not resigned.",
    "Troops",
    "Troops, troops and more troops; a mayor said so on the 3rd of May, 2024. " * 3,
    "",
]
INDEX_A, INDEX_B = (i.ravel() for i in np.indices((len(TEXTS), len(TEXTS))))


def load(folder: Path, **settings: Any) -> NliModel:
    given: dict[str, Any] = {"device": "cpu", "dtype": "float32", "max_tokens": 64} | settings
    return load_model(NliConfig(model=str(folder), **given))


def reference_logits(folder: Path) -> np.ndarray[Any, Any]:
    """Every pair alone through an unchanged transformers model."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    for a, b in zip(INDEX_A, INDEX_B, strict=True):
        inputs = tokenizer(
            [TEXTS[a]],
            [TEXTS[b]],
            truncation="longest_first",
            max_length=64,
            return_tensors="pt",
        )
        with torch.inference_mode():
            rows.append(model(**inputs).logits[0].numpy())
    return np.stack(rows)


@pytest.mark.parametrize("max_batch_tokens", [0, 1, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_transformers(
    kind: str, max_batch_tokens: int, tiny_checkpoints: Mapping[str, Path]
) -> None:
    model = load(tiny_checkpoints[kind], max_batch_tokens=max_batch_tokens)
    logits = model.logits(TEXTS, INDEX_A, INDEX_B)
    expected = reference_logits(tiny_checkpoints[kind])
    assert expected.std() > 0.1
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_tokens_can_be_scored_in_place_of_texts(
    tiny_checkpoints: Mapping[str, Path], tmp_path: Path
) -> None:
    model = load(tiny_checkpoints["mpnet"])
    model.tokenise(TEXTS).save(tmp_path)
    kept = model.score_relations(TokenStore.open(tmp_path), INDEX_A, INDEX_B)
    expected = model.score_relations(TEXTS, INDEX_A, INDEX_B)
    np.testing.assert_array_equal(kept.probabilities, expected.probabilities)
    assert kept.n_truncated == expected.n_truncated


def test_relations_have_no_direction(tiny_checkpoints: Mapping[str, Path]) -> None:
    model = load(tiny_checkpoints["mpnet"])
    forward = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    backward = model.relation_probabilities(TEXTS, INDEX_B, INDEX_A)
    np.testing.assert_allclose(forward, backward, atol=1e-6)
    np.testing.assert_allclose(forward.sum(axis=1), 1.0, atol=1e-6)

    logits = model.logits(TEXTS, INDEX_A, INDEX_B)
    reverse = model.logits(TEXTS, INDEX_B, INDEX_A)
    columns = [RELATION_LABELS.index(str(relation)) for relation in RELATIONS]
    mean = torch.from_numpy((logits + reverse)[:, columns] / 2)
    np.testing.assert_allclose(forward, torch.softmax(mean, dim=1).numpy(), atol=1e-5)


def test_directional_probabilities_follow_the_names(tiny_nli_checkpoint: Path) -> None:
    model = load(tiny_nli_checkpoint)
    probabilities = model.directional_probabilities(TEXTS, INDEX_A, INDEX_B)
    expected = torch.from_numpy(model.logits(TEXTS, INDEX_A, INDEX_B)).softmax(dim=1).numpy()
    # The checkpoint: contradiction, entailment, neutral.
    np.testing.assert_allclose(probabilities, expected[:, [1, 0, 2]], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_close_calls_are_those_of_float32(kind: str, tiny_checkpoints: Mapping[str, Path]) -> None:
    exact = load(tiny_checkpoints[kind]).relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    # All pairs are close calls, some, none.
    gaps = np.sort(exact, axis=1)
    margin = float(np.median(gaps[:, -1] - gaps[:, -2]))

    def differences(close_call: float) -> np.ndarray[Any, Any]:
        model = load(tiny_checkpoints[kind], dtype="bfloat16", close_call=close_call)
        rounded = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
        difference: np.ndarray[Any, Any] = np.abs(rounded - exact).max(axis=1)
        return difference

    assert differences(1.1).max() < 1e-6
    some = differences(margin) < 1e-6
    assert 0 < some.sum() < len(some)
    assert (differences(0.0) > 1e-6).all()


def test_truncated_pairs_are_counted(tiny_checkpoints: Mapping[str, Path]) -> None:
    model = load(tiny_checkpoints["bert"])
    assert model.score_relations(TEXTS, INDEX_A, INDEX_B).n_truncated == 9
    assert model.score_relations(TEXTS, [0, 2], [2, 4]).n_truncated == 0


def test_no_pairs(tiny_checkpoints: Mapping[str, Path]) -> None:
    assert load(tiny_checkpoints["bert"]).relation_probabilities([], [], []).shape == (0, 3)


def test_interruption_keeps_finished_probabilities(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorer, "_BATCHES_OF_PART", 2)
    model = load(tiny_checkpoints["roberta"], max_batch_tokens=120)
    finished = model.relation_probabilities(TEXTS, INDEX_A, INDEX_B)

    def interrupt(n_done: int, n_total: int) -> None:
        assert n_total == len(INDEX_A)
        if n_done > 10:
            raise KeyboardInterrupt

    scores = model.score_relations(TEXTS, INDEX_A, INDEX_B, on_progress=interrupt)
    is_done = scores.is_scored
    assert 5 < is_done.sum() < len(INDEX_A)
    np.testing.assert_allclose(scores.probabilities[is_done], finished[is_done], atol=1e-6)


def test_an_interruption_among_the_close_calls_leaves_them_without_a_score(
    tiny_checkpoints: Mapping[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load(tiny_checkpoints["bert"], dtype="bfloat16", close_call=1.1, max_batch_tokens=120)
    exact = model._scorer._levels[-1].module.forward
    calls = iter(range(100))

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return exact(*args, **kwargs)

    monkeypatch.setattr(model._scorer._levels[-1].module, "forward", interrupted)
    scores = model.score_relations(TEXTS, INDEX_A, INDEX_B)
    assert 0 < scores.is_scored.sum() < len(INDEX_A)


def test_stored_calibration_is_applied(
    tiny_checkpoints: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoints["bert"], tmp_path / "model"))
    calibration = Calibration(temperature=2.0, bias=(1.0, 0.0, -1.0))
    calibration.save(folder)
    model = load(folder)
    assert model.info.is_calibrated
    logits = model.relation_logits(TEXTS, INDEX_A, INDEX_B)
    expected = calibration.apply(logits)
    np.testing.assert_allclose(
        model.relation_probabilities(TEXTS, INDEX_A, INDEX_B), expected, atol=1e-6
    )
    assert not load(tiny_checkpoints["bert"]).info.is_calibrated


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers for an old name
def test_adapter_is_merged(tiny_checkpoints: Mapping[str, Path], tmp_path: Path) -> None:
    from peft import LoraConfig, TaskType, get_peft_model

    base = tiny_checkpoints["mpnet"]
    model = AutoModelForSequenceClassification.from_pretrained(base)
    adapted: Any = get_peft_model(
        model,
        LoraConfig(
            task_type=TaskType.SEQ_CLS,
            r=2,
            target_modules=["q", "v"],
            modules_to_save=["classifier"],
        ),
    )
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.normal_(std=0.3)
    folder = tmp_path / "adapter"
    adapted.save_pretrained(str(folder))
    adapted.config.save_pretrained(folder)
    adapter = json.loads((folder / "adapter_config.json").read_text())
    adapter["base_model_name_or_path"] = str(base)
    (folder / "adapter_config.json").write_text(json.dumps(adapter))

    merged = tmp_path / "merged"
    adapted.merge_and_unload().save_pretrained(merged)
    AutoTokenizer.from_pretrained(base).save_pretrained(merged)
    logits = load(folder).logits(TEXTS, INDEX_A, INDEX_B)
    np.testing.assert_allclose(logits, reference_logits(merged), atol=1e-4)
    assert np.abs(logits - reference_logits(base)).max() > 0.1


def test_loading_is_silent(
    tiny_checkpoints: Mapping[str, Path],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        load(tiny_checkpoints["mpnet"]).relation_probabilities(TEXTS, [0], [1])
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_info(tiny_checkpoints: Mapping[str, Path]) -> None:
    folder = tiny_checkpoints["bert"]
    info = load(folder).info
    assert (info.name, info.source) == (str(folder), str(folder))
    assert (info.device, info.dtype) == ("cpu", "float32")


def test_bfloat16_is_near_float32(tiny_checkpoints: Mapping[str, Path]) -> None:
    exact = load(tiny_checkpoints["mpnet"]).relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    rounded = load(tiny_checkpoints["mpnet"], dtype="bfloat16")
    assert rounded.info.dtype == "bfloat16"
    probabilities = rounded.relation_probabilities(TEXTS, INDEX_A, INDEX_B)
    np.testing.assert_allclose(probabilities, exact, atol=0.02)


def edit_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_nameless_labels_are_refused(tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "m", "bert", ["LABEL_0", "LABEL_1", "LABEL_2"])
    with pytest.raises(ClaimnliError, match=r"(?s)LABEL_0.*config\.json.*id2label"):
        load(folder)


def test_pickled_weights_are_refused(tiny_checkpoints: Mapping[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_checkpoints["bert"], tmp_path / "model"))
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ClaimnliError, match="safetensors"):
        load(folder)


def test_code_of_a_checkpoint_is_not_run(
    tiny_checkpoints: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoints["bert"], tmp_path / "model"))
    edit_config(folder, model_type="own", auto_map={"AutoConfig": "own.OwnConfig"})
    (folder / "own.py").write_text("raise SystemExit('this code was run')\n")
    with pytest.raises(ClaimnliError, match="cannot be read as a model"):
        load(folder)


def test_an_encoder_without_a_head_is_refused(
    tiny_checkpoints: Mapping[str, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoints["bert"], tmp_path / "model"))
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    config = model.config
    model.bert.save_pretrained(folder)
    config.save_pretrained(folder)
    with pytest.raises(ClaimnliError, match="weights are missing, such as classifier"):
        load(folder)


def test_no_pair_is_longer_than_the_model_reads(tiny_checkpoints: Mapping[str, Path]) -> None:
    long = "Kursk is held. " * 60
    texts = [long + "The claim was denied.", long + "The claim was true."]
    at_its_limit = load(tiny_checkpoints["roberta"], max_tokens=128)
    asked_for_more = load(tiny_checkpoints["roberta"], max_tokens=256)
    scores = asked_for_more.score_relations(texts, [0], [1])
    assert scores.n_truncated == 1
    expected = at_its_limit.score_relations(texts, [0], [1])
    np.testing.assert_array_equal(scores.probabilities, expected.probabilities)


def test_a_device_that_is_not_there_is_refused(tiny_checkpoints: Mapping[str, Path]) -> None:
    with pytest.raises(ClaimnliError, match=r"(?s)'cuda:99' cannot be used.*--device cpu"):
        load(tiny_checkpoints["bert"], device="cuda:99")
