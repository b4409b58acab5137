"""Whoever reads a mailbox is killed at any step, again and again: no message is ever gone from both
sides, and in the end each is filed exactly once.

IMAPGATE_KILL_CYCLES says how many kills there are (each way of reading has its part of them),
IMAPGATE_KILL_SEED where they begin.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from maildrop import Maildrop
from mails import mail
from read_account import add_account_of
from servers import Server, Zygote, copied
from world import World

CYCLES = int(os.environ.get("IMAPGATE_KILL_CYCLES", "12"))
SEED = int(os.environ.get("IMAPGATE_KILL_SEED", "1"))
WAYS = (
    *(("imap", afterwards) for afterwards in ("keep", "move", "delete")),
    *(("pop3", afterwards) for afterwards in ("keep", "delete")),
)
EACH = max(3, CYCLES // len(WAYS))
"""Kills of each way of reading."""


@dataclass
class Post:
    """A mailbox, who reads it, and what was ever delivered there."""

    zygote: Zygote
    data: Path
    box: Maildrop
    rng: Random
    afterwards: str
    fault: str | None = None
    delivered: Counter[bytes] = field(default_factory=Counter)
    contents: list[bytes] = field(default_factory=list)
    named: dict[str, bytes] = field(default_factory=dict)
    last: int = 0
    steps: int = 60
    kills: int = 0

    def deliver(self) -> None:
        """A few mails; some come twice, byte for byte; one may get the UIDL of what is gone."""
        for _ in range(self.rng.randrange(4)):
            known = self.rng.random() < 0.2 and self.delivered
            if known:
                content = self.rng.choice(self.contents)
            else:
                mark = f"m{self.rng.randbytes(8).hex()}"
                subject = self.rng.choice(("A mail", "About #10000001"))
                content = mail(self.rng, mark, subject, self.rng.choice((200, 2000, 20_000)))
                self.contents.append(content)
            self.put(self._free_name(content), content)

    def put(self, name: str, content: bytes) -> None:
        self.delivered[sha(content)] += 1
        self.named[name] = sha(content)
        self.box.put(name, content, 1_700_000_000 + self.delivered.total())

    def _free_name(self, content: bytes) -> str:
        """A UIDL may be given anew, at once, but for the same bytes, which nobody could tell from
        what ought to be gone; a UID never."""
        here = self.box.names()
        numbers = map(str, range(1, self.last + 1))
        free = [one for one in numbers if one not in here and self.named.get(one) != sha(content)]
        if self.box.validity is None and free and self.afterwards == "delete":
            return self.rng.choice(free)
        self.last += 1
        return str(self.last)

    def read(self, die_at: int) -> int:
        """Reads the mailbox until it is killed; how the process ended."""
        steps = self.data.parent / "steps"
        steps.unlink(missing_ok=True)
        order: dict[str, Any] = {"die_at": die_at, "steps": str(steps), "fault": self.fault}
        pid = self.zygote.ask(
            serve=str(self.data),
            rounds=str(self.box.path),
            log=str(self.zygote.log),
            wanted=order,
        )["pid"]
        self.zygote.answer()
        ended = Server(self.zygote, pid, None).ended()
        if steps.exists():
            self.steps = max(20, int(steps.read_text()))
        self.look()
        return ended

    def tidy(self) -> None:
        """Somebody else deletes what was taken, settled or not; POP3 gives its UIDL anew."""
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            rows = Counter(row[0] for row in db.execute("SELECT sha256 FROM incoming"))
        for name in self.box.names():
            file = self.box.path / "waiting" / name
            sha256 = sha(file.read_bytes())
            if rows[sha256] == self.delivered[sha256] and self.rng.random() < 0.5:
                file.unlink()

    def work_and_be_killed(self) -> None:
        """New mail, a reading that dies, perhaps another; sometimes a new UIDVALIDITY between."""
        if self.rng.random() < 0.2:
            self.tidy()
        self.deliver()
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self.kills += self.read(self.rng.randint(1, self.steps)) == -9
            if self.box.validity is not None and self.rng.random() < 0.1:
                self.box.renew(self.last + 1)
                self.last += len(self.box.names())

    def look(self) -> None:
        """Whatever was delivered is in the mailbox or, whole, in the queue."""
        here = {sha(one) for one in self.box.contents()}
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            for sha256 in self.delivered.keys() - here:
                chunks = db.execute(
                    "SELECT c.bytes FROM incoming i JOIN message_chunk c USING (stored_message_id)"
                    " WHERE i.sha256 = ? AND i.id = (SELECT min(id) FROM incoming WHERE sha256 = ?)"
                    " ORDER BY c.n",
                    (sha256, sha256),
                )
                if sha(b"".join(row[0] for row in chunks)) != sha256:
                    raise AssertionError(f"{sha256.hex()} is gone from both sides")

    def end(self) -> None:
        """One reading that isn't killed, after which all is as if nobody had ever been."""
        for _ in range(2):
            assert self.read(0) == 0, self.zygote.log.read_text()[-2000:]
        with closing(sqlite3.connect(self.data / "imapgate.db")) as db:
            rows = Counter(row[0] for row in db.execute("SELECT sha256 FROM incoming"))
            states = Counter(db.execute("SELECT state, settled FROM incoming").fetchall())
            drops = Counter(
                {
                    row[0]: row[1]
                    for row in db.execute(
                        "SELECT sha256, sum(times) FROM drop_record"
                        " WHERE verdict = 'filed' GROUP BY sha256"
                    )
                }
            )
            entries = Counter(
                row[0]
                for row in db.execute(
                    "SELECT m.sha256 FROM entry e JOIN message m ON m.id = e.stored_message_id"
                    " JOIN folder f ON f.id = e.folder_id WHERE f.kind = 'group'"
                )
            )
            activities = db.execute("SELECT count(*) FROM email_activity").fetchone()[0]
        assert rows == self.delivered, "a message isn't once in the queue"
        assert states == {("filed", 1): self.delivered.total()} or not self.delivered
        assert drops == self.delivered, "a message isn't filed once"
        assert entries == Counter(dict.fromkeys(self.delivered, 1))
        assert activities == len(self.delivered)
        waiting = self.box.names()
        assert [one for one in waiting if not self.box.is_seen(one)] == [] or (
            self.afterwards == "keep" and self.box.validity is None
        )
        assert self.afterwards == "keep" or waiting == []


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def post_of(
    protocol: str,
    afterwards: str,
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
    seed: int,
    fault: str | None = None,
) -> Post:
    data = copied(template[0], tmp_path / "data")
    add_account_of(data, template[1], protocol, afterwards)
    box = Maildrop.make(tmp_path / "box", 7 if protocol == "imap" else None)
    return Post(zygote, data, box, Random(seed), afterwards, fault)


@pytest.mark.parametrize(("protocol", "afterwards"), WAYS)
def test_every_message_is_filed_once(
    protocol: str,
    afterwards: str,
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
    figures: Counter[str],
) -> None:
    """Killed at random steps of reading, committing, filing and settling."""
    post = post_of(protocol, afterwards, zygote, template, tmp_path, SEED)
    while post.kills < EACH:
        post.work_and_be_killed()
    post.end()
    figures["kills while fetching"] += post.kills
    figures["messages fetched"] += post.delivered.total()


@pytest.mark.parametrize(("protocol", "afterwards"), [("imap", "delete"), ("pop3", "delete")])
def test_killed_at_each_step(
    protocol: str,
    afterwards: str,
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
) -> None:
    """One after the other, until a reading comes to its end; then nothing is left to do."""
    post = post_of(protocol, afterwards, zygote, template, tmp_path, SEED)
    step = 0
    every = 1 if CYCLES >= 100 else 4
    while True:
        step += every
        content = mail(post.rng, f"s{step}", "A mail", 200)
        post.put(post._free_name(content), content)
        if post.read(step) == 0:
            break
        assert step < 500
    post.end()


@pytest.mark.parametrize(
    ("fault", "protocol", "complaint"),
    [
        ("settled too early", "imap", "gone from both sides"),
        ("filed apart", "imap", "isn't filed once"),
        ("known by bytes", "imap", "isn't once in the queue"),
        ("keys trusted", "pop3", "gone from both sides|isn't once in the queue"),
    ],
)
def test_the_ledger_sees(
    fault: str,
    protocol: str,
    complaint: str,
    zygote: Zygote,
    template: tuple[Path, World],
    tmp_path: Path,
) -> None:
    """Each of these mistakes is found within a few kills."""
    with pytest.raises(AssertionError, match=complaint):
        look_for(fault, protocol, zygote, template, tmp_path)


def look_for(
    fault: str, protocol: str, zygote: Zygote, template: tuple[Path, World], tmp_path: Path
) -> None:
    """Twenty lives of a few kills."""
    for attempt in range(20):
        where = tmp_path / str(attempt)
        where.mkdir()
        post = post_of(protocol, "delete", zygote, template, where, SEED + attempt, fault)
        for _ in range(4):
            post.work_and_be_killed()
        post.end()
