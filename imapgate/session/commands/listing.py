"""LIST and LSUB (RFC 3501 6.3.8, 6.3.9; LIST-EXTENDED RFC 5258, CHILDREN RFC 3348, SPECIAL-USE
RFC 6154, LIST-STATUS RFC 5819, LIST-MYRIGHTS RFC 8440), NAMESPACE (RFC 2342)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imapgate.folders import names, tree
from imapgate.folders.tree import Criteria, Folder, Listed
from imapgate.session import telling
from imapgate.session.commands.rights import told as rights_told
from imapgate.session.commands.status import lines as status_lines
from imapgate.session.folder_lines import (
    NONEXISTENT,
    NOSELECT,
    SEPARATOR,
    SUBSCRIBED,
    attributes,
    list_line,
    old_name,
)
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, ok
from imapgate.wire.commands import List, Lsub, Namespace
from imapgate.wire.responses import parenthesised, quoted_or_literal, untagged
from storage import Tx

GONE = (NONEXISTENT, b"\\HasNoChildren")
"""What isn't there has no children either: a folder with some can't be deleted."""
CHILD_SUBSCRIBED = b'("CHILDINFO" ("SUBSCRIBED"))'
"""RFC 5258 3.5: the one criterion that reaches for names below."""


async def list_(session: Session, command: List) -> Reply:
    """An empty pattern asks for the separator alone, unless the command is an extended one (RFC
    5258 3)."""
    if command.patterns == ("",) and not command.extended:
        session.output.write(list_line(b"LIST", (NOSELECT,), b'""'))
        return ok("That is the root.")
    person, limits = session.who, session.server.limits
    criteria = Criteria(
        command.reference,
        tuple(pattern for pattern in command.patterns if pattern),
        subscribed=b"SUBSCRIBED" in command.selection,
        special_use=b"SPECIAL-USE" in command.selection,
        recursive=b"RECURSIVEMATCH" in command.selection,
    )

    def look(tx: Tx) -> list[bytes]:
        """Off the reactor: a thousand names are held against the patterns, and each may be told
        with how it stands."""
        return list(_listed(tx, session, command, tree.choose(tx, person, criteria, limits)))

    lines = await session.reach(look)
    if b"HIGHESTMODSEQ" in command.status:
        telling.becomes_aware(session)
    await session.output.send(lines)
    return ok("Those are the folders.")


async def lsub(session: Session, command: Lsub) -> Reply:
    """With special use, unless that workaround is off."""
    db, person, limits = session.server.db, session.who, session.server.limits

    def read(tx: Tx) -> tuple[list[Folder], list[str]]:
        return tree.list_folders(tx, person, limits), tree.lost_subscriptions(tx, person)

    def look() -> list[bytes]:
        """Off the reactor, as with LIST."""
        return list(_subscribed(session, command, *db.read(read)))

    await session.output.send(await session.call(look, reads=True))
    return ok("Those are the subscriptions.")


async def namespace(session: Session, _command: Namespace) -> Reply:
    """Everything hangs under "" as well; groups are shared (docs/rules.md 13)."""
    bare = session.server.workarounds.namespaces_without_separator
    end = b"" if bare else names.SEPARATOR.encode("ascii")
    shared = b"".join(
        parenthesised((quoted_or_literal(heading.encode("ascii") + end), SEPARATOR))
        for heading in names.HEADINGS.values()
    )
    personal = parenthesised((parenthesised((b'""', SEPARATOR)),))
    session.output.write(untagged(b"NAMESPACE", personal, b"NIL", b"(%b)" % shared))
    return ok("Those are the namespaces.")


def one(session: Session, folder: Folder, asked: str) -> bytes:
    """LIST of a folder, of which a client that speaks IMAP4rev2 is told unasked; with OLDNAME where
    it was asked for by another name, such as one that isn't composed (RFC 9051 6.3.9.7)."""
    told = attributes(folder, folder.subscribed)
    name = session.mailbox(folder.name)
    return list_line(b"LIST", told, name, _old_name(session, folder.name, asked))


def known_as(session: Session, folder: Folder | None, asked: str) -> None:
    """Tells a client that speaks IMAP4rev2 of a folder that it named otherwise. folder: None where
    there is none of that name."""
    if session.rev2 and folder is not None and folder.name != asked:
        session.output.write(one(session, folder, asked))


def gone(session: Session, name: str, asked: str) -> bytes:
    """LIST of a folder that was deleted; as `one`."""
    return list_line(b"LIST", GONE, session.mailbox(name), _old_name(session, name, asked))


def _old_name(session: Session, name: str, asked: str) -> bytes:
    return b"" if asked == name else old_name(session.mailbox(asked))


def _listed(tx: Tx, session: Session, command: List, listed: Sequence[Listed]) -> Iterator[bytes]:
    """Each LIST line, then what was asked of a folder that is there and was meant itself (RFC 5819
    2, RFC 8440)."""
    subscription = b"SUBSCRIBED" in command.selection | command.returned
    there = [(one.name, one.folder) for one in listed if one.meets and one.folder is not None]
    counted = iter(status_lines(tx, session, there, command.status) if command.status else ())
    for one in listed:
        told = one.subscribed and subscription
        if one.folder is not None:
            said = attributes(one.folder, told)
        else:
            said = (*GONE, SUBSCRIBED) if told else GONE
        name = session.mailbox(one.name)
        yield list_line(b"LIST", said, name, CHILD_SUBSCRIBED if one.below else b"")
        if not one.meets or one.folder is None:
            continue
        if b"MYRIGHTS" in command.returned:
            yield untagged(b"MYRIGHTS", name, rights_told(one.folder.rights))
        if command.status:
            yield next(counted)


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
            said = attributes(folder)
            if not session.server.workarounds.special_use_in_lsub:
                said = said[:1]
            yield list_line(b"LSUB", said, session.mailbox(folder.name))
    below = [folder.name for folder in found if folder.subscribed and folder.name not in told]
    for name in lost:
        if matches(name):
            told.add(name)
            yield list_line(b"LSUB", (NOSELECT,), session.mailbox(name))
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
                yield list_line(b"LSUB", (NOSELECT,), session.mailbox(above))
            above = names.parent(above)


OFFERS = (
    offer(
        List,
        list_,
        SIGNED_IN,
        "CHILDREN",
        "SPECIAL-USE",
        "LIST-EXTENDED",
        "LIST-STATUS",
        "LIST-MYRIGHTS",
    ),
    offer(Lsub, lsub, SIGNED_IN),
    offer(Namespace, namespace, SIGNED_IN, "NAMESPACE"),
)
