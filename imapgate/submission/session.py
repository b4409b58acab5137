"""One connection as its commands see it: which command when, and what is answered (RFC 5321,
RFC 6409, RFC 4954)."""

from __future__ import annotations

import logging
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from imapgate.connections import addresses
from imapgate.folders import incidents
from imapgate.mime.index import Content
from imapgate.outgoing.outbox import MOST_RECIPIENTS
from imapgate.outgoing.sending import NotRecorded
from imapgate.submission import delivering, signing_in
from imapgate.submission.commands import (
    Auth,
    BadCommand,
    Command,
    Hello,
    MailFrom,
    Plain,
    RcptTo,
    parse,
)
from imapgate.submission.delivering import Came, Sender, Submitted
from imapgate.submission.replies import Reply
from imapgate.submission.server import Server
from storage.engine import Unavailable

OK = Reply(250, "2.0.0", "OK")
AWAY = Reply(451, "4.3.0", "The database can't be reached just now. Try again later.")
BUSY = Reply(452, "4.3.1", "Not sent: the server holds too many mails just now. Try again later.")
STRAY = Reply(
    550,
    "5.6.0",
    "Not sent: a line of it ends with CR or LF alone, or it has NUL. Lines end with CRLF.",
)
BEGIN = Reply(354, "", "Begin; end with a dot on a line of its own.")
BEGIN_TLS = Reply(220, "2.0.0", "Begin TLS now.")
GREET = Reply(503, "5.5.1", "Say EHLO first.")
SIGN_IN = Reply(530, "5.7.0", "Sign in first.")
TLS_FIRST = Reply(530, "5.7.0", "Use STARTTLS first, then sign in.")

RECORD_AGAIN = 5.0
"""Seconds between tries."""

_log = logging.getLogger(__name__)


class Connection(Protocol):
    """What a session asks of the protocol below."""

    @property
    def is_gone(self) -> bool: ...

    def next_line(self, challenge: Reply) -> Deferred[bytes]:
        """The client's answer to a challenge. Raises Gone; BadCommand: it was too long."""


class Session:
    """Runs one command at a time."""

    def __init__(self, server: Server, connection: Connection, address: str, secure: bool) -> None:
        """address: the client's. secure: TLS is in place."""
        self.server = server
        self.connection = connection
        self.address = address
        self.secure = secure
        self.who: Sender | None = None
        self.failures = 0
        self._greeted = False
        self._sender: str | None = None
        self._recipients: dict[str, None] = {}
        self._commands = 0
        self._bad = 0
        self._unheard: int | None = None

    @property
    def takes_passwords(self) -> bool:
        """In plain text: under TLS or from this machine (docs/rules.md 22)."""
        return self.secure or addresses.is_loopback(self.address)

    @property
    def may_start_tls(self) -> bool:
        return self.server.tls is not None and not self.secure

    def greeting(self) -> Reply:
        return Reply(220, "", f"{self.server.name} ESMTP imapgate is ready.")

    async def run(self, line: bytes) -> Reply:
        """The answer to a command; BEGIN: the mail follows; BEGIN_TLS: TLS. Raises Gone."""
        self._hears()
        self._commands += 1
        try:
            command = parse(line)
            reply = await self._run(command)
            if isinstance(command, RcptTo) and reply.is_good:
                self._commands -= 1  # they have a limit of their own
        except BadCommand as error:
            reply = Reply(error.code, error.status, error.text)
        except Unavailable:
            reply = AWAY
        return self._counted(reply)

    def too_long(self) -> Reply:
        """The answer to an overlong line."""
        return self._counted(Reply(500, "5.5.2", "The line is too long."))

    async def send(self, content: Content) -> Reply:
        """The answer to a whole mail. Raises Gone."""
        who, server = self.who, self.server
        assert who is not None
        assert self._sender is not None
        mail = Submitted(self._sender, tuple(self._recipients), content)
        self.reset()
        came = await server.turns.call(who.person.id, server.send, lambda: self._sent(who, mail))
        self._commands = 0
        self._unheard = came.outbox_id
        if came.queue_id is not None:
            server.file(came.queue_id)
        if came.unrecorded is not None:
            _record(server, came.unrecorded)
        name, code = f"{who.person.name}@{who.person.segment}", came.reply.code
        fields = {
            "user": name,
            "mail": came.outbox_id,
            "recipients": len(mail.recipients),
            "code": code,
        }
        extra = {"event": "submission", "fields": fields}
        _log.info("%s submitted a mail: %d", name, code, extra=extra)
        return came.reply

    def reset(self) -> None:
        """The mail that was begun is forgotten."""
        self._sender = None
        self._recipients.clear()

    def close(self) -> None:
        """The connection is gone."""
        if self.who is not None:
            self.server.sessions.sign_out(self.who.person.id)
            self.who = None

    def _hears(self) -> None:
        """Whoever goes on has heard the answer before: the same mail again is another one."""
        outbox_id, self._unheard = self._unheard, None
        if outbox_id is not None:
            db = self.server.db
            done = self.server.call(lambda: db.write(lambda tx: delivering.heard(tx, outbox_id)))
            done.addErrback(_not_noted)

    def _sent(self, who: Sender, mail: Submitted) -> Came:
        """In a thread."""
        if self.connection.is_gone:
            return Came(delivering.UNDER_WAY)  # it hung up while it waited for its turn: not sent
        try:
            return delivering.submit(self.server.db, who, mail, self.server.open_mailer)
        except Unavailable:
            return Came(AWAY)
        except OSError as error:
            incidents.report(error, "a mail that was submitted")
            return Came(BUSY)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incident = incidents.report(error, "a mail that was submitted")
            # Whether it left is in the outbox; the same mail again is told of that.
            return Came(Reply(451, "4.3.0", f"An error of ours, incident {incident}."))

    def _counted(self, reply: Reply) -> Reply:
        limits = self.server.limits
        self._bad = self._bad + 1 if reply.code in (500, 501, 502, 503, 530) else 0
        if self._bad >= limits.bad_commands:
            return Reply(421, "4.7.0", "Too many commands that can't be carried out.", ends=True)
        if self._commands > limits.submission_commands:
            return Reply(421, "4.7.0", "Too many commands without a mail.", ends=True)
        return reply

    async def _run(self, command: Command) -> Reply:
        match command:
            case Hello(extended):
                return self._hello(extended)
            case Auth():
                return await self._auth(command)
            case MailFrom():
                return await self._mail(command)
            case RcptTo(recipient):
                return self._recipient(recipient)
            case Plain(verb):
                return self._plain(verb)
        raise AssertionError(command)

    def _hello(self, extended: bool) -> Reply:
        self._greeted = True
        self.reset()
        if not extended:
            return Reply(250, "", self.server.name)
        offers = [
            "PIPELINING",
            f"SIZE {self.server.limits.message}",
            "8BITMIME",
            "ENHANCEDSTATUSCODES",
        ]
        if self.may_start_tls:
            offers.append("STARTTLS")
        if self.takes_passwords:
            offers.append(f"AUTH {' '.join(signing_in.MECHANISMS)}")
        return Reply(250, "", self.server.name, tuple(offers))

    async def _auth(self, command: Auth) -> Reply:
        if not self._greeted:
            return GREET
        if self.who is not None or self._sender is not None:
            return Reply(503, "5.5.1", "You have signed in already.")
        return await signing_in.authenticate(self, command)

    async def _mail(self, command: MailFrom) -> Reply:
        limits, who = self.server.limits, self.who
        if not self._greeted:
            return GREET
        if who is None:
            return SIGN_IN if self.takes_passwords else TLS_FIRST
        if self._sender is not None:
            return Reply(503, "5.5.1", "A mail is begun already.")
        if command.size > limits.message:
            return too_large(limits.message)
        db, sender = self.server.db, command.sender
        refusal = await self.server.call(
            lambda: db.read(lambda tx: delivering.admit(tx, who, sender))
        )
        if refusal is not None:
            return refusal
        self._sender = sender
        return Reply(250, "2.1.0", "OK")

    def _recipient(self, recipient: str) -> Reply:
        if self._sender is None:
            return Reply(503, "5.5.1", "Say MAIL FROM first.") if self.who else SIGN_IN
        most = min(self.server.limits.submission_recipients, MOST_RECIPIENTS)
        if len(self._recipients) >= most:
            return Reply(452, "4.5.3", f"A mail has at most {most:,} recipients here.")
        self._recipients[recipient] = None
        return Reply(250, "2.1.5", "OK")

    def _plain(self, verb: str) -> Reply:
        if verb == "DATA":
            if self._sender is None:
                return Reply(503, "5.5.1", "Say MAIL FROM first.") if self.who else SIGN_IN
            return BEGIN if self._recipients else Reply(503, "5.5.1", "Say RCPT TO first.")
        if verb == "STARTTLS":
            if not self.may_start_tls:
                return Reply(503, "5.5.1", "TLS is in place already, or not offered.")
            return BEGIN_TLS
        if verb == "RSET":
            self.reset()
        if verb == "QUIT":
            return Reply(221, "2.0.0", "Good bye.", ends=True)
        if verb == "VRFY":
            return Reply(252, "2.5.0", "Nobody is told who is here; just send.")
        if verb == "HELP":
            return Reply(214, "2.0.0", "See RFC 5321.")
        return OK

    def secured(self) -> None:
        """TLS is in place: nothing that was said before counts (RFC 3207 4.2)."""
        self.secure = True
        self._greeted = False
        self.reset()


def too_large(most: int) -> Reply:
    """most: octets of a mail."""
    return Reply(552, "5.3.4", f"Not sent: a mail has at most {most:,} octets here.")


def _record(server: Server, unrecorded: NotRecorded) -> None:
    """What came of a mail is committed when the database is back. If the process ends before that,
    it is a mail that may have been sent."""

    def again(failure: Failure) -> None:
        error = failure.value
        if isinstance(error, Unavailable):
            server.clock.callLater(RECORD_AGAIN, lambda: _record(server, unrecorded))
        elif isinstance(error, Exception):
            incidents.report(error, "committing what came of a mail")

    server.call(lambda: unrecorded.record(server.db)).addErrback(again)


def _not_noted(failure: Failure) -> None:
    """Then the same mail again, within a day, isn't sent again: no harm done."""
    error = failure.value
    if isinstance(error, Exception) and not isinstance(error, Unavailable):
        incidents.report(error, "noting that a client heard")
