"""Mail that came in by itself is filed: activities, entries and a record, as by a drop."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imapgate.activities import filing, routing
from imapgate.activities.outcome import NumberOutcome, Refusal, StoredMail
from imapgate.activities.people import Person
from imapgate.folders import landing, ready, records, refusals
from imapgate.folders.marks import Marks
from imapgate.folders.verdict import plain
from imapgate.limits import Limits
from storage import Tx, folders

INCOMING, IMPORT = "INCOMING", "IMPORT"
"""A record's command (records.Road)."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """activity_id, number: the mail's own activity; of a wrapper what it named or made, else that
    of the first mail in it. created: whether it was made now. numbers: those that the mail named,
    and what came of each. case: number of the activity that was made of the mail beside its own,
    None: none. text: one or two sentences for people, as in the record."""

    activity_id: int
    number: int
    created: bool
    numbers: tuple[NumberOutcome, ...]
    case: int | None
    text: str


@dataclass(frozen=True, slots=True)
class NotFiled:
    """Nothing was written. code: why, a keyword of folders.recovered.REASONS. text: the cause, for
    people, a clause without full stop."""

    code: str
    text: str


def arrive(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: routing.Policy,
    road: records.Road,
    limits: Limits,
    marks: Marks = Marks(),  # noqa: B008 (a value)
) -> Arrived | NotFiled:
    """File one stored message by the policy, in the caller's transaction; the same again is the
    same. With NotFiled nothing was written.

    person: from routing.logging_person; what the mail names goes by this person's rights. prepared:
    made with `ready.prepare(content, with_attached=True)`. internal_at: seconds since 1970,
    internal_zone: minutes east. road: command INCOMING or IMPORT, client: `account NAME`, or the
    file; its folder is filled in.

    Missing yet: wrappers, cases, strangers, plus addresses, senders.
    """
    place = routing.route(tx, person.segment_id, policy)
    if isinstance(place, Refusal):
        refused = refusals.by_activities(place)
        return NotFiled(refused.reason, refused.cause)
    stored = StoredMail(stored_message_id, prepared.identity, prepared.mail)
    filed = filing.file_with_creator(tx, person, stored, place.creator, place.groups)
    lander = landing.Lander(
        stored_message_id,
        len(prepared.content),
        prepared.identity,
        internal_at,
        internal_zone,
        marks,
        filed,
    )
    uids = landing.land(tx, person, [lander], limits)
    folder_id, folder_name = folders.of_group(tx, filed.groups[0]) or (None, "")
    text = plain(f"Filed as #{filed.number} in {folder_name}.")
    message = records.Message(
        stored_message_id,
        prepared.sha256,
        prepared.identity,
        prepared.mail.message_id,
        prepared.mail.subject,
    )
    result = records.Result(
        records.FILED,
        text,
        None,
        filed.activity_id,
        uids.get((filed.groups[0], prepared.identity)),
        filed.numbers,
    )
    records.write(
        tx,
        person,
        replace(road, folder_id=folder_id, folder_name=folder_name),
        [(message, result)],
    )
    return Arrived(filed.activity_id, filed.number, filed.created, filed.numbers, None, text)
