"""The undoing of linkToAndFollowUp: an e-mail activity isn't about something after all."""

from __future__ import annotations

import re

from imapgate.activities import approvals, linking
from imapgate.activities.people import Person
from storage import Tx, activities, emails, links, revisions

TAKEN_BACK = "Taken back"
"""Title of what is left of a follow-up that took a transition: the state isn't turned back."""
UNDONE = "undone"
"""What came of a number (NumberOutcome) whose link was taken back."""
_MARKS = re.compile(r"(?: \[#[0-9]+\])*\Z")


def unlink(tx: Tx, person: Person, email_activity_id: int, target_id: int) -> bool:
    """Takes back what linking.link_to_and_follow_up did: link, follow-up, and the target's number
    in the e-mail activity's name. Whether there was anything of it.

    Whether this person may is decided by the caller. Both activities count as changed, by this
    person; nobody is told. Of a follow-up that took a transition an entry TAKEN_BACK stays; what
    tells who decided by that mail about a request for approval stays as it is.
    """
    linked = links.remove_link(tx, email_activity_id, target_id, linking.RELATES_TO)
    decided = approvals.entries(tx, target_id)
    followed = links.take_back_follow_ups(tx, target_id, email_activity_id, TAKEN_BACK, decided)
    if not linked and not followed:
        return False
    number = activities.by_id(tx, target_id).number
    name = activities.by_id(tx, email_activity_id).name
    activities.change(
        tx, email_activity_id, name=_unmarked(name, _own_name(tx, email_activity_id), number)
    )
    activities.change(tx, target_id)
    for changed_id in (email_activity_id, target_id):
        revisions.changed_by(tx, changed_id, person.id)
    return True


def unlink_all(tx: Tx, person: Person, email_activity_id: int) -> tuple[int, ...]:
    """As unlink, from everything that it is linked to; the numbers of that."""
    linked = [
        one for one in links.links_from(tx, email_activity_id) if one[2] == linking.RELATES_TO
    ]
    return tuple(
        number
        for target_id, number, _ in linked
        if unlink(tx, person, email_activity_id, target_id)
    )


def _own_name(tx: Tx, email_activity_id: int) -> str:
    """As it was made (making.new_email_activity)."""
    email = emails.of_activity(tx, email_activity_id)
    return "" if email is None else email.subject.strip() or linking.NO_SUBJECT


def _unmarked(name: str, own: str, number: int) -> str:
    """Without the mark, where it was put behind the name: a number in the subject stays."""
    found = _MARKS.search(name, len(own) if name.startswith(own) else 0)
    if found is None:
        return name
    return name[: found.start()] + found[0].replace(f" [#{number}]", "")
