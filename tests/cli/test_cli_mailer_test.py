"""`imapgate mailer test`: a mail goes out, each step with what the server answered."""

from __future__ import annotations

import base64
import json
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from command import Command
from mail_accounts import add_oauth, secrets_of
from smtp_sink import HOST, PASSWORD, USER, Sink
from token_server import CLIENT, SECRET, TokenServer

from imapgate.incoming import accounts
from imapgate.outgoing import mailers
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Database


class TokenSink(Sink):
    """Takes the access tokens that a token server has given, by XOAUTH2."""

    token_server: TokenServer

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = await server.challenge_auth("") if len(args) == 1 else base64.b64decode(args[1])
        assert isinstance(said, bytes)
        token = said.decode().split("\x01")[1].removeprefix("auth=Bearer ")
        return AuthResult(success=token in self.token_server.active, handled=False)


def _add(command: Command, sink: Sink, *more: str, password: str = PASSWORD) -> None:
    (command.data / "ca.pem").write_text(sink.authority)
    done = command.run(
        *("mailer", "add", "relay", "--host", HOST, "--port", str(sink.port)),
        *("--ca", str(command.data / "ca.pem"), "--from", "crm@acme.example", *more),
        password=password,
    )
    assert done.exit_code == 0, done.output


def _steps(command: Command, *words: str) -> dict[str, Any]:
    done = command.run("mailer", "test", "relay", *words, "--json")
    shown: dict[str, Any] = json.loads(done.stdout)
    return {"exit": done.exit_code, **shown}


def test_each_step_is_shown_with_the_server_s_answer(acme: Command, tmp_path: Path) -> None:
    """The mail is real: From the mailer's address, with a text by the template."""
    with Sink(tmp_path, "starttls", login=True) as sink:
        _add(acme, sink, "--user", USER, "--reply-to", "desk@acme.example")
        port = sink.port
        told = acme.ok(
            *("mailer", "test", "relay", "--to", "anna@acme.example"),
            *("--cc", "bert@acme.example", "--bcc", "carl@acme.example"),
        )
    states = [line[:10].strip() for line in told.splitlines() if not line.startswith(" ")]
    steps = [line[11:21].strip() for line in told.splitlines() if not line.startswith(" ")]
    assert steps[:-1] == [
        *("name", "connect", "greeting", "tls", "login", "sender", "recipients", "data"),
        *("recipient", "recipient", "recipient"),
    ]
    assert set(states[:-1]) == {"ok"}
    assert "anna@acme.example: sent\n                      250 taken" in told
    assert told.endswith("The server took it over: look whether it arrives.\n")
    assert sink.to == ["anna@acme.example", "bert@acme.example", "carl@acme.example"]
    mail = message_from_bytes(sink.messages[0], policy=default)
    assert (mail["From"], mail["To"], mail["Cc"], mail["Reply-To"]) == (
        *("crm@acme.example", "anna@acme.example", "bert@acme.example", "desk@acme.example"),
    )
    assert b"carl" not in sink.messages[0]
    assert mail["Subject"] == "Test of mailer relay"
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"handed over to {HOST}:{port}" in body.get_content()
    assert "last success:" in acme.ok("mailer", "show", "relay")
    assert "never" not in acme.ok("mailer", "show", "relay")


def test_words_of_one_s_own(acme: Command, tmp_path: Path) -> None:
    """No header comes of them but the subject."""
    with Sink(tmp_path, "tls") as sink:
        _add(acme, sink, "--security", "tls")
        words = ("--subject", "Grüße\r\nBcc: x@y.example", "--text", "Ein Text.\n.\nEnde")
        assert _steps(acme, "--to", "anna@acme.example", *words)["exit"] == 0
    mail = message_from_bytes(sink.messages[0], policy=default)
    assert mail["Subject"] == "Grüße Bcc: x@y.example"
    assert mail["Bcc"] is None
    assert mail.get_content().splitlines() == ["Ein Text.", ".", "Ende"]


def test_a_recipient_who_is_refused_fails_it(acme: Command, tmp_path: Path) -> None:
    """The others get it, and what the server said is shown. The mailer itself hasn't failed."""
    refused = {"zoe@acme.example": "550 5.1.1 No such user"}
    with Sink(tmp_path, "starttls", refused_to=refused) as sink:
        _add(acme, sink)
        shown = _steps(acme, "--to", "anna@acme.example", "--to", "zoe@acme.example")
    assert shown["exit"] == 1
    answers = [(one["state"], one["text"]) for one in shown["steps"] if one["step"] == "recipient"]
    assert answers == [("ok", "anna@acme.example: sent"), ("failed", "zoe@acme.example: refused")]
    assert "550 5.1.1 No such user" in str(shown["steps"][-1]["technical"])
    kept = acme.json("mailer", "show", "relay")
    assert (kept["error"], kept["failures"]) == (None, 0)
    assert kept["succeeded_at"] is not None
    assert sink.to == ["anna@acme.example"]


def test_a_wrong_password_is_told_with_what_to_do(acme: Command, tmp_path: Path) -> None:
    """What comes after it wasn't tried; the password stands nowhere."""
    with Sink(tmp_path, "starttls", login=True) as sink:
        _add(acme, sink, "--user", USER, password="a wrong one")
        done = acme.run("mailer", "test", "relay", "--to", "anna@acme.example")
    assert done.exit_code == 1
    states = {line[11:21].strip(): line[:10].strip() for line in done.stdout.splitlines()}
    assert (states["tls"], states["login"], states["sender"]) == ("ok", "failed", "not tried")
    assert "a wrong one" not in done.output
    assert sink.messages == []
    log = "".join(one.read_text() for one in (acme.data / "log").iterdir())
    assert "outgoing_by_hand" in log
    assert "a wrong one" not in log


def test_a_certificate_that_nobody_vouches_for(acme: Command, tmp_path: Path) -> None:
    with Sink(tmp_path, "starttls") as sink:
        _add(acme, sink)
        acme.ok("mailer", "edit", "relay", "--ca", "")
        shown = _steps(acme, "--to", "anna@acme.example")
        assert [one["step"] for one in shown["steps"] if one["state"] == "failed"] == ["tls"]
        acme.run("mailer", "edit", "relay", "--verify", "off")
        shown = _steps(acme, "--to", "anna@acme.example")
    assert shown["exit"] == 0
    assert [one["step"] for one in shown["steps"] if one["state"] == "warning"] == ["tls"]
    assert "certificate is not checked" in shown["warnings"][0]


def test_what_is_intercepted_is_said_before_and_after(acme: Command, tmp_path: Path) -> None:
    """To another address, or into files; nothing else leaves."""
    with Sink(tmp_path, "starttls") as sink:
        _add(acme, sink, "--intercept", "tests@acme.example")
        done = acme.run("mailer", "test", "relay", "--to", "anna@elsewhere.example")
        assert done.exit_code == 0
        assert "whoever a mail is for, it goes to tests@acme.example" in done.stderr
        assert done.stdout.endswith("Intercepted: it did not go to whom it is for.\n")
        assert sink.to == ["tests@acme.example"]
        acme.run("mailer", "edit", "relay", "--intercept", "file")
        assert _steps(acme, "--to", "anna@elsewhere.example")["exit"] == 0
    assert len(sink.messages) == 1
    (written,) = (acme.data / "intercepted").iterdir()
    assert b"Test of mailer relay" in written.read_bytes()


def test_the_fallback_sender_is_warned_of(acme: Command, tmp_path: Path) -> None:
    with Sink(tmp_path, "starttls") as sink:
        _add(acme, sink)
        acme.run("mailer", "edit", "relay", "--from", "")
        done = acme.run("mailer", "test", "relay", "--to", "anna@acme.example")
    assert done.exit_code == 0
    assert "From noreply@localhost, which nobody can answer" in done.stderr
    assert sink.senders == ["noreply@localhost"]


def test_a_server_that_is_away(acme: Command, tmp_path: Path) -> None:
    with Sink(tmp_path, "starttls") as sink:
        _add(acme, sink)
    shown = _steps(acme, "--to", "anna@acme.example")
    assert [one["step"] for one in shown["steps"] if one["state"] == "failed"] == ["connect"]
    assert acme.json("mailer", "show", "relay")["failures"] == 1


def test_whom_it_is_for_has_to_be_said(acme: Command) -> None:
    acme.run("mailer", "add", "relay", "--host", "m.acme.example", "--from", "crm@acme.example")
    assert acme.run("mailer", "test", "relay").exit_code == 2
    assert "no e-mail address" in acme.run("mailer", "test", "relay", "--to", "no one").stderr


def test_an_account_s_refresh_token_stays_one(
    acme: Command, tmp_path: Path, token_server: TokenServer
) -> None:
    """The server rotates it: the account has the new one, which both go on with."""
    account = add_oauth(acme, token_server, user="crm@example.org")
    key = SecretKey(acme.data / "secrets.key")
    first = token_server.new_refresh()
    with closing(Database.open(acme.data / "imapgate.db")) as db:
        db.write(
            lambda tx: accounts.replace_secrets(tx, account, Secrets(refresh_token=first), key)
        )
    (tmp_path / "sink").mkdir()
    sink = TokenSink(tmp_path / "sink", "starttls", login=True)
    sink.token_server = token_server
    with sink:
        _add(acme, sink, "--account", "support")
        assert acme.json("mailer", "show", "relay")["secrets"] == ["client_secret", "refresh_token"]
        for _ in range(2):
            shown = _steps(acme, "--to", "anna@acme.example")
            assert shown["exit"] == 0, shown
            assert shown["steps"][0]["step"] == "token"
    assert len(sink.messages) == 2
    stored = secrets_of(acme, account)
    assert list(token_server.refresh) == [stored.refresh_token]
    assert stored.refresh_token != first
    assert stored.client_secret == SECRET


def test_an_application_that_is_gone_fails_at_the_token(
    acme: Command, tmp_path: Path, token_server: TokenServer
) -> None:
    """The account signs in by a password from now on: nobody is connected to."""
    add_oauth(acme, token_server)
    with Sink(tmp_path, "starttls") as sink:
        _add(acme, sink, "--account", "support")
        acme.ok("account", "edit", "support", "--authentication", "password")
        shown = _steps(acme, "--to", "anna@acme.example")
    assert (shown["exit"], shown["steps"][0]["state"]) == (1, "failed")
    assert shown["steps"][0]["step"] == "token"
    assert "doesn't sign in by OAuth any more" in shown["steps"][0]["text"]
    assert {one["state"] for one in shown["steps"][1:]} == {"not tried"}
    lacking = acme.json("mailer", "show", "relay")["lacking"]
    assert lacking.startswith('Account "support" doesn\'t sign in by OAuth')


def test_a_mailer_is_authorized_by_a_code(
    acme: Command, tmp_path: Path, token_server: TokenServer
) -> None:
    """With an application of its own; the token is stored encrypted, for the mailer."""
    token_server.interval = 0.01

    def before(path: str) -> None:
        for device in token_server.devices.values():
            if path == "/tenant/token":
                device.approved = True

    token_server.before_answer = before
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{SECRET}\n")
    (tmp_path / "ca.pem").write_text(token_server.authority)
    done = acme.run(
        *("mailer", "add", "relay", "--host", HOST, "--from", "crm@acme.example"),
        *("--authentication", "oauth", "--user", "crm@example.org", "--client-id", CLIENT),
        *("--authority", token_server.issuer, "--grant", "refresh_token"),
        *("--client-secret-file", str(secret), "--ca", str(tmp_path / "ca.pem")),
    )
    assert done.exit_code == 0, done.output
    assert "It has to be authorized: `imapgate mailer authorize" in done.stderr
    done = acme.run("mailer", "authorize", "relay", "--device", "--reason", "new")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith('Mailer "relay" is authorized.')
    with closing(Database.open(acme.data / "imapgate.db")) as db:
        key = SecretKey(acme.data / "secrets.key")
        mailer = db.read(lambda tx: mailers.find_mailer(tx, 1, "relay"))
        stored = db.read(lambda tx: mailers.secrets_of(tx, mailer, key))
    assert list(token_server.refresh) == [stored.refresh_token]
    newest = acme.json("mailer", "history", "relay")[0]
    assert (newest["changes"], newest["reason"]) == ({"refresh_token": [None, "set"]}, "new")
    assert acme.json("mailer", "show", "relay")["lacking"] is None


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_is_shown_and_pinned(acme: Command, tmp_path: Path, security: str) -> None:
    """After a yes; from then on it is trusted as it is. With --to a mail follows at once."""
    with Sink(tmp_path, security) as sink:
        at = ("--host", HOST, "--port", str(sink.port), "--security", security)
        acme.ok("mailer", "add", "relay", *at, "--from", "crm@acme.example")
        first = acme.run("mailer", "test", "relay", "--to", "anna@acme.example")
        assert (first.exit_code, sink.messages) == (1, [])
        assert "imapgate mailer test NAME --trust" in first.stdout
        no = acme.run("mailer", "test", "relay", "--trust", input="n\n")
        assert (no.exit_code, no.stderr.endswith("Nothing was pinned.\n")) == (1, True)
        yes = acme.run("mailer", "test", "relay", "--trust", "--reason", "ours", input="y\n")
        assert (yes.exit_code, sink.messages) == (0, [])
        (newest, *_) = acme.json("mailer", "history", "relay")
        assert newest["reason"] == "ours"
        assert newest["changes"]["pin"][1] in yes.stderr
        again = acme.run("mailer", "test", "relay", "--trust", "--to", "anna@acme.example")
        assert (again.exit_code, len(sink.messages)) == (0, 1)
        assert "It is pinned already." in again.stderr


def test_without_tls_there_is_nothing_to_pin(acme: Command, tmp_path: Path) -> None:
    with Sink(tmp_path) as sink:
        at = ("--host", HOST, "--port", str(sink.port), "--security", "none")
        acme.ok("mailer", "add", "relay", *at, "--from", "crm@acme.example")
        assert "Without TLS" in acme.refused("mailer", "test", "relay", "--trust")
    acme.ok("mailer", "add", "local", "--sendmail", "--from", "crm@acme.example")
    assert "no certificate" in acme.refused("mailer", "test", "local", "--trust")
