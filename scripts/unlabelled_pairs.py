"""Make pairs for a teacher: ``python scripts/unlabelled_pairs.py ARTICLES RUMOURS -o PAIRS``.

Both are .parquet files as data/README.md describes them: ARTICLES has the columns ``event`` and
``sentences`` (ECB+), RUMOURS has the text of an article in ``premise`` (FNC-1).
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import run_script

LABELS = Path(__file__).parents[1] / "data" / "rumour_labels" / "train.csv"


def main(
    articles: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Table of tokenised articles.")
    ],
    rumours: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Table of articles on rumours.")
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
    labels: Annotated[Path, typer.Option(help="Which articles are on which rumour.")] = LABELS,
    n_event_pairs: Annotated[int, typer.Option(help="At most so many of ARTICLES.")] = 15_000,
    n_rumour_pairs: Annotated[int, typer.Option(help="At most so many of RUMOURS.")] = 25_000,
    half_related_by: Annotated[
        str,
        typer.Option(help="A model: half of the pairs are such as it does not call unrelated."),
    ] = "",
    n_pairs: Annotated[
        int, typer.Option(help="With --half-related-by: at most so many of all that were drawn.")
    ] = 64_000,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 13,
) -> None:
    """Write candidate pairs of articles on one event, labelled unlabelled."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from claimnli.config import Config
    from claimnli.embedding import load_encoder
    from claimnli.training.unlabelled import texts_by_event, texts_by_rumour, unlabelled_pairs

    held_out = [row for path in dev for row in pq.read_table(path).to_pylist()]
    dev_events = {row["event"] for row in held_out if "event" in row}
    texts = pq.read_table(rumours, columns=["premise"])["premise"].unique().to_pylist()
    encoder, config = load_encoder(), Config()
    pairs = []
    for path, events, n_most in (
        (
            articles,
            texts_by_event(pq.read_table(articles).to_pylist(), held_out=dev_events),
            n_event_pairs,
        ),
        (rumours, texts_by_rumour(labels, texts), n_rumour_pairs),
    ):
        drawn = unlabelled_pairs(
            events,
            encoder,
            config,
            n_pairs=n_most,
            seed=seed,
            held_out=[row[side] for row in held_out for side in ("premise", "hypothesis")],
        )
        print(f"{path}: {len(drawn)} pairs")
        pairs += drawn
    if half_related_by:
        from claimnli.config import NliConfig
        from claimnli.nli.model import load_model
        from claimnli.training.unlabelled import half_related

        model = load_model(NliConfig(model=half_related_by))
        pairs = half_related(pairs, model, n_pairs=n_pairs, seed=seed)
    names = ("premise", "hypothesis", "label")
    rows = [dict(zip(names, (*pair, "unlabelled"), strict=True)) for pair in pairs]
    output.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), output)
    print(f"{output}: {len(pairs)} pairs")


if __name__ == "__main__":
    run_script(main)
