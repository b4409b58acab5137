"""One attempt to hand a mail over, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from imapgate.mime.index import Content

SENT, REFUSED, LATER, UNCERTAIN = "sent", "refused", "later", "uncertain"
"""What came of a recipient: taken over; refused for good (5xx); not now (4xx, or nothing was
sent); may have been sent: the connection was lost after the end of the mail was on its way."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """As MAIL FROM and RCPT TO have them. sender: empty: nobody gets it back. recipients: their
    addresses, each once. whole: it is sent to all of them or to nobody: once one isn't taken the
    mail isn't handed over, and the others are LATER (a mail client that submits it has one answer
    for all: kind submission)."""

    sender: str
    recipients: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one recipient. outcome: SENT, ... code: SMTP's with the enhanced one
    (`550 5.1.1`), or sendmail's exit code; text: what the server said, one line, bounded."""

    address: str
    outcome: str
    code: str | None
    text: str


class Deliver(Protocol):
    """Hands one mail to a mailer's server, in a thread. before_end: called once, when the server
    has taken sender, recipients and all of the mail but its end: from then on it may have been
    sent, whatever happens (the outbox commits that). The results, one for each recipient and in
    their order: what the server says against the sender or the mail itself is said of each. Raises
    ServerError where the server can't be used, before any recipient was told of; nothing was sent
    then. An exception of before_end is passed on; then nothing was sent either."""

    def __call__(
        self, envelope: Envelope, content: Content, before_end: Callable[[], None]
    ) -> tuple[Result, ...]: ...
