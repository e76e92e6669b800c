"""``claimnli evaluate``, which scripts/evaluate.py runs too."""

import json
from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import make_progress, say
from claimnli.config import Dtype, NliConfig, read_toml
from claimnli.errors import ClaimnliError


def evaluate(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="base, mini, a folder or a hub name.")
    ],
    data: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DATA",
            help="Labelled pairs: .parquet or .jsonl files (relative to $CLAIMNLI_DATA if that is "
            "set), or hub data sets as NAME or NAME:SUBSET:SPLIT.",
            show_default=False,
        ),
    ] = None,
    suite_path: Annotated[
        Path | None,
        typer.Option("--suite", metavar="FILE", help="The sets of a file like configs/suite.toml."),
    ] = None,
    checks: Annotated[
        bool, typer.Option("--checks", help="The pairs of known shapes in data/checks.")
    ] = False,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Majority, word overlap and hypothesis only.")
    ] = False,
    curve: Annotated[
        bool, typer.Option("--curve", help="Contradictions by threshold, 0.3 to 0.95.")
    ] = False,
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here, too.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
    dtype: Annotated[Dtype, typer.Option(help="Number type, as nli.dtype of compare.")] = "auto",
    max_tokens: Annotated[int, typer.Option(help="Tokens of a pair.")] = 256,
) -> None:
    """Print the figures of a model on labelled pairs.

    On data sets, on a suite of them, or on the checks.
    """
    from datasets import disable_progress_bars

    from claimnli.nli.model import load_model
    from claimnli.nli.weights import resolve_model
    from claimnli.training import figures
    from claimnli.training.checks import load_checks, run_checks
    from claimnli.training.suite import Suite, load_suite, measure, suite_baselines

    disable_progress_bars()  # one a file, gone before it can be read
    # What is wrong with the data is told before the model is loaded.
    suite = Suite(sets=()) if suite_path is None else read_toml(suite_path, Suite)
    suite, missing = suite.without_missing()
    if missing:
        say(f"left out, since their files are not here: {', '.join(missing)} (data/README.md)")
    suite = suite.with_data(data or [])  # of these, a missing one is an error
    if not (suite.sets or suite.checks or checks):
        raise ClaimnliError("nothing to evaluate on", mend="Give DATA, --suite or --checks.")
    if json_path is not None:
        _check_writable(json_path)
    progress = make_progress()
    shapes = load_checks() if checks or suite.checks else []
    with progress.stage("read sets") as stage:
        sets = load_suite(suite)
        stage.n_items = len(sets)
    beside = suite_baselines(suite, sets) if baselines else {}

    source = resolve_model(model)
    nli = load_model(NliConfig(model=model, device=device, dtype=dtype, max_tokens=max_tokens))
    results = {}
    for labelled in sets:
        with progress.stage(labelled.name) as stage:
            results[labelled.name] = measure(
                nli, labelled, baselines=beside.get(labelled.name), with_curve=curve
            )
            stage.n_items = len(labelled.gold)
    checked = run_checks(nli, shapes) if shapes else None
    if results:
        figures.print_figures(nli.info, results)
        figures.print_curves(results)
    if checked:
        figures.print_checks(nli.info, checked)
    if json_path is not None:
        text = json.dumps(figures.to_json(nli.info, source, results, checked), indent=1)
        json_path.write_text(text + "\n", encoding="utf-8")
        say(f"figures: {json_path}")


def _check_writable(path: Path) -> None:
    """Make the folder of *path*; an output that cannot be written is told before the work."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        raise ClaimnliError(
            f"{path}: cannot be written ({error.strerror})", mend="Give --json another file."
        ) from error
