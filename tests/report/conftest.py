"""A comparison made by hand: four short articles on a flood, two of them hostile to the page."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from claimnli.comparison import Comparison, Dispute, DropCount, Fact, RelationMatrix, StageTiming
from claimnli.records import (
    Article,
    Claim,
    DroppedSentence,
    LabelledPair,
    ModelInfo,
    ReadFailure,
    Relation,
)

TEXTS = {
    "gazette": (
        "The Arve broke its bank at Sallen on Monday.\n\n"
        "Mayor Ines Roth said that two hundred people left their homes.\n"
        "By Tom Hale"
    ),
    "wire": (
        "The river Arve flooded Sallen on Monday.\n"
        "Nobody had to leave their homes, the water board said."
    ),
    "reprint": (
        "The river Arve flooded Sallen on Monday. <b>Bold</b> {{ 7 * 7 }} [red]claims[/red]."
    ),
    "مرصد": (
        '=HYPERLINK("http://x.invalid";"Sallen") was under water on Monday.\r\n'
        "قال مجلس المياه إن أحدا لم يغادر منزله.\n"
        "It rained <script>alert(1)</script> for days\x1b[31m; =1+1 is two."
    ),
}
DATES = {"gazette": "2031-03-04", "wire": "2031-03-05T08:30:00Z"}


def make_claim(article_id: str, text: str, speaker: str | None = None) -> Claim:
    start = TEXTS[article_id].index(text)
    return Claim(
        claim_id=f"{article_id}:{start}",
        article_id=article_id,
        text=text,
        start=start,
        end=start + len(text),
        speaker=speaker,
        cue="said" if speaker else None,
    )


def make_pair(a: Claim, b: Claim, relation: Relation, probability: float) -> LabelledPair:
    probabilities = dict.fromkeys(Relation, (1 - probability) / 2) | {relation: probability}
    return LabelledPair(
        pair_id=f"{a.claim_id}|{b.claim_id}",
        a=a,
        b=b,
        similarity=0.5,
        relation=relation,
        probability=probability,
        probabilities=probabilities,
    )


def make_fact(fact_id: str, claims: Sequence[Claim], n_origins: int) -> Fact:
    return Fact(
        fact_id=fact_id,
        claims=tuple(claims),
        article_ids=tuple(sorted({claim.article_id for claim in claims})),
        n_origins=n_origins,
        speakers=tuple(claim.speaker for claim in claims if claim.speaker),
        probability=0.9,
    )


@pytest.fixture
def comparison() -> Comparison:
    """One fact of four articles (three origins), one dispute of one against two."""
    articles = tuple(
        Article(
            article_id=name,
            text=text,
            title=f"Flood in Sallen & <i>{name}</i>",
            source=name,
            path=f"news/{name}.txt",
            published=DATES.get(name),
            url="javascript:alert(2)" if name == "wire" else f"https://{name}.invalid/flood",
        )
        for name, text in TEXTS.items()
    )
    flood = [
        make_claim("gazette", "The Arve broke its bank at Sallen on Monday."),
        make_claim("wire", "The river Arve flooded Sallen on Monday."),
        make_claim("reprint", "The river Arve flooded Sallen on Monday."),
        make_claim("مرصد", TEXTS["مرصد"].split("\r")[0]),
    ]
    left = make_claim("gazette", TEXTS["gazette"].split("\n")[2], "Mayor Ines Roth")
    stayed = [
        make_claim("wire", TEXTS["wire"].split("\n")[1], "the water board"),
        make_claim("مرصد", TEXTS["مرصد"].split("\n")[1], "مجلس المياه"),
    ]
    hostile = [
        make_claim("reprint", "<b>Bold</b> {{ 7 * 7 }} [red]claims[/red]."),
        make_claim("مرصد", TEXTS["مرصد"].split("\n")[2]),
    ]
    contradictions = (
        make_pair(left, stayed[1], Relation.CONTRADICTION, 0.97),
        make_pair(left, stayed[0], Relation.CONTRADICTION, 0.71),
    )
    pairs = (
        *(make_pair(flood[0], other, Relation.AGREEMENT, 0.9) for other in flood[1:]),
        make_pair(stayed[0], stayed[1], Relation.AGREEMENT, 0.9),
        *contradictions,
        make_pair(hostile[0], hostile[1], Relation.UNRELATED, 0.8),
    )
    byline = TEXTS["gazette"].index("By Tom Hale")
    n_agreements = np.zeros((4, 4), np.int32)
    n_contradictions = np.zeros((4, 4), np.int32)
    position = {name: i for i, name in enumerate(TEXTS)}
    for pair in pairs:
        i, j = position[pair.a.article_id], position[pair.b.article_id]
        n_agreements[[i, j], [j, i]] += pair.relation == Relation.AGREEMENT
        n_contradictions[[i, j], [j, i]] += pair.relation == Relation.CONTRADICTION
    return Comparison(
        articles=articles,
        claims=(
            *(flood[0], left),
            *(flood[1], stayed[0]),
            *(flood[2], hostile[0]),
            *(flood[3], stayed[1], hostile[1]),
        ),
        pairs=pairs,
        facts=(make_fact("fact-1", flood, 3),),
        disputes=(
            Dispute(
                dispute_id="dispute-1",
                side_a=make_fact("single", [left], 1),
                side_b=make_fact("fact-2", stayed, 2),
                pairs=contradictions,
                probability=0.97,
                may_be_update=True,
            ),
        ),
        matrix=RelationMatrix(
            article_ids=tuple(TEXTS), n_agreements=n_agreements, n_contradictions=n_contradictions
        ),
        origin_of={**{name: name for name in TEXTS}, "reprint": "wire"},
        dropped=(
            DropCount(stage="claims", reason="byline", n_items=1),
            DropCount(stage="pairing", reason="below_min_similarity", n_items=1234),
        ),
        dropped_sentences=(
            DroppedSentence(
                article_id="gazette",
                text="By Tom Hale",
                start=byline,
                end=byline + len("By Tom Hale"),
                reason="byline",
            ),
        ),
        failures=(
            ReadFailure(path="news/<b>.csv", reason="It has no column 'text'.", mend="Name one."),
        ),
        duplicate_of={"news/copy.txt": "news/wire.txt"},
        model=ModelInfo(
            name="mini", source="models/mini", device="cpu", dtype="float32", is_calibrated=True
        ),
        timings=(StageTiming(stage="label pairs", n_items=7, seconds=0.5),),
    )


@pytest.fixture
def empty_comparison(comparison: Comparison) -> Comparison:
    """Articles that have nothing in common."""
    zeros = np.zeros((4, 4), np.int32)
    matrix = replace(comparison.matrix, n_agreements=zeros, n_contradictions=zeros)
    return replace(
        comparison,
        pairs=(),
        facts=(),
        disputes=(),
        dropped=(),
        failures=(),
        duplicate_of={},
        dropped_sentences=(),
        matrix=matrix,
    )
