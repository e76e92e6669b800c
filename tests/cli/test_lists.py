import pytest

from claimnli.cli.lists import read_numbers, read_words
from claimnli.errors import ClaimnliError


def test_lists_are_read() -> None:
    assert read_words(" mix, ,split,") == ("mix", "split")
    assert read_numbers("16, 32") == (16, 32)
    assert read_numbers("") == ()


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(ClaimnliError, match="'16,x'"):
        read_numbers("16,x")
