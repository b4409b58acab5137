"""Why a log-in failed, in words for people; the same for IMAP, POP3 and SMTP."""

from __future__ import annotations

from collections.abc import Collection

from imapgate.servers.server import OAUTH_MECHANISMS, ServerError
from imapgate.servers.stream import Stream

UNSAFE = "The password goes over the network in clear text: there is no TLS."
WITHOUT_TLS = "Without TLS many servers take no password: use a port with TLS, or STARTTLS."


def refused(
    stream: Stream, technical: str, trouble: str, mechanism: str, for_now: bool
) -> ServerError:
    """trouble: what the mechanism itself told; for_now: the server says that it is no matter of the
    password."""
    told = "; ".join(filter(None, (technical, trouble)))
    if for_now:
        return stream.failed("The server lets nobody log in now.", told)
    if mechanism in OAUTH_MECHANISMS:
        # Not for good: the next token may be better.
        return stream.failed(
            "The server refuses the user or the access token.",
            told,
            f"Check the user, and whether the client may use this server; {mechanism} was used.",
        )
    return stream.failed(
        "The server refuses user or password.",
        told,
        f"Check both; {mechanism} was used, and the {stream.called} may name another mechanism.",
        permanent=True,
    )


def not_offered(stream: Stream, wanted: str | None, offered: Collection[str]) -> ServerError:
    """wanted: the mechanism that the settings name; None: any would do."""
    text = f"The server offers no way to log in that the {stream.called} can go."
    if wanted is not None:
        text = f"The server doesn't offer {wanted}."
    listed = ", ".join(sorted(offered)) or "nothing"
    hint = WITHOUT_TLS if stream.tls is None else ""
    return stream.failed(text, f"offered: {listed}", hint, permanent=True)


def distrusted(stream: Stream, mechanism: str, trouble: str) -> ServerError:
    """The server doesn't play by the mechanism's rules, or can't prove that it knows the
    password."""
    return stream.failed(f"The server doesn't keep to {mechanism}.", trouble)


def needs_tls(stream: Stream) -> ServerError:
    """OAuth's tokens are as good as passwords."""
    return stream.failed(
        "OAuth 2.0 needs TLS.", "", "Use a port with TLS, or STARTTLS.", permanent=True
    )
