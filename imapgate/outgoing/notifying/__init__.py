"""What happened is told to who wants to know: gathered for a while, then one mail."""

from imapgate.outgoing.notifying.gathering import mail_failed, note
from imapgate.outgoing.notifying.telling import tell_due

__all__ = ["mail_failed", "note", "tell_due"]
