"""What was fetched is committed, raw and with where it came from, before anything else is done with
it; each message of a source once.

A message is known by what its source calls it: the unique index of origin and key decides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from imapgate.activities.names import key
from imapgate.folders import appending, ready
from imapgate.folders.arriving import INCOMING
from imapgate.incoming.source import Waiting
from imapgate.limits import Limits
from imapgate.mime import automatic
from imapgate.mime.index import Content
from imapgate.mime.mail import Mail
from imapgate.outgoing import notifying
from storage import Database, Tx, accounts, incoming
from storage.incoming import IncomingRow

TOO_LARGE = "$TooLarge"
UNREADABLE = "$Unreadable"
"""Codes of what failed before its bytes were taken."""
LONGEST_KEY = 1000
"""Characters of a sender's address."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for messages that no account brought. creator: its name; group_id: of the
    activity group; user: whom they are filed as, by name. None: as the segment has it. command: of
    the record, folders.arriving.INCOMING, IMPORT or SUBMIT. flags: a Maildir's letters (F, R, S,
    ...). outbox: the row of the mail that was sent; sender: the principal who did."""

    creator: str | None = None
    group_id: int | None = None
    user: str | None = None
    command: str = INCOMING
    flags: str = ""
    outbox: int | None = None
    sender: int | None = None

    def to_json(self) -> str:
        return json.dumps({name: one for name, one in asdict(self).items() if one})

    @classmethod
    def from_json(cls, text: str) -> Wanted:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Origin:
    """A mailbox or file that messages come from. name: `imaps://user@host:993/INBOX`, of an account
    with its id before it, so that two accounts on one mailbox each have their own messages.
    settles: something is to be done there with what was taken (mark, move, delete)."""

    segment_id: int
    name: str
    account_id: int | None = None
    wanted: Wanted = Wanted()
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A message as it came. key: what its origin calls it, None: nothing by which it could be known
    again. internal_at: seconds since 1970, None: now; internal_zone: minutes east. after: the row
    of another message that had this key before and is gone from there. origin: the name of its own
    origin, where those of one batch come from several. flags: as Wanted has them."""

    key: str | None
    content: Content
    internal_at: int | None = None
    internal_zone: int = 0
    after: int | None = None
    origin: str | None = None
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """row_id: in the queue. is_new: it wasn't there yet. prepared: to be handed to
    `filing.file_one`, which else reads the message once more."""

    row_id: int
    is_new: bool
    prepared: ready.Prepared


Same = Callable[[IncomingRow, Fetched], bool]
"""Whether a row of the same origin and the same bytes, under another key, is the same message."""


def take(
    db: Database,
    origin: Origin,
    fetched: Sequence[Fetched],
    limits: Limits,
    same: Same | None = None,
) -> list[Taken]:
    """Commits them all, or none; what the origin's key says is known stays as it is. A message
    larger than limits.message has no place here: see `refuse`. same: None where only a key tells;
    a row that it finds gets the new key.

    Raises Unavailable, and OSError where a large message can't be unpacked just now: nothing was
    taken, and nothing may be done at the source.
    """
    assert all(len(one.content) <= limits.message for one in fetched)
    read = [(one, ready.prepare(one.content, with_attached=True)) for one in fetched]

    def work(tx: Tx) -> list[Taken]:
        taken = [_take(tx, origin, one, prepared, same) for one, prepared in read]
        if origin.account_id is not None:
            accounts.count(tx, origin.account_id, fetched=sum(one.is_new for one in taken))
        return taken

    return db.write(work)


def add(tx: Tx, origin: Origin, one: Fetched, prepared: ready.Prepared) -> Taken:
    """As `take`, of one message and in the caller's transaction."""
    assert len(prepared.content) == len(one.content)
    return _take(tx, origin, one, prepared, None)


def refuse(
    db: Database, origin: Origin, one: Waiting, size: int, code: str, text: str, retries: int
) -> int:
    """A message that could not be taken has its failed row all the same, and stays at its source.
    size: octets, as far as known; code: TOO_LARGE or UNREADABLE; retries: how often it may be
    tried again by itself. The row's id. Raises Unavailable."""

    def work(tx: Tx) -> int:
        row = incoming.by_keys(tx, origin.segment_id, origin.name, [one.key]).get(one.key)
        attempts = 1 if row is None else row.attempts + 1
        next_at = tx.now + backoff(attempts) if attempts <= retries else None
        if row is not None:
            if row.stored_message_id is None:
                incoming.change(
                    tx,
                    row.id,
                    attempts=attempts,
                    next_at=next_at,
                    code=code,
                    text=text,
                    size=size or row.size,
                )
                if next_at is None and row.next_at is not None:
                    notifying.mail_failed(tx, origin.segment_id, row.id)
            return row.id
        row_id = incoming.add(
            tx,
            incoming.New(
                segment_id=origin.segment_id,
                account_id=origin.account_id,
                origin=origin.name,
                origin_key=one.key,
                state=incoming.FAILED,
                settled=True,
                stored_message_id=None,
                sha256=None,
                size=size,
                message_id=None,
                subject="",
                sender_key=None,
                internal_at=appending.internal_at(one.internal_at, tx.now),
                internal_zone=_zone(one.internal_at, one.internal_zone),
                wanted=origin.wanted.to_json(),
                code=code,
                text=text,
                attempts=attempts,
                next_at=next_at,
            ),
        )
        if next_at is None:
            notifying.mail_failed(tx, origin.segment_id, row_id)
        return row_id

    return db.write(work)


def backoff(attempts: int) -> int:
    """Seconds until the next try after so many: 5, 20, 80 minutes, and so on up to a day."""
    return int(min(300 * 4 ** (attempts - 1), 24 * 60 * 60))


def sender_key(mail: Mail) -> str | None:
    """By which a sender's mails are counted."""
    if not mail.from_:
        return None
    return key(mail.from_[0].address.strip()[:LONGEST_KEY]) or None


def _zone(internal_at: int | None, internal_zone: int) -> int:
    if internal_at is None:
        return 0
    return min(max(internal_zone, -appending.WIDEST_ZONE), appending.WIDEST_ZONE)


def _take(
    tx: Tx, origin: Origin, fetched: Fetched, prepared: ready.Prepared, same: Same | None
) -> Taken:
    row = None
    name = fetched.origin or origin.name
    if fetched.after is not None:
        incoming.change(tx, fetched.after, origin_key=None, settled=True)
    if fetched.key is not None:
        found = incoming.by_keys(tx, origin.segment_id, name, [fetched.key])
        row = found.get(fetched.key)
    if row is not None and not row.is_unread:
        return Taken(row.id, False, prepared)
    stored_message_id = ready.store(tx, origin.segment_id, prepared)
    for known in incoming.by_stored_message(tx, stored_message_id) if same is not None else ():
        assert same is not None
        if row is None and known.origin == name and same(known, fetched):
            incoming.change(tx, known.id, origin_key=fetched.key, settled=not origin.settles)
            return Taken(known.id, False, prepared)
    mail = prepared.mail
    new = incoming.New(
        segment_id=origin.segment_id,
        account_id=origin.account_id,
        origin=name,
        origin_key=fetched.key,
        state=incoming.FETCHED,
        settled=not origin.settles,
        stored_message_id=stored_message_id,
        sha256=prepared.sha256,
        size=len(prepared.content),
        message_id=mail.message_id,
        subject=mail.subject,
        sender_key=sender_key(mail),
        internal_at=appending.internal_at(fetched.internal_at, tx.now),
        internal_zone=_zone(fetched.internal_at, fetched.internal_zone),
        automatic=automatic.kind_of(mail),
        wanted=replace(origin.wanted, flags=fetched.flags).to_json(),
    )
    if row is None:
        return Taken(incoming.add(tx, new), True, prepared)
    # It could not be read before.
    incoming.replace(tx, row.id, new)
    return Taken(row.id, True, prepared)
