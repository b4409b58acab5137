"""A mailer's server is reached: what is said first, whose certificate is taken, what is offered."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from handing import HOST, MAIL, failed, handed, mailer
from issuing import Issuer
from scripted import HANG
from scripted_smtp import Smtp

from imapgate.outgoing.mailer import Relay
from imapgate.outgoing.smtp.connecting import presented
from imapgate.outgoing.smtp.dialogue import _features
from imapgate.servers.server import ServerError, Tls


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("desk.example.org", b"EHLO desk.example.org"),
        ("desk", b"EHLO [127.0.0.1]"),
        ("desk.example.org\r\nRSET", b"EHLO [127.0.0.1]"),
        ("d\u00e9sk.example.org", b"EHLO [127.0.0.1]"),
        ("x" * 300 + ".example.org", b"EHLO [127.0.0.1]"),
    ],
)
def test_it_says_who_it_is(monkeypatch: pytest.MonkeyPatch, name: str, said: bytes) -> None:
    """By the machine's full name, or else by its address (RFC 5321 4.1.3)."""
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    with Smtp() as server:
        handed(mailer(server.port))
        assert server.said[0] == said


def test_an_address_of_ipv6_is_said_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "desk")
    monkeypatch.setattr("imapgate.servers.stream.Stream.local", "fe80::1%eth0")
    with Smtp() as server:
        handed(mailer(server.port))
        assert server.said[0] == b"EHLO [IPv6:fe80::1]"


def test_what_a_server_offers_is_gathered() -> None:
    """However it writes it, and not without end."""
    lines = (b"SIZE 100", b"auth PLAIN", b"AUTH=LOGIN", b"8bitmime", b"", b"SIZE", b"\xff x")
    found = _features(lines)
    assert found["AUTH"].split() == ["PLAIN", "LOGIN"]
    assert (found["SIZE"], found["8BITMIME"]) == ("100", "")
    assert len(_features(tuple(b"X-%d" % n for n in range(10_000)))) == 200


@pytest.mark.parametrize("size", ["", "0", "many", "-5", "99999999999999999999999", "\u0663"])
def test_only_a_size_that_is_one_counts(size: str) -> None:
    with Smtp({b"EHLO": b"250-here\r\n250 SIZE " + size.encode() + b"\r\n"}) as server:
        (result,) = handed(mailer(server.port))
        assert (result.outcome, server.mails) == ("sent", [MAIL])


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ({"host": "other.example"}, f"The server's certificate isn't for {HOST}."),
        ({"host": HOST, "days": (-9, -1)}, "The server's certificate has expired."),
        ({"host": HOST, "days": (1, 9)}, "The server's certificate isn't valid yet."),
        (
            {"host": HOST, "version": ssl.TLSVersion.TLSv1_2},
            "The server doesn't speak TLS 1.3 or newer.",
        ),
    ],
)
def test_a_wrong_certificate_stops_it(
    tmp_path: Path, security: str, shown: dict[str, object], text: str
) -> None:
    """Before anything is said inside TLS."""
    issuer = Issuer()
    context = issuer.server(tmp_path, **shown)  # type: ignore[arg-type]
    with _server(context, security) as server:
        tls = Tls(security == "starttls", "1.3" if "version" in shown else "1.2", ca=issuer.pem)
        error = failed(mailer(server.port, security, tls=tls))
        assert server.verbs_said() == (["EHLO", "STARTTLS"] if security == "starttls" else [])
    assert (error.step, error.text) == ("tls", text)


def _server(context: ssl.SSLContext, security: str) -> Smtp:
    offering = {b"EHLO": b"250-here\r\n250 STARTTLS\r\n", b"STARTTLS": b"220 go on\r\n"}
    return Smtp(offering, context=context, at_once=security == "tls")


@pytest.mark.parametrize("answer", [b"454 4.7.0 not now\r\n", b"502 5.5.1 what?\r\n"])
def test_refused_starttls_is_the_end(answer: bytes) -> None:
    with Smtp({b"EHLO": b"250-here\r\n250 STARTTLS\r\n", b"STARTTLS": answer}) as server:
        error = failed(mailer(server.port, "starttls"))
        assert server.verbs_said() == ["EHLO", "STARTTLS"]
    assert (error.step, error.text) == ("tls", "The server refuses STARTTLS.")


def test_a_server_that_speaks_tls_from_the_start_is_told_from_one_that_doesn_t(
    tmp_path: Path,
) -> None:
    with Smtp() as server:
        error = failed(mailer(server.port, "tls"))
    assert error.text == "The server doesn't speak TLS on this port."
    context = Issuer().server(tmp_path, host=HOST)
    with Smtp(context=context, at_once=True) as server:
        error = failed(mailer(server.port, timeout=0.3))
    assert (error.step, "TLS from the start" in error.hint) == ("greeting", True)


def test_connecting_has_its_own_time() -> None:
    """Shorter than that of sending, which a server may need for a large mail."""
    with Smtp({b"EHLO": HANG}) as server:
        error = failed(mailer(server.port, connecting=20.0, timeout=0.3))
    assert (error.step, error.technical) == ("greeting", "0 octets had come")
    # Whoever doesn't take connections any more doesn't answer either.
    with socket.socket() as full:
        full.bind((HOST, 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            error = failed(mailer(full.getsockname()[1], connecting=0.3, timeout=20.0))
        finally:
            for one in waiting:
                one.close()
    assert (error.step, error.text.startswith("Nothing answers at")) == ("connect", True)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_is_shown_to_be_looked_at(tmp_path: Path, security: str) -> None:
    """However bad it is; nobody logs in, and no mail is begun."""
    context = Issuer().server(tmp_path, host="other.example", days=(-9, -1))
    with _server(context, security) as server:
        shown = presented(Relay(HOST, server.port, security, Tls(security == "starttls")))
        assert "MAIL" not in server.verbs_said()
    assert "CN=other.example" in shown.text
    with pytest.raises(ServerError) as caught:
        presented(Relay(HOST, 1, "none"))
    assert caught.value.text == "Without TLS the server shows no certificate."
