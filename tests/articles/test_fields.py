"""Dates, hosts, headlines."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.articles.fields import iso_date
from claimnli.articles.plain import headline


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2025-04-26", "2025-04-26"),
        ("20250426", "2025-04-26"),
        (" 2025-04-26T10:00:00Z ", "2025-04-26T10:00:00+00:00"),
        ("2025-04-26 10:00", "2025-04-26T10:00:00"),
        ("Sat, 26 Apr 2025 10:00:00 GMT", "2025-04-26T10:00:00+00:00"),
        ("Sat, 26 Apr 2025 10:00:00 -0400", "2025-04-26T10:00:00-04:00"),
        ("26 April 2025", "2025-04-26"),
        ("Apr 26, 2025", "2025-04-26"),
        ("04/05/2025", None),
        ("2025-04", None),
        ("2025", None),
        ("2025-02-30", None),
        ("Sat, 31 Feb 2025 10:00:00 GMT", None),
        ("26 Apr", None),
        ("yesterday", None),
        ("1745661600", None),
        ("", None),
    ],
)
def test_dates_are_normalised_and_never_invented(written: str, iso: str | None) -> None:
    assert iso_date(written) == iso


# Not st.timezones(): a small system has no list of them.
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n)))


@given(st.one_of(st.dates(), st.datetimes(timezones=st.none() | OFFSETS)))
def test_a_date_that_python_writes_comes_back(moment: date | datetime) -> None:
    assert iso_date(moment.isoformat()) == moment.isoformat()


@given(st.text())
def test_no_text_breaks_the_reading_of_dates(written: str) -> None:
    found = iso_date(written)
    assert found is None or datetime.fromisoformat(found)


LEAD = (
    "Russia said its forces had completely recaptured the Kursk region, which Kyiv swiftly denied."
)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"Russia retakes Kursk region\n{LEAD}", "Russia retakes Kursk region"),
        (f"\r\n Is Kursk retaken? \r\n\r\n{LEAD}", "Is Kursk retaken?"),
        ("Russia retakes Kursk region\n\nKyiv denies.", "Russia retakes Kursk region"),
        (f"Russia retakes the region.\n\n{LEAD}", ""),
        (f"Russia retakes the “region.”\n\n{LEAD}", ""),
        (f"CMSD\n0.0100\n{LEAD}", ""),
        (f"By John Smith\n\n{LEAD}", ""),
        (
            "Russia said its forces had completely recaptured the Kursk\nregion on Sunday, it said",
            "",
        ),
        ("Russia retakes Kursk region", ""),
        (f"{'word ' * 40}\n\n{LEAD * 9}", ""),
        ("", ""),
    ],
)
def test_the_first_line_is_a_title_if_it_looks_like_one(text: str, title: str) -> None:
    assert headline(text) == title
