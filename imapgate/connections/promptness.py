"""What keeps small packets from waiting for one another."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.interfaces import ITCPTransport

QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Linux only; elsewhere nobody can ask for it."""


def send_at_once(transport: Any) -> None:
    """No answer of ours waits for the acknowledgement of the one before (TCP_NODELAY)."""
    if ITCPTransport.providedBy(transport):
        transport.setTcpNoDelay(True)


def acknowledge(transport: Any) -> None:
    """Acknowledge now what has arrived of a command whose rest is still to come.

    Python's imaplib, and whoever else leaves Nagle's algorithm on, sends a literal and the CRLF
    behind it apart: the CRLF waits for our acknowledgement, which the system would hold back for
    40 ms, in each APPEND. The system forgets the wish, so it is told each time.
    """
    if QUICKACK is None:
        return
    while (below := getattr(transport, "transport", None)) is not None:
        transport = below  # TLS stands on the TCP transport
    handle = getattr(transport, "getHandle", None)
    connection = handle() if handle is not None else None
    if isinstance(connection, socket.socket) and connection.fileno() >= 0:
        connection.setsockopt(socket.IPPROTO_TCP, QUICKACK, 1)
