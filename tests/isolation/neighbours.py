"""Two databases that differ in nothing but what is none of dave's and carol's business: in one of
them another segment and a group without them, with mails that resemble theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import world as worlds
from argon2 import PasswordHasher
from coming_in import add_account, fail
from desk import Desk, mail, wrapper
from revising import case, make
from transcript import Stage
from world import PASSWORD, World

from imapgate.activities import by_hand, creators, groups, segments, users
from imapgate.activities.linking import RELATES_TO
from imapgate.activities.people import Person
from imapgate.folders import groups as folder_groups
from imapgate.folders.activity_folders.settling import settle
from imapgate.incoming.queue import Wanted
from storage import Database, Tx, activities, links

SECRET = "Trackers/Secret"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Signing in is not what this is about."""

KNOWN = mail("Offer", n="known", body="What both can read.")
"""In Sales, where alice dropped it."""
THREAD = [mail(f"Offer {n}", n="known", body=f"Another {n}.") for n in range(25)]
"""In Secret: more mails under KNOWN's Message-ID than are ever looked at."""
LATE = [mail(f"Late {n}", n="late", body=f"Late {n}.") for n in range(25)]
"""The same, before anything under that Message-ID stands where dave reads."""
SAME = mail("Zebra finch", n="same", body="The same octets on both sides.")
AGREEING = mail("Canary", n="agreeing", body="The same mail in other octets.")
AGREEING_HERE = AGREEING.replace(b"Date: Mon, 06 Jan", b"X-Here: yes\r\nDate: Mon, 06 Jan")
ANSWERED = mail("Ostrich", n="answered", body="Who answers this doesn't see it.")
ANSWER = mail(
    "Re: Ostrich", n="answer", extra="In-Reply-To: <manswered@example.com>\r\n", body="Yes."
)


@dataclass(frozen=True)
class Counters:
    """What is counted for a whole segment or database, and so shows that something was there."""

    number: int
    uidvalidity: int


def counters(db: Database) -> Counters:
    with closing(sqlite3.connect(db.path)) as connection:
        [(number,)] = connection.execute("SELECT next_number FROM segment WHERE id = 1")
        [(uidvalidity,)] = connection.execute("SELECT value FROM meta WHERE key = 'uidvalidity'")
    return Counters(number, int(uidvalidity))


def set_counters(db: Database, to: Counters) -> None:
    """As if as much had been made and were gone."""
    with closing(sqlite3.connect(db.path)) as connection, connection:
        connection.execute("UPDATE segment SET next_number = ? WHERE id = 1", (to.number,))
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'uidvalidity'", (str(to.uidvalidity),)
        )


@contextmanager
def stage(neighbours: bool) -> Iterator[tuple[Stage, Counters]]:
    """A server on one of the two databases; and what was counted in it beyond the other."""
    content, people, made = _base()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "imapgate.db"
        path.write_bytes(content)
        db = Database.open(path)
        world = World(db, 1, people, made)
        if neighbours:
            move_in(world)
        playing = Stage(world)
        try:
            yield playing, counters(db)
        finally:
            playing.close()
            db.close()


def move_in(world: World) -> None:
    """Group and segment of strangers, with names, words and mails that dave and carol try."""
    db = world.db

    def found(tx: Tx) -> list[Person]:
        secret = groups.add_group(tx, world.segment_id, "Secret", "tracker")
        folder_groups.group_added(tx, secret.id)
        creators.add_creator(tx, world.segment_id, "Secret E-Mails", "E-Mail", [secret])
        creators.add_creator(tx, world.segment_id, "SecretBug", "Bug", [secret])
        creators.add_creator(tx, world.segment_id, "Sales E-Mails  Europe", "E-Mail", [secret])
        _member(tx, world, "Secret", "alice", "contributor")
        _member(tx, world, "Secret", "bob", "manager")
        hashed = QUICK.hash(PASSWORD)
        elsewhere, admin = segments.add_segment(
            tx, "Elsewhere", "admin", "chief@elsewhere.example", hashed
        )
        assert admin is not None
        dave = users.add_user(tx, elsewhere.id, "dave", "dave@elsewhere.example", hashed)
        people = [admin, dave]
        for one in people:
            folder_groups.make_home(tx, one)
        for name in ("Sales", "Elsewhere"):
            group = groups.add_group(tx, elsewhere.id, name, "tracker")
            folder_groups.group_added(tx, group.id)
            creators.add_creator(tx, elsewhere.id, f"{name} E-Mails", "E-Mail", [group])
            principal, new = groups.set_member(tx, group, "dave@Elsewhere", "manager")
            folder_groups.members_changed(tx, group.id, principal if new else None)
        return people

    _, dave_there = db.write(found)
    alice = Desk(world, world.alice)
    for one in (SAME, AGREEING, ANSWERED, *THREAD, *LATE):
        assert alice.append(SECRET, one, flags=(b"Hidden", b"\\Flagged")).uids
    assert alice.append("Archive", SAME, mail("Alice's own", n="own")).uids
    assert alice.append("Trackers/Archive", SAME).uids == ()  # refused: in her Recovered Messages
    _link_secretly(world)
    fail(world, SAME, add_account(world, creator="Secret E-Mails"))
    assert Desk(world, world.bob).contents("Incoming/Failed") == [SAME]
    for name in ("Trackers/Sales", "Trackers/Elsewhere"):
        assert Desk(world, dave_there).append(name, SAME, AGREEING, KNOWN, flags=(b"Far",)).uids


def _link_secretly(world: World) -> None:
    """Mails that stand in Secret are linked to what everybody sees; beside an incident there."""
    hidden = [row.activity_id for row in Desk(world, world.alice).rows(SECRET)]

    def link(tx: Tx) -> None:
        secret = groups.find_group(tx, world.segment_id, "Secret")
        by_hand.new_activity(
            tx, world.segment_id, "Hidden gadget", type_name="Bug", groups=[secret]
        )
        gadget = activities.by_number(tx, world.segment_id, 10_000_001)
        assert gadget is not None
        for one in hidden:
            assert one is not None
            links.add_link(tx, one, gadget.id, RELATES_TO)
        settle(tx, gadget.id)

    world.db.write(link)


def goings_on(world: World, n: int) -> None:
    """Meanwhile the strangers are at work: drops, flags, folders, groups, roles, accounts,
    mail that comes in and can't be filed."""
    alice, bob = Desk(world, world.alice), Desk(world, world.bob)
    assert alice.append(SECRET, mail(f"News {n}", n=f"news{n}"), flags=(f"New{n}".encode(),)).uids
    uid = bob.rows(SECRET)[0].uid
    bob.set_own(SECRET, [uid], 1)
    secret = Wanted(group_id=bob.folder(SECRET).group_id)
    fail(world, mail(f"Failed {n}", n=f"failed{n}"), wanted=secret)
    assert bob.move("Incoming/Failed", [bob.rows("Incoming/Failed")[0].uid], SECRET).uids
    assert bob.copy(SECRET, [uid], "Trackers/Archive").text.startswith("Not ")

    def change(tx: Tx) -> None:
        group = groups.add_group(tx, world.segment_id, f"Closed {n}", "category")
        folder_groups.group_added(tx, group.id)
        _member(tx, world, f"Closed {n}", "bob", "manager")
        users.add_user(tx, world.segment_id, f"guest{n}", f"guest{n}@example.org", "none")

    world.db.write(change)


def tricks(number: int) -> dict[str, bytes]:
    """Mails by which somebody might learn of what they may not see. number: of a foreign
    activity."""
    inner = mail("Attached", n="attached")
    return {
        "same": SAME,
        "agreeing": AGREEING_HERE,
        "answer": ANSWER,
        "known": KNOWN.replace(b"What both", b"X-Again: 1\r\n\r\nWhat both"),
        "thread": mail("Re: Offer", n="re", extra="References: <mknown@example.com>\r\n"),
        "late": mail("Own", n="late", body="Own."),
        "late answer": mail("Re: Own", n="re2", extra="In-Reply-To: <mlate@example.com>\r\n"),
        "late again": mail("Own", n="late", body="Own.").replace(b"\r\nTo", b"\r\nX-A: b\r\nTo"),
        "number": mail(f"See #{number} and #77777777", n="number"),
        "wrapped creator": wrapper("> @Secret E-Mails  #SecretBug  Mine", inner),
        "wrapped one blank": wrapper("> @Secret E-Mails Mine", inner),
        "wrapped long name": wrapper("> @Sales E-Mails  Europe is mine", inner),
        "wrapped target": wrapper("> #SecretBug  Mine", inner),
        "wrapped number": wrapper(f"> #{number}  Mine", inner),
        "wrapped missing": wrapper("> @Nobodys E-Mails  #NobodysBug  Mine", inner),
    }


def _member(tx: Tx, world: World, group_name: str, who: str, role: str) -> None:
    group = groups.find_group(tx, world.segment_id, group_name)
    principal, new = groups.set_member(tx, group, f"{who}@Standard", role)
    folder_groups.members_changed(tx, group.id, principal if new else None)


@cache
def _base() -> tuple[bytes, dict[str, Person], dict[str, int]]:
    """dave is a contributor of Sales alone, carol a viewer of Support; a mail in each."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "imapgate.db"
        db = Database.create(path, "tests")
        world = worlds.build(db)
        case(world, beside=["Sales"])
        make(db)
        hashed = QUICK.hash(PASSWORD)
        for who in world.people:
            db.write(partial(users.set_password, login=f"{who}@Standard", password_hash=hashed))
        db.write(lambda tx: _member(tx, world, "Sales", "dave", "contributor"))
        for name in ("Trackers/Sales", "Trackers/Support"):
            assert Desk(world, world.alice).append(name, KNOWN, at=1_700_000_000).uids
        db.close()
        return path.read_bytes(), world.people, world.groups
