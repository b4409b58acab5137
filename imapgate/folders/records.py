"""The record that every drop leaves (rule 6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.filing import NumberOutcome
from imapgate.activities.people import Person
from storage import Tx
from storage.drops import DropRow, add, headlines
from storage.standing import Standing

FILED = "filed"
REFUSED = "refused"
LATER = "later"
REMOVED = "removed"

LONGEST_CLIENT = 200
"""Characters of a client's name and version."""


@dataclass(frozen=True, slots=True)
class Road:
    """How something came: command is APPEND, REPLACE, COPY, MOVE, EXPUNGE, UID EXPUNGE or CLOSE, or
    INCOMING, IMPORT, SUBMIT (folders.arriving); client: name and version as its ID command told,
    the account, the file; folder: where it was dropped, or taken out (id None: no such folder)."""

    command: str
    client: str
    folder_id: int | None
    folder_name: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is known of the message; all None where its bytes were never read."""

    stored_message_id: int | None = None
    sha256: bytes | None = None
    identity: bytes | None = None
    message_id: str | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one message. activity_id: of a wrapper, what it named or made."""

    verdict: str
    text: str
    code: str | None = None
    activity_id: int | None = None
    uid: int | None = None
    numbers: tuple[NumberOutcome, ...] = ()
    is_wrapper: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """When a drop came that is recorded only now, in seconds since 1970: the last time, and of
    several the first."""

    at: int
    times: int
    first_at: int | None


def messages(tx: Tx, standing: Sequence[Standing]) -> list[Message]:
    """What is known of messages that stand in a folder, one for each."""
    known = headlines(tx, [one.stored_message_id for one in standing])
    found = []
    for one in standing:
        subject, message_id = known.get(one.stored_message_id, ("", None))
        found.append(Message(one.stored_message_id, one.sha256, one.identity, message_id, subject))
    return found


def not_taken(
    tx: Tx, person: Person, name: str, client: str, text: str, code: str | None, count: int = 1
) -> None:
    """The record of an APPEND of which nothing is known but where it was to go: it was refused
    before its bytes came, or they could not be read. text: the answer; count: messages."""
    result = Result(LATER if code == "UNAVAILABLE" else REFUSED, text, code)
    write(tx, person, Road("APPEND", client, None, name), [(Message(), result)] * count)


def write(
    tx: Tx,
    person: Person,
    road: Road,
    drops: Sequence[tuple[Message, Result]],
    earlier: Earlier | None = None,
) -> None:
    """One record for each, in the transaction that decides; of what repeats the last one of that
    mail, one for all. earlier None: it came now, once."""
    add(
        tx,
        person.segment_id,
        person.id,
        [
            DropRow(
                client=road.client[:LONGEST_CLIENT],
                command=road.command,
                folder_id=road.folder_id,
                folder_name=road.folder_name,
                verdict=result.verdict,
                code=result.code,
                text=result.text,
                subject=message.subject,
                message_id=message.message_id,
                sha256=message.sha256,
                identity=message.identity,
                stored_message_id=message.stored_message_id,
                activity_id=result.activity_id,
                uid=result.uid,
                numbers=json.dumps(
                    [{"number": one.number, "outcome": one.outcome} for one in result.numbers]
                ),
                is_wrapper=result.is_wrapper,
                at=None if earlier is None else earlier.at,
                times=1 if earlier is None else earlier.times,
                first_at=None if earlier is None else earlier.first_at,
            )
            for message, result in drops
        ],
    )
