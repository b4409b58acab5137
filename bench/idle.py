"""What an idle connection costs: resident memory of a server process, by many connections at once.

    python bench/idle.py [--connections 1000] [--states plain-idle,tls-idle] [--json]

Starts a demo server on free ports with its own database for each state; the connections are in this
process. A first wave reaches the state and stays, so that neither what the server sets up once nor
what it has free already is counted as ours; then the growth by the connections is divided by their
number. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
PORTS = re.compile(r"Ports +(\d+) without encryption or (?:with )?STARTTLS, (\d+) TLS")
MAIL = b"From: erika@example.net\r\nSubject: Idle %d\r\n\r\nText\r\n"
MESSAGES = 10
FIRST_WAVE = 64
"""Connections, or a third as many as are counted if that is less."""
AT_A_TIME = 4
"""Sign-ins under way; the server checks as many passwords at a time."""
SETTLED = 3
"""Readings in a row without change after which the memory counts as settled."""


class Client:
    """A connection that reads lines without a buffer of its own worth speaking of."""

    def __init__(self, port: int, tls: ssl.SSLContext | None) -> None:
        plain = socket.create_connection((HOST, port), timeout=120)
        self.socket = tls.wrap_socket(plain) if tls is not None else plain
        self.rest = b""
        self.until(b"* OK")

    def until(self, start: bytes) -> None:
        """Reads up to a line that begins so."""
        while True:
            line, end, rest = self.rest.partition(b"\r\n")
            if end:
                self.rest = rest
                if line.startswith(start):
                    return
                if line.startswith((b"a NO", b"a BAD", b"* BYE")):
                    raise SystemExit(f"the server said {line!r}")
                continue
            octets = self.socket.recv(65536)
            if not octets:
                raise SystemExit("the server hung up")
            self.rest += octets

    def command(self, line: bytes, until: bytes = b"a OK") -> None:
        self.socket.sendall(b"a " + line + b"\r\n")
        self.until(until)


def connected(_: Client) -> None:
    pass


def signed_in(client: Client) -> None:
    client.command(b"LOGIN alice@Standard demo")


def selected(client: Client) -> None:
    signed_in(client)
    client.command(b"SELECT Ten")


def idling(client: Client) -> None:
    selected(client)
    client.command(b"IDLE", b"+ ")


STATES: dict[str, tuple[bool, Callable[[Client], None]]] = {
    "plain-connected": (False, connected),
    "plain-signed-in": (False, signed_in),
    "plain-selected": (False, selected),
    "plain-idle": (False, idling),
    "tls-connected": (True, connected),
    "tls-idle": (True, idling),
}


def raise_file_limit(wanted: int) -> None:
    """Within what this user may have; the server inherits it. Raises SystemExit if it is too
    little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{wanted} open files are needed, {hard} are allowed (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextmanager
def server(data: Path, places: int) -> Iterator[tuple[int, int, int]]:
    """(process id, port, TLS port) of a demo server that lets so many sessions in."""
    limits = ("SESSIONS", "SESSIONS_PER_USER", "SESSIONS_PER_ADDRESS")
    words = ["--data", str(data), "demo", "--port", "0", "--tls-port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "imapgate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **{f"IMAPGATE_LIMITS_{one}": str(places) for one in limits}},
    )
    assert process.stdout is not None
    try:
        told = ""
        for line in process.stdout:
            told += line
            if "activity show" in line:
                break
        ports = PORTS.search(told)
        if ports is None:
            raise SystemExit("the server didn't start")
        yield process.pid, int(ports[1]), int(ports[2])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        process.stdout.close()


def fill(data: Path) -> None:
    """A folder with a few messages, by a server that is gone when the measured one starts: making
    the demo leaves it memory to reuse."""
    with server(data, 10) as (_, port, _):
        client = Client(port, None)
        signed_in(client)
        client.command(b"CREATE Ten")
        for n in range(MESSAGES):
            mail = MAIL % n
            client.command(b"APPEND Ten {%d+}\r\n%b" % (len(mail), mail))
        client.socket.close()


def resident(pid: int) -> int:
    """Octets, those that were swapped out included."""
    found = re.findall(r"Vm(?:RSS|Swap):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return 1024 * sum(map(int, found))


def settled(pid: int) -> int:
    """Resident octets, once they have stopped to move; at most ten seconds are waited."""
    last, same = resident(pid), 0
    for _ in range(100):
        time.sleep(0.1)
        now = resident(pid)
        same = same + 1 if now == last else 0
        last = now
        if same == SETTLED:
            break
    return last


def wave(
    count: int, port: int, tls: ssl.SSLContext | None, reach: Callable[[Client], None]
) -> list[Client]:
    def one(_: int) -> Client:
        client = Client(port, tls)
        reach(client)
        return client

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(one, range(count)))


def measure(pid: int, ports: tuple[int, int], state: str, connections: int) -> dict[str, object]:
    secure, reach = STATES[state]
    tls = None
    if secure:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    port = ports[secure]
    clients = wave(min(FIRST_WAVE, connections // 3), port, tls, reach)
    before = settled(pid)
    clients += wave(connections, port, tls, reach)
    after = settled(pid)
    for client in clients:
        client.socket.close()
    each = (after - before) / connections
    return {"state": state, "before": before, "after": after, "each": round(each)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--connections", type=int, default=1000)
    options.add_argument("--states", default=",".join(STATES))
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    raise_file_limit(chosen.connections + 200)
    figures = []
    for state in chosen.states.split(","):
        with tempfile.TemporaryDirectory() as directory:
            data = Path(directory) / "idle"
            fill(data)
            with server(data, chosen.connections + FIRST_WAVE) as (pid, port, tls_port):
                figure = measure(pid, (port, tls_port), state, chosen.connections)
        figures.append(figure)
        if not chosen.json:
            print(
                f"{state:<16} {chosen.connections:>6} connections "
                f"{int(str(figure['each'])) / 1000:>8.1f} kB each",
                flush=True,
            )
    if chosen.json:
        print(json.dumps({"connections": chosen.connections, "figures": figures}))


if __name__ == "__main__":
    main()
