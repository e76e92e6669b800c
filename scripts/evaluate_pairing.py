"""Measure the pairing: ``python scripts/evaluate_pairing.py [EMBEDDER] --json FILE``.

EMBEDDER is a folder like claimnli/models/embedder, which is the default. Articles and pairs are
those of --config. Figures of training pairs are marked: they show what was learned, not what
holds.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from claimnli.cli.messages import make_progress, run_script
from claimnli.config import read_toml
from claimnli.training.embedder_config import EmbedderConfig


def main(
    embedder: Annotated[
        Path | None, typer.Argument(help="Folder of the embedder.", show_default=False)
    ] = None,
    config: Annotated[Path, typer.Option(help="Names articles, pairs and guard.")] = Path(
        "configs/train-embedder.toml"
    ),
    json_path: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here, too.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda ...")] = "auto",
) -> None:
    """Print recall, candidates and cosines of the pairs of an event by an embedder."""
    from claimnli.embedding import EMBEDDER_FOLDER, load_encoder_folder
    from claimnli.training.events import load_events
    from claimnli.training.mixture import data_name, join, load_examples, load_mixture
    from claimnli.training.pairing_figures import print_pairing, to_json
    from claimnli.training.pairing_recall import entailment_auc, measure_pairing

    settings = read_toml(config, EmbedderConfig)
    folder = embedder or EMBEDDER_FOLDER
    encoder = load_encoder_folder(folder, device)
    progress = make_progress()
    dev = {data_name(data): load_examples(data) for data in settings.dev}
    sets = {**dev, "all dev": join(list(dev.values()))}
    for data in settings.data:
        sets[f"{data_name(data)} (TRAINED ON)"] = load_examples(data)
    with progress.stage("sentences of events") as stage:
        figures = measure_pairing(sets, load_events(settings.articles), encoder)
        stage.n_items = figures.n_sentences
    guard = {}
    for data in settings.guard:
        with progress.stage(data_name(data)) as stage:
            examples = load_mixture((data,), settings.seed)
            guard[data_name(data)] = entailment_auc(examples, encoder)
            stage.n_items = len(examples)
    print_pairing(str(folder), figures, guard)
    if json_path is not None:
        json_path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(to_json(folder, figures, guard), indent=1)
        json_path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_script(main)
