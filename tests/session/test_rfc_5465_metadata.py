"""NOTIFY of what is noted about folders (RFC 5465 5.6, RFC 5464 4.4.2)."""

from __future__ import annotations

from transcript import Stage


def test_what_others_note_about_a_folder_is_told_without_its_value(stage: Stage) -> None:
    """Shared notes to everybody who sees the folder, private ones to that user's other sessions;
    what this session itself noted isn't told back."""
    stage.run(
        """
        C: a NOTIFY SET (SUBTREE Trackers (MailboxMetadataChange ServerMetadataChange))
        S: a OK ...
        bob C: a SETMETADATA Trackers/Support (/shared/comment "For customers")
        bob S: a OK ...
        S: * METADATA Trackers/Support /shared/comment
        bob C: b SETMETADATA Trackers/Support (/private/comment "mine")
        bob S: b OK ...
        alice2 C: a SETMETADATA Trackers/Support (/private/comment "mine" /private/vendor/x/y "1")
        alice2 S: a OK ...
        S: * METADATA Trackers/Support /private/comment /private/vendor/x/y
        C: b SETMETADATA Trackers/Support (/private/comment "other")
        S: b OK ...
        C: c NOOP
        S: c OK ...
        bob C: c SETMETADATA Trackers/Support (/shared/comment NIL)
        bob S: c OK ...
        S: * METADATA Trackers/Support /shared/comment
        C: d NOTIFY SET (SUBTREE Trackers (MailboxName))
        S: d OK ...
        bob C: d SETMETADATA Trackers/Support (/shared/comment "For all")
        bob S: d OK ...
        C: e NOOP
        S: e OK ...
    """
    )
