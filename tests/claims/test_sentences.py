import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.claims.sentences import split_sentences


def split(text: str, language: str = "en", max_words: int = 150) -> list[str]:
    spans = split_sentences(text, language=language, max_words=max_words)
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Mr. Putin met Gen. Syrskyi at 5 a.m. on Monday in St. Petersburg.", "They left."],
        ["Prices rose 3.5 percent in the U.S.", "The Fed was silent."],
        ["The U.S. Army denied it.", "J. K. Rowling said nothing."],
        ["Talks resume on Jan. 5 in Washington, D.C.", "He will attend."],
        ["It is No. 1 in sales.", "He said no.", "Then he left…", "Nobody followed."],
        ["Mr Putin told Mr Gerasimov to go.", "Dr Smith stayed!", "Did she?", "Yes."],
        ["Acme Inc. Chairman Jane Doe resigned.", "The shares of Acme Inc. fell."],
        ["He waited... and waited.", "iPhone sales fell."],
        ["Clinton (D-N.Y.) High School opened.", "It closed."],
    ],
)
def test_a_full_stop_is_not_always_an_end(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        [
            "“The two sides should meet, to ‘finish it off,’” he said on Truth Social.",
            "“Most points are agreed to. Stop the bloodshed, NOW,” he added.",
        ],
        ['"We won. They lost," he said.', "He left."],
        ["'We won. They lost,' he said.", "The boys' house burned."],
        ["‘We won. They lost,’ he said.", "The boys’ house burned."],
        ["„Wir haben gewonnen. Sie nicht“, sagte er.", "Er ging."],
        ["« Nous avons gagné. Eux non. », dit-il.", "Il partit."],
        ["“Is it over?” President Putin asked.", "Nobody knew."],
        ["He said: “It is over. We won.”", "“Go home,” she said."],
        ["“It is over.”", "Kyiv denied it."],
    ],
)
def test_a_quotation_stays_whole_with_its_attribution(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_quotation_longer_than_a_claim_may_be_is_taken_apart() -> None:
    text = "“One two three four. Five six seven eight. Nine ten,” he said."
    assert len(split(text, max_words=20)) == 1
    assert split(text, max_words=6) == [
        "“One two three four.",
        "Five six seven eight.",
        "Nine ten,” he said.",
    ]


def test_a_stray_mark_holds_nothing_together() -> None:
    assert len(split('He is 6\'2" tall. She is not. “Never closed. He left. "Yes," she said.')) == 5


def test_lines_are_sentences_unless_they_are_wrapped() -> None:
    assert split("Diplomatic efforts underway\nTalks began.\n\nEnd") == [
        "Diplomatic efforts underway",
        "Talks began.",
        "End",
    ]
    wrapped = "Russia said on Monday that\nMoscow and the armed forces\nhad won. Kyiv denied it."
    assert split(wrapped) == [wrapped[:63], "Kyiv denied it."]
    assert split("North Korea sent\r\ntroops.") == ["North Korea sent\r\ntroops."]
    assert split("They took:\n- the town\n- the road") == ["They took:", "- the town", "- the road"]


def test_other_languages() -> None:
    assert split("Am 3. Mai kam Dr. Weiß. Er blieb.", "de") == [
        "Am 3. Mai kam Dr. Weiß.",
        "Er blieb.",
    ]
    assert split("M. Macron est parti. Il a gagné.", "fr") == [
        "M. Macron est parti.",
        "Il a gagné.",
    ]
    assert split("俄罗斯宣布胜利。乌克兰否认。", "zh") == ["俄罗斯宣布胜利。", "乌克兰否认。"]
    assert split("Hän lähti. Sota loppui.", "fi") == ["Hän lähti.", "Sota loppui."]


def test_a_blank_lost_by_a_scraper() -> None:
    assert split("They left the region.Ukraine denied it.") == [
        "They left the region.",
        "Ukraine denied it.",
    ]
    assert split("See www.example.com or Booking.com for 3.5 stars.") == [
        "See www.example.com or Booking.com for 3.5 stars."
    ]


@given(st.text(alphabet=st.sampled_from("Aa .\n\"“”'‘’«»„!?…。)-1\u00a0\u2028é")))
def test_sentences_are_in_order_without_blanks_and_lose_nothing(text: str) -> None:
    spans = split_sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize("unit", ["“ a. ", "'a. b’ ", "Word ", ".", ". ", "\n", 'He said "no. '])
def test_time_is_linear(unit: str) -> None:
    def seconds(n: int) -> float:
        text = unit * n + "x"
        started = time.process_time()
        split_sentences(text)
        return time.process_time() - started

    seconds(100)
    # Ten times the text: a quadratic step would take a hundred times as long.
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.002)
