"""Errors that a user can mend."""


class ClaimnliError(Exception):
    """Something the user can put right; the message says what is wrong, *mend* what to do."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(f"{message}\n{mend}" if mend else message)
        self.message = message
        self.mend = mend
