"""Whatever stands in names, texts and subjects: it is shown, and means nothing as HTML or as a
header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rendering_board import Board
from world import build

from imapgate.folders.rendering import message, page
from imapgate.folders.rendering.cutting import Room, name
from imapgate.folders.rendering.gathering import (
    FollowUp,
    Gathered,
    Link,
    LinkedMail,
    Person,
    gather,
)
from imapgate.folders.rendering.media import Medium
from storage import Database

KEY = b"k" * 32
HOSTILE = (
    "</td><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ activity.number }}{% include 'x' %}",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "a\r\nBcc: evil@example.com\r\n\r\n<p>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "\x00\x01\x1b[31m\x85\u2028\ud800",
    "--=_boundary\n.\n--=_boundary--",
    "javascript:alert(1) https://x.example/\"onmouseover='alert(1)",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "<!--",
    "שלום مرحبا",
)
ANY = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=40)
)


@pytest.fixture
def plain(db: Database) -> Gathered:
    """An activity with one of everything, in harmless words."""
    board = Board(build(db))
    number = board.new()
    activity_id, group_id = board.id(number), board.world.groups["Support"]
    found = db.read(lambda tx: gather(tx, activity_id, group_id))
    return _with(found, ["x"] * 12)


def _with(found: Gathered, texts: Sequence[str]) -> Gathered:
    """These wherever a person or a mail says something; nothing is empty, and so left out."""
    room = Room(10_000)
    texts = [f"x {one}" for one in texts]
    activity = replace(
        found.activity, type=texts[0], activity_class=texts[1], state=texts[2], name=texts[3]
    )
    return replace(
        found,
        activity=activity,
        name=name(texts[3]),
        reporter=Person(texts[4], texts[5]),
        assignee=Person(texts[6], None),
        groups=(name(texts[7]),),
        description=room.cut(texts[8], 1_000),
        follow_ups=(
            FollowUp(0, name(texts[9]), name(texts[10]), None, room.cut(texts[11], 1_000), 7),
        ),
        links=(Link(8, name(texts[0]), name(texts[1])),),
        mails=(LinkedMail(9, name(texts[2]), name(texts[3]), 0),),
        mail_ids=(texts[4], texts[5]),
    )  # fmt: skip


class _Structure(HTMLParser):
    """Tags with their attributes, texts apart; links and line breaks, which texts may have, are
    looked at by themselves."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[Any] = []
        self.links: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            assert [one for one, _ in attrs] == ["href"]
            self.links.append(attrs[0][1] or "")
        elif tag != "br":
            self.tags.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("a", "br"):
            self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", data))

    def handle_pi(self, data: str) -> None:
        self.tags.append(("instruction", data))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(texts=st.lists(ANY, min_size=12, max_size=12))
@example(texts=list(HOSTILE))
@example(texts=list(reversed(HOSTILE)))
def test_structure_and_header_stay_the_same(plain: Gathered, texts: list[str]) -> None:
    """The HTML has the same elements, links lead to the web, and the header has the same fields,
    one of each, in lines that all are as they should be."""
    found = _with(plain, texts)
    media = [Medium(name(texts[6]) or "(no name)", 7, None)]
    usual = _Structure(page.html(plain, [Medium("x", 7, None)]))
    now = _Structure(page.html(found, media))
    assert now.tags == usual.tags
    assert all(one.startswith(("http://", "https://")) or "://" not in one for one in now.links)
    assert not any(one.lower().startswith("javascript") for one in now.links)
    octets, before = (
        bytes(message._content(one, KEY, 1, told, (), 0))
        for one, told in ((found, media), (plain, [Medium("x", 7, None)]))
    )
    assert b"\0" not in octets
    assert (
        octets.replace(b"\r\n", b"").count(b"\n") == octets.replace(b"\r\n", b"").count(b"\r") == 0
    )
    mail, usual_mail = (message_from_bytes(one, policy=policy.compat32) for one in (octets, before))
    # References depend on what mails are called.
    fields = [one for one in mail.keys() if one != "References"]  # noqa: SIM118
    assert fields == [one for one in usual_mail.keys() if one != "References"]  # noqa: SIM118
    assert [one.get_content_type() for one in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    for part in mail.walk():
        if not part.is_multipart():
            said = part.get_payload(decode=True)
            assert isinstance(said, bytes)
            text = said.decode("utf-8").replace("\r\n", "\n")
            assert all(one.isprintable() or one in "\n\t\u200c\u200d" for one in text)


def test_right_to_left_stays_in_its_place(plain: Gathered) -> None:
    """Names stand in elements of their own, texts say their direction by their letters."""
    document = page.html(_with(plain, ["שלום"] * 12), [Medium("שלום.exe", 7, None)])
    assert '<h1 dir="auto"' in document
    assert "<bdi>שלום.exe</bdi>" in document
    assert '<div dir="auto" lang="">x שלום</div>' in document
    assert '<td style="padding: 1px 0; vertical-align: top"><bdi>' in document
