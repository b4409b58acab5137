"""SORT, THREAD, OBJECTID and PREVIEW as IMAPClient asks for and reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from demo_server import PASSWORD, Demo
from imapclient import IMAPClient

MAILS = (
    ("Plan", "Date: 3 Jan 2025 10:00:00 +0000", "Message-ID: <1@x>"),
    ("Re: Plan", "Date: 4 Jan 2025 10:00:00 +0000", "References: <1@x>", "Message-ID: <2@x>"),
    ("Apples", "Date: 1 Jan 2025 10:00:00 +0000", "Message-ID: <3@x>"),
    ("Re: Plan", "Date: 5 Jan 2025 10:00:00 +0000", "In-Reply-To: <1@x>", "Message-ID: <4@x>"),
)


@pytest.fixture
def client(demo: Demo) -> Iterator[IMAPClient]:
    """Signed in, with four mails in INBOX under the UIDs 1 to 4."""
    with IMAPClient("127.0.0.1", demo.port, ssl=False, timeout=20) as made:
        made.login("alice@Standard", PASSWORD)
        for subject, *fields in MAILS:
            head = "".join(f"{line}\r\n" for line in (f"Subject: {subject}", *fields))
            made.append("INBOX", f"{head}\r\nThe text of {subject}.\r\n".encode())
        made.select_folder("INBOX")
        yield made


def test_imapclient_sorts(client: IMAPClient) -> None:
    """The client asks only where CAPABILITY says so, and answers in the server's order."""
    assert list(client.sort("DATE")) == [3, 1, 2, 4]
    assert list(client.sort(["SUBJECT", "REVERSE DATE"])) == [3, 4, 2, 1]
    assert list(client.sort("ARRIVAL", ["SUBJECT", "Apples"])) == [3]


def test_imapclient_threads(client: IMAPClient) -> None:
    assert client.thread("REFERENCES") == ((3,), (1, (2,), (4,)))
    assert client.thread("ORDEREDSUBJECT") == ((3,), (1, (2,), (4,)))


def test_imapclient_reads_ids_and_previews(client: IMAPClient) -> None:
    found = client.fetch([1, 2, 3, 4], ["EMAILID", "THREADID", "PREVIEW"])
    assert {uid: one[b"PREVIEW"] for uid, one in found.items()} == {
        uid: f"The text of {subject}.".encode() for uid, (subject, *_) in enumerate(MAILS, start=1)
    }
    assert len({one[b"EMAILID"] for one in found.values()}) == 4
    threads = [found[uid][b"THREADID"] for uid in (1, 2, 3, 4)]
    assert threads[0] == threads[1] == threads[3] != threads[2]
    assert client.search(["THREADID", threads[0][0]]) == [1, 2, 4]
