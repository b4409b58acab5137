"""REPLACE (RFC 8508), by number and by UID."""

from __future__ import annotations

from dataclasses import replace

from imapgate.folders.replacing import Old
from imapgate.session.commands.append import append_uid, not_understood, told
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered
from imapgate.wire.commands import Replace
from imapgate.wire.responses import status


async def replace_(session: Session, command: Replace) -> Reply:
    """As APPEND, and the old message is gone in the same moment. APPENDUID comes untagged, then
    EXISTS, then EXPUNGE, so that a client knows the new message before it loses the old one (4.3).
    What is refused is kept, as with APPEND, where no folder is selected too."""
    view = session.selected
    if view is None:
        return await not_understood(session, command, "a folder has to be selected first")
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return await not_understood(session, command, "there is no message with such a number")
    old = Old(view.folder, uids[0] if uids else None, not view.writable)
    verdict = await told(session, command, lambda upload: upload.append(), old)
    code = append_uid(verdict)
    if code is not None:
        session.output.write(status(None, b"OK", "The new message is here.", code))
    view.expunge(verdict.removed)
    return replace(answered(verdict, look=True), exists_first=bool(verdict.removed))


OFFERS = (offer(Replace, replace_, SIGNED_IN, "REPLACE"),)
