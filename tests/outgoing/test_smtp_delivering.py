"""Mail is handed to a real SMTP server (aiosmtpd)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from handing import HOST, MAIL, SENDER, TO, failed, handed, mailer, outcomes, steps
from smtp_sink import PASSWORD, USER, Sink

from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.smtp.connecting import presented
from imapgate.outgoing.smtp.delivering import steps_of
from imapgate.servers.server import Login, Tls


def _mailer(sink: Sink, security: str, login: bool = False, **more: str) -> Mailer:
    way = Login("password", USER, more.get("mechanism")) if login else None
    return mailer(sink.port, security, ca=sink.authority, login=way)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
@pytest.mark.parametrize("login", [False, True])
def test_it_is_handed_over(tmp_path: Path, security: str, login: bool) -> None:
    """By every security, with and without a user; the server has the very octets."""
    ends: list[str] = []
    with Sink(tmp_path, security, login) as sink:
        to = _mailer(sink, security, login)
        results = handed(to, TO, "second@example.net", password=PASSWORD, ends=ends)
        assert sink.messages == [MAIL]
        assert (sink.to, sink.senders) == ([TO, "second@example.net"], [SENDER])
    assert outcomes(results) == [
        (TO, "sent", "250"),
        ("second@example.net", "sent", "250"),
    ]
    assert results[0].text == "taken"
    assert ends == ["end"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_mechanism_may_be_named(tmp_path: Path, mechanism: str) -> None:
    said: list[str] = []
    with Sink(tmp_path, "starttls", True) as sink:
        to = _mailer(sink, "starttls", True, mechanism=mechanism)
        handed(to, password=PASSWORD, said=said)
        assert len(sink.messages) == 1
    assert f"C: AUTH {mechanism}" in said


def test_no_secret_is_in_the_dialogue(tmp_path: Path) -> None:
    """Nor the mail's text."""
    said: list[str] = []
    with Sink(tmp_path, "starttls", True) as sink:
        handed(_mailer(sink, "starttls", True), password=PASSWORD, said=said)
    assert "C: ***" in said
    assert f"C: ({len(MAIL)} octets, the mail)" in said
    assert not [line for line in said if "word" in line or "Hello" in line]


def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    with Sink(tmp_path, "starttls", True) as sink:
        error = failed(_mailer(sink, "starttls", True), password="not this one")
    assert (error.step, error.permanent) == ("login", True)
    assert error.text == "The server refuses user or password."
    assert error.technical.startswith("535")
    assert "the mailer may name another mechanism" in error.hint
    assert "not this one" not in error.technical


def test_a_server_that_wants_a_login_has_its_say(tmp_path: Path) -> None:
    """To the sender's address, so that it is the answer for each recipient."""
    with Sink(tmp_path, "starttls", True) as sink:
        results = handed(_mailer(sink, "starttls"), TO, "second@example.net")
        assert sink.messages == []
    assert [(one.outcome, one.code) for one in results] == [("refused", "530 5.7.0")] * 2
    assert results[0].text == "Authentication required"


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path, security: str) -> None:
    """Nothing is said to that server any more."""
    with Sink(tmp_path, security, True) as sink:
        to = _mailer(sink, security, True)
        assert to.relay is not None
        stranger = replace(to, relay=replace(to.relay, tls=Tls(starttls=security == "starttls")))
        error = failed(stranger, password=PASSWORD)
        pinned = Tls(to.relay.tls.starttls, pinned=presented(to.relay).sha256)
        assert handed(replace(to, relay=replace(to.relay, tls=pinned)), password=PASSWORD)
        other = Tls(to.relay.tls.starttls, pinned="00" * 32)
        wrong = failed(replace(to, relay=replace(to.relay, tls=other)), password=PASSWORD)
        assert len(sink.messages) == 1
    assert error.step == "tls"
    assert error.text == "The server's certificate was issued by nobody who is known here."
    assert "the mailer's own CA" in error.hint
    assert "imapgate mailer test NAME --trust" in error.hint
    assert wrong.text == "The server shows another certificate than the one that is pinned."


def test_without_verification_it_is_said_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Sink(tmp_path, "tls") as sink:
        handed(mailer(sink.port, "tls", tls=Tls(verify=False)))
        assert len(sink.messages) == 1
    warned = [one for one in caplog.records if getattr(one, "event", "") == "outgoing_warning"]
    assert [one.getMessage() for one in warned] == [
        "mailer relay: The server's certificate isn't verified: anybody could stand between."
    ]


def test_starttls_is_never_done_without(tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        error = failed(mailer(sink.port, "starttls"))
        assert sink.messages == []
    assert (error.step, error.permanent) == ("tls", True)
    assert error.text == "The server doesn't offer STARTTLS."


@pytest.mark.parametrize(
    ("security", "names"),
    [
        ("none", "name connect greeting login sender recipients data"),
        ("starttls", "name connect greeting tls login sender recipients data"),
        ("tls", "name connect tls greeting login sender recipients data"),
    ],
)
def test_the_steps_are_those_that_are_announced(tmp_path: Path, security: str, names: str) -> None:
    with Sink(tmp_path, security) as sink:
        to = _mailer(sink, security)
        assert steps(to) == steps_of(to) == names.split()


def test_refused_recipients_are_told_apart(tmp_path: Path) -> None:
    """The others get the mail; a mail that is for all or nobody is handed over to none."""
    with Sink(tmp_path, refused_to={"gone@example.net": "550 5.1.1 Nobody here"}) as sink:
        results = handed(mailer(sink.port), "gone@example.net", TO)
        assert sink.to == [TO]
        whole = handed(mailer(sink.port), "gone@example.net", TO, whole=True)
        nobody = handed(mailer(sink.port), "gone@example.net")
        assert len(sink.messages) == 1
    assert outcomes(results) == [
        ("gone@example.net", "refused", "550 5.1.1"),
        (TO, "sent", "250"),
    ]
    assert results[0].text == "Nobody here"
    assert [one.outcome for one in whole] == ["refused", "later"]
    assert [one.outcome for one in nobody] == ["refused"]


def test_a_mail_that_is_too_large_isn_t_begun(tmp_path: Path) -> None:
    """As the server says before (SIZE)."""
    said: list[str] = []
    with Sink(tmp_path, size=1000) as sink:
        big = MAIL + b"x" * 1000
        (result,) = handed(mailer(sink.port), content=big, said=said)
        assert sink.messages == []
    assert (result.outcome, result.code) == ("refused", "552 5.3.4")
    assert result.text == f"The mail has {len(big) + 2:,} octets, the server takes 1,000."
    assert not [line for line in said if "MAIL" in line]


def test_nothing_listens() -> None:
    error = failed(mailer(1, connecting=5.0))
    assert (error.step, error.permanent) == ("connect", False)
    assert error.text == f"Nothing answers at {HOST}, port 1."
