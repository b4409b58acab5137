"""Whether a mail is an activity's message that was written here."""

from __future__ import annotations

from imapgate.activities.identity import agree
from imapgate.mime.mail import Mail
from storage import Tx, revisions, standing


def recognise(tx: Tx, segment_id: int, identity: bytes, mail: Mail) -> int | None:
    """The id of the activity of which this mail is a message that was written here, of any
    revision; None: of none. identity: the mail's (activities.identity).

    A Message-ID alone proves nothing: From, Date, text and attachments have to agree, too. Of an
    old revision whose octets are gone only the same mail is known.
    """
    known = revisions.by_identity(tx, segment_id, identity)
    if known is not None:
        return known.activity_id
    if mail.message_id is None:
        return None
    alike = revisions.by_message_id(tx, segment_id, mail.message_id)
    stored = [one.stored_message_id for one in alike if one.stored_message_id is not None]
    digests = standing.digests(tx, stored) if stored else {}
    for one in alike:
        digest = digests.get(one.stored_message_id or 0)
        if digest is not None and agree(mail, Mail.from_json(digest)):
            return one.activity_id
    return None
