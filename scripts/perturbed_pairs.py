"""Make contradictions by a changed figure:
``python scripts/perturbed_pairs.py -p news/event_pairs/train.parquet -o PAIRS.parquet``.

Sets are found as in a training configuration (data/README.md).
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script
from claimnli.errors import ClaimnliError


def main(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the pairs go.")],
    pairs: Annotated[
        list[str], typer.Option("-p", "--pairs", help="A set of labelled pairs.")
    ] = [],  # noqa: B006
    clusters: Annotated[
        list[str], typer.Option("-c", "--clusters", help="A file of events as in data/clusters.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 13,
) -> None:
    """Write a contradiction and its agreeing twin for each agreement that holds a figure twice."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from claimnli.training.config import DataConfig
    from claimnli.training.mixture import load_examples
    from claimnli.training.perturbation import perturbed_pairs

    if not pairs and not clusters:
        raise ClaimnliError("no set of pairs is given", mend="Name one with --pairs or --clusters.")
    rng = np.random.default_rng(seed)
    sets = [DataConfig(path=path) for path in pairs]
    sets += [DataConfig(path=path, form="clusters") for path in clusters]
    rows: list[tuple[str, str, str]] = []
    for config in sets:
        agreements = load_examples(config)
        agreements = agreements.take(np.flatnonzero(agreements.gold() == 0))
        for premise, hypothesis in zip(agreements.premises, agreements.hypotheses, strict=True):
            rows += perturbed_pairs(premise, hypothesis, rng)
    names = ("premise", "hypothesis", "label")
    output.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]), output
    )
    print(f"{output}: {len(rows)} pairs")


if __name__ == "__main__":
    run_script(main)
