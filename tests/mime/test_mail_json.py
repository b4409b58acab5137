"""The digest as JSON."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.mail import Attachment, Mail, Mailbox

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
BOXES = st.lists(st.builds(Mailbox, TEXT, TEXT), max_size=3).map(tuple)
FILES = st.lists(
    st.builds(Attachment, TEXT, TEXT, TEXT, st.integers(0, 2**40), st.none() | TEXT, st.booleans()),
    max_size=3,
).map(tuple)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MAILS = st.builds(
    Mail,
    subject=TEXT,
    from_=BOXES,
    to=BOXES,
    cc=BOXES,
    bcc=BOXES,
    sent_at=st.none() | st.integers(),
    sent_on=st.none() | TEXT,
    message_id=st.none() | TEXT,
    in_reply_to=TEXTS,
    references=TEXTS,
    importance=st.sampled_from(["low", "normal", "high"]),
    text=TEXT,
    headers=TEXT,
    attachments=FILES,
    messages=TEXTS,
    message_parts=FILES,
)


@settings(deadline=None, max_examples=100)
@given(MAILS)
def test_a_mail_survives_its_json(mail: Mail) -> None:
    """Every value, of the same types."""
    assert Mail.from_json(mail.to_json()) == mail


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"subject": 1}'])
def test_what_is_no_mail_is_an_error(text: str) -> None:
    """Nothing is made up."""
    with pytest.raises((ValueError, KeyError, TypeError)):
        Mail.from_json(text)


def test_two_thousand_are_read_in_a_moment() -> None:
    """A COPY of 2,000 messages reads each one's digest."""
    box = Mailbox("Joe Doe", "joe@example.org")
    mail = Mail(
        subject="s" * 60,
        from_=(box,),
        to=(box,) * 5,
        cc=(),
        bcc=(),
        sent_at=1,
        sent_on="2024-01-02",
        message_id="a@b",
        in_reply_to=(),
        references=("c@d",) * 10,
        importance="normal",
        text="x" * 2_000,
        headers="h" * 3_000,
        attachments=(Attachment("2", "a.pdf", "application/pdf", 1, None, False),) * 3,
        messages=(),
    )
    text = mail.to_json()
    begin = time.process_time()
    for _ in range(2_000):
        Mail.from_json(text)
    assert time.process_time() - begin < 1.5
