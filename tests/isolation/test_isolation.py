"""What is foreign can't be told from what isn't there: the same dialogue, octet for octet, with and
without it (docs/rules.md 9, 11, 12, 14)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from argon2 import PasswordHasher
from neighbours import QUICK, Counters, counters, goings_on, set_counters, stage, tricks
from rows import FOREIGN, GADGET, OWN, ROWS
from transcript import Stage

from imapgate.activities import groups, passwords
from imapgate.activities.people import Person
from imapgate.folders import groups as folder_groups
from imapgate.session.commands import COMMANDS
from imapgate.session.state import NOT_SIGNED_IN, SELECTED
from imapgate.wire import commands as c
from imapgate.wire.grammar import GrammarLimits, parse
from storage import Database, Tx
from storage.schema import metadata

AT = '"01-Feb-2024 10:00:00 +0000"'


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher: PasswordHasher = QUICK
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


def test_every_command_is_tried() -> None:
    """A command that is offered and has no row here fails."""
    assert set(ROWS) == set(COMMANDS)
    for kind, lines in ROWS.items():
        for line in lines:
            command = (
                b"a "
                + line.replace("{mail}", "")
                .format(foreign='"Trackers/Secret"', own="INBOX")
                .encode()
            )
            if kind not in (c.Append, c.Replace):
                assert type(parse([command], GrammarLimits()).command) is kind, line


def test_names_are_tried_wherever_a_command_takes_one() -> None:
    """Each command with a folder's name has a row with a foreign one."""
    for kind, lines in ROWS.items():
        if {"name", "new_name", "pattern", "patterns"} & set(kind.__dataclass_fields__):
            assert any("{foreign}" in line for line in lines), kind


@dataclass
class Dialogue:
    """What was said to each line, and how far things were counted while the strangers worked."""

    said: list[tuple[str, bytes]] = field(default_factory=list)
    counted: list[Counters] = field(default_factory=list)


class Talk:
    """One person's script. replay: of the world with the neighbours, for its counters."""

    def __init__(self, playing: Stage, who: str, number: int, replay: Dialogue | None) -> None:
        self.stage = playing
        self.who = who
        self.mails = tricks(number)
        self.replay = replay
        self.dialogue = Dialogue()
        self.session = who

    def say(self, line: str | bytes) -> None:
        octets = line.encode() if isinstance(line, str) else line
        client = self.stage.client(self.session)
        client.send(b"a " + octets + b"\r\n")
        self.stage.tell_news()
        self.dialogue.said.append((line if isinstance(line, str) else "", client.wire.take()))

    def bring(self, command: str, mail: str) -> None:
        """command: up to the folder's name."""
        octets = self.mails[mail]
        self.say(f"{command} {AT} {{{len(octets)}+}}\r\n".encode() + octets)
        self.dialogue.said[-1] = (f"{command} {mail}", self.dialogue.said[-1][1])

    def meanwhile(self) -> None:
        """The strangers are at work, or as much is counted."""
        world = self.stage.world
        if self.replay is None:
            goings_on(world, len(self.dialogue.counted) + 1)
        else:
            set_counters(world.db, self.replay.counted[len(self.dialogue.counted)])
        self.dialogue.counted.append(counters(world.db))
        self.stage.tell_news()

    def probe(self) -> None:
        """All that there is for this person."""
        for line in ('LIST "" *', 'LSUB "" *'):
            self.say(line)
        for name in OWN:
            self.say(f"EXAMINE {name}")
            self.say("UID FETCH 1:* (FLAGS ENVELOPE BODY.PEEK[])")
        self.say("UNSELECT")

    def play(self) -> Dialogue:
        self.say("CREATE Mine")
        for mail in self.mails:
            self.bring("APPEND INBOX", mail)
        for kind, lines in ROWS.items():
            states = COMMANDS[kind].states
            for line in lines:
                for filled in self.filled(line):
                    if states == NOT_SIGNED_IN:
                        self.session = f"new{len(self.stage.clients)}"
                        self.stage.connect(self.session).wire.take()
                    else:
                        self.session = self.who
                    if states == SELECTED:
                        for folder in ("INBOX", "Trackers/Sales", "Trackers/Support", GADGET):
                            self.say(f"SELECT {folder}")
                            self.try_(kind, filled)
                    else:
                        self.try_(kind, filled)
            if kind is c.Logout:
                break
            self.session = self.who
            self.meanwhile()
        self.session = f"{self.who}2"
        self.probe()
        return self.dialogue

    def try_(self, kind: type[c.Command], line: str) -> None:
        if kind is c.Append:
            start = line.removesuffix(" {mail}")
            name = start.removeprefix("APPEND ")
            # Into what isn't there one mail is as good as another.
            for mail in self.mails if name in (*OWN, FOREIGN[0]) else ("same",):
                self.bring(start, mail)
            return
        if kind is c.Replace:
            self.say("SELECT INBOX")
            self.bring(line.removesuffix(" {mail}"), "same")
            return
        self.say(line)
        if kind is c.Idle:
            self.meanwhile()
            client = self.stage.client(self.session)
            self.dialogue.said.append(("in IDLE", client.wire.take()))
            client.send(b"DONE\r\n")
            self.dialogue.said.append(("DONE", client.wire.take()))

    def filled(self, line: str) -> Iterator[str]:
        if "{foreign}" in line:
            yield from (line.replace("{foreign}", name) for name in FOREIGN)
        elif "{own}" in line:
            yield from (line.replace("{own}", name) for name in OWN)
        else:
            yield line


def once_a_member(playing: Stage, who: str) -> None:
    """Reads and marks everything in the group, and is then taken out of it."""
    membership(playing, who, "manager")
    client = playing.client(f"{who}9")
    for line in (
        rb"SELECT Trackers/Secret",
        rb"UID FETCH 1:* (FLAGS ENVELOPE BODY[])",
        rb"UID STORE 1:* +FLAGS (\Seen \Flagged Mine)",
        rb"UID STORE 1 +FLAGS.SILENT (\Deleted)",
        rb"UID SEARCH TEXT finch",
        rb"UNSELECT",
        rb"UNSUBSCRIBE Trackers/Secret",
        rb"LOGOUT",
    ):
        client.send(b"a " + line + b"\r\n")
        assert b"a OK" in client.wire.take(), line
    membership(playing, who, None)


def membership(playing: Stage, who: str, role: str | None) -> None:
    world = playing.world

    def change(tx: Tx) -> None:
        group = groups.find_group(tx, world.segment_id, "Secret")
        if role is None:
            groups.remove_member(tx, group, f"{who}@Standard")
            folder_groups.members_changed(tx, group.id)
        else:
            principal, _ = groups.set_member(tx, group, f"{who}@Standard", role)
            folder_groups.members_changed(tx, group.id, principal)

    world.db.write(change)
    playing.tell_news()


@pytest.mark.parametrize(
    ("who", "before"), [("dave", False), ("carol", False), ("dave", True)], ids=str
)
def test_what_is_foreign_is_as_if_it_werent_there(who: str, before: bool) -> None:
    """dave may drop into Sales, carol reads Support: every command, every way in. before: dave was
    a member of the foreign group once, and nothing of it is served any more."""
    with stage(neighbours=True) as (playing, counted):
        if before:
            once_a_member(playing, who)
            counted = counters(playing.world.db)
        number = counted.number - 3
        there = Talk(playing, who, number, None).play()
    with stage(neighbours=False) as (playing, _):
        set_counters(playing.world.db, counted)
        alone = Talk(playing, who, number, there).play()
    assert len(there.said) == len(alone.said)
    different = [
        f"{line}\n  with:    {one!r}\n  without: {other!r}"
        for (line, one), (_, other) in zip(there.said, alone.said, strict=True)
        if one != other
    ]
    assert not different, "\n".join(different[:20])
    answers = b"".join(said for _, said in there.said)
    assert answers.count(b"a OK") > len(there.said) // 4, "much of it must have worked"
    assert b"SERVERBUG" not in answers


class Quiet(Talk):
    """Nobody else does anything."""

    def meanwhile(self) -> None:
        pass


OWN_ROWS = {"change", "meta", "drop_record", "message", "message_chunk", "message_digest"}
OWN_ROWS |= {"message_ready", "message_text", "message_order"}
"""Tables in which everybody's own mail, its record and its counters stand."""


def shared(db: Database, who: Person) -> dict[str, list[tuple[object, ...]]]:
    """All rows that somebody else could notice. MODSEQ isn't told to anybody; a viewer's \\Seen
    raises it."""
    with closing(sqlite3.connect(db.path)) as connection:
        own = {
            row[0]
            for row in connection.execute("SELECT id FROM folder WHERE owner_id = ?", (who.id,))
        }
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in metadata.sorted_tables:
            if table.name in OWN_ROWS:
                continue
            names = [column.name for column in table.columns if column.name != "modseq"]
            at = {name: place for place, name in enumerate(names)}
            rows = connection.execute(f"SELECT {', '.join(names)} FROM {table.name}").fetchall()
            kept = [
                row
                for row in rows
                if not ("folder_id" in at and row[at["folder_id"]] in own)
                and not ("owner_id" in at and row[at["owner_id"]] == who.id)
                and not ("principal_id" in at and row[at["principal_id"]] == who.id)
            ]
            found[table.name] = sorted(kept, key=repr)
        return found


def test_a_viewer_changes_nothing_by_any_command() -> None:
    """carol reads Support: whatever she tries, no row that others could notice is another."""
    with stage(neighbours=True) as (playing, counted):
        db, carol = playing.world.db, playing.world.carol
        before = shared(db, carol)
        said = Quiet(playing, "carol", counted.number - 3, None).play().said
        after = shared(db, carol)
    assert before["entry"]
    assert before["activity"]
    for table, rows in before.items():
        assert rows == after[table], table
    assert sum(b"NO [NOPERM]" in answer for _, answer in said) > 20
    assert any(b"FLAGS (\\Seen" in answer for _, answer in said), "her own read state is kept"
