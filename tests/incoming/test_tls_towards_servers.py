"""TLS and STARTTLS: what is trusted, how faults are told apart, and that nothing is said in clear
text where TLS was asked for."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dovecot import Dovecot, Mailbox
from issuing import Issuer
from reading import place
from scripted import Answer, Imap, Pop3, Server

from imapgate.incoming.mailboxes.connecting import open_source, presented, walk
from imapgate.servers import certificates
from imapgate.servers.server import Secrets, ServerError, Step, Tls

SECRETS = Secrets("secret word")
WAYS: list[tuple[type[Server], str, bool]] = [
    (Imap, "imaps", False),
    (Imap, "imap", True),
    (Pop3, "pop3s", False),
    (Pop3, "pop3", True),
]
STARTING: dict[type[Server], dict[bytes, Answer]] = {
    Imap: {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n$ OK done\r\n",
        b"STARTTLS": b"$ OK begin\r\n",
    },
    Pop3: {},
}


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def issue(issuer: Issuer, tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    return lambda **more: issuer.server(tmp_path, **more)


def serving(kind: type[Server], protocol: str, context: ssl.SSLContext) -> Server:
    return kind(STARTING[kind], context=context, at_once=protocol.endswith("s"))


def warnings_of(server: Server, protocol: str, tls: Tls, host: str = "localhost") -> list[str]:
    with server:
        source = open_source(server.place(protocol, tls=tls, host=host), SECRETS)
        source.close()
    return list(source.warnings)


def fault(server: Server, protocol: str, tls: Tls, host: str = "localhost") -> ServerError:
    """And nothing of the log-in was said."""
    with server, pytest.raises(ServerError) as caught:
        open_source(server.place(protocol, tls=tls, host=host), SECRETS)
    said = b" ".join(server.said)
    assert not any(word in said for word in (b"secret", b"LOGIN", b"USER", b"AUTH"))
    return caught.value


@pytest.mark.parametrize(("kind", "protocol", "starttls"), WAYS)
def test_an_own_ca_is_trusted(
    kind: type[Server],
    protocol: str,
    starttls: bool,
    issuer: Issuer,
    issue: Callable[..., ssl.SSLContext],
) -> None:
    """Without a warning; by an address, too, if the certificate has it."""
    tls = Tls(starttls, ca=issuer.pem)
    assert warnings_of(serving(kind, protocol, issue()), protocol, tls) == []
    by_address = serving(kind, protocol, issue(host="127.0.0.1"))
    assert warnings_of(by_address, protocol, tls, "127.0.0.1") == []


FAULTS: list[tuple[str, dict[str, object], dict[str, object], str]] = [
    ("expired", {"days": (-9, -2)}, {}, "has expired"),
    ("not yet valid", {"days": (2, 9)}, {}, "isn't valid yet"),
    ("another host", {"host": "mail.example.org"}, {}, "isn't for localhost"),
    ("unknown issuer", {}, {"ca": None}, "issued by nobody who is known"),
    ("too old", {"version": ssl.TLSVersion.TLSv1_2}, {"lowest": "1.3"}, "speak TLS 1.3 or newer"),
    (
        "another pinned",
        {},
        {"pinned": "00" * 32},
        "another certificate than the one that is pinned",
    ),
    ("no ca", {}, {"ca": "-----BEGIN CERTIFICATE-----\nnonsense"}, "no certificate in PEM"),
]


@pytest.mark.parametrize(("kind", "protocol", "starttls"), WAYS[:2])
@pytest.mark.parametrize(
    ("made", "wanted", "text"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS]
)
def test_faults_are_told_apart(
    kind: type[Server],
    protocol: str,
    starttls: bool,
    made: dict[str, object],
    wanted: dict[str, object],
    text: str,
    issuer: Issuer,
    issue: Callable[..., ssl.SSLContext],
) -> None:
    """Each with what OpenSSL said, and most with what to do."""
    tls = Tls(starttls, **{"ca": issuer.pem, **wanted})  # type: ignore[arg-type]
    error = fault(serving(kind, protocol, issue(**made)), protocol, tls)
    assert text in error.text
    assert error.step == "tls"
    assert error.technical


@pytest.mark.parametrize(("kind", "protocol", "starttls"), WAYS)
def test_unverified_warns_each_time(
    kind: type[Server], protocol: str, starttls: bool, issue: Callable[..., ssl.SSLContext]
) -> None:
    """Expired, for another host, by nobody: taken only where the place says so."""
    context = issue(host="mail.example.org", days=(-9, -2))
    tls = Tls(starttls, verify=False)
    for _ in range(2):
        server = serving(kind, protocol, context)
        assert warnings_of(server, protocol, tls) == [certificates.UNVERIFIED]


@pytest.mark.parametrize(("kind", "protocol", "starttls"), WAYS)
def test_a_certificate_is_shown_and_pinned(
    kind: type[Server], protocol: str, starttls: bool, issue: Callable[..., ssl.SSLContext]
) -> None:
    """What `presented` gives opens the same server, and no other; nothing is logged in for it."""
    context = issue(host="mail.example.org", days=(-9, -2))
    with serving(kind, protocol, context) as server:
        shown = presented(server.place(protocol, tls=Tls(starttls), host="localhost"))
    assert not any(b"LOGIN" in line or b"USER" in line for line in server.said)
    assert "CN=mail.example.org" in shown.text
    assert shown.pem.startswith("-----BEGIN CERTIFICATE-----")
    for pinned in (
        shown.sha256,
        ":".join(shown.sha256.upper()[n : n + 2] for n in range(0, 64, 2)),
    ):
        tls = Tls(starttls, pinned=pinned)
        assert warnings_of(serving(kind, protocol, context), protocol, tls) == []
    other = serving(kind, protocol, issue(host="mail.example.org"))
    assert "pinned" in fault(other, protocol, Tls(starttls, pinned=shown.sha256)).text


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_without_tls_nothing_can_be_shown(protocol: str) -> None:
    with (Imap if protocol == "imap" else Pop3)() as server, pytest.raises(ServerError) as caught:
        presented(server.place(protocol))
    assert "shows no certificate" in caught.value.text


@pytest.mark.parametrize(
    ("kind", "protocol", "more"),
    [
        (Imap, "imap", {}),
        (Imap, "imap", {**STARTING[Imap], b"STARTTLS": b"$ NO not now\r\n"}),
        (Imap, "imap", {**STARTING[Imap], b"STARTTLS": b"$ BAD what?\r\n"}),
        (Pop3, "pop3", {b"CAPA": b"+OK\r\nUSER\r\n.\r\n"}),
        (Pop3, "pop3", {b"CAPA": b"-ERR what?\r\n", b"STLS": b"-ERR what?\r\n"}),
        (Pop3, "pop3", {b"STLS": b"-ERR not now\r\n"}),
    ],
)
def test_starttls_that_is_not_offered_is_never_passed_over(
    kind: type[Server], protocol: str, more: dict[bytes, Answer]
) -> None:
    """Whoever stands between could strip it."""
    server = kind(more)
    error = fault(server, protocol, Tls(starttls=True, verify=False))
    assert error.step == "tls"
    assert "STARTTLS" in error.text
    was_asked_for = any(line.endswith((b"STARTTLS", b"STLS")) for line in server.said)
    assert was_asked_for == any(verb in more for verb in (b"STARTTLS", b"STLS"))
    assert error.hint


def test_logged_in_before_starttls_is_refused() -> None:
    """PREAUTH would keep us from TLS (RFC 9051 7.1.4)."""
    server = Imap(STARTING[Imap], greeting=b"* PREAUTH welcome\r\n")
    error = fault(server, "imap", Tls(starttls=True, verify=False))
    assert (error.step, server.said) == ("tls", [])


@pytest.mark.parametrize(("kind", "protocol", "starttls"), [WAYS[1], WAYS[3]])
def test_what_came_before_tls_is_dropped(
    kind: type[Server],
    protocol: str,
    starttls: bool,
    issuer: Issuer,
    issue: Callable[..., ssl.SSLContext],
) -> None:
    """Somebody between adds an answer to STARTTLS's, which would be taken for the server's own."""
    said: list[str] = []
    more = dict(STARTING[kind])
    if kind is Imap:
        more[b"STARTTLS"] = b"$ OK begin\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\ni3 OK evil\r\n"
    else:
        more[b"STLS"] = b"+OK begin\r\n+OK\r\nSASL EVIL\r\n.\r\n"
    with kind(more, context=issue()) as server:
        where = server.place(protocol, tls=Tls(starttls, ca=issuer.pem), host="localhost")
        source = open_source(where, SECRETS, dialogue=said.append)
        assert source.count() == 2
        source.close()
    assert any("before TLS are dropped" in line for line in said)
    assert "evil" not in "\n".join(said).lower()


@pytest.mark.parametrize("protocol", ["imaps", "pop3s"])
def test_no_tls_on_this_port(protocol: str) -> None:
    """A server that speaks first in clear text; one that says nothing; one that cuts."""
    error = fault(Imap(), protocol, Tls())
    assert "doesn't speak TLS on this port" in error.text
    with Imap(greeting=b"(hang)") as server, pytest.raises(ServerError, match="in time") as caught:
        open_source(server.place(protocol, timeout=0.2), SECRETS)
    assert caught.value.step == "tls"
    with Imap(greeting=b"", cut=0) as server, pytest.raises(ServerError) as caught:
        open_source(server.place(protocol), SECRETS)
    assert caught.value.step == "tls"


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_port_that_waits_for_tls(dovecot: Dovecot, mailbox: Mailbox, protocol: str) -> None:
    """Nothing is said in clear text there: the hint says what may be wrong."""
    where = place(dovecot, mailbox, protocol)
    where = replace(where, port=dovecot.port(f"{protocol}s"), timeout=0.2)
    with pytest.raises(ServerError, match="in time") as caught:
        open_source(where, SECRETS)
    assert (caught.value.step, "set TLS from the start" in caught.value.hint) == ("greeting", True)


@pytest.mark.parametrize(("protocol", "starttls"), [one[1:] for one in WAYS])
def test_a_real_server_over_tls(
    dovecot: Dovecot, mailbox: Mailbox, protocol: str, starttls: bool
) -> None:
    """Each way, with the steps that `account test` shows."""
    mailbox.deliver(b"Subject: x\r\n\r\nHello\r\n")
    where = place(dovecot, mailbox, protocol, tls=Tls(starttls, "1.3", ca=dovecot.authority))
    names = []
    for one in walk(where, Secrets(mailbox.password)):
        if isinstance(one, Step):
            names.append(one.name)
            if one.name == "greeting":
                assert "Dovecot" in one.text
                assert "CAPABILITY" not in one.text
            if one.name == "folder":
                assert one.text.endswith(" has 1 message")
            if one.name == "tls":
                assert one.text.startswith("TLSv1.3, certificate of ")
                assert presented(where).sha256 in one.text
        else:
            assert one.count() == 1
            one.close()
    at_once = ["name", "connect", "tls", "greeting", "login", "folder"]
    started = ["name", "connect", "greeting", "tls", "login", "folder"]
    assert names == (started if starttls else at_once)


def test_the_systems_authorities_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Which OpenSSL finds by SSL_CERT_FILE, as the system's own tools do."""
    issuer = Issuer("A system's authority")
    (tmp_path / "ca.pem").write_text(issuer.pem)
    server = Imap(context=issuer.server(tmp_path), at_once=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert warnings_of(server, "imaps", Tls()) == []


@pytest.mark.parametrize(("kind", "protocol", "starttls"), [WAYS[1], WAYS[2]])
def test_cut_inside_tls(
    kind: type[Server],
    protocol: str,
    starttls: bool,
    issuer: Issuer,
    issue: Callable[..., ssl.SSLContext],
) -> None:
    """Without TLS's own goodbye, which nobody could forge: never taken for the end of a list."""
    context = issue()
    tls = Tls(starttls, ca=issuer.pem)
    at_once = protocol.endswith("s")

    def reading(cut: int | None) -> int:
        with kind(STARTING[kind], context=context, at_once=at_once, cut=cut) as server:
            where = server.place(protocol, tls=tls, host="localhost")
            source = open_source(where, SECRETS)
            try:
                for one in source.waiting({}):
                    source.read(one.key, 1_000)
            finally:
                source.close()
        return server.sent

    for cut in range(0, reading(None) - 60, 23):
        with pytest.raises(ServerError, match=r"closed the connection|no TLS connection"):
            reading(cut)
