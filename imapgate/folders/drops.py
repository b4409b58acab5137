"""The main road: APPEND, COPY and MOVE. Each lands whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from imapgate.activities.people import Person
from imapgate.folders import appending, copying, incidents, records, recovered, refusals
from imapgate.folders.appending import Arrival
from imapgate.folders.folder import Folder
from imapgate.folders.refusals import Refused
from imapgate.folders.verdict import Outcome, Verdict, plain
from imapgate.limits import Limits
from storage import Database, Tx
from storage.engine import Unavailable

__all__ = ["Arrival", "append", "before_upload", "copy", "cut_short", "move"]

RECORDS_AT_ONCE = 2000
"""Records of a refusal that are written in one transaction."""


def append(
    db: Database,
    person: Person,
    name: str,
    arrivals: Sequence[Arrival],
    client: str,
    limits: Limits,
) -> Verdict:
    """Opens its own transactions: the messages are read before, the writer files them.

    client: name and version from ID, for the record. What is refused stands in Recovered Messages
    when this returns (rule 3), but for a message larger than limits.message, or if there is no room
    [OVERQUOTA]. A message of no octets cancels the command (RFC 3502): nothing is kept.
    """
    if not arrivals or any(not one.content for one in arrivals):
        return Verdict(Outcome.REFUSED, "Cancelled: nothing was stored.")
    incoming = None
    try:
        incoming = appending.prepare(arrivals, limits)
        ready = incoming
        return db.write(lambda tx: appending.append(tx, person, name, ready, client, limits))
    except Refused as why:
        refused = why
    except Unavailable:
        return _away()
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        refused = _incident(error, "APPEND")
    if incoming is None:
        return _record_unkept(db, person, name, client, refused, len(arrivals))
    kept = incoming
    verdict = _settle(
        lambda: db.write(
            lambda tx: appending.keep_refused(tx, person, name, kept, client, limits, refused)
        ),
        refused,
    )
    return verdict or _record_unkept(db, person, name, client, refused, len(arrivals))


def cut_short(
    db: Database,
    person: Person,
    name: str,
    arrivals: Sequence[Arrival],
    client: str,
    limits: Limits,
    code: str,
    cause: str,
) -> Verdict:
    """Of a MULTIAPPEND that is refused before its next message comes: what had arrived is kept in
    Recovered Messages (rule 3), and the answer doesn't promise a copy of the rest.

    cause: a clause without full stop.
    """
    refused = Refused(code, cause)
    try:
        incoming = [*appending.prepare(arrivals, limits), appending.NOT_UPLOADED]
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        ours = _incident(error, "APPEND")
        return _record_unkept(db, person, name, client, ours, len(arrivals) + 1)
    verdict = _settle(
        lambda: db.write(
            lambda tx: appending.keep_refused(tx, person, name, incoming, client, limits, refused)
        ),
        refused,
    )
    return verdict or _record_unkept(db, person, name, client, refused, len(incoming))


def copy(
    db: Database,
    person: Person,
    source: Folder,
    uids: Sequence[int],
    name: str,
    client: str,
    limits: Limits,
    whole: bool = False,
) -> Verdict:
    """uids: ascending; those that are no longer there are passed over, or with whole: NO
    [EXPUNGEISSUED]. Into a group: a drop."""
    command = copying.Command(source, uids, name, client, limits, False, whole)
    return _transfer(db, person, command)


def move(
    db: Database,
    person: Person,
    source: Folder,
    uids: Sequence[int],
    name: str,
    client: str,
    limits: Limits,
    whole: bool = False,
) -> Verdict:
    """As copy; the source's entries leave in the same transaction. Between two groups: a
    regrouping.

    NO [NOPERM] before anything is done if one of the messages may not leave a group (rule 16).
    """
    command = copying.Command(source, uids, name, client, limits, True, whole)
    return _transfer(db, person, command)


def before_upload(tx: Tx, person: Person, name: str, octets: int, limits: Limits) -> Verdict | None:
    """Whether an APPEND is to be refused before its bytes come (`+`): one that is too big, or one
    that would be refused while Recovered Messages has no room for it (rule 3). None: let it
    come."""
    if octets > limits.message:
        return _verdict(refusals.too_big(limits), refusals.NO_COPY)
    if not recovered.is_full(tx, person, octets, limits):
        return None
    try:
        refusals.by_rights(refusals.target(tx, person, name, limits))
    except Refused as refused:
        return Verdict(Outcome.REFUSED, refused.text(refusals.NO_ROOM), "OVERQUOTA")
    return None


def _transfer(db: Database, person: Person, command: copying.Command) -> Verdict:
    try:
        wrapped = copying.read_wrappers(db, person, command)
        return db.write(lambda tx: copying.transfer(tx, person, command, wrapped))
    except Refused as why:
        refused = why
    except Unavailable:
        return _away()
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        refused = _incident(error, command.word)

    verdict = _settle(lambda: _record_refusal(db, person, command, refused), refused)
    return verdict or _verdict(refused, refusals.NO_COPY)


def _record_unkept(
    db: Database, person: Person, name: str, client: str, refused: Refused, count: int
) -> Verdict:
    """An APPEND of so many messages that could be neither read nor kept leaves a record."""
    verdict = _verdict(refused, refusals.NO_COPY)

    def record(tx: Tx) -> Verdict:
        records.not_taken(tx, person, name, client, verdict.text, verdict.code, count)
        return verdict

    return _settle(lambda: db.write(record), refused) or verdict


def _record_refusal(
    db: Database, person: Person, command: copying.Command, refused: Refused
) -> Verdict:
    verdict = _verdict(refused, refusals.STAYS)
    for start in range(0, len(command.uids), RECORDS_AT_ONCE):
        some = command.uids[start : start + RECORDS_AT_ONCE]
        db.write(
            partial(
                copying.record_refusal, person=person, command=command, uids=some, verdict=verdict
            )
        )
    return verdict


def _settle(work: Callable[[], Verdict], refused: Refused) -> Verdict | None:
    """Run the second transaction of a refusal; None if that fails too, and nothing was kept."""
    try:
        return work()
    except Unavailable:
        return _away()
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incidents.report(error, f"keeping what was refused [{refused.code}]")
        return None


def _incident(error: Exception, word: str) -> Refused:
    incident = incidents.report(error, word)
    return Refused("SERVERBUG", f"an error of ours, incident {incident}", recovered.FAILED)


def _verdict(refused: Refused, became: str) -> Verdict:
    return Verdict(Outcome.REFUSED, refused.text(became), refused.code)


def _away() -> Verdict:
    return Verdict(Outcome.LATER, plain(refusals.AWAY), "UNAVAILABLE")
