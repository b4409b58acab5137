"""One attempt to send one mail of the outbox."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.outgoing.delivery import Deliver, Result
from imapgate.outgoing.mailer import Mailer
from storage import Database

OpenMailer = Callable[[Mailer], Deliver]


def send_one(db: Database, row_id: int, open_mailer: OpenMailer) -> tuple[Result, ...]:
    """Tries, now and in this thread, the recipients of a mail that waits; what came of each of
    them. Nothing if it doesn't wait (somebody else is sending it). Raises Unavailable: nothing was
    sent.

    Still missing: all of it."""
    raise NotImplementedError
