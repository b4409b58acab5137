"""By what a mail that imapgate writes for people is known."""

from __future__ import annotations

from imapgate.mime.mail import Mail

_PROGRAM = "//IMAPGATE//V1//"


def x_mailer(segment: str) -> str:
    """X-Mailer of each mail that is made of an activity."""
    return f"{_PROGRAM}{segment}"


def is_own(mail: Mail) -> bool:
    """Whether imapgate says to have written it, for whichever segment."""
    return any(
        line.lower().startswith(f"x-mailer: {_PROGRAM.lower()}")
        for line in mail.headers.splitlines()
    )
