"""Train the embedder: ``python scripts/train_embedder.py --config configs/train-embedder.toml``.

The result, in the form of claimnli/models/embedder, is in ``<output>/model``; measure it with
scripts/evaluate_pairing.py. To try another share of the original weights, change *keep_share* and
give ``--average-only``: that takes a second.
"""

import logging
from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script
from claimnli.config import read_toml
from claimnli.training.embedder_config import EmbedderConfig


def main(
    config: Annotated[Path, typer.Option(help="TOML file with the settings.")],
    average_only: Annotated[
        bool, typer.Option("--average-only", help="Train nothing, average the weights again.")
    ] = False,
) -> None:
    """Fine-tune the embedder of the settings and average it with the original."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")

    settings = read_toml(config, EmbedderConfig)

    from claimnli.training.embedder import average, train_embedder

    print(average(settings) if average_only else train_embedder(settings))


if __name__ == "__main__":
    run_script(main)
