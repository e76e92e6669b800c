"""The stages in order: articles in, comparison out.

Each stage is a plain function on records and arrays that lives in a module of its own; here they
are called one after the other and timed, and what they leave out is gathered. The models come from
outside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from claimnli.claims import extract_claims, find_reprints
from claimnli.compare import compare_claims, n_weak
from claimnli.comparison import Comparison, DropCount
from claimnli.config import Config, PairingConfig
from claimnli.embedding import Encoder, embed_claims
from claimnli.errors import ClaimnliError
from claimnli.labelling import RelationModel, label_pairs
from claimnli.pairing import select_pairs
from claimnli.progress import Progress, Stage
from claimnli.records import (
    Article,
    Claim,
    FloatArray,
    LabelledPair,
    ModelInfo,
    PairSelection,
    ReadFailure,
    Relation,
)
from claimnli.sources import ArticleSource, gather


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCheck:
    """What articles say for and against one claim."""

    claim: Claim
    """The user's claim, *a* of every pair."""
    articles: tuple[Article, ...]
    n_claims: int
    """Claims of the articles, from which the most similar were chosen."""
    pairs: tuple[LabelledPair, ...]
    """Agreements and contradictions, the most probable first; then the unrelated ones, the most
    similar first."""
    dropped: Mapping[str, int]
    failures: tuple[ReadFailure, ...]
    model: ModelInfo
    is_complete: bool
    """False if the run was interrupted: *pairs* then holds what was finished."""


def compare(
    source: ArticleSource,
    *,
    encoder: Encoder,
    model: RelationModel,
    config: Config | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare the claims of at least two articles.

    Ctrl-C while the pairs are labelled returns what was finished, with ``is_complete`` False; at
    any other time it raises KeyboardInterrupt. Raises ClaimnliError if there are fewer than two
    articles.
    """
    config, progress = config or Config(), progress or Progress()

    collection = gather(source, config.articles, min_articles=2, progress=progress)
    with progress.stage("extract claims") as stage:
        selection = extract_claims(collection.articles, config.claims)
        claims = selection.claims
        stage.n_items = len(claims)
    with progress.stage("find reprints") as stage:
        origin_of = find_reprints(collection.articles, claims, config.claims)
        stage.n_items = len(collection.articles)
    with progress.stage("embed claims") as stage:
        vectors = embed_claims(claims, _Watched(encoder, stage))
        stage.n_items = len(claims)
    with progress.stage("select pairs") as stage:
        pairs = select_pairs(claims, vectors, config.pairing, device=model.info.device)
        stage.n_items = len(pairs)
    with progress.stage("label pairs") as stage:
        labelling = label_pairs(claims, pairs, model, on_progress=stage.update)
        stage.n_items = len(labelling.pairs)
    with progress.stage("compare") as stage:
        settings = config.compare.at(model.info.operating_point)
        findings = compare_claims(collection.articles, labelling.pairs, origin_of, settings)
        stage.n_items = len(labelling.pairs)

    dropped = {
        "claims": selection.n_dropped(),
        "pairing": pairs.dropped,
        "pairs": {**labelling.dropped, **n_weak(labelling.pairs, settings)},
    }
    return Comparison(
        articles=collection.articles,
        claims=claims,
        pairs=labelling.pairs,
        facts=findings.facts,
        disputes=findings.disputes,
        matrix=findings.matrix,
        origin_of=origin_of,
        dropped=tuple(
            DropCount(stage=stage, reason=reason, n_items=n_items)
            for stage, counts in dropped.items()
            for reason, n_items in counts.items()
            if n_items
        ),
        dropped_sentences=selection.dropped,
        failures=collection.failures,
        duplicate_of=collection.duplicate_of,
        model=model.info,
        timings=tuple(progress.timings),
        is_complete=labelling.is_complete,
    )


def check(
    claim: str,
    source: ArticleSource,
    *,
    encoder: Encoder,
    model: RelationModel,
    config: Config | None = None,
    progress: Progress | None = None,
) -> ClaimCheck:
    """Find what the articles say for and against *claim*.

    The claim is compared with the ``pairing.k`` most similar claims of all articles together.
    Ctrl-C while they are labelled returns what was finished. Raises ClaimnliError if the claim is
    empty or there is no article.
    """
    config, progress = config or Config(), progress or Progress()
    if not claim.strip():
        raise ClaimnliError("the claim is empty", mend="Give it as one sentence, in quotes.")

    collection = gather(source, config.articles, progress=progress)
    with progress.stage("extract claims") as stage:
        selection = extract_claims(collection.articles, config.claims)
        stage.n_items = len(selection.claims)
    claims = (_as_claim(claim), *selection.claims)
    with progress.stage("embed claims") as stage:
        vectors = embed_claims(claims, _Watched(encoder, stage))
        stage.n_items = len(claims)
    with progress.stage("select pairs") as stage:
        pairs = nearest_to_first(vectors, config.pairing)
        stage.n_items = len(pairs)
    with progress.stage("label pairs") as stage:
        labelling = label_pairs(claims, pairs, model, on_progress=stage.update)
        stage.n_items = len(labelling.pairs)

    return ClaimCheck(
        claim=claims[0],
        articles=collection.articles,
        n_claims=len(selection.claims),
        pairs=tuple(sorted(labelling.pairs, key=_strongest_first)),
        dropped={**pairs.dropped, **labelling.dropped},
        failures=collection.failures,
        model=model.info,
        is_complete=labelling.is_complete,
    )


def nearest_to_first(vectors: FloatArray, config: PairingConfig) -> PairSelection:
    """Pair the first of *vectors*, (n, dim) of unit length, with the ``k`` most similar others.

    Of equally similar ones the earlier comes first.
    """
    similarity = vectors[1:] @ vectors[0]
    order = np.argsort(-similarity, kind="stable")
    near = order[similarity[order] >= config.min_similarity]
    kept = np.sort(near[: config.k])
    return PairSelection(
        index_a=np.zeros(len(kept), dtype=np.int32),
        index_b=(kept + 1).astype(np.int32),
        similarity=similarity[kept],
        dropped={
            "below_min_similarity": len(order) - len(near),
            "beyond_top_k": len(near) - len(kept),
        },
    )


def _as_claim(text: str) -> Claim:
    """The user's own words, as the one claim of an article that is nowhere printed."""
    return Claim(claim_id="user:0", article_id="user", text=text, start=0, end=len(text))


def _strongest_first(pair: LabelledPair) -> tuple[bool, float]:
    if pair.relation is Relation.UNRELATED:
        return True, -pair.similarity
    return False, -pair.probability


class _Watched:
    """An encoder that tells a stage how far it is, a chunk of texts at a time."""

    _CHUNK = 16_384  # large, since an encoder sorts what it gets at once by length

    def __init__(self, encoder: Encoder, stage: Stage) -> None:
        self._encoder = encoder
        self._stage = stage

    def encode(self, texts: Sequence[str]) -> FloatArray:
        chunks = []
        for start in range(0, max(len(texts), 1), self._CHUNK):
            chunks.append(self._encoder.encode(texts[start : start + self._CHUNK]))
            self._stage.update(min(start + self._CHUNK, len(texts)), len(texts))
        return np.concatenate(chunks)
