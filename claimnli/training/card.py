"""The model card that is written beside trained weights."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from claimnli.training.checks import CheckScores
from claimnli.training.config import DataConfig, TrainConfig
from claimnli.training.metrics import Scores
from claimnli.training.mixture import data_name

LICENCES = {
    "snli": "CC BY-SA 4.0",
    "mnli": "OANC and others, see the paper",
    "lingnli": "not stated",
    "vitaminc": "CC BY-SA 3.0",
    "fever": "CC BY-SA 3.0",
    "semi_automatic_nli": "CC BY-SA 3.0",
    "counterfactual_nli": "Apache-2.0",
    "rte": "not stated",
    "scone": "CC0 1.0",
    "dnc_megaveridicality": "by source corpus",
    "written_pairs": "written for this project; some sentences from ECB+ (CC BY 3.0)",
    "event_pairs": "sentences of ECB+ (CC BY 3.0)",
    "clusters": "Apache-2.0 (this repository)",
    "long_clusters": "Apache-2.0 (this repository)",
    "disputes": "Apache-2.0 (this repository)",
    "contrast_sets": "Apache-2.0 (this repository)",
    "event_labels": "labels Apache-2.0 (this repository), sentences of ECB+ (CC BY 3.0)",
    "rumour_labels": "labels Apache-2.0 (this repository), sentences of FNC-1 (none stated)",
    "perturbed": "made from event_pairs, clusters and long_clusters",
    "sick": "CC BY-NC-SA 3.0",
    "same_article": "sentences of ECB+ (CC BY 3.0)",
    "unlabelled": "sentences of ECB+ (CC BY 3.0) and FNC-1 (none stated), without labels",
    "unlabelled_related": "sentences of ECB+ (CC BY 3.0) and FNC-1 (none stated), without labels",
}
"""As the sets state them; data/README.md has the sources."""
_FAILS = 0.85
"""Accuracy on a shape of the checks below which it is a known failure."""


def write_card(
    config: TrainConfig,
    folder: Path,
    scores: Mapping[str, Scores],
    checks: CheckScores,
    settings: Path | None = None,
) -> Path:
    """Write README.md into *folder*: the run's settings, the figures of its stages, the *scores* of
    the calibrated model on each dev set, and the shapes of *checks* that it gets wrong.

    *settings* is the file that *config* was read from, for the command that repeats the run.
    """
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
        if stage.keep_share:
            lines += [f"Averaged with what it began with, at a share of {stage.keep_share:g}.", ""]
        finished = run / stage.name / "finished.json"
        if finished.exists():
            lines += _stage_figures(json.loads(finished.read_text()))
    if config.average is not None:
        share, other = config.average.share, config.average.model
        lines += [f"The result is averaged with {other} as it was, at a share of {share:g}.", ""]
    lines += ["## Figures", "", *_score_table(scores)]
    lines += ["## Known failures", "", *_failures(checks)]
    name = str(settings or "SETTINGS")
    lines += [
        "## Reproduce",
        "",
        f"`python scripts/train.py --config {name}`, with the data of data/README.md.",
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
    minutes = round(int(str(finished["seconds"])) / 60)
    n_examples, n_steps = finished["n_examples"], finished["n_steps"]
    return [
        f"{n_examples} examples in {n_steps} steps, {minutes} minutes since the last start.",
        "",
    ]


def _score_table(scores: Mapping[str, Scores]) -> list[str]:
    rows = [
        "On the dev sets on which the calibration was fitted, too:",
        "",
        "| dev set | pairs | macro-F1 | accuracy | false contr. | calibration error | by chance |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {name} | {entry.n_pairs} | {entry.macro_f1:.3f} | {entry.accuracy:.3f} | "
        f"{entry.false_contradiction_rate:.1%} | {entry.calibration_error:.3f} | "
        f"{entry.calibration_error_by_chance:.3f} |"
        for name, entry in scores.items()
    ]
    rows += ["", "| dev set | label | precision | recall | F1 |", "|---|---|---|---|---|"]
    rows += [
        f"| {name} | {relation} | {label.precision:.3f} | {label.recall:.3f} | {label.f1:.3f} |"
        for name, entry in scores.items()
        for relation, label in entry.labels.items()
    ]
    return [*rows, ""]


def _failures(checks: CheckScores) -> list[str]:
    """The shapes below ``_FAILS``, the worst first."""
    shapes = sorted(checks.shapes.items(), key=lambda item: item[1].accuracy)
    rows = [
        f"| {name} | {shape.n_pairs} | {shape.accuracy:.2f} | {shape.n_false_contradictions} | "
        + (f"{shape.contradiction_recall:.2f} |" if shape.contradiction_recall is not None else "|")
        for name, shape in shapes
        if shape.accuracy < _FAILS
    ]
    n_pairs, n_false = checks.total.n_pairs, checks.total.n_false_contradictions
    return [
        f"Mean accuracy over the {len(shapes)} shapes of data/checks: {checks.mean_accuracy:.3f}.",
        f"Of {n_pairs} pairs, {n_false} are called a contradiction and are none. Shapes with an",
        f"accuracy below {_FAILS}:",
        "",
        "| shape | pairs | accuracy | false contradictions | contradiction recall |",
        "|---|---|---|---|---|",
        *rows,
        "",
    ]
