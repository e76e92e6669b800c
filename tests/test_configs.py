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


def test_gpu_jobs_refuses_a_step_that_it_does_not_have(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "gpu-jobs", "sleep"],
        env={"PATH": "/usr/bin:/bin", "OUT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no step 'sleep'" in done.stderr
