"""Whoever sends mails is killed at any step, and most of all between the end of a mail and its
answer, again and again: no mail reaches the server twice unless a person wanted it, none is lost,
and only of those that were being handed over it isn't known whether they were sent.

IMAPGATE_KILL_CYCLES says how many kills there are, IMAPGATE_KILL_SEED where they begin.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import posting
import pytest
from mail_server import MailServer
from servers import Server, Zygote, copied
from world import World

from imapgate.outgoing import outbox as box
from storage import Database, mailers

CYCLES = int(os.environ.get("IMAPGATE_KILL_CYCLES", "12"))
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "1"))
PEOPLE = tuple(f"{name}@example.net" for name in ("ann", "ben", "cat", "dan", "eve"))
MOST_LIVES = 20 * CYCLES

Mail = tuple[int, str, str]
"""(number, Message-ID, state)."""


@dataclass
class Post:
    """An outbox, who sends it, and the server that takes the mails."""

    zygote: Zygote
    data: Path
    world: World
    server: MailServer
    rng: Random
    fault: str | None = None
    forgiven: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a mail had reached somebody when a person let it be sent again."""
    handed_over: set[int] = field(default_factory=set)
    """Mails that were being handed over when their sender was killed, but for those that a person
    let be sent again."""
    between: int = 0
    """Such kills."""
    put: int = 0
    steps: int = 30
    kills: int = 0

    def work_and_be_killed(self) -> None:
        """New mails, perhaps a person's decision, and a sending that dies by its own step or by the
        server."""
        self.server.picky = self.rng.choice((0.0, 0.3))
        self.server.deadly = self.rng.choice((0.0, 0.3, 1.0))
        with self._open() as world:
            for _ in range(self.rng.randrange(1, 4)):
                self._put(world)
            self._decide(world)
        die_at = 0 if self.server.deadly == 1.0 else self.rng.randint(1, self.steps)
        self.kills += self.send(die_at) == -9

    def send(self, die_at: int) -> int:
        """Everything that waits is due; how the process ended."""
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db, db:
            db.execute("UPDATE outbox SET next_at = 0 WHERE state = 'waiting'")
        steps = self.data.parent / "steps"
        steps.unlink(missing_ok=True)
        self.server.sender = None
        order = {"die_at": die_at, "steps": str(steps), "fault": self.fault}
        pid = self.zygote.ask(sends=str(self.data), log=str(self.zygote.log), wanted=order)["pid"]
        self.server.sender = pid
        self.zygote.answer()
        ended = Server(self.zygote, pid, None).ended()
        if steps.exists():
            self.steps = max(20, int(steps.read_text()))
        self.look()
        return ended

    def look(self) -> None:
        """What the outbox says is what the server has."""
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            mails: list[Mail] = db.execute("SELECT id, message_id, state FROM outbox").fetchall()
            found = db.execute("SELECT outbox_id, address, state FROM outbox_recipient").fetchall()
        assert len(mails) >= self.put, "a mail is lost"
        by_number = {number: (message_id, state) for number, message_id, state in mails}
        cut = {number for number, _, state in mails if state == "handing over"}
        self.between += len(cut)
        self.handed_over |= cut
        for number, address, state in found:
            message_id, of_mail = by_number[number]
            known = message_id, address
            times = self.server.reached[known] - self.forgiven[known]
            assert times <= 1, f"mail {number} reached {address} twice"
            if state == "waiting" and of_mail in ("waiting", "sending"):
                assert not times, f"mail {number} waits, and has reached {address}"
            if state == "sent":
                assert times == 1, f"mail {number} counts as sent and never reached {address}"
            if state == "failed":
                assert not times, f"mail {number} was given up for {address}, whom it reached"
                assert address in self.server.refused, f"mail {number} was given up"
            if state == "uncertain":
                assert number in self.handed_over, f"mail {number} was never handed over"

    def end(self) -> Counter[str]:
        """Nobody is killed any more: new mails, of whose recipients some aren't taken at first, and
        then nothing waits; recipients by their state."""
        self.server.picky, self.server.deadly = 0.5, 0.0
        with self._open() as world:
            for _ in range(10):
                self._put(world)
        assert self.send(0) == 0, self.zygote.log.read_text()[-2000:]
        self.server.picky = 0.0
        # The first may meet what waits until it is due again.
        for _ in range(2):
            assert self.send(0) == 0, self.zygote.log.read_text()[-2000:]
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            states = {row[0] for row in db.execute("SELECT DISTINCT state FROM outbox")}
            ended = Counter(row[0] for row in db.execute("SELECT state FROM outbox_recipient"))
            told = db.execute("SELECT count(*) FROM outbox WHERE NOT told").fetchone()[0]
        assert states <= {"sent", "uncertain", "failed"}
        assert told == 0
        return ended

    def _put(self, world: World) -> None:
        self.put += 1
        to = self.rng.sample(PEOPLE, self.rng.choice((1, 1, 2, 4)))
        text = "x" * 70 + "\n"
        content = posting.mail(f"Mail {self.put}", text * self.rng.choice((1, 30, 3000)))
        posting.put(world, to, content, kind=self.rng.choice((box.ACTIVITY, box.TEMPLATE)))

    def _decide(self, world: World) -> None:
        """Of some that may have been sent somebody says that they are to be sent again."""
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            uncertain = db.execute(
                "SELECT o.id, o.message_id, r.address FROM outbox o"
                " JOIN outbox_recipient r ON r.outbox_id = o.id"
                " WHERE r.state = 'uncertain' AND o.state = 'uncertain'"
            ).fetchall()
        chosen = {row[0] for row in uncertain if self.rng.random() < 0.3}
        for number in chosen:
            world.db.write(lambda tx, number=number: box.retry(tx, number, True))  # type: ignore[misc]
        for number, message_id, address in uncertain:
            if number in chosen:
                self.forgiven[message_id, address] = self.server.reached[message_id, address]
        self.handed_over -= chosen

    @contextmanager
    def _open(self) -> Iterator[World]:
        db = Database.open(self.data / "imapgate.db")
        try:
            yield World(db, self.world.segment_id, self.world.people, self.world.groups)
        finally:
            db.close()


@contextmanager
def post_of(
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
    seed: int,
    fault: str | None = None,
) -> Iterator[Post]:
    data = copied(template[0], tmp_path / "data")
    rng = Random(seed)
    with MailServer(tmp_path, Random(seed)) as server:
        post = Post(zygote, data, template[1], server, rng, fault)
        with post._open() as world:
            mailer_id = posting.with_mailer(world)
            settings = {"host": "127.0.0.1", "port": server.port, "security": "none"}
            settings |= {"from": "crm@example.org"}
            world.db.write(lambda tx: mailers.change(tx, mailer_id, "main", "main", None, settings))
        yield post


def test_every_mail_is_handed_over_at_most_once(
    zygote: Zygote, template: tuple[Path, World], tmp_path: Path, figures: Counter[str]
) -> None:
    """Killed at random steps, and by the server between the end of a mail and its answer."""
    with post_of(zygote, template, tmp_path, SEED) as post:
        for _ in range(MOST_LIVES):
            post.work_and_be_killed()
            if post.kills >= CYCLES:
                break
        assert post.kills >= CYCLES
        ended = post.end()
    assert post.between, "no kill fell between a mail's end and its answer"
    figures["kills while sending"] += post.kills
    figures["mails sent among kills"] += ended["sent"]


def test_killed_at_each_step(zygote: Zygote, template: tuple[Path, World], tmp_path: Path) -> None:
    """One after the other, until a sending comes to its end."""
    with post_of(zygote, template, tmp_path, SEED) as post:
        every = 1 if CYCLES >= 100 else 3
        for step in range(every, 300, every):
            with post._open() as world:
                post._put(world)
            if post.send(step) == 0:
                break
        else:
            pytest.fail("it never came to its end")
        post.end()


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("end unsaid", "reached .* twice|waits, and has reached"),
        ("tried again", "reached .* twice|waits, and has reached"),
        ("said early", "counts as sent and never reached"),
        ("all once more", "reached .* twice|was given up for .*, whom it reached"),
    ],
)
def test_the_ledger_sees(
    fault: str, complaint: str, zygote: Zygote, template: tuple[Path, World], tmp_path: Path
) -> None:
    """Each of these mistakes is found within a few kills."""
    with pytest.raises(AssertionError, match=complaint):
        look_for(fault, zygote, template, tmp_path)


def look_for(fault: str, zygote: Zygote, template: tuple[Path, World], tmp_path: Path) -> None:
    """Forty lives."""
    with post_of(zygote, template, tmp_path, SEED, fault) as post:
        for _ in range(40):
            post.work_and_be_killed()
        post.end()
