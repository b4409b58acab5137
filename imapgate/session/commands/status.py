"""STATUS (RFC 3501 6.3.10; APPENDLIMIT RFC 7889, SIZE RFC 8438, DELETED RFC 9051 6.3.11,
DELETED-STORAGE RFC 9208, MAILBOXID RFC 8474, HIGHESTMODSEQ RFC 7162)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imapgate.folders import tree
from imapgate.folders.tree import Folder, Wanted
from imapgate.session import telling
from imapgate.session.folder_lines import ITEMS, Standing, status_line
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no_such_folder, ok
from imapgate.wire.commands import Status
from storage import Tx


async def status(session: Session, command: Status) -> Reply:
    """Also of the selected folder: some clients ask all the same."""
    person = session.who

    def look(tx: Tx) -> bytes | None:
        folder = tree.find(tx, person, command.name)
        if folder is None:
            return None
        (line,) = lines(tx, session, [(command.name, folder)], command.items)
        return line

    line = await session.reach(look)
    if line is None:
        return no_such_folder(command.name)
    if b"HIGHESTMODSEQ" in command.items:
        telling.becomes_aware(session)
    session.output.write(line)
    return ok("That is how it stands.")


def lines(
    tx: Tx, session: Session, named: Sequence[tuple[str, Folder]], items: Sequence[bytes]
) -> Iterable[bytes]:
    """`* STATUS` of each folder, under the name given beside it. For the hop: a thousand may be
    asked for at once (LIST-STATUS)."""
    wanted = Wanted.NOTHING
    for item in items:
        wanted |= ITEMS[item].wanted
    folders = [folder for _, folder in named]
    counts = tree.statuses(tx, session.who, folders, wanted)
    for name, folder in named:
        modseq = counts[folder.id].modseq
        view = session.selected
        if view is not None and view.folder.id == folder.id:
            modseq = min(modseq, view.told)
        of = Standing(folder, counts[folder.id], session.server.limits, modseq)
        yield status_line(session.mailbox(name), items, of)


OFFERS = (offer(Status, status, SIGNED_IN, "STATUS=SIZE"),)
