"""Hostile sizes: what a command does per folder or per message happens off the reactor, and what
can't be held is refused."""

from __future__ import annotations

import errno
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from transcript import Stage

from imapgate.folders import names
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.opening import Opened
from imapgate.session import literals, telling, watching
from imapgate.session.commands import copy_move
from imapgate.session.selected import Selected


class Hops:
    """Knows whether work runs in a hop."""

    def __init__(self, stage: Stage) -> None:
        self.inside = False
        self._call = stage.server.call
        stage.server.call = self.call

    def call(self, work: Callable[[], Any]) -> Any:
        def inside() -> Any:
            self.inside = True
            try:
                return work()
            finally:
                self.inside = False

        return self._call(inside)

    def only_inside(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """work, which fails on the reactor."""

        def checked(*arguments: Any) -> Any:
            assert self.inside, "on the reactor"
            return work(*arguments)

        return checked


@pytest.fixture
def hops(stage: Stage) -> Hops:
    stage.client("alice")
    return Hops(stage)


@pytest.mark.parametrize("command", ["LIST", "LSUB"])
def test_names_are_held_against_a_pattern_off_the_reactor(
    stage: Stage, hops: Hops, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A thousand folders and a nasty pattern delay nobody else."""
    monkeypatch.setattr(names, "matches", hops.only_inside(names.matches))
    stage.run(rf"""
        C: a {command} "" Tra%
        S: * {command} ...
        S: * {command} ...
        S: a OK ...
    """)


def test_lsub_asks_about_each_parent_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many subscriptions below one another cost no more than there are folders."""
    asked: list[str] = []
    matches = names.matches

    def counted(name: str, reference: str, pattern: str) -> bool:
        asked.append(name)
        return matches(name, reference, pattern)

    monkeypatch.setattr(names, "matches", counted)
    stage.run("""
        C: a LSUB "" x%
        S: a OK ...
    """)
    # Once as a folder, once as a parent, not once for each of its children.
    assert Counter(asked)["Trackers"] == 2


def test_messages_are_numbered_and_told_off_the_reactor(
    stage: Stage, hops: Hops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A FETCH, SEARCH, STORE or COPY of a hundred thousand messages delays nobody else."""
    for _ in range(3):
        stage.run(
            """
            C: a APPEND Drafts {#mail+}
            C: #mail
            S: a OK ...
        """,
            mail=b"Subject: x\r\n\r\ny\r\n",
        )
    for place, name in (
        (Selected, "numbered"),
        (telling, "fetch"),
        (copy_move, "write_set"),
    ):
        monkeypatch.setattr(place, name, hops.only_inside(getattr(place, name)))
    stage.run(r"""
        C: a SELECT Drafts
        S: ~
        S: a OK ...
        C: a FETCH 1,3 UID
        S: * 1 FETCH (UID 1)
        S: * 3 FETCH (UID 3)
        S: a OK ...
        C: a STORE 2 +FLAGS (\Seen new)
        S: * FLAGS ...
        S: * OK [PERMANENTFLAGS ...
        S: * 2 FETCH (FLAGS (\Seen new \Recent))
        S: a OK ...
        C: a SEARCH NOT SEEN
        S: * SEARCH 1 3
        S: a OK ...
        C: a UID COPY 2:3 Trash
        S: a OK [COPYUID <validity> 2:3 1:2] ...
    """)


def test_watched_folders_are_told_off_the_reactor(
    stage: Stage, hops: Hops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NOTIFY that names a thousand folders delays nobody else, nor does what it tells of them."""
    monkeypatch.setattr(watching, "untagged", hops.only_inside(watching.untagged))
    stage.run(
        """
        C: a NOTIFY SET STATUS (personal (MessageNew MessageExpunge MailboxName))
        S: * STATUS INBOX ...
        S: ~
        S: a OK ...
        alice2 C: a APPEND Drafts {#mail+}
        alice2 C: #mail
        alice2 S: a OK ...
        S: * STATUS Drafts (UIDNEXT 2 MESSAGES 1)
        alice2 C: b CREATE New
        alice2 S: b OK ...
        S: * LIST (\\HasNoChildren) "/" New
    """,
        mail=b"Subject: x\r\n\r\ny\r\n",
    )


def test_many_that_went_are_passed_over_in_one_look() -> None:
    """Few and many UIDs come to the same."""
    few, many = _view(100), _view(100)
    few.expunge([7, 200])
    many.expunge([7, *range(200, 300)])
    for view in (few, many):
        assert view.take_expunged() == [7]
        assert view.number(8) == 7
    many.expunge(range(8, 300))
    assert many.take_expunged() == list(range(99, 6, -1))
    assert list(many.uids) == [1, 2, 3, 4, 5, 6]


def _view(count: int) -> Selected:
    folder = Folder(
        1, Kind.PERSONAL, "x", "lrswipkxte", None, 1, None, None, True, True, False, False
    )
    uids = array("I", range(1, count + 1))
    return Selected(Opened(folder, uids, count + 1, None, (), count + 1, 1), writable=True)


class FullDisk:
    """Stands for tempfile; takes no octets, or not even a file."""

    def __init__(self, opens: bool) -> None:
        self._opens = opens

    def TemporaryFile(self) -> FullDisk:  # noqa: N802
        if not self._opens:
            raise OSError(errno.EMFILE, "Too many open files")
        return self

    def write(self, octets: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        """Nothing was kept."""


@pytest.mark.parametrize("opens", [False, True])
def test_no_room_for_an_upload_is_a_no(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    """The session goes on, the budget is whole again, what comes all the same is dropped."""
    monkeypatch.setattr(literals, "tempfile", FullDisk(opens))
    large = b"Subject: x\r\n\r\n" + b"y" * 2_000_000
    stage.run(
        """
        C: a APPEND INBOX {#large+}
        C: #large
        S: a NO [UNAVAILABLE] Not filed: the server can't hold uploads just now. ...
        C: a APPEND INBOX {#small+}
        C: #small
        S: a OK ...
        """,
        large=large,
        small=b"Subject: x\r\n\r\n",
    )
    assert stage.server.budget.left == stage.server.limits.process_literals


def test_what_came_before_an_upload_without_room_is_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a MULTIAPPEND the first message had arrived."""
    monkeypatch.setattr(literals, "tempfile", FullDisk(opens=True))
    stage.run(
        """
        C: a APPEND INBOX {#small+}
        C: #small\\
        C:  {#large+}
        C: #large
        S: a NO [UNAVAILABLE] ...
        C: a STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: a OK ...
        """,
        large=b"y" * 2_000_000,
        small=b"Subject: x\r\n\r\n",
    )
