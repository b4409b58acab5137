"""Mail goes to a true server, Exim, and comes out of a true mailbox, Dovecot's."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from corpus import MESSAGES
from dovecot import Mailbox
from exim import PASSWORD, USER, Exim, arrived
from handing import MAIL, handed, mailer, outcomes

from imapgate.servers.server import Login

NOBODY = "nobody@example.org"


def _delivered(mailbox: Mailbox, count: int = 1) -> list[bytes]:
    """Without what each server adds at the top."""
    return [one.partition(b"X-Here: \n")[2] for one in arrived(mailbox, count)]


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("mechanism", [None, "CRAM-MD5", "PLAIN", "LOGIN"])
def test_it_takes_the_mail(
    exim: Exim, mailbox: Mailbox, security: str, mechanism: str | None
) -> None:
    """By every security and every mechanism that it has; who isn't known there is told of."""
    said: list[str] = []
    to = mailer(
        exim.smtps if security == "tls" else exim.smtp,
        security,
        ca=exim.authority,
        login=Login("none") if mechanism is None else Login("password", USER, mechanism),
    )
    results = handed(
        to, mailbox.user, NOBODY, content=b"X-Here: \r\n" + MAIL, password=PASSWORD, said=said
    )
    assert outcomes(results) == [(mailbox.user, "sent", "250"), (NOBODY, "refused", "550")]
    assert results[0].text.startswith("OK id=")
    assert results[1].text == "Nobody here"
    assert _delivered(mailbox) == [MAIL.replace(b"\r\n", b"\n")]
    assert (f"C: AUTH {mechanism}" in said) is (mechanism is not None)


def test_nasty_mails_arrive_as_they_were(exim: Exim, mailbox: Mailbox) -> None:
    """But for their line ends, of which each server has its own; none ends early."""
    names = [
        "dots",
        "tag_like_lines",
        "from_line_in_body",
        "plain_bare_lf",
        "plain_no_final_line_end",
    ]
    for name in names:
        content = b"X-Here: \r\n" + MESSAGES[name]
        (result,) = handed(mailer(exim.smtp), mailbox.user, content=content)
        assert result.outcome == "sent", (name, result)
    wanted = {MESSAGES[name].replace(b"\r\n", b"\n").rstrip(b"\n") for name in names}
    assert {one.rstrip(b"\n") for one in _delivered(mailbox, len(names))} == wanted


def test_a_mail_that_is_too_large_for_it_isn_t_begun(exim: Exim, mailbox: Mailbox) -> None:
    (result,) = handed(mailer(exim.smtp), mailbox.user, content=MAIL + b"x" * 21 * 1024 * 1024)
    assert (result.outcome, result.code) == ("refused", "552 5.3.4")


def test_its_sendmail_takes_the_mail(exim: Exim, mailbox: Mailbox) -> None:
    """Recipients are arguments, an empty sender too; what it doesn't take has its exit code."""
    to = mailer(0, relay=None, sendmail=str(exim.sendmail))
    dated = b"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n" + MAIL
    meant = dated + b".\r\nbehind a dot\r\n"
    content = b"X-Here: \r\n" + meant
    assert outcomes(handed(to, mailbox.user, content=content)) == [(mailbox.user, "sent", "0")]
    assert [one.outcome for one in handed(to, mailbox.user, content=content, sender="")] == ["sent"]
    assert _delivered(mailbox, 2) == [meant.replace(b"\r\n", b"\n")] * 2


def test_nothing_is_left_of_it(exim_installed: None, tmp_path: Path) -> None:
    """No process, no file."""
    with Exim(tmp_path) as server:
        process = server._process
        assert process is not None
        assert process.poll() is None
        root = server.root
    assert process.returncode is not None
    assert not root.exists()
    end = time.monotonic() + 20
    while _lives(process):
        assert time.monotonic() < end
        time.sleep(0.01)


def _lives(process: subprocess.Popen[bytes]) -> bool:
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    return True
