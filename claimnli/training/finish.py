"""From the result of a run to a model that can be used: rounded, calibrated, with its card."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from claimnli.config import NliConfig
from claimnli.errors import ClaimnliError
from claimnli.nli.calibration import fit_calibration
from claimnli.nli.model import load_model
from claimnli.nli.weights import resolve_model
from claimnli.records import RELATIONS, IntArray, Relation
from claimnli.training.card import write_card
from claimnli.training.checks import load_checks, run_checks
from claimnli.training.config import AverageConfig, TrainConfig
from claimnli.training.metrics import CurvePoint, Scores, contradiction_curve, score
from claimnli.training.mixture import Examples, load_dev

_NATURAL_SHARE = 0.1
"""Of the candidates of a comparison 2 or 3 in 100 contradict."""
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def finish(config: TrainConfig, stage_folder: Path, settings: Path | None = None) -> Path:
    """Write the model of *stage_folder* to ``<output>/model`` and return that folder.

    *settings* is the file that *config* was read from; the model card names it.

    Weights are stored in float16, which halves them and changes no label (bfloat16, in which they
    are used, has fewer digits). The calibration is fitted on the dev sets together.
    """
    folder = Path(config.output) / "model"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    is_adapter = (stage_folder / "adapter_config.json").is_file()
    weights = "adapter_model.safetensors" if is_adapter else "model.safetensors"
    trained = load_file(stage_folder / weights)
    if config.average is not None:
        trained = average_weights(trained, config.average, weights)
    rounded = {
        name: array.astype(np.float16) if array.dtype == np.float32 else array
        for name, array in trained.items()
    }
    save_file(rounded, folder / weights, metadata={"format": "pt"})
    (folder / weights).chmod(0o644)  # safetensors lets nobody else read it
    shutil.copy(stage_folder / "config.json", folder)
    if is_adapter:
        adapter = json.loads((stage_folder / "adapter_config.json").read_text())
        # The name of the base weights, not the folder where they lay on this machine.
        adapter["base_model_name_or_path"] = config.encoder
        (folder / "adapter_config.json").write_text(json.dumps(adapter, indent=2) + "\n")
    else:
        for name in TOKENIZER_FILES:
            if (stage_folder / name).is_file():
                shutil.copy(stage_folder / name, folder)
    scores = calibrate(config, folder)
    checks = run_checks(load_model(NliConfig(model=str(folder))), load_checks())
    write_card(config, folder, scores, checks, settings)
    return folder


def average_weights(
    trained: Mapping[str, np.ndarray], average: AverageConfig, file_name: str
) -> dict[str, np.ndarray]:
    """*trained* and the weights in *file_name* of the other model, each with its share.

    Raises ClaimnliError if their names or shapes differ.
    """
    other = resolve_model(average.model).folder
    weights = load_file(other / file_name) if other and (other / file_name).is_file() else {}
    if {n: a.shape for n, a in weights.items()} != {n: a.shape for n, a in trained.items()}:
        raise ClaimnliError(
            f"the result cannot be averaged with {average.model}: their weights differ in shape",
            mend="Name a model that was trained from the same encoder, or leave average out.",
        )
    return {
        name: (1 - average.share) * array + average.share * weights[name].astype(array.dtype)
        for name, array in trained.items()
    }


def calibrate(config: TrainConfig, folder: Path) -> dict[str, Scores]:
    """Fit the calibration on the run's dev sets together, choose the operating point on those in
    which contradictions are rare, and store both in *folder*. Returns the scores of the calibrated
    model, as a comparison uses it."""
    dev = load_dev(config.dev)
    # At the length at which a comparison reads pairs, not at that of the training.
    model = load_model(NliConfig(model=str(folder)))
    logits = {name: model.relation_logits(*_texts(examples)) for name, examples in dev.items()}
    gold = {name: examples.gold() for name, examples in dev.items()}
    all_gold = np.concatenate(list(gold.values()))
    all_logits = np.concatenate(list(logits.values()))
    calibration = fit_calibration(all_logits, all_gold)
    rare = names_of_natural_sets(gold)
    curve = contradiction_curve(
        calibration.apply(np.concatenate([logits[name] for name in rare])),
        np.concatenate([gold[name] for name in rare]),
    )
    point = operating_point(curve, config.max_false_contradictions)
    replace(calibration, operating_point=point).save(folder)
    del model
    # Scored once more: which calls are close, and which pairs one order settles, is known only now.
    model = load_model(NliConfig(model=str(folder)))
    return {
        name: score(model.relation_probabilities(*_texts(examples)), gold[name])
        for name, examples in dev.items()
    }


def _texts(examples: Examples) -> tuple[list[str], IntArray, IntArray]:
    """Texts, and the positions of premises and of hypotheses in them."""
    rows = np.arange(len(examples), dtype=np.int32)
    return examples.premises + examples.hypotheses, rows, rows + np.int32(len(examples))


def names_of_natural_sets(gold: Mapping[str, np.ndarray]) -> list[str]:
    """The sets in which contradictions are as rare as among the candidates of a comparison, or all
    of them if there is none: how often a model errs on pairs written to be hard says little of how
    often a report does. *gold*: index into RELATIONS by set."""
    contradiction = RELATIONS.index(Relation.CONTRADICTION)
    rare = [name for name in gold if (gold[name] == contradiction).mean() < _NATURAL_SHARE]
    return rare or list(gold)


def operating_point(curve: Sequence[CurvePoint], max_false_contradictions: float) -> float:
    """The lowest threshold from 0.5 on that keeps false contradictions rare; the highest of the
    curve if none does."""
    points = [point for point in curve if point.threshold >= 0.5]
    rare = (p for p in points if p.false_contradiction_rate <= max_false_contradictions)
    return next(rare, points[-1]).threshold
