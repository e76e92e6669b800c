"""Runs the command line with models that are fakes, handed in as the context's obj."""

from collections.abc import Callable

from typer.testing import CliRunner, Result

from claimnli.cli import app
from claimnli.config import Config
from claimnli.verifier import Verifier
from tests.fakes import FakeEncoder, FakeModel

RETAKEN = "Russia has fully retaken the Kursk region."
NOT_RETAKEN = "Russia has not fully retaken the Kursk region."
RETAKEN_TOO = "Russia has fully retaken all of the Kursk region."


class Fakes:
    """A way to a verifier of fakes; it keeps the config it was asked with."""

    def __init__(self, *, interrupt_after: int | None = None) -> None:
        self.model = FakeModel(interrupt_after=interrupt_after)
        self.config: Config | None = None
        self.is_loaded = False

    def __call__(self, config: Config) -> Callable[[], Verifier]:
        self.config = config

        def load() -> Verifier:
            self.is_loaded = True
            return Verifier(encoder=FakeEncoder(), model=self.model, config=config)

        return load


def claimnli(*arguments: object, fakes: Fakes | None = None) -> Result:
    """Run the command line with fakes."""
    return CliRunner().invoke(app, list(map(str, arguments)), obj=fakes or Fakes())


def assert_refused(result: Result, *parts: object) -> None:
    """A plain error on stderr, with exit code 2 and no traceback."""
    assert result.exit_code == 2, result.output
    assert result.stderr.splitlines()[-1]
    assert "error: " in result.stderr
    assert "Traceback" not in result.stderr
    for part in parts:
        assert str(part) in result.stderr
