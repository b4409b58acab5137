"""Three sessions of two people drag mails about between personal folders, groups and activities'
folders: where each then stands, and what it is about, is what the rules say (activity_model)."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from activity_model import RECOVERED, House, Refused
from desk import Desk, Row
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from revising import case, make
from session_play import QUICK
from sqlalchemy import select
from transcript import Stage
from world import PASSWORD, World, build

from imapgate.activities import passwords, users
from imapgate.folders import dragging
from imapgate.folders.activity_folders import making
from storage import Database, Tx
from storage.schema import activity, email_activity, follow_up, link

SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"
GADGET, INVOICE, DEAL = (
    "Activities/Support/#10000001",
    "Activities/Support/#10000002",
    "Activities/Sales/#10000003",
)
GROUP_OF = {GADGET: SUPPORT, INVOICE: SUPPORT, DEAL: SALES}
NAMED = {0: (), 1: (GADGET,), 2: (INVOICE, DEAL), 3: ()}
SESSIONS = ("alice", "bob", "alice2")
PEOPLE = ("alice", "bob")
PLACES = ("INBOX", "Trash", RECOVERED, SUPPORT, SALES, *GROUP_OF)


def content(n: int) -> bytes:
    numbers = " ".join(f"#{place[-8:]}" for place in NAMED[n])
    return (
        f"From: erika@example.net\r\nMessage-ID: <{n}@x>\r\nSubject: No. {n} {numbers}\r\n\r\n"
        f"Text {n}\r\n"
    ).encode()


MAILS = {content(n): n for n in NAMED}

sessions = st.sampled_from(SESSIONS)
targets = st.sampled_from((*PLACES, *GROUP_OF, ARCHIVE))
sources = st.sampled_from((*PLACES, *GROUP_OF))
picks = st.integers(0, 7)


@cache
def _world() -> tuple[Path, World, TemporaryDirectory[str]]:
    """A world with three incidents, made once."""
    directory = TemporaryDirectory()
    path = Path(directory.name) / "imapgate.db"
    db = Database.create(path, "tests")
    built = build(db)
    for name, beside in (("Gadget", ""), ("Invoice", ""), ("Deal", "Sales")):
        one = case(built, name, beside=[beside] if beside else [])
        if beside:
            one.leave("Support")
    make(db)
    quick = QUICK.hash(PASSWORD)
    for who in PEOPLE:
        db.write(partial(users.set_password, login=f"{who}@Standard", password_hash=quick))
    db.close()
    return path, built, directory


class Wanderings(RuleBasedStateMachine):
    """Each rule is one command of one session, after which the server's worker has its turn."""

    def __init__(self) -> None:
        super().__init__()
        path, built, _ = _world()
        self.hasher = patch.object(passwords, "_hasher", lambda: QUICK)
        self.hasher.start()
        # Whether an EXPUNGE is the other half of a COPY depends on seconds, which aren't told here.
        self.halves = patch.object(dragging, "EXPUNGED_AFTER", -1)
        self.halves.start()
        self.directory = TemporaryDirectory()
        copy = Path(self.directory.name) / path.name
        shutil.copy(path, copy)
        self.db = Database.open(copy)
        self.world = World(self.db, built.segment_id, built.people, built.groups)
        self.stage = Stage(self.world)
        self.house = House(PEOPLE, ["bob"], GROUP_OF, NAMED, [ARCHIVE])
        self.tag = 0

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.compare()
        finally:
            self.stage.close()
            self.db.close()
            self.directory.cleanup()
            self.halves.stop()
            self.hasher.stop()

    @rule(name=sessions, to=targets, mail=st.sampled_from(sorted(NAMED)))
    def append(self, name: str, to: str, mail: int) -> None:
        if to == RECOVERED:
            return
        octets = content(mail)
        command = f'APPEND "{to}" {{{len(octets)}+}}\r\n'.encode() + octets
        try:
            self.house.append(person(name), to, mail)
        except Refused as refused:
            self.say(name, command, f"NO [{refused.args[0]}]")
        else:
            self.say(name, command, "OK [APPENDUID ")

    @rule(
        name=sessions,
        word=st.sampled_from(["MOVE", "MOVE", "MOVE", "COPY"]),
        source=sources,
        pick=picks,
        to=targets,
    )
    def drag(self, name: str, word: str, source: str, pick: int, to: str) -> None:
        who = person(name)
        found = self.choose(name, source, pick)
        if found is None:
            return
        uid, mail = found
        act = self.house.move if word == "MOVE" else self.house.copy
        command = f'UID {word} {uid} "{to}"'
        try:
            act(who, source, mail, to)
        except Refused as refused:
            self.say(name, command, f"NO [{refused.args[0]}]")
            return
        said = self.say(name, command, "OK ")
        copied = re.search(rb"\[COPYUID [0-9]+ [0-9]+ ([0-9]+)\]", said)
        assert copied is not None, said
        there = {row.uid: row.content for row in self.rows(who, to)}
        assert there[int(copied[1])] == content(mail)

    @rule(name=sessions, source=st.sampled_from((SUPPORT, SALES, *GROUP_OF)), pick=picks)
    def delete(self, name: str, source: str, pick: int) -> None:
        found = self.choose(name, source, pick)
        if found is None:
            return
        uid, mail = found
        may = self.house.may_go(person(name), source, mail)
        if may:
            self.house.expunge(person(name), source, mail)
        self.say(name, f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)", "OK" if may else "NO [NOPERM]")
        self.say(name, f"UID EXPUNGE {uid}", "OK")

    @rule(name=sessions, source=st.sampled_from((SUPPORT, SALES, *GROUP_OF)), pick=picks)
    def drag_an_activity_out_and_back(self, name: str, source: str, pick: int) -> None:
        """Its message comes again, and isn't filed when it is dropped back."""
        who = person(name)
        self.say(name, f'SELECT "{source}"', "OK ")
        own = [row for row in self.rows(who, source) if row.content not in MAILS]
        row = own[pick % len(own)]
        self.say(name, f"UID MOVE {row.uid} Drafts", "OK ")
        self.say(name, "SELECT Drafts", "OK ")
        back = GROUP_OF.get(source, source)
        self.say(name, f'UID MOVE 1:* "{back}"', "OK This is #")

    def choose(self, name: str, source: str, pick: int) -> tuple[int, int] | None:
        """(UID, mail) of one of the mails there, after SELECT."""
        self.say(name, f'SELECT "{source}"', "OK ")
        found = [
            (row.uid, MAILS[row.content])
            for row in self.rows(person(name), source)
            if row.content in MAILS
        ]
        return found[pick % len(found)] if found else None

    def rows(self, who: str, place: str) -> list[Row]:
        return Desk(self.world, self.world.people[who]).rows(place)

    def say(self, name: str, command: str | bytes, how: str) -> bytes:
        """All that came; then the worker has its turn."""
        self.tag += 1
        line = command.encode() if isinstance(command, str) else command
        client = self.stage.client(name)
        client.send(b"t%d %b\r\n" % (self.tag, line))
        self.stage.tell_news()
        said = client.wire.take()
        last = said.split(b"\r\n")[-2].decode()
        assert last.startswith(f"t{self.tag} {how}"), (command, how, last)
        make(self.db)
        self.stage.tell_news()
        return said

    def compare(self) -> None:
        for who in PEOPLE:
            self.compare_folders(who)
        self.compare_links()
        for name in SESSIONS:
            self.say(name, "NOOP", "OK")

    def compare_folders(self, who: str) -> None:
        house, desk = self.house, Desk(self.world, self.world.people[who])
        for place in GROUP_OF:
            found = desk.folder(place)
            self.db.write(lambda tx, found=found: making.make(tx, desk.person, found))
        for name, mails in house.personal[who].items():
            assert Counter(MAILS[one] for one in desk.contents(name)) == +mails, (who, name)
        kept = [MAILS[one] for one, _ in desk.recovered()]
        assert sorted(kept) == sorted(house.recovered[who]), (who, kept)
        for place in (SUPPORT, SALES, *GROUP_OF):
            contents = desk.contents(place)
            there = [MAILS[one] for one in contents if one in MAILS]
            assert sorted(there) == sorted(house.inside(who, place)), (who, place, there)
            own = [place] if place in GROUP_OF else [a for a, g in GROUP_OF.items() if g == place]
            assert len(contents) - len(there) == len(own), (who, place)
        for group in (SUPPORT, SALES):
            whose = desk.droppers(group)
            for row in desk.rows(group):
                if row.content in MAILS:
                    names = {who for who in PEOPLE if self.world.people[who].id in whose[row.uid]}
                    assert names == house.droppers[group, MAILS[row.content]], (group, row.uid)

    def compare_links(self) -> None:
        """Links, follow-ups and names say the same."""

        def work(tx: Tx) -> Any:
            run = tx.connection.execute
            mails = run(select(email_activity.c.activity_id, email_activity.c.message_id)).all()
            names = dict(run(select(activity.c.id, activity.c.name)).all())
            numbers = dict(run(select(activity.c.id, activity.c.number)).all())
            linked = run(select(link.c.from_id, link.c.to_id)).all()
            followed = run(select(follow_up.c.from_activity_id, follow_up.c.activity_id)).all()
            return dict(mails), names, numbers, linked, followed

        mails, names, numbers, linked, followed = self.db.read(work)
        assert sorted(map(tuple, linked)) == sorted(map(tuple, followed))
        by_number = {int(place[-8:]): place for place in GROUP_OF}
        found = sorted((int(mails[one][0]), by_number[numbers[target]]) for one, target in linked)
        assert found == sorted((one.mail, place) for one in self.house.filed for place in one.links)
        for one in mails:
            marks = {f"[#{numbers[target]}]" for each, target in linked if each == one}
            assert set(re.findall(r"\[#[0-9]+\]", names[one])) == marks, names[one]


def person(name: str) -> str:
    return name.rstrip("2")


TestWanderings = Wanderings.TestCase
TestWanderings.settings = settings(
    max_examples=10,
    stateful_step_count=24,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
