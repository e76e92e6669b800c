"""The figures of an embedder's pairing, as tables on the terminal and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from claimnli.nli.downloads import sha256_of
from claimnli.training.pairing_recall import FIXED_RECALL, PairingFigures, setting_name

_LIBRARIES = ("torch", "transformers", "tokenizers", "numpy")
_FILE_WIDTH = 180
"""Columns of a table that goes into a file or a pipe."""


def print_pairing(name: str, figures: PairingFigures, guard: Mapping[str, float]) -> None:
    """Print the candidates of each setting, then each set label by label, then the guard."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_FILE_WIDTH)
    columns = [setting_name(s.k, s.min_similarity) for s in figures.settings]
    table = Table(title=f"pairing: {name}", box=SIMPLE, title_justify="left")
    for left in ("set", "label"):
        table.add_column(left, no_wrap=True)
    others = ("cosine\nmedian", "\n5 % below", f"k for {FIXED_RECALL:.0%}", "\npairs/claim")
    for right in ("pairs", *(c.replace(", ", "\n") for c in columns), *others):
        table.add_column(right, justify="right")
    table.add_row(
        f"{figures.n_sentences} sentences",
        "candidates a claim",
        "",
        *(f"{setting.n_candidates:.1f}" for setting in figures.settings),
        end_section=True,
    )
    for set_name, labels in figures.sets.items():
        for relation, entry in labels.items():
            table.add_row(
                set_name,
                relation,
                str(entry.n_pairs),
                *(f"{entry.recall[column]:.3f}" for column in columns),
                f"{entry.median_cosine:.3f}",
                f"{entry.low_cosine:.3f}",
                str(entry.k_at_fixed_recall),
                f"{entry.n_candidates_at_fixed_recall:.1f}",
            )
    console.print(table)
    for set_name, value in guard.items():
        console.print(f"{set_name}: AUC of entailment against neutral by cosine {value:.3f}")


def to_json(folder: Path, figures: PairingFigures, guard: Mapping[str, float]) -> dict[str, Any]:
    """All figures, with the hash of the weights they are of."""
    return {
        "embedder": str(folder),
        "sha256": sha256_of(folder / "model.safetensors"),
        "versions": {name: version(name) for name in _LIBRARIES},
        "date": datetime.now(UTC).date().isoformat(),
        **asdict(figures),
        "entailment_auc": dict(guard),
    }
