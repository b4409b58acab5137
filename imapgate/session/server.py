"""What all sessions of a process share; `service` builds it, tests build it with stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from twisted.internet.defer import DeferredSemaphore

from imapgate.folders.drops import Spool
from imapgate.limits import Limits
from imapgate.session import addresses
from imapgate.session.attempts import Attempts
from imapgate.session.clock import Clock
from imapgate.session.counting import Sessions
from imapgate.session.dismissals import Dismissals
from imapgate.session.hub import Hub
from imapgate.session.literals import Budget
from imapgate.session.turns import Call, Turns
from imapgate.workarounds import Workarounds
from storage import Database

if TYPE_CHECKING:
    from imapgate.session.tracing import Traces

SIGN_INS = 4
"""Passwords that are checked at a time: each takes 64 MiB and a worker thread."""


@dataclass(slots=True)
class Server:
    """call: one thread hop, e.g. `lambda work: deferToThreadPool(reactor, pool, work)`.

    to_reactor: has a function called in the reactor, from any thread (`reactor.callFromThread`).
    tls: the context factory for transport.startTLS, None: no STARTTLS is offered.
    hops: of one user at a time; fewer than there are threads, so that others find one.
    writing: hops of all users that may wait for a commit; so few that reading finds a thread beside
    them and SIGN_INS.
    compress: COMPRESS=DEFLATE is offered, but on this machine.
    workarounds: for clients' habits.
    spool: where mail waits that arrives while the database is away; None: nothing is kept then.
    traces: of users' dialogues; whoever makes it has it join the hub.
    name, version: for the greeting and ID (RFC 2971).
    """

    db: Database
    limits: Limits
    call: Call
    to_reactor: Callable[[Callable[[], None]], None]
    clock: Clock
    tls: object | None = None
    name: str = "imapgate"
    version: str = "0"
    hops: int = 8
    writing: int = 8
    compress: bool = False
    workarounds: Workarounds = field(default_factory=Workarounds)
    spool: Spool | None = None
    traces: Traces | None = None
    budget: Budget = field(init=False)
    sessions: Sessions = field(init=False)
    attempts: Attempts = field(init=False)
    hub: Hub = field(init=False)
    dismissals: Dismissals = field(init=False)
    sign_ins: DeferredSemaphore = field(init=False)
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits.process_literals)
        self.sessions = Sessions(self.limits)
        self.attempts = Attempts(self.limits.login_delay)
        self.sign_ins = DeferredSemaphore(SIGN_INS)
        self.turns = Turns(self.hops, self.writing)
        self.dismissals = Dismissals(self.db, self.call, self.clock)
        self.hub = Hub(self.db.changes, self.to_reactor, self.dismissals.look)

    def takes_passwords(self, address: str, secure: bool) -> bool:
        """A password in plain text is taken under TLS or from this machine (docs/rules.md 22).

        address: of the client, as the transport tells it; no address counts as far away.
        """
        return secure or addresses.is_loopback(address)
