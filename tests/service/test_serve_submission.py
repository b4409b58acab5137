"""The submission listeners of a real server, with a mail client's library and an SMTP server behind
it: nothing in between but sockets."""

from __future__ import annotations

import json
import re
import signal
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from running import HOST, Running, start
from smtp_sink import Sink

from certs.material import AUTHORITY
from imapgate.cli.main import imapgate
from imapgate.settings import Settings

PASSWORD = "anna's own"
MAIL = (
    "From: Anna <anna@acme.example>\r\nTo: erika@example.com\r\nSubject: Hello\r\n"
    "Message-ID: <1@acme.example>\r\n\r\nGood mörning.\r\n.\r\n..\r\n"
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    words = ("init", "--email", "anna@acme.example", "--admin", "anna", "--segment", "Acme")
    done = CliRunner().invoke(
        imapgate, ["--data", str(directory), *words], env={"IMAPGATE_PASSWORD": PASSWORD}
    )
    assert done.exit_code == 0, done.output
    return directory


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path / "sink") as made:
        yield made


def _ports(running: Running) -> list[int]:
    return [int(one) for one in re.findall(r"port (\d+) \(SMTP", running.told)]


def _mailer(data: Path, port: int) -> None:
    words = ["mailer", "add", "main", "--host", HOST, "--port", str(port), "--security", "none"]
    words += ["--from", "crm@acme.example"]
    done = CliRunner().invoke(imapgate, ["--data", str(data), *words])
    assert done.exit_code == 0, done.output


def test_mail_goes_through_both_listeners_and_out(data: Path, sink: Sink) -> None:
    """With STARTTLS and with TLS, as a library does it; what arrives is what was written, but for
    blind copies. The log says so without subject, address or text."""
    _mailer(data, sink.port)
    ports = ("--submission-port", "0", "--submission-tls-port", "0")
    running = start(data, "serve", "--log", "json", *ports)
    try:
        context = ssl.create_default_context(cafile=str(data / "certs" / AUTHORITY))
        plain, tls = _ports(running)
        with smtplib.SMTP(HOST, plain, timeout=30) as client:
            client.starttls(context=context)
            client.login("anna@acme.example", PASSWORD)
            client.sendmail("anna@acme.example", ["erika@example.com"], MAIL.encode())
        with smtplib.SMTP_SSL(HOST, tls, timeout=30, context=context) as client:
            client.login("anna@Acme", PASSWORD)
            said = MAIL.replace("<1@", "<2@").encode()
            blind = b"Bcc: b@example.com\r\n" + said
            client.sendmail("anna@acme.example", ["erika@example.com", "b@example.com"], blind)
        listed = running.json("outbox", "list")
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert sink.messages == [MAIL.encode(), said]
    assert sink.to == ["erika@example.com", "erika@example.com", "b@example.com"]
    assert [one["state"] for one in listed] == ["sent", "sent"]
    events = [json.loads(line) for line in log.splitlines()]
    assert [one["code"] for one in events if one.get("event") == "submission"] == [250, 250]
    assert [one["port"] for one in events if one.get("event") == "listening_submission"] == [
        plain,
        tls,
    ]
    assert "Hello" not in log
    assert "erika" not in log


def test_without_a_mailer_and_without_a_right_answer_the_client_is_told(
    data: Path, tmp_path: Path
) -> None:
    """Each as a library raises it; the listener is off unless it is asked for."""
    running = start(data, "serve", IMAPGATE_SUBMISSION_PORT="0")
    try:
        (port,) = _ports(running)
        with smtplib.SMTP(HOST, port, timeout=30) as client:
            client.login("anna@Acme", PASSWORD)
            with pytest.raises(smtplib.SMTPSenderRefused, match="There is no mailer") as refused:
                client.sendmail("anna@acme.example", ["erika@example.com"], MAIL.encode())
            assert refused.value.smtp_code == 451
        with Sink(tmp_path / "refusing", refused="550 5.1.1 Nobody of that name.") as sink:
            _mailer(data, sink.port)
            with smtplib.SMTP(HOST, port, timeout=30) as client:
                client.login("anna@Acme", PASSWORD)
                with pytest.raises(smtplib.SMTPDataError, match="Nobody of that name") as told:
                    client.sendmail("anna@acme.example", ["erika@example.com"], MAIL.encode())
                assert told.value.smtp_code == 550
    finally:
        code, log = running.stop()
    assert code == 0, log
    nothing_said = Settings(data)
    assert (nothing_said.submission_port, nothing_said.submission_tls_port) == (None, None)


def test_a_server_killed_before_the_other_one_s_answer_sends_nothing_twice(
    data: Path, tmp_path: Path
) -> None:
    """The mail is handed over, and nobody knows whether it was taken: after the start the same mail
    is told as that."""
    came, goes_on = threading.Event(), threading.Event()

    def deliver(_: bytes) -> None:
        came.set()
        goes_on.wait(60)

    def submit(port: int) -> Exception | None:
        try:
            with smtplib.SMTP(HOST, port, timeout=60) as client:
                client.login("anna@Acme", PASSWORD)
                client.sendmail("anna@acme.example", ["erika@example.com"], MAIL.encode())
        except smtplib.SMTPException as told:
            return told
        return None

    with Sink(tmp_path / "sink", deliver=deliver) as sink, ThreadPoolExecutor() as clients:
        _mailer(data, sink.port)
        running = start(data, "serve", "--submission-port", "0")
        (port,) = _ports(running)
        heard = clients.submit(submit, port)
        assert came.wait(60)
        running.stop(signal.SIGKILL)
        assert isinstance(heard.result(), smtplib.SMTPServerDisconnected)
        goes_on.set()
        running = start(data, "serve", "--submission-port", "0")
        try:
            until = time.monotonic() + 30
            while running.json("outbox", "list")[0]["state"] != "uncertain":
                assert time.monotonic() < until, "nobody looks at what was left"
                time.sleep(0.2)
            told = submit(_ports(running)[0])
        finally:
            code, log = running.stop()
    assert code == 0, log
    assert isinstance(told, smtplib.SMTPDataError)
    assert told.smtp_code == 554
    assert b"It may have been sent" in told.smtp_error
    assert len(sink.messages) == 1
