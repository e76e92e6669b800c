"""A model as one plain checkpoint, an adapter merged into its base weights."""

import shutil
from pathlib import Path

import torch

from claimnli.nli.calibration import FILE_NAME
from claimnli.nli.checkpoint import load_config, load_module, load_tokenizer
from claimnli.nli.folding import read_labels
from claimnli.nli.weights import resolve_model


def export_checkpoint(model: str, folder: Path) -> None:
    """Write *model* (base, mini, a folder or a hub name) to *folder* in float32.

    ``AutoModelForSequenceClassification`` and ``CrossEncoder`` load it. What they give for the two
    orders of a pair is neither averaged nor calibrated; the calibration is copied along. Raises
    ClaimnliError if the model cannot be read.
    """
    source = resolve_model(model)
    place = str(source.folder or source.hub_name)
    config = load_config(place)
    read_labels(config.id2label or {}, place=place)
    module = load_module(place, source.base_folder, config, torch.device("cpu"))
    module.save_pretrained(folder)  # type: ignore[operator]
    load_tokenizer(place, source.base_folder).save_pretrained(folder)
    if source.folder is not None and (source.folder / FILE_NAME).is_file():
        shutil.copy(source.folder / FILE_NAME, folder)
