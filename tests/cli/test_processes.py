"""Two processes share a comparison, and come to what one comes to."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest


def start(
    folder: Path, model: Path, output: Path, environment: dict[str, str]
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "claimnli", "compare", str(folder), "-o", str(output)]
    options = ["--model", str(model), "--device", "cpu", "--max-batch-tokens", "64"]
    return subprocess.Popen(
        [*command, *options],
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def test_two_processes_find_what_one_finds(
    folder: Path, tiny_checkpoints: Mapping[str, Path], tmp_path: Path, free_port: str
) -> None:
    model = tiny_checkpoints["bert"]
    alone = start(folder, model, tmp_path / "alone", {})
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port}
    both = [
        start(folder, model, tmp_path / "both", shared | {"RANK": rank, "LOCAL_RANK": rank})
        for rank in ("0", "1")
    ]
    outputs = [process.communicate(timeout=120) for process in (alone, *both)]
    assert [process.returncode for process in (alone, *both)] == [0, 0, 0], outputs
    pairs = [(tmp_path / name / "pairs.jsonl").read_text() for name in ("alone", "both")]
    assert pairs[0].count("\n") > 3
    assert pairs[0] == pairs[1]
    # The second process says nothing.
    assert outputs[1][0] == outputs[0][0].replace(str(tmp_path / "alone"), str(tmp_path / "both"))
    assert outputs[2] == ("", "")
