"""Whether a mail of the system has HTML beside its text."""

from __future__ import annotations

from imapgate.activities.names import Mistake
from imapgate.outgoing import settings
from storage import Tx, mail_formats, settings_history

PLAIN, HTML = settings.FORMATS
SEGMENTS = "segment"
"""Said in place of a format: what counts for the whole segment counts here, too."""


def format_for(
    tx: Tx,
    segment_id: int,
    *,
    principal_id: int | None = None,
    contact_id: int | None = None,
) -> str:
    """PLAIN or HTML, for a mail to that user or else to that contact: their own format, where the
    segment lets it count, else the segment's."""
    if settings.value_of(tx, segment_id, settings.OWN_FORMATS):
        own = None
        if principal_id is not None:
            own = mail_formats.of_principal(tx, principal_id)
        elif contact_id is not None:
            own = mail_formats.of_contact(tx, contact_id)
        if own is not None:
            return own
    return str(settings.value_of(tx, segment_id, settings.MAIL_FORMAT))


def set_for_user(
    tx: Tx, segment_id: int, principal_id: int, login: str, wanted: str, who: str
) -> str | None:
    """The user's own format now; None: the segment's counts. wanted: PLAIN, HTML, SEGMENTS. Stands
    in the settings history. Raises Mistake."""
    now = _own(wanted)
    before = mail_formats.of_principal(tx, principal_id)
    mail_formats.set_of_principal(tx, principal_id, now)
    _record(tx, segment_id, f"user {login}", before, now, who)
    return now


def set_for_contact(
    tx: Tx, segment_id: int, contact_id: int, name: str, wanted: str, who: str
) -> str | None:
    """As `set_for_user`, of a contact."""
    now = _own(wanted)
    before = mail_formats.of_contact(tx, contact_id)
    mail_formats.set_of_contact(tx, contact_id, now)
    _record(tx, segment_id, f"contact {name}", before, now, who)
    return now


def _own(wanted: str) -> str | None:
    if wanted not in (*settings.FORMATS, SEGMENTS):
        raise Mistake(f"A mail format is {', '.join(settings.FORMATS)} or {SEGMENTS}.")
    return None if wanted == SEGMENTS else wanted


def _record(
    tx: Tx, segment_id: int, subject: str, before: str | None, now: str | None, who: str
) -> None:
    changes = settings_history.differences({"mail_format": before}, {"mail_format": now})
    if changes:
        settings_history.record(tx, segment_id, who, subject, changes)
