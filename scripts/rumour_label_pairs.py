"""Put labels and sentences together: ``python scripts/rumour_label_pairs.py ARTICLES -o FOLDER``.

ARTICLES is a table of FNC-1 (.parquet) whose ``premise`` is the text of an article, FOLDER where
train.parquet and dev.parquet go.
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script

LABELS = Path(__file__).parents[1] / "data" / "rumour_labels"


def main(
    articles: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Table of articles.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the pairs go.")],
    labels: Annotated[Path, typer.Option(help="Folder of the labels.")] = LABELS,
) -> None:
    """Write the labelled pairs of sentences."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from claimnli.training.label_tables import join_rumour_labels

    texts = pq.read_table(articles, columns=["premise"])["premise"].unique().to_pylist()
    names = ("premise", "hypothesis", "label")
    output.mkdir(parents=True, exist_ok=True)
    for split in ("train", "dev"):
        pairs = join_rumour_labels(labels / f"{split}.csv", texts)
        table = pa.Table.from_pylist([dict(zip(names, pair, strict=True)) for pair in pairs])
        path = output / f"{split}.parquet"
        pq.write_table(table, path)
        print(f"{path}: {len(pairs)} pairs")


if __name__ == "__main__":
    run_script(main)
