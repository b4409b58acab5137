"""What a mail account is: where it stands, how it is read, and what its mails become, as values."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.approval_words import APPROVE, REJECT
from imapgate.servers.server import Login, Tls

KINDS = ("mailbox", "archive", "approvals")
"""mailbox: its mails become activities. archive: a journal of everything that comes and goes.
approvals: replies to requests for approval."""
PROTOCOLS = ("imap", "imaps", "pop3", "pop3s")
PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
IMAP_MECHANISMS = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
POP3_MECHANISMS = ("SCRAM-SHA-256", "CRAM-MD5", "APOP", "PLAIN", "LOGIN")
"""SASL mechanisms that take a password, the best first. Where none is offered: the command LOGIN
(IMAP), USER and PASS (POP3)."""
AFTERWARDS = ("keep", "move", "delete")
"""What becomes of a message at its source once it is in the queue: marked as seen (IMAP) or known
by its UIDL (POP3), moved to a folder (IMAP), deleted."""
UNKNOWN_SENDERS = ("create", "administrator")
"""Whose contact a sender is whom nobody knows: a new one, or the segment's administrator's."""
STRANGERS = ("link", "known", "never")
"""Whether a number links a mail: always; only if its sender or a recipient already takes part, or
is staff; never."""

INTERVAL = 300
"""Seconds between two rounds."""
PER_ROUND = 30
"""Messages."""
RETRIES = 3
"""How often a message that could not be filed is tried again by itself."""
TIMEOUT = 30.0
"""Seconds that the server may take for one step."""
HOURLY = 100
"""Mails of one sender in an hour that are filed; more are held."""


@dataclass(frozen=True, slots=True)
class Place:
    """A mailbox on a server: all that is needed to read it, but for the secrets. protocol: one of
    PROTOCOLS. folder: of IMAP. timeout: seconds for each step."""

    protocol: str
    host: str
    port: int
    folder: str = "INBOX"
    tls: Tls = Tls()
    login: Login = Login()
    timeout: float = TIMEOUT


@dataclass(frozen=True, slots=True)
class Reading:
    """How it is read. afterwards: one of AFTERWARDS; move_to: its folder. interval: seconds. debug:
    whether the dialogue is logged. None of afterwards, interval, retries, debug: as the segment's
    defaults say."""

    afterwards: str | None = None
    move_to: str | None = None
    interval: int | None = None
    retries: int | None = None
    debug: bool | None = None
    per_round: int = PER_ROUND


@dataclass(frozen=True, slots=True)
class Filing:
    """What its mails become. creator: a name, None: the segment's default. logging_user: a user's
    name, None: the segment's administrator; what a mail names is done with that user's rights.
    use_linked_user: a sender who is staff and a user logs for themselves. unknown_sender, stranger:
    of UNKNOWN_SENDERS, STRANGERS. hourly: mails of one sender in an hour, 0: any number. plus: the
    account's own addresses, whose `+number` counts."""

    creator: str | None = None
    logging_user: str | None = None
    use_linked_user: bool = False
    unknown_sender: str = "create"
    stranger: str = "known"
    hourly: int = HOURLY
    plus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approving:
    """Of kind approvals. reply_to: None: the address that requests come from. approve, reject:
    words with which a reply may begin."""

    reply_to: str | None = None
    approve: tuple[str, ...] = APPROVE
    reject: tuple[str, ...] = REJECT


@dataclass(frozen=True, slots=True)
class Account:
    """kind: one of KINDS. name: unique in the segment; label: for people."""

    id: int
    segment_id: int
    name: str
    label: str
    kind: str
    active: bool
    place: Place
    reading: Reading = Reading()
    filing: Filing = Filing()
    approving: Approving = Approving()
