"""A demo server of the tests' own, as clients and the command line see it."""

from __future__ import annotations

import imaplib
import json
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PASSWORD = "demo"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on port {port} after {seconds} s")


@dataclass(frozen=True)
class Demo:
    """A running `imapgate demo`: where it listens, where its data are."""

    port: int
    tls_port: int
    data: Path

    def imap(self, user: str = "alice@Standard") -> imaplib.IMAP4:
        client = imaplib.IMAP4(HOST, self.port, timeout=20)
        client.login(user, PASSWORD)
        return client

    def command(self, *words: str) -> str:
        """What `imapgate WORDS` prints, run beside the server."""
        done = subprocess.run(
            [sys.executable, "-m", "imapgate", "--data", str(self.data), *words],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def activity(self, number: int) -> dict[str, Any]:
        shown = json.loads(self.command("activity", "show", str(number), "--json"))
        assert isinstance(shown, dict)
        return shown

    def activity_of(self, message_id: str) -> dict[str, Any]:
        """The activity whose mail has this Message-ID (without angle brackets)."""
        for row in reversed(json.loads(self.command("activity", "list", "--json"))):
            shown = self.activity(row["number"])
            if shown["message_id"] == message_id:
                return shown
        raise AssertionError(f"no activity for {message_id}")

    def messages(self, folder: str, user: str = "alice@Standard") -> dict[int, bytes]:
        """Raw bytes by UID of all messages in a folder."""
        client = self.imap(user)
        try:
            assert client.select(f'"{folder}"', readonly=True)[0] == "OK"
            uids = client.uid("SEARCH", "ALL")[1][0].split()
            found = {}
            for uid in uids:
                answer = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1]
                found[int(uid)] = answer[0][1]
            return found
        finally:
            client.logout()


def mail(
    n: int, subject: str, *, body: str = "Hello\r\n", sender: str = "erika@example.net"
) -> bytes:
    """A small message with CRLF line ends and its own Message-ID `client-<n>@example.net`."""
    return (
        f"From: Erika Example <{sender}>\r\n"
        f"To: support@example.org\r\n"
        f"Subject: {subject}\r\n"
        f"Date: Mon, 06 Jan 2025 10:0{n % 10}:00 +0200\r\n"
        f"Message-ID: <client-{n}@example.net>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        f"{body}"
    ).encode()
