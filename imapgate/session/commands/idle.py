"""IDLE (RFC 2177): news as they come."""

from __future__ import annotations

from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, bad, ok
from imapgate.wire.commands import Idle


async def idle(session: Session, _command: Idle) -> Reply:
    """Also without a selected folder: then there is nothing to tell. Anything but DONE ends it."""
    session.output.write(b"+ idling\r\n")
    session.news.start_pushing()
    session.output.rest()
    try:
        line = await session.connection.next_line()
    finally:
        session.news.stop_pushing()
    if line is None or line.strip().upper() != b"DONE":
        return bad("Expected DONE.")
    return ok("Done idling.")


OFFERS = (offer(Idle, idle, SIGNED_IN, "IDLE"),)
