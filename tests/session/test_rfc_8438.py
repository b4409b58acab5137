"""STATUS items beyond RFC 3501: SIZE (RFC 8438), DELETED (RFC 9051 6.3.11)."""

from __future__ import annotations

from transcript import Stage

from imapgate.session.folder_lines import ITEMS
from imapgate.wire import status_grammar

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


def test_each_item_that_is_understood_is_answered() -> None:
    """A name in the grammar without an answer would be an error of ours."""
    assert set(ITEMS) == status_grammar.ITEMS


def test_size_is_the_sum_of_all_messages(stage: Stage) -> None:
    """RFC 8438 3: what RFC822.SIZE gives, added; 0 for an empty folder and for a heading."""
    assert 2 * len(MAIL) == 98
    stage.run(
        r"""
        C: a APPEND Drafts {#mail+}
        C: #mail\
        C:  {#mail+}
        C: #mail
        S: a OK ...
        C: b STATUS Drafts (MESSAGES SIZE)
        S: * STATUS Drafts (MESSAGES 2 SIZE 98)
        S: b OK ...
        C: c STATUS Sent (SIZE)
        S: * STATUS Sent (SIZE 0)
        S: c OK ...
        C: d STATUS Trackers (SIZE UIDNEXT MESSAGES DELETED)
        S: * STATUS Trackers (SIZE 0 UIDNEXT 1 MESSAGES 0 DELETED 0)
        S: d OK ...
        C: e CAPABILITY
        S: * CAPABILITY ... STATUS=SIZE ...
        S: e OK ...
    """,
        mail=MAIL,
    )


def test_deleted_counts_what_this_person_has_marked(stage: Stage) -> None:
    """In a group bob's \\Deleted is nothing to alice; a mark that was taken back isn't counted."""
    stage.run(
        r"""
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a OK ...
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        bob C: b STORE 1 +FLAGS (\Seen \Deleted)
        bob S: * 1 FETCH ...
        bob S: b OK ...
        bob C: c STATUS Trackers/Support (DELETED UNSEEN)
        bob S: * STATUS Trackers/Support (DELETED 1 UNSEEN 0)
        bob S: c OK ...
        C: b STATUS Trackers/Support (DELETED UNSEEN)
        S: * STATUS Trackers/Support (DELETED 0 UNSEEN 1)
        S: b OK ...
        bob C: d STORE 1 -FLAGS (\Seen \Deleted)
        bob S: * 1 FETCH ...
        bob S: d OK ...
        bob C: e STATUS Trackers/Support (DELETED UNSEEN)
        bob S: * STATUS Trackers/Support (DELETED 0 UNSEEN 1)
        bob S: e OK ...
    """,
        mail=MAIL,
    )
