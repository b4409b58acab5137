"""TLS towards authorization servers."""

from __future__ import annotations

import ssl

from imapgate.servers.server import Tls


def trusting(tls: Tls) -> ssl.SSLContext:
    """By its lowest version, the system's authorities and its own. Certificates are checked in any
    case: it is the mail server's alone that may be trusted otherwise. Raises ssl.SSLError where its
    own authority is no PEM."""
    context = ssl.create_default_context()
    context.minimum_version = (
        ssl.TLSVersion.TLSv1_3 if tls.lowest == "1.3" else ssl.TLSVersion.TLSv1_2
    )
    if tls.ca is not None:
        context.load_verify_locations(cadata=tls.ca)
    return context
