"""The model card that is written beside trained weights."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from claimnli.training.config import DataConfig, TrainConfig
from claimnli.training.metrics import Scores
from claimnli.training.mixture import data_name

LICENCES = {
    "snli": "CC BY-SA 4.0",
    "mnli": "OANC and others, see the paper",
    "lingnli": "not stated",
    "vitaminc": "CC BY-SA 3.0",
    "fever": "CC BY-SA 3.0",
    "counterfactual_nli": "Apache-2.0",
    "rte": "not stated",
    "scone": "CC0 1.0",
    "dnc_megaveridicality": "by source corpus",
    "written_pairs": "written for this project; some sentences from ECB+ (CC BY 3.0)",
    "event_pairs": "sentences of ECB+ (CC BY 3.0)",
    "clusters": "Apache-2.0 (this repository)",
    "long_clusters": "Apache-2.0 (this repository)",
    "same_article": "sentences of ECB+ (CC BY 3.0)",
}
"""As the sets state them; data/README.md has the sources."""


def write_card(config: TrainConfig, folder: Path, scores: Mapping[str, Scores]) -> Path:
    """Write README.md into *folder*: the run's settings, the figures of its stages, and the
    *scores* of the calibrated model on each dev set."""
    run = Path(config.output)
    encoder = config.encoder_name or config.encoder
    lines = [
        "---",
        "license: apache-2.0",
        "pipeline_tag: text-classification",
        f"base_model: {encoder}",
        "language: en",
        "---",
        "",
        f"# claimnli {config.name}",
        "",
        "Labels a pair of sentences from different news articles: agreement, contradiction or",
        "unrelated, as labelling guidelines for claims define them. The labels have no direction:",
        "score both orders and average. It says nothing about which of the two is true.",
        "",
        "## Training",
        "",
        f"Started from `{encoder}`, seed {config.seed}, at most {config.max_tokens} tokens; "
        + _method(config),
        "",
    ]
    for stage in config.stages:
        lines += [f"### Stage {stage.name}", "", *_stage_table(stage.data)]
        if stage.distill is not None:
            share, teacher = stage.distill.share, stage.distill.teacher
            lines += [f"Targets: {share:.0%} {teacher}'s probabilities, the rest the label.", ""]
        finished = run / stage.name / "finished.json"
        if finished.exists():
            lines += _stage_figures(json.loads(finished.read_text()))
    lines += ["## Figures", "", *_score_table(scores)]
    lines += [
        "## Reproduce",
        "",
        f"`python scripts/train.py --config configs/train-{config.name}.toml`, with the data of",
        "data/README.md.",
        "",
    ]
    path = folder / "README.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _method(config: TrainConfig) -> str:
    if config.lora is not None:
        method = f"LoRA of rank {config.lora.rank} on all linear layers."
    elif config.freeze_embeddings:
        method = "all weights but the embeddings."
    else:
        method = "all weights."
    return method


def _stage_table(data: Sequence[DataConfig]) -> list[str]:
    rows = ["| data | rows at most | passes | both orders | licence |", "|---|---|---|---|---|"]
    for entry in data:
        name = data_name(entry)
        cap = str(entry.max_rows) if entry.max_rows else "all"
        turned = "yes" if entry.both_orders else "no"
        licence = LICENCES.get(name, "see its source")
        rows.append(f"| {name} | {cap} | {entry.n_passes:g} | {turned} | {licence} |")
    return [*rows, ""]


def _stage_figures(finished: Mapping[str, object]) -> list[str]:
    return [f"{finished['n_examples']} examples in {finished['n_steps']} steps.", ""]


def _score_table(scores: Mapping[str, Scores]) -> list[str]:
    rows = [
        "On the dev sets on which the calibration was fitted, too:",
        "",
        "| dev set | pairs | macro-F1 | accuracy | false contradictions | calibration error |",
        "|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {name} | {entry.n_pairs} | {entry.macro_f1:.3f} | {entry.accuracy:.3f} | "
        f"{entry.false_contradiction_rate:.1%} | {entry.calibration_error:.3f} |"
        for name, entry in scores.items()
    ]
    rows += ["", "| dev set | label | precision | recall | F1 |", "|---|---|---|---|---|"]
    rows += [
        f"| {name} | {relation} | {label.precision:.3f} | {label.recall:.3f} | {label.f1:.3f} |"
        for name, entry in scores.items()
        for relation, label in entry.labels.items()
    ]
    return [*rows, ""]
