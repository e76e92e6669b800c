import pytest

from claimnli.claims.selection import REASONS, reason_to_drop, skip_lead
from claimnli.config import ClaimsConfig

CONFIG = ClaimsConfig()


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("By Jane Doe", "byline"),
        ("By JANE DOE and JOHN ROE", "byline"),
        ("By Jane Doe in Kyiv", "byline"),
        ("B.Chan--ThChM", "byline"),
        ("(Reporting by Jane Doe; Editing by John Roe.)", "byline"),
        ("Additional reporting by Jane Doe and John Roe in Kyiv", "byline"),
        ("With Post wires", "credit"),
        ("(With inputs from agencies)", "credit"),
        ("Photo: John Roe", "credit"),
        ("John Roe/Getty Images", "credit"),
        ("Reuters", "credit"),
        ("Updated: May 16, 2005, 6:03 PM ET", "dateline"),
        ("KYIV, April 26", "dateline"),
        ("3 hours ago", "dateline"),
        ("Source link", "promotion"),
        ("Share this article", "promotion"),
        ("Subscribe to our newsletter for the latest.", "promotion"),
        ("Read more: Putin visits the front", "promotion"),
        ("Facebook | Twitter | Email", "promotion"),
        ("© 2025 The Paper. All rights reserved.", "notice"),
        ("This site uses cookies.", "notice"),
        ("0.0100", "no_words"),
        ("https://example.com/a", "no_words"),
        ("* * *", "no_words"),
        ("Who controls the region of Kursk now?", "question"),
        ("CMSD", "heading"),
        ("Diplomatic efforts underway", "heading"),
        ("North Korean troops' involvement acknowledged", "heading"),
        ("Russian troops have now taken the [+2311 chars]", "cut_off"),
        ("Russian troops have now taken the", "cut_off"),
        ("He left.", "too_short"),
        ("word " * 5000 + "end.", "too_long"),
        (f"The key is {'x7Q' * 1000}.", "too_long"),
    ],
)
def test_what_states_nothing_goes(sentence: str, reason: str) -> None:
    assert reason_to_drop(sentence, CONFIG) == reason
    assert reason in REASONS


@pytest.mark.parametrize(
    "sentence",
    [
        "Ukraine dismisses Kursk’s report of losses as a “propaganda” trick.",
        "Moscow praises the “hero” of the North Korean military",
        "Russia says its troops have retaken Kursk",
        "By Monday, Russia had taken the town.",
        "Reporting by The Times revealed that Trump knew.",
        "Getty Images sued the company on Friday.",
        "The photograph was published by Getty Images.",
        "Published in 2019, the report counted 30 deaths.",
        "The primary will take place on Aug. 30.",
        "Share prices fell by three percent.",
        "Following talks with Russia, Trump left.",
        "Copyright law was changed in 2019.",
        "By using force, Russia made Kyiv accept terms.",
        "Reuters reported that the town had fallen.",
        "More than 10,000 soldiers were sent.",
        "“Is it over?” Putin asked his general.",
    ],
)
def test_what_states_something_stays(sentence: str) -> None:
    assert reason_to_drop(sentence, CONFIG) is None


def test_limits_come_from_the_config() -> None:
    config = ClaimsConfig(min_words=2, max_words=5)
    assert reason_to_drop("He left.", config) is None
    assert reason_to_drop("He left the town at dawn.", config) == "too_long"


@pytest.mark.parametrize(
    ("line", "proper"),
    [
        ("KYIV, Ukraine (AP) — Russia left.", "Russia left."),
        ("Moscow (Reuters) - Russia left.", "Russia left."),
        ("WASHINGTON, Aug. 19 (UPI) — Russia left.", "Russia left."),
        ("• Russia left.", "Russia left."),
        ("## Russia left", "Russia left"),
        ("TRUMP: Russia left.", "TRUMP: Russia left."),
        ("Russia - the aggressor - left.", "Russia - the aggressor - left."),
    ],
)
def test_datelines_and_bullets_are_no_part_of_a_claim(line: str, proper: str) -> None:
    assert line[skip_lead(line, 0, len(line)) :] == proper
