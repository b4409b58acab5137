"""Opens mailboxes of the tests' Dovecot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dovecot import Dovecot, Mailbox

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.source import Position, Source
from imapgate.servers.server import Login, Secrets, Tls

MOST = 50 * 1024 * 1024


def place(
    server: Dovecot,
    mailbox: Mailbox,
    protocol: str = "imap",
    *,
    folder: str = "INBOX",
    tls: Tls | None = None,
    mechanism: str | None = None,
    timeout: float = 20.0,
) -> Place:
    """Where a user's mailbox stands; with the server's authority trusted, unless tls is given."""
    return Place(
        protocol,
        "localhost",
        server.port(protocol),
        folder,
        tls if tls is not None else Tls(ca=server.authority),
        Login(user=mailbox.user, mechanism=mechanism),
        timeout,
    )


@contextmanager
def opened(
    where: Place, mailbox: Mailbox, dialogue: Callable[[str], None] | None = None
) -> Iterator[Source]:
    source = open_source(where, Secrets(mailbox.password), dialogue=dialogue)
    try:
        yield source
    finally:
        source.close()


def read_all(source: Source, position: Position) -> dict[str, bytes]:
    """What waits, by key."""
    return {one.key: bytes(source.read(one.key, MOST)) for one in source.waiting(position)}
