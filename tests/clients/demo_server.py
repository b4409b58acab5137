"""A demo server of the tests' own, as clients and the command line see it."""

from __future__ import annotations

import imaplib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PASSWORD = "demo"


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
    http_port: int
    data: Path

    def imap(self, user: str = "alice@Standard") -> imaplib.IMAP4:
        client = imaplib.IMAP4(HOST, self.port, timeout=20)
        client.login(user, PASSWORD)
        return client

    def command(self, *words: str, **environment: str) -> str:
        """What `imapgate WORDS` prints, run beside the server; environment: settings of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "imapgate", "--data", str(self.data), *words],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def arrived(
        self, folder: str, count: int, user: str = "alice@Standard", seconds: float = 30.0
    ) -> dict[int, bytes]:
        """The raw bytes by UID of a folder, once it has so many messages."""
        end = time.monotonic() + seconds
        while len(found := self.messages(folder, user)) != count:
            assert time.monotonic() < end, f"{folder} has {len(found)} messages, not {count}"
            time.sleep(0.1)
        return found

    @contextmanager
    def dialogue(self, user: str, file: Path) -> Iterator[Callable[[], str]]:
        """While it lasts, `imapgate trace` writes into a new file what a user's clients and the
        server say. Yields what reads it; after the end it is whole."""
        words = ("--data", str(self.data), "trace", user, "--output", str(file))
        process = subprocess.Popen(
            [sys.executable, "-m", "imapgate", *words],
            stdout=subprocess.DEVNULL,
        )
        try:
            end = time.monotonic() + 30
            while not (file.exists() and "the trace begins" in file.read_text("utf-8")):
                assert time.monotonic() < end, "the trace hasn't begun"
                time.sleep(0.05)
            yield lambda: file.read_text("utf-8")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)

    def activity(self, number: int) -> dict[str, Any]:
        shown = json.loads(self.command("activity", "show", str(number), "--json"))
        assert isinstance(shown, dict)
        return shown

    def activities(self) -> list[dict[str, Any]]:
        """Rows of the list of all activities."""
        rows = json.loads(self.command("activity", "list", "--json"))
        assert isinstance(rows, list)
        return rows

    def activity_of(self, message_id: str) -> dict[str, Any]:
        """The activity whose mail has this Message-ID (without angle brackets)."""
        for row in reversed(self.activities()):
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
                if answer[0] is not None:  # It has gone since the search.
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
