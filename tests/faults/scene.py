"""A server in memory on a small CRM, put back to its beginning after each fault; what a command
comes to when something fails on its way."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from desk import Desk, mail, wrapper
from transcript import Client, Stage
from world import World

from imapgate.folders.spool import Spool

NOW = 1_760_000_000
"""The clock stands still, so that two runs leave the same rows."""

PRINTER = mail("The printer is broken", "printer")
KNOWN = mail("Known here", "known")
OWN = mail("My own drop", "own")
FIRST, SECOND = mail("First", "first"), mail("Second #10000001", "second")
NEW = mail("Re: printer #10000001 #99999999", "new", extra="Cc: new@example.net\r\n")
INSIDE = mail("Inside", "inside")
WRAPPER = wrapper("> @Support E-Mails #10000001 look", INSIDE, mail("Beside", "beside"))


@dataclass(frozen=True, slots=True)
class Command:
    """What a client says. before: commands that went well; line: without literals; messages: of an
    APPEND or REPLACE, which line leaves open. person: who says it. takes_out: of a group, what the
    message replaces."""

    name: str
    line: str
    messages: tuple[bytes, ...] = ()
    before: tuple[str, ...] = ()
    person: str = "alice"
    takes_out: bytes | None = None

    def __str__(self) -> str:
        return self.name


COMMANDS = (
    Command(
        "append into a group",
        'APPEND Trackers/Support (\\Flagged $Later) "01-Jan-2025 10:00:00 +0100"',
        (NEW,),
    ),
    Command("append into a personal folder", "APPEND INBOX (\\Seen)", (NEW,)),
    Command("append several", "APPEND Trackers/Support", (FIRST, KNOWN, NEW)),
    Command("append what is refused", "APPEND Trackers/Archive", (NEW,)),
    Command("append a wrapper", "APPEND Trackers/Support", (WRAPPER,)),
    Command("append again", "APPEND Trackers/Support", (KNOWN,)),
    Command(
        "replace in a group",
        "UID REPLACE 3 Trackers/Support",
        (NEW,),
        before=("SELECT Trackers/Support",),
        takes_out=OWN,
    ),
    Command("replace in a personal folder", "REPLACE 1 INBOX", (NEW,), before=("SELECT INBOX",)),
    Command("copy into a group", "UID COPY 1:2 Trackers/Support", before=("SELECT INBOX",)),
    Command("copy a wrapper", "UID COPY 3 Trackers/Support", before=("SELECT INBOX",)),
    Command("copy what is refused", "UID COPY 1 Trackers/Archive", before=("SELECT INBOX",)),
    Command("move into a group", "UID MOVE 1:2 Trackers/Sales", before=("SELECT INBOX",)),
    Command(
        "move between groups",
        "UID MOVE 2:3 Trackers/Sales",
        before=("SELECT Trackers/Support",),
        person="bob",
    ),
    Command("move out of a group", "UID MOVE 3 INBOX", before=("SELECT Trackers/Support",)),
    Command(
        "store",
        "UID STORE 1:3 +FLAGS (\\Flagged \\Seen $New)",
        before=("SELECT Trackers/Support",),
    ),
    Command(
        "expunge from a group",
        "EXPUNGE",
        before=("SELECT Trackers/Support", "UID STORE 3 +FLAGS.SILENT (\\Deleted)"),
    ),
    Command(
        "expunge after a refusal",
        "UID EXPUNGE 1:2",
        before=(
            "SELECT INBOX",
            "UID COPY 1:2 Trackers/Archive",
            "UID STORE 1:2 +FLAGS.SILENT (\\Deleted)",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """tagged: the one tagged line. uploaded: so many of the messages were taken."""

    tagged: str
    untagged: tuple[str, ...]
    uploaded: int

    @property
    def condition(self) -> str:
        return self.tagged.split(" ")[1]

    @property
    def code(self) -> str:
        text = self.tagged.split(" ", 2)[2]
        return text[1:].split("]")[0].split(" ")[0] if text.startswith("[") else ""


@dataclass
class Scene:
    """stage: sessions of alice and bob live through everything. beginning: the database, as it is
    put back. spool: a directory."""

    stage: Stage
    beginning: bytes
    spool: Path
    tags: int = 0
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def path(self) -> Path:
        return self.world.db.path

    @property
    def waiting(self) -> list[bytes]:
        """The messages that stand in the spool."""
        return [one.read_bytes() for one in self.spool.glob("*-*.[0-9]*")]

    def take_in(self) -> None:
        """As the service does once the database is back. Nothing stays behind."""
        spool = self.stage.server.spool
        assert spool is not None
        spool.take_in(self.world.db)
        assert not spool.waiting
        assert not self.waiting

    def reset(self) -> None:
        """The database of the beginning, under the sessions that are open; an empty spool."""
        for client in self.stage.clients.values():
            if not client.lost:
                self._say(client, b"UNSELECT")
        put_back(self.path, self.beginning)
        shutil.rmtree(self.spool, ignore_errors=True)
        self.stage.server.spool = Spool(self.spool, self.stage.server.limits)

    def prepare(self, command: Command) -> None:
        """Back to the beginning, and there what stands before the command."""
        self.reset()
        self.begin(command)

    def begin(self, command: Command) -> None:
        """What stands before the command."""
        for line in command.before:
            answer = self._say(self.stage.client(command.person), line.encode())
            assert answer.condition == "OK" or "Archive" in line, answer

    def say(self, command: Command, person: str | None = None) -> Answer:
        """The command alone; literals are sent once the server asks for them. Fails unless there is
        exactly one tagged answer, on a connection that stays open and goes on to answer."""
        client = self.stage.client(person or command.person)
        answer = self._say(client, command.line.encode(), command.messages)
        assert not client.closed, answer
        return answer

    def goes_on(self, command: Command) -> None:
        """The session answers, and has nothing left to say of what was before."""
        answer = self._say(self.stage.client(command.person), b"NOOP")
        assert answer.condition == "OK", answer

    def _say(self, client: Client, line: bytes, messages: tuple[bytes, ...] = ()) -> Answer:
        self.tags += 1
        tag = f"t{self.tags}"
        rest, uploaded = tag.encode() + b" " + line, 0
        for content in messages:
            client.send(rest + b" {%d}\r\n" % len(content))
            lines = list(client.read())
            if lines and lines[-1].startswith("+ "):
                client.lines.pop()
                rest = content
                uploaded += 1
            else:
                break
        if uploaded == len(messages):
            client.send(rest + b"\r\n")
        self.stage.tell_news()
        lines = list(client.read())
        client.lines.clear()
        tagged = [one for one in lines if one.startswith(f"{tag} ")]
        untagged = tuple(one for one in lines if one.startswith("* "))
        assert len(tagged) == 1, lines
        assert len(tagged) + len(untagged) == len(lines), lines
        return Answer(tagged[0], untagged, uploaded)


def put_back(path: Path, content: bytes) -> None:
    """The database's pages in place of what stands there, for connections that are open too."""
    with closing(sqlite3.connect(":memory:")) as source, closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA synchronous=OFF")
        source.deserialize(content)
        source.backup(target)


def furnish(world: World) -> None:
    """What stands in the world when a scene begins: Support has UIDs 1 (bob's, number 10000001), 2
    and 3 (alice's); alice's INBOX has two mails and a wrapper."""
    bob, alice = Desk(world, world.bob), Desk(world, world.alice)
    bob.append("Trackers/Support", PRINTER)
    alice.append("Trackers/Support", KNOWN)
    alice.append("Trackers/Support", OWN)
    alice.append("INBOX", FIRST, SECOND, WRAPPER)


def without_flushes(connection: sqlite3.Connection, _record: object) -> None:
    """Here is tested what is done or not done; what a power cut leaves is tested elsewhere."""
    connection.execute("PRAGMA synchronous=OFF").close()
