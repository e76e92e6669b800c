"""Evaluate a model: ``python scripts/evaluate.py base news/written_pairs/dev.parquet --json X``.

MODEL is base, mini, a folder or a hub name. Each DATA is a .parquet or .jsonl file (relative to
$CLAIMNLI_DATA if that is set) or a hub data set as NAME or NAME:SUBSET:SPLIT.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script
from claimnli.config import NliConfig
from claimnli.training.config import DataConfig


def main(
    model: Annotated[str, typer.Argument(help="base, mini, a folder or a hub name.")],
    data: Annotated[list[str], typer.Argument(help="Labelled pairs, one or more sets.")],
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, bfloat16, float16.")] = "auto",
    max_tokens: Annotated[int, typer.Option(help="Tokens of a pair.")] = 256,
) -> None:
    """Print the figures of every set as a table."""
    from claimnli.nli.model import load_model
    from claimnli.training.evaluation import evaluate, print_scores
    from claimnli.training.mixture import load_examples

    # By the name as given: two files of one folder are two sets.
    sets = {name: _data_config(name) for name in data}
    for config in sets.values():
        load_examples(config)  # what is wrong with the data is told before the model is loaded
    nli = load_model(
        NliConfig(model=model, device=device, dtype=dtype, max_tokens=max_tokens)  # type: ignore[arg-type]
    )
    scores = {name: evaluate(nli, config) for name, config in sets.items()}
    print_scores(nli.info, scores)
    if json_path is not None:
        figures = {name: entry.to_dict() for name, entry in scores.items()}
        json_path.write_text(json.dumps({"model": nli.info.name, "sets": figures}, indent=1))


def _data_config(name: str) -> DataConfig:
    if Path(name).suffix in (".parquet", ".jsonl"):
        return DataConfig(path=name)
    path, subset, split = [*name.split(":"), "", ""][:3]
    return DataConfig(path=path, subset=subset, split=split or "validation")


if __name__ == "__main__":
    run_script(main)
