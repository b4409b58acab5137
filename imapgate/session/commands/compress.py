"""COMPRESS (RFC 4978)."""

from __future__ import annotations

from imapgate.session.capabilities import may_compress
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no
from imapgate.wire.commands import Compress

ACTIVE = no("COMPRESSIONACTIVE", "The connection is compressed already.")


async def compress(session: Session, command: Compress) -> Reply:
    """From behind this answer on, in both directions."""
    if session.output.compresses:
        return ACTIVE
    if command.mechanism != b"DEFLATE":
        return no("CANNOT", "The mechanism here is DEFLATE.")
    if not may_compress(session):
        return no("CANNOT", "Nothing is compressed here.")
    return Reply(b"OK", "Begin to compress now.", after=session.connection.start_compression)


OFFERS = (offer(Compress, compress, SIGNED_IN),)
