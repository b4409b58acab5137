"""BINARY: parts with their transfer encoding undone, whole, in partials and by size alone, of
messages of any size (RFC 3516, RFC 9051 6.4.5)."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sexp
import world as worlds
from corpus import MESSAGES
from hypothesis import given, settings
from hypothesis import strategies as st
from mailroom import folder, put
from world import World

from imapgate.folders import binary
from imapgate.folders.binary import Form, Vanished
from imapgate.folders.reading import BATCH, FetchCursor
from imapgate.mime.index import index
from imapgate.mime.reading import part_at
from imapgate.mime.transfer import ENCODED, PLAIN, decoded
from imapgate.wire.commands import BinaryItem, FetchItem
from storage import Database, messages
from storage.messages import CHUNK

MIB = 1024 * 1024
IMAGE = b"Content-Type: image/png\r\n\r\n"
TEXT = "Gr\u00fc\u00dfe".encode()
MIXED = (
    b"Subject: mixed\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n"
    b"--X\r\nContent-Type: text/plain\r\ncontent-transfer-encoding: Quoted-Printable (x)\r\n\r\n"
    b"Gr=C3=BC=\r\n=C3=9Fe\r\n"
    b"--X\r\nContent-Transfer-Encoding:\r\n base64\r\n\r\nYQBi\r\n"
    b"--X\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin\r\n"
    b"--X\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: inner\r\nContent-Transfer-Encoding: base64\r\n\r\naW5uZXI=\r\n"
    b"--X\r\n\r\nplain\r\n"
    b"--X--\r\n"
)


@pytest.fixture
def world(db: Database) -> World:
    return worlds.build(db)


def of(*path: int, partial: tuple[int, int] | None = None) -> BinaryItem:
    """As the grammar gives BINARY.PEEK[...]."""
    return BinaryItem(path, True, b"BINARY[%b]" % _numbers(path), partial)


def size_of(*path: int) -> BinaryItem:
    return BinaryItem(path, True, b"BINARY.SIZE[%b]" % _numbers(path), size=True)


def steps(world: World, uid: int, *items: FetchItem) -> Iterator[bytes]:
    """What each step of a FETCH gives."""
    cursor = FetchCursor(world.alice, folder(world, world.alice), [(1, uid)], items, 2**32)
    while not cursor.done:
        yield b"".join(world.db.read(cursor.step))


def fetched(world: World, uid: int, *items: FetchItem) -> dict[str, Any]:
    ((_, values),) = sexp.fetches(b"".join(steps(world, uid, *items)))
    return values


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ((), MIXED),
        ((1,), TEXT),
        ((2,), b"a\0b"),
        ((4,), MIXED.partition(b"message/rfc822\r\n\r\n")[2].partition(b"\r\n--X")[0]),
        ((4, 1), b"inner"),
        ((5,), b"plain"),
        ((5, 1), None),
        ((6,), None),
    ],
)
def test_a_part_and_its_size(world: World, path: tuple[int, ...], content: bytes | None) -> None:
    """What holds others, and the whole message, come as they stand; of a part that isn't there
    nothing. The size is that of the content."""
    (uid,) = put(world, world.alice, "INBOX", [MIXED])
    said = fetched(world, uid, size_of(*path), of(*path))
    name = _numbers(path).decode()
    assert said == {f"BINARY[{name}]": content, f"BINARY.SIZE[{name}]": len(content or b"")}


@pytest.mark.parametrize(
    ("partial", "content"),
    [
        ((0, 3), TEXT[:3]),
        ((2, 2), TEXT[2:4]),
        ((6, 100), TEXT[6:]),
        ((7, 1), b""),
        ((4294967295, 4294967295), b""),
    ],
)
def test_a_partial_counts_decoded_octets(
    world: World, partial: tuple[int, int], content: bytes
) -> None:
    (uid,) = put(world, world.alice, "INBOX", [MIXED])
    assert len(TEXT) == 7
    assert fetched(world, uid, of(1, partial=partial)) == {f"BINARY[1]<{partial[0]}>": content}


def test_only_a_nul_makes_a_literal8(world: World) -> None:
    """RFC 3516 4.3: then the client needn't look for one; a partial without it is a literal."""
    (uid,) = put(world, world.alice, "INBOX", [MIXED])
    said = b"".join(steps(world, uid, of(1), of(2), of(2, partial=(2, 1)), of(2, partial=(1, 1))))
    assert said == (
        b"* 1 FETCH (BINARY[1] {7}\r\n%b BINARY[2] ~{3}\r\na\0b BINARY[2]<2> {1}\r\nb"
        b" BINARY[2]<1> ~{1}\r\n\0)\r\n" % TEXT
    )


def test_what_nobody_can_undo_is_left_out_and_counted(world: World) -> None:
    """The rest is told; the list is never empty."""
    (uid,) = put(world, world.alice, "INBOX", [MIXED])
    here = folder(world, world.alice)
    for items, said in (
        ((of(3), size_of(3)), b"* 1 FETCH (UID %d)\r\n" % uid),
        ((of(3), of(5), size_of(3)), b"* 1 FETCH (BINARY[5] {5}\r\nplain)\r\n"),
    ):
        cursor = FetchCursor(world.alice, here, [(1, uid)], items, 2**32)
        assert b"".join(world.db.read(cursor.step)) == said
        assert cursor.done
        assert cursor.unknown_encodings == 2


def test_nothing_is_known_of_what_is_long_gone(world: World) -> None:
    """RFC 2180 4.1.3: an answer all the same."""
    assert fetched(world, 77, of(1), size_of(1), of()) == {
        "BINARY[1]": None,
        "BINARY.SIZE[1]": 0,
        "BINARY[]": None,
    }


PATHS = [path for length in (1, 2, 3) for path in itertools.product((1, 2, 3), repeat=length)]


@pytest.mark.parametrize(
    ("header", "body", "told"),
    [
        (b"", b"one\ntwo\r\nthree\rfour\n", b"one\r\ntwo\r\nthree\rfour\r\n"),
        (b"Content-Type: text/html\r\n", b"\n\n", b"\r\n\r\n"),
        (b"Content-Type: text/plain; charset=utf-16le\r\n", b"a\0\n\0", b"a\0\n\0"),
        (b"Content-Type: image/x-bitmap\r\n", b"1\n2\n", b"1\n2\n"),
    ],
)
def test_lines_of_text_end_in_crlf(world: World, header: bytes, body: bytes, told: bytes) -> None:
    """RFC 3516 6: whatever they were stored with, plain and encoded; its size says so."""
    encoded = b"Content-Transfer-Encoding: base64\r\n"
    mails = [header + b"\r\n" + body, header + encoded + b"\r\n" + base64.encodebytes(body)]
    for uid in put(world, world.alice, "INBOX", mails):
        said = fetched(world, uid, of(1), size_of(1), of(1, partial=(1, 3)))
        assert said["BINARY[1]"] == told
        assert said["BINARY.SIZE[1]"] == len(told)
        assert said["BINARY[1]<1>"] == told[1:4]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(alphabet="a\r\n", max_size=4).map(str.encode), max_size=6))
def test_a_line_end_may_lie_between_two_pieces(pieces: list[bytes]) -> None:
    whole = re.sub(rb"(?<!\r)\n", b"\r\n", b"".join(pieces))
    assert b"".join(binary._in_lines(iter(pieces))) == whole


def test_every_part_of_every_message(world: World) -> None:
    """The octets are those that filing reads, whatever the message; of text with CRLF."""
    uids = put(world, world.alice, "INBOX", list(MESSAGES.values()))
    for uid, raw in zip(uids, MESSAGES.values(), strict=True):
        root = index(raw)
        said = fetched(
            world, uid, *(item for path in PATHS for item in (of(*path), size_of(*path)))
        )
        for path in PATHS:
            name = _numbers(path).decode()
            part = part_at(root, name)
            content: bytes | None = None
            if part is not None and part.children:
                content = raw[part.body_start : part.body_end]
            elif part is not None and part.encoding in ENCODED | PLAIN:
                content = b"".join(decoded(raw, part))
                if part.type == b"TEXT":
                    content = re.sub(rb"(?<!\r)\n", b"\r\n", content)
            elif part is not None:
                assert f"BINARY[{name}]" not in said
                continue
            assert said[f"BINARY[{name}]"] == content
            assert said[f"BINARY.SIZE[{name}]"] == len(content or b"")


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize("size", [3 * MIB, 300_001])
def test_a_large_part_comes_in_pieces(world: World, encoding: str, size: int) -> None:
    """Nothing is held that is larger than a chunk or two, and no step takes long."""
    content = (bytes(range(1, 256)) * (size // 255 + 1))[:size]
    encoded = {
        "base64": base64.encodebytes(content),
        "quoted-printable": binascii.b2a_qp(content, istext=False),
        "8bit": content,
    }[encoding]
    fields = f"Content-Type: application/x\r\nContent-Transfer-Encoding: {encoding}\r\n"
    raw = fields.encode() + b"\r\n" + encoded
    (uid,) = put(world, world.alice, "INBOX", [raw])
    told = list(steps(world, uid, size_of(1), of(1), of(1, partial=(size - 5, 100))))
    ((_, said),) = sexp.fetches(b"".join(told))
    assert said["BINARY.SIZE[1]"] == size
    assert said["BINARY[1]"] == content
    assert said[f"BINARY[1]<{size - 5}>"] == content[-5:]
    assert max(map(len, told)) <= BATCH + binary.IN_MEMORY + CHUNK


def test_a_partial_far_into_a_plain_part_reads_no_more_than_that(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is encoded has to be decoded up to there."""
    (uid,) = put(world, world.alice, "INBOX", [IMAGE + b"x" * (2 * MIB) + b"end"])
    read = []
    real = messages.read_range

    def counted(tx: Any, message_id: int, start: int, end: int) -> bytes:
        read.append(end - start)
        return real(tx, message_id, start, end)

    monkeypatch.setattr(messages, "read_range", counted)
    assert fetched(world, uid, of(1, partial=(2 * MIB, 9))) == {f"BINARY[1]<{2 * MIB}>": b"end"}
    assert sum(read) < 100


def test_an_erased_message_ends_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two steps its octets have gone."""
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bytes(9 * MIB))
    (uid,) = put(world, world.alice, "INBOX", [raw])
    told = steps(world, uid, of(1))
    assert next(told) == b"* 1 FETCH ("
    monkeypatch.setattr(messages, "read_range", lambda *_: b"")
    monkeypatch.setattr(messages, "is_here", lambda *_: False)
    with pytest.raises(Vanished):
        next(told)


def test_many_large_parts_are_done_a_little_at_a_time(world: World) -> None:
    """Sizes of all parts of a hostile message: each step decodes a few MiB at most."""
    part = b"--X\r\nContent-Transfer-Encoding: base64\r\n\r\n%b\r\n" % base64.b64encode(
        bytes(150_000)
    )
    raw = b"Content-Type: multipart/mixed; boundary=X\r\n\r\n" + part * 100 + b"--X--\r\n"
    (uid,) = put(world, world.alice, "INBOX", [raw])
    told = list(steps(world, uid, *(size_of(n) for n in range(1, 101))))
    ((_, said),) = sexp.fetches(b"".join(told))
    assert set(said.values()) == {150_000}
    assert len(told) > 10


@given(
    content=st.binary(max_size=2000),
    origin=st.integers(0, 2100),
    most=st.integers(1, 2100),
    encoding=st.sampled_from([b"BASE64", b"QUOTED-PRINTABLE", b"8BIT"]),
)
@settings(max_examples=100)
def test_a_partial_is_that_of_the_whole(
    content: bytes, origin: int, most: int, encoding: bytes
) -> None:
    encoded = {
        b"BASE64": base64.encodebytes,
        b"QUOTED-PRINTABLE": lambda octets: binascii.b2a_qp(octets, istext=False),
        b"8BIT": bytes,
    }[encoding](content)
    item = of(1, partial=(origin, most))
    said = b"".join(binary.told(encoded, Form(encoding, lines=False), 0, len(encoded), item))
    expected = content[origin : origin + most]
    if encoding == b"QUOTED-PRINTABLE":
        expected = binascii.a2b_qp(encoded)[origin : origin + most]
    mark = b"~" if b"\0" in expected else b""
    assert said == b"BINARY[1]<%d> %b{%d}\r\n%b" % (origin, mark, len(expected), expected)


def _numbers(path: tuple[int, ...]) -> bytes:
    return b".".join(b"%d" % number for number in path)
