"""Targets from a teacher."""

from pathlib import Path

import numpy as np
import pytest

from claimnli.training.config import DistillConfig
from claimnli.training.distillation import soften
from claimnli.training.mixture import TARGETS, Examples


def test_targets_mix_label_and_teacher(tiny_checkpoints: dict[str, Path]) -> None:
    examples = Examples(
        premises=["The mayor resigned."] * 3,
        hypotheses=["The mayor left.", "The mayor stayed.", "A ship sank."],
        targets=np.array([[1, 0, 0], [0, 1, 1], [0.5, 0.5, 0]], dtype=np.float32),
    )
    name = str(tiny_checkpoints["bert"])
    teacher_alone = soften(examples, DistillConfig(teacher=name, share=1.0), 64).targets
    mixed = soften(examples, DistillConfig(teacher=name, share=0.5), 64).targets
    assert mixed.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert mixed[0] == pytest.approx(0.5 * teacher_alone[0] + [0.5, 0, 0], abs=1e-5)
    assert mixed[1, 0] == pytest.approx(0.5 * teacher_alone[1, 0], abs=1e-5)
    assert mixed[2] == pytest.approx(0.5 * teacher_alone[2] + [0.25, 0.25, 0], abs=1e-5)


def test_the_teacher_alone_labels_what_nobody_has(tiny_checkpoints: dict[str, Path]) -> None:
    examples = Examples(
        premises=["The mayor resigned."],
        hypotheses=["The mayor left."],
        targets=np.array([TARGETS["unlabelled"]], dtype=np.float32),
    )
    name = str(tiny_checkpoints["bert"])
    teacher_alone = soften(examples, DistillConfig(teacher=name, share=1.0), 64).targets
    mixed = soften(examples, DistillConfig(teacher=name, share=0.3), 64).targets
    np.testing.assert_allclose(mixed, teacher_alone, atol=1e-5)
