"""An SMTP server of the tests' own (aiosmtpd), on loopback: it keeps what it takes."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from certs import files
from certs.material import AUTHORITY, local

HOST = "127.0.0.1"
USER, PASSWORD = "sender", "sénder's word"


class Sink:
    """security: none, starttls or tls. login: whether it takes USER and PASSWORD, and with
    STARTTLS wants them. refused: the
    answer to each RCPT, instead of taking it; refused_to: by address. deliver: is given each
    message as it came. without: mechanisms that aren't offered. size: octets that it takes; utf8:
    whether it offers SMTPUTF8."""

    def __init__(
        self,
        root: Path,
        security: str = "none",
        login: bool = False,
        refused: str | None = None,
        deliver: Callable[[bytes], object] = lambda content: None,
        without: tuple[str, ...] = (),
        refused_to: Mapping[str, str] = MappingProxyType({}),
        size: int | None = None,
        utf8: bool = False,
    ) -> None:
        self.messages: list[bytes] = []
        self.to: list[str] = []
        self.senders: list[str | None] = []
        self._refused_to = refused_to
        self._refused = refused
        self._deliver = deliver
        material = local(root, ("localhost", HOST), datetime.datetime.now(datetime.UTC))
        files.write(root / "smtp.crt", files.certificate_pem(*material.chain))
        files.write(root / "smtp.key", files.key_pem(material.key))
        self.authority = (root / AUTHORITY).read_text("ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(root / "smtp.crt", root / "smtp.key")
        more: dict[str, Any] = {"data_size_limit": size, "enable_SMTPUTF8": utf8}
        if login:
            more |= {
                "auth_exclude_mechanism": without,
                "authenticator": self._authenticate,
                # It warns of asking for a password in clear text, and knows TLS by STARTTLS alone.
                "auth_required": security == "starttls",
                "auth_require_tls": security == "starttls",
            }
        if security == "starttls":
            more["tls_context"] = context
        self._controller = _Controller(
            self,
            hostname=HOST,
            port=0,
            ssl_context=context if security == "tls" else None,
            **more,
        )

    @property
    def port(self) -> int:
        return int(self._controller.server.sockets[0].getsockname()[1])

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if self._refused is not None:
            return self._refused
        if address in self._refused_to:
            return self._refused_to[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content
        assert content is not None
        self.messages.append(content)
        self.to += envelope.rcpt_tos
        self.senders.append(envelope.mail_from)
        await asyncio.to_thread(self._deliver, content)
        return "250 taken"

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: Any
    ) -> AuthResult:
        right = isinstance(said, LoginPassword) and said == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        return AuthResult(success=right, handled=False)


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Port 0 is any free one, known once it listens."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
