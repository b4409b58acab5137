"""A mailer is made ready to send by, with the secrets that are kept for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from imapgate.mime.index import Content
from imapgate.outgoing.delivery import Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.mailers import holder, secrets_of
from imapgate.outgoing.smtp.delivering import deliverer
from imapgate.outgoing.token_holder import check_application
from imapgate.servers.oauth.tokens import Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import ServerError
from storage import Database

Open = Callable[[Mailer], Deliver]

INTERCEPTED = "intercepted"
"""Below the data directory: what a mailer that intercepts to files has written."""

_dialogue = logging.getLogger("imapgate.outgoing.dialogue")
_dialogue.setLevel(logging.DEBUG)  # only what a mailer's debug asked for gets there


class Opener:
    """For one process: its access tokens stay in memory."""

    def __init__(self, db: Database, key_file: Path, data_dir: Path) -> None:
        self._db = db
        self._key = SecretKey(key_file)
        self._intercepted = data_dir / INTERCEPTED
        self._tokens = Tokens(db)

    def __call__(self, mailer: Mailer) -> Deliver:
        """Connects to nobody yet. Raises ServerError if it is switched off, or has no
        application any more; SecretsError, Unavailable."""
        if not mailer.active:
            raise ServerError(
                "name",
                f'Mailer "{mailer.name}" is switched off.',
                hint=f'`imapgate mailer edit "{mailer.name}" --active on` switches it on.',
            )
        check_application(mailer)
        secrets = self._db.read(lambda tx: secrets_of(tx, mailer, self._key))
        dialogue = partial(_said, mailer) if mailer.debug else None
        if mailer.relay is None or mailer.relay.login.oauth is None:
            return deliverer(mailer, secrets, dialogue=dialogue, intercepted=self._intercepted)
        held = self._db.read(lambda tx: holder(tx, mailer, self._key))
        deliver = deliverer(
            mailer,
            secrets,
            token=partial(self._tokens.token, held),
            dialogue=dialogue,
            intercepted=self._intercepted,
        )

        def delivered(
            envelope: Envelope, content: Content, before_end: Callable[[], None]
        ) -> tuple[Result, ...]:
            try:
                return deliver(envelope, content, before_end)
            except ServerError as error:
                if error.step == "login":
                    self._tokens.forget(held)
                raise

        return delivered


def _said(mailer: Mailer, line: str) -> None:
    _dialogue.debug(
        "mailer %s: %s",
        mailer.name,
        line,
        extra={"event": "outgoing_dialogue", "fields": {"mailer": mailer.name}},
    )
