"""An SMTP server that behaves as badly as tests want."""

from __future__ import annotations

from scripted import HOST as HOST
from scripted import Answer, Server


def close(line: bytes) -> bytes:
    """As an answer: the connection is closed."""
    raise OSError("as the test wants")


class Smtp(Server):
    """Takes every mail. `answers` are by verb; that of `.` is the answer to the whole mail, which
    stands in `mails`. Of its lines none is in `said`."""

    greeting = b"220 here\r\n"
    answers = {  # noqa: RUF012
        b"EHLO": b"250-here\r\n250-SIZE 0\r\n250 8BITMIME\r\n",
        b"HELO": b"250 here\r\n",
        b"MAIL": b"250 2.1.0 yes\r\n",
        b"RCPT": b"250 2.1.5 yes\r\n",
        b"DATA": b"354 go on\r\n",
        b".": b"250 2.0.0 taken as 1\r\n",
        b"QUIT": b"221 bye\r\n",
    }

    def __init__(self, more: dict[bytes, Answer] | None = None, **how: object) -> None:
        super().__init__(more, **how)  # type: ignore[arg-type]
        self.mails: list[bytes] = []
        self._lines: list[bytes] | None = None

    def verbs_said(self) -> list[str]:
        return [self.named(line)[1].decode() for line in self.said]

    def named(self, line: bytes) -> tuple[bytes, bytes]:
        return b"", line.upper().replace(b":", b" ").split()[0] if line.split() else b""

    def _talk(self) -> None:
        self._lines = None
        super()._talk()

    def _answer(self, line: bytes) -> bytes:
        if self._lines is None:
            found = self._answers.get(self.named(line)[1], b"502 5.5.2 what?\r\n")
            text = found(line) if callable(found) else found
            if text.startswith(b"354"):
                self._lines = []
            return text
        self.said.pop()
        if line != b".":
            self._lines.append(line.removeprefix(b"."))
            return b""
        self.mails.append(b"".join(one + b"\r\n" for one in self._lines))
        self._lines = None
        found = self._answers[b"."]
        return found(line) if callable(found) else found
