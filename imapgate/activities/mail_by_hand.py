"""E-mail activities that a person writes: the activity of a message that was made for it."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import addressing, linking, making
from imapgate.activities.by_hand import checked_priority, checked_text, groups_of, preset_of
from imapgate.activities.contacts import find_contact
from imapgate.activities.groups import Group
from imapgate.activities.outcome import Filed, StoredMail
from imapgate.activities.people import Person
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.activities.terms import Terms
from storage import Tx, activities, processes

_TERMS = Terms(direction="out")


def is_mail(tx: Tx, segment_id: int, creator: str | None, type_name: str | None) -> bool:
    """Whether an activity of this creator or type is an e-mail activity, and needs a message.
    Raises Mistake."""
    preset = preset_of(tx, segment_id, creator, type_name)
    return processes.type_by_id(tx, preset.type_id).activity_class == EMAIL_CLASS


def new_mail(
    tx: Tx,
    person: Person,
    stored: StoredMail,
    recipients: Sequence[tuple[str, str]],
    *,
    creator: str | None = None,
    type_name: str | None = None,
    groups: Sequence[Group] = (),
    gateway: str | None = None,
    description: str = "",
    priority: str | None = None,
    contact: str | None = None,
) -> Filed:
    """A new e-mail activity of a stored message that this person wrote; linked to what its subject
    names. recipients, gateway: as addressing.address takes them, whatever the message names; the
    others as by_hand.new_activity takes them. Raises Mistake."""
    preset = preset_of(tx, person.segment_id, creator, type_name)
    there = groups_of(tx, preset, groups)
    made = making.new_email_activity(tx, person, preset, there, stored, _TERMS)
    changes: dict[str, str | int | None] = {"description": checked_text(description)}
    if priority is not None:
        changes["priority"] = checked_priority(priority)
    if contact is not None:
        changes["reporting_contact_id"] = find_contact(tx, person.segment_id, contact)
    activities.change(tx, made.activity_id, **changes)
    addressing.address(tx, person.segment_id, made.number, recipients, gateway=gateway, is_new=True)
    numbers = linking.link_mail(tx, person, made.activity_id, stored.mail, (), _TERMS)
    return Filed(made.activity_id, made.number, True, tuple(there), numbers)
