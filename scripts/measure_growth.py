"""Time and memory as the work grows: ``python scripts/measure_growth.py --model mini``.

Articles are invented from the training files in data/, so that any number can be had. Measured are
pairs scored, pairs assembled without a model on one core, and whole comparisons stage by stage. A
short run: ``--sizes 100,300 --n-articles 20``.
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.lists import read_numbers, read_words
from claimnli.cli.messages import run_script, say, set_up
from claimnli.config import Config, NliConfig


def main(
    model: Annotated[str, typer.Option(help="base, mini, a folder or a hub name.")] = "mini",
    parts: Annotated[
        str, typer.Option(help="Pairs scored; assembled without a model; articles end to end.")
    ] = "scoring,assembly,articles",
    sizes: Annotated[
        str, typer.Option(help="Pairs to score; the largest number is assembled, too.")
    ] = "1000,10000,100000",
    n_articles: Annotated[int, typer.Option(help="Articles to compare.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of the invented articles.")] = 0,
    repeats: Annotated[int, typer.Option(help="Runs of the assembly; medians are shown.")] = 3,
    data: Annotated[Path, typer.Option(help="Folder of the training files.")] = Path("data"),
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
    n_threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves it to torch.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Write growth-MODEL-DEVICE.json, too.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Folder of the JSON file.")] = Path("docs/results"),
) -> None:
    """Print seconds, rates and peak memory, each measured in a process of its own."""
    set_up(debug=False)
    from claimnli.benchmark.growth.run import GrowthSettings, run_growth
    from claimnli.benchmark.growth.table import format_growth, write_growth

    settings = GrowthSettings(
        config=Config(nli=NliConfig(model=model, device=device, n_threads=n_threads)),
        data=data,
        parts=read_words(parts),
        sizes=read_numbers(sizes),
        n_articles=n_articles,
        seed=seed,
        repeats=repeats,
    )
    result = run_growth(settings, say)
    print("\n".join(format_growth(result)))
    if json:
        say(f"written: {write_growth(result, results)}")


if __name__ == "__main__":
    run_script(main)
