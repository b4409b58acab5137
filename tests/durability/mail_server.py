"""An SMTP server that keeps what it took of whom, and kills who sends at the worst moment."""

from __future__ import annotations

import email
import os
import signal
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from smtp_sink import Sink


class MailServer(Sink):
    """reached: (Message-ID without angle brackets, address) -> how often the end of that mail came.
    sender: the process that sends; it is killed with the likelihood `deadly` once the end of a mail
    has come, before it is answered. picky: the likelihood that a recipient isn't taken."""

    def __init__(self, root: Path, rng: Random) -> None:
        super().__init__(root)
        self.reached: Counter[tuple[str, str]] = Counter()
        self.refused: set[str] = set()
        self.sender: int | None = None
        self.deadly = self.picky = 0.0
        self._rng = rng

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if self._rng.random() < self.picky:
            if self._rng.random() < 0.2:
                self.refused.add(address)
                return "550 5.1.1 nobody here"
            return "450 4.2.0 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content: Any = envelope.original_content
        message_id = email.message_from_bytes(content)["Message-ID"].strip("<> ")
        self.reached.update((message_id, one) for one in envelope.rcpt_tos)
        if self.sender is not None and self._rng.random() < self.deadly:
            os.kill(self.sender, signal.SIGKILL)
        return "250 2.0.0 taken"
