"""What all connections of the submission listeners share; `service` builds it, tests build it with
stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imapgate.connections.budget import Budget
from imapgate.connections.clock import Clock
from imapgate.connections.counting import Sessions
from imapgate.connections.entrance import Entrance
from imapgate.connections.turns import Call, Turns
from imapgate.limits import Limits
from imapgate.outgoing.sending import OpenMailer
from storage import Database

SENDING = 8
"""Mails that are handed over at a time: each holds a thread for as long as the mailer's server
takes."""
OF_ONE_USER = 2
"""Of them, what one user may take."""


@dataclass(slots=True)
class Server:
    """call: one hop off the reactor; send: the same among threads of its own, since other servers
    are slow. tls: the context factory for transport.startTLS, None: no STARTTLS is offered.
    entrance, budget: those of the IMAP listeners. open_mailer: as outgoing.opening.Opener. file:
    has a row of the queue filed, without waiting. name: of this host."""

    db: Database
    limits: Limits
    call: Call
    send: Call
    clock: Clock
    entrance: Entrance
    budget: Budget
    open_mailer: OpenMailer
    file: Callable[[int], object]
    tls: object | None = None
    name: str = "localhost"
    sessions: Sessions = field(init=False)
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        limits = self.limits
        self.sessions = Sessions(
            limits.submission_sessions, limits.sessions_per_address, limits.submission_per_user
        )
        self.turns = Turns(OF_ONE_USER, SENDING)
