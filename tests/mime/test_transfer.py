"""Transfer encodings undone in pieces."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime import transfer
from imapgate.mime.index import index
from imapgate.mime.transfer import decoded, decoded_size

MIB = 1024 * 1024


def undone(encoding: bytes, body: bytes) -> bytes:
    raw = b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body
    part = index(raw)
    pieces = list(decoded(raw, part))
    assert all(0 < len(piece) <= MIB for piece in pieces)
    assert decoded_size(raw, part) == sum(len(piece) for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"base64", b"SGVsbG8=", b"Hello"),
        (b"BASE64", b"SGVs\r\nbG8=\r\n", b"Hello"),
        (b"base64", b"SGVsbG8", b"Hello"),
        (b"base64", b"S G*V-s b_G8", b"Hello"),
        (b"base64", b"SGU=bGxv", b"Hello"),
        (b"base64", b"SGVsbG8=A", b"Hello"),
        (b"base64", b"", b""),
        (b"base64", b"=", b""),
        (b"base64", b"====", b""),
        (b"quoted-printable", b"Gr=C3=BC=\r\n=C3=9Fe=20", "Grüße ".encode()),
        (b"quoted-printable", b"a=c3=bc", "aü".encode()),
        (b"quoted-printable", b"a=ZZ=4", b"a=ZZ=4"),
        (b"quoted-printable", b"a=", b"a"),
        (b"quoted-printable", b"\xfc_", b"\xfc_"),
        (b"7bit", b"a=\r\n", b"a=\r\n"),
        (b"x-uuencode", b"begin", b"begin"),
    ],
)
def test_encodings(encoding: bytes, body: bytes, expected: bytes) -> None:
    """Broken ones: best effort; unknown ones: none."""
    assert undone(encoding, body) == expected


ENCODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"base64": base64.encodebytes,
    b"quoted-printable": lambda octets: binascii.b2a_qp(octets, istext=False),
    b"8bit": bytes,
}


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 64])
def test_where_pieces_end_makes_no_difference(
    encoding: bytes, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the middle of a quantum or of an escape."""
    monkeypatch.setattr(transfer, "PIECE", piece)
    octets = bytes(range(256)) + b"\r\n= =\r\n" + b"x" * 100
    assert undone(encoding, ENCODERS[encoding](octets)) == octets


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300), st.sampled_from(sorted(ENCODERS)))
def test_what_is_encoded_is_decoded(octets: bytes, encoding: bytes) -> None:
    """As the standard library encodes it."""
    assert undone(encoding, ENCODERS[encoding](octets)) == octets


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_large_body_comes_in_pieces(encoding: bytes) -> None:
    """None above 1 MiB, none empty."""
    octets = b"x" * (3 * MIB)
    assert undone(encoding, ENCODERS[encoding](octets)) == octets


def test_a_quoted_printable_body_without_line_ends_comes_in_pieces() -> None:
    """An escape is not torn."""
    assert undone(b"quoted-printable", b"=C3=BC" * 300_000) == "ü".encode() * 300_000
