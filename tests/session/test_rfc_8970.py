"""PREVIEW's own examples (RFC 8970), and what they leave open."""

from __future__ import annotations

import pytest
from mailroom import put
from sqlalchemy import delete
from transcript import Stage

from storage.schema import message_order


@pytest.fixture
def inbox(stage: Stage) -> Stage:
    put(
        stage.world,
        stage.world.alice,
        "INBOX",
        [
            b"Subject: one\r\n\r\nPreview text!\r\n",
            b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n",
            b"Subject: three\r\n\r\n",
            b'Subject: four\r\nContent-Type: text/html\r\n\r\n<p>"Some" <b>bold</b> text</p>\r\n',
        ],
    )
    stage.run("""
        C: s SELECT INBOX
        S: ~
        S: s OK ...
    """)
    return stage


def test_examples(inbox: Stage) -> None:
    """Section 3.2: with 8-bit characters it is a literal; "" where there is no text."""
    inbox.run("""
        C: A1 FETCH 1 (RFC822.SIZE PREVIEW)
        S: * 1 FETCH (RFC822.SIZE 31 PREVIEW "Preview text!")
        S: A1 OK ...
        C: A2 UID FETCH 2:4 PREVIEW
        S: * 2 FETCH (UID 2 PREVIEW {7}
        S: Grüße)
        S: * 3 FETCH (UID 3 PREVIEW "")
        S: * 4 FETCH (UID 4 PREVIEW "\\"Some\\" bold text")
        S: A2 OK ...
    """)


def test_lazy(inbox: Stage) -> None:
    """Section 4: previews are ready, so that LAZY gets them at once."""
    inbox.run("""
        C: B1 FETCH 1:* (UID PREVIEW (LAZY) RFC822.SIZE)
        S: * 1 FETCH (UID 1 PREVIEW "Preview text!" RFC822.SIZE 31)
        S: ~
        S: B1 OK ...
        C: B2 FETCH 1 preview (lazy)
        S: * 1 FETCH (PREVIEW "Preview text!")
        S: B2 OK ...
        C: B3 FETCH 1 (PREVIEW PREVIEW (LAZY))
        S: * 1 FETCH (PREVIEW "Preview text!")
        S: B3 OK ...
    """)


@pytest.mark.parametrize(
    "wrong", ["PREVIEW (FUZZY)", "(PREVIEW (LAZY FUZZY))", "(PREVIEW (LAZY)", "(PREVIEW ())"]
)
def test_unknown_modifiers_are_bad(inbox: Stage, wrong: str) -> None:
    inbox.run(f"""
        C: a FETCH 1 {wrong}
        S: a BAD ...
    """)


def test_a_preview_marks_nothing_as_seen(inbox: Stage) -> None:
    inbox.run("""
        C: a FETCH 1 PREVIEW
        S: * 1 FETCH (PREVIEW "Preview text!")
        S: a OK ...
        C: b SEARCH SEEN
        S: * SEARCH
        S: b OK ...
    """)


def test_before_an_upgrade_is_through_there_is_none(inbox: Stage) -> None:
    """NIL: it may be there another time (section 3.2)."""
    inbox.world.db.write(lambda tx: tx.connection.execute(delete(message_order)))
    inbox.run("""
        C: a FETCH 1 (PREVIEW RFC822.SIZE)
        S: * 1 FETCH (PREVIEW NIL RFC822.SIZE 31)
        S: a OK ...
    """)
