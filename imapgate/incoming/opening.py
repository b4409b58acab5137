"""An account's mailbox is opened, with the secrets that are kept for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from imapgate.incoming.account import Account, Reading
from imapgate.incoming.accounts import secrets_of
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.source import Source
from imapgate.incoming.token_holder import holder
from imapgate.servers.oauth.tokens import Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import ServerError
from storage import Database

Open = Callable[[Account, Reading], Source]

_log = logging.getLogger(__name__)
_dialogue = logging.getLogger("imapgate.incoming.dialogue")
_dialogue.setLevel(logging.DEBUG)  # only what an account's debug asked for gets there


class Opener:
    """For one process: its access tokens stay in memory."""

    def __init__(self, db: Database, key_file: Path) -> None:
        self._db = db
        self._key = SecretKey(key_file)
        self._tokens = Tokens(db)

    def __call__(self, account: Account, reading: Reading) -> Source:
        """Raises ServerError, SecretsError, Unavailable."""
        secrets = self._db.read(lambda tx: secrets_of(tx, account, self._key))
        place = account.place
        held = holder(account, self._key)
        token = partial(self._tokens.token, held) if place.login.oauth is not None else None
        dialogue = partial(_said, account) if reading.debug else None
        try:
            source = open_source(place, secrets, token=token, dialogue=dialogue)
        except ServerError as error:
            if token is not None and error.step == "login":
                self._tokens.forget(held)
            raise
        for warning in source.warnings:
            warn(account, warning)
        return source


def warn(account: Account, warning: str) -> None:
    """A sentence of Source.warnings, into the log."""
    _log.warning(
        "account %s: %s",
        account.name,
        warning,
        extra={"event": "incoming_warning", "fields": {"account": account.name}},
    )


def _said(account: Account, line: str) -> None:
    _dialogue.debug(
        "account %s: %s",
        account.name,
        line,
        extra={"event": "incoming_dialogue", "fields": {"account": account.name}},
    )
