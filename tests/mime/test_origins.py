"""Who wrote a mail and where it was delivered."""

from __future__ import annotations

import pytest

from imapgate.mime.origins import delivered_to, writers
from imapgate.mime.reading import read


def mail(*fields: str) -> bytes:
    return "".join(f"{line}\r\n" for line in fields).encode() + b"\r\ntext\r\n"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (["From: A <a@x>", "Sender: b@x"], [("A", "a@x")]),
        (["From: a@x, B <b@x>"], [("", "a@x"), ("B", "b@x")]),
        (["From: Team:;", "Sender: B <b@x>", "Reply-To: c@x"], [("B", "b@x")]),
        (["From: <>", "Sender: b@x"], [("", "b@x")]),
        (["SENDER: b@x"], [("", "b@x")]),
        (["Reply-To: =?utf-8?q?J=C3=BCrgen?= <c@x>, d@x"], [("Jürgen", "c@x"), ("", "d@x")]),
        (["Reply-To: Nobody at all <>"], []),
        (["Return-Path: <e@x>", "Resent-From: f@x", "X-Sender: g@x"], []),
        ([], []),
    ],
)
def test_writers(fields: list[str], found: list[tuple[str, str]]) -> None:
    boxes = writers(read(mail("Subject: x", *fields)).mail)
    assert [(one.name, one.address) for one in boxes if one.address] == found


def test_delivered_to_is_what_the_servers_wrote() -> None:
    content = mail(
        "Delivered-To: last@x",
        "X-Original-To: <first+1@x>",
        "delivered-to: before@x",
        "Subject: Delivered-To: no@x",
        "To: no@x",
    )
    assert delivered_to(read(content).mail) == ("last@x", "before@x", "first+1@x")
    assert delivered_to(read(mail("To: a@x")).mail) == ()


def test_a_flood_of_addresses_is_bounded() -> None:
    many = ", ".join(f"a{n}@x" for n in range(5_000))
    assert len(delivered_to(read(mail(f"Delivered-To: {many}")).mail)) <= 100
