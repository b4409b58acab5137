"""What becomes of a message in an IMAP folder once it was taken, and waiting by IDLE."""

from __future__ import annotations

import contextlib
import imaplib
import threading
from collections.abc import Iterator

import pytest
from dovecot import HOST, Dovecot, Mailbox
from reading import MOST, opened, place

from imapgate.incoming.mailboxes import imap
from imapgate.incoming.mailboxes.connecting import walk
from imapgate.incoming.mailboxes.imap import ImapSource
from imapgate.incoming.source import Source
from imapgate.servers.server import Secrets, ServerError, Step

MAILS = [b"Subject: %d\r\n\r\nHello\r\n" % n for n in range(5)]


@pytest.fixture
def source(dovecot: Dovecot, mailbox: Mailbox) -> Iterator[Source]:
    """A mailbox of five messages, of which somebody has flagged the third as deleted."""
    mailbox.deliver(*MAILS)
    with imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client:
        client.login(mailbox.user, mailbox.password)
        client.select()
        client.store("3", "+FLAGS", r"(\Deleted)")
    with opened(place(dovecot, mailbox), mailbox) as opened_source:
        yield opened_source


def without(source: Source, *names: str) -> None:
    """As if the server knew less."""
    assert isinstance(source, ImapSource)
    source._dialogue.capabilities -= {*names}


def settle(source: Source, afterwards: str, move_to: str | None = None) -> None:
    """The first, the second and the last; and one that isn't there."""
    keys = [one.key for one in source.waiting({})]
    assert len(keys) == 4
    gone = keys[0].partition(".")[0] + ".999"
    source.settle([keys[0], keys[3], gone, keys[1]], afterwards, move_to)


def test_keep_marks_as_seen(source: Source, mailbox: Mailbox) -> None:
    """Those alone."""
    settle(source, "keep")
    assert mailbox.flags() == ["S", "S", "T", "", "S"]
    assert mailbox.messages() == MAILS


def test_delete_takes_these_alone(source: Source, mailbox: Mailbox) -> None:
    """What somebody else has flagged as deleted stays."""
    settle(source, "delete")
    assert mailbox.messages() == MAILS[2:4]
    assert mailbox.flags() == ["T", ""]
    assert source.warnings == []


def test_without_uidplus_nothing_is_expunged(source: Source, mailbox: Mailbox) -> None:
    """EXPUNGE would take another's message, too: it is flagged, and told once."""
    without(source, "UIDPLUS")
    settle(source, "delete")
    assert mailbox.messages() == MAILS
    assert mailbox.flags() == ["ST", "ST", "T", "", "ST"]
    assert list(source.warnings) == [imap.NEVER_EXPUNGED]
    assert [source.read(one.key, MOST) for one in source.waiting({})] == [MAILS[3]]


@pytest.mark.parametrize("lacking", [(), ("MOVE",)])
def test_move_makes_the_folder(
    source: Source, mailbox: Mailbox, dovecot: Dovecot, lacking: tuple[str, ...]
) -> None:
    """By MOVE, else by COPY and UID EXPUNGE; a name of any letters, and below another folder."""
    without(source, *lacking)
    settle(source, "move", "Getan & Erledigt/Ältere")
    encoded = "Getan &- Erledigt/&AMQ-ltere"
    assert mailbox.messages(encoded) == [MAILS[0], MAILS[1], MAILS[4]]
    assert mailbox.messages() == MAILS[2:4]
    with opened(place(dovecot, mailbox, folder="Getan & Erledigt/Ältere"), mailbox) as moved:
        assert moved.count() == 3
    source.settle([one.key for one in source.waiting({})], "move", "Getan & Erledigt/Ältere")
    assert len(mailbox.messages(encoded)) == 4


def test_move_without_uidplus_copies_once(source: Source, mailbox: Mailbox) -> None:
    """Flagged as deleted in the old place, it doesn't wait again."""
    without(source, "MOVE", "UIDPLUS")
    settle(source, "move", "Done")
    assert mailbox.messages("Done") == [MAILS[0], MAILS[1], MAILS[4]]
    assert mailbox.flags() == ["ST", "ST", "T", "", "ST"]
    assert [source.read(one.key, MOST) for one in source.waiting({})] == [MAILS[3]]


def test_a_refused_move_is_told(source: Source, mailbox: Mailbox) -> None:
    """A name that the server won't have."""
    with pytest.raises(ServerError, match="marked, moved or deleted") as caught:
        settle(source, "move", "a//b/../c")
    assert caught.value.step == "settle"
    assert mailbox.messages() == MAILS


def test_many_are_settled_in_bounded_commands(source: Source, mailbox: Mailbox) -> None:
    """A set with a hole at each message is sent in pieces."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(imap, "TOGETHER", 2)
        settle(source, "delete")
    assert mailbox.messages() == MAILS[2:4]


def test_idle_tells_of_new_mail(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """And of none when nothing comes; the connection is good afterwards."""
    with opened(place(dovecot, mailbox), mailbox) as source:
        assert [*source.waiting({})] == []
        assert not source.wait(0.05)
        waited: list[bool] = []
        waiting = threading.Thread(target=lambda: waited.append(source.wait(60)))
        waiting.start()
        mailbox.deliver(MAILS[0])
        waiting.join(30)
        assert waited == [True]
        (one,) = source.waiting(source.position())
        assert source.read(one.key, MOST) == MAILS[0]


def test_idle_is_renewed(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Before the server's half an hour is over (RFC 2177)."""
    said: list[str] = []
    with (
        pytest.MonkeyPatch.context() as patched,
        opened(place(dovecot, mailbox), mailbox, said.append) as source,
    ):
        patched.setattr(imap, "IDLE", 0.05)
        assert not source.wait(0.15)
    assert sum(line.endswith(" IDLE") for line in said) >= 3
    assert said.count("C: DONE") == sum(line.endswith(" IDLE") for line in said)
    assert imap.IDLE < 29 * 60


def test_without_idle_nobody_waits(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """False at once."""
    with opened(place(dovecot, mailbox), mailbox) as source:
        without(source, "IDLE")
        assert not source.wait(600)


def test_waiting_is_interrupted(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """By another thread, over TLS too; afterwards nothing is to be had."""
    for protocol in ("imap", "imaps"):
        with opened(place(dovecot, mailbox, protocol), mailbox) as source:
            waited: list[bool] = []
            waiting = threading.Thread(target=lambda: waited.append(source.wait(600)))  # noqa: B023
            waiting.start()
            source.interrupt()
            waiting.join(30)
            assert waited == [False]
            with pytest.raises(ServerError, match="interrupted"):
                source.waiting({})[0]


def test_the_walk_can_be_left_at_any_step(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Nothing stays open (an unclosed socket is an error in these tests)."""
    names = []
    for steps in range(7):
        walking = walk(place(dovecot, mailbox), Secrets(mailbox.password))
        with contextlib.closing(walking):  # type: ignore[type-var]
            for _, one in zip(range(steps), walking, strict=False):
                if isinstance(one, Step):
                    names.append(one.name)
                else:
                    one.close()
    assert names[-5:] == ["name", "connect", "greeting", "login", "folder"]
