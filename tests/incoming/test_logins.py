"""Log-in to real servers and to bad ones: the best mechanism that both know, any password, and
nothing of it in the dialogue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest
from dovecot import Dovecot, Mailbox
from reading import opened, place
from scripted import Answer, Imap, Pop3, Server

from imapgate.incoming.account import IMAP_MECHANISMS, POP3_MECHANISMS, Place
from imapgate.incoming.mailboxes.connecting import Step, open_source, walk
from imapgate.servers import login_faults, sasl
from imapgate.servers.server import Login, Secrets, ServerError

PASSWORDS = ['a "quoted\\ {3}', "pässwörd ☃", " " + "x" * 300 + " "]
SECRETS = Secrets("secret word")


def mechanism(where: Place, secrets: Secrets) -> str:
    """The one that was taken."""
    taken = ""
    for one in walk(where, secrets):
        if not isinstance(one, Step):
            one.close()
        elif one.name == "login":
            taken = one.text.rpartition(" ")[2]
    return taken


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    ("protocol", "name"),
    [
        *(("imap", one) for one in IMAP_MECHANISMS),
        *(("pop3", one) for one in (*POP3_MECHANISMS, "USER")),
    ],
)
def test_each_mechanism_takes_any_password(
    dovecot: Dovecot, protocol: str, name: str, password: str
) -> None:
    """Any UTF-8; SCRAM's comparison ignores what SASLprep does (RFC 4013), Dovecot's too."""
    mailbox = dovecot.new_mailbox(password=password)
    where = place(dovecot, mailbox, protocol, mechanism=name)
    assert mechanism(where, Secrets(password)) == name


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_the_best_offered_is_taken(dovecot: Dovecot, mailbox: Mailbox, protocol: str) -> None:
    where = place(dovecot, mailbox, protocol)
    assert mechanism(where, Secrets(mailbox.password)) == "SCRAM-SHA-256"


@pytest.mark.parametrize("password", ["", "wrong", "wröng"])
@pytest.mark.parametrize(
    ("protocol", "name"),
    [("imap", None), ("imap", "CRAM-MD5"), ("imap", "PLAIN"), ("pop3", None), ("pop3", "APOP")],
)
def test_a_wrong_password_lasts(
    dovecot: Dovecot, mailbox: Mailbox, protocol: str, name: str | None, password: str
) -> None:
    """And is told with the mechanism, never with the password."""
    with pytest.raises(ServerError, match="refuses user or password") as caught:
        mechanism(place(dovecot, mailbox, protocol, mechanism=name), Secrets(password))
    assert (caught.value.step, caught.value.permanent) == ("login", True)
    assert (name or "SCRAM-SHA-256") in caught.value.hint


def offering(words: bytes) -> dict[bytes, Answer]:
    return {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 " + words + b"\r\n$ OK done\r\n"}


def test_the_command_login_where_there_is_no_sasl() -> None:
    """Quoted; a name or password that can't be quoted goes as a literal."""
    with Imap() as server:
        mechanism(server.place("imap", login=Login(user='a"b')), Secrets("c\\d e"))
        assert b'i2 LOGIN "a\\"b" "c\\\\d e"' in server.said
    said: list[bytes] = []

    def continuing(line: bytes) -> bytes:
        said.append(line)
        return b"+ go\r\n"

    def ending(line: bytes) -> bytes:
        return b"+ go\r\n" if line.endswith(b"}") else b"i2 OK in\r\n"

    last = "wört".encode().upper()
    with Imap({b"LOGIN": continuing, last: ending, b"": ending}) as server:
        server.named = lambda line: _named(server, line)  # type: ignore[method-assign]
        assert (
            mechanism(server.place("imap", login=Login(user="ärger")), Secrets("wört")) == "LOGIN"
        )
    assert server.said[1:4] == [b"i2 LOGIN {6}", "ärger {5}".encode(), "wört".encode()]


def _named(server: Server, line: bytes) -> tuple[bytes, bytes]:
    """Literals' lines have no tag."""
    if re.match(rb"i\d+ ", line):
        return Imap.named(server, line)  # type: ignore[arg-type]
    return b"i2", b""


@pytest.mark.parametrize(
    ("protocol", "more", "wanted"),
    [
        ("imap", offering(b"LOGINDISABLED STARTTLS"), None),
        ("imap", offering(b"LOGINDISABLED"), "LOGIN"),
        ("imap", offering(b"AUTH=GSSAPI LOGINDISABLED"), None),
        ("imap", offering(b"AUTH=PLAIN"), "CRAM-MD5"),
        ("imap", offering(b"AUTH=PLAIN"), "NTLM"),
        ("pop3", {b"CAPA": b"+OK\r\nUIDL\r\n.\r\n"}, None),
        ("pop3", {}, "APOP"),
        ("pop3", {b"CAPA": b"+OK\r\nSASL PLAIN\r\n.\r\n"}, "SCRAM-SHA-256"),
    ],
)
def test_what_is_not_offered_is_not_tried(
    protocol: str, more: dict[bytes, Answer], wanted: str | None
) -> None:
    """Above all no password is said."""
    kind = Imap if protocol == "imap" else Pop3
    with kind(more) as server, pytest.raises(ServerError) as caught:
        mechanism(server.place(protocol, login=Login(user="u", mechanism=wanted)), SECRETS)
    assert (caught.value.step, caught.value.permanent) == ("login", True)
    assert caught.value.technical.startswith("offered: ")
    said = b" ".join(server.said).upper()
    assert not any(word in said for word in (b"SECRET", b"LOGIN", b"AUTH", b"PASS", b"USER"))


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_a_server_that_can_serve_nobody_now_is_no_wrong_password(protocol: str) -> None:
    """Trying again may help."""
    server: Server = Imap({b"LOGIN": b"$ NO [UNAVAILABLE] later\r\n"})
    if protocol == "pop3":
        server = Pop3({b"PASS": b"-ERR [IN-USE] locked\r\n"})
    with server, pytest.raises(ServerError) as caught:
        mechanism(server.place(protocol), SECRETS)
    assert (caught.value.step, caught.value.permanent) == ("login", False)
    assert "locked" in caught.value.technical or "later" in caught.value.technical


@pytest.mark.parametrize("protocol", ["imap", "pop3", "imaps", "pop3s"])
def test_clear_text_is_warned_of(
    dovecot: Dovecot, mailbox: Mailbox, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond this machine, without TLS, and where the mechanism shows the password."""

    def warnings(name: str | None) -> list[str]:
        with opened(place(dovecot, mailbox, protocol, mechanism=name), mailbox) as source:
            return list(source.warnings)

    assert warnings("PLAIN") == []
    monkeypatch.setattr("imapgate.servers.stream.Stream.is_local", False)
    expected = [] if protocol.endswith("s") else [login_faults.UNSAFE]
    assert warnings("PLAIN") == expected
    assert warnings("LOGIN") == expected
    assert warnings("CRAM-MD5") == []


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
@pytest.mark.parametrize("name", ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN", "APOP", "USER"])
def test_the_dialogue_shows_no_secret(
    dovecot: Dovecot, mailbox: Mailbox, protocol: str, name: str
) -> None:
    """Nor what it could be guessed from; nor a message."""
    if protocol == "imap" and name in ("APOP", "USER"):
        name = "LOGIN"
    mailbox.deliver(b"Subject: private\r\n\r\nprivate\r\n")
    said: list[str] = []
    with opened(place(dovecot, mailbox, protocol, mechanism=name), mailbox, said.append) as source:
        (one,) = source.waiting({})
        source.read(one.key, 1_000)
        source.settle([one.key], "delete", None)
    text = "\n".join(said)
    encoded = base64.b64encode(mailbox.password.encode()).decode()
    challenges = re.findall(r"[A-Za-z0-9+/]{40,}=*", text)
    for secret in (mailbox.password, encoded, "private", *challenges):
        assert secret not in text.replace("".join(said[:1]), "")
    assert "***" in text
    assert {line[:3] for line in said} == {"C: ", "S: "}


def test_a_server_that_echoes_the_password_is_masked() -> None:
    """In errors and in the dialogue."""
    said: list[str] = []
    echo = b"$ NO [AUTHENTICATIONFAILED] the password 'secret word' is wrong\r\n"
    with Imap({b"LOGIN": echo}) as server, pytest.raises(ServerError) as caught:
        open_source(server.place("imap"), SECRETS, dialogue=said.append)
    assert "'***' is wrong" in caught.value.technical
    assert "secret" not in "\n".join(said)


def scram(line: bytes, nonce: str, salt: bytes, password: bytes) -> tuple[bytes, bytes]:
    """Server's first and final message to the client's first (RFC 5802)."""
    bare = line.partition(b",,")[2]
    given = bare.rpartition(b"r=")[2]
    first = b"r=%b%b,s=%b,i=4096" % (given, nonce.encode(), base64.b64encode(salt))
    salted = hashlib.pbkdf2_hmac("sha256", password, salt, 4096)
    key = hmac.digest(salted, b"Server Key", "sha256")
    without = b"c=biws,r=" + given + nonce.encode()
    signature = hmac.digest(key, b",".join((bare, first, without)), "sha256")
    return first, b"v=" + base64.b64encode(signature)


@pytest.mark.parametrize("fault", ["", "signature", "skipped", "nonce", "rounds"])
def test_scram_proves_the_server(fault: str) -> None:
    """One that doesn't know the password, or would cost hours, gets no mail read from it."""
    messages: list[bytes] = []

    def answer(line: bytes) -> bytes:
        if line.endswith(b"SCRAM-SHA-256"):
            return b"+ \r\n"
        if line == b"*":
            return b"i2 BAD given up\r\n"
        given = base64.b64decode(line)
        if not messages:
            password = b"another" if fault == "signature" else b"secret word"
            messages.extend(scram(given, "srv", b"sixteen octets..", password))
            first = messages.pop(0)
            if fault == "nonce":
                first = b"r=mine" + first[first.index(b",") :]
            if fault == "rounds":
                first = first.replace(b"i=4096", b"i=99999999999")
            return b"+ " + base64.b64encode(first) + b"\r\n"
        if given and fault != "skipped":
            return b"+ " + base64.b64encode(messages[0]) + b"\r\n"
        return b"i2 OK in\r\n"

    with Imap({**offering(b"AUTH=SCRAM-SHA-256"), b"AUTHENTICATE": answer, b"": answer}) as server:
        server.named = lambda line: _named(server, line)  # type: ignore[method-assign]
        if not fault:
            assert mechanism(server.place("imap"), SECRETS) == "SCRAM-SHA-256"
            return
        with pytest.raises(ServerError, match="doesn't keep to SCRAM-SHA-256") as caught:
            mechanism(server.place("imap"), SECRETS)
    assert caught.value.step == "login"
    assert b"SELECT" not in b" ".join(server.said)


def test_none_is_for_servers_that_know_us_already() -> None:
    """PREAUTH, or no log-in at all."""
    without = Login(authentication="none")
    with Imap(greeting=b"* PREAUTH hello\r\n") as server:
        assert mechanism(server.place("imap", login=without), Secrets()) == "none"
    with Imap({b"SELECT": b"$ BAD log in first\r\n"}) as server, pytest.raises(ServerError) as one:
        mechanism(server.place("imap", login=without), Secrets())
    assert one.value.step == "folder"
    assert not any(b"LOGIN" in line for line in server.said)


@pytest.mark.parametrize("greeting", ["+OK <a@b> hi", "+OK hi <1896.697170952@dbc.mtview.ca.us>"])
def test_apop_digests_the_time_stamp(greeting: str) -> None:
    """RFC 1939 7's own example is among them."""
    stamp = greeting[greeting.index("<") : greeting.index(">") + 1]
    expected = hashlib.md5(f"{stamp}tanstaaf".encode()).hexdigest()
    assert sasl.digest(greeting, "tanstaaf") == expected
    if "1896" in greeting:
        assert expected == "c4c9334bac560ecc979e58001b3e22fb"


@pytest.mark.parametrize("greeting", ["+OK", "+OK <>", "+OK <a@b", "+OK a@b>", "+OK <ä@b>", "> <"])
def test_a_greeting_without_a_time_stamp_has_no_apop(greeting: str) -> None:
    assert sasl.digest(greeting, "x") is None
