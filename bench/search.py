"""How long SEARCH takes on a big folder, and how long it keeps the write-ahead log from going home.

    python bench/search.py [--messages 50000] [--rounds 3]

One INBOX with messages of 2 kB of text each. Processor time of the whole command and of its longest
read transaction: what others commit meanwhile stays in the log for as long as that. The best round
counts; nothing is asserted.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from imapgate.folders import ready
from storage import Database, Tx
from storage.entries import NewEntry, add

# Behind the packages, since the tests of `storage` stand in a directory of that name.
sys.path.append(str(Path(__file__).parent.parent / "tests"))

import world as worlds
from mailroom import folder
from transcript import Stage

T = TypeVar("T")
WORDS = [f"{a}{b}" for a in ("ver", "kon", "bil", "tran", "sol", "mer") for b in "aeiouxyz"]
OCTETS = 2000
AT_ONCE = 1000
OR_OF_32 = "OR " * 31 + " ".join(f"TEXT nothing{n}" for n in range(32))
COMMANDS = (
    "SEARCH UNSEEN",
    "SEARCH SUBJECT bila",
    "SEARCH SUBJECT nothing",
    "SEARCH TEXT nothing",
    "SEARCH UNSEEN TEXT nothing",
    "UID SEARCH RETURN (COUNT) TEXT bila",
    f"SEARCH {OR_OF_32}",
)


def fill(world: worlds.World, messages: int) -> None:
    inbox = folder(world, world.alice)
    chance = random.Random(0)
    pattern = ready.prepare(b"From: ann@example.org\r\nSubject: x\r\n\r\ntext\r\n")

    def work(tx: Tx, first: int) -> None:
        new = []
        for number in range(first, min(first + AT_ONCE, messages)):
            text = " ".join(chance.choices(WORDS, k=OCTETS // 5))
            one = replace(
                pattern,
                sha256=hashlib.sha256(b"%d" % number).digest(),
                header_text=f"from: ann@example.org\nsubject: {text[:40]}\n",
                body_text=text,
            )
            new.append(NewEntry(ready.store(tx, world.segment_id, one), OCTETS, 1_000_000_000))
        add(tx, inbox.id, new)

    for first in range(0, messages, AT_ONCE):
        world.db.write(lambda tx, first=first: work(tx, first))


class Reads:
    """Stands in for `Database.read`; longest: processor time of one read, in seconds."""

    def __init__(self, database: Database) -> None:
        self._real = database.read
        self.longest = 0.0
        self.count = 0

    def read(self, work: Callable[[Tx], T]) -> T:
        begun = time.thread_time()
        try:
            return self._real(work)
        finally:
            self.longest = max(self.longest, time.thread_time() - begun)
            self.count += 1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        database = Database.create(Path(directory) / "bench.db", "bench")
        world = worlds.build(database)
        fill(world, chosen.messages)
        stage = Stage(world)
        client = stage.client("alice")
        client.send(b"a SELECT INBOX\r\n")
        client.wire.take()
        try:
            for command in COMMANDS:
                measured = [_measure(stage, database, command) for _ in range(chosen.rounds)]
                whole, longest, count = min(measured)
                print(
                    f"{command[:40]:<40} {whole * 1000:>8.0f} ms, longest read"
                    f" {longest * 1000:>8.0f} ms of {count}"
                )
        finally:
            stage.close()
            database.close()


def _measure(stage: Stage, database: Database, command: str) -> tuple[float, float, int]:
    """(the whole command, its longest read, its reads)."""
    client = stage.client("alice")
    reads = Reads(database)
    database.read = reads.read  # type: ignore[method-assign]
    begun = time.thread_time()
    client.send(f"z {command}\r\n".encode())
    whole = time.thread_time() - begun
    del database.read  # type: ignore[method-assign]
    assert b"\r\nz OK" in client.wire.take()
    return whole, reads.longest, reads.count


if __name__ == "__main__":
    main()
