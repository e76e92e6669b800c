"""What the command line says beside its results: all of it on stderr, in plain lines."""

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from claimnli.errors import ClaimnliError
from claimnli.processes import is_first

if TYPE_CHECKING:
    from claimnli.progress import Progress
    from claimnli.records import ReadFailure

USER_ERROR = 2
STRICT_FAILURE = 1
INTERRUPTED = 130
"""Exit codes; 130 is what a shell reports of a program that Ctrl-C ended."""

_DEBUG_VARIABLE = "CLAIMNLI_DEBUG"


class PlainErrors(TyperGroup):
    """Turns what a user can mend into one or two lines and an exit code, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ClaimnliError as error:
            if is_debug():
                traceback.print_exc()
            # Of any process: it may be the only one that failed.
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(USER_ERROR) from error
        except KeyboardInterrupt as error:
            say("interrupted: there is no complete result")
            raise typer.Exit(INTERRUPTED) from error


def run_script(command: Callable[..., None]) -> None:
    """Run a script's only command, with the same plain errors."""
    try:
        typer.run(command)
    except ClaimnliError as error:
        say(f"error: {error}")
        sys.exit(USER_ERROR)


def say(line: str) -> None:
    """Print a line to stderr."""
    if is_first():
        typer.echo(line, err=True)


def is_debug() -> bool:
    """Whether --debug, or the variable, asks for tracebacks."""
    return os.environ.get(_DEBUG_VARIABLE, "0") not in ("", "0")


def set_up(*, debug: bool) -> None:
    """Let claimnli's own warnings through as plain lines, and keep the libraries' from the user.

    To be called before transformers is imported: it reads its settings then.
    """
    if debug:
        os.environ[_DEBUG_VARIABLE] = "1"
    own = logging.getLogger("claimnli")
    own.handlers = [_PlainHandler()]
    own.propagate = False
    own.setLevel(logging.DEBUG if is_debug() else logging.WARNING)
    if is_debug():
        return
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
    warnings.simplefilter("ignore")


def make_progress() -> "Progress":
    """Bars on a terminal, plain lines elsewhere, nothing from the other processes of a run."""
    from claimnli.progress import BarProgress, LineProgress, Progress

    if not is_first():
        return Progress()
    return BarProgress() if sys.stderr.isatty() else LineProgress(sys.stderr)


def say_failures(failures: "Sequence[ReadFailure]") -> None:
    """List what could not be read, each with what to do about it."""
    if not failures:
        return
    say(f"could not read {len(failures):,} of the files or records:")
    for failure in failures:
        say(f"  {failure.path}: {failure.reason} {failure.mend}".rstrip())


class _PlainHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # sys.stderr is looked up now: under a progress bar it is rich that stands there.
        say(f"{record.levelname.lower()}: {record.getMessage()}")
