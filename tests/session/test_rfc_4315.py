"""UIDPLUS' own examples (RFC 4315)."""

from __future__ import annotations

from transcript import Stage


def test_copyuid_pairs_gaps_with_a_range(stage: Stage) -> None:
    """Section 3: nothing that matches is an OK without a code."""
    mails = {f"m{n}": b"Subject: %d\r\n\r\n%d\r\n" % (n, n) for n in range(4)}
    stage.run(
        r"""
        C: A003 APPEND INBOX {#m0+}
        C: #m0\
        C:  {#m1+}
        C: #m1\
        C:  (\Deleted) {#m2+}
        C: #m2\
        C:  {#m3+}
        C: #m3
        S: A003 OK [APPENDUID <inbox> 1:4] ...
        C: A004 SELECT INBOX
        S: ~
        S: A004 OK ...
        C: A005 UID EXPUNGE 3:3002
        S: * 3 EXPUNGE
        S: A005 OK ...
        C: A006 COPY 1:3 Archive
        S: A006 OK [COPYUID <archive> 1:2,4 1:3] ...
        C: A007 UID COPY 305:310 Archive
        S: A007 OK Nothing ...
        C: A008 UID EXPUNGE 305:310
        S: A008 OK ...
    """,
        **mails,
    )
