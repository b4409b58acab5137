"""An activity's message comes into a group's folder at once, in the transaction of whoever asks for
it."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.limits import Limits
from storage import Tx


def place(tx: Tx, activity_id: int, group_id: int, limits: Limits) -> int:
    """The UID of the activity's message in the folder of one of its groups; it is made at once if
    it isn't there.

    Still missing: all of it.
    """
    raise NotImplementedError


def bring_again(tx: Tx, folder_id: int, uids: Sequence[int], seen_by: int) -> None:
    """Activities' messages that leave a group's folder (entries with `rendered`) come again under
    new UIDs, seen for that user (principal id) and for whoever had seen them; the old entries are
    expunged here.

    Still missing: all of it.
    """
    raise NotImplementedError
