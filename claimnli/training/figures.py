"""The figures of a model, as tables on the terminal and as JSON."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from claimnli import __version__
from claimnli.nli.downloads import sha256_of
from claimnli.nli.weights import ModelSource
from claimnli.records import ModelInfo
from claimnli.training.baselines import BASELINES, BaselineScore
from claimnli.training.checks import CheckScores, ShapeScore
from claimnli.training.metrics import LabelScore
from claimnli.training.suite import Figures

_FILE_WIDTH = 180
"""Columns of a table that goes into a file or a pipe."""
_DECISIVE = ("config.json", "adapter_config.json", "calibration.json", "tokenizer.json")
"""Files, beside the weights, that change what a model says."""
_LIBRARIES = ("torch", "transformers", "tokenizers", "peft", "numpy")


def print_figures(info: ModelInfo, sets: Mapping[str, Figures]) -> None:
    """One line a set; "-" where a figure means nothing.

    A label's three figures are precision, recall and F1; those of a baseline are accuracy and
    macro-F1. Beside the calibration error stands that of a perfectly calibrated model on as many
    pairs.
    """
    names = [name for name in BASELINES if any(name in entry.baselines for entry in sets.values())]
    table = _table(f"{info.name} ({info.device}, {info.dtype})", "set")
    for column in ("pairs", "accuracy", "macro-F1"):
        _add_figures(table, column)
    for label in ("agreement", "contradiction", "unrelated"):
        _add_figures(table, f"{label}\nP   R   F1")
    for column in ("false\ncontr.", "ECE", "by\nchance", "swap"):
        _add_figures(table, column)
    for name in names:
        _add_figures(table, f"{name}\nacc. F1")
    for name, entry in sets.items():
        scores = entry.scores
        table.add_row(
            name,
            str(scores.n_pairs),
            _cell(scores.accuracy),
            _cell(scores.macro_f1),
            *map(_label_cell, scores.labels.values()),
            _cell(None if entry.is_two_way else scores.false_contradiction_rate),
            _cell(scores.calibration_error),
            _cell(scores.calibration_error_by_chance),
            _cell(entry.swap_consistency),
            *(_baseline_cell(entry.baselines.get(name)) for name in names),
        )
    _console().print(table)


def print_checks(info: ModelInfo, checks: CheckScores) -> None:
    """One line a shape, and one over all: its accuracy is the mean over the shapes."""
    table = _table(f"checks: {info.name} ({info.device}, {info.dtype})", "shape")
    for column in ("pairs", "accuracy", "false contr.", "rate", "contr. P", "contr. R"):
        _add_figures(table, column)
    for name, shape in checks.shapes.items():
        table.add_row(name, *_shape_cells(shape, shape.accuracy))
    table.add_section()
    table.add_row("all, mean over shapes", *_shape_cells(checks.total, checks.mean_accuracy))
    _console().print(table)


def print_curves(sets: Mapping[str, Figures]) -> None:
    """For each set with a curve, contradictions by threshold."""
    for name, entry in sets.items():
        if not entry.curve:
            continue
        table = _table(f"contradiction by threshold: {name}", "threshold")
        for column in ("called", "precision", "recall", "false contr."):
            _add_figures(table, column)
        for point in entry.curve:
            table.add_row(
                f"{point.threshold:.2f}",
                str(point.n_called),
                _cell(point.precision if point.n_called else None),
                _cell(point.recall),
                _cell(point.false_contradiction_rate),
            )
        _console().print(table)


def to_json(
    info: ModelInfo,
    source: ModelSource,
    sets: Mapping[str, Figures],
    checks: CheckScores | None,
) -> dict[str, Any]:
    """All figures, and what it takes to tell whether two of them can be compared."""
    return {
        "model": info.name,
        "sha256": model_sha256(source),
        "device": info.device,
        "dtype": info.dtype,
        "is_calibrated": info.is_calibrated,
        "versions": {"claimnli": __version__} | {name: version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).date().isoformat(),
        "sets": {name: entry.to_dict() for name, entry in sets.items()},
        **({"checks": asdict(checks)} if checks else {}),
    }


def model_sha256(source: ModelSource) -> str | None:
    """SHA-256 of the lines that ``sha256sum`` prints of the files that change what a model says.

    They are the weights (safetensors), the configs, the calibration and the tokenizer, by name: the
    model's own first, then those of the weights under an adapter. None for a model of the hub.
    """
    if source.folder is None:
        return None
    folders = [folder for folder in (source.folder, source.base_folder) if folder is not None]
    files = [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.suffix == ".safetensors" or path.name in _DECISIVE
    ]
    lines = "".join(f"{sha256_of(path)}  {path.name}\n" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _table(title: str, first_column: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column(first_column, overflow="fold")
    return table


def _add_figures(table: Table, header: str) -> None:
    table.add_column(header, justify="right", no_wrap=True)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)


def _cell(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def _shape_cells(shape: ShapeScore, accuracy: float) -> list[str]:
    return [
        str(shape.n_pairs),
        _cell(accuracy),
        str(shape.n_false_contradictions),
        _cell(shape.false_contradiction_rate),
        _cell(shape.contradiction_precision),
        _cell(shape.contradiction_recall),
    ]


def _label_cell(label: LabelScore) -> str:
    if not label.n_gold:
        return "-"
    return " ".join(_short(figure) for figure in (label.precision, label.recall, label.f1))


def _baseline_cell(entry: BaselineScore | None) -> str:
    return "-" if entry is None else f"{_short(entry.accuracy)} {_short(entry.macro_f1)}"


def _short(figure: float) -> str:
    """``.85``; a 1 is ``1.0``."""
    return f"{figure:.2f}".removeprefix("0")[:3]
