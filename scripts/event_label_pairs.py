"""Put labels and sentences together: ``python scripts/event_label_pairs.py ARTICLES -o PAIRS``.

ARTICLES is the table of ECB+ articles of data/README.md (.parquet), PAIRS the .parquet file to
write.
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script

LABELS = Path(__file__).parents[1] / "data" / "event_labels" / "train.csv"


def main(
    articles: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Table of tokenised articles.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the pairs go.")],
    labels: Annotated[Path, typer.Option(help="Labels by event, article and line.")] = LABELS,
) -> None:
    """Write the labelled pairs of sentences."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from claimnli.training.label_tables import join_event_labels

    pairs = join_event_labels(labels, pq.read_table(articles).to_pylist())
    names = ("premise", "hypothesis", "label")
    output.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist([dict(zip(names, pair, strict=True)) for pair in pairs])
    pq.write_table(table, output)
    print(f"{output}: {len(pairs)} pairs")


if __name__ == "__main__":
    run_script(main)
