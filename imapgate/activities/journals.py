"""What a journal tells of a mail beside the mail itself: to whom it was delivered, and whether it
came in or went out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from imapgate.activities import contacts
from imapgate.activities.exchange_names import address_key, decoded
from imapgate.activities.names import key
from imapgate.mime.mail import Mailbox
from storage import Tx, activities, emails

IN, OUT, INTERNAL = "in", "out", "internal"
MOST_RECIPIENTS = 5_000
"""Recipients of one e-mail activity, however many reports there are of its mail."""


def direction(
    domains: Collection[str], sender: str | None, recipients: Iterable[str]
) -> str | None:
    """in: from outside; internal: from and to the house alone; out: else. None: nobody knows who
    sent it, or no domain is known to be the house's. domains: keys; an X.500 name without domain,
    as Exchange writes it for its own, is of the house."""
    if not domains or not sender:
        return None
    if not _is_own(domains, sender):
        return IN
    known = [_is_own(domains, one) for one in recipients]
    return INTERNAL if known and all(known) else OUT


def unite(tx: Tx, segment_id: int, activity_id: int, recipients: Sequence[str]) -> None:
    """Adds those to the activity's recipients that aren't among them, as of kind envelope: blind
    copies, members of lists; unknown ones become contacts."""
    here = {key(one.address) for one in emails.recipients(tx, activity_id)}
    new = {address_key(one): one for one in recipients if key(one) and key(one) not in here}
    found = emails.matched(tx, activity_id)
    room = max(0, MOST_RECIPIENTS - len(found))
    named = {one.address_id for one in found}
    added: list[emails.Recipient] = []
    for address in list(new.values())[:room]:
        matched = contacts.match(tx, segment_id, Mailbox("", address))
        # An X.500 name may be somebody's whose address stands there.
        if matched is not None and matched.address_id not in named:
            named.add(matched.address_id)
            added.append(emails.Recipient(emails.ENVELOPE, matched.address_id, ""))
    if added:
        emails.set_recipients(tx, activity_id, [*found, *added])
        activities.change(tx, activity_id)


def _is_own(domains: Collection[str], address: str) -> bool:
    _, at, domain = key(address).rpartition("@")
    return domain in domains if at else decoded(address) is not None
