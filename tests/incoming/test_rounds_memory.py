"""However much a mailbox holds, a round holds one batch of it."""

from __future__ import annotations

import tracemalloc

from desk import LIMITS, mail
from mailboxes import Mailbox, MailboxSource, add, states
from world import World

from imapgate.incoming.accounts import effective
from imapgate.incoming.rounds import OCTETS, run_round

COUNT = 24
BODY = 900_000


class Large(MailboxSource):
    """Each message is made when it is read."""

    def read(self, key: str, most: int) -> bytes:
        return mail(f"Mail {key}", key, body="A line of text.\r\n" * (BODY // 17))


def test_memory_is_that_of_a_batch(world: World) -> None:
    """Far less than the messages have together."""
    box = Mailbox()
    box.deliver(*[b"x"] * COUNT)
    account = add(world, after_reading="delete", hourly=0)
    reading = world.db.read(lambda tx: effective(tx, account))
    tracemalloc.start()
    try:
        done = run_round(world.db, account, reading, Large(box), LIMITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.filed == COUNT
    assert states(world) == ["filed"] * COUNT
    assert peak < 16 * OCTETS < COUNT * BODY
