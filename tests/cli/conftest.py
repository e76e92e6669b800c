import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.driver import NOT_RETAKEN, RETAKEN, RETAKEN_TOO


@pytest.fixture(autouse=True)
def process_as_before() -> Iterator[None]:
    """What the command line sets for its whole process is undone."""
    logger, environment = logging.getLogger("claimnli"), dict(os.environ)
    before = logger.handlers, logger.propagate, logger.level
    yield
    logger.handlers, logger.propagate, logger.level = before
    os.environ.clear()
    os.environ.update(environment)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three articles, two against one."""
    folder = tmp_path / "news"
    folder.mkdir()
    for name, sentence in (("a", RETAKEN), ("b", NOT_RETAKEN), ("c", RETAKEN_TOO)):
        text = f"{sentence} The paper {name} was printed in the town {name * 5} on Monday."
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder
