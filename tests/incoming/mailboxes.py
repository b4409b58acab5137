"""A mailbox that tests script: what is in it, what becomes of it, and how it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk import LIMITS
from sqlalchemy import select
from world import World

from imapgate.incoming.account import Account
from imapgate.incoming.accounts import add_account, effective
from imapgate.incoming.rounds import Round, run_round
from imapgate.incoming.source import EVERYTHING, Position, TooLarge, Unreadable, Waiting
from imapgate.limits import Limits
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets, ServerError
from storage.incoming import IncomingRow
from storage.schema import incoming as queue_table


@dataclass
class Mailbox:
    """messages: by UID (IMAP) or UIDL. validity: of IMAP; None: POP3. moved, deleted, seen: what
    was done. unreadable: keys that the server won't give. before: called with each step's name.
    idles: whether it tells of new mail; bell: rung by `ring`."""

    validity: int | None = 7
    messages: dict[str, bytes] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    moved: dict[str, list[bytes]] = field(default_factory=dict)
    deleted: list[bytes] = field(default_factory=list)
    unreadable: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda step: None
    dates: dict[str, int] = field(default_factory=dict)
    idles: bool = False
    bell: threading.Event = field(default_factory=threading.Event)
    _next: int = 1

    def deliver(self, *contents: bytes) -> list[str]:
        """Their UIDs."""
        names = []
        for content in contents:
            names.append(str(self._next))
            self.messages[str(self._next)] = content
            self.dates[str(self._next)] = 1_700_000_000 + len(self.dates)
            self._next += 1
        return names

    def ring(self, *contents: bytes) -> None:
        """New mail, of which whoever waits is told."""
        self.deliver(*contents)
        self.bell.set()

    def renew(self) -> None:
        """A new UIDVALIDITY, and other UIDs."""
        assert self.validity is not None
        self.validity += 1
        old, self.messages, self._next = self.messages, {}, 101
        was_seen, self.seen = self.seen, set()
        for name, content in old.items():
            (new,) = self.deliver(content)
            self.dates[new] = self.dates[name]
            if name in was_seen:
                self.seen.add(new)

    def key(self, name: str) -> str:
        return name if self.validity is None else f"{self.validity}.{name}"

    def step(self, name: str) -> None:
        self.steps.append(name)
        self.before(name)


class MailboxSource:
    """See imapgate.incoming.source.Source."""

    warnings: Sequence[str] = ()

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.interrupted = False
        self.since: Position = {}

    def waiting(self, position: Position) -> list[Waiting]:
        box = self.mailbox
        box.step("waiting")
        self.since = position
        since = int(position.get("next", 1)) if position.get("validity") == box.validity else None
        return [
            Waiting(box.key(name), box.sizes.get(name, len(content)), box.dates.get(name))
            for name, content in box.messages.items()
            if position == EVERYTHING
            or box.validity is None
            or name not in box.seen
            or (since is not None and int(name) >= since)
        ]

    def read(self, key: str, most: int) -> bytes:
        name = self._name(key)
        self.mailbox.step(f"read {name}")
        if name is None or name not in self.mailbox.messages:
            raise KeyError(key)
        if name in self.mailbox.unreadable:
            raise Unreadable("The server doesn't give this message.", "NO")
        content = self.mailbox.messages[name]
        if len(content) > most:
            raise TooLarge(len(content))
        return content

    def settle(self, keys: Collection[str], afterwards: str, move_to: str | None) -> None:
        box = self.mailbox
        box.step("settle")
        for key in keys:
            name = self._name(key)
            if name is None or name not in box.messages:
                continue
            box.step(f"settle {name}")
            if afterwards == "keep":
                box.seen.add(name)
                continue
            content = box.messages.pop(name)
            if afterwards == "move":
                assert move_to is not None
                box.moved.setdefault(move_to, []).append(content)
            else:
                box.deleted.append(content)

    def position(self, whole: bool = True) -> Position:
        if not whole:
            return self.since
        return {"validity": self.mailbox.validity, "next": self.mailbox._next}

    def count(self) -> int:
        return len(self.mailbox.messages)

    def newest(self) -> Waiting | None:
        return None

    def wait(self, seconds: float) -> bool:
        if not self.mailbox.idles:
            return False
        self.mailbox.step("wait")
        heard = self.mailbox.bell.wait(seconds)
        self.mailbox.bell.clear()
        return heard and not self.interrupted

    def interrupt(self) -> None:
        self.interrupted = True
        self.mailbox.bell.set()

    def close(self) -> None:
        self.mailbox.steps.append("close")

    def _name(self, key: str) -> str | None:
        if self.mailbox.validity is None:
            return key
        validity, _, name = key.partition(".")
        return name if validity == str(self.mailbox.validity) else None


def broken(step: str, permanent: bool = False) -> ServerError:
    return ServerError(step, "The server went away.", "EOF", permanent=permanent)


def add(world: World, name: str = "support", **settings: Any) -> Account:
    """An account of the segment; settings: as imapgate.incoming.settings.flat has them."""
    key = SecretKey(world.db.path.parent / "secrets.key")
    wanted = {
        "protocol": "imap",
        "host": "mail.example.org",
        "user": "support",
        "stranger": "link",
        **settings,
    }
    kind = wanted.pop("kind", "mailbox")
    return world.db.write(
        lambda tx: add_account(
            tx, world.segment_id, name, kind, wanted, Secrets(password="x"), key, "tests"
        )
    )


def play(
    world: World,
    mailbox: Mailbox,
    account: Account,
    limits: Limits = LIMITS,
    **more: Any,
) -> Round:
    """One round."""
    reading = world.db.read(lambda tx: effective(tx, account))
    return run_round(world.db, account, reading, MailboxSource(mailbox), limits, **more)


def rows(world: World) -> list[IncomingRow]:
    """The queue, oldest first."""
    columns = [queue_table.c[name] for name in IncomingRow.__slots__]
    return world.db.read(
        lambda tx: [
            IncomingRow(*row)
            for row in tx.connection.execute(select(*columns).order_by(queue_table.c.id))
        ]
    )


def states(world: World) -> list[str]:
    return [one.state for one in rows(world)]
