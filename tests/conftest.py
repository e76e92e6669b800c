"""For all tests: tiny checkpoints, built once a session, and how hypothesis draws examples."""

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.tiny_models import KINDS, NLI_LABELS, save_checkpoint

# The same examples in every run, and no verdict on how fast the machine is.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def tiny_checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Folders of relation checkpoints, by kind: ``bert``, ``roberta``, ``mpnet``."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return {kind: save_checkpoint(folder / kind, kind) for kind in KINDS}


@pytest.fixture(scope="session")
def tiny_nli_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a BERT-like checkpoint labelled contradiction, entailment, neutral."""
    return save_checkpoint(tmp_path_factory.mktemp("nli"), "bert", NLI_LABELS)


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where the tests run in the background of a shell, which
    starts them with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
