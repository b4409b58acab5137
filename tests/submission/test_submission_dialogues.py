"""What a mail client and the submission listener say to each other (RFC 5321, 6409, 4954)."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from submitting import ALICE, CUSTOMER, Post, letter, octets_of, plain
from world import PASSWORD, World

from imapgate.limits import Limits


def test_a_mail_is_taken_handed_over_and_answered(post: Post) -> None:
    """The answer is the other server's; what was handed over are the bytes as submitted."""
    post.run(
        f"""
        new S: 220 mail.example.org ESMTP imapgate is ready.
        new C: EHLO [127.0.0.1]
        new S: 250-mail.example.org
        new S: 250-PIPELINING
        new S: 250-SIZE 52428800
        new S: 250-8BITMIME
        new S: 250-ENHANCEDSTATUSCODES
        new S: 250 AUTH PLAIN LOGIN
        new C: AUTH PLAIN {plain("alice@Standard")}
        new S: 235 2.7.0 Signed in as alice.
        new C: MAIL FROM:<{ALICE}> BODY=8BITMIME SIZE=300
        new S: 250 2.1.0 OK
        new C: RCPT TO:<{CUSTOMER}>
        new S: 250 2.1.5 OK
        new C: DATA
        new S: 354 Begin; end with a dot on a line of its own.
        new C: #mail\\
        new S: 250 2.0.0 Handed over: taken as 4711
        new C: QUIT
        new S: 221 2.0.0 Good bye.
        new S: closed
        """,
        mail=letter(),
    )
    ((name, envelope, content),) = post.relay.taken
    assert (name, envelope.sender, envelope.recipients) == ("main", ALICE, (CUSTOMER,))
    assert envelope.whole
    assert content == octets_of(letter())


def test_pipelined_commands_are_answered_in_order(post: Post) -> None:
    """RFC 2920: envelope in one go; what comes behind a mail waits for its answer."""
    client = post.client("alice")
    said = f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{CUSTOMER}>\r\nRCPT TO:<x>\r\nDATA\r\n"
    client.send(said.encode())
    assert [line[:3] for line in client.read()] == ["250", "250", "553", "354"]
    client.lines.clear()
    post.hold_sending = True
    client.send(letter() + b"NOOP\r\nQUIT\r\n")
    assert not client.read()
    post.hold_sending = False
    post.release()
    assert [line[:3] for line in client.read()] == ["250", "250", "221"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_any_split_of_what_arrives_is_the_same(post: Post, size: int) -> None:
    """TCP cuts where it likes: also within CRLF, and within the dot's line."""
    client = post.client("alice")
    mail = letter(body="..a\r\n..\r\n.. .\r\n.b\r\n\r\n")
    said = f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{CUSTOMER}>\r\nDATA\r\n".encode() + mail
    for start in range(0, len(said), size):
        client.send(said[start : start + size])
    assert client.read()[-1].startswith("250 2.0.0")
    wanted = octets_of(mail).replace(b"\r\n..", b"\r\n.").replace(b"\r\n.b", b"\r\nb")
    assert post.relay.taken[0][2] == wanted


def test_passwords_are_taken_under_tls_or_from_this_machine(world: World) -> None:
    """From elsewhere AUTH isn't offered before STARTTLS, and no mail is taken."""
    post = Post(world, tls=object())
    post.connect("new", "192.0.2.7")
    post.run(
        f"""
        new S: 220 ...
        new C: EHLO x
        new S: ~
        new S: 250 STARTTLS
        new C: AUTH PLAIN {plain("alice@Standard")}
        new S: 538 5.7.11 Passwords are taken under TLS only: use STARTTLS.
        new C: MAIL FROM:<{ALICE}>
        new S: 530 5.7.0 Use STARTTLS first, then sign in.
        """
    )
    client = post.clients["new"]
    client.send(b"STARTTLS\r\nEHLO injected\r\nRSET\r\n")
    assert list(client.read()) == ["220 2.0.0 Begin TLS now."]
    client.lines.clear()
    assert len(client.wire.tls) == 1
    post.run(
        f"""
        new C: MAIL FROM:<{ALICE}>
        new S: 503 5.5.1 Say EHLO first.
        new C: EHLO x
        new S: ~
        new S: 250 AUTH PLAIN LOGIN
        new C: STARTTLS
        new S: 503 ...
        new C: AUTH PLAIN {plain("alice@Standard")}
        new S: 235 ...
        """
    )
    post.close()


def test_login_for_outlook(post: Post) -> None:
    """Two challenges, or the login with the command."""
    name = base64.b64encode(b"alice@example.org").decode()
    password = base64.b64encode(PASSWORD.encode()).decode()
    post.run(
        f"""
        new S: 220 ...
        new C: EHLO x
        new S: ~
        new S: 250 AUTH PLAIN LOGIN
        new C: AUTH LOGIN
        new S: 334 VXNlcm5hbWU6
        new C: {name}
        new S: 334 UGFzc3dvcmQ6
        new C: {password}
        new S: 235 2.7.0 Signed in as alice.
        new2 S: 220 ...
        new2 C: EHLO x
        new2 S: ~
        new2 S: 250 AUTH PLAIN LOGIN
        new2 C: AUTH LOGIN {name}
        new2 S: 334 UGFzc3dvcmQ6
        new2 C: *
        new2 S: 501 5.7.0 AUTH was cancelled.
        new2 C: AUTH PLAIN
        new2 S: 334...
        new2 C: no base64!
        new2 S: 501 5.5.2 Expected an answer in base64.
        new2 C: AUTH CRAM-MD5
        new2 S: 504 5.5.4 The mechanisms here are PLAIN and LOGIN.
        """
    )


def test_failed_sign_ins_are_slow_counted_and_end_the_connection(world: World) -> None:
    """By the same door as IMAP's: failures there count here."""
    limits = replace(Limits(), login_delay=2.0, login_failures=2)
    post = Post(world, limits)
    wrong = plain("alice@Standard", "wrong")
    post.run(
        f"""
        new S: 220 ...
        new C: EHLO x
        new S: ~
        new S: 250 AUTH PLAIN LOGIN
        new C: AUTH PLAIN {wrong}
        -- 2
        new S: 535 5.7.8 The login or the password is wrong.
        new C: AUTH PLAIN {wrong}
        -- 2
        -- 2
        new S: 535 5.7.8 The login or the password is wrong.
        new S: closed
        """
    )
    assert post.post.entrance.attempts.pause("alice@standard", "127.0.0.1", 0.0)
    post.close()


def test_nobody_sends_without_signing_in(post: Post) -> None:
    """Nothing is relayed for strangers."""
    post.run(
        f"""
        new S: 220 ...
        new C: MAIL FROM:<{ALICE}>
        new S: 503 5.5.1 Say EHLO first.
        new C: HELO x
        new S: 250 mail.example.org
        new C: MAIL FROM:<{ALICE}>
        new S: 530 5.7.0 Sign in first.
        new C: RCPT TO:<{CUSTOMER}>
        new S: 530 5.7.0 Sign in first.
        new C: DATA
        new S: 530 5.7.0 Sign in first.
        """
    )
    assert post.rows() == []


def test_commands_in_a_wrong_order_and_unknown_ones(post: Post) -> None:
    """Each is told, and the connection goes on."""
    post.run(
        f"""
        C: DATA
        S: 503 5.5.1 Say MAIL FROM first.
        C: RCPT TO:<{CUSTOMER}>
        S: 503 5.5.1 Say MAIL FROM first.
        C: MAIL FROM:<{ALICE}>
        S: 250 2.1.0 OK
        C: MAIL FROM:<{ALICE}>
        S: 503 5.5.1 A mail is begun already.
        C: DATA
        S: 503 5.5.1 Say RCPT TO first.
        C: RSET
        S: 250 2.0.0 OK
        C: RCPT TO:<{CUSTOMER}>
        S: 503 5.5.1 Say MAIL FROM first.
        C: AUTH PLAIN {plain("bob@Standard")}
        S: 503 5.5.1 You have signed in already.
        C: VRFY bob
        S: 252 ...
        C: HELP
        S: 214 ...
        C: NOOP
        S: 250 2.0.0 OK
        C: BDAT 5 LAST
        S: 502 5.5.1 That command doesn't work here.
        C: EXPN staff
        S: 502 5.5.1 That command doesn't work here.
        C: MAIL FROM:<{ALICE}> RET=HDRS
        S: 555 5.5.4 The parameter RET isn't offered.
        C: MAIL FROM:<{ALICE}> SIZE=99999999
        S: 552 5.3.4 Not sent: a mail has at most 52,428,800 octets here.
        """
    )


def test_a_stopping_server_says_so_after_what_runs(post: Post) -> None:
    """421 (RFC 5321 3.8): a mail that is being handed over is answered first."""
    idle, busy = post.client("bob"), post.client("alice")
    post.hold_sending = True
    assert post.submit(letter()) == ""
    over: list[object] = []
    post.factory.close().addCallback(over.append)
    assert list(idle.read()) == ["421 4.3.2 The server stops."]
    idle.lines.clear()
    idle.lose()
    assert not over
    assert post.factory.buildProtocol(None) is None
    post.hold_sending = False
    post.release()
    first, second = busy.read()
    assert first.startswith("250 2.0.0")
    assert second == "421 4.3.2 The server stops."
    busy.lose()
    assert over
