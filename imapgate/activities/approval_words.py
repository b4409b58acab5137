"""The words with which a reply to a request for approval decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from imapgate.activities import approvals
from imapgate.mime.replies import word

APPROVE = ("approve", "approved", "yes", "ok")
REJECT = ("reject", "rejected", "no", "deny", "denied")
"""Where an account names no others."""


@dataclass(frozen=True, slots=True)
class Words:
    """An account's, with which a reply decides; case and punctuation don't count
    (mime.replies.word). What stands among both decides nothing."""

    approve: Collection[str]
    reject: Collection[str]

    def said(self, line: str | None) -> str | None:
        """approvals.APPROVED or REJECTED; None: neither."""
        spoken = word(line or "")
        approve, reject = ({word(one) for one in words} for words in (self.approve, self.reject))
        if not spoken or (spoken in approve) == (spoken in reject):
            return None
        return approvals.APPROVED if spoken in approve else approvals.REJECTED
