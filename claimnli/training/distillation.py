"""Targets from a teacher's probabilities (Hinton et al. 2015, arXiv:1503.02531)."""

import logging
from dataclasses import replace

import numpy as np

from claimnli.config import NliConfig
from claimnli.records import FloatArray
from claimnli.training.config import DistillConfig
from claimnli.training.mixture import SET_TOTAL, Examples

log = logging.getLogger(__name__)


def soften(examples: Examples, config: DistillConfig, max_tokens: int) -> Examples:
    """The same pairs, every target mixed with the teacher's distribution.

    The teacher reads each pair in the order in which the student will. Where a target is a set of
    labels, the teacher also decides between them.
    """
    teacher = _teacher_probabilities(examples, config.teacher, max_tokens)
    within = examples.targets * teacher
    within /= within.sum(axis=1, keepdims=True)
    is_set = examples.targets.sum(axis=1, keepdims=True) > SET_TOTAL
    hard = np.where(is_set, within, examples.targets)
    targets = config.share * teacher + (1 - config.share) * hard
    return replace(examples, targets=targets.astype(np.float32))


def _teacher_probabilities(examples: Examples, name: str, max_tokens: int) -> FloatArray:
    from claimnli.nli.model import load_model

    teacher = load_model(NliConfig(model=name, max_tokens=max_tokens, close_call=0.0))
    texts = sorted(set(examples.premises) | set(examples.hypotheses))
    position = {text: i for i, text in enumerate(texts)}
    pairs = np.array(
        [
            (position[premise], position[hypothesis])
            for premise, hypothesis in zip(examples.premises, examples.hypotheses, strict=True)
        ],
        dtype=np.int32,
    ).reshape(-1, 2)
    # A mixture shows a pair in several passes; the teacher need not read it again.
    distinct, row = np.unique(pairs, axis=0, return_inverse=True)
    log.info("teacher %s: scoring %d pairs", teacher.info.source, len(distinct))
    return teacher.directional_probabilities(texts, distinct[:, 0], distinct[:, 1])[row]
