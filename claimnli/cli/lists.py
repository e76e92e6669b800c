"""Lists that are written with commas, in the options of scripts."""

from claimnli.errors import ClaimnliError


def read_words(text: str) -> tuple[str, ...]:
    """``"mix, split"`` -> ``("mix", "split")``; empty ones are left out."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def read_numbers(text: str) -> tuple[int, ...]:
    """``"16,32"`` -> ``(16, 32)``. Raises ClaimnliError for what is no whole number."""
    try:
        return tuple(int(word) for word in read_words(text))
    except ValueError as error:
        raise ClaimnliError(f"'{text}' is not a list of numbers", mend="Write 16,32,64.") from error
