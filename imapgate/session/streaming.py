"""What a FETCH reads, batch by batch, no faster than the client takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imapgate.folders.reading import FetchCursor, Vanished
from imapgate.session.output import Gone
from imapgate.session.state import Farewell

if TYPE_CHECKING:
    from imapgate.session.session import Session


async def stream(session: Session, cursor: FetchCursor, pieces: list[bytes]) -> None:
    """pieces: the cursor's first batch; each other one is one hop and one short read.

    Raises Vanished only where an answer of ours may stand, Farewell, Gone, and what reading
    raises."""
    db = session.server.db
    between = True
    while True:
        if session.dismissed is not None:
            # What was read isn't theirs any more.
            if between:
                raise Farewell(session.dismissed)
            session.output.abort()
            raise Gone
        await session.output.send(pieces)
        if cursor.done:
            return
        between = cursor.between
        try:
            # Not session.call: between two steps a body may be half told.
            pieces = await session.hop(lambda: db.read(cursor.step), reads=True)
        except Exception as error:
            if not between:
                # The rest of a literal can't be left out: the client would take our answer for it.
                session.output.abort()
                if isinstance(error, Vanished):
                    raise Gone from error
            raise
