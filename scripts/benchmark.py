"""Speed of the engine against CrossEncoder: ``python scripts/benchmark.py --model mini``.

The pairs are those that a comparison of FOLDER would label, one direction of each.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from claimnli.cli.messages import run_script
from claimnli.config import Config, NliConfig


def main(
    folder: Annotated[Path, typer.Option(help="Articles to take the pairs from.")] = Path("seeds"),
    model: Annotated[str, typer.Option(help="base, mini, a folder or a hub name.")] = "mini",
    n_pairs: Annotated[int, typer.Option(help="Pairs to score; 0 means all.")] = 0,
    repeats: Annotated[int, typer.Option(help="Runs of each; medians are shown.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
    n_threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves it to torch.")] = 0,
) -> None:
    """Time the engine and sentence-transformers' CrossEncoder on the pairs of a folder."""
    from claimnli.claims.extraction import extract_claims
    from claimnli.embedding import embed_claims, load_encoder
    from claimnli.nli.benchmark import compare_speed, describe_machine
    from claimnli.pairing import select_pairs
    from claimnli.sources import gather

    config = Config(nli=NliConfig(model=model, device=device, n_threads=n_threads))
    articles = gather(folder, config.articles, min_articles=2).articles
    claims = extract_claims(articles, config.claims).claims
    pairs = select_pairs(claims, embed_claims(claims, load_encoder(device)), config.pairing)
    rows = np.random.default_rng(0).permutation(len(pairs))[: n_pairs or len(pairs)]
    texts = [claim.text for claim in claims]

    print(f"{describe_machine()}\n{model}: {len(rows)} of {len(pairs)} pairs of {folder}")
    runners = compare_speed(
        texts, pairs.index_a[rows], pairs.index_b[rows], config.nli, repeats=repeats
    )
    print(f"{'':32} pairs/s  (lowest, highest)  speed-up  same label  max difference")
    for runner in runners:
        print(
            f"{runner.name:32} {runner.pairs_per_second:7.1f}"
            f"  ({runner.slowest:6.1f}, {runner.fastest:7.1f})  {runner.speedup:7.2f}x"
            f"  {runner.share_same_label:10.2%}  {runner.max_difference:14.2g}"
        )


if __name__ == "__main__":
    run_script(main)
