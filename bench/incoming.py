"""How fast a mailbox is read, and how much memory that takes: messages from a Dovecot of its own
become activities.

    python bench/incoming.py [--messages 5000] [--protocol imaps] [--octets 4000]

Starts Dovecot (it must be installed) with a mailbox of so many messages and reads it in rounds, as
the server does; prints the rate and the peak of the memory after a tenth and after all of them, and
removes everything. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import world as worlds  # noqa: E402
from dovecot import HOST, Dovecot, Mailbox  # noqa: E402

from imapgate.incoming.account import Secrets  # noqa: E402
from imapgate.incoming.accounts import add_account, effective  # noqa: E402
from imapgate.incoming.opening import Opener  # noqa: E402
from imapgate.incoming.rounds import run_round  # noqa: E402
from imapgate.limits import Limits  # noqa: E402
from imapgate.servers.secrets import SecretKey  # noqa: E402
from storage import Database, incoming_log  # noqa: E402


def mail(n: int, octets: int) -> bytes:
    line = f"Line of message {n}: the quick brown fox jumps over the lazy dog.\r\n"
    head = (
        f"From: Sender {n % 500} <sender{n % 500}@example.net>\r\nTo: support@example.org\r\n"
        f"Subject: Bench {n}\r\nDate: Mon, 06 Jan 2025 10:00:00 +0000\r\n"
        f"Message-ID: <bench-{n}@example.net>\r\n\r\n"
    )
    return (head + line * max(1, octets // len(line))).encode()


def forget_peak() -> None:
    """From now on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """MiB of this process since `forget_peak`."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def read(db: Database, server: Dovecot, box: Mailbox, protocol: str, messages: int) -> None:
    key = db.path.parent / "secrets.key"
    account = db.write(
        lambda tx: add_account(
            tx,
            1,
            "bench",
            "mailbox",
            {
                "protocol": protocol,
                "host": HOST,
                "port": server.port(protocol),
                "user": box.user,
                "ca": server.authority if protocol.endswith("s") else None,
                "after_reading": "delete",
                "hourly": 0,
            },
            Secrets(password=box.password),
            SecretKey(key),
            "bench",
        )
    )
    reading = db.read(lambda tx: effective(tx, account))
    forget_peak()
    before, began, took, shown = peak(), time.monotonic(), 0, False
    opener = Opener(db, key)
    source = opener(account, reading)
    more = True
    while more:
        if took and protocol.startswith("pop3"):  # as a visit does: it deletes when it ends
            source.close()
            source = opener(account, reading)
        done = run_round(db, account, reading, source, Limits())
        took, more = took + done.filed, done.more
        if not more or (not shown and took >= messages // 10):
            seconds = time.monotonic() - began
            print(
                f"{protocol}: {took:>6} filed in {seconds:6.1f} s  {took / seconds:6.0f}/s  "
                f"peak {peak():6.1f} MiB ({before:.1f} before)",
                flush=True,
            )
            shown = True
    source.close()
    filed = db.read(lambda tx: incoming_log.count(tx, incoming_log.Wanted(state="filed")))
    if filed != messages or box.files():
        raise SystemExit(f"{filed} of {messages} filed, {len(box.files())} left")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--messages", type=int, default=5000)
    options.add_argument("--octets", type=int, default=4000)
    options.add_argument("--protocol", default="imaps")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as directory, Dovecot() as server:
        box = server.new_mailbox()
        for start in range(0, asked.messages, 500):
            end = min(start + 500, asked.messages)
            box.deliver(*(mail(n, asked.octets) for n in range(start, end)))
        db = Database.create(Path(directory) / "imapgate.db", "bench")
        try:
            worlds.build(db)
            read(db, server, box, asked.protocol, asked.messages)
        finally:
            db.close()


if __name__ == "__main__":
    main()
