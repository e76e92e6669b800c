"""Train a model: ``python scripts/train.py --config configs/train-base.toml``.

The same command goes on where a killed run stopped. For several GPUs: ``accelerate launch
scripts/train.py --config ...``. The model, ready to use, is in ``<output>/model``.
"""

import logging
from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script
from claimnli.config import read_toml
from claimnli.training.config import TrainConfig


def main(config: Annotated[Path, typer.Option(help="TOML file with the settings.")]) -> None:
    """Run the stages of the settings, or go on with them, and finish the model."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    settings = read_toml(config, TrainConfig)

    from torch import distributed

    from claimnli.training.finish import finish
    from claimnli.training.trainer import train

    result = train(settings)
    # "accelerate launch" runs this once a GPU, and one of them writes the model.
    if not distributed.is_initialized() or distributed.get_rank() == 0:
        folder = finish(settings, result, config)
        print(f"{folder}: use it with --model, or claimnli.load() in Python")


if __name__ == "__main__":
    run_script(main)
