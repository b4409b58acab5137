"""Runs one command: right state, still welcome, its answer, its news; whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace

from imapgate.folders import incidents
from imapgate.folders.folder import Invisible
from imapgate.session import telling
from imapgate.session.commands import COMMANDS
from imapgate.session.dismissals import NO_FOLDER
from imapgate.session.output import Gone
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Farewell, Reply, bad, no
from imapgate.wire.commands import (
    Append,
    Command,
    Copy,
    Fetch,
    InNumbers,
    Move,
    Search,
    Sort,
    Store,
    Thread,
    keys_in,
)
from storage.engine import Unavailable

AWAY = no("UNAVAILABLE", "The database can't be reached just now. Try again later.")


async def run(session: Session, command: Command) -> Reply:
    """The tagged answer; everything untagged has been written. Raises Farewell, Gone."""
    offer = COMMANDS.get(type(command))
    if offer is None:
        return bad("That command doesn't work here.")
    refusal = offer.refusal(session.state)
    if refusal is not None:
        return refusal
    lost = None
    try:
        if session.state in SIGNED_IN:
            lost = await _check_person(session, command)
        reply = await offer.run(session, command)
    except (Farewell, Gone):
        raise
    except Unavailable:
        reply = AWAY
    except Invisible:
        raise Farewell(NO_FOLDER) from None
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incident = incidents.report(error, type(command).__name__.upper())
        reply = no("SERVERBUG", f"This didn't work: an error of ours, incident {incident}.")
    if lost is not None:
        return replace(reply, after=lambda: session.end(lost))
    return await _with_news(session, command, reply)


async def _check_person(session: Session, command: Command) -> str | None:
    """Raises Farewell, Gone, and what keeps us from looking. Not None: the selected folder is lost,
    and the session ends with this text, but first the command is answered."""
    try:
        await session.news.check_person()
    except Farewell as farewell:
        # What an APPEND brought is filed or kept: the folder that it is for is another matter.
        if isinstance(command, Append) and farewell.text == NO_FOLDER:
            return farewell.text
        raise
    except Gone:
        raise
    except Exception as error:
        # A drop that comes to nothing is kept or noted; whether it is allowed, the writer decides.
        if not isinstance(command, Append | Copy | Move):
            raise
        if not isinstance(error, Unavailable):
            incidents.report(error, "looking whether the person is still welcome")
    return None


async def _with_news(session: Session, command: Command, reply: Reply) -> Reply:
    """What is done stays done, and is answered, whatever becomes of the news."""
    if session.state not in SIGNED_IN:
        return reply
    session.watch.done(command)
    try:
        if reply.exists_first:
            await session.news.tell(expunge=False, look=True)
        highest = await session.news.tell(may_tell_expunge(command), reply.look)
    except Farewell as farewell:
        text = farewell.text
        return replace(reply, after=lambda: session.end(text))
    except Gone:
        raise
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incidents.report(error, "telling news")
        return reply
    if highest is None:
        return reply
    if reply.condition == b"OK" and reply.code is None:
        return replace(reply, code=f"HIGHESTMODSEQ {highest}")
    session.output.write(telling.highest_modseq(highest))
    return reply


def may_tell_expunge(command: Command) -> bool:
    """Never while sequence numbers are in use (RFC 3501 7.4.1): UID forms are other commands, but
    for a UID SEARCH (SORT, THREAD) that names numbers (RFC 7162 3.2.10.2)."""
    if isinstance(command, Search | Sort | Thread) and any(
        isinstance(one, InNumbers) and not one.by_uid for one in keys_in(command.key)
    ):
        return False
    return not (isinstance(command, Fetch | Store | Search | Sort | Thread) and not command.by_uid)
