"""All contenders score the same model: what is compared is speed alone."""

import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from claimnli.benchmark.alone import measure_alone
from claimnli.benchmark.contenders import (
    CONTENDERS,
    REFERENCE,
    Contender,
    Setup,
    choose,
    load_contender,
    reason_to_skip,
)
from claimnli.benchmark.records import Workload
from claimnli.errors import ClaimnliError

TEXTS = ["The mayor resigned.", "No troops", "Troops and a mayor; he said so. " * 4]
INDEX_A, INDEX_B = (i.ravel().astype(np.int32) for i in np.indices((3, 3)))
OWN = [key for key, contender in CONTENDERS.items() if not contender.may_fail]


def test_all_give_the_logits_of_the_reference(setup: Setup) -> None:
    expected = load_contender(REFERENCE, setup)(TEXTS, INDEX_A, INDEX_B, 4)
    assert expected.std() > 0.1
    for key in OWN:
        logits = load_contender(key, setup)(TEXTS, INDEX_A, INDEX_B, 2)
        rounding = 1e-5 if CONTENDERS[key].dtype == "float32" else 0.3
        np.testing.assert_allclose(logits, expected, atol=rounding, err_msg=key)


def test_bfloat16_is_rounded(setup: Setup) -> None:
    # Were the dtype lost on the way, the row would time float32 under another name.
    expected = load_contender(REFERENCE, setup)(TEXTS, INDEX_A, INDEX_B, 4)
    for key in ("ce-bfloat16", "ours-no-rescoring"):
        logits = load_contender(key, setup)(TEXTS, INDEX_A, INDEX_B, 4)
        assert np.abs(logits - expected).max() > 1e-4, key


def test_what_cannot_be_compiled_is_no_row_of_its_own(setup: Setup) -> None:
    # The packed products of a CPU are not: the row would time them under another name.
    with pytest.raises(ClaimnliError, match="compiled"):
        load_contender("ours-compiled", setup)


def test_only_and_skip() -> None:
    assert choose([], []) == list(CONTENDERS)
    assert choose(["ours"], []) == [REFERENCE, "ours"]
    assert choose(["ours", "naive"], ["naive", REFERENCE]) == [REFERENCE, "ours"]
    assert choose([], ["naive"]) == [key for key in CONTENDERS if key != "naive"]
    with pytest.raises(ClaimnliError, match=r"(?s)'our'.*ours"):
        choose([], ["our"])


@pytest.mark.parametrize(
    ("settings", "device", "auto_dtype", "reason"),
    [
        ({}, "cpu", "float32", None),
        ({"dtype": "bfloat16"}, "cpu", "bfloat16", None),
        ({"dtype": "bfloat16"}, "cpu", "float32", "bfloat16 is not fast"),
        ({"dtype": "int8"}, "cpu", "float32", "int8 is not fast"),
        ({"needs_rounding": True}, "cpu", "float32", "computes in float32"),
        ({"packages": ("json", "no_such")}, "cpu", "float32", "^no_such not installed .pip x"),
        ({"packages": ("json",)}, "cuda", "bfloat16", "CPU only"),
        ({"is_for_gpus": True}, "cpu", "bfloat16", "for GPUs"),
        ({"is_for_gpus": True}, "cuda", "bfloat16", None),
    ],
)
def test_what_cannot_run_says_why(
    settings: dict[str, Any], device: str, auto_dtype: str, reason: str | None, setup: Setup
) -> None:
    contender = Contender(
        name="", load=partial(load_contender, REFERENCE), install="pip x", **settings
    )
    found = reason_to_skip(contender, device=device, auto_dtype=auto_dtype)
    if reason is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(reason, found)


def test_backends_that_cannot_load_are_told_plainly(setup: Setup) -> None:
    if reason_to_skip(CONTENDERS["ce-onnx"], device="cpu", auto_dtype="float32") is None:
        pytest.skip("the backend is installed")
    with pytest.raises(ClaimnliError, match="backend onnx cannot be loaded"):
        load_contender("ce-onnx", setup)


def test_memory_and_start_up(setup: Setup) -> None:
    workload = Workload(
        name="mix", texts=TEXTS, index_a=INDEX_A, index_b=INDEX_B, lengths=np.full(9, 20)
    )
    alone = measure_alone("ours", setup, workload, 1)
    assert (alone.key, alone.n_pairs) == ("ours", 9)
    assert alone.peak_bytes > 50e6
    assert alone.start_up_seconds > 0
