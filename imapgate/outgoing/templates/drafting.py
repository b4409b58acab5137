"""Writing from a case: a draft in the user's Drafts, to be finished and sent in the mail client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, may_see
from imapgate.folders import drops
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from imapgate.mime import writing
from imapgate.outgoing.identities import identity_of
from imapgate.outgoing.templates import cases
from storage import Database, Tx, activities, folders

DRAFTS = "\\Drafts"
"""Special use of the folder (RFC 6154)."""
CLIENT = "imapgate activity mail"
MOST_RECIPIENTS = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """folder, uid: where it stands. sender, to: addresses; is_fallback: nobody has an address that
    it could be from."""

    folder: str
    uid: int
    sender: str
    to: tuple[str, ...]
    subject: str
    is_fallback: bool


def draft(
    db: Database,
    person: Person,
    number: int,
    template: str,
    to: Sequence[str],
    limits: Limits,
) -> Draft:
    """A mail about the activity of that number, by that template, in this person's Drafts, with the
    flags \\Draft and \\Seen. to: addresses; none: the reporting contact. Raises Mistake: no such
    activity that the person may see, nobody to write to, a template that can't be used, no room."""
    if len(to) > MOST_RECIPIENTS:
        raise Mistake(f"A draft has at most {MOST_RECIPIENTS} recipients here.")
    made, folder, is_fallback = db.read(lambda tx: _made(tx, person, number, template, to))
    content = writing.message(made.headers, made.text, made.html)
    arrival = drops.Arrival(content, (b"\\Draft", b"\\Seen"), None, 0)
    verdict = drops.append(db, person, folder, [arrival], CLIENT, limits)
    if verdict.outcome is not Outcome.DONE:
        raise Mistake(verdict.text)
    headers = made.headers
    return Draft(
        folder,
        verdict.uids[0],
        headers.sender.address,
        tuple(one.address for one in headers.to),
        headers.subject,
        is_fallback,
    )


def _made(
    tx: Tx, person: Person, number: int, template: str, to: Sequence[str]
) -> tuple[cases.CaseMail, str, bool]:
    activity = activities.by_number(tx, person.segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    if not (person.is_admin or may_see(tx, person, activity.id)):
        raise Mistake(f"{person.name} is in no group of #{number}, so it is not theirs to see.")
    folder = folders.own_with_use(tx, person.id, DRAFTS)
    if folder is None:
        raise Mistake(f"{person.name} has no folder for drafts.")
    addressees = [cases.known(tx, person.segment_id, one) for one in to]
    identity = identity_of(tx, person.segment_id, person.id)
    made = cases.compose(
        tx,
        activity,
        template,
        addressees or [cases.reporting_contact(tx, activity)],
        identity,
        person.id,
    )
    return made, folder, identity.is_fallback
