"""Rows of test_limits_table: sessions, sign-in, time, buffers, and what a user may keep."""

from __future__ import annotations

from limit_rows import LOGIN, MAIL, MAILS, playing, row
from transcript import Stage
from world import World

from storage import subscriptions

row(bad_commands=2)(
    playing("""
        C: a NONSENSE
        S: a BAD ...
        C: b NOOP
        S: b OK ...
        C: c NONSENSE
        S: c BAD ...
        C: d NONSENSE
        S: d BAD ...
        S: * BYE ...
        S: closed
    """)
)
row(sessions=1)(
    playing("""
        new S: * OK ...
        new2 S: * BYE There are too many sessions just now...
        new2 S: closed
        new C: a LOGOUT
        new S: * BYE ...
        new S: a OK ...
        new S: closed
        new -- lost
        new3 S: * OK ...
    """)
)
row(sessions_per_address=1)(
    playing("""
        new S: * OK ...
        new2 S: * BYE There are too many sessions from your address...
        new2 S: closed
        new C: a NOOP
        new S: a OK ...
    """)
)
row(sessions_per_user=1)(
    playing(f"""
        new S: * OK ...
        new C: a {LOGIN}
        new S: a OK ...
        new2 S: * OK ...
        new2 C: a {LOGIN}
        new2 S: a NO [LIMIT] ...
        bob C: a NOOP
        bob S: a OK ...
        new -- lost
        new2 C: b {LOGIN}
        new2 S: b OK ...
    """)
)
row(login_failures=2)(
    playing(f"""
        new S: * OK ...
        new C: a LOGIN alice@Standard wrong
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: b LOGIN alice@Standard wrong
        new S: * BYE Too many failed sign-ins.
        new S: closed
        new2 S: * OK ...
        new2 C: a {LOGIN}
        new2 S: a OK ...
    """)
)
row(idle_time=7.0)(
    playing("""
        C: a NOOP
        S: a OK ...
        alice -- 6.9
        C: b IDLE
        S: + idling
        alice -- 6.9
        C: DONE
        S: b OK ...
        alice -- 7.1
        S: * BYE ...
        S: closed
    """)
)
row(login_time=7.0)(
    playing("""
        new S: * OK ...
        new -- 6.9
        new C: a NOOP
        new S: a OK ...
        new -- 7.1
        new S: * BYE ...
        new S: closed
    """)
)
row(folders=8)(
    playing("""
        C: a CREATE One
        S: a OK ...
        C: b CREATE Two
        S: b NO [LIMIT] ...
        C: c RENAME INBOX Two
        S: c NO [LIMIT] ...
        C: d DELETE One
        S: d OK ...
        C: e CREATE Two
        S: e OK ...
    """)
)
row(folder_name=10)(
    playing("""
        C: a CREATE 123456789/
        S: a OK ...
        C: b CREATE 12345678901
        S: b NO [CANNOT] ...
        C: c LIST "" 1234567890
        S: c OK ...
        C: d LIST "" 12345678901
        S: d BAD ...
        C: e LIST 12345678901 *
        S: e BAD ...
        C: f NOOP
        S: f OK ...
    """)
)
row(keywords=2)(
    playing(f"""
        {MAILS}
        C: b STORE 1 +FLAGS.SILENT (one two)
        S: * FLAGS (...
        S: * OK [PERMANENTFLAGS (... one two)] Flags that are kept.
        S: b OK ...
        C: c STORE 2 +FLAGS (three)
        S: ~
        S: c NO [LIMIT] ...
        C: d STORE 1 -FLAGS.SILENT (two)
        S: d OK ...
        C: e STORE 2 +FLAGS.SILENT (three)
        S: ~
        S: e OK ...
    """)
)
row(keyword=5)(
    playing(f"""
        {MAILS}
        C: b STORE 1 +FLAGS (12345)
        S: ~
        S: b OK ...
        C: c STORE 1 +FLAGS (123456)
        S: c BAD ...
        C: d APPEND Drafts (123456) {{#mail+}}
        C: #mail
        S: d OK ...
        C: e NOOP
        S: e OK ...
    """)
)
row(drop_messages=1)(
    playing(f"""
        {MAILS}
        C: b COPY 1 Trackers/Support
        S: b OK ...
        C: c COPY 1:2 Trackers/Support
        S: c NO [LIMIT] ...
        C: d MOVE 1:2 Trackers/Support
        S: d NO [LIMIT] ...
        C: e APPEND Trackers/Support {{#mail+}}
        C: #mail\\
        C:  {{#mail+}}
        C: #mail
        S: e NO [LIMIT] ... a copy is in Recovered Messages.
        C: f STATUS Trackers/Support (MESSAGES)
        S: * STATUS Trackers/Support (MESSAGES 1)
        S: f OK ...
    """)
)
row(copy_messages=1)(
    playing(f"""
        {MAILS}
        C: b COPY 1 Archive
        S: b OK ...
        C: c COPY 1:2 Archive
        S: c NO [LIMIT] Not copied: at most 1 messages at a time. Your mail stays where it was.
        C: d UID MOVE 1:2 Archive
        S: d NO [LIMIT] Not moved: at most 1 messages at a time. Your mail stays where it was.
        C: e STATUS Archive (MESSAGES)
        S: * STATUS Archive (MESSAGES 1)
        S: e OK ...
        C: f UID MOVE 1 Archive
        S: * OK [COPYUID ...
        S: * 1 EXPUNGE
        S: f OK ...
    """)
)
row(recovered=len(MAIL))(
    playing(
        """
        C: a APPEND Trackers/Meetings {#mail}
        S: + go on
        C: #mail
        S: a NO [CANNOT] ... a copy is in Recovered Messages.
        C: b APPEND Trackers/Meetings {#other}
        S: b NO [OVERQUOTA] ... Recovered Messages is full, no copy was kept.
        C: c APPEND Trackers/Meetings {#other+}
        C: #other
        S: c NO ... no copy was kept.
        C: d STATUS "Recovered Messages" (MESSAGES)
        S: * STATUS "Recovered Messages" (MESSAGES 1)
        S: d OK ...
    """,
        other=MAIL + b"x",
    )
)


@row(login_delay=3.0)
def _(stage: Stage) -> None:
    stage.run("new S: * OK ...\nnew C: a LOGIN alice@Standard wrong")
    stage.clock.advance(2.9)
    assert not stage.client("new").read()
    stage.clock.advance(0.2)
    stage.run("new S: a NO [AUTHENTICATIONFAILED] ...")


@row(keepalive=5.0)
def _(stage: Stage) -> None:
    stage.run("C: a NOOP\nS: a OK ...")
    stage.hold = True
    stage.run("C: b CREATE One\nalice -- 4.9")
    stage.run(
        "alice -- 0.2\nS: * OK [...] Still working.\nalice -- 5\nS: * OK [...] Still working."
    )
    stage.hold = False
    stage.release()
    stage.run("S: b OK ...")


def _stalled(stage: Stage) -> None:
    body = b"x" * 400_000
    stage.run("C: a APPEND INBOX {#body+}\nC: #body\nS: a OK ...", body=body)
    stage.run("C: a SELECT INBOX\nS: ~\nS: a OK ...")
    client = stage.client("alice")
    client.wire.reads, client.wire.most_unread = False, 0
    client.send(b"b FETCH 1 BODY.PEEK[]\r\n")


@row(stalled_time=5.0)
def _(stage: Stage) -> None:
    _stalled(stage)
    wire = stage.client("alice").wire
    stage.clock.advance(4.9)
    wire.take()
    stage.clock.advance(4.9)
    assert not wire.disconnected
    stage.clock.advance(0.2)
    assert wire.disconnected


@row(output_buffer=100_000)
def _(stage: Stage) -> None:
    _stalled(stage)
    wire = stage.client("alice").wire
    assert 64_000 < wire.most_unread <= 100_000
    answer = b""
    while not answer.endswith(b"b OK Fetched.\r\n"):
        answer += wire.take()
    assert len(answer) > 400_000
    assert wire.most_unread <= 100_000


def _one_more(world: World) -> int:
    return 1 + world.db.read(lambda tx: subscriptions.count(tx, world.alice.id))


row(subscriptions=_one_more)(
    playing("""
        C: a CREATE One
        S: a OK ...
        C: b CREATE Two
        S: b OK ...
        C: c SUBSCRIBE One
        S: c OK ...
        C: d SUBSCRIBE One
        S: d OK ...
        C: e SUBSCRIBE Two
        S: e NO [LIMIT] Not subscribed: ...
        C: f DELETE One
        S: f OK ...
        C: g SUBSCRIBE Two
        S: g NO [LIMIT] ...
        C: h UNSUBSCRIBE One
        S: h OK ...
        C: i SUBSCRIBE Two
        S: i OK ...
    """)
)


@row(spool=9000)
def _(stage: Stage) -> None:
    stage.run("C: a NOOP\nS: a OK ...")
    path = stage.world.db.path
    moved = path.rename(path.with_name("moved.db"))
    stage.run(
        """
        C: b APPEND INBOX {#mail+}
        C: #mail
        S: b NO [UNAVAILABLE] ... a copy is kept and comes to Recovered Messages.
        C: c APPEND INBOX {#more+}
        C: #more
        S: c NO [UNAVAILABLE] ... no copy was kept; try again later.
    """,
        mail=MAIL,
        more=b"x" * 9000,
    )
    moved.rename(path)
    stage.run("C: d NOOP\nS: d OK ...")
