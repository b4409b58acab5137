"""LIST and LSUB (RFC 3501 6.3.8, 6.3.9; CHILDREN RFC 3348, SPECIAL-USE RFC 6154), NAMESPACE
(RFC 2342)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imapgate.folders import names, tree
from imapgate.folders.tree import Folder
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, ok
from imapgate.wire.commands import List, Lsub, Namespace
from imapgate.wire.responses import parenthesised, quoted_or_literal, untagged
from storage import Tx

SEPARATOR = quoted_or_literal(names.SEPARATOR.encode("ascii"))
NOSELECT = b"\\Noselect"


async def list_(session: Session, command: List) -> Reply:
    """An empty pattern asks for the separator alone."""
    if not command.pattern:
        session.output.write(_line(b"LIST", (NOSELECT,), b'""'))
        return ok("That is the root.")
    db, person = session.server.db, session.who

    def look() -> list[bytes]:
        """Off the reactor: a thousand names are held against the pattern."""
        return [
            _line(b"LIST", _attributes(folder), session.mailbox(folder.name))
            for folder in db.read(lambda tx: tree.list_folders(tx, person))
            if (folder.special_use or not command.special_use_only)
            and names.matches(folder.name, command.reference, command.pattern)
        ]

    await session.output.send(await session.call(look, reads=True))
    return ok("Those are the folders.")


async def lsub(session: Session, command: Lsub) -> Reply:
    """With special use, which Outlook looks for here."""
    db, person = session.server.db, session.who

    def read(tx: Tx) -> tuple[list[Folder], list[str]]:
        return tree.list_folders(tx, person), tree.lost_subscriptions(tx, person)

    def look() -> list[bytes]:
        """Off the reactor, as with LIST."""
        return list(_subscribed(session, command, *db.read(read)))

    await session.output.send(await session.call(look, reads=True))
    return ok("Those are the subscriptions.")


async def namespace(session: Session, _command: Namespace) -> Reply:
    """Everything hangs under "" as well; groups are shared (docs/rules.md 13).

    The prefixes are the headings themselves, without the separator that RFC 2342 shows behind them:
    for `Trackers/` Thunderbird asks for `Trackers/Trackers` when somebody opens the heading.
    """
    shared = b"".join(
        parenthesised((quoted_or_literal(heading.encode("ascii")), SEPARATOR))
        for heading in names.HEADINGS.values()
    )
    personal = parenthesised((parenthesised((b'""', SEPARATOR)),))
    session.output.write(untagged(b"NAMESPACE", personal, b"NIL", b"(%b)" % shared))
    return ok("Those are the namespaces.")


def one(session: Session, folder: Folder, asked: str) -> bytes:
    """LIST of a folder, of which a client that speaks IMAP4rev2 is told unasked; with OLDNAME where
    it was asked for by another name, such as one that isn't composed (RFC 9051 6.3.9.7)."""
    name = session.mailbox(folder.name)
    if asked != folder.name:
        name += b' ("OLDNAME" (%b))' % session.mailbox(asked)
    return _line(b"LIST", _attributes(folder), name)


def _subscribed(
    session: Session, command: Lsub, found: Sequence[Folder], lost: Sequence[str]
) -> Iterator[bytes]:
    """Those that match; with `%` also the parent of one that doesn't, as \\Noselect, unless it is
    told as itself (RFC 3501 6.3.9)."""

    def matches(name: str) -> bool:
        return names.matches(name, command.reference, command.pattern)

    told: set[str] = set()
    for folder in found:
        if folder.subscribed and matches(folder.name):
            told.add(folder.name)
            yield _line(b"LSUB", _attributes(folder), session.mailbox(folder.name))
    below = [folder.name for folder in found if folder.subscribed and folder.name not in told]
    for name in lost:
        if matches(name):
            told.add(name)
            yield _line(b"LSUB", (NOSELECT,), session.mailbox(name))
        else:
            below.append(name)
    if "%" not in command.reference + command.pattern:
        return
    tried: set[str] = set()
    for name in below:
        above = names.parent(name)
        while above is not None and above not in tried:
            tried.add(above)
            if above not in told and matches(above):
                yield _line(b"LSUB", (NOSELECT,), session.mailbox(above))
            above = names.parent(above)


def _attributes(folder: Folder) -> tuple[bytes, ...]:
    children = b"\\HasChildren" if folder.has_children else b"\\HasNoChildren"
    return (children, folder.special_use.encode("ascii")) if folder.special_use else (children,)


def _line(kind: bytes, attributes: Sequence[bytes], name: bytes) -> bytes:
    return untagged(kind, parenthesised(attributes), SEPARATOR, name)


OFFERS = (
    offer(List, list_, SIGNED_IN, "CHILDREN", "SPECIAL-USE"),
    offer(Lsub, lsub, SIGNED_IN),
    offer(Namespace, namespace, SIGNED_IN, "NAMESPACE"),
)
