"""A mailer made ready to send by: with the secrets that are kept for it, its tokens, its switch."""

from __future__ import annotations

import logging
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path

import pytest
from mailing import PostOffice, office_of
from smtp_sink import HOST, PASSWORD, USER, Sink
from token_server import CLIENT, SECRET, TokenServer
from world import World

from imapgate.outgoing.delivery import SENT, Envelope
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.opening import Opener
from imapgate.servers.secrets import SecretsError
from imapgate.servers.server import Login, Secrets, ServerError

CONTENT = b"From: crm@example.org\r\nTo: anna@example.com\r\nSubject: x\r\n\r\nText\r\n"
ENVELOPE = Envelope("crm@example.org", ("anna@example.com",))


@pytest.fixture
def office(world: World, tmp_path: Path) -> PostOffice:
    return office_of(world, tmp_path)


@pytest.fixture
def opener(world: World, tmp_path: Path) -> Opener:
    return Opener(world.db, tmp_path / "secrets.key", tmp_path / "data")


def _sent(opener: Opener, mailer: Mailer) -> str:
    (result,) = opener(mailer)(ENVELOPE, CONTENT, lambda: None)
    return result.outcome


def test_the_stored_password_logs_in(office: PostOffice, opener: Opener, tmp_path: Path) -> None:
    """As it is when it is opened: a new one counts at once."""
    with Sink(tmp_path, "starttls", login=True) as sink:
        made = office.add(
            *("relay", Secrets(password="a wrong one")),
            host=HOST,
            port=sink.port,
            ca=sink.authority,
            user=USER,
        )
        with pytest.raises(ServerError) as wrong:
            _sent(opener, made)
        assert wrong.value.step == "login"
        office.edit(made, Secrets(password=PASSWORD))
        assert _sent(opener, made) == SENT
    assert message_from_bytes(sink.messages[0])["Subject"] == "x"


def test_without_the_key_nobody_is_connected_to(office: PostOffice, opener: Opener) -> None:
    made = office.add("relay", Secrets(password="x"), user="crm")
    office.key.path.unlink()
    with pytest.raises(SecretsError, match="is missing"):
        opener(made)


def test_what_is_switched_off_sends_nothing(office: PostOffice, opener: Opener) -> None:
    """It isn't wrong for good: mail waits."""
    made = office.edit(office.add(), active=False)
    with pytest.raises(ServerError, match="is switched off") as off:
        opener(made)
    assert not off.value.permanent
    assert office.standing(made).warnings[0].startswith("It is switched off")
    assert office.records()[0].changes == {"active": (True, False)}


def test_an_application_that_is_gone_is_wrong_for_good(office: PostOffice, opener: Opener) -> None:
    made = office.add()
    assert made.relay is not None
    gone = replace(made, account_id=1, relay=replace(made.relay, login=Login("oauth", "crm")))
    with pytest.raises(ServerError, match="OAuth any more") as error:
        opener(gone)
    assert (error.value.step, error.value.permanent) == ("token", True)


def test_the_dialogue_is_logged_where_that_is_set(
    office: PostOffice, opener: Opener, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the password."""
    with Sink(tmp_path, "starttls", login=True) as sink, caplog.at_level(logging.DEBUG):
        made = office.add(
            *("relay", Secrets(password=PASSWORD)),
            host=HOST,
            port=sink.port,
            ca=sink.authority,
            user=USER,
        )
        _sent(opener, made)
        assert not [one for one in caplog.records if "dialogue" in one.name]
        _sent(opener, office.edit(made, debug=True))
    said = [one.getMessage() for one in caplog.records if "dialogue" in one.name]
    assert any("MAIL FROM" in one for one in said)
    assert PASSWORD not in "".join(said)


def test_a_token_that_the_server_refuses_is_asked_for_anew(
    office: PostOffice, opener: Opener, token_server: TokenServer, tmp_path: Path
) -> None:
    """What stays in memory is good for many mails, until the mail server doesn't take it."""
    (tmp_path / "sink").mkdir()
    with Sink(tmp_path / "sink", "starttls", login=True) as sink:
        made = office.add(
            *("relay", Secrets(client_secret=SECRET)),
            host=HOST,
            port=sink.port,
            ca=sink.authority + token_server.authority,
            user="crm@example.org",
            authentication="oauth",
            client_id=CLIENT,
            authority=token_server.issuer,
        )
        for _ in range(2):
            with pytest.raises(ServerError) as refused:
                _sent(opener, made)
            assert refused.value.step == "login"
    assert len(token_server.forms("/tenant/token")) == 2


def test_what_is_intercepted_stands_below_the_data_directory(
    office: PostOffice, opener: Opener, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    made = office.add(intercept="file")
    assert _sent(opener, made) == SENT
    (written,) = (tmp_path / "data" / "intercepted").iterdir()
    assert b"Subject: x" in written.read_bytes()
