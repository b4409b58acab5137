"""Mail that a user sent through imapgate: filed as the user's own drop, where it belongs."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import filing, journals, matching, segments
from imapgate.activities.outcome import Filed, Refusal
from imapgate.activities.people import Person, role_in
from imapgate.activities.terms import Terms
from imapgate.folders import failed, filed_text, group_drop, listing, ready, records
from imapgate.folders.arriving import SUBMIT, Arrived, NotFiled
from imapgate.folders.group_drop import Dropped
from imapgate.folders.marks import Marks
from imapgate.limits import Limits
from imapgate.mime.mail import Mail
from storage import Tx, activities, folders, sent_wishes
from storage.schema import SEEN

CLIENT = "submission"
"""What a record names as the client."""


def file_sent(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    plus: Sequence[int],
    recipients: Sequence[str],
    limits: Limits,
) -> Arrived | NotFiled | None:
    """File it in the caller's transaction, by the sender's rights: to the activity that its subject
    or a plus address names; by References, where the sender or a group of that activity wants it;
    else into the group that the sender chose. None: none of these, it was only sent. With NotFiled
    nothing was written.

    plus: numbers of plus addresses. recipients: of the envelope, beside those of the header.
    internal_at: seconds since 1970, internal_zone: minutes east.

    It goes into the first of the activity's groups that takes mail of this person, and moves no
    activity on: nobody from outside wrote. The sender's own copy, dropped later, is the same mail.
    """
    mail, wish = prepared.mail, sent_wishes.of_principal(tx, person.id)
    named = _named(tx, person, mail, plus)
    answered = None if named is not None else _answered(tx, person, mail, wish.by_references)
    target = named if named is not None else answered
    if target is None and wish.group_id is None:
        return None
    place = _place(tx, person, target, wish.group_id)
    if isinstance(place, Refusal):
        return NotFiled(failed.BY_CAUSE[place.cause], place.text)
    folder_id, _ = folders.of_group(tx, place) or (None, "")
    folder = None if folder_id is None else listing.find_by_id(tx, person, folder_id)
    if folder is None:
        return NotFiled(failed.NO_RIGHT, "you don't see the group's folder")
    terms = Terms(
        plus=tuple(plus),
        moves=False,
        answers=answered is not None,
        direction=_direction(tx, person, mail, recipients),
    )

    def file(one: Dropped) -> Filed | Refusal:
        creator = filing.group_creator(tx, person, place)
        if isinstance(creator, Refusal):
            return creator
        return filing.file_with_creator(tx, person, one.stored, creator, (place,), terms=terms)

    dropped = Dropped(
        stored_message_id,
        prepared.sha256,
        prepared.identity,
        len(prepared.content),
        mail,
        internal_at,
        internal_zone,
        Marks(own=SEEN),
    )
    came = group_drop.drop_into_group(tx, person, folder, [dropped], limits, file)
    results = filed_text.as_drops(came)
    records.write(tx, person, records.Road(SUBMIT, CLIENT, folder.id, folder.name), results)
    filed, (_, result) = came[0].filed[0], results[0]
    return Arrived(
        filed.activity_id, filed.number, filed.created, result.numbers, None, result.text
    )


def would_file(tx: Tx, person: Person, mail: Mail, plus: Sequence[int]) -> bool:
    """Whether `file_sent` had somewhere to file it."""
    wish = sent_wishes.of_principal(tx, person.id)
    return (
        wish.group_id is not None
        or _named(tx, person, mail, plus) is not None
        or _answered(tx, person, mail, wish.by_references) is not None
    )


def _named(tx: Tx, person: Person, mail: Mail, plus: Sequence[int]) -> int | None:
    """The first activity by number that this person may see."""
    pattern = matching.own_pattern(tx, person.segment_id)
    for number in (*matching.numbers_in(mail.subject, pattern), *plus):
        found = matching.visible(tx, person, number)
        if found is not None:
            return found.id
    return None


def _answered(tx: Tx, person: Person, mail: Mail, always: bool) -> int | None:
    """The first activity that it answers, if the sender (always) or one of its groups says so."""
    for activity_id in matching.answered(tx, person, mail, 0):
        if always or sent_wishes.by_references(tx, _groups(tx, activity_id)):
            return activity_id
    return None


def _place(tx: Tx, person: Person, target: int | None, otherwise: int | None) -> int | Refusal:
    """The group: of what it belongs to, else the one that the sender chose. Of the others, in which
    the sender isn't, nothing is told."""
    wanted = [] if target is None else _groups(tx, target)
    wanted = [one for one in wanted if role_in(tx, person, one) is not None]
    if otherwise is not None:
        wanted.append(otherwise)
    refusal: Refusal | None = None
    for group_id in wanted:
        creator = filing.group_creator(tx, person, group_id)
        if not isinstance(creator, Refusal):
            return group_id
        refusal = refusal or creator
    assert refusal is not None  # what a person sees is in a group
    return refusal


def _groups(tx: Tx, activity_id: int) -> list[int]:
    return [group_id for group_id, _ in activities.groups_of(tx, activity_id)]


def _direction(tx: Tx, person: Person, mail: Mail, recipients: Sequence[str]) -> str:
    """Who sends through imapgate is of the house, whatever its domains are."""
    sender = mail.from_[0].address if mail.from_ else None
    told = (one.address for one in (*mail.to, *mail.cc, *mail.bcc))
    domains = segments.own_domains(tx, person.segment_id)
    found = journals.direction(domains, sender, (*told, *recipients))
    return journals.INTERNAL if found == journals.INTERNAL else journals.OUT
