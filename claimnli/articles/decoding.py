"""From bytes to text: UTF-8 first, then what charset-normalizer finds, and never binary data."""

import codecs
import logging
import re
from pathlib import Path

from claimnli.errors import ClaimnliError

logger = logging.getLogger(__name__)

# The longer marks first: the one of UTF-32-LE begins with that of UTF-16-LE.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Encodings that text files have today, the commonest first. Left to choose among all of its 90,
# charset-normalizer reads "The £5 fee" in Latin-1 as Japanese and KOI8-R as Shift JIS.
_LEGACY_ENCODINGS = (
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "iso8859_2",
    "koi8_r",
    "cp932",
    "euc_jp",
    "gb18030",
    "big5",
    "euc_kr",
)

# Below this share of bytes above 127 the text is English with curly quotes or the like: there is
# too little to detect anything from, and cp1252 is what it nearly always is.
_MIN_SHARE_TO_DETECT = 0.03
# A detection that is not better than cp1252 by this much coherence (0 to 1) is a coin's toss.
_MIN_COHERENCE_GAIN = 0.03
_MAX_CONTROL_SHARE = 0.01

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_SAVE_AS_UTF8 = "Open it in a text editor and save it as UTF-8."


def read_text(path: Path) -> str:
    """The text of the file *path*, with its newlines as they are and without byte-order mark.

    Raises ClaimnliError if the file is empty, binary, or in an encoding that is not recognised;
    OSError if it cannot be opened.
    """
    data = path.read_bytes()
    if not data:
        raise ClaimnliError("The file is empty.", mend="Remove it or put the article's text in it.")
    text, encoding = decode(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        logger.info("%s: read as %s", path, encoding)
    return text


def decode(data: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text that *data* encodes, and the name of the encoding.

    *declared* is an encoding that the data come with, such as that of an HTML meta tag: it is tried
    after a byte-order mark and UTF-8, since it is often wrong. Raises ClaimnliError for binary data
    and for an encoding that is not recognised.
    """
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    try:
        encoding = marked or "utf-8"
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if marked is not None:
            raise ClaimnliError(
                f"It begins like {marked.upper()}, but byte {error.start:,} does not fit.",
                mend=_SAVE_AS_UTF8,
            ) from error
        if b"\x00" in data:
            raise _binary() from error
        text, encoding = _decode_legacy(data, error, declared)
    # One NUL is a stray byte of a crawler; many, or other control characters, are not text.
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise _binary()
    return text, encoding


def _decode_legacy(data: bytes, error: UnicodeDecodeError, declared: str | None) -> tuple[str, str]:
    if declared is not None:
        try:
            return data.decode(declared), declared
        # Not UnicodeDecodeError alone: pages do declare "undefined", and Python has a codec for it.
        except (LookupError, UnicodeError):
            pass
    # Text in another encoding hardly ever holds valid UTF-8 sequences: where they are the greater
    # part this is UTF-8 with damage, and any other reading would garble all the rest.
    repaired = data.decode("utf-8", errors="replace")
    n_damaged = repaired.count("\ufffd")
    if len(_NON_ASCII.findall(repaired)) - n_damaged > n_damaged:
        line = data.count(b"\n", 0, error.start) + 1
        raise ClaimnliError(
            f"Its UTF-8 is damaged at byte {error.start:,} (line {line:,}).", mend=_SAVE_AS_UTF8
        ) from error
    encoding = _detect(data)
    if encoding is None:
        raise ClaimnliError(
            "It is not UTF-8 and its encoding is not recognised; it may not be a text file.",
            mend=_SAVE_AS_UTF8,
        ) from error
    return data.decode(encoding), encoding


def _detect(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    n_high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if n_high < _MIN_SHARE_TO_DETECT * len(data) and _fits(data, "cp1252"):
        return "cp1252"
    matches = [
        m for m in from_bytes(data, cp_isolation=list(_LEGACY_ENCODINGS)) if _fits(data, m.encoding)
    ]
    if not matches:
        return None
    best = matches[0]
    for match in matches:
        is_as_clean = match.chaos <= best.chaos
        is_as_likely = match.coherence >= best.coherence - _MIN_COHERENCE_GAIN
        # A match stands for every encoding that gives the same text.
        if "cp1252" in match.could_be_from_charset and is_as_clean and is_as_likely:
            return "cp1252"
    return best.encoding


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _binary() -> ClaimnliError:
    return ClaimnliError(
        "It holds binary data, not text.",
        mend="Check what it is: a document (.docx, .pdf) must be exported as text first.",
    )
