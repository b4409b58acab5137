"""METADATA (RFC 5464 4): what people note about folders, and a group's description."""

from __future__ import annotations

from transcript import Stage

TWO_LINES = b"My new comment across\r\ntwo lines.\r\n"


def test_set_and_get_ones_own_comment(stage: Stage) -> None:
    """4.2, 4.3: also across two lines, and removed by NIL."""
    stage.run(
        """
        C: a SETMETADATA INBOX (/private/comment {#note}
        S: + ...
        C: #note\\
        C: )
        S: a OK ...
        C: b GETMETADATA "INBOX" /private/comment
        S: * METADATA INBOX (/private/comment {35}
        S: My new comment across
        S: two lines.
        S: )
        S: b OK ...
        C: c SETMETADATA INBOX (/private/comment "My own comment")
        S: c OK ...
        C: d GETMETADATA INBOX /PRIVATE/Comment
        S: * METADATA INBOX (/private/comment "My own comment")
        S: d OK ...
        C: e SETMETADATA INBOX (/private/comment NIL)
        S: e OK ...
        C: f GETMETADATA INBOX /private/comment
        S: f OK ...
    """,
        note=TWO_LINES,
    )


def test_several_at_once(stage: Stage) -> None:
    """4.3, 4.4.1, in the owner's folder both kinds; entries without parentheses as the examples
    have them."""
    stage.run("""
        C: a SETMETADATA INBOX (/private/comment "My comment" /shared/comment "Its sunny outside!")
        S: a OK ...
        C: b GETMETADATA "INBOX" (/shared/comment /private/comment)
        S: * METADATA INBOX (/private/comment "My comment" /shared/comment "Its sunny outside!")
        S: b OK ...
        C: c GETMETADATA "INBOX" /private/comment /shared/comment
        S: * METADATA INBOX (/private/comment "My comment" /shared/comment "Its sunny outside!")
        S: c OK ...
    """)


def test_maxsize_leaves_out_what_is_longer(stage: Stage) -> None:
    """4.2.1; options stand before the name in the grammar, behind it in the example."""
    stage.run(
        """
        C: a SETMETADATA INBOX (/private/comment "My own comment" /shared/comment {#long+}
        C: #long\\
        C: )
        S: a OK ...
        C: b GETMETADATA "INBOX" (MAXSIZE 1024) (/shared/comment /private/comment)
        S: * METADATA INBOX (/private/comment "My own comment")
        S: b OK [METADATA LONGENTRIES 2199] ...
        C: c GETMETADATA (MAXSIZE 14) INBOX (/shared/comment /private/comment)
        S: * METADATA INBOX (/private/comment "My own comment")
        S: c OK [METADATA LONGENTRIES 2199] ...
        C: d GETMETADATA (MAXSIZE 3000) INBOX /private/comment
        S: * METADATA INBOX (/private/comment "My own comment")
        S: d OK That ...
    """,
        long=b"x" * 2199,
    )


def test_depth_takes_what_is_below(stage: Stage) -> None:
    """4.2.2: 0 without the option, 1 for children, infinity for all."""
    small = '/private/filters/values/small "SMALLER 5000"'
    boss = r'/private/filters/values/boss "FROM \"boss@example.com\""'
    stage.run(f"""
        C: a SETMETADATA INBOX ({small} {boss} /private/filters/other "x" /private/filtered "y")
        S: a OK ...
        C: b GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)
        S: * METADATA INBOX ({boss} {small})
        S: b OK ...
        C: c GETMETADATA (DEPTH 0) INBOX /private/filters
        S: c OK ...
        C: d GETMETADATA (DEPTH 1) INBOX /private/filters
        S: * METADATA INBOX (/private/filters/other "x")
        S: d OK ...
        C: e GETMETADATA (DEPTH infinity MAXSIZE 1) INBOX /private/filters
        S: * METADATA INBOX (/private/filters/other "x")
        S: e OK [METADATA LONGENTRIES 23] ...
        C: f GETMETADATA (DEPTH infinity) INBOX /private
        S: * METADATA INBOX (/private/filtered "y" /private/filters/other "x" {boss} {small})
        S: f OK ...
    """)


def test_a_groups_description_is_set_by_managers_and_read_by_members(stage: Stage) -> None:
    """What one notes for oneself is nothing to anybody else; all or nothing (4.3)."""
    stage.run("""
        bob C: a SETMETADATA Trackers/Support (/shared/comment "Customers ask here")
        bob S: a OK ...
        carol C: a GETMETADATA Trackers/Support (/shared/comment /private/comment)
        carol S: * METADATA Trackers/Support (/shared/comment "Customers ask here")
        carol S: a OK ...
        carol C: b SETMETADATA Trackers/Support (/private/comment "Mine" /shared/comment "Ours")
        carol S: b NO [NOPERM] You don't administer group "Support".
        carol C: c GETMETADATA (DEPTH infinity) Trackers/Support (/private /shared)
        carol S: * METADATA Trackers/Support (/shared/comment "Customers ask here")
        carol S: c OK ...
        carol C: d SETMETADATA Trackers/Support (/private/comment "Mine")
        carol S: d OK ...
        bob C: b GETMETADATA Trackers/Support /private/comment
        bob S: b OK ...
        dave C: a GETMETADATA Trackers/Support /shared/comment
        dave S: a NO [NONEXISTENT] ...
        dave C: b SETMETADATA Trackers/Support (/private/comment "x")
        dave S: b NO [NONEXISTENT] ...
        carol C: e SETMETADATA Trackers (/private/comment "A heading")
        carol S: e OK ...
        carol C: f SETMETADATA Trackers (/shared/comment "A heading")
        carol S: f NO [NOPERM] ...
    """)


def test_nothing_is_noted_about_the_server(stage: Stage) -> None:
    """4.2.1, 3.3: what exists may be asked for; setting is refused."""
    stage.run("""
        C: a GETMETADATA "" /shared/comment
        S: a OK ...
        C: b SETMETADATA "" (/private/comment "x")
        S: b NO [CANNOT] ...
        C: c CAPABILITY
        S: * CAPABILITY ... METADATA ...
        S: c OK ...
    """)


def test_special_use_is_told_and_not_set(stage: Stage) -> None:
    """RFC 6154 4."""
    stage.run(r"""
        C: t2 GETMETADATA "Drafts" /private/specialuse
        S: * METADATA Drafts (/private/specialuse "\\Drafts")
        S: t2 OK ...
        C: t3 SETMETADATA "Sent" (/private/specialuse "\\Drafts")
        S: t3 NO [CANNOT] ...
        C: t4 GETMETADATA INBOX /private/specialuse
        S: t4 OK ...
    """)


def test_notes_follow_their_folder(stage: Stage) -> None:
    """4.1: RENAME keeps them (of INBOX they are copied), DELETE ends them; octets come back."""
    stage.run(
        """
        C: a CREATE Mine
        S: a OK ...
        C: b SETMETADATA Mine (/private/vendor/acme/x ~{#nul+}
        C: #nul\\
        C:  /private/y "")
        S: b OK ...
        C: c RENAME Mine Yours
        S: c OK ...
        C: d GETMETADATA (DEPTH infinity) Yours /private
        S: * METADATA Yours (/private/vendor/acme/x ~{3}
        S: a\x00b /private/y "")
        S: d OK ...
        C: e DELETE Yours
        S: e OK ...
        C: f CREATE Yours
        S: f OK ...
        C: g GETMETADATA (DEPTH infinity) Yours /private
        S: g OK ...
        C: h SETMETADATA INBOX (/private/comment "Both")
        S: h OK ...
        C: i RENAME INBOX Old
        S: i OK ...
        C: j GETMETADATA INBOX /private/comment
        S: * METADATA INBOX (/private/comment "Both")
        S: j OK ...
        C: k GETMETADATA Old /private/comment
        S: * METADATA Old (/private/comment "Both")
        S: k OK ...
    """,
        nul=b"a\x00b",
    )


def test_bad_entries_change_nothing(stage: Stage) -> None:
    """3.2: BAD with a reason; the session goes on."""
    stage.run("""
        C: a SETMETADATA INBOX (/private/comment "kept")
        S: a OK ...
        C: b SETMETADATA INBOX (/private/comment NIL /private/com*ment "x")
        S: b BAD Expected ...
        C: c GETMETADATA INBOX /private/comment
        S: * METADATA INBOX (/private/comment "kept")
        S: c OK ...
    """)
