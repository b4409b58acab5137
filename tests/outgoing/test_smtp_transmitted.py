"""What of a message goes over the wire, whatever its form."""

from __future__ import annotations

import mmap
import re
import socket
import tempfile
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from corpus import MESSAGES
from handing import HOST, handed, mailer
from hypothesis import example, given
from hypothesis import strategies as st
from scripted_smtp import Smtp

from imapgate.mime.header import FIELDS_PER_HEADER, header_fields
from imapgate.outgoing.smtp import transmitted
from imapgate.outgoing.smtp.transmitted import measured, pieces, stuffed

HEAD = b"From: a@example.org\r\nSubject: x\r\n"


def _whole(content: bytes) -> bytes:
    return b"".join(pieces(content))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HEAD + b"\r\nText\r\n", HEAD + b"\r\nText\r\n"),
        (HEAD + b"\r\nText", HEAD + b"\r\nText\r\n"),
        (HEAD.replace(b"\r\n", b"\n") + b"\nText\nmore\n", HEAD + b"\r\nText\r\nmore\r\n"),
        (HEAD + b"\r\nText\rmore\r\n", HEAD + b"\r\nText\r\nmore\r\n"),
        (HEAD + b"\r\nText\r", HEAD + b"\r\nText\r\n"),
        # A bare CR in the header ends no line there, or it would make a field of what is a value.
        (b"Subject: x\rTo: y\r\n\r\nText\r\n", b"Subject: x To: y\r\n\r\nText\r\n"),
        (b"Subject: x\r\r\n\r\r\nText\r\n", b"Subject: x \r\n\r\nText\r\n"),
        (HEAD, HEAD + b"\r\n"),
        (b"Subject: x", b"Subject: x\r\n\r\n"),
        (HEAD + b"Hello, no field\r\n", HEAD + b"\r\nHello, no field\r\n"),
        (b"No header\r\n", b"\r\nNo header\r\n"),
        (b"\r\nSubject: text\r\n", b"\r\nSubject: text\r\n"),
        (b"From joe Tue Jan  2\nSubject: x\n\nText\n", b"Subject: x\r\n\r\nText\r\n"),
        (b"", b"\r\n"),
        (b"A: b\r\nBcc: c@example.net\r\n\r\nBcc: text\r\n", b"A: b\r\n\r\nBcc: text\r\n"),
        (b"BCC : c\n\td\n e\nA: b\nResent-bcc:f\n\nText\n", b"A: b\r\n\r\nText\r\n"),
        (b"A: b\r\nBcc: c\r\n", b"A: b\r\n\r\n"),
        (b"Bcc: c\r\n\r\n", b"\r\n"),
        (
            b"FCC: imap://alice@crm/Sent\r\nX-Identity-Key: id1\r\nA: b\r\n"
            b"X-Mozilla-Draft-Info: x;\r\n y\r\n\r\n",
            b"A: b\r\n\r\n",
        ),
        (b"A: b\r\nBcc: c", b"A: b\r\n\r\n"),
    ],
)
def test_line_ends_are_put_right_and_blind_copies_stay_unseen(before: bytes, after: bytes) -> None:
    assert _whole(before) == after


SENT = {name: content for name, content in MESSAGES.items() if name != "header_6000_fields"}


@pytest.mark.parametrize("name", SENT)
def test_every_mail_can_be_sent(name: str) -> None:
    """No bare CR, no bare LF, an end; what was in order stays as it was, signatures hold."""
    content = SENT[name]
    sent = _whole(content)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", sent)
    assert sent.endswith(b"\r\n")
    assert measured(content).size == len(sent)
    assert measured(content).eight_bit is not sent.isascii()
    fields, body_start = header_fields(content, 0, len(content))
    names = {field.name.lower() for field in fields}
    in_order = not re.search(rb"\r(?!\n)|(?<!\r)\n", content) and content.endswith(b"\r\n")
    has_end = content[:body_start].endswith(b"\r\n\r\n")
    if in_order and has_end and fields and not any(map(transmitted.is_hidden, names)):
        assert sent == content


def test_of_a_mail_in_order_not_an_octet_is_changed() -> None:
    """Most of the corpus is that."""
    same = [name for name, content in SENT.items() if _whole(content) == content]
    assert len(same) > len(SENT) / 2


WIRE = st.lists(
    st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"x", b"Bcc: y", b":", b" "]), max_size=24
).map(b"".join)


@given(WIRE, st.sampled_from([2, 3, 7]))
@example(b"x\r\r\n.", 2)
@example(b"\r\n\r\n.\r\n.", 3)
def test_it_is_no_matter_where_the_pieces_end(text: bytes, size: int) -> None:
    """Nor can any text end the mail early: only the last line of what is sent is a dot."""
    content = b"A: b\r\n\r\n" + text
    whole = b"".join(stuffed(pieces(content)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transmitted, "PIECE", size)
        assert b"".join(stuffed(pieces(content))) == whole
    lines = whole.split(b"\r\n")
    assert b"." not in lines
    undone = b"\r\n".join(line[1:] if line[:1] == b"." else line for line in lines)
    assert undone == _whole(content)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", whole)


def test_dots_arrive_as_they_were() -> None:
    content = HEAD + b"\r\n.\r\n..\r\n.x\r\nx.\r\n.\r\nMAIL FROM:<a@b>\r\n"
    with Smtp() as server:
        handed(mailer(server.port), content=content)
        assert server.mails == [content]


def test_more_fields_than_any_mail_has_are_refused() -> None:
    """A Bcc behind them would be overlooked."""
    content = b"A: b\r\n" * FIELDS_PER_HEADER + b"Bcc: c@example.net\r\n\r\nText\r\n"
    with Smtp() as server:
        (result,) = handed(mailer(server.port), content=content)
        assert server.said == []
    assert (result.outcome, result.code) == ("refused", "554 5.6.0")


def test_fifty_megabytes_are_sent_in_bounded_memory() -> None:
    """From a file that is mapped, with bare line feeds, which all become CRLF, and dots."""
    line = b".a line that begins with a dot" + b"x" * 70 + b"\n"
    count = 50 * 1024 * 1024 // len(line)
    with tempfile.TemporaryFile() as file, _sink() as (port, got):
        file.write(b"Subject: large\n\n")
        for _ in range(count):
            file.write(line)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            tracemalloc.start()
            try:
                (result,) = handed(mailer(port), content=content)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
    assert result.outcome == "sent"
    assert got == [len(b"Subject: large\r\n\r\n") + count * (len(line) + 2) + len(b".\r\n")]
    assert peak < 8 * 1024 * 1024


@contextmanager
def _sink() -> Iterator[tuple[int, list[int]]]:
    """A server that counts a mail's octets."""
    got: list[int] = []
    with socket.create_server((HOST, 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(20)
                connection.sendall(b"220 here\r\n")
                while (came := connection.recv(4096)) not in (b"DATA\r\n", b""):
                    connection.sendall(b"250 yes\r\n")
                connection.sendall(b"354 go on\r\n")
                count = 0
                while not came.endswith(b"\r\n.\r\n"):
                    more = connection.recv(1024 * 1024)
                    if not more:
                        return
                    count += len(more)
                    came = came[-4:] + more
                got.append(count)
                connection.sendall(b"250 yes\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], got
        finally:
            thread.join(30)
            assert not thread.is_alive()
