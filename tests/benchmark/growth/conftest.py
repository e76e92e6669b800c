"""Small training files in the place of those in data/."""

import json
from pathlib import Path
from typing import Any

import pytest

_EVENT = {
    "event": "Dam at Orlo",
    "sentences": {
        "a1": "Engineers closed the dam at Orlo on Monday, Mayor Ada Brisk said.",
        "a2": "Brisk had asked for it in May.",
        "b1": "The dam above Orlo stays open, the mayor told reporters.",
        "c1": "Nobody in Orlo was hurt when the water rose.",
    },
}
_WORDINGS = ("was paid on time", "came in full", "never came")


def _contrast_set(number: int) -> dict[str, Any]:
    agreed = [f"The money for bridge {number} {wording}." for wording in _WORDINGS]
    return {
        "agree": agreed[:2],
        "contradict": agreed[2:],
        "unrelated": [f"Bridge {number} is painted {colour}." for colour in ("green", "red")],
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    files = {
        "clusters": [_EVENT],
        "long_clusters": [_EVENT | {"event": "Dam at Orlo, again"}],
        "contrast_sets": [_contrast_set(number) for number in range(21)],
    }
    for name, rows in files.items():
        (tmp_path / name).mkdir()
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (tmp_path / name / "train.jsonl").write_text(text, encoding="utf-8")
    return tmp_path
