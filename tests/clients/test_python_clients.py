"""imaplib, IMAPClient and Twisted's IMAP4Client against a demo server of the tests' own."""

from __future__ import annotations

import imaplib
import ssl
from io import BytesIO
from typing import Any

import pytest_twisted
from corpus import MESSAGES
from demo_server import PASSWORD, Demo, mail
from imapclient import IMAPClient
from twisted.internet import endpoints, protocol, reactor
from twisted.mail.imap4 import IMAP4Client


def test_imaplib_drops_a_mail_and_gets_the_same_bytes_back(demo: Demo) -> None:
    """APPEND into a group files an activity linked by #number; BODY[] is byte-identical."""
    message = mail(1, "Reply to #10000001", body="It still does not boot.\r\n")
    client = demo.imap()
    status, answer = client.append('"Trackers/Support"', r"(\Seen)", "", message)
    assert status == "OK"
    assert b"APPENDUID" in answer[0]
    client.logout()
    assert message in demo.messages("Trackers/Support").values()
    shown = demo.activity_of("client-1@example.net")
    assert shown["class"] == "E-Mail"
    assert [link["number"] for link in shown["links"]] == [10000001]
    incident = demo.activity(10000001)
    follow_up = incident["follow_ups"][-1]
    assert follow_up["title"] == "Reply to #10000001"
    assert follow_up["text"].strip() == "It still does not boot."
    assert follow_up["from_activity"] == shown["number"]


def test_imaplib_is_refused_where_no_creator_takes_mail(demo: Demo) -> None:
    """NO with the reason; the session lives on and the bytes stand in Recovered Messages."""
    message = mail(2, "For the archive")
    client = demo.imap()
    status, answer = client.append('"Trackers/Archive"', "", "", message)
    assert status == "NO"
    assert b'[CANNOT] Not filed: group "Archive" has no e-mail creator.' in answer[0]
    assert client.noop()[0] == "OK"
    client.logout()
    assert list(demo.messages("Recovered Messages").values()) == [message]
    assert demo.messages("Trackers/Archive") == {}


def test_imaplib_over_tls_copies_out_of_a_group(demo: Demo) -> None:
    """TLS with the certificate made at first start; a COPY out of a group is a plain message."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    client = imaplib.IMAP4_SSL("127.0.0.1", demo.tls_port, ssl_context=context, timeout=20)
    client.login("bob@Standard", PASSWORD)
    client.select('"Trackers/Support"')
    uids = client.uid("SEARCH", "ALL")[1][0].split()
    assert len(uids) == 6, "two mails, and the messages of four activities"
    assert client.uid("COPY", b",".join(uids).decode(), "INBOX")[0] == "OK"
    assert client.response("COPYUID")[1][0] is not None
    client.logout()
    inside = demo.messages("Trackers/Support", "bob@Standard")
    assert list(demo.messages("INBOX", "bob@Standard").values()) == list(inside.values())


def test_imapclient_moves_a_try_me_mail_into_a_group(demo: Demo) -> None:
    """MOVE files the mail and takes it out of the personal folder in one step."""
    with IMAPClient("127.0.0.1", demo.port, ssl=False, timeout=20) as client:
        client.login("alice@Standard", PASSWORD)
        folders = {name: flags for flags, _, name in client.list_folders()}
        assert b"\\Sent" in folders["Sent"]
        expected = {"Trackers/Büro & Ablage", "Categories/VIP customers", "Milestones/Release 1.0"}
        assert expected <= set(folders)
        client.select_folder("Try me")
        uids = client.search()
        assert len(uids) == 4
        raw = client.fetch(uids[:1], ["BODY.PEEK[]"])[uids[0]][b"BODY[]"]
        client.move(uids[:1], "Trackers/Büro & Ablage")
        assert client.search() == uids[1:]
        client.select_folder("Trackers/Büro & Ablage")
        arrived = client.search()
        got = client.fetch(arrived, ["BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "FLAGS"])
        assert [item[b"BODY[]"] for item in got.values()] == [raw]


def test_imapclient_sees_another_users_drop_in_idle(demo: Demo) -> None:
    """EXISTS is pushed into IDLE when somebody else drops a mail into the folder."""
    with IMAPClient("127.0.0.1", demo.port, ssl=False, timeout=20) as bob:
        bob.login("bob@Standard", PASSWORD)
        before = bob.select_folder("Trackers/Sales")[b"EXISTS"]
        bob.idle()
        alice = demo.imap()
        assert alice.append("Trackers/Sales", "", "", mail(3, "An order"))[0] == "OK"
        alice.logout()
        pushed: list[Any] = bob.idle_check(timeout=10)
        bob.idle_done()
        assert (before + 1, b"EXISTS") in [tuple(line[:2]) for line in pushed]


@pytest_twisted.ensureDeferred
async def test_twisted_client_appends_and_fetches(demo: Demo) -> None:
    """Twisted's own IMAP4Client: sign in, APPEND with flags, SELECT, FETCH of the raw message."""
    message = mail(4, "By Twisted")
    endpoint = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", demo.port)
    client = await endpoint.connect(protocol.Factory.forProtocol(IMAP4Client))
    await client.login(b"alice@Standard", PASSWORD.encode())
    await client.append("Trackers/Support", BytesIO(message), ("\\Seen",), None)
    selected = await client.select("Trackers/Support")
    assert selected["EXISTS"] == 7
    fetched = await client.fetchMessage("7", uid=False)
    assert [parts["RFC822"].encode() for parts in fetched.values()] == [message]
    await client.logout()


def test_every_nasty_message_is_filed_and_comes_back_as_it_was(demo: Demo) -> None:
    """CPython's own e-mail test messages and worse: filed, listed, fetched, byte for byte."""
    client = demo.imap()
    sent: dict[bytes, tuple[str, bytes]] = {}
    for name, message in MESSAGES.items():
        client.literal = message  # imaplib's own append() would change line ends
        status, answer = client._simple_command("APPEND", "Trackers/Sales")
        assert status == "OK", (name, answer)
        uid = answer[0].split()[2].rstrip(b"]")
        # The same mail with a client's own lines in its header stands under the UID that it has.
        sent.setdefault(uid, (name, message))
    assert len(sent) > len(MESSAGES) - 10
    assert client.select("Trackers/Sales")[0] == "OK"
    listed = client.uid("SEARCH", "ALL")[1][0].split()
    gone = [name for uid, (name, _) in sent.items() if uid not in listed]
    assert gone == ["wrapper"], "what is in it was filed instead"
    sent = {uid: known for uid, known in sent.items() if uid in listed}
    for uid, (name, message) in sent.items():
        status, answer = client.uid("FETCH", uid.decode(), "(RFC822.SIZE BODY.PEEK[])")
        assert status == "OK", name
        assert f"RFC822.SIZE {len(message)} ".encode() in answer[0][0], name
        assert answer[0][1] == message, name
    status, answer = client.uid("FETCH", "1:*", "(ENVELOPE BODYSTRUCTURE)")
    assert status == "OK"
    raw = b"".join(b"\r\n".join(line) if isinstance(line, tuple) else line for line in answer)
    assert raw.count(b"BODYSTRUCTURE (") >= len(sent)
    client.logout()
