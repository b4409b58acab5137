"""What all sessions of a process share; `service` builds it, tests build it with stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imapgate.connections import addresses
from imapgate.connections.budget import Budget
from imapgate.connections.clock import Clock
from imapgate.connections.counting import Sessions
from imapgate.connections.entrance import Entrance
from imapgate.connections.turns import Call, Turns
from imapgate.folders.drops import Spool
from imapgate.limits import Limits
from imapgate.session.dismissals import Dismissals
from imapgate.session.hub import Hub
from imapgate.workarounds import Workarounds
from storage import Database

if TYPE_CHECKING:
    from imapgate.session.tracing import Traces


@dataclass(slots=True)
class Server:
    """call: one thread hop, e.g. `lambda work: deferToThreadPool(reactor, pool, work)`.

    to_reactor: has a function called in the reactor, from any thread (`reactor.callFromThread`).
    tls: the context factory for transport.startTLS, None: no STARTTLS is offered.
    hops: of one user at a time; fewer than there are threads, so that others find one.
    writing: hops of all users that may wait for a commit; so few that reading finds a thread beside
    them and connections.entrance.SIGN_INS.
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
    entrance: Entrance = field(init=False)
    hub: Hub = field(init=False)
    dismissals: Dismissals = field(init=False)
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits.process_literals)
        limits = self.limits
        self.sessions = Sessions(
            limits.sessions, limits.sessions_per_address, limits.sessions_per_user
        )
        self.entrance = Entrance(self.db, self.clock, self.limits.login_delay)
        self.turns = Turns(self.hops, self.writing)
        self.dismissals = Dismissals(self.db, self.call, self.clock)
        self.hub = Hub(self.db.changes, self.to_reactor, self.dismissals.look)

    def takes_passwords(self, address: str, secure: bool) -> bool:
        """A password in plain text is taken under TLS or from this machine (docs/rules.md 22).

        address: of the client, as the transport tells it; no address counts as far away.
        """
        return secure or addresses.is_loopback(address)
