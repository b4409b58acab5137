"""Mails that become an activity of another class: a case, to which the mail is linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imapgate.activities import linking, making
from imapgate.activities.filing import file_with_creator
from imapgate.activities.outcome import Filed, NumberOutcome, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.terms import Place, Terms
from imapgate.mime.automatic import AUTO_GENERATED, LIST
from storage import Tx, activities, links

_MAKE_CASES = (None, AUTO_GENERATED, LIST)
"""Kinds of mails (mime.automatic) of which a case is made: alarms and forms report something, an
answer of a machine doesn't."""


def file_at(
    tx: Tx,
    person: Person,
    stored: StoredMail,
    place: Place,
    terms: Terms,
    targets: Sequence[int] = (),
) -> Filed:
    """File one mail there; if it is linked to nothing then, and the place makes cases, one is made
    of it: once, however often the mail comes. targets: see file_with_creator."""
    filed = file_with_creator(tx, person, stored, place.creator, place.groups, targets, terms)
    if place.case is None or not terms.links or terms.automatic not in _MAKE_CASES:
        return filed
    if links.links_from(tx, filed.activity_id):
        return filed
    made = _make(tx, person, stored, place, terms, filed.activity_id)
    numbers = (*filed.numbers, NumberOutcome(made.number, linking.LINKED))
    return replace(filed, numbers=numbers, case=made.number)


def _make(
    tx: Tx, person: Person, stored: StoredMail, place: Place, terms: Terms, email_id: int
) -> making.Made:
    assert place.case is not None
    mail = stored.mail
    title = mail.subject.strip() or linking.NO_SUBJECT
    made = making.new_activity(
        tx,
        terms.author or person,
        making.template(place.case),
        place.case_groups,
        name=title,
        detailed_description=mail.text.strip(),
        priority=making.priority_of(mail, place.case.priority),
        reporting_contact_id=activities.by_id(tx, email_id).reporting_contact_id,
        terms=terms,
    )
    # The text stands in the description: the follow-up only tells which mail it came from.
    linking.link_to_and_follow_up(
        tx,
        email_id,
        activities.by_id(tx, made.activity_id),
        terms.author or person,
        title,
        "",
        moves=False,
        terms=replace(terms, told=False),  # that it was made tells it
    )
    return made
