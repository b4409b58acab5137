"""Whether a mail is an activity's message that was written here."""

from __future__ import annotations

from imapgate.mime.mail import Mail
from storage import Tx


def recognise(tx: Tx, segment_id: int, identity: bytes, mail: Mail) -> int | None:
    """The id of the activity of which this mail is a message that was written here, of any
    revision; None: of none. identity: the mail's (activities.identity).

    Still missing: all of it.
    """
    raise NotImplementedError
