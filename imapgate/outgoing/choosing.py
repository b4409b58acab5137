"""Which mailer a mail goes out by."""

from __future__ import annotations

from imapgate.activities.names import key
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer import Mailer
from storage import Tx, mail_accounts
from storage import mailers as rows

NONE = (
    "There is no mailer by which it could be sent: an administrator adds one with `imapgate mailer "
    "add`."
)
"""For the record and for whoever sends, where `mailer_for` gives None."""


def mailer_for(
    tx: Tx, segment_id: int, principal_id: int | None, address: str | None = None
) -> Mailer | None:
    """The mailer of the user's mail account with that address, else of the user's default one; else
    the segment's default; else the default for all segments. principal_id None: the system sends.
    None: there is none (see NONE)."""
    chosen = None if principal_id is None else _of_user(tx, principal_id, address)
    if chosen is not None:
        return mailers.mailer_by_id(tx, chosen)
    row = rows.default(tx, segment_id) or rows.default(tx, None)
    return None if row is None else mailers.built(row)


def _of_user(tx: Tx, principal_id: int, address: str | None) -> int | None:
    own = mail_accounts.of_principal(tx, principal_id)
    if address is not None:
        for one in own:
            if key(one.address) == key(address) and one.mailer_id is not None:
                return one.mailer_id
    return next((one.mailer_id for one in own if one.is_default), None)
