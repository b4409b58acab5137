"""How long a command of many octets holds the reactor, and how long its worker computes.

    python bench/reactor.py [--rounds 5]

One session on a folder of 20,000 messages, in memory, without sockets; processor time of the thread
that stands for the reactor, without that of the works handed to workers. The longest turn of the
best round counts; nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from storage import Database

# Behind the packages, since the tests of `storage` stand in a directory of that name.
sys.path.append(str(Path(__file__).parent.parent / "tests"))

import world as worlds
from transcript import Stage

MESSAGES = 20_000
MAIL = b"Subject: x\r\n\r\ntext\r\n"
DOUBLED = 5000
"""One APPEND of 500 is copied up to here, in COPYs that stay below their limit."""


class Bench(Stage):
    """A stage whose works wait, and are timed apart from what the reactor does."""

    worked = 0.0

    def _call(self, work: Callable[[], Any]) -> Deferred[Any]:
        def timed() -> Any:
            begun = time.thread_time()
            try:
                return work()
            finally:
                self.worked += time.thread_time() - begun

        return super()._call(timed)

    def measure(self, command: bytes) -> tuple[float, float]:
        """(longest turn of the reactor, all works), in seconds."""
        client = self.client("alice")
        self.hold, self.worked = True, 0.0
        turns = [self._turn(lambda: client.send(b"z " + command + b"\r\n"))]
        answer = client.wire.take()
        while not answer.endswith(b"\r\n") or b"\r\nz " not in b"\r\n" + answer[-300:]:
            turns.append(self._turn(lambda: self.release(1)))
            answer += client.wire.take()
        self.hold = False
        self.release()
        client.wire.take()
        return max(turns), self.worked

    def _turn(self, act: Callable[[], object]) -> float:
        worked, begun = self.worked, time.thread_time()
        act()
        return time.thread_time() - begun - (self.worked - worked)


def filled(stage: Bench) -> None:
    client = stage.client("alice")
    part = b" {%d+}\r\n%b" % (len(MAIL), MAIL)
    client.send(b"a APPEND INBOX" + part * 500 + b"\r\nb SELECT INBOX\r\n")
    have = 500
    while have < MESSAGES:
        some = min(have, DOUBLED, MESSAGES - have)
        client.send(b"c COPY 1:%d INBOX\r\n" % some)
        have += some
    client.send(b"d SELECT INBOX\r\n")
    assert b"* %d EXISTS" % MESSAGES in client.wire.take()


def commands() -> dict[str, bytes]:
    numbers = b",".join(b"%d" % number for number in range(1, MESSAGES, 2))[:64_000]
    numbers = numbers[: numbers.rindex(b",")]
    ranges = b"%d ranges" % (numbers.count(b",") + 1)
    names = b" ".join(b"X-Field-%d" % n for n in range(190))
    return {
        f"UID FETCH {ranges.decode()} FLAGS": b"UID FETCH %b FLAGS" % numbers,
        f"FETCH {ranges.decode()} UID": b"FETCH %b UID" % numbers,
        f"UID STORE {ranges.decode()} +FLAGS": b"UID STORE %b +FLAGS.SILENT (\\Seen)" % numbers,
        f"UID SEARCH UID {ranges.decode()}": b"UID SEARCH UID %b" % numbers,
        "FETCH 1:* FLAGS": b"FETCH 1:* FLAGS",
        "FETCH 1 of 190 header fields": b"FETCH 1 BODY.PEEK[HEADER.FIELDS (%b)]" % names,
        "FETCH of 9,000 items (BAD)": b"FETCH 1 (%bUID)" % (b"BODY[1] " * 7900),
        "STORE of 7,000 flags": b"STORE 1 FLAGS (%b)" % b" ".join(b"k%d" % n for n in range(7000)),
        "ID of 8,000 fields": b"ID (%bx y)" % (b"a b c d " * 7900),
        "NOOP": b"NOOP",
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        database = Database.create(Path(directory) / "bench.db", "bench")
        stage = Bench(worlds.build(database))
        try:
            filled(stage)
            for name, command in commands().items():
                held, worked = min(stage.measure(command) for _ in range(rounds))
                print(f"{name:<40} reactor {held * 1000:>8.2f} ms, worker {worked * 1000:>8.1f} ms")
        finally:
            stage.close()
            database.close()


if __name__ == "__main__":
    main()
