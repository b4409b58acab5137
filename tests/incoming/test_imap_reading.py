"""What waits in an IMAP folder, and that it comes byte for byte, from a real server."""

from __future__ import annotations

import imaplib
import mmap
import tracemalloc
from collections.abc import Iterator

import pytest
from corpus import MESSAGES
from dovecot import HOST, Dovecot, Mailbox
from reading import MOST, opened, place, read_all

from imapgate.incoming.mailboxes import imap
from imapgate.incoming.source import EVERYTHING, TooLarge
from imapgate.servers.server import ServerError


def mail(n: int, body: bytes = b"Hello\r\n") -> bytes:
    return b"From: a@example.net\r\nSubject: %d\r\n\r\n%b" % (n, body)


@pytest.fixture
def person(dovecot: Dovecot, mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    """Somebody in webmail."""
    with imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client:
        client.login(mailbox.user, mailbox.password)
        client.select()
        yield client


def keys(source: object, position: object) -> list[str]:
    """UIDs of what waits."""
    return [one.key.partition(".")[2] for one in source.waiting(position)]  # type: ignore[attr-defined]


def test_every_message_comes_as_it_stands_in_the_mailbox(
    dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Broken MIME, NULs, dots, long lines; Dovecot alone turns a bare LF into CRLF. Reading marks
    nothing."""
    sent = [one for one in MESSAGES.values() if len(one) < 1_000_000]
    mailbox.deliver(*sent)
    with (
        imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client,
        opened(place(dovecot, mailbox), mailbox) as source,
    ):
        client.login(mailbox.user, mailbox.password)
        client.select(readonly=True)
        got = read_all(source, {})
        assert source.count() == len(sent)
        assert len(got) == len(sent)
        for n, content in enumerate(got.values(), 1):
            assert content == client.fetch(str(n), "(BODY.PEEK[])")[1][0][1]
    whole = [one for one in sent if b"\n" not in one.replace(b"\r\n", b"") and b"\0" not in one]
    assert len(whole) > 50
    assert set(whole) <= set(got.values())
    assert set(mailbox.flags()) == {""}


def test_sizes_and_dates_are_told(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """As the server has them."""
    mailbox.deliver(mail(1))
    with opened(place(dovecot, mailbox), mailbox) as source:
        (one,) = source.waiting({})
        assert one.size == len(mail(1))
        assert one.internal_at is not None
        assert abs(one.internal_at - mailbox.files()[0].stat().st_mtime) < 2
        assert one.internal_zone == 0
        assert source.newest() == one


def test_a_zone_is_minutes_east() -> None:
    """RFC 3501 9, date-time; a date that is none is none."""
    told = b'1 FETCH (UID 1 INTERNALDATE " 1-Jan-2025 02:30:00 +0230" RFC822.SIZE 5)'
    assert imap._date(told) == (1_735_689_600, 150)
    assert imap._date(b'INTERNALDATE "99-Foo-2025 02:30:00 +0230"') == (None, 0)
    assert imap._date(b"nothing") == (None, 0)


def test_at_first_only_what_is_unseen_waits(
    dovecot: Dovecot, mailbox: Mailbox, person: imaplib.IMAP4
) -> None:
    """The whole old mailbox doesn't flood in."""
    mailbox.deliver(*map(mail, range(4)))
    person.noop()
    person.store("1,3", "+FLAGS", r"(\Seen)")
    with opened(place(dovecot, mailbox), mailbox) as source:
        assert keys(source, {}) == ["2", "4"]
        assert source.position()["uidnext"] == 5


def test_from_then_on_what_is_new_waits_read_or_not(
    dovecot: Dovecot, mailbox: Mailbox, person: imaplib.IMAP4
) -> None:
    """Who reads it in webmail first takes it from nobody; what is unseen below waits, too; what was
    deleted doesn't."""
    mailbox.deliver(*map(mail, range(3)))
    person.noop()
    person.store("1:3", "+FLAGS", r"(\Seen)")
    with opened(place(dovecot, mailbox), mailbox) as source:
        assert keys(source, {}) == []
        position = source.position()
        mailbox.deliver(*map(mail, range(3, 6)))
        person.noop()
        person.store("4", "+FLAGS", r"(\Seen)")
        person.store("5", "+FLAGS", r"(\Deleted)")
        person.store("2", "-FLAGS", r"(\Seen)")
        assert keys(source, position) == ["2", "4", "6"]
        position = source.position()
        assert position["uidnext"] == 7
        person.store("2,6", "+FLAGS", r"(\Seen)")
        assert keys(source, position) == []
        assert keys(source, EVERYTHING) == ["1", "2", "3", "4", "6"]


def test_what_waited_and_was_not_taken_waits_whoever_reads_it(
    dovecot: Dovecot, mailbox: Mailbox, person: imaplib.IMAP4
) -> None:
    """More waits than a round takes, and somebody reads the rest meanwhile."""
    mailbox.deliver(*map(mail, range(5)))
    with opened(place(dovecot, mailbox), mailbox) as source:
        assert keys(source, {}) == ["1", "2", "3", "4", "5"]
        position = source.position(whole=False)
        person.noop()
        person.store("1:5", "+FLAGS", r"(\Seen)")
        person.store("3", "+FLAGS", r"(\Deleted)")
        person.expunge()
        mailbox.deliver(mail(6))
        person.noop()
        person.store("5", "+FLAGS", r"(\Seen)")
        assert keys(source, position) == ["1", "2", "4", "5", "6"]
        again = source.position(whole=False)
        assert again["left"] == "1:2,4:5"
        assert keys(source, again) == ["1", "2", "4", "5", "6"]
        assert keys(source, source.position()) == []


def test_another_uidvalidity_begins_anew(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """A position and keys of the old one mean nothing."""
    mailbox.deliver(mail(1))
    with opened(place(dovecot, mailbox), mailbox) as source:
        (old,) = source.waiting({})
        position = source.position()
    for index in (mailbox.home / "Maildir").glob("dovecot*"):
        index.unlink()
    validity, _, uid = old.key.partition(".")
    listed = mailbox.home / "Maildir" / "dovecot-uidlist"
    listed.write_text(f"3 V{int(validity) + 1} N1 G0123456789abcdef0123456789abcdef\n")
    listed.chmod(0o666)
    with opened(place(dovecot, mailbox), mailbox) as source:
        (new,) = source.waiting(position)
        assert new.key == f"{int(validity) + 1}.{uid}"
        with pytest.raises(KeyError):
            source.read(old.key, MOST)
        source.settle([old.key], "delete", None)
        assert source.read(new.key, MOST) == mail(1)


def test_what_is_gone_is_a_key_error(
    dovecot: Dovecot, mailbox: Mailbox, person: imaplib.IMAP4
) -> None:
    """Between look and read somebody has expunged it; the others can be read."""
    mailbox.deliver(*map(mail, range(3)))
    with opened(place(dovecot, mailbox), mailbox) as source:
        waiting = list(source.waiting({}))
        person.noop()
        person.store("2", "+FLAGS", r"(\Deleted)")
        person.expunge()
        assert source.read(waiting[0].key, MOST) == mail(0)
        with pytest.raises(KeyError):
            source.read(waiting[1].key, MOST)
        assert source.read(waiting[2].key, MOST) == mail(2)
        for key in ("", "1", "x.y", f"{waiting[0].key}x", waiting[0].key.replace(".", ".-")):
            with pytest.raises(KeyError):
                source.read(key, MOST)


def test_too_large_is_told_and_the_next_is_read(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Exactly the limit is taken."""
    mailbox.deliver(mail(1, b"x" * 500 + b"\r\n"), mail(2))
    with opened(place(dovecot, mailbox), mailbox) as source:
        large, small = source.waiting({})
        with pytest.raises(TooLarge) as caught:
            source.read(large.key, large.size - 1)
        assert caught.value.size == large.size
        assert source.read(small.key, MOST) == mail(2)
        assert len(source.read(large.key, large.size)) == large.size


def test_a_large_message_is_never_held_whole(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """12 MB come in a map of a temporary file."""
    large = mail(1, b"y" * 998 + b"\r\n") + (b"z" * 78 + b"\r\n") * 150_000
    mailbox.deliver(large)
    with opened(place(dovecot, mailbox), mailbox) as source:
        (one,) = source.waiting({})
        tracemalloc.start()
        try:
            content = source.read(one.key, MOST)
            assert tracemalloc.get_traced_memory()[1] < 4_000_000
        finally:
            tracemalloc.stop()
        assert isinstance(content, mmap.mmap)
        assert content[:] == large
        content.close()


def test_five_thousand_messages_come_in_bounded_memory(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Each once, in order, while no more than a few blocks of sizes are held."""
    count = 5_000
    mailbox.deliver(*(mail(n) for n in range(count)))
    with opened(place(dovecot, mailbox), mailbox) as source:
        tracemalloc.start()
        try:
            for n, one in enumerate(source.waiting({})):
                if n % 50 == 0:
                    assert source.read(one.key, MOST) == mail(n)
            assert n == count - 1
            assert tracemalloc.get_traced_memory()[1] < 3_000_000
        finally:
            tracemalloc.stop()
        assert source.position()["uidnext"] == count + 1


def test_a_folder_that_is_not_there(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Told with its name; it lasts."""
    with (
        pytest.raises(ServerError, match='There is no folder "Ärger"') as caught,
        opened(place(dovecot, mailbox, folder="Ärger"), mailbox),
    ):
        pass
    assert (caught.value.step, caught.value.permanent) == ("folder", True)
    assert "&AMQ-rger" in caught.value.technical or "exist" in caught.value.technical
