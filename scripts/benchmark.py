"""Speed of the engine beside what else scores pairs: ``python scripts/benchmark.py --model mini``.

The pairs are those that a comparison of FOLDER would label, one direction of each, and pairs of one
exact length cut from its text. Everything runs in one process and in turns. A short run:
``--n-pairs 128 --parts mix,split --only ours,ours-float32``.
"""

from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.lists import read_numbers, read_words
from claimnli.cli.messages import run_script, say, set_up
from claimnli.config import Config, NliConfig


def main(
    folder: Annotated[Path, typer.Option(help="Articles to take the pairs from.")] = Path("seeds"),
    model: Annotated[str, typer.Option(help="base, mini, a folder or a hub name.")] = "mini",
    n_pairs: Annotated[int, typer.Option(help="Pairs of the folder; 0 means all.")] = 0,
    lengths: Annotated[str, typer.Option(help="Tokens a pair.")] = "16,32,64,128,256",
    n_tokens: Annotated[
        int,
        typer.Option(help="Tokens of all pairs of a length; 0: 8,192 on a CPU, 2**20 on a GPU."),
    ] = 0,
    parts: Annotated[
        str,
        typer.Option(
            help="Pairs of the folder, by length; relations from both orders; memory and start-up; "
            "own time by parts, and by operators."
        ),
    ] = "mix,lengths,relations,alone,split,kernels",
    only: Annotated[str, typer.Option(help="Rows to run, such as ours,ce-bfloat16.")] = "",
    skip: Annotated[str, typer.Option(help="Rows to leave out, such as naive,pipeline.")] = "",
    batch_sizes: Annotated[
        str,
        typer.Option(
            help="Tried on a sample by those who do not choose their own; "
            "by default 16 to 128 on a CPU, 16 to 512 on a GPU."
        ),
    ] = "",
    n_sample: Annotated[int, typer.Option(help="Pairs for the naive loop.")] = 64,
    repeats: Annotated[int, typer.Option(help="Runs of each; medians are shown.")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
    n_threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves it to torch.")] = 0,
    json: Annotated[
        bool, typer.Option("--json", help="Write benchmark-MODEL-DEVICE.json, too.")
    ] = False,
    results: Annotated[Path, typer.Option(help="Folder of the JSON file.")] = Path("docs/results"),
) -> None:
    """Print one table: pairs a second, share of the ceiling, same labels, memory, start-up."""
    set_up(debug=False)
    from claimnli.benchmark.run import BenchmarkSettings, run_benchmark
    from claimnli.benchmark.table import format_result, write_json

    result = run_benchmark(
        BenchmarkSettings(
            folder=folder,
            config=Config(nli=NliConfig(model=model, device=device, n_threads=n_threads)),
            parts=read_words(parts),
            only=read_words(only),
            skip=read_words(skip),
            n_pairs=n_pairs,
            lengths=read_numbers(lengths),
            n_tokens=n_tokens,
            n_sample=n_sample,
            repeats=repeats,
            batch_sizes=read_numbers(batch_sizes),
        ),
        say,
    )
    print("\n".join(format_result(result)))
    if json:
        say(f"written: {write_json(result, results)}")


if __name__ == "__main__":
    run_script(main)
