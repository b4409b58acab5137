"""ACL (RFC 4314): roles in a group as rights in its folder. bob is a manager of all groups, alice a
contributor, carol a viewer of Support, dave in none."""

from __future__ import annotations

import pytest
from transcript import Stage

from imapgate.activities import groups, segments, users
from storage import Tx

MAIL = b"From: erika@example.net\r\nSubject: Hello\r\n\r\nText\r\n"


def test_a_manager_sees_everybodys_rights(stage: Stage) -> None:
    """3.3; `d` beside `t` and `e` (2.1.1); `i` only where the group takes mail."""
    everybody = "alice@Standard lrswited bob@Standard lrswitead carol@Standard lrs"
    stage.run(f"""
        bob C: A002 GETACL Trackers/Support
        bob S: * ACL Trackers/Support {everybody}
        bob S: A002 OK ...
        bob C: A003 GETACL Trackers/Archive
        bob S: * ACL Trackers/Archive alice@Standard lrswted bob@Standard lrswtead
        bob S: A003 OK ...
    """)


def test_the_owner_of_a_personal_folder_is_alone(stage: Stage) -> None:
    stage.run("""
        C: a GETACL INBOX
        S: * ACL INBOX alice@Standard lrswipkxtecd
        S: a OK ...
        C: b LISTRIGHTS Sent ALICE@standard
        S: * LISTRIGHTS Sent ALICE@standard lrswipkxtecd
        S: b OK ...
        C: c LISTRIGHTS Sent bob@Standard
        S: * LISTRIGHTS Sent bob@Standard ""
        S: c OK ...
        # Whether there is such a user is no more than a manager's business.
        C: c LISTRIGHTS Sent nobody@Standard
        S: * LISTRIGHTS Sent nobody@Standard ""
        S: c OK ...
        C: d SETACL INBOX bob@Standard lr
        S: d NO [CANNOT] Rights unchanged: folder "INBOX" is yours alone.
        C: e DELETEACL "Recovered Messages" alice@Standard
        S: e NO [CANNOT] ...
    """)


def test_rights_are_tied_as_roles_have_them(stage: Stage) -> None:
    """3.4, 3.7: the same identifier as asked for; `d` tied where `t` and `e` are."""
    stage.run("""
        bob C: a LISTRIGHTS Trackers/Support dave@Standard
        bob S: * LISTRIGHTS Trackers/Support dave@Standard "" lrs wited a
        bob S: a OK ...
        bob C: b LISTRIGHTS Trackers/Archive CAROL@example.org
        bob S: * LISTRIGHTS Trackers/Archive CAROL@example.org "" lrs wted a
        bob S: b OK ...
    """)


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_others_may_not_ask(stage: Stage, who: str) -> None:
    """4: `a` is needed. The answer is the same whoever is named."""
    stage.run(f"""
        {who} C: a GETACL Trackers/Support
        {who} S: a NO [NOPERM] <said>...
        {who} C: b LISTRIGHTS Trackers/Support bob@Standard
        {who} S: b NO [NOPERM] <said>...
        {who} C: c SETACL Trackers/Support nobody@Standard lrs
        {who} S: c NO [NOPERM] <said>...
        {who} C: d DELETEACL Trackers/Support bob@Standard
        {who} S: d NO [NOPERM] <said>...
        {who} C: e SETACL Trackers {who}@Standard lrswitea
        {who} S: e NO [NOPERM] ...
        {who} C: f SETACL Nowhere {who}@Standard lrs
        {who} S: f NO [NONEXISTENT] ...
    """)


def test_setacl_gives_the_three_roles(stage: Stage) -> None:
    """3.1: set, added and removed; `d` counts as `te`, with or without `i`."""
    stage.run("""
        bob C: A001 SETACL Trackers/Support dave@Standard lrs
        bob S: A001 OK "dave" is viewer of group "Support".
        dave C: a MYRIGHTS Trackers/Support
        dave S: * MYRIGHTS Trackers/Support lrs
        dave S: a OK ...
        bob C: A002 SETACL Trackers/Support dave@Standard +wid
        bob S: A002 OK "dave" is contributor of group "Support".
        dave C: b MYRIGHTS Trackers/Support
        dave S: * MYRIGHTS Trackers/Support lrswited
        dave S: b OK ...
        bob C: A003 SETACL Trackers/Support DAVE@example.org +a
        bob S: A003 OK "dave" is manager of group "Support".
        dave C: c GETACL Trackers/Support
        dave S: * ACL ... dave@Standard lrswitead
        dave S: c OK ...
        bob C: A004 SETACL Trackers/Support dave@Standard -witea
        bob S: A004 OK "dave" is viewer ...
        bob C: A005 SETACL Trackers/Support dave@Standard lrswted
        bob S: A005 OK "dave" is contributor ...
        bob C: A006 SETACL Trackers/Support dave@Standard -lrswited
        bob S: A006 OK "dave" has no rights in group "Support".
        dave C: d MYRIGHTS Trackers/Support
        dave S: d NO [NONEXISTENT] ...
        bob C: A007 SETACL Trackers/Archive dave@Standard lrswtea
        bob S: A007 OK "dave" is manager of group "Archive".
    """)


@pytest.mark.parametrize(
    "rights", ["lr", "l", "lrsw", "lrswi", "+cda", "lrswipkxtea", "+p", "a", "lrsa", "-l"]
)
def test_rights_that_are_no_role_change_nothing(stage: Stage, rights: str) -> None:
    """`c` counts as `k` and `x`, which no member of a group has."""
    stage.run(f"""
        bob C: a SETACL Trackers/Support carol@Standard {rights}
        bob S: a NO [CANNOT] Rights unchanged: ...
        carol C: a MYRIGHTS Trackers/Support
        carol S: * MYRIGHTS Trackers/Support lrs
        carol S: a OK ...
    """)


def test_bad_identifiers_and_rights(stage: Stage) -> None:
    """3, 3.1: BAD for what is no right or no identifier; the session goes on."""
    stage.run("""
        bob C: A035 SETACL Trackers/Support dave@Standard lrQswicda
        bob S: A035 BAD ...
        bob C: A036 SETACL Trackers/Support dave@Standard lrqswicda
        bob S: A036 BAD ...
        bob C: A037 SETACL Trackers/Support "" lrs
        bob S: A037 BAD ...
        bob C: A038 GETACL Trackers/Support
        bob S: * ACL ...
        bob S: A038 OK ...
    """)


@pytest.mark.parametrize(
    "login", ["dave", "anyone", "anonymous", "-dave@Standard", "nobody@Standard", "admin@Elsewhere"]
)
def test_who_isnt_a_user_of_the_segment_is_unknown(stage: Stage, login: str) -> None:
    """Somebody of another segment is told of no more than nobody."""

    def elsewhere(tx: Tx) -> None:
        segments.add_segment(tx, "Elsewhere", "admin", None, "none")

    stage.world.db.write(elsewhere)
    stage.run(f"""
        bob C: a SETACL Trackers/Support {login} lrs
        bob S: a NO [CANNOT] There is no user "{login}": ...
        bob C: b DELETEACL Trackers/Support {login}
        bob S: b NO [CANNOT] There is no user "{login}": ...
        bob C: c LISTRIGHTS Trackers/Support {login}
        bob S: c NO [CANNOT] There is no user "{login}": ...
    """)


def test_deleteacl_ends_a_membership_at_once(stage: Stage) -> None:
    """Whoever looks at the folder hears BYE; who isn't a member loses nothing."""
    stage.run("""
        carol C: a SELECT Trackers/Support
        carol S: ~
        carol S: a OK ...
        alice C: a IDLE
        alice S: + ...
        bob C: B002 DELETEACL Trackers/Support carol@Standard
        bob S: B002 OK "carol" has no rights in group "Support".
        carol S: * BYE The selected folder is gone, or you may no longer see it.
        carol S: closed
        bob C: B003 DELETEACL Trackers/Support carol@Standard
        bob S: B003 OK ...
        bob C: B004 GETACL Trackers/Support
        bob S: * ACL Trackers/Support alice@Standard lrswited bob@Standard lrswitead
        bob S: B004 OK ...
        carol2 C: c LIST "" Trackers*
        carol2 S: c OK ...
        alice C: DONE
        alice S: a OK ...
    """)


def test_a_new_member_finds_the_folder_subscribed_and_read(stage: Stage) -> None:
    """As with `imapgate member set`: the same function does it."""
    stage.run(
        r"""
        C: a APPEND Trackers/Support {#mail+}
        C: #mail
        S: a OK ...
        bob C: a SETACL Trackers/Support dave@Standard lrswite
        bob S: a OK ...
        dave C: a LIST (SUBSCRIBED) "" Trackers/* RETURN (STATUS (MESSAGES UNSEEN RECENT))
        dave S: * LIST (\HasNoChildren \Subscribed) "/" Trackers/Support
        dave S: * STATUS Trackers/Support (MESSAGES 1 UNSEEN 0 RECENT 0)
        dave S: a OK ...
        dave C: b APPEND Trackers/Support {#other+}
        dave C: #other
        dave S: b OK [APPENDUID ...
    """,
        mail=MAIL,
        other=MAIL.replace(b"Text", b"Other"),
    )


def test_a_changed_role_counts_from_the_next_command(stage: Stage) -> None:
    """A manager who gives up the right to administer can't take it back."""
    stage.run(r"""
        alice C: a SELECT Trackers/Support
        alice S: ~
        alice S: a OK [READ-WRITE] ...
        bob C: a SETACL Trackers/Support alice@Standard lrs
        bob S: a OK ...
        alice C: b MYRIGHTS Trackers/Support
        alice S: ~
        alice S: * MYRIGHTS Trackers/Support lrs
        alice S: ~
        alice S: b OK ...
        bob C: b SETACL Trackers/Support bob@Standard -a
        bob S: b OK "bob" is contributor of group "Support".
        bob C: c SETACL Trackers/Support bob@Standard +a
        bob S: c NO [NOPERM] ...
    """)


def test_who_ended_the_own_membership_is_sent_away(stage: Stage) -> None:
    stage.run("""
        bob C: a SELECT Trackers/Support
        bob S: ~
        bob S: a OK ...
        bob C: b DELETEACL Trackers/Support bob@Standard
        bob S: b OK ...
        bob S: * BYE ...
        bob S: closed
    """)


def test_changes_are_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "imapgate"):
        stage.run("""
            bob C: a SETACL Trackers/Support dave@Standard lrs
            bob S: a OK ...
            alice C: a DELETEACL Trackers/Support dave@Standard
            alice S: a NO [NOPERM] ...
        """)
    told = [record for record in caplog.records if getattr(record, "event", "") == "rights"]
    fields = [vars(record)["fields"] for record in told]
    assert [(one["user"], one["of"], one["rights"], one["verdict"]) for one in fields] == [
        ("bob@Standard", "dave@Standard", "lrs", "done"),
        ("alice@Standard", "dave@Standard", "", "refused"),
    ]


def test_a_name_that_isnt_ascii(stage: Stage) -> None:
    """As a literal, or in UTF-8 once that is enabled."""

    def jorg(tx: Tx) -> None:
        made = users.add_user(tx, stage.world.segment_id, "Jörg", None, "none")
        group = groups.find_group(tx, stage.world.segment_id, "Archive")
        groups.set_member(tx, group, f"{made.name}@Standard", "viewer")

    stage.world.db.write(jorg)
    stage.run("""
        bob C: a GETACL Trackers/Archive
        bob S: * ACL Trackers/Archive alice@Standard lrswted bob@Standard lrswtead {14}
        bob S: Jörg@Standard lrs
        bob S: a OK ...
        bob C: b ENABLE UTF8=ACCEPT
        bob S: * ENABLED UTF8=ACCEPT
        bob S: b OK ...
        bob C: c GETACL Trackers/Archive
        bob S: * ACL Trackers/Archive alice@Standard ... "Jörg@Standard" lrs
        bob S: c OK ...
    """)
