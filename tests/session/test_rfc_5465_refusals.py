"""NOTIFY (RFC 5465) that is refused: nothing has changed then."""

from __future__ import annotations

import pytest
from transcript import Stage

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


@pytest.mark.parametrize(
    "bad",
    [
        "NOTIFY",
        "NOTIFY SET",
        "NOTIFY SOME",
        "NOTIFY NONE x",
        "NOTIFY SET STATUS",
        "NOTIFY SET ()",
        "NOTIFY SET (SELECTED)",
        "NOTIFY SET (SELECTED ())",
        "NOTIFY SET (SELECTED (MessageNew))",
        "NOTIFY SET (SELECTED (FlagChange))",
        "NOTIFY SET (SELECTED (MailboxName))",
        "NOTIFY SET (SELECTED NONE) (SELECTED-DELAYED NONE)",
        "NOTIFY SET (PERSONAL (MessageNew (UID) MessageExpunge))",
        "NOTIFY SET (SUBTREE (MessageNew MessageExpunge))",
        "NOTIFY SET (MAILBOXES () (MessageNew MessageExpunge))",
        "NOTIFY SET (EVERYTHING NONE)",
    ],
)
def test_what_is_no_notify_changes_nothing(stage: Stage, bad: str) -> None:
    stage.run(
        f"""
        bob C: b NOTIFY SET (MAILBOXES Trackers/Support (MessageNew MessageExpunge))
        bob S: b OK ...
        bob C: c {bad}
        bob S: c BAD Expected ...
        C: b APPEND Trackers/Support {{#third+}}
        C: #third
        S: b OK ...
        bob S: * STATUS Trackers/Support (UIDNEXT 2 MESSAGES 1)
    """,
        third=MAIL.replace(b"Hello", b"Third"),
    )


def test_an_event_that_is_not_known_is_refused_with_those_that_are(stage: Stage) -> None:
    """RFC 5465 3.1: NO [BADEVENT]."""
    stage.run(
        """
        bob C: b NOTIFY SET (PERSONAL (MessageNew MessageExpunge AnnotationChange))
        bob S: b NO [BADEVENT (MessageNew MessageExpunge FlagChange MailboxName ...)] ...
        C: a NOTIFY SET (MAILBOXES (Nowhere Trackers/Secret) (MessageNew MessageExpunge))
        S: a OK ...
    """
    )
