"""STATUS (RFC 3501 6.3.10; APPENDLIMIT RFC 7889, SIZE RFC 8438, DELETED RFC 9051 6.3.11,
DELETED-STORAGE RFC 9208, MAILBOXID RFC 8474, HIGHESTMODSEQ RFC 7162)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imapgate.folders import object_ids, tree
from imapgate.folders.tree import Folder, Wanted
from imapgate.folders.tree import Status as Counts
from imapgate.limits import Limits
from imapgate.session import telling
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, no_such_folder, ok
from imapgate.wire.commands import Status
from imapgate.wire.responses import parenthesised, untagged
from storage import Tx


@dataclass(frozen=True, slots=True)
class Standing:
    """What an item is answered from. modseq: of the selected folder as far as the client has been
    told, so that it misses nothing by it."""

    folder: Folder
    counts: Counts
    limits: Limits
    modseq: int


@dataclass(frozen=True, slots=True)
class Item:
    """say: the item's value. wanted: what has to be counted for it."""

    say: Callable[[Standing], bytes]
    wanted: Wanted = Wanted.NOTHING


ITEMS: Mapping[bytes, Item] = {
    b"MESSAGES": Item(lambda of: b"%d" % of.counts.messages),
    b"RECENT": Item(lambda of: b"%d" % of.counts.recent, Wanted.RECENT),
    b"UIDNEXT": Item(lambda of: b"%d" % of.counts.uidnext),
    b"UIDVALIDITY": Item(lambda of: b"%d" % of.counts.uidvalidity),
    b"UNSEEN": Item(lambda of: b"%d" % of.counts.unseen, Wanted.OWN),
    b"APPENDLIMIT": Item(lambda of: b"%d" % of.limits.message),
    b"SIZE": Item(lambda of: b"%d" % of.counts.octets),
    b"MAILBOXID": Item(
        lambda of: b"(%b)" % object_ids.mailbox(of.folder.uidvalidity).encode("ascii")
    ),
    b"DELETED": Item(lambda of: b"%d" % of.counts.deleted, Wanted.OWN),
    b"DELETED-STORAGE": Item(
        lambda of: b"%d" % -(-of.counts.deleted_octets // 1024),
        Wanted.OWN | Wanted.DELETED_OCTETS,
    ),
    b"HIGHESTMODSEQ": Item(lambda of: b"%d" % of.modseq),
}
"""By the names of wire.status_grammar.ITEMS; an extension adds a row here and a name there."""


async def status(session: Session, command: Status) -> Reply:
    """Also of the selected folder: some clients ask all the same."""
    person = session.who

    def look(tx: Tx) -> bytes | None:
        folder = tree.find(tx, person, command.name)
        if folder is None:
            return None
        (line,) = lines(tx, session, [(command.name, folder)], command.items)
        return line

    line = await session.read(look)
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
        said = parenthesised(b"%b %b" % (item, ITEMS[item].say(of)) for item in items)
        yield untagged(b"STATUS", session.mailbox(name), said)


OFFERS = (offer(Status, status, SIGNED_IN, "STATUS=SIZE"),)
