"""What CAPABILITY says: it follows from the commands that are there (RFC 3501 7.2.1)."""

from __future__ import annotations

from imapgate.connections import addresses
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, State

FIRST = ("IMAP4rev1", "IMAP4rev2", "SASL-IR", "LITERAL-")
"""The protocol, and what belongs to no command."""
BEFORE_SIGN_IN = ("ID", "ENABLE")
"""Of what commands bring, worth knowing before sign-in."""


def capabilities(session: Session) -> str:
    """As the session's state demands, joined by blanks."""
    if session.state in SIGNED_IN:
        limit = f"APPENDLIMIT={session.server.limits.message}"
        apart = (limit, "COMPRESS=DEFLATE") if may_compress(session) else (limit,)
        return " ".join((*FIRST, *session.extensions.capabilities, *apart))
    said = [*FIRST, *(name for name in BEFORE_SIGN_IN if name in session.extensions.capabilities)]
    if may_start_tls(session):
        said.append("STARTTLS")
    said.append("AUTH=PLAIN" if session.takes_passwords else "LOGINDISABLED")
    return " ".join(said)


def may_compress(session: Session) -> bool:
    """Where the administrator wants it; never on this machine itself, where it only costs."""
    output = session.output
    return (
        session.server.compress
        and not output.compresses
        and not addresses.is_loopback(session.address)
    )


def may_start_tls(session: Session) -> bool:
    return (
        session.server.tls is not None
        and not session.secure
        and session.state is State.NOT_AUTHENTICATED
    )
