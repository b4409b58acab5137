"""What SORT and THREAD compare of a message: which address, which name, which date."""

from __future__ import annotations

import pytest

from imapgate.folders import ready
from imapgate.folders.order import ID_OCTETS, KEY, REFERENCES
from storage.ready import OrderRow


def made(*fields: str, body: str = "text") -> OrderRow:
    head = "".join(f"{line}\r\n" for line in fields)
    return ready.prepare(f"{head}\r\n{body}\r\n".encode()).order


@pytest.mark.parametrize(
    ("address", "mailbox", "name"),
    [
        ("Ann Example <ann@example.org>, bob@example.org", "ANN", "ANN EXAMPLE"),
        ("ann@example.org", "ANN", "ANN@EXAMPLE.ORG"),
        ("=?utf-8?q?=C3=84nne?= <anne@example.org>", "ANNE", "A\u0308NNE"),
        ('"" <ann@example.org>', "ANN", "ANN@EXAMPLE.ORG"),
        ("ann@example.org (Ann)", "ANN", "ANN"),
        ("Team: ann@example.org, bob@example.org;", "TEAM", "TEAM"),
        ("undisclosed-recipients:;", "UNDISCLOSED-RECIPIENTS", "UNDISCLOSED-RECIPIENTS"),
        ("ann", "ANN", "ANN"),
        ("", "", ""),
    ],
)
def test_the_first_address_counts(address: str, mailbox: str, name: str) -> None:
    """As ENVELOPE has it (RFC 5256 3, RFC 5957 3)."""
    row = made(f"From: {address}", f"To: {address}", f"Cc: {address}")
    assert (row.from_mailbox, row.to_mailbox, row.cc_mailbox) == (mailbox,) * 3
    assert (row.from_name, row.to_name) == (name, name)


def test_what_is_absent_is_empty() -> None:
    row = made("X: y", body="")
    assert row == OrderRow("", False, None, "", "", "", "", "", None, b"", "")


@pytest.mark.parametrize(
    ("date", "at"),
    [
        # RFC 5256 2.2's example: 1 Jan 2001 00:01:33 +0000.
        ("31 Dec 2000 16:01:33 -0800", 978307293),
        ("1 Jan 2001 00:01:33 +0000", 978307293),
        ("1 Jan 2001 00:01:33", 978307293),
        ("1 Jan 2001 00:01:33 XYZ", 978307293),
        ("1 Jan 2001 99:01:33 +0000", 978307200),
        ("33 Jan 2001 00:01:33 +0000", None),
        ("soon", None),
    ],
)
def test_sent_date_is_in_utc(date: str, at: int | None) -> None:
    """An invalid zone is UTC, an invalid time 00:00; without a date INTERNALDATE counts."""
    assert made(f"Date: {date}").sent_at == at


def test_subject_is_prepared_for_comparison() -> None:
    row = made("Subject: Re: [list] =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus  Wien (fwd)")
    assert (row.base_subject, row.is_reply) == ("GRU\u0308ßE AUS WIEN", True)


def test_ids_are_equal_where_the_message_ids_are() -> None:
    """Whatever their quoting; they differ where cases do."""
    first = made('Message-ID: <"a"@x>', "References: <b@x> <a@x>")
    second = made("Message-ID: <a@x>", "In-Reply-To: <b@x>")
    other = made("Message-ID: <A@x>")
    assert first.own_id == second.own_id is not None
    assert first.own_id != other.own_id
    assert first.reference_ids[:ID_OCTETS] == second.reference_ids
    assert first.reference_ids[ID_OCTETS:] == first.own_id
    assert other.reference_ids == b""


def test_what_is_compared_is_bounded() -> None:
    """Though one character may become eighteen when it is decomposed."""
    row = made("Subject: " + "\ufdfa" * 600, "From: " + "\ufdfa" * 200 + " <a@x>")
    assert len(row.base_subject) == len(row.from_name) == KEY


def test_references_are_bounded() -> None:
    """The first one and the last ones are kept."""
    ids = [f"<{n}@x>" for n in range(150)]
    kept = made("References: " + "\r\n ".join(ids)).reference_ids
    assert len(kept) == REFERENCES * ID_OCTETS
    assert kept == made("References: " + " ".join([ids[0], *ids[51:]])).reference_ids
