"""Mails are written to files: the bytes as they came, and what was made of no mail as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.folders import marks
from imapgate.folders.contents import stored_content
from imapgate.incoming.files.rendered import rendered
from imapgate.incoming.files.writing import Outgoing, Writer
from storage import Database, Tx, activities, exporting
from storage.exporting import Mail
from storage.schema import ANSWERED, DRAFT, FLAGGED, SEEN

PAGE = 500
"""Rows of one transaction."""
_LETTERS = ((DRAFT, "D"), (FLAGGED, "F"), (ANSWERED, "R"))


@dataclass(frozen=True, slots=True)
class Damaged:
    """A mail whose bytes aren't what they were, or are gone. number: of its activity."""

    number: int | None
    subject: str


Written = Outgoing | Damaged


def export_group(db: Database, person: Person, group_id: int, writer: Writer) -> Iterator[Written]:
    """Every mail of the group's folder in its order, then the group's other activities; each as
    soon as it is written. person: whose `\\Seen` counts. Raises OSError, Unavailable."""
    after = 0
    while found := db.read(partial(exporting.of_group, group_id=group_id, after=after, most=PAGE)):
        yield from _mails(db, person, found, writer)
        after = found[-1].uid or 0
    after = 0
    while found := db.read(
        partial(exporting.without_entry, group_id=group_id, after=after, most=PAGE)
    ):
        yield from _mails(db, person, found, writer)
        after = found[-1].number or 0
    after = 0
    while numbers := db.read(
        partial(exporting.without_mail, group_id=group_id, after=after, most=PAGE)
    ):
        for number in numbers:
            yield _rendered(db, person.segment_id, number, writer)
        after = numbers[-1]


def mails_of(db: Database, segment_id: int, number: int) -> list[Mail]:
    """Of one activity, in the order of their coming; none: it was made of no mail. Raises
    Mistake."""

    def work(tx: Tx) -> list[Mail]:
        found = activities.by_number(tx, segment_id, number)
        if found is None:
            raise Mistake(f"There is no activity #{number}.")
        return exporting.of_activity(tx, found.id)

    return db.read(work)


def export_activity(
    db: Database, person: Person, number: int, found: list[Mail], writer: Writer
) -> Iterator[Written]:
    """found: of mails_of. As export_group."""
    if found:
        yield from _mails(db, person, found, writer)
    else:
        yield _rendered(db, person.segment_id, number, writer)


def _mails(db: Database, person: Person, found: list[Mail], writer: Writer) -> Iterator[Written]:
    seen = db.read(partial(_seen, person, found))
    for one in found:
        letters = "".join(letter for bit, letter in _LETTERS if one.flags & bit)
        if (one.folder_id, one.uid) in seen:
            letters += "S"
        mail = Outgoing(one.number, one.subject, one.internal_at, letters)
        with stored_content(db, one.stored_message_id, one.size) as content:
            if content is not None:
                writer.add(mail, content)
        yield mail if content is not None else Damaged(one.number, one.subject)


def _seen(person: Person, found: list[Mail], tx: Tx) -> set[tuple[int | None, int | None]]:
    by_folder: dict[int, list[int]] = {}
    for one in found:
        if one.folder_id is not None and one.uid is not None:
            by_folder.setdefault(one.folder_id, []).append(one.uid)
    return {
        (folder_id, uid)
        for folder_id, uids in by_folder.items()
        for uid, flags in marks.own_of(tx, person.id, folder_id, sorted(uids)).items()
        if flags & SEEN
    }


def _rendered(db: Database, segment_id: int, number: int, writer: Writer) -> Outgoing:
    name, made_at, content = db.read(partial(rendered, segment_id=segment_id, number=number))
    mail = Outgoing(number, name, made_at)
    writer.add(mail, content)
    return mail
