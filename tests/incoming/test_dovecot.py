"""The Dovecot of the tests' own is what the other tests take it for."""

from __future__ import annotations

import imaplib
import os
import poplib
import time

from dovecot import HOST, Dovecot, Mailbox, client_context

MAIL = b"From: a@example.net\r\nSubject: one\r\n\r\nHello\r\n"


def test_it_serves_a_mailbox_by_imap_and_by_pop3(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """What was delivered comes out of both, over TLS and STARTTLS."""
    mailbox.deliver(MAIL)
    with imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client:
        client.starttls(client_context(dovecot))
        client.login(mailbox.user, mailbox.password)
        assert client.select()[1] == [b"1"]
        assert client.fetch("1", "(BODY.PEEK[])")[1][0][1] == MAIL
    context = client_context(dovecot)
    pop = poplib.POP3_SSL("localhost", dovecot.port("pop3s"), timeout=20, context=context)
    pop.apop(mailbox.user, mailbox.password)
    assert b"\r\n".join(pop.retr(1)[1]) + b"\r\n" == MAIL
    pop.dele(1)
    pop.quit()
    assert mailbox.files() == []


def test_users_are_strangers_to_each_other(dovecot: Dovecot) -> None:
    """Each test has a mailbox of its own, and a password may have any character."""
    one, other = dovecot.new_mailbox(password='gehéim:"☃\\'), dovecot.new_mailbox()
    one.deliver(MAIL, MAIL)
    assert one.messages() == [MAIL, MAIL]
    assert other.messages() == []
    plain = f"\0{one.user}\0{one.password}".encode()
    with imaplib.IMAP4(HOST, dovecot.port("imap"), timeout=20) as client:
        assert client.authenticate("PLAIN", lambda _: plain)[0] == "OK"


def test_nothing_is_left_of_it(dovecot_installed: None) -> None:
    """No process, no file."""
    with Dovecot(mechanisms="plain") as server:
        process = server._process
        assert process is not None
        assert process.poll() is None
        root = server.root
    assert process.returncode is not None
    assert not root.exists()
    ends = time.monotonic() + 20
    while _group_lives(process.pid):
        assert time.monotonic() < ends
        time.sleep(0.01)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
