"""Rows of activities that have changed, and of the messages that are written of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from storage.schema import activity_due, activity_revision, rendering
from storage.transactions import REVISIONS, Tx

AHEAD = 2 * 24 * 60 * 60
"""Seconds; what is due later than that was written by a clock that was wrong, and is due now."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """As schema.activity_due has it."""

    activity_id: int
    due_at: int
    version: int
    doer_id: int | None
    doer_version: int
    quiet: bool
    failures: int

    @property
    def alone(self) -> int | None:
        """The user who made all of the changes; None: somebody else, too, or nobody who reads
        here."""
        return self.doer_id if self.doer_version == self.version else None


@dataclass(frozen=True, slots=True)
class RenderingRow:
    """As schema.rendering has it."""

    activity_id: int
    number: int
    message_id: str
    identity: bytes
    stored_message_id: int | None


def entry_identity(activity_id: int) -> bytes:
    """entry.identity of an activity's message, which stands once in a group's folder. No mail has
    one of that length."""
    return b"activity %d" % activity_id


# Built once: every change of an activity runs some of them.
_OF_ACTIVITY = activity_due.c.activity_id == bindparam("of_activity")
_RAISE = update(activity_due).where(_OF_ACTIVITY)
_RAISE = _RAISE.values(version=activity_due.c.version + 1, due_at=bindparam("now"))
# A change that nobody is to notice was nobody's: whoever changed the rest did so alone.
_AGAIN_QUIETLY = _RAISE.values(
    doer_version=activity_due.c.doer_version
    + case((activity_due.c.doer_version == activity_due.c.version, 1), else_=0)
)
_AGAIN = _RAISE.values(
    quiet=False,
    doer_version=case(
        (activity_due.c.quiet, activity_due.c.version), else_=activity_due.c.doer_version
    ),
)
_ADD = insert(activity_due)
# Whoever changed every version up to now has it alone; once there was another one, nobody has.
_BY = (
    update(activity_due)
    .where(_OF_ACTIVITY)
    .values(
        doer_version=case(
            (
                and_(
                    or_(
                        activity_due.c.doer_id.is_(None),
                        activity_due.c.doer_id == bindparam("of_doer"),
                    ),
                    activity_due.c.doer_version >= activity_due.c.version - 1,
                ),
                activity_due.c.version,
            ),
            else_=-1,
        ),
        doer_id=func.coalesce(activity_due.c.doer_id, bindparam("of_doer")),
    )
)
_DUE = (
    select(
        activity_due.c.activity_id,
        activity_due.c.due_at,
        activity_due.c.version,
        activity_due.c.doer_id,
        activity_due.c.doer_version,
        activity_due.c.quiet,
        activity_due.c.failures,
    )
    .where(
        or_(
            activity_due.c.due_at <= bindparam("now"),
            activity_due.c.due_at > bindparam("ahead"),
        )
    )
    .order_by(activity_due.c.quiet, activity_due.c.due_at, activity_due.c.activity_id)
    .limit(bindparam("most"))
)
_NEXT = select(func.min(activity_due.c.due_at))
_DONE = delete(activity_due).where(_OF_ACTIVITY, activity_due.c.version == bindparam("of_version"))
_PUT_OFF = update(activity_due).where(_OF_ACTIVITY).values(due_at=bindparam("until"))
_FAILED = _PUT_OFF.values(failures=activity_due.c.failures + 1)
_VERSION = select(activity_due.c.version).where(_OF_ACTIVITY)
_REVISION = select(activity_revision.c.number, activity_revision.c.made_at).where(
    activity_revision.c.activity_id == bindparam("of_activity")
)
_RENEW = (
    update(activity_revision)
    .where(activity_revision.c.activity_id == bindparam("of_activity"))
    .values(number=bindparam("number"), made_at=bindparam("made_at"))
)
_ADD_REVISION = insert(activity_revision)
_ADD_RENDERING = insert(rendering)
_RENDERING = select(
    rendering.c.activity_id,
    rendering.c.number,
    rendering.c.message_id,
    rendering.c.identity,
    rendering.c.stored_message_id,
).order_by(rendering.c.id.desc())
_BY_STORED_MESSAGE = select(rendering.c.id).where(
    rendering.c.stored_message_id == bindparam("of_message")
)
_BY_IDENTITY = _RENDERING.where(
    rendering.c.segment_id == bindparam("of_segment"),
    rendering.c.identity == bindparam("of_identity"),
)
_BY_MESSAGE_ID = _RENDERING.where(
    rendering.c.segment_id == bindparam("of_segment"),
    rendering.c.message_id == bindparam("of_message_id"),
)


def mark(tx: Tx, activity_id: int, quiet: bool = False) -> None:
    """The activity has changed: its folders are brought up to date after the commit. Once in a
    transaction, however often it is called. quiet: nobody is to find it unread for this change."""
    if activity_id in tx.due:
        return
    tx.due.add(activity_id)
    again = _AGAIN_QUIETLY if quiet else _AGAIN
    known = tx.connection.execute(again, {"of_activity": activity_id, "now": tx.now})
    if not known.rowcount:
        tx.connection.execute(
            _ADD, {"activity_id": activity_id, "due_at": tx.now, "version": 1, "quiet": quiet}
        )
    tx.touch(REVISIONS)


def mark_quietly(tx: Tx, chosen: Select[tuple[int]]) -> None:
    """As `mark`, of all activities (ids) that are chosen, however many, and quietly; their messages
    are to be written anew at once, however short ago they were written."""
    tx.connection.execute(
        update(activity_revision)
        .where(activity_revision.c.activity_id.in_(chosen))
        .values(made_at=0)
    )
    again = (
        update(activity_due)
        .where(activity_due.c.activity_id.in_(chosen))
        .values(
            due_at=tx.now,
            version=activity_due.c.version + 1,
            doer_version=activity_due.c.doer_version
            + case((activity_due.c.doer_version == activity_due.c.version, 1), else_=0),
        )
    )
    known = tx.connection.execute(again).rowcount
    rows = chosen.subquery("chosen")
    due = select(rows.c[0], literal(tx.now), literal(1), true()).where(
        ~exists().where(activity_due.c.activity_id == rows.c[0])
    )
    columns = ["activity_id", "due_at", "version", "quiet"]
    made = tx.connection.execute(insert(activity_due).from_select(columns, due)).rowcount
    if known or made:
        tx.touch(REVISIONS)


def changed_by(tx: Tx, activity_id: int, doer_id: int | None) -> None:
    """Who changed what was marked in this transaction; None: nobody who reads here."""
    if doer_id is not None and activity_id in tx.due:
        tx.connection.execute(_BY, {"of_activity": activity_id, "of_doer": doer_id})


def due(tx: Tx, most: int) -> list[DueRow]:
    """Those whose time has come, the ones that somebody changed first."""
    wanted = {"now": tx.now, "ahead": tx.now + AHEAD, "most": most}
    found = tx.connection.execute(_DUE, wanted)
    return [DueRow(*row) for row in found]


def next_due(tx: Tx) -> int | None:
    """When the next one is due; None: none is."""
    found: int | None = tx.connection.execute(_NEXT).scalar()
    return tx.now if found is not None and found > tx.now + AHEAD else found


def done(tx: Tx, activity_id: int, version: int) -> bool:
    """Its folders are up to date with that version; False: it was changed again meanwhile, and
    stays due."""
    wanted = {"of_activity": activity_id, "of_version": version}
    return bool(tx.connection.execute(_DONE, wanted).rowcount)


def version(tx: Tx, activity_id: int) -> int | None:
    """The version that is due; None: none is."""
    found: int | None = tx.connection.execute(_VERSION, {"of_activity": activity_id}).scalar()
    return found


def put_off(tx: Tx, activity_id: int, until: int) -> None:
    """until: seconds since 1970, less than AHEAD from now."""
    tx.connection.execute(_PUT_OFF, {"of_activity": activity_id, "until": until})


def failed(tx: Tx, activity_id: int, until: int) -> None:
    """It couldn't be brought up to date, and is tried again then (seconds since 1970)."""
    tx.connection.execute(_FAILED, {"of_activity": activity_id, "until": until})


def newest(tx: Tx, activity_id: int) -> tuple[int, int] | None:
    """(number, when it was made) of the activity's newest revision."""
    row = tx.connection.execute(_REVISION, {"of_activity": activity_id}).first()
    return None if row is None else (row[0], row[1])


def set_newest(tx: Tx, activity_id: int, number: int) -> None:
    """Made now."""
    values = {"number": number, "made_at": tx.now}
    known = tx.connection.execute(_RENEW, {"of_activity": activity_id, **values})
    if not known.rowcount:
        tx.connection.execute(_ADD_REVISION, {"activity_id": activity_id, **values})


def add_rendering(
    tx: Tx,
    segment_id: int,
    activity_id: int,
    number: int,
    message_id: str,
    identity: bytes,
    stored_message_id: int,
) -> None:
    tx.connection.execute(
        _ADD_RENDERING,
        {
            "segment_id": segment_id,
            "activity_id": activity_id,
            "number": number,
            "message_id": message_id,
            "identity": identity,
            "stored_message_id": stored_message_id,
            "made_at": tx.now,
        },
    )


def is_rendering(tx: Tx, stored_message_id: int) -> bool:
    """Whether a stored message is one that was written of an activity."""
    wanted = {"of_message": stored_message_id}
    return tx.connection.execute(_BY_STORED_MESSAGE, wanted).first() is not None


def by_identity(tx: Tx, segment_id: int, identity: bytes) -> RenderingRow | None:
    """The newest of that identity."""
    wanted = {"of_segment": segment_id, "of_identity": identity}
    row = tx.connection.execute(_BY_IDENTITY, wanted).first()
    return None if row is None else RenderingRow(*row)


def by_message_id(tx: Tx, segment_id: int, message_id: str) -> Sequence[RenderingRow]:
    """The newest first."""
    wanted = {"of_segment": segment_id, "of_message_id": message_id}
    return [RenderingRow(*row) for row in tx.connection.execute(_BY_MESSAGE_ID, wanted)]
