import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.claims import REASONS, extract_claims
from claimnli.config import ClaimsConfig
from claimnli.records import Article, Claim, DroppedSentence
from tests.claims.conftest import MakeArticle

SEEDS = Path(__file__).parents[2] / "seeds"


def speakers(article: Article) -> list[str | None]:
    return [claim.speaker for claim in extract_claims([article], ClaimsConfig()).claims]


@given(st.text() | st.text(alphabet=st.sampled_from("Aa .\n\"“”'‘’?!—,0")))
def test_offsets_lead_back_to_the_article(text: str) -> None:
    article = Article(article_id="x", text=text, title="", source="", path="")
    selection = extract_claims([article], ClaimsConfig(min_words=1))
    sentences: list[Claim | DroppedSentence] = [*selection.claims, *selection.dropped]
    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
    for claim in selection.claims:
        assert claim.claim_id == f"x:{claim.start}"
    assert {sentence.reason for sentence in selection.dropped} <= REASONS.keys()


@pytest.fixture(scope="module")
def seed_claims() -> dict[str, Claim]:
    articles = [
        Article(
            article_id=path.stem[:3],
            text=path.read_text(encoding="utf-8"),
            title="",
            source="",
            path=path.name,
        )
        for path in sorted(SEEDS.glob("*.txt"))
    ]
    selection = extract_claims(articles, ClaimsConfig())
    assert [sentence.text for sentence in selection.dropped] == [
        "Source link",
        "North Korean troops' involvement acknowledged",
        "Diplomatic efforts underway",
        "CMSD",
        "0.0100",
        "B.Chan--ThChM",
        "With Post wires",
    ]
    assert len(selection.claims) == 79
    return {f"{claim.article_id} {claim.text[:24]}": claim for claim in selection.claims}


@pytest.mark.parametrize(
    ("key", "speaker"),
    [
        ("000 Russia said its forces h", "Russia"),
        ("000 “The Kiev administration", "Putin"),
        ("000 However, he acknowledged", "the Chief of Staff"),
        ("000 He praised the “heroism”", "Gerasimov"),
        ("000 The Russian army is now ", None),
        ("001 However, Ukrainian offic", "Ukrainian officials"),
        ("001 Nevertheless, he acknowl", "Ukraine’s chief of staff"),
        ("001 Kyiv has consistently pu", None),
        ("002 They insist that their f", "Ukrainian officials"),
        ("003 The Russian army has ful", "Chief of Staff Valery Gerasimov"),
        ("004 The “defensive operation", "the General Staff of the Armed Forces of Ukraine"),
        ("004 “There is no threat of e", "the General Staff of the Armed Forces of Ukraine"),
        ("004 “Most of the major point", "President Trump"),
        ("004 Trump met on Saturday wi", None),
    ],
)
def test_speakers_of_the_seeds(
    seed_claims: dict[str, Claim], key: str, speaker: str | None
) -> None:
    claim = seed_claims[key]
    assert claim.speaker == speaker
    assert (claim.cue is None) == (speaker is None)


def test_a_pronoun_is_resolved_only_if_nobody_else_can_be_meant(
    make_article: MakeArticle,
) -> None:
    assert speakers(make_article("President Putin said it fell. He added that it was late.")) == [
        "President Putin",
        "President Putin",
    ]
    assert speakers(
        make_article("President Putin said it fell. Biden went to Kyiv. He added that it was late.")
    ) == ["President Putin", None, "He"]
    assert speakers(make_article("The army said it fell. He added that it was late.")) == [
        "The army",
        "He",
    ]
    assert speakers(make_article("Mr Doe said it fell. She added that it was late.")) == [
        "Mr Doe",
        "She",
    ]


def test_a_quotation_goes_on_with_its_speaker(make_article: MakeArticle) -> None:
    one_paragraph = "“We won the battle,” Putin said. “They lost the whole war.”"
    assert speakers(make_article(one_paragraph)) == ["Putin", "Putin"]
    several = "Putin said: “We won the battle.\n“They lost the whole war.”\nThe town is quiet now."
    assert speakers(make_article(several)) == ["Putin", "Putin", None]


def test_a_quotation_taken_apart_keeps_its_speaker(make_article: MakeArticle) -> None:
    text = "“We won the big battle. They lost the whole war,” Putin said."
    config = ClaimsConfig(max_words=8)
    claims = extract_claims([make_article(text)], config).claims
    assert [(claim.speaker, claim.is_quoted) for claim in claims] == [
        ("Putin", True),
        ("Putin", True),
    ]


def test_only_most_of_a_sentence_in_marks_is_a_quotation(make_article: MakeArticle) -> None:
    text = "Putin said that the “liberated” town was safe. “The town is safe,” he said."
    claims = extract_claims([make_article(text)], ClaimsConfig()).claims
    assert [claim.is_quoted for claim in claims] == [False, True]


def test_a_sentence_made_twice_is_one_claim(make_article: MakeArticle) -> None:
    selection = extract_claims(
        [make_article("Russia took it all.\nRussia took it all.")], ClaimsConfig()
    )
    assert len(selection.claims) == 1
    assert selection.n_dropped() == {"repeated": 1}


def test_what_is_too_long_is_kept_whole_among_the_dropped(make_article: MakeArticle) -> None:
    text = "word " * 4999 + "end."
    selection = extract_claims([make_article(text)], ClaimsConfig())
    assert selection.claims == ()
    assert [(s.text, s.reason) for s in selection.dropped] == [(text, "too_long")]


LONG_LINES: dict[str, Callable[[int], str]] = {
    "sentences": lambda n: " ".join(
        f"Officials said on Monday that bridge {i} was closed, as its piers had sunk by then."
        for i in range(n)
    ),
    "quotations": lambda n: " ".join(
        f"“Town {i} has fallen to us,” Putin said. He left town {i}." for i in range(n)
    ),
    "no end": lambda n: "word after word " * 10 * n,
    "one word": lambda n: f"The key is {'x7Q' * 10 * n}.",
    "stops": lambda n: f"He said it{'.' * 20 * n}x",
    "question marks": lambda n: f"Is it{'?' * 20 * n}x",
    "blanks": lambda n: f"He said{' ' * 20 * n}it was.",
    "quoted marks": lambda n: f"He said {'“!” ' * 10 * n} over.",
    "apostrophes": lambda n: f"‘It was {'long ' * 10 * n}. {'Boys’ ' * 10 * n}",
}


@pytest.mark.parametrize("shape", LONG_LINES)
def test_one_long_line_takes_no_quadratic_time(make_article: MakeArticle, shape: str) -> None:
    def seconds(n: int) -> float:
        article = make_article(LONG_LINES[shape](n))
        started = time.process_time()
        extract_claims([article], ClaimsConfig())
        return time.process_time() - started

    seconds(10)
    assert seconds(3000) < 40 * max(seconds(300), 0.002)


def test_no_speakers_outside_english(make_article: MakeArticle) -> None:
    config = ClaimsConfig(language="de")
    claims = extract_claims([make_article("According to Putin ist es vorbei.")], config).claims
    assert [claim.speaker for claim in claims] == [None]
