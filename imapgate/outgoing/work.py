"""What the server sends by itself: mails of the outbox when they are due, in threads, a few at a
time; before that, what happened to activities is carried out and told."""

from __future__ import annotations

from imapgate.limits import Limits
from imapgate.outgoing.sending import OpenMailer
from storage import Database


class Work:
    """One for a database: the server's. Still missing: all of it."""

    def __init__(self, db: Database, limits: Limits, open_mailer: OpenMailer) -> None:
        self._db = db
        self._limits = limits
        self._open = open_mailer

    def start(self) -> None:
        """Once."""

    def stop(self) -> None:
        """Idempotent."""
