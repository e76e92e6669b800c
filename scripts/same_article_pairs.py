"""Make hard negatives: ``python scripts/same_article_pairs.py ARTICLES -o PAIRS.parquet``.

ARTICLES is a .parquet file with the columns ``event``, ``article`` and ``sentences`` (a tokenised
sentence a line), as data/README.md describes it for ECB+.
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script


def main(
    articles: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Table of tokenised articles.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where the pairs go.")],
    dev: Annotated[
        list[Path],
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A dev set: neither its sentences nor its events are used.",
        ),
    ] = [],  # noqa: B006
    n_pairs: Annotated[int, typer.Option(help="At most so many pairs.")] = 12_000,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 13,
) -> None:
    """Write pairs of similar sentences of one article, labelled not_contradiction."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from claimnli.embedding import load_encoder
    from claimnli.training.events import detokenise
    from claimnli.training.same_article import same_article_pairs

    held_out = [row for path in dev for row in pq.read_table(path).to_pylist()]
    events = {row["event"] for row in held_out if "event" in row}
    pairs = same_article_pairs(
        [
            [detokenise(line) for line in row["sentences"].split("\n")]
            for row in pq.read_table(articles).to_pylist()
            if row["event"] not in events
        ],
        load_encoder(),
        n_pairs=n_pairs,
        seed=seed,
        held_out=[row[side] for row in held_out for side in ("premise", "hypothesis")],
    )
    premises, hypotheses = zip(*pairs, strict=True) if pairs else ((), ())
    labels = ["not_contradiction"] * len(pairs)
    output.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table({"premise": premises, "hypothesis": hypotheses, "label": labels}), output
    )
    print(f"{output}: {len(pairs)} pairs")


if __name__ == "__main__":
    run_script(main)
