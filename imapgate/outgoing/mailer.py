"""What a mailer is: where mail is handed over to be sent, and what it is sent as, as values."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.servers.server import Login, Tls

WAYS = ("smtp", "sendmail")
SECURITIES = ("none", "starttls", "tls")
MECHANISMS = ("SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN")
"""SASL mechanisms that take a password, the best first."""
CONNECTING = 30.0
"""Seconds in which the connection must be made."""
SENDING = 300.0
"""Seconds that the server may take for one step (RFC 5321 4.5.3.2 asks for 5 to 10 minutes)."""
SENDMAIL = "/usr/sbin/sendmail"
FALLBACK = "noreply@localhost"
"""What mail is From where nobody has an address: nobody can answer, and many servers refuse it."""
TO_FILE = "file"
"""Of `intercept`: each mail is written below DATA/intercepted instead of being sent."""


def usual_port(security: str, with_user: bool) -> int:
    """465 with tls, else 587 where a user logs in and 25 where nobody does."""
    if security == "tls":
        return 465
    return 587 if with_user else 25


@dataclass(frozen=True, slots=True)
class Relay:
    """An SMTP server (a servers.server.Server). security: one of SECURITIES, tls.starttls the same.
    connecting, timeout: seconds."""

    host: str
    port: int
    security: str = "starttls"
    tls: Tls = Tls(starttls=True)
    login: Login = Login("none")
    connecting: float = CONNECTING
    timeout: float = SENDING


@dataclass(frozen=True, slots=True)
class Mailer:
    """segment_id None: for all segments. relay None: this machine's sendmail, the program at that
    path. sender, reply_to: From and Reply-To of what the system sends. account_id: the account
    whose OAuth application and authorization it uses; None: its own. intercept: an address that
    gets everything, or TO_FILE; None: it is sent to whom it is for. debug: the dialogue is
    logged. active: False: nothing goes out by it by itself, mail waits for it."""

    id: int
    segment_id: int | None
    name: str
    is_default: bool
    relay: Relay | None
    sender: str
    reply_to: str | None = None
    sendmail: str = SENDMAIL
    account_id: int | None = None
    intercept: str | None = None
    debug: bool = False
    active: bool = True
