"""The settings and the script that nobody runs in every test can at least be read."""

import re
import subprocess
from pathlib import Path

import pytest

from claimnli.config import read_toml
from claimnli.training.card import LICENCES
from claimnli.training.config import TrainConfig
from claimnli.training.mixture import data_name

ROOT = Path(__file__).parents[1]
TRAINING = sorted(
    path
    for pattern in ("train-base*.toml", "distill-*.toml")
    for path in (ROOT / "configs").glob(pattern)
)


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.name)
def test_a_training_run_can_be_read_and_its_data_are_known(path: Path) -> None:
    config = read_toml(path, TrainConfig)
    for entry in (*config.dev, *(entry for stage in config.stages for entry in stage.data)):
        if entry.path.startswith("data/"):
            assert (ROOT / entry.path).is_file()
    for stage in config.stages:
        assert not {data_name(entry) for entry in stage.data} - set(LICENCES)


def test_gpu_jobs_names_files_that_exist() -> None:
    text = (ROOT / "scripts" / "gpu-jobs").read_text()
    named = re.findall(r"(?:scripts|configs)/[\w-]+\.(?:py|toml)", text)
    assert len(set(named)) >= 7
    assert all((ROOT / name).is_file() for name in named)


def run_jobs(folder: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """The script with a Python that writes down what it was asked, and fails at a suite."""
    python = folder / "python"
    python.write_text('#!/bin/sh\necho "$@"\ncase "$1" in *evaluate.py) exit 3;; esac\n')
    python.chmod(0o755)
    return subprocess.run(
        [ROOT / "scripts" / "gpu-jobs", *steps],
        env={"PATH": "/usr/bin:/bin", "OUT": str(folder / "out"), "PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_gpu_jobs_refuses_a_step_that_it_does_not_have(tmp_path: Path) -> None:
    done = run_jobs(tmp_path, "growth", "sleep")
    assert done.returncode == 2
    assert "no step 'sleep'" in done.stderr
    # Nothing was begun.
    assert not (tmp_path / "out").exists()


def test_gpu_jobs_keeps_what_is_printed_and_names_what_failed(tmp_path: Path) -> None:
    done = run_jobs(tmp_path, "suites", "growth")
    assert done.returncode == 1
    assert done.stderr.endswith("not finished: suites\n")
    logs = {path.name: path.read_text() for path in (tmp_path / "out").glob("*.log")}
    assert set(logs) == {"base-suite.log", "mini-suite.log", "growth.log"}
    assert logs["growth.log"].startswith("scripts/measure_growth.py --model mini")
