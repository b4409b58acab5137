"""Greeting, CAPABILITY, ID, ENABLE, LOGIN, AUTHENTICATE, STARTTLS, LOGOUT as dialogues."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest
from transcript import Stage
from world import PASSWORD, World

from imapgate.connections.entrance import SIGN_INS
from imapgate.limits import Limits

BEFORE = "IMAP4rev1 IMAP4rev2 SASL-IR LITERAL- ID ENABLE"
AFTER = " ".join(
    (
        "IMAP4rev1 IMAP4rev2 SASL-IR LITERAL-",
        "ID ENABLE",
        "UNSELECT",
        "CREATE-SPECIAL-USE",
        "CHILDREN SPECIAL-USE LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS NAMESPACE",
        "STATUS=SIZE",
        "ACL RIGHTS=kxte",
        "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE",
        "METADATA",
        "MULTIAPPEND",
        "IDLE",
        "UIDPLUS",
        "MOVE",
        "BINARY",
        "ESEARCH SEARCHRES WITHIN SAVEDATE PARTIAL",
        "SORT SORT=DISPLAY ESORT THREAD=ORDEREDSUBJECT THREAD=REFERENCES",
        "NOTIFY",
        "REPLACE",
        "INPROGRESS",
        "UTF8=ACCEPT",
        "OBJECTID",
        "PREVIEW",
        "CONDSTORE QRESYNC",
        "APPENDLIMIT=52428800",
    )
)
"""A line for each family of commands, in their order."""


def plain(login: str, password: str, other: str = "") -> str:
    return base64.b64encode(f"{other}\0{login}\0{password}".encode()).decode()


@pytest.fixture
def far(world: World) -> Iterator[Stage]:
    """A server that has TLS, for clients that are far away."""
    made = Stage(world, tls=object())
    made.connect("new", "192.0.2.7")
    yield made
    made.close()


@pytest.fixture
def strict(world: World) -> Iterator[Stage]:
    """Two seconds after a failure, three failures, two sessions."""
    limits = replace(Limits(), login_delay=2.0, login_failures=3, sessions_per_user=2)
    made = Stage(world, limits)
    yield made
    made.close()


def test_login_and_logout(stage: Stage) -> None:
    """Capabilities come in the greeting and after sign-in."""
    stage.run(f"""
        new S: * OK [CAPABILITY {BEFORE} AUTH=PLAIN] imapgate 1.0 is ready.
        new C: a CAPABILITY
        new S: * CAPABILITY {BEFORE} AUTH=PLAIN
        new S: a OK ...
        new C: b LOGIN alice@Standard {PASSWORD}
        new S: b OK [CAPABILITY {AFTER}] Signed in as alice.
        new C: c CAPABILITY
        new S: * CAPABILITY {AFTER}
        new S: c OK ...
        new C: d LOGIN alice@Standard {PASSWORD}
        new S: d BAD You have signed in already.
        new C: e LOGOUT
        new S: * BYE ...
        new S: e OK ...
        new S: closed
    """)


def test_login_by_address_and_with_literals(stage: Stage) -> None:
    """The e-mail address is an alias; user and password may be literals."""
    stage.run(
        """
        new S: * OK ...
        new C: a LOGIN {#user}
        new S: + go on
        new C: #user\\
        new C:  {#password+}
        new C: #password
        new S: a OK ...
        new C: a NOOP
        new S: a OK ...
    """,
        user=b"alice@example.org",
        password=PASSWORD.encode(),
    )


def test_wrong_passwords_are_refused(stage: Stage) -> None:
    """Unknown, wrong and no UTF-8 are told alike."""
    stage.run(
        """
        new S: * OK ...
        new C: a LOGIN alice@Standard wrong
        new S: a NO [AUTHENTICATIONFAILED] The login or the password is wrong.
        new C: a LOGIN nobody@Standard wrong
        new S: a NO [AUTHENTICATIONFAILED] The login or the password is wrong.
        new C: a LOGIN alice@Standard {#password+}
        new C: #password
        new S: a NO [AUTHENTICATIONFAILED] The login or the password is wrong.
        new C: a LOGIN alice@Standard
        new S: a BAD ...
        new C: a NOOP
        new S: a OK ...
    """,
        password=b"\xff\xfe",
    )


def test_authenticate_plain(stage: Stage) -> None:
    """With an initial response (SASL-IR) or asked for; cancelled, wrong, or as somebody else."""
    right = plain("alice@Standard", PASSWORD)
    stage.run(f"""
        new S: * OK ...
        new C: a AUTHENTICATE PLAIN
        new S: + ...
        new C: *
        new S: a BAD AUTHENTICATE was cancelled.
        new C: a AUTHENTICATE PLAIN
        new S: + ...
        new C: no base64 {{5}}
        new S: a BAD ...
        new C: a AUTHENTICATE PLAIN {plain("alice@Standard", PASSWORD, "bob@Standard")}
        new S: a NO [AUTHORIZATIONFAILED] ...
        new C: a AUTHENTICATE PLAIN {plain("alice@Standard", "wrong")}
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: a AUTHENTICATE PLAIN =
        new S: a BAD ...
        new C: a AUTHENTICATE GSSAPI
        new S: a NO [CANNOT] ...
        new C: a AUTHENTICATE PLAIN
        new S: + ...
        new C: {right}
        new S: a OK [CAPABILITY ...] Signed in as alice.
        new C: a AUTHENTICATE PLAIN {right}
        new S: a BAD You have signed in already.
        new2 S: * OK ...
        new2 C: a authenticate plain {plain("alice@Standard", PASSWORD, "ALICE@standard")}
        new2 S: a OK ...
    """)


def test_a_failure_is_answered_late_and_others_do_not_wait(strict: Stage) -> None:
    """Two seconds by the clock; a second attempt on the same login waits for its turn too."""
    strict.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard wrong
        new2 S: * OK ...
        new2 C: a NOOP
        new2 S: a OK ...
        bob C: a NOOP
        bob S: a OK ...
        new -- 1.9
        new2 C: b LOGIN alice@Standard demo
        new -- 0.2
        new S: a NO [AUTHENTICATIONFAILED] ...
        new2 S: b OK ...
    """)


def test_too_many_failures_end_the_session(strict: Stage) -> None:
    strict.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard wrong
        new -- 2
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: a LOGIN alice@Standard wrong
        new -- 2
        new S: a NO [AUTHENTICATIONFAILED] ...
        new C: a LOGIN alice@Standard wrong
        new -- 2
        new S: * BYE ...
        new S: closed
    """)


def test_sessions_of_a_user_are_limited(strict: Stage) -> None:
    """A place that is given back can be taken."""
    strict.run("""
        alice C: a NOOP
        alice S: a OK ...
        alice2 C: a NOOP
        alice2 S: a OK ...
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new S: a NO [LIMIT] ...
        alice2 C: a LOGOUT
        alice2 S: * BYE ...
        alice2 S: a OK ...
        new C: a LOGIN alice@Standard demo
        new S: a OK ...
    """)


def test_sessions_of_an_address_are_limited(world: World) -> None:
    stage = Stage(world, replace(Limits(), sessions_per_address=1))
    stage.connect("new", "192.0.2.1")
    stage.connect("new2", "192.0.2.1")
    stage.connect("new3", "192.0.2.2")
    stage.run("""
        new S: * OK ...
        new2 S: * BYE ...
        new2 S: closed
        new3 S: * OK ...
    """)
    stage.close()


def test_passwords_are_taken_under_tls_only(far: Stage) -> None:
    """From far away: LOGINDISABLED until STARTTLS (docs/rules.md 22)."""
    far.run(f"""
        new S: * OK [CAPABILITY {BEFORE} STARTTLS LOGINDISABLED] ...
        new C: a LOGIN alice@Standard {PASSWORD}
        new S: a NO [PRIVACYREQUIRED] ...
        new C: a AUTHENTICATE PLAIN
        new S: a NO [PRIVACYREQUIRED] ...
        new C: a STARTTLS
        new S: a OK Begin TLS now.
        new C: a CAPABILITY
        new S: * CAPABILITY {BEFORE} AUTH=PLAIN
        new S: a OK ...
        new C: a STARTTLS
        new S: a BAD ...
        new C: a LOGIN alice@Standard {PASSWORD}
        new S: a OK ...
    """)
    assert len(far.clients["new"].wire.tls) == 1


def test_what_came_before_tls_is_dropped(far: Stage) -> None:
    """A command that was slipped in behind STARTTLS never runs (RFC 3501 6.2.1)."""
    far.run("new S: * OK ...")
    far.clients["new"].send(b"a STARTTLS\r\nb CREATE Injected\r\nc LOGIN alice@Standard ")
    far.run(f"""
        new S: a OK Begin TLS now.
        new C: d LOGIN alice@Standard {PASSWORD}
        new S: d OK ...
        new C: e LIST "" Inj*
        new S: e OK ...
    """)


def test_there_is_no_starttls_without_a_certificate(stage: Stage) -> None:
    stage.run("""
        new S: * OK ...
        new C: a STARTTLS
        new S: a BAD There is no TLS here.
        C: a STARTTLS
        S: a BAD You have signed in already.
    """)


def test_id_and_enable(stage: Stage) -> None:
    """Who we are; the client's name is kept clean and short for the records."""
    stage.run("""
        new S: * OK ...
        new C: a ID ("name" "Thunder\tbird" "version" "128.0" "os" NIL)
        new S: * ID ("name" "imapgate" "version" "1.0")
        new S: a OK ...
        new C: a ID NIL
        new S: * ID ("name" "imapgate" "version" "1.0")
        new S: a OK ...
        new C: a ENABLE CONDSTORE
        new S: a BAD Sign in first.
        C: a ID ("Version" "2" "NAME" "K-9")
        S: * ID (...)
        S: a OK ...
        C: a ENABLE X-GOOD-IDEA
        S: * ENABLED
        S: a OK ...
    """)
    assert stage.clients["alice"].protocol._session.client == "K-9 2"


def test_only_a_few_passwords_are_checked_at_a_time(stage: Stage) -> None:
    """Whoever floods the door with sign-ins leaves worker threads and memory to the others."""
    names = [f"new{n}" for n in range(SIGN_INS + 3)]
    for name in names:
        stage.connect(name).read()
    stage.hold = True
    for name in names:
        stage.client(name).send(f"a LOGIN bob@Standard {PASSWORD}\r\n".encode())
    assert stage.held == SIGN_INS
    stage.release(1)
    assert stage.held == SIGN_INS
    stage.hold = False
    stage.release()
    for name in names:
        assert stage.client(name).read()[-1].startswith("a OK"), name


def test_sign_ins_are_logged_without_the_password(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Who came from where, and who failed, in one line each."""
    with caplog.at_level("INFO", logger="imapgate"):
        for login, password in (("alice@Standard", PASSWORD), ("alice@Standard\x1b", "s3cret")):
            client = stage.connect(f"new-{password}")
            client.send(f'a LOGIN "{login}" {password}\r\n'.encode())
            client.read()
    assert caplog.messages == [
        "alice@Standard signed in from 127.0.0.1",
        "a sign-in as 'alice@Standard\\x1b' from 127.0.0.1 failed",
    ]
