"""Whether a number alone links a mail: anybody can guess one."""

from __future__ import annotations

from imapgate.activities.terms import Terms
from storage import Tx, contacts, people
from storage.activities import ActivityRow


def admits(tx: Tx, terms: Terms, target: ActivityRow) -> bool:
    """Whether a mail on these terms is linked to an activity that it merely names. Who reports it,
    whom it is assigned to, and who wrote or got one of its e-mails takes part in it."""
    if terms.stranger != "known":
        return terms.stranger == "link"
    if target.reporting_contact_id in terms.taking_part:
        return True
    if target.assigned_to_id is not None:
        assigned = people.principal_by_id(tx, target.assigned_to_id)
        if assigned is not None and assigned.contact_id in terms.taking_part:
            return True
    return contacts.wrote_or_got(tx, target.id, terms.taking_part)
