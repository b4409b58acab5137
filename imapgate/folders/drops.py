"""The main road: APPEND, COPY and MOVE. Each lands whole or not at all."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from imapgate.activities.people import Person
from imapgate.folders import (
    appending,
    copying,
    incidents,
    records,
    recovered,
    refusals,
    unrecorded,
)
from imapgate.folders.appending import Arrival, Incoming
from imapgate.folders.folder import Folder
from imapgate.folders.refusals import Refused
from imapgate.folders.spool import Spool
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database, Tx
from storage.engine import Unavailable
from storage.runs import stretches

__all__ = [
    "Arrival",
    "Spool",
    "Unwanted",
    "append",
    "away_before_upload",
    "before_upload",
    "copy",
    "cut_short",
    "move",
    "not_understood",
    "settle",
]

_log = logging.getLogger(__name__)

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
    """Opens its own transactions: the messages are read before, the writer files them.

    client: name and version from ID, for the record. What is refused stands in Recovered Messages
    when this returns (rule 3), or if the database takes nothing, in the spool (rule 17; None: there
    is none); but for a message larger than limits.message, or if there is no room [OVERQUOTA]. A
    message of no octets cancels the command (RFC 3502): nothing is kept.
    """
    if not arrivals or any(not one.content for one in arrivals):
        return Verdict(Outcome.REFUSED, "Cancelled: nothing was stored.")
    upload = _Upload(db, person, name, arrivals, client, limits, spool)
    incoming = None
    try:
        incoming = ready = appending.prepare(arrivals, limits)
        return db.write(lambda tx: appending.append(tx, person, name, ready, client, limits))
    except Refused as why:
        refused = why
    except Unavailable:
        return upload.spooled(refusals.away())
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        refused = _incident(error, "APPEND")
    return upload.spooled(refused) if incoming is None else upload.kept(incoming, refused)


def cut_short(
    db: Database,
    person: Person,
    name: str,
    arrivals: Sequence[Arrival],
    client: str,
    limits: Limits,
    code: str,
    cause: str,
    spool: Spool | None = None,
) -> Verdict:
    """Of a MULTIAPPEND that is refused before its next message comes: what had arrived is kept as
    with `append`, and the answer doesn't promise a copy of the rest.

    cause: a clause without full stop.
    """
    upload = _Upload(db, person, name, arrivals, client, limits, spool)
    refused = Refused(code, cause)
    try:
        incoming = [*appending.prepare(arrivals, limits), appending.NOT_UPLOADED]
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        return upload.spooled(_incident(error, "APPEND"), whole=False)
    return upload.kept(incoming, refused, whole=False)


def not_understood(
    db: Database,
    person: Person,
    name: str,
    arrivals: Sequence[Arrival],
    client: str,
    limits: Limits,
    cause: str,
    spool: Spool | None = None,
) -> Verdict:
    """An APPEND with a syntax error, whose messages arrived all the same: they are kept as with
    `append`.

    cause: what is wrong, without full stop.
    """
    upload = _Upload(db, person, name, arrivals, client, limits, spool)
    try:
        incoming = appending.prepare(arrivals, limits)
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        return upload.spooled(_incident(error, "APPEND"))
    return upload.kept(incoming, refusals.not_understood(cause))


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


def settle(db: Database, spool: Spool | None) -> None:
    """Call before messages are expunged from a personal folder: refusals that could not be recorded
    decide whether they are kept (rule 3). Raises Unavailable."""
    if spool is not None:
        spool.refusals.settle(db)


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
        refusals.by_rights(refusals.target(tx, person, name, limits))
    except Refused as refused:
        return _unwanted(refused, refusals.NO_ROOM, "OVERQUOTA")
    return None


def away_before_upload() -> Unwanted:
    """The database is known to be away (rule 17)."""
    return _unwanted(refusals.away(), refusals.NO_COPY_LATER)


@dataclass(frozen=True, slots=True)
class _Upload:
    """An APPEND whose bytes arrived, and which isn't done."""

    db: Database
    person: Person
    name: str
    arrivals: Sequence[Arrival]
    client: str
    limits: Limits
    spool: Spool | None
    came_at: int = field(default_factory=lambda: int(time.time()))

    def kept(self, incoming: Sequence[Incoming], refused: Refused, whole: bool = True) -> Verdict:
        """In Recovered Messages; where that fails, in the spool. whole: nothing is missing."""
        try:
            return self.db.write(
                lambda tx: appending.keep_refused(
                    tx, self.person, self.name, incoming, self.client, self.limits, refused
                )
            )
        except Unavailable:
            return self.spooled(refused, whole)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, f"keeping what was refused [{refused.code}]")
            return self.spooled(refused, whole)

    def spooled(self, refused: Refused, whole: bool = True) -> Verdict:
        """In the spool; where that fails too, the answer says that nothing was kept."""
        away = refused.code == "UNAVAILABLE"
        text = refused.text(refusals.IN_SPOOL if whole else refusals.NO_COPY)
        if not self._keep(refused, text):
            text = refused.text(refusals.NO_COPY_LATER if away else refusals.NO_COPY)
            self._record_unkept(text, refused.code, len(self.arrivals) + (not whole))
        return Verdict(Outcome.LATER if away else Outcome.REFUSED, text, refused.code)

    def _record_unkept(self, text: str, code: str, count: int) -> None:
        """So many messages that could be neither filed nor kept leave a record (rule 6)."""
        try:
            self.db.write(
                lambda tx: records.not_taken(
                    tx, self.person, self.name, self.client, text, code, count
                )
            )
        except Unavailable:
            _log.warning("an APPEND is on no record: the database is away")
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, f"recording what was refused [{code}]")

    def _keep(self, refused: Refused, text: str) -> bool:
        if self.spool is None or not self.arrivals:
            return False
        if any(len(one.content) > self.limits.message for one in self.arrivals):
            return False
        try:
            return self.spool.keep(
                self.person,
                self.name,
                self.arrivals,
                self.client,
                refused.code,
                text,
                self.came_at,
            )
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "keeping in the spool")
            return False


def _transfer(
    db: Database, person: Person, command: copying.Command, spool: Spool | None
) -> Verdict:
    outcome, became = Outcome.REFUSED, refusals.STAYS
    try:
        wrapped = copying.read_wrappers(db, person, command)
        return db.write(lambda tx: copying.transfer(tx, person, command, wrapped))
    except Refused as why:
        refused = why
    except Unavailable:
        refused = refusals.away(command.verb)
        outcome, became = Outcome.LATER, refusals.LATER
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        refused = _incident(error, command.word, command.verb)
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


def _incident(error: Exception, word: str, verb: str = "filed") -> Refused:
    incident = incidents.report(error, word)
    if isinstance(error, OSError):
        cause = "the server can't use its temporary files just now"
        return Refused("UNAVAILABLE", cause, recovered.FAILED, verb)
    return Refused("SERVERBUG", f"an error of ours, incident {incident}", recovered.FAILED, verb)


def _unwanted(refused: Refused, became: str, code: str | None = None) -> Unwanted:
    return Unwanted(code or refused.code, refused.cause, refused.text(became))
