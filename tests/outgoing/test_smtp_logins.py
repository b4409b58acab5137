"""Every way of logging in at an SMTP server, the best first; and what keeps a password at home."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from pathlib import Path

import pytest
from handing import HOST, MAIL, TO, failed, handed, mailer, outcomes
from issuing import Issuer
from scramp import ScramMechanism
from scripted import HANG, Answer
from scripted_smtp import Smtp, close

from imapgate.outgoing.mailer import Mailer
from imapgate.servers.server import Login, OAuth, ServerError
from imapgate.servers.stream import Stream

USER, PASSWORD = "sénder", "sénder's word"
TOKEN = "token-of-the-day"
OAUTH = Login("oauth", USER, None, OAuth("https://login.example.net", "imapgate", "smtp"))
BY_PASSWORD = Login("password", USER)


def _encoded(text: bytes | str) -> bytes:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode())


class Asking(Smtp):
    """Asks as a mechanism does. play: takes what the client said (None: nothing yet); gives the
    next challenge, or whether it is let in."""

    def __init__(
        self, offered: str, play: Callable[[bytes | None], bytes | bool], **how: object
    ) -> None:
        listed = b"250-here\r\n250-AUTH " + offered.encode() + b"\r\n250 STARTTLS\r\n"
        more: dict[bytes, Answer] = {
            b"EHLO": listed,
            b"STARTTLS": b"220 go on\r\n",
            b"AUTH": lambda line: self._next(None),
        }
        super().__init__(more, **how)
        self._play = play
        self._is_asking = False
        self.entered = 0

    def _answer(self, line: bytes) -> bytes:
        if not self._is_asking:
            return super()._answer(line)
        self.said.pop()
        if line == b"*":
            self._is_asking = False
            return b"501 5.7.0 given up\r\n"
        return self._next(base64.b64decode(line, validate=True))

    def _next(self, given: bytes | None) -> bytes:
        asked = self._play(given)
        self._is_asking = isinstance(asked, bytes)
        if isinstance(asked, bytes):
            return b"334 " + _encoded(asked) + b"\r\n"
        self.entered += asked
        return b"235 2.7.0 in\r\n" if asked else b"535 5.7.8 no\r\n"


def plain() -> Callable[[bytes | None], bytes | bool]:
    return lambda given: b"" if given is None else given == f"\0{USER}\0{PASSWORD}".encode()


def login() -> Callable[[bytes | None], bytes | bool]:
    said: list[bytes] = []

    def play(given: bytes | None) -> bytes | bool:
        if given is not None:
            said.append(given)
        if len(said) < 2:
            return (b"Username:", b"Password:")[len(said)]
        return said == [USER.encode(), PASSWORD.encode()]

    return play


def cram() -> Callable[[bytes | None], bytes | bool]:
    challenge = b"<1.2@here>"
    digest = hmac.new(PASSWORD.encode(), challenge, "md5").hexdigest()
    return lambda given: challenge if given is None else given == f"{USER} {digest}".encode()


def scram(password: str = PASSWORD) -> Callable[[bytes | None], bytes | bool]:
    mechanism = ScramMechanism("SCRAM-SHA-256")
    server = mechanism.make_server(lambda user: mechanism.make_auth_info(password))
    at = iter(range(10))

    def play(given: bytes | None) -> bytes | bool:
        step = next(at)
        if step == 0:
            return b""
        assert given is not None
        if step == 1:
            server.set_client_first(given.decode())
            return str(server.get_server_first()).encode()
        if step == 2:
            try:
                server.set_client_final(given.decode())
            except Exception:  # noqa: BLE001 (whatever a wrong proof raises)
                return False
            return str(server.get_server_final()).encode()
        return True

    return play


def bearer(form: str, token: str = TOKEN) -> Callable[[bytes | None], bytes | bool]:
    """With a wrong token it tells why, and the client has to say a word before it is refused."""
    told: list[bool] = []

    def play(given: bytes | None) -> bytes | bool:
        if given is None:
            return b""
        if told:
            return False
        if given == form.format(token=token).encode():
            return True
        told.append(True)
        return b'{"status":"invalid_token","scope":"smtp"}'

    return play


XOAUTH2 = f"user={USER}\1auth=Bearer {{token}}\1\1"


def _oauthbearer(port: int) -> str:
    return f"n,a={USER},\1host={HOST}\1port={port}\1auth=Bearer {{token}}\1\1"


def _secure(server: Smtp, issuer: Issuer, way: Login = BY_PASSWORD) -> Mailer:
    return mailer(server.port, "starttls", ca=issuer.pem, login=way)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.mark.parametrize(
    ("offered", "play", "chosen"),
    [
        ("LOGIN PLAIN CRAM-MD5 SCRAM-SHA-256", scram, "SCRAM-SHA-256"),
        ("LOGIN PLAIN CRAM-MD5 NTLM", cram, "CRAM-MD5"),
        ("LOGIN PLAIN GSSAPI", plain, "PLAIN"),
        ("login", login, "LOGIN"),
    ],
)
def test_the_best_that_is_offered_is_taken(
    tmp_path: Path,
    issuer: Issuer,
    offered: str,
    play: Callable[[], Callable[[bytes | None], bytes | bool]],
    chosen: str,
) -> None:
    said: list[str] = []
    with Asking(offered, play(), context=issuer.server(tmp_path, host=HOST)) as server:
        results = handed(_secure(server, issuer), password=PASSWORD, said=said)
        assert (server.entered, server.mails) == (1, [MAIL])
    assert outcomes(results) == [(TO, "sent", "250 2.0.0")]
    assert f"C: AUTH {chosen}" in said
    whole = "\n".join(said)
    for secret in (
        PASSWORD,
        _encoded(PASSWORD).decode(),
        _encoded(f"\0{USER}\0{PASSWORD}").decode(),
    ):
        assert secret not in whole


@pytest.mark.parametrize("name", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_logs_in(tmp_path: Path, issuer: Issuer, name: str) -> None:
    said: list[str] = []
    asked: list[int] = []

    def token() -> str:
        asked.append(1)
        return TOKEN

    with Asking(
        f"PLAIN {name}", lambda given: play(given), context=issuer.server(tmp_path, host=HOST)
    ) as server:
        form = XOAUTH2 if name == "XOAUTH2" else _oauthbearer(server.port)
        play = bearer(form)
        results = handed(_secure(server, issuer, OAUTH), token=token, said=said)
        assert (server.entered, server.mails) == (1, [MAIL])
    assert outcomes(results) == [(TO, "sent", "250 2.0.0")]
    assert asked == [1]
    assert TOKEN not in "\n".join(said)


def test_a_token_that_has_expired_is_told_and_may_be_better_later(
    tmp_path: Path, issuer: Issuer
) -> None:
    play = bearer(XOAUTH2)
    with Asking("XOAUTH2", play, context=issuer.server(tmp_path, host=HOST)) as server:
        error = failed(_secure(server, issuer, OAUTH), token=lambda: "yesterday's")
        assert server.mails == []
    assert (error.step, error.permanent) == ("login", False)
    assert error.text == "The server refuses the user or the access token."
    assert "invalid_token" in error.technical
    assert "yesterday's" not in error.technical


def test_without_a_token_nobody_is_connected_to() -> None:
    def token() -> str:
        raise ServerError("token", "The authorization was withdrawn.", permanent=True)

    with Smtp() as server:
        error = failed(mailer(server.port, login=OAUTH), token=token)
        assert server.sent == 0
    assert (error.step, error.permanent) == ("token", True)


@pytest.mark.parametrize("way", [BY_PASSWORD, OAUTH])
def test_in_clear_text_nothing_is_said_but_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, way: Login
) -> None:
    """Neither password nor token; what shows neither is said."""
    offered = "PLAIN LOGIN XOAUTH2"
    with Asking(offered, plain()) as server:
        monkeypatch.setattr(Stream, "is_local", False)
        error = failed(mailer(server.port, login=way), password=PASSWORD, token=lambda: TOKEN)
        assert server.verbs_said() == ["EHLO"]
    assert (error.step, error.permanent) == ("login", True)
    assert error.hint == "Use a port with TLS, or STARTTLS."
    with Asking("PLAIN CRAM-MD5", cram()) as server:
        handed(mailer(server.port, login=BY_PASSWORD), password=PASSWORD)
        assert server.mails == [MAIL]
    monkeypatch.undo()
    with Asking(offered, plain()) as server:
        handed(mailer(server.port, login=BY_PASSWORD), password=PASSWORD)
        assert server.mails == [MAIL]


def test_what_came_before_tls_is_dropped(tmp_path: Path, issuer: Issuer) -> None:
    """Whoever stands between could have said it: that no log-in is offered, say."""
    said: list[str] = []
    before = b"220 go on\r\n250 injected\r\n"
    with Asking("PLAIN", plain(), context=issuer.server(tmp_path, host=HOST)) as server:
        server._answers[b"STARTTLS"] = before
        handed(_secure(server, issuer), password=PASSWORD, said=said)
        assert server.entered == 1
    assert "(14 octets that came before TLS are dropped)" in said
    assert [line for line in said if line.startswith("C: EHLO")] == [said[1]] * 2


@pytest.mark.parametrize(
    ("answer", "permanent", "text"),
    [
        (b"535 5.7.8 no\r\n", True, "The server refuses user or password."),
        (b"454 4.7.0 later\r\n", False, "The server lets nobody log in now."),
        (b"421 4.7.0 full\r\n", False, "The server lets nobody log in now."),
        (b"334 \r\n", False, "The server refuses user or password."),
        (b"334 no base64!\r\n", False, "The server doesn't keep to PLAIN."),
        (b"250-\r\n" * 20_000, False, "The server answers with more than 65,536 octets."),
        (close, False, f"{HOST} closed the connection."),
        (HANG, False, f"{HOST} didn't answer in time (0.3 s)."),
    ],
)
def test_a_login_that_fails(answer: Answer, permanent: bool, text: str) -> None:
    """Nothing is sent; only a refusal is for good."""
    with Asking("PLAIN", lambda given: False if given is not None else b"") as server:
        if answer != b"334 \r\n":
            server._answers[b"AUTH"] = answer
        if answer == b"334 no base64!\r\n":
            server._answers[b"*"] = b"501 given up\r\n"
        to = mailer(server.port, login=BY_PASSWORD, timeout=0.3 if answer == HANG else 20.0)
        error = failed(to, password=PASSWORD)
        assert server.mails == []
    assert error.text == text
    assert (error.step, error.permanent) == ("login", permanent or answer == b"334 \r\n")


def test_a_server_that_asks_without_end_is_left() -> None:
    with Asking("PLAIN", lambda given: b"") as server:
        error = failed(mailer(server.port, login=BY_PASSWORD), password=PASSWORD)
    assert error.text == "The server asks without end."


def test_a_server_that_can_t_prove_that_it_knows_the_password_is_left(
    tmp_path: Path, issuer: Issuer
) -> None:
    """SCRAM: 235 before its signature came."""
    real = scram()
    turn = iter(range(10))

    def play(given: bytes | None) -> bytes | bool:
        return real(given) if next(turn) < 2 else True

    with Asking("SCRAM-SHA-256", play, context=issuer.server(tmp_path, host=HOST)) as server:
        error = failed(_secure(server, issuer), password=PASSWORD)
        assert server.mails == []
    assert error.text == "The server doesn't keep to SCRAM-SHA-256."


def test_a_server_that_offers_nothing_that_fits_is_told() -> None:
    with Asking("GSSAPI NTLM", plain()) as server:
        error = failed(mailer(server.port, login=BY_PASSWORD), password=PASSWORD)
        named = Login("password", USER, "SCRAM-SHA-256")
        other = failed(mailer(server.port, login=named), password=PASSWORD)
    assert error.text == "The server offers no way to log in that the mailer can go."
    assert error.technical == "offered: GSSAPI, NTLM"
    assert other.text == "The server doesn't offer SCRAM-SHA-256."
