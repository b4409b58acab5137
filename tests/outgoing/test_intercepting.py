"""On a test system nothing leaves but to where `intercept` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from handing import MAIL, SENDER, TO, failed, handed, mailer, outcomes, steps
from scripted_smtp import Smtp
from smtp_sink import Sink

from imapgate.outgoing.mailer import TO_FILE
from imapgate.outgoing.smtp.delivering import steps_of

WATCHER = "watcher@example.org"
OTHER = "jürgen@bücher.example"
ADDED = (
    b"X-Imapgate-Intercepted-From: desk@example.org\r\n"
    b"X-Imapgate-Intercepted-For: customer@example.net\r\n"
)


def test_the_address_gets_everything(tmp_path: Path) -> None:
    """Whoever it was for, and by whom; what can't be delivered comes back to it, too."""
    with Sink(tmp_path) as sink:
        results = handed(mailer(sink.port, intercept=WATCHER), TO, OTHER)
        assert (sink.to, sink.senders) == ([WATCHER], [WATCHER])
        (content,) = sink.messages
    assert content.startswith(ADDED)
    assert content.endswith(b"\r\n" + MAIL)
    assert content.count(b"X-Imapgate-Intercepted-For: ") == 2
    assert outcomes(results) == [(TO, "sent", "250"), (OTHER, "sent", "250")]
    assert {one.text for one in results} == {f"Intercepted: for {WATCHER} instead. taken"}


def test_by_sendmail_as_well(tmp_path: Path) -> None:
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\ncat > {tmp_path}/mail\n')
    program.chmod(0o700)
    to = mailer(0, relay=None, sendmail=str(program), intercept=WATCHER)
    assert outcomes(handed(to)) == [(TO, "sent", "0")]
    assert (tmp_path / "arguments").read_text() == f"-i -f {WATCHER} -- {WATCHER}\n"
    assert (tmp_path / "mail").read_bytes() == (ADDED + MAIL).replace(b"\r\n", b"\n")


def test_nobody_else_gets_it_where_the_address_is_refused() -> None:
    with Smtp({b"RCPT": b"550 5.1.1 nobody\r\n"}) as server:
        results = handed(mailer(server.port, intercept=WATCHER), TO, OTHER)
        told = [line for line in server.said if line.startswith((b"MAIL", b"RCPT"))]
        assert len(told) == 2
        assert all(b"<watcher@example.org>" in line for line in told)
    assert [one.outcome for one in results] == ["refused"] * 2


def test_a_forged_recipient_makes_no_field(tmp_path: Path) -> None:
    """It isn't an address, so it is none of those whom the mail was for."""
    with Sink(tmp_path) as sink:
        results = handed(mailer(sink.port, intercept=WATCHER), "a@b\r\nBcc: x@example.net", TO)
        assert sink.messages == [ADDED + MAIL]
    assert [one.outcome for one in results] == ["refused", "sent"]


@pytest.mark.parametrize("way", ["smtp", "sendmail"])
def test_files_are_written_and_no_server_is_asked(tmp_path: Path, way: str) -> None:
    """With the mode of what is private; the record says where."""
    kept = tmp_path / "intercepted"
    more = {"relay": None} if way == "sendmail" else {}
    to = mailer(1, intercept=TO_FILE, **more)
    ends: list[str] = []
    (result,) = handed(to, intercepted=kept, ends=ends)
    handed(to, intercepted=kept)
    first, _ = sorted(kept.iterdir())
    assert first.read_bytes() == ADDED + MAIL
    assert first.suffix == ".eml"
    assert first.stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700
    assert (result.outcome, result.code) == ("sent", None)
    assert result.text == f"Intercepted: written to {first} instead of being sent."
    assert ends == ["end"]
    assert steps(to, intercepted=kept) == steps_of(to) == ["data"]


def test_a_blind_copy_stays_unseen_but_is_told_of(tmp_path: Path) -> None:
    content = MAIL.replace(b"Subject", b"Bcc: hidden@example.net\r\nSubject")
    handed(
        mailer(1, intercept=TO_FILE), "hidden@example.net", content=content, intercepted=tmp_path
    )
    (file,) = tmp_path.glob("*.eml")
    assert file.read_bytes() == ADDED.replace(b"customer", b"hidden") + MAIL


def test_a_file_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    """Nothing is sent then either, and nothing is left of it."""
    (tmp_path / "taken").write_bytes(b"")
    error = failed(mailer(1, intercept=TO_FILE), intercepted=tmp_path / "taken")
    assert (error.step, error.permanent) == ("data", False)

    class Books(list[str]):
        def append(self, one: str) -> None:
            raise KeyError

    kept = tmp_path / "kept"
    with pytest.raises(KeyError):
        handed(mailer(1, intercept=TO_FILE), intercepted=kept, ends=Books())
    assert os.listdir(kept) == []
    assert SENDER not in error.text
