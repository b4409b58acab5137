"""Several sessions of some people in one place, each with its view, over the transcript harness;
what is said to each is held against `session_model` and `session_view`."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import world as worlds
from argon2 import PasswordHasher
from desk import LIMITS, Desk
from session_model import Answer, House
from session_view import View, responses
from transcript import Stage

from imapgate.activities import passwords, users
from imapgate.folders import tree
from imapgate.folders.verdict import Outcome
from storage import Database

SESSIONS = ("alice", "bob", "alice2")
PEOPLE = ("alice", "bob")
PERSONAL = ("INBOX", "Mine")
GROUPS = ("Trackers/Support", "Trackers/Sales")
_CODE = re.compile(r"(?:OK|NO|BAD) \[(\w+)(?: ([^\]]*))?\]")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""In place of imapgate's, since sessions come and go."""


@cache
def _world() -> tuple[bytes, worlds.World]:
    """The octets of a database with a world in it, made once."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "imapgate.db"
        db = Database.create(path, "tests")
        built = worlds.build(db)
        quick = QUICK.hash(worlds.PASSWORD)
        for who in PEOPLE:
            db.write(partial(users.set_password, login=f"{who}@Standard", password_hash=quick))
            made = db.write(
                partial(tree.create, person=built.people[who], name="Mine", limits=LIMITS)
            )
            assert made.outcome is Outcome.DONE
        db.close()
        assert [one.name for one in Path(directory).iterdir()] == [path.name]
        return path.read_bytes(), built


class Play:
    """alice is a contributor and bob a manager of both groups, until the administrator says
    otherwise. views: of the sessions that have a folder selected. idle: sessions in IDLE."""

    def __init__(self) -> None:
        content, built = _world()
        self.hasher = patch.object(passwords, "_hasher", lambda: QUICK)
        self.hasher.start()
        self.directory = TemporaryDirectory()
        path = Path(self.directory.name) / "imapgate.db"
        path.write_bytes(content)
        self.db = Database.open(path)
        self.world = worlds.World(self.db, built.segment_id, built.people, built.groups)
        self.stage = Stage(self.world)
        self.house = House(PEOPLE, PERSONAL, GROUPS, {"alice": "contributor", "bob": "manager"})
        self.views: dict[str, View | None] = dict.fromkeys(SESSIONS)
        self.idle: set[str] = set()
        self.uidvalidity: dict[int, str] = {}
        self.tag = 0

    def end(self) -> None:
        self.stage.close()
        self.db.close()
        self.directory.cleanup()
        self.hasher.stop()

    def open(self, name: str, place: str, word: str = "SELECT") -> None:
        """SELECT or EXAMINE."""
        self.wake(name)
        self.leave(name)
        found = self.house.place(person(name), place)
        view = None if found is None else View(person(name), found, word == "SELECT")
        told, last = self.exchange(name, f'{word} "{place}"')
        if view is None or found is None:
            assert last.startswith("NO [NONEXISTENT]"), last
            return
        self.views[name] = view
        codes = [code for one in told if (code := _CODE.match(one.decode()[2:]))]
        said = {one[1]: one[2] for one in codes}
        unseen = [n for n, uid in enumerate(view.uids, 1) if "\\Seen" not in self.now(view, uid)]
        assert last.startswith("OK [READ-WRITE]" if view.writable else "OK [READ-ONLY]"), last
        assert b"* %d EXISTS" % len(view.uids) in told
        assert b"* %d RECENT" % view.recent in told
        assert said.get("UNSEEN") == (str(unseen[0]) if unseen else None), (said, unseen)
        assert said["UIDNEXT"] == str(found.uidnext)
        assert said["UIDVALIDITY"] == self.uidvalidity.setdefault(id(found), said["UIDVALIDITY"])
        for one in told:
            if one.startswith(b"* FLAGS"):
                view.hear(one, False)
        self.overhear()

    def settle(self) -> None:
        """All views are equal; Recovered Messages hold what they should."""
        for name in SESSIONS:
            if self.views[name] is not None:
                view = self.selected(name)
                assert self.say(name, "NOOP")[1].startswith("OK")
                view.check_settled()
                told, _ = self.say(name, "UID FETCH 1:* (FLAGS BODY.PEEK[])")
                assert {one["uid"] for one in told if isinstance(one, dict)} == set(view.uids)
                view.check_settled()
                self.check_saved(name, view)
        for who in PEOPLE:
            found = [one for one, _ in Desk(self.world, self.world.people[who]).recovered()]
            assert sorted(found) == sorted(self.house.recovered[who]), (who, found)

    def check_saved(self, name: str, view: View) -> None:
        """`$` is what the client thinks, of what it hasn't been told as expunged."""
        told, last = self.say(name, "SEARCH RETURN () $")
        assert last.startswith("OK"), last
        _, found, numbers = told[0].decode().partition(" ALL ")
        named = [view.uids[number - 1] for number in expanded(numbers)] if found else []
        assert named == [uid for uid in view.uids if uid in view.saved], (told, view.saved)

    def now(self, view: View, uid: int) -> set[str]:
        return view.place.flags(view.person, uid)

    def wake(self, name: str) -> None:
        """The session can take a command; if it was ended, it is another one from here on."""
        if name in self.idle:
            self.idle.discard(name)
            self.stage.client(name).send(b"DONE\r\n")
            assert self.stage.client(name).wire.take().startswith(b"i OK")
        self.stage.client(name)

    def selected(self, name: str) -> View:
        self.wake(name)
        if self.views[name] is None:
            places = [one for one in GROUPS if self.house.place(person(name), one)]
            self.open(name, (places or ["INBOX"])[self.tag % max(1, len(places))])
        view = self.views[name]
        assert view is not None
        return view

    def leave(self, name: str) -> None:
        view = self.views[name]
        if view is not None:
            view.leave()
            self.views[name] = None

    def gone(self, name: str, data: bytes) -> None:
        """The server ended the session."""
        assert data.startswith(b"* BYE "), data
        assert self.stage.client(name).closed
        self.hang_up(name)

    def hang_up(self, name: str) -> None:
        client = self.stage.client(name)
        client.lose()
        del self.stage.clients[name]
        self.leave(name)
        self.idle.discard(name)

    def exchange(self, name: str, command: str | bytes) -> tuple[list[bytes], str]:
        """Untagged responses, and the tagged one without its tag."""
        self.tag += 1
        line = command.encode() if isinstance(command, str) else command
        client = self.stage.client(name)
        client.send(b"t%d %b\r\n" % (self.tag, line))
        self.stage.tell_news()
        *told, last = responses(client.wire.take())
        tag, said = last.decode().split(" ", 1)
        assert tag == f"t{self.tag}", (told, last)
        return told, said

    def say(self, name: str, command: str | bytes) -> tuple[list[Any], str]:
        """As `exchange`, with what the view makes of it: a dictionary for each FETCH."""
        told, last = self.exchange(name, command)
        view = self.views[name]
        heard: list[Any] = list(told)
        if view is not None:
            uses_numbers = str(command).startswith(("FETCH", "STORE", "SEARCH"))
            heard = [view.hear(one, not uses_numbers) or one for one in told]
            view.check_keywords()
        self.overhear()
        return heard, last

    def refused(self, name: str, command: str, how: str) -> None:
        _, last = self.say(name, command)
        assert last.startswith(how), (command, last)

    def overhear(self, begins: str | None = None) -> None:
        """What the others are told meanwhile: all at once in IDLE, else nothing but the end of who
        lost the selected folder."""
        for name, client in list(self.stage.clients.items()):
            data = client.wire.take()
            view = self.views[name]
            if view is not None and self.house.place(view.person, view.place.name) is None:
                self.gone(name, data)
                continue
            if name not in self.idle or view is None:
                assert not data, (name, data)
                continue
            if name == begins:
                assert b"+ idling\r\n" in data, data
                data = data.replace(b"+ idling\r\n", b"")
            for one in responses(data):
                view.hear(one, True)
            view.check_keywords()
            view.check_settled()

    def check_answer(
        self, name: str, place: str, answer: Answer, last: str, with_code: str, word: str
    ) -> None:
        found = _CODE.match(with_code)
        if not answer.ok:
            assert last.startswith("NO"), (last, answer)
            assert found is not None, last
            assert found[1] in answer.codes, (last, answer)
            return
        assert last.startswith("OK"), (last, answer)
        if answer.pairs:
            assert found is not None, with_code
            assert found[1] == word, with_code
            validity, *sets = found[2].split()
            target = self.house.place(person(name), place)
            assert validity == self.uidvalidity.setdefault(id(target), validity)
            wanted = [list(one) for one in zip(*answer.pairs, strict=True)]
            given = wanted if word == "COPYUID" else wanted[1:]
            assert [expanded(one) for one in sets] == given, (sets, answer)


def person(name: str) -> str:
    return name.rstrip("2")


def chosen(
    view: View, which: tuple[str, list[int]], by_uid: bool
) -> tuple[str, Collection[int] | None]:
    """A sequence set and the UIDs that it means to this client; None: numbers that aren't there.
    By UID also such as the client doesn't know."""
    how, picks = which
    if how == "saved":
        return "$", [uid for uid in view.uids if uid in view.saved]
    count = view.last if by_uid else len(view.uids)
    numbers = sorted({pick % count + 1 for pick in picks}) if count else [1]
    meant = view.uids if by_uid else range(1, len(view.uids) + 1)
    if how == "all" or how == "to the end":
        first = 1 if how == "all" else numbers[0]
        text = f"{first}:*"
        found = [one for one in meant if one >= first] or list(meant[-1:])
    else:
        numbers = [count + 7] if how == "beyond" else numbers
        text = ",".join(map(str, numbers))
        found = [one for one in meant if one in numbers]
        if not by_uid and len(found) < len(numbers):
            return text, None
    return text, found if by_uid else [view.uids[one - 1] for one in found]


def expanded(numbers: str) -> list[int]:
    """A set as written, repeats and order kept."""
    ends = [[int(end) for end in one.split(":")] for one in numbers.split(",")]
    return [number for one in ends for number in range(one[0], one[-1] + 1)]
