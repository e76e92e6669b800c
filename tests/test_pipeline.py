from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from claimnli.comparison import Comparison
from claimnli.config import ClaimsConfig, CompareConfig, Config, PairingConfig
from claimnli.errors import ClaimnliError
from claimnli.pipeline import check, compare
from claimnli.progress import Progress
from claimnli.records import Article, ArticleCollection, FloatArray, Relation
from claimnli.sources import gather
from tests.fakes import FakeEncoder, FakeModel

SENTENCES = {
    "a": "Russia has fully retaken the Kursk region. The mayor opened a new bridge on Monday.",
    "b": "Russia has not fully retaken the Kursk region. Farmers protested against the law.",
    "c": "Russia has fully retaken all of the Kursk region. The team won the final last night.",
}


def article(name: str, text: str) -> Article:
    return Article(article_id=name, text=text, title=name.upper(), source=name, path=f"{name}.txt")


ARTICLES = tuple(article(name, text) for name, text in SENTENCES.items())


def run(
    articles: Sequence[Article] = ARTICLES,
    *,
    config: Config | None = None,
    interrupt_after: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    return compare(
        articles,
        encoder=FakeEncoder(),
        model=FakeModel(interrupt_after=interrupt_after),
        config=config,
        progress=progress,
    )


def test_one_article_given_twice_is_one() -> None:
    copy = replace(ARTICLES[0], path="copy.txt")
    comparison = run((*ARTICLES, copy))
    assert comparison.articles == ARTICLES
    assert comparison.duplicate_of == {"copy.txt": "a.txt"}


def test_two_articles_of_one_id_are_refused() -> None:
    other = replace(ARTICLES[1], article_id="a")
    for source in ((*ARTICLES, other), ArticleCollection(articles=(*ARTICLES, other))):
        with pytest.raises(ClaimnliError, match=r"'a': 'A' \(a\.txt\) and 'B' \(b\.txt\)"):
            gather(source)


@pytest.mark.parametrize(
    ("operating_point", "asked", "n_disputes"), [(0.5, 0.0, 1), (0.99, 0.0, 0), (0.99, 0.5, 1)]
)
def test_disputes_begin_at_the_operating_point_unless_asked_otherwise(
    operating_point: float, asked: float, n_disputes: int
) -> None:
    config = Config(compare=CompareConfig(min_contradiction_probability=asked))
    model = FakeModel(operating_point=operating_point)
    comparison = compare(ARTICLES, encoder=FakeEncoder(), model=model, config=config)
    assert len(comparison.disputes) == n_disputes
    held_back = {drop.reason: drop.n_items for drop in comparison.dropped}
    assert ("weak_contradiction" in held_back) == (n_disputes == 0)
    assert Relation.CONTRADICTION in {pair.relation for pair in comparison.pairs}


class NeverLoaded:
    """A model and encoder that must not be asked."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} was used")


def test_facts_and_disputes_come_out_of_the_articles() -> None:
    comparison = run()
    assert [fact.article_ids for fact in comparison.facts] == [("a", "c")]
    [dispute] = comparison.disputes
    assert {dispute.side_a.article_ids, dispute.side_b.article_ids} == {("a", "c"), ("b",)}
    assert comparison.model.name == "fake"
    assert comparison.is_complete


def test_every_quote_stands_in_its_article() -> None:
    comparison = run()
    texts = {article.article_id: article.text for article in comparison.articles}
    assert comparison.pairs
    for pair in comparison.pairs:
        for claim in (pair.a, pair.b):
            assert texts[claim.article_id][claim.start : claim.end] == claim.text
        assert pair.a.article_id != pair.b.article_id


def test_probabilities_are_of_the_relation_and_sum_to_1() -> None:
    for pair in run().pairs:
        assert pair.probability == pair.probabilities[pair.relation]
        assert pair.probability == max(pair.probabilities.values())
        assert sum(pair.probabilities.values()) == pytest.approx(1.0)


def test_what_was_dropped_is_counted_by_stage() -> None:
    comparison = run(config=Config(claims=ClaimsConfig(min_words=8)))
    dropped = {(d.stage, d.reason): d.n_items for d in comparison.dropped}
    assert dropped["claims", "too_short"] == len(
        [s for s in comparison.dropped_sentences if s.reason == "too_short"]
    )
    assert dropped["claims", "too_short"] > 0
    n = len(comparison.claims)
    n_pairs = sum(n_items for (stage, _), n_items in dropped.items() if stage == "pairing")
    assert len(comparison.pairs) + n_pairs == n * (n - 1) // 2
    assert all(dropped.values())


def test_every_stage_is_timed_once() -> None:
    comparison = run()
    assert [timing.stage for timing in comparison.timings] == [
        "extract claims",
        "find reprints",
        "embed claims",
        "select pairs",
        "label pairs",
        "compare",
    ]
    counts = {timing.stage: timing.n_items for timing in comparison.timings}
    assert counts["extract claims"] == counts["embed claims"] == len(comparison.claims)
    assert counts["label pairs"] == len(comparison.pairs)


def test_reading_is_timed_too_and_failures_are_kept(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(SENTENCES[name], encoding="utf-8")
    (tmp_path / "copy.txt").write_text(SENTENCES["a"], encoding="utf-8")
    (tmp_path / "empty.txt").touch()
    comparison = compare(tmp_path, encoder=FakeEncoder(), model=FakeModel())
    assert comparison.timings[0].stage == "read articles"
    assert comparison.timings[0].n_items == 2
    assert [failure.path for failure in comparison.failures] == [str(tmp_path / "empty.txt")]
    assert list(comparison.duplicate_of) == [str(tmp_path / "copy.txt")]


def test_the_stages_obey_the_config() -> None:
    assert not run(config=Config(pairing=PairingConfig(min_similarity=1.0))).pairs


def test_articles_without_claims_make_an_empty_comparison() -> None:
    comparison = run([article("a", "Ads"), article("b", "0.0100")])
    assert comparison.claims == ()
    assert comparison.pairs == ()
    assert comparison.is_complete


def test_ctrl_c_keeps_what_was_labelled() -> None:
    everything = run()
    comparison = run(interrupt_after=2)
    assert not comparison.is_complete
    assert comparison.pairs == everything.pairs[:2]
    dropped = {(d.stage, d.reason): d.n_items for d in comparison.dropped}
    assert dropped["pairs", "interrupted"] == len(everything.pairs) - 2


def test_ctrl_c_before_the_first_label_is_just_that() -> None:
    with pytest.raises(KeyboardInterrupt):
        run(interrupt_after=0)


@pytest.mark.parametrize("articles", [(), ARTICLES[:1]])
def test_too_few_articles_are_refused_before_a_model_is_asked(
    articles: tuple[Article, ...],
) -> None:
    source = ArticleCollection(articles=articles, duplicate_of={"copy.txt": "a.txt"})
    with pytest.raises(ClaimnliError) as caught:
        compare(source, encoder=NeverLoaded(), model=NeverLoaded())  # type: ignore[arg-type]
    assert f"{len(articles)} article" in str(caught.value)
    assert "copy.txt: left out, as its text is that of a.txt" in str(caught.value)


def test_articles_and_paths_are_not_mixed() -> None:
    with pytest.raises(ClaimnliError, match="mixed"):
        compare([ARTICLES[0], "b.txt"], encoder=FakeEncoder(), model=FakeModel())


# --- check ------------------------------------------------------------------------------------


def test_check_puts_the_strongest_first_and_the_unrelated_last() -> None:
    result = check(
        "Russia has fully retaken the Kursk region.",
        ARTICLES,
        encoder=FakeEncoder(),
        model=FakeModel(),
        config=Config(pairing=PairingConfig(min_similarity=-1.0)),
    )
    assert {pair.a.text for pair in result.pairs} == {"Russia has fully retaken the Kursk region."}
    related = [pair for pair in result.pairs if pair.relation is not Relation.UNRELATED]
    assert [(pair.b.article_id, pair.relation) for pair in related] == [
        ("a", Relation.AGREEMENT),
        ("b", Relation.CONTRADICTION),
        ("c", Relation.AGREEMENT),
    ]
    assert list(result.pairs[:3]) == related
    similarities = [pair.similarity for pair in result.pairs[3:]]
    assert similarities == sorted(similarities, reverse=True)
    assert result.n_claims == len(result.pairs) == 6


def test_check_compares_with_the_k_most_similar_and_counts_the_others() -> None:
    result = check(
        "Russia has fully retaken the Kursk region.",
        ARTICLES,
        encoder=FakeEncoder(),
        model=FakeModel(),
        config=Config(pairing=PairingConfig(k=2)),
    )
    assert len(result.pairs) == 2
    assert result.pairs[0].b.article_id == "a"
    assert result.dropped["beyond_top_k"] == 1
    assert sum(result.dropped.values()) + len(result.pairs) == result.n_claims


def test_check_takes_a_single_article() -> None:
    result = check(
        "Russia has fully retaken the Kursk region.",
        ARTICLES[:1],
        encoder=FakeEncoder(),
        model=FakeModel(),
    )
    assert result.pairs[0].b.text == "Russia has fully retaken the Kursk region."


@pytest.mark.parametrize("claim", ["", " \n"])
def test_check_refuses_an_empty_claim(claim: str) -> None:
    with pytest.raises(ClaimnliError, match="empty"):
        check(claim, ARTICLES, encoder=NeverLoaded(), model=NeverLoaded())  # type: ignore[arg-type]


def test_a_large_collection_is_embedded_in_chunks_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from claimnli import pipeline

    seen: list[int] = []

    class Counting(FakeEncoder):
        def encode(self, texts: Sequence[str]) -> FloatArray:
            seen.append(len(texts))
            return super().encode(texts)

    monkeypatch.setattr(pipeline._Watched, "_CHUNK", 2)
    chunked = compare(ARTICLES, encoder=Counting(), model=FakeModel())
    assert seen == [2, 2, 2]
    monkeypatch.undo()
    whole = run()
    assert [p.pair_id for p in chunked.pairs] == [p.pair_id for p in whole.pairs]
    np.testing.assert_allclose(
        [p.similarity for p in chunked.pairs], [p.similarity for p in whole.pairs]
    )
