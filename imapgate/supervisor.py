"""Tells whoever started the server how far it is (sd_notify(3)), if that one asked."""

from __future__ import annotations

import logging
import os
import socket

READY = "READY=1"
STOPPING = "STOPPING=1"

_log = logging.getLogger(__name__)


def tell(state: str) -> None:
    """One datagram to the socket that NOTIFY_SOCKET names (systemd with Type=notify; a name that
    begins with @ is abstract); nothing without it. One that can't be reached is logged."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(state.encode("ascii"), address)
    except OSError as error:
        _log.warning("whoever started the server can't be told %s: %s", state, error.strerror)
