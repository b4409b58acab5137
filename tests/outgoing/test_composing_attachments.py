"""An activity's media go along as attachments."""

from __future__ import annotations

import base64
import email
import email.policy
import tracemalloc
from email.message import EmailMessage

import pytest
from desk import mail, wrapper
from going_out import Posting, Sent, add_mailer, sent
from sqlalchemy import delete, update
from world import World

from imapgate.folders import contents
from imapgate.outgoing import carrying
from imapgate.outgoing.composing import composed
from storage.schema import media, message_chunk

MIB = 1024 * 1024
PICTURE = bytes(range(256)) * 40


def mixed(*parts: bytes) -> bytes:
    head = (
        b"From: Erika <erika@example.com>\r\nTo: ann@example.net\r\nSubject: Files\r\n"
        b"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <f1@example.com>\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
        b"--=_b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n"
    )
    return head + b"".join(b"--=_b\r\n" + one + b"\r\n" for one in parts) + b"--=_b--\r\n"


def file(name: bytes, content: bytes, more: bytes = b"", kind: bytes = b"application/pdf") -> bytes:
    return (
        b"Content-Type: %b\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''%b\r\n%b\r\n%b"
        % (kind, name, more, base64.encodebytes(content).replace(b"\n", b"\r\n"))
    )


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def parts(came: Sent) -> list[EmailMessage]:
    whole = email.message_from_bytes(came.content, policy=email.policy.default)
    return list(whole.iter_parts())  # type: ignore[attr-defined]


def test_files_go_along_as_they_are(alice: Posting) -> None:
    quoted = (
        b"Content-Type: text/csv\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"Content-Disposition: attachment; filename=a.csv\r\n\r\na=3Bb=\r\nc"
    )
    number = alice.file(mixed(file(b"Gr%C3%BC%C3%9Fe.pdf", PICTURE), quoted))
    body, pdf, csv = parts(alice.sent(number))
    assert body.get_content_type() == "multipart/alternative"
    assert (pdf.get_filename(), pdf.get_content_type()) == ("Grüße.pdf", "application/pdf")
    assert pdf.get_payload(decode=True) == PICTURE
    assert (csv.get_filename(), csv.get_payload(decode=True)) == ("a.csv", b"a;bc")
    assert {one["Content-Disposition"].content_disposition for one in (pdf, csv)} == {"attachment"}


def test_a_text_keeps_its_charset(alice: Posting) -> None:
    text = file(b"a.txt", b"\xa4", kind=b"text/plain; charset=iso-8859-15")
    _, found = parts(alice.sent(alice.file(mixed(text))))
    assert found.get_content() == "€"


def test_pictures_that_were_shown_in_the_mail_stay_shown(alice: Posting) -> None:
    """With their Content-ID, behind the text: its HTML doesn't refer to them any more."""
    shown = (
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <pic@x>\r\n"
        b"Content-Disposition: inline; filename=p.png\r\n\r\n" + base64.b64encode(b"PNG")
    )
    _, picture = parts(alice.sent(alice.file(mixed(shown))))
    assert picture["Content-Disposition"].content_disposition == "inline"
    assert picture["Content-ID"] == "<pic@x>"
    assert picture.get_payload(decode=True) == b"PNG"


@pytest.mark.parametrize("name", [b"a%0D%0ABcc%3A%20eve%40x.org.pdf", b"%22%3B%20x%3D%22.pdf"])
def test_no_name_makes_a_field_or_a_parameter(alice: Posting, name: bytes) -> None:
    came = alice.sent(alice.file(mixed(file(name, b"x"))))
    assert b"\r\nBcc:" not in came.content
    _, one = parts(came)
    assert set(one.keys()) == {
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Disposition",
    }
    assert set(one["Content-Disposition"].params) == {"filename"}


def test_attached_mails_go_along_as_mails_where_nothing_would_change_them(alice: Posting) -> None:
    """A wrapper's neighbour: what isn't plain lines of ASCII is a file of the kind .eml."""
    plain, other = mail("Plain", 5), mail("Grüße", 6)
    number = alice.file(
        wrapper("FYI", plain, other).replace(b"Message-ID: <w@", b"X-No: <w@").replace(b"> @", b"")
    )
    names = [one["content_type"] for one in alice.show(number)["media"]]
    assert names == ["message/rfc822", "message/rfc822"]
    came = alice.sent(number)
    _, first, second = parts(came)
    assert first.get_content_type() == "message/rfc822"
    assert plain.rstrip() in came.content
    assert (second.get_content_type(), second["Content-Transfer-Encoding"]) == (
        "application/octet-stream",
        "base64",
    )
    assert second.get_payload(decode=True).rstrip() == other.rstrip()
    assert second.get_filename().endswith(".eml")


def test_an_attachment_that_can_t_be_read_any_more_stops_it(alice: Posting) -> None:
    """Nobody gets a mail that says "see below" and has nothing there."""
    number = alice.file(mixed(file(b"a.pdf", PICTURE)))
    alice.world.db.write(lambda tx: tx.connection.execute(update(media).values(section="9")))
    assert alice.send(number).text == (
        'Not sent as mail: The attachment "a.pdf" can\'t be read any more.'
    )
    alice.world.db.write(lambda tx: tx.connection.execute(delete(message_chunk)))
    assert "can't be read any more" in alice.send(number).text


def test_what_would_be_too_large_isn_t_made(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composed, "LARGEST", MIB)
    number = alice.file(mixed(file(b"a.bin", b"x" * MIB)))
    assert alice.send(number).text == "Not sent as mail: It would be larger than 1 MiB."


def test_a_large_attachment_is_never_held_whole(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read, decoded, encoded and stored in pieces, however large it is."""
    size = 8 * MIB
    content = b"0123456789abcdef" * (size // 16)
    number = alice.file(mixed(file(b"large.bin", content)))
    left = alice.take(number, "Send as mail")
    monkeypatch.setattr(contents, "PIECE", MIB // 2)
    tracemalloc.start()
    try:
        (came,) = carrying.carry_out_actions(alice.world.db, left)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * MIB
    _, large = parts(sent(alice.world, came.row_id))
    assert large.get_payload(decode=True) == content
