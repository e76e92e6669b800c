"""Writing so that a reader never sees half a file, with errors that name the place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claimnli.errors import ClaimnliError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside *path*, which takes its place if the block ends well.

    Folders above *path* are made. After an error, Ctrl-C included, *path* is as it was before.
    Raises ClaimnliError, which names *path*, if it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def check_writable(folder: Path) -> None:
    """Make sure, before any long work, that files can be written under *folder*.

    A folder that does not exist yet is tried at the nearest one above it that does; nothing is left
    behind. Raises ClaimnliError, which names *folder*.
    """
    try:
        absolute = folder.absolute()
        nearest = next(path for path in (absolute, *absolute.parents) if path.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> ClaimnliError:
    return ClaimnliError(
        f"{path}: cannot be written ({error.strerror or error})",
        mend="Choose another place for the output, or make this one writable and free some space.",
    )
