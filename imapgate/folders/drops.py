"""The main road: APPEND, COPY and MOVE. Each lands whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from imapgate.activities.people import Person
from imapgate.folders import (
    copying,
    incidents,
    quota,
    records,
    recovered,
    refusals,
    unrecorded,
)
from imapgate.folders.appending import Arrival
from imapgate.folders.folder import Folder
from imapgate.folders.refusals import Refused
from imapgate.folders.spool import Spool
from imapgate.folders.uploads import Upload
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database, Tx
from storage.engine import Unavailable
from storage.runs import stretches

__all__ = [
    "Arrival",
    "Spool",
    "Unwanted",
    "Upload",
    "append",
    "away_before_upload",
    "before_upload",
    "copy",
    "move",
    "settle",
]

RECORDS_AT_ONCE = 2000
"""Records of a refusal that are written in one transaction."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Why a message that is announced isn't to be uploaded. cause: a clause without full stop."""

    code: str
    cause: str
    text: str


def append(
    db: Database,
    person: Person,
    name: str,
    arrivals: Sequence[Arrival],
    client: str,
    limits: Limits,
    spool: Spool | None = None,
) -> Verdict:
    """See Upload.append."""
    return Upload(db, person, name, arrivals, client, limits, spool).append()


def copy(
    db: Database,
    person: Person,
    source: Folder,
    uids: Sequence[int],
    name: str,
    client: str,
    limits: Limits,
    whole: bool = False,
    spool: Spool | None = None,
) -> Verdict:
    """uids: ascending; those that are no longer there are passed over, or with whole: NO
    [EXPUNGEISSUED]. Into a group: a drop. spool: where a refusal waits that the database can't
    record."""
    command = copying.Command(source, uids, name, client, limits, False, whole)
    return _transfer(db, person, command, spool)


def move(
    db: Database,
    person: Person,
    source: Folder,
    uids: Sequence[int],
    name: str,
    client: str,
    limits: Limits,
    whole: bool = False,
    spool: Spool | None = None,
    read_only: bool = False,
) -> Verdict:
    """As copy; the source's entries leave in the same transaction. Between two groups: a
    regrouping. read_only: the source is open for reading only, hence refused.

    NO [NOPERM] before anything is done if one of the messages may not leave a group (rule 16).
    """
    command = copying.Command(source, uids, name, client, limits, True, whole, read_only)
    return _transfer(db, person, command, spool)


def settle(db: Database, spool: Spool | None, person: Person) -> None:
    """Call before messages leave a personal folder or it gets another name: this person's refusals
    that could not be recorded decide whether what is expunged is kept (rule 3). Raises Unavailable,
    and what keeps them from being recorded."""
    if spool is not None:
        spool.refusals.settle(db, person.id)


def before_upload(
    tx: Tx, person: Person, name: str, octets: int, limits: Limits
) -> Unwanted | None:
    """Whether an APPEND is to be refused before its bytes come (`+`): one that is too big, or one
    that would be refused while Recovered Messages has no room for it (rule 3). None: let it
    come."""
    if octets > limits.message:
        return _unwanted(refusals.too_big(limits), refusals.NO_COPY)
    if not recovered.is_full(tx, person, octets, limits):
        return None
    try:
        folder = refusals.target(tx, person, name, limits)
        refusals.by_rights(folder)
        if quota.is_counted(folder):
            quota.check(tx, person, 1, octets, limits)
    except Refused as refused:
        return _unwanted(refused, refusals.NO_ROOM, "OVERQUOTA")
    return None


def away_before_upload() -> Unwanted:
    """The database is known to be away (rule 17)."""
    return _unwanted(refusals.away(), refusals.NO_COPY_LATER)


def _transfer(
    db: Database, person: Person, command: copying.Command, spool: Spool | None
) -> Verdict:
    outcome, became = Outcome.REFUSED, refusals.STAYS
    try:
        if command.moving:
            settle(db, spool, person)
        wrapped = copying.read_wrappers(db, person, command)
        return db.write(lambda tx: copying.transfer(tx, person, command, wrapped))
    except Refused as why:
        refused = why
    except Unavailable:
        refused = refusals.away(command.verb)
        outcome, became = Outcome.LATER, refusals.LATER
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        refused = refusals.incident(error, command.word, command.verb)
    verdict = Verdict(outcome, refused.text(became), refused.code)
    try:
        if outcome is Outcome.REFUSED:
            _record_refusal(db, person, command, verdict)
    except Unavailable:
        outcome = Outcome.LATER
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incidents.report(error, f"recording a refusal [{refused.code}]")
        outcome = Outcome.LATER
    if outcome is Outcome.LATER and spool is not None:
        spool.refusals.note(_unrecorded(person, command, verdict, refused.code))
    return verdict


def _unrecorded(
    person: Person, command: copying.Command, verdict: Verdict, code: str
) -> unrecorded.Refusal:
    return unrecorded.Refusal(
        segment=person.segment,
        principal_id=person.id,
        principal=person.name,
        command=command.word,
        source_id=command.source.id,
        uidvalidity=command.source.uidvalidity,
        uids=tuple(stretches(command.uids)),
        name=command.name,
        client=command.client,
        verdict=records.LATER if verdict.outcome is Outcome.LATER else records.REFUSED,
        code=code,
        text=verdict.text,
        at=int(time.time()),
    )


def _record_refusal(
    db: Database, person: Person, command: copying.Command, verdict: Verdict
) -> None:
    for start in range(0, len(command.uids), RECORDS_AT_ONCE):
        some = command.uids[start : start + RECORDS_AT_ONCE]
        db.write(
            partial(
                copying.record_refusal, person=person, command=command, uids=some, verdict=verdict
            )
        )


def _unwanted(refused: Refused, became: str, code: str | None = None) -> Unwanted:
    return Unwanted(code or refused.code, refused.cause, refused.text(became))
