"""Encodings: found where they can be, refused where the text would be garbled."""

import gzip
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimnli.articles.decoding import decode
from claimnli.errors import ClaimnliError

ENGLISH = "He said “no” – it’s over. The café paid £5 to the guards on Saturday. "
FRENCH = "Le président a déclaré que les forces avaient repris la région. L'armée l'a nié à Köln. "
CZECH = "Prezident řekl, že vojáci se stáhli z oblasti. Vláda to v sobotu důrazně popřela. "
RUSSIAN = "Президент заявил, что войска вышли из области. Украина отвергла это заявление. "
JAPANESE = "総理大臣は土曜日に発表した。政府はこれを否定した。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "cp1252"),
        ("The £5 fee", "latin-1"),
        ("It’s over", "cp1252"),
        (FRENCH, "cp1252"),
        (CZECH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (RUSSIAN, "utf-16"),
        (ENGLISH, "utf-32"),
        (JAPANESE, "utf-8-sig"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_utf8_is_read_as_such(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == (text, "utf-8-sig")
    if not text.startswith("\ufeff"):
        assert decode(text.encode("utf-8")) == (text, "utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_give_their_text_or_the_error_of_a_user(data: bytes) -> None:
    try:
        text, encoding = decode(data)
    except ClaimnliError:
        return
    assert data.decode(encoding) == text


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00word/document.xml",
        gzip.compress(ENGLISH.encode() * 20),
        random.Random(1).randbytes(5000),
        b"plain ascii with \x00\x00\x00\x00\x00\x00\x00 in it",
    ],
    ids=["png", "zip", "gzip", "noise", "nul"],
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(ClaimnliError) as error:
        decode(data)
    assert error.value.mend


def test_damaged_utf8_is_refused_with_its_line_and_not_garbled() -> None:
    data = (ENGLISH + "\n" + ENGLISH).encode("utf-8")
    place = data.index("“".encode(), 80)
    with pytest.raises(ClaimnliError, match=rf"damaged at byte {place:,} \(line 2\)"):
        decode(data[: place + 1] + data[place + 3 :])


def test_a_declared_encoding_is_tried_before_guessing() -> None:
    text = "Prezydent powiedział, że żołnierze źle wykonali zadanie. "
    data = text.encode("iso8859_2")
    assert decode(data, "iso-8859-2")[0] == text
    assert decode(ENGLISH.encode("utf-8"), "iso-8859-2")[0] == ENGLISH  # declared in error
    for name in ("no-such-encoding", "undefined", "idna"):
        assert decode(ENGLISH.encode("cp1252"), name)[0] == ENGLISH
