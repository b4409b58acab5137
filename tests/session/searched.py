"""An INBOX for the examples of SEARCH's extensions."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping

from mailroom import folder, put
from sqlalchemy import update
from transcript import Stage
from world import World

from storage.schema import folder as folders


def at(day: str) -> int:
    """Noon of `YYYY-MM-DD`, in seconds since 1970."""
    return int(datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())


def fill(
    world: World,
    count: int,
    *,
    uids: Mapping[int, int] | None = None,
    smith: Collection[int] = (),
    eric: Collection[int] = (),
    old: Collection[int] = (),
) -> None:
    """Puts `count` mails into alice's INBOX, of 10 November 2006.

    uids: by number, the UID from which UIDs go on. smith, eric: numbers of mails from those, the
    rest is from Ann. old: numbers of mails of January 1994."""
    inbox = folder(world, world.alice)
    start = 0
    cuts = {number - 1 for number in uids or ()} | {count}
    for number in old:
        cuts |= {number - 1, number}
    for end in sorted(cuts - {0}):
        jump = (uids or {}).get(start + 1)
        if jump is not None:
            _next_uid(world, inbox.id, jump)
        contents = [_mail(number, smith, eric) for number in range(start + 1, end + 1)]
        day = "1994-01-20" if end in old else "2006-11-10"
        put(world, world.alice, "INBOX", contents, internal_at=at(day))
        start = end


def _mail(number: int, smith: Collection[int], eric: Collection[int]) -> bytes:
    sender = "Smith" if number in smith else "Eric" if number in eric else "Ann"
    return f"From: {sender} <{sender}@example.org>\r\nSubject: {number}\r\n\r\nhello\r\n".encode()


def _next_uid(world: World, folder_id: int, uid: int) -> None:
    statement = update(folders).where(folders.c.id == folder_id).values(uidnext=uid)
    world.db.write(lambda tx: tx.connection.execute(statement))


def select(stage: Stage, **flags: str) -> None:
    """INBOX, after flags were set: `Flagged="1:3"`, of keywords `_Junk="2"` for `$Junk`."""
    stage.run("C: s SELECT INBOX\nS: ~\nS: s OK ...")
    for name, numbers in flags.items():
        flag = f"${name[1:]}" if name.startswith("_") else f"\\{name}"
        stage.run(f"C: t STORE {numbers} +FLAGS.SILENT ({flag})\nS: ~\nS: t OK ...")
