import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from claimnli.embedding import (
    MeanPoolingEncoder,
    embed_claims,
    load_encoder,
    load_encoder_folder,
)
from claimnli.errors import ClaimnliError
from claimnli.records import Claim, FloatArray

TEXTS = [
    "Russia says it has retaken the whole of Kursk.",
    "Kyiv denies that its troops have left Kursk.",
    "“Not true,” the mayor said — twice.",
    "Rain.",
    "The council met on Monday, and again on Tuesday, to vote on the new bridge. " * 3,
]
# By SentenceTransformer(EMBEDDER_FOLDER).encode(TEXTS) of sentence-transformers 6.2 on a CPU: the
# cosines, and the first four of the 384 columns.
COSINES = [
    [1.0, 0.67421, 0.05629, -0.03157, 0.02902],
    [0.67421, 1.0, 0.06059, 0.03456, 0.01577],
    [0.05629, 0.06059, 1.0, 0.08933, 0.2444],
    [-0.03157, 0.03456, 0.08933, 1.0, 0.08575],
    [0.02902, 0.01577, 0.2444, 0.08575, 1.0],
]
FIRST_COLUMNS = [
    [0.00733, 0.09237, 0.05498, 0.00737],
    [-0.04756, 0.11595, 0.04152, 0.00265],
    [0.05692, 0.01334, 0.08956, 0.07979],
    [-0.00415, 0.00835, 0.05876, 0.09654],
    [-0.04688, -0.10509, 0.04517, 0.03432],
]


@pytest.fixture(scope="module")
def encoder() -> MeanPoolingEncoder:
    return load_encoder("cpu")


class RecordingEncoder:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.seen.extend(texts)
        return np.array([[len(text), 3.0] for text in texts], dtype=np.float32).reshape(-1, 2)


def make_claim(text: str, article_id: str = "a") -> Claim:
    return Claim(
        claim_id=f"{article_id}:0", article_id=article_id, text=text, start=0, end=len(text)
    )


def test_the_vectors_are_those_of_sentence_transformers(encoder: MeanPoolingEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors @ vectors.T, COSINES, atol=1e-4)
    assert np.allclose(vectors[:, :4], FIRST_COLUMNS, atol=1e-4)


def test_a_vector_depends_neither_on_order_nor_on_the_other_texts(
    encoder: MeanPoolingEncoder,
) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in reversed(TEXTS)])[::-1]
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: MeanPoolingEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


@pytest.mark.parametrize(("n_words", "n_warnings"), [(254, 0), (255, 1)])
def test_a_text_that_is_cut_is_reported(
    n_words: int,
    n_warnings: int,
    encoder: MeanPoolingEncoder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="claimnli.embedding"):
        encoder.encode(["word " * n_words])
    assert len(caplog.records) == n_warnings


def test_loading_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    load_encoder("cpu")
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClaimnliError, match=r"config\.json.*missing"):
        load_encoder_folder(tmp_path)


def test_claims_with_the_same_text_are_embedded_once() -> None:
    encoder = RecordingEncoder()
    claims = [make_claim("four"), make_claim("no"), make_claim("four", "b")]
    vectors = embed_claims(claims, encoder)
    assert encoder.seen == ["four", "no"]
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [[0.8, 0.6], vectors[1], [0.8, 0.6]])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_no_claims_give_an_empty_matrix() -> None:
    assert embed_claims([], RecordingEncoder()).shape == (0, 2)
