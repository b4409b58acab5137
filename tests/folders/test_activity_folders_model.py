"""Whatever happens to activities, mails, groups and members: what two users see below `Activities`
is what the rules say, UIDs only grow, and nothing stands twice."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk import Desk, mail
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from revising import make
from sqlalchemy import select
from world import build

from imapgate.activities import by_hand, groups
from imapgate.activities.people import Role
from imapgate.folders import members
from imapgate.folders.activity_folders.making import make as make_folder
from storage import Database, activities, processes
from storage.schema import entry, folder, process_state

GROUPS = ("Support", "Sales")
USERS = ("alice", "carol")
"""bob, a manager everywhere, is who does it all."""

some = st.integers(0, 3)
places = st.sampled_from((*GROUPS, "Assigned to me"))
whole_groups = st.sets(st.sampled_from(GROUPS), min_size=1)


@dataclass
class Incident:
    id: int
    number: int
    name: str
    groups: set[str]
    is_open: bool = True
    assigned_to: str | None = None


@dataclass
class Mail:
    """links: ids of incidents."""

    id: int
    content: bytes
    groups: set[str]
    links: set[int]


@dataclass
class Folder:
    """What was seen in it: UID -> stored message."""

    uids: dict[int, int] = field(default_factory=dict)


class Activities(RuleBasedStateMachine):
    """Each rule is a change, after which the worker has done its work."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.db = Database.create(Path(self.directory.name) / "imapgate.db", "tests")
        self.world = build(self.db)
        self.incidents: list[Incident] = []
        self.mails: list[Mail] = []
        self.members = {"alice": set(GROUPS), "carol": {"Support"}}
        self.looked: dict[tuple[str, str, int], Folder] = {}
        self.bob = Desk(self.world, self.world.bob)

    def teardown(self) -> None:
        self.db.close()
        self.directory.cleanup()

    def write(self, work: Any) -> Any:
        made = self.db.write(work)
        make(self.db)
        return made

    def one(self, at: int) -> Incident:
        return self.incidents[at % len(self.incidents)]

    @initialize()
    def settled(self) -> None:
        """Something for the first changes to change."""
        self.begin(set(GROUPS))
        self.begin({"Support"})
        for group in GROUPS:
            self.drop(0, 1, group)
        for who in USERS:
            for at in range(2):
                self.look(at, who, "Support")

    @rule(wanted=whole_groups)
    def begin(self, wanted: set[str]) -> None:
        def work(tx: Any) -> Incident:
            found = [groups.find_group(tx, self.world.segment_id, one) for one in sorted(wanted)]
            name = f"Case {len(self.incidents)}"
            number = by_hand.new_activity(
                tx, self.world.segment_id, name, type_name="Bug", groups=found
            )
            row = activities.by_number(tx, self.world.segment_id, number)
            assert row is not None
            return Incident(row.id, number, name, set(wanted))

        self.incidents.append(self.write(work))

    @precondition(lambda self: self.incidents)
    @rule(at=some, also=some, group=st.sampled_from(GROUPS))
    def drop(self, at: int, also: int, group: str) -> None:
        """About one or two of them."""
        about = {one.id: one for one in (self.one(at), self.one(also)) if one.groups}
        numbers = " ".join(f"#{one.number}" for one in about.values())
        content = mail(f"About {numbers}", n=f"n{len(self.mails)}")
        self.bob.append(f"Trackers/{group}", content)
        make(self.db)
        row = self.bob.rows(f"Trackers/{group}")
        (found,) = [one.activity_id for one in row if one.content == content]
        assert found is not None
        self.mails.append(Mail(found, content, {group}, set(about)))

    @precondition(lambda self: self.mails)
    @rule(at=some, group=st.sampled_from(GROUPS))
    def drop_again(self, at: int, group: str) -> None:
        one = self.mails[at % len(self.mails)]
        if one.groups:
            self.bob.append(f"Trackers/{group}", one.content)
            make(self.db)
            one.groups.add(group)
            # What was taken away is linked once more, as its subject says.
            one.links |= {
                case.id
                for case in self.incidents
                if case.groups and f"#{case.number}" in one.content.decode()
            }

    @precondition(lambda self: self.mails)
    @rule(at=some, group=st.sampled_from(GROUPS))
    def take_out(self, at: int, group: str) -> None:
        one = self.mails[at % len(self.mails)]
        name = f"Trackers/{group}"
        uids = [row.uid for row in self.bob.rows(name) if row.activity_id == one.id]
        if uids:
            assert self.bob.move(name, uids, "Archive").uids
            make(self.db)
            one.groups.discard(group)
            if not one.groups:
                one.links.clear()

    @precondition(lambda self: self.incidents)
    @rule(at=some, word=st.sampled_from(("boots", "stays dark", "a/b  c")))
    def rename(self, at: int, word: str) -> None:
        one = self.one(at)
        one.name = f"Gadget {word}"
        self.write(lambda tx: activities.change(tx, one.id, name=one.name))

    @precondition(lambda self: self.incidents)
    @rule(at=some)
    def close_or_open(self, at: int) -> None:
        one = self.one(at)
        one.is_open = not one.is_open

        def work(tx: Any) -> None:
            process_id = processes.type_by_id(tx, activities.by_id(tx, one.id).type_id).process_id
            wanted = select(process_state.c.id).where(
                process_state.c.process_id == process_id,
                process_state.c.is_closed.is_(not one.is_open),
            )
            state_id = tx.connection.execute(wanted).scalars().first()
            activities.change(tx, one.id, state_id=state_id)

        self.write(work)

    @precondition(lambda self: self.incidents)
    @rule(at=some, who=st.sampled_from((*USERS, None)))
    def assign(self, at: int, who: str | None) -> None:
        one = self.one(at)
        one.assigned_to = who
        to = None if who is None else self.world.people[who].id
        self.write(lambda tx: activities.change(tx, one.id, assigned_to_id=to))

    @precondition(lambda self: self.incidents)
    @rule(at=some, group=st.sampled_from(GROUPS))
    def regroup(self, at: int, group: str) -> None:
        one = self.one(at)
        leaves = group in one.groups
        how = activities.remove_from_group if leaves else activities.put_into_group

        def work(tx: Any) -> None:
            how(tx, one.id, self.world.groups[group])
            activities.change(tx, one.id)

        self.write(work)
        one.groups ^= {group}

    @rule(who=st.sampled_from(USERS), group=st.sampled_from(GROUPS))
    def join_or_leave(self, who: str, group: str) -> None:
        leaves = group in self.members[who]

        def work(tx: Any) -> None:
            found = groups.find_group(tx, self.world.segment_id, group)
            if leaves:
                members.end(tx, found, f"{who}@Standard")
            else:
                members.set_role(tx, found, f"{who}@Standard", Role.VIEWER)

        self.db.write(work)  # At once, without the worker.
        self.members[who] ^= {group}

    @precondition(lambda self: self.incidents)
    @rule(at=some, who=st.sampled_from(USERS), place=places)
    def look(self, at: int, who: str, place: str) -> None:
        one, desk = self.one(at), Desk(self.world, self.world.people[who])
        found = desk.find(f"Activities/{place}/#{one.number}")
        assert (found is not None) == (place in self.seen(who, one))
        if found is not None:
            self.db.write(lambda tx: make_folder(tx, desk.person, found))
            self.looked.setdefault((who, place, one.id), Folder())

    def seen(self, who: str, one: Incident) -> set[str]:
        """Where one user has its folder."""
        mine = one.groups & self.members[who]
        if not one.is_open or not mine:
            return set()
        return mine | ({"Assigned to me"} if one.assigned_to == who else set())

    @invariant()
    def names_are_those_of_what_is_open(self) -> None:
        for who in USERS:
            wanted = {
                f"Activities/{place}/#{one.number} {' '.join(one.name.replace('/', '-').split())}"
                for one in self.incidents
                for place in self.seen(who, one)
            }
            found = Desk(self.world, self.world.people[who]).names()
            below = [name for name in found if name.startswith("Activities")]
            assert {name for name in below if "#" in name} == wanted
            above = {name.rpartition("/")[0] for name in wanted}
            assert set(below) - wanted == (above | {"Activities"} if wanted else set())

    @invariant()
    def what_stands_there_is_what_may_be_seen(self) -> None:
        rows = self.db.read(
            lambda tx: tx.connection.execute(
                select(folder.c.id, folder.c.owner_id, folder.c.place, folder.c.activity_id).where(
                    folder.c.activity_id.is_not(None)
                )
            ).all()
        )
        people = {person.id: name for name, person in self.world.people.items()}
        called = {number: name for name, number in self.world.groups.items()}
        there = {
            (people[row[1]], called.get(row[2], "Assigned to me"), row[3]): row[0] for row in rows
        }
        by_id = {one.id: one for one in self.incidents}
        self.looked = {
            key: seen
            for key, seen in self.looked.items()
            if key[1] in self.seen(key[0], by_id[key[2]])
        }
        assert set(there) == set(self.looked)
        for key, folder_id in there.items():
            self._check(*key, folder_id)

    def _check(self, who: str, place: str, incident_id: int, folder_id: int) -> None:
        found = self.db.read(
            lambda tx: tx.connection.execute(
                select(entry).where(entry.c.folder_id == folder_id).order_by(entry.c.uid)
            ).all()
        )
        mine = self.members[who]
        wanted = sorted(
            one.id for one in self.mails if incident_id in one.links and one.groups & mine
        )
        assert sorted(one.activity_id for one in found if not one.rendered) == wanted
        assert [one.activity_id for one in found if one.rendered] == [incident_id]
        known = self.looked[who, place, incident_id].uids
        last = max(known, default=0)
        for one in found:
            if one.uid in known:
                assert known[one.uid] == one.stored_message_id
            else:
                assert one.uid > last
            known[one.uid] = one.stored_message_id
        self._same_as_in_group(who, place, incident_id, found)

    def _same_as_in_group(self, who: str, place: str, incident_id: int, found: list[Any]) -> None:
        """The activity's message is the one that stands in its group now."""
        (case,) = [one for one in self.incidents if one.id == incident_id]
        ids = {self.world.groups[one] for one in case.groups & self.members[who]}
        group_id = self.world.groups.get(place, min(ids))
        (shown,) = [one.stored_message_id for one in found if one.rendered]
        stored = self.db.read(
            lambda tx: tx.connection.execute(
                select(entry.c.stored_message_id)
                .join_from(entry, folder, folder.c.id == entry.c.folder_id)
                .where(folder.c.group_id == group_id, entry.c.activity_id == incident_id)
            ).scalar_one()
        )
        assert shown == stored


TestActivities = Activities.TestCase
TestActivities.settings = settings(
    max_examples=8,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
