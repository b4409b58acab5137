"""QUOTA (RFC 9208): one root for a person's own folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from transcript import Stage
from world import World

from imapgate.limits import Limits

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\n" + b"x" * 2000 + b"\r\n"


@pytest.fixture
def narrow(world: World) -> Iterator[Stage]:
    """Room for 5,000 octets, of which two mails take 4,092, and for four messages."""
    made = Stage(world, replace(Limits(), login_delay=0.0, quota_storage=5120, quota_messages=4))
    yield made
    made.close()


def test_without_a_limit_there_is_no_root(stage: Stage) -> None:
    stage.run("""
        C: a GETQUOTAROOT INBOX
        S: * QUOTAROOT INBOX
        S: a OK ...
        C: b GETQUOTA "Personal folders"
        S: b NO [NONEXISTENT] ...
        C: c CAPABILITY
        S: * CAPABILITY ... QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE ...
        S: c OK ...
    """)


def test_getquotaroot_and_getquota(narrow: Stage) -> None:
    """4.1.1, 4.1.2: also of a folder that could be made; groups, headings and Recovered Messages
    have none."""
    narrow.run(
        """
        C: m APPEND Drafts {#mail+}
        C: #mail
        S: m OK ...
        C: G0001 GETQUOTAROOT INBOX
        S: * QUOTAROOT INBOX "Personal folders"
        S: * QUOTA "Personal folders" (STORAGE 2 5 MESSAGE 1 4)
        S: G0001 OK ...
        C: G0002 GETQUOTA "Personal folders"
        S: * QUOTA "Personal folders" (STORAGE 2 5 MESSAGE 1 4)
        S: G0002 OK ...
        C: G0003 GETQUOTAROOT Not/Yet
        S: * QUOTAROOT Not/Yet "Personal folders"
        S: * QUOTA ...
        S: G0003 OK ...
        C: G0004 GETQUOTAROOT Trackers/Support
        S: * QUOTAROOT Trackers/Support
        S: G0004 OK ...
        C: G0005 GETQUOTAROOT Trackers
        S: * QUOTAROOT Trackers
        S: G0005 OK ...
        C: G0006 GETQUOTAROOT "Recovered Messages"
        S: * QUOTAROOT "Recovered Messages"
        S: G0006 OK ...
        C: G0007 GETQUOTAROOT Trackers/Nothing
        S: G0007 NO [NONEXISTENT] ...
        C: G0008 GETQUOTA ""
        S: G0008 NO [NONEXISTENT] ...
        dave C: a GETQUOTA "Personal folders"
        dave S: * QUOTA "Personal folders" (STORAGE 0 5 MESSAGE 0 4)
        dave S: a OK ...
    """,
        mail=MAIL,
    )


def test_setquota_is_the_administrators(narrow: Stage) -> None:
    """4.1.3: so QUOTASET isn't told; bad syntax is BAD."""
    narrow.run("""
        C: S0000 CAPABILITY
        S: * CAPABILITY <said>...
        S: S0000 OK ...
        C: S0001 SETQUOTA "Personal folders" (STORAGE 512)
        S: S0001 NO [NOPERM] ...
        C: S0002 SETQUOTA "" (STORAGE 512 MESSAGE 9223372036854775807)
        S: S0002 NO [NOPERM] ...
        C: S0003 SETQUOTA "" (STORAGE 9223372036854775808)
        S: S0003 BAD ...
        C: S0004 SETQUOTA "" STORAGE
        S: S0004 BAD ...
        C: S0005 GETQUOTA
        S: S0005 BAD ...
        C: S0006 GETQUOTA "Personal folders"
        S: * QUOTA "Personal folders" (STORAGE 0 5 MESSAGE 0 4)
        S: S0006 OK ...
    """)


def test_only_what_is_limited_is_told(world: World) -> None:
    stage = Stage(world, replace(Limits(), login_delay=0.0, quota_messages=7))
    stage.run("""
        C: a GETQUOTA "Personal folders"
        S: * QUOTA "Personal folders" (MESSAGE 0 7)
        S: a OK ...
    """)
    stage.close()


def test_an_append_over_quota_is_refused_and_kept(narrow: Stage) -> None:
    """Nothing is lost: a client may delete its own after NO. Recovered Messages is outside of the
    quota, so a draft can be saved as soon as there is room again."""
    narrow.run(
        """
        C: a APPEND Drafts {#mail+}
        C: #mail\\
        C:  {#mail+}
        C: #mail
        S: a OK ...
        C: b APPEND Sent {#other}
        S: + ...
        C: #other
        S: b NO [OVERQUOTA] Not filed: your own folders may hold at most 0.004883 MB. ...
        C: c STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: c OK ...
        C: d APPEND Trackers/Support {#other+}
        C: #other
        S: d OK [APPENDUID ...
        C: e SELECT Drafts
        S: ~
        S: e OK ...
        C: f STORE 1 +FLAGS.SILENT (\\Deleted)
        S: f OK ...
        C: g EXPUNGE
        S: * 1 EXPUNGE
        S: g OK ...
        C: h GETQUOTA "Personal folders"
        S: * QUOTA "Personal folders" (STORAGE 2 5 MESSAGE 1 4)
        S: h OK ...
        C: i APPEND Sent {#other+}
        C: #other
        S: i OK ...
    """,
        mail=MAIL,
        other=MAIL.replace(b"Hello", b"Other"),
    )


def test_where_nothing_can_be_kept_it_is_told_before_the_upload(world: World) -> None:
    limits = replace(Limits(), login_delay=0.0, quota_storage=1024, recovered=1024)
    stage = Stage(world, limits)
    stage.run(
        """
        C: a APPEND Sent {#mail}
        S: a NO [OVERQUOTA] Not filed: ... no copy was kept.
        C: b STATUS Sent (MESSAGES)
        S: * STATUS Sent (MESSAGES 0)
        S: b OK ...
    """,
        mail=MAIL,
    )
    stage.close()


def test_copies_count_and_moves_among_ones_own_dont(narrow: Stage) -> None:
    """COPY lands whole or not at all; the number of messages counts, too."""
    narrow.run(
        """
        C: m APPEND Trackers/Support {#tiny+}
        C: #tiny
        S: m OK ...
        C: a APPEND Drafts {#tiny+}
        C: #tiny\\
        C:  {#tiny+}
        C: #tiny\\
        C:  {#tiny+}
        C: #tiny
        S: a OK ...
        C: b SELECT Drafts
        S: ~
        S: b OK ...
        C: c COPY 1:2 Archive
        S: c NO [OVERQUOTA] Not copied: your own folders may hold at most 4 messages. ...
        C: d COPY 1 Archive
        S: d OK ...
        C: e MOVE 1:3 Archive
        S: * OK [COPYUID ...
        S: ~
        S: e OK ...
        C: f SELECT Trackers/Support
        S: ~
        S: f OK ...
        C: g COPY 1 INBOX
        S: g NO [OVERQUOTA] ...
        C: h GETQUOTA "Personal folders"
        S: * QUOTA "Personal folders" (STORAGE 1 5 MESSAGE 4 4)
        S: h OK ...
    """,
        tiny=b"Subject: x\r\n\r\ny\r\n",
    )


def test_status_tells_what_expunge_would_give_back(stage: Stage) -> None:
    """DELETED and DELETED-STORAGE, in units of 1024 octets as STORAGE is."""
    stage.run(
        r"""
        C: a APPEND Drafts (\Deleted) {#mail+}
        C: #mail\
        C:  {#mail+}
        C: #mail
        S: a OK ...
        C: S0003 STATUS Drafts (MESSAGES DELETED DELETED-STORAGE)
        S: * STATUS Drafts (MESSAGES 2 DELETED 1 DELETED-STORAGE 2)
        S: S0003 OK ...
        C: b STATUS Sent (DELETED-STORAGE)
        S: * STATUS Sent (DELETED-STORAGE 0)
        S: b OK ...
    """,
        mail=MAIL,
    )


def test_a_draft_can_be_replaced_where_there_is_no_room_for_another(world: World) -> None:
    """REPLACE (RFC 8508): what leaves makes room, unless it leaves a group."""
    stage = Stage(world, replace(Limits(), login_delay=0.0, quota_messages=1))
    stage.run(
        """
        C: a APPEND Drafts {#mail+}
        C: #mail
        S: a OK ...
        C: b SELECT Drafts
        S: ~
        S: b OK ...
        C: c UID REPLACE 1 Drafts {#other+}
        C: #other
        S: ~
        S: * 1 EXPUNGE
        S: c OK ...
        C: d APPEND Trackers/Support {#mail+}
        C: #mail
        S: d OK ...
        C: e SELECT Trackers/Support
        S: ~
        S: e OK ...
        C: f REPLACE 1 Drafts {#mail+}
        C: #mail
        S: f NO [OVERQUOTA] ...
        C: g STATUS Drafts (MESSAGES)
        S: * STATUS Drafts (MESSAGES 1)
        S: g OK ...
    """,
        mail=MAIL,
        other=MAIL.replace(b"Hello", b"Other"),
    )
    stage.close()


def test_over_a_lowered_quota_a_draft_can_be_replaced_by_one_that_is_not_larger(
    world: World,
) -> None:
    before = Stage(world)
    before.run(
        """
        C: a APPEND Drafts {#mail+}
        C: #mail
        S: a OK ...
        C: b APPEND Drafts {#mail+}
        C: #mail
        S: b OK ...
    """,
        mail=MAIL,
    )
    before.close()
    limits = replace(Limits(), login_delay=0.0, quota_messages=1, quota_storage=1024)
    stage = Stage(world, limits)
    stage.run(
        """
        C: a SELECT Drafts
        S: ~
        S: a OK ...
        C: b REPLACE 1 Drafts {#mail+}
        C: #mail
        S: ~
        S: b OK ...
        C: c REPLACE 1 Drafts {#larger+}
        C: #larger
        S: c NO [OVERQUOTA] ...
        C: d REPLACE 1 Drafts {#small+}
        C: #small
        S: ~
        S: d OK ...
    """,
        mail=MAIL,
        larger=MAIL + b"x",
        small=b"Subject: x\r\n\r\n",
    )
    stage.close()
