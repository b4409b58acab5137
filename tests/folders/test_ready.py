"""What is made of a message once, and how it is stored."""

from __future__ import annotations

import base64
import hashlib
import mmap
import tempfile

import pytest
from corpus import MESSAGES
from sqlalchemy import func, select
from world import World, build

from imapgate.folders import ready
from imapgate.mime.mail import Mail
from storage import Database, Tx, messages
from storage.schema import message, message_digest, message_order, message_ready, message_text

INNER = b"From: customer@example.com\r\nSubject: inside\r\n\r\nplease help\r\n"


def wrapper(*parts: bytes, subject: bytes = b"> @Support E-Mails #10000001 note") -> bytes:
    mark = b"--=x\r\n"
    return (
        b"Subject: " + subject + b'\r\nContent-Type: multipart/mixed; boundary="=x"\r\n\r\n'
        + b"".join(mark + part + b"\r\n" for part in (b"\r\nsee below", *parts))
        + b"--=x--\r\n"
    )  # fmt: skip


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def test_hash_is_of_the_bytes_as_they_came() -> None:
    for content in (INNER, b"", b"\0" * (ready.IN_MEMORY + 1)):
        assert ready.prepare(content).sha256 == hashlib.sha256(content).digest()


def test_memory_map_gives_the_same_as_bytes() -> None:
    content = wrapper(b"Content-Type: message/rfc822\r\n\r\n" + INNER)
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            from_map = ready.prepare(mapped)
            from_bytes = ready.prepare(content)
            for name in ready.Prepared.__slots__:  # type: ignore[attr-defined]
                if name not in ("content", "attached"):
                    assert getattr(from_map, name) == getattr(from_bytes, name)
            assert [bytes(one.content) for one in from_map.attached] == [INNER]


def test_long_header_is_not_kept_twice() -> None:
    short = b"Subject: x\r\nX: " + b"y" * (ready.HEADER_KEPT - 19) + b"\r\n\r\n"
    assert len(short) == ready.HEADER_KEPT
    assert ready.prepare(short + b"text").header == short
    assert ready.prepare(b"Y" + short + b"text").header is None


def test_attached_messages_are_prepared_only_of_what_looks_like_a_wrapper() -> None:
    attached = b"Content-Type: message/rfc822\r\n\r\n" + INNER
    made = ready.prepare(wrapper(attached, attached.replace(b"inside", b"second")))
    assert [one.mail.subject for one in made.attached] == ["inside", "second"]
    assert made.attached[0].content == INNER.removesuffix(b"\r\n") + b"\r\n"
    assert ready.prepare(wrapper(attached, subject=b"ordinary")).attached == ()
    assert ready.prepare(wrapper(b"\r\nno message")).attached == ()


def test_attached_message_in_base64_is_unpacked_also_when_it_is_large() -> None:
    for size in (10, ready.IN_MEMORY):
        inner = INNER + b"z" * size
        attached = (
            b"Content-Type: application/octet-stream; name=mail.eml\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(inner)
        )
        (one,) = ready.prepare(wrapper(attached)).attached
        assert one.content[:] == inner
        assert one.mail.subject == "inside"


def test_wrapper_inside_a_wrapper_is_filed_as_it_is() -> None:
    inner = wrapper(b"Content-Type: message/rfc822\r\n\r\n" + INNER).replace(b"=x", b"=inner")
    (one,) = ready.prepare(wrapper(b"Content-Type: message/rfc822\r\n\r\n" + inner)).attached
    assert one.mail.messages
    assert one.attached == ()


def test_texts_are_kept_in_the_form_in_which_they_are_compared() -> None:
    made = ready.prepare("Subject: STRASSE Stra\u00dfe\r\n\r\nKO\u0308LN".encode())
    assert made.header_text == "subject: strasse strasse"
    assert made.body_text == "k\u00f6ln"
    assert ready.searchable("K\u00d6LN") == made.body_text


def test_the_same_bytes_are_stored_once(world: World) -> None:
    made = ready.prepare(INNER)

    def twice(tx: Tx) -> tuple[int, int]:
        return (
            ready.store(tx, world.segment_id, made),
            ready.store(tx, world.segment_id, ready.prepare(INNER)),
        )

    first, second = world.db.write(twice)
    assert first == second

    def rows(tx: Tx) -> list[int]:
        tables = (message, message_ready, message_digest, message_text, message_order)
        return [
            tx.connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        ]

    assert world.db.read(rows) == [1, 1, 1, 1, 1]


def test_every_nasty_message_is_stored_and_its_digest_reads_back(world: World) -> None:
    prepared = {name: ready.prepare(content) for name, content in MESSAGES.items()}

    def work(tx: Tx) -> dict[str, int]:
        return {name: ready.store(tx, world.segment_id, one) for name, one in prepared.items()}

    ids = world.db.write(work)

    def check(tx: Tx) -> None:
        for name, content in MESSAGES.items():
            assert messages.read_range(tx, ids[name], 0, len(content)) == content
            digest = tx.connection.execute(
                select(message_digest.c.mail).where(message_digest.c.stored_message_id == ids[name])
            ).scalar_one()
            assert Mail.from_json(digest) == prepared[name].mail

    world.db.read(check)
