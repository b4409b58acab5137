"""COMPRESS=DEFLATE (RFC 4978): both directions, bounded, and only where it is wanted."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from transcript import Client, Stage
from world import PASSWORD, World

FAR = "192.0.2.7"
MAIL = b"Subject: Hello\r\n\r\n" + b"The quick brown fox. " * 5000


class Deflating:
    """A client that compresses, as most do: a window of 32 KiB, a flush after each write."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._out = zlib.compressobj(wbits=-15)
        self._in = zlib.decompressobj(-15)
        self.received = 0

    def send(self, octets: bytes) -> None:
        self._client.send(self._out.compress(octets) + self._out.flush(zlib.Z_SYNC_FLUSH))

    def read(self) -> bytes:
        came = self._client.wire.take()
        self.received += len(came)
        return self._in.decompress(came)


@pytest.fixture
def far(world: World) -> Iterator[Stage]:
    """new has signed in under TLS from another machine, where compression is offered."""
    made = Stage(world, tls=object(), compress=True)
    made.connect("new", FAR)
    made.run(
        f"""
        new S: * OK ...
        new C: a STARTTLS
        new S: a OK ...
        new C: b LOGIN alice@Standard {PASSWORD}
        new S: b OK [CAPABILITY ... COMPRESS=DEFLATE...] ...
    """
    )
    yield made
    made.close()


@pytest.fixture
def deflating(far: Stage) -> Deflating:
    far.run(
        """
        new C: c COMPRESS DEFLATE
        new S: c OK Begin to compress now.
    """
    )
    return Deflating(far.client("new"))


def test_both_directions_are_compressed(far: Stage, deflating: Deflating) -> None:
    """A large message goes up and comes down in a fraction of its octets."""
    deflating.send(b"d APPEND INBOX {%d+}\r\n%b\r\n" % (len(MAIL), MAIL))
    assert deflating.read().startswith(b"d OK [APPENDUID")
    deflating.send(b"e SELECT INBOX\r\n")
    assert b"* 1 EXISTS" in deflating.read()
    before = deflating.received
    deflating.send(b"f FETCH 1 BODY.PEEK[]\r\n")
    assert deflating.read() == b"* 1 FETCH (BODY[] {%d}\r\n%b)\r\nf OK Fetched.\r\n" % (
        len(MAIL),
        MAIL,
    )
    assert deflating.received - before < len(MAIL) / 10


def test_the_stream_goes_on_after_a_rest_in_idle(far: Stage, deflating: Deflating) -> None:
    """What compressing holds is freed in IDLE; the client inflates on as if nothing had been."""
    for _ in range(3):
        deflating.send(b"d NOOP\r\n")
        assert deflating.read().startswith(b"d OK")
        deflating.send(b"e IDLE\r\n")
        assert deflating.read() == b"+ idling\r\n"
        deflating.send(b"DONE\r\n")
        assert deflating.read().startswith(b"e OK")


def test_a_second_time_and_another_mechanism_are_refused(far: Stage, deflating: Deflating) -> None:
    """RFC 4978 3: NO [COMPRESSIONACTIVE]; it isn't told as a capability any more."""
    deflating.send(b"d COMPRESS DEFLATE\r\n")
    assert deflating.read().startswith(b"d NO [COMPRESSIONACTIVE]")
    deflating.send(b"e CAPABILITY\r\n")
    assert b"COMPRESS" not in deflating.read()


def test_what_is_pipelined_behind_the_command_is_dropped(far: Stage) -> None:
    """As behind STARTTLS: nobody can say whether it was to be compressed."""
    new = far.client("new")
    new.send(b"c COMPRESS DEFLATE\r\nd LOGOUT\r\n")
    assert list(new.read()) == ["c OK Begin to compress now."]
    new.lines.clear()
    deflating = Deflating(new)
    deflating.send(b"e NOOP\r\n")
    assert deflating.read().startswith(b"e OK")


def test_what_can_not_be_inflated_ends_the_session(far: Stage, deflating: Deflating) -> None:
    far.client("new").send(b"d NOOP\r\n\xff\xff\xff\xff")
    assert deflating.read() == b"* BYE What came isn't compressed as it should be.\r\n"
    assert far.client("new").closed


def test_a_stream_that_the_client_ends_ends_the_session(far: Stage, deflating: Deflating) -> None:
    far.client("new").send(zlib.compressobj(wbits=-15).flush())
    assert deflating.read() == b"* BYE What came isn't compressed as it should be.\r\n"


def test_a_few_octets_never_become_many_at_once(far: Stage, deflating: Deflating) -> None:
    """64 MiB of one octet inflate piece by piece: the line is too long, and little is held."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    octets = bomb.compress(b"d NOOP " + b"x" * (64 << 20)) + bomb.flush(zlib.Z_SYNC_FLUSH)
    assert len(octets) < 70_000
    tracemalloc.start()
    far.client("new").send(octets)
    for _ in range(10_000):
        if far.client("new").closed or not far.clock.getDelayedCalls():
            break
        far.clock.advance(0)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 << 20
    assert deflating.read().startswith((b"d BAD", b"* BYE", b"* BAD"))


@pytest.mark.parametrize("command", ["COMPRESS", "COMPRESS (DEFLATE)", "COMPRESS DEFLATE x"])
def test_what_is_no_compress_is_bad(far: Stage, command: str) -> None:
    far.run(
        f"""
        new C: c {command}
        new S: c BAD Expected ...
        new C: d COMPRESS LZ4
        new S: d NO [CANNOT] ...
        new C: e NOOP
        new S: e OK ...
    """
    )


def test_on_this_machine_nothing_is_compressed(world: World) -> None:
    stage = Stage(world, compress=True)
    stage.run("""
        C: b COMPRESS DEFLATE
        S: b NO [CANNOT] Nothing is compressed here.
    """)
    stage.client("alice").send(b"c CAPABILITY\r\n")
    assert not any("COMPRESS" in line for line in stage.client("alice").read())
    stage.client("alice").lines.clear()
    stage.close()


def test_without_the_setting_nothing_is_compressed(world: World) -> None:
    stage = Stage(world, tls=object())
    stage.connect("new", FAR)
    stage.run(f"""
        new S: * OK ...
        new C: a STARTTLS
        new S: a OK ...
        new C: b LOGIN alice@Standard {PASSWORD}
        new S: b OK ...
        new C: c COMPRESS DEFLATE
        new S: c NO [CANNOT] Nothing is compressed here.
    """)
    stage.close()
