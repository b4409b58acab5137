"""How fast the main road is: drops by several clients at once, then what a client reads back.

    python bench/road.py [--clients 4] [--drops 500]

Starts a demo server on free ports with its own database, talks to it over loopback by imaplib,
prints one line per figure and removes everything. Bounded by its two numbers; nothing is asserted.
"""

from __future__ import annotations

import argparse
import imaplib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = "Trackers/Support"
BODY = "The quick brown fox jumps over the lazy dog.\r\n" * 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sign_in(port: int, user: str = "bob@Standard") -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", port, timeout=120)
    client.login(user, "demo")
    return client


def mail(client: int, n: int) -> bytes:
    return (
        f"From: Sender {n % 50} <sender{n % 50}@example.net>\r\nTo: support@example.org\r\n"
        f"Subject: Bench {client}-{n} #10000001\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n"
        f"Message-ID: <bench-{client}-{n}@example.net>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{BODY}"
    ).encode()


def drop(port: int, client: int, drops: int) -> None:
    session = sign_in(port)
    for n in range(drops):
        status, answer = session.append(FOLDER, "", "", mail(client, n))
        if status != "OK":
            raise SystemExit(f"refused: {answer!r}")
    session.logout()


def figure(name: str, count: int, seconds: float) -> None:
    print(f"{name:<44} {count:>7} in {seconds:7.2f} s  {count / seconds:>10,.0f}/s", flush=True)


def measure(port: int, clients: int, drops: int) -> None:
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda client: drop(port, client, drops), range(clients)))
    figure(
        f"drops, linked, {clients} clients at once", clients * drops, time.perf_counter() - start
    )
    session = sign_in(port)
    imaplib._MAXLINE = 10_000_000  # type: ignore[attr-defined]
    start = time.perf_counter()
    count = int(session.select(f'"{FOLDER}"')[1][0] or 0)
    figure("SELECT", 1, time.perf_counter() - start)
    for items in (
        "(FLAGS)",
        "(UID ENVELOPE)",
        "(BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])",
        "(BODY.PEEK[])",
    ):
        start = time.perf_counter()
        session.fetch("1:*", items)
        figure(f"FETCH 1:* {items}", count, time.perf_counter() - start)
    start = time.perf_counter()
    session.store("1:*", "+FLAGS.SILENT", r"(\Seen)")
    figure("STORE 1:* +FLAGS.SILENT (\\Seen)", count, time.perf_counter() - start)
    for criteria in ('SUBJECT "bench 1-7"', 'TEXT "lazy dog"', 'BODY "no such words"'):
        start = time.perf_counter()
        session.search(None, criteria)
        figure(f"SEARCH {criteria}", count, time.perf_counter() - start)
    for criteria in ("(DATE)", "(SUBJECT REVERSE DATE)"):
        start = time.perf_counter()
        session.sort(criteria, "UTF-8", "ALL")
        figure(f"SORT {criteria}", count, time.perf_counter() - start)
    start = time.perf_counter()
    session.thread("REFERENCES", "UTF-8", "ALL")
    figure("THREAD REFERENCES", count, time.perf_counter() - start)
    start = time.perf_counter()
    session.copy(f"1:{min(count, 500)}", "INBOX")
    figure("COPY to INBOX", min(count, 500), time.perf_counter() - start)
    session.logout()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clients", type=int, default=4)
    options.add_argument("--drops", type=int, default=500, help="per client")
    chosen = options.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        words = ["--data", str(Path(directory) / "bench"), "demo", "--port", str(port)]
        server = subprocess.Popen(
            [sys.executable, "-m", "imapgate", *words, "--tls-port", str(free_port())],
            stdout=subprocess.DEVNULL,
        )
        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            measure(port, chosen.clients, chosen.drops)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


if __name__ == "__main__":
    main()
