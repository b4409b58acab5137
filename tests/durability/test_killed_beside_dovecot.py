"""The server reads a real mailbox by itself and is killed at any moment: each message is filed
once, none is lost, and new mail comes without waiting for the next round."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from dovecot import HOST, Dovecot, Mailbox
from mails import mail
from read_account import add_account_of
from servers import Zygote
from world import World

CYCLES = max(2, int(os.environ.get("IMAPGATE_KILL_CYCLES", "12")) // 15)
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "1"))
PATIENCE = 60.0


def rows(data: Path) -> list[tuple[bytes, str, int]]:
    with closing(sqlite3.connect(data / "imapgate.db")) as db:
        return db.execute("SELECT sha256, state, settled FROM incoming").fetchall()


def until(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, said()
        time.sleep(0.02)


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_each_message_is_filed_once(
    protocol: str,
    zygote: Zygote,
    data: Path,
    template: tuple[Path, World],
    dovecot: Dovecot,
    mailbox: Mailbox,
    figures: Counter[str],
) -> None:
    """The mailbox, which is emptied, and the queue together always have all of it."""
    rng = Random(SEED)
    add_account_of(
        data,
        template[1],
        protocol,
        "delete",
        mailbox.password,
        host=HOST,
        port=dovecot.port(protocol),
        user=mailbox.user,
    )
    delivered = 0

    def deliver(count: int) -> None:
        nonlocal delivered
        delivered += count
        for _ in range(count):
            mark = rng.randbytes(8).hex()
            mailbox.deliver(mail(rng, mark, "A mail", rng.choice((200, 20_000))))

    for _ in range(CYCLES):
        deliver(rng.randrange(1, 6))
        server = zygote.start(data)
        time.sleep(rng.random() * 0.8)
        server.kill()
    server = zygote.start(data)

    def is_done() -> bool:
        found = rows(data)
        return len(found) >= delivered and all(one[1:] == ("filed", 1) for one in found)

    def said() -> object:
        return Counter(one[1:] for one in rows(data)), zygote.log.read_text()[-2000:]

    until(is_done, said)
    if protocol == "imap":
        deliver(1)  # long before the next round is due
        until(is_done, said)
    server.stop()
    assert len(rows(data)) == delivered
    assert len({one[0] for one in rows(data)}) == delivered
    assert mailbox.files() == []
    with closing(sqlite3.connect(data / "imapgate.db")) as db:
        filed = db.execute("SELECT count(*), sum(times) FROM drop_record").fetchone()
        assert filed == (delivered, delivered)
    figures["kills of a server that reads a mailbox"] += CYCLES
