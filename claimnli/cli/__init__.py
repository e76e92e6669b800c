"""The command line. Importing it loads no model library, so that ``--help`` answers at once."""

from claimnli.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line: the entry point of the ``claimnli`` script."""
    app(prog_name="claimnli")
