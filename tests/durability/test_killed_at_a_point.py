"""The server dies at a chosen point of a commit that gathers four sessions or more: what it holds
is there for all of them or for none, and the same commands once more give one entry each, under the
UID that it has (rules 1, 7, 8, 19)."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from imap import Answer, Client, Lost
from ledger import GROUPS, RECOVERED, SUPPORT, Account, Copy, Memory, Place, Receipt, Step, key_of
from ledger import settle as settled
from looking import fetched
from mails import mail
from servers import Server, Zygote
from stored import Rows, calm

SESSIONS = 5
IN_A_COMMIT = (1, 24, 100, 4_000, 8_240, 60_000, 150_000)
"""Octets of the log after which COMMIT is cut: within its header, a frame's header, a frame, far
inside; the last may be beyond its end."""


@dataclass
class Session:
    """One client with one command."""

    user: str
    step: Step
    words: Sequence[str | bytes]
    told: tuple[Copy, ...]
    account: Account
    select: str | None = None
    acknowledged: bool = False
    done: bool = False
    """Found so after the crash."""
    failures: list[BaseException] = field(default_factory=list)

    def sign_in(self, port: int, name: str) -> None:
        self.client = Client(port, self.user, name)
        if self.select:
            self.client.command(f'SELECT "{self.select}"')

    def run(self) -> None:
        """Sends the command; nothing is raised, also when the line goes dead."""
        try:
            answer = self.client.command(*self.words)
        except Lost:
            return
        except BaseException as error:  # noqa: BLE001 (looked at by the test)
            self.failures.append(error)
            return
        finally:
            self.client.close()
        self.take(answer)

    def take(self, answer: Answer) -> None:
        assert answer.status == ("NO" if self.step.refused else "OK"), answer
        uids = dict(zip(self.told, answer.uids, strict=True))
        self.account.done(self.step, Receipt(uids))
        self.acknowledged = True


class Commit:
    """Five sessions whose commands come into one commit, and what is there after it was cut."""

    def __init__(self, zygote: Zygote, data: Path, seed: int) -> None:
        self._zygote = zygote
        self._data = data
        self._rng = Random(seed)
        self._rows = Rows()
        self._memory = Memory()
        self.armed = data.parent / "armed"
        self.sessions = [self._session(number) for number in range(SESSIONS)]

    def begin(self, **point: object) -> Server:
        """A server that will die at that point of the first commit after it is armed."""
        log = str(self._data / "imapgate.db-wal")
        wanted = {"armed": str(self.armed), "log_file": log, "gather": SESSIONS, "still": True}
        server = self._zygote.start(self._data, **wanted, **point)
        assert server.port is not None
        self._put_what_is_moved(server.port)
        return server

    def run(self, server: Server) -> int:
        """All commands at once, until the server is dead: minus the signal that killed it."""
        assert server.port is not None
        for number, session in enumerate(self.sessions):
            session.sign_in(server.port, f"c{number}")
        self.armed.touch()
        threads = [threading.Thread(target=one.run) for one in self.sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for session in self.sessions:
            for failure in session.failures:
                raise failure
        self.armed.unlink()
        return server.ended()

    def look(self, server: Server) -> list[bool]:
        """Everything, on a server that came after; which of the commands are done."""
        assert server.port is not None
        file = self._data / "imapgate.db"
        calm(file)
        self._rows.look(file)
        found = fetched(server.port, self._rows)
        accounts = [one.account for one in self.sessions]
        undecided = [None if one.acknowledged or one.done else one.step for one in self.sessions]
        found_done = settled(found, accounts, undecided, self._memory)
        self._rows.compare(file, accounts, found)
        for session, one in zip(self.sessions, found_done, strict=True):
            session.done = session.done or session.acknowledged or one
        return [one.done for one in self.sessions]

    def repeat(self, server: Server) -> None:
        """What a client does whose line went dead: the same once more."""
        assert server.port is not None
        for session in self.sessions:
            if session.acknowledged or (session.done and not session.step.drops):
                continue
            session.sign_in(server.port, f"again{session.user}")
            session.take(session.client.command(*session.words))
            session.client.close()

    def _session(self, number: int) -> Session:
        """A drop with a link, several messages, a refused drop, a move between groups, plain mail:
        a commit has something of each."""
        user = ("alice", "bob")[number % 2]
        account = Account()
        if number == 3:
            return Session(user, Step(), (), (), account)
        place: Place = (GROUPS[number % 3], SUPPORT, SUPPORT, SUPPORT, (user, "INBOX"))[number]
        subject = "About #10000001" if number == 0 else "A mail"
        count = 3 if number == 1 else 1
        mails = [mail(self._rng, f"s{number}m{one}", subject) for one in range(count)]
        keys = [key_of(one) for one in mails]
        refused = number == 2
        target = (user, RECOVERED) if refused else place
        step = Step(
            adds=tuple((target, key) for key in keys),
            drops=() if number == 4 else tuple(keys),
            links={keys[0]: frozenset((10000001,))} if number == 0 else {},
            refused=refused,
        )
        words: list[str | bytes] = [f'APPEND "{"Trackers/Archive" if refused else place[1]}"']
        for one in mails:
            words += [" ", one]
        return Session(user, step, words, () if refused else step.adds, account)

    def _put_what_is_moved(self, port: int) -> None:
        """Session 3 moves a mail from one group to another."""
        session = self.sessions[3]
        content = mail(self._rng, "moved", "It moves")
        source, target = ((one, key_of(content)) for one in (GROUPS[0], GROUPS[1]))
        client = Client(port, session.user, "before")
        answer = client.command(f'APPEND "{source[0][1]}" ', content)
        client.close()
        session.account.done(
            Step(adds=(source,), drops=(source[1],)), Receipt({source: answer.uids[0]})
        )
        session.step = Step(adds=(target,), removes=(source,))
        session.words = (f'UID MOVE {answer.uids[0]} "{target[0][1]}"',)
        session.select = source[0][1]
        session.told = (target,)


@pytest.mark.parametrize("at", [1, 3, SESSIONS])
def test_killed_while_the_batch_runs(
    at: int, zygote: Zygote, data: Path, figures: Counter[str]
) -> None:
    """After the first, third or last request of a commit: nothing of it is there."""
    commit = Commit(zygote, data, at)
    assert commit.run(commit.begin(point="while running", at=at)) == -signal.SIGKILL
    _nothing_then_everything(commit, zygote, data)
    figures["kills at a chosen point of a commit"] += 1


def test_killed_before_commit(zygote: Zygote, data: Path, figures: Counter[str]) -> None:
    """All requests have run, COMMIT hasn't begun: nothing is there."""
    commit = Commit(zygote, data, 4)
    assert commit.run(commit.begin(point="before commit")) == -signal.SIGKILL
    _nothing_then_everything(commit, zygote, data)
    figures["kills at a chosen point of a commit"] += 1


@pytest.mark.parametrize("octets", IN_A_COMMIT)
def test_killed_inside_commit(
    octets: int, zygote: Zygote, data: Path, figures: Counter[str]
) -> None:
    """COMMIT is writing: all sessions' commands are there, or none."""
    commit = Commit(zygote, data, octets)
    killed_by = -commit.run(commit.begin(point="inside commit", octets=octets))
    assert killed_by == signal.SIGXFSZ or octets == IN_A_COMMIT[-1], killed_by
    server = zygote.start(data)
    commit.look(server)
    assert _of_the_batch(commit) == {killed_by == signal.SIGKILL}
    _repeated(commit, server)
    figures["kills at a chosen point of a commit"] += 1


def test_killed_between_commit_and_the_answers(
    zygote: Zygote, data: Path, figures: Counter[str]
) -> None:
    """COMMIT has returned and nobody was told: everything is there, and every drop, when it is
    repeated, is the same entry under the same UID."""
    commit = Commit(zygote, data, 5)
    assert commit.run(commit.begin(point="after commit")) == -signal.SIGKILL
    assert not any(one.acknowledged for one in commit.sessions)
    _everything(commit, zygote, data)
    figures["kills at a chosen point of a commit"] += 1


@pytest.mark.parametrize("at", [1, 2])
def test_killed_between_the_answers(
    at: int, zygote: Zygote, data: Path, figures: Counter[str]
) -> None:
    """The first OK was about to go out, or one was sent and the next wasn't: everything is there,
    also for those who don't know it."""
    commit = Commit(zygote, data, 5 + at)
    assert commit.run(commit.begin(point="before ok", at=at)) == -signal.SIGKILL
    assert sum(bool(one.acknowledged and one.step.drops) for one in commit.sessions) <= SESSIONS - 2
    _everything(commit, zygote, data)
    figures["kills at a chosen point of a commit"] += 1


def _nothing_then_everything(commit: Commit, zygote: Zygote, data: Path) -> None:
    assert not any(one.acknowledged for one in commit.sessions)
    server = zygote.start(data)
    assert not any(commit.look(server))
    _repeated(commit, server)


def _everything(commit: Commit, zygote: Zygote, data: Path) -> None:
    server = zygote.start(data)
    commit.look(server)
    assert _of_the_batch(commit) == {True}
    _repeated(commit, server)


def _of_the_batch(commit: Commit) -> set[bool]:
    """The refused one keeps its copy in a second transaction, after the batch."""
    return {one.done for one in commit.sessions if not one.step.refused}


def _repeated(commit: Commit, server: Server) -> None:
    commit.repeat(server)
    assert all(commit.look(server))
    server.stop()
