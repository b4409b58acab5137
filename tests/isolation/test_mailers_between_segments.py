"""Mailers and mail accounts of one segment are nobody's business in another."""

from __future__ import annotations

from pathlib import Path

import pytest
import world as worlds
from world import World

from imapgate.activities import segments, senders
from imapgate.activities.names import Mistake
from imapgate.incoming import accounts
from imapgate.mime.reading import read
from imapgate.outgoing import history, mail_accounts, mailers
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.identities import identity_of
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Database, Tx

ADDRESS = "desk@other.example"


@pytest.fixture
def here(db: Database) -> World:
    return worlds.build(db)


@pytest.fixture
def there(here: World, tmp_path: Path) -> World:
    """Segment Elsewhere, with a mailer, an account with an OAuth application, and a mail account of
    its administrator."""
    key = SecretKey(tmp_path / "secrets.key")

    def make(tx: Tx) -> World:
        segment, admin = segments.add_segment(tx, "Elsewhere", "admin", "a@other.example", "none")
        assert admin is not None
        said = {"host": "mail.other.example", "from": "crm@other.example"}
        mailers.add_mailer(tx, segment.id, "relay", said, Secrets(), key, "tests")
        oauth = {
            "host": "mail.other.example",
            "user": "a@other.example",
            "authentication": "oauth",
            "authority": "https://login.other.example",
            "client_id": "app",
            "grant": "refresh_token",
        }
        accounts.add_account(tx, segment.id, "app", "mailbox", oauth, Secrets(), key, "tests")
        mail_accounts.add_mail_account(tx, admin, ADDRESS, {}, "tests")
        return World(here.db, segment.id, {"admin": admin}, {})

    return here.db.write(make)


def test_a_segment_s_mail_goes_out_by_its_own_mailers(here: World, there: World) -> None:
    """The system's mail isn't From another segment's address, either."""

    def look(tx: Tx) -> None:
        theirs = mailer_for(tx, there.segment_id, None)
        assert theirs is not None
        assert theirs.sender == "crm@other.example"
        assert mailer_for(tx, here.segment_id, here.alice.id) is None
        assert identity_of(tx, here.segment_id, None).is_fallback
        assert mailers.list_mailers(tx, here.segment_id) == []
        with pytest.raises(Mistake, match='There is no mailer "relay"'):
            mailers.find_mailer(tx, here.segment_id, "relay")
        assert history.records_of(tx, here.segment_id, None, 10) == []

    here.db.read(look)


def test_nobody_sends_by_another_segment_s_mailer_or_application(
    here: World, there: World, tmp_path: Path
) -> None:
    """They aren't there, as if there were none."""
    key = SecretKey(tmp_path / "secrets.key")

    def send_by_theirs(tx: Tx) -> None:
        wanted = {"mailer": "relay"}
        mail_accounts.add_mail_account(tx, here.alice, "alice@example.org", wanted, "tests")

    def use_theirs(tx: Tx) -> None:
        said = {"host": "mail.example.org", "account": "app", "from": "crm@example.org"}
        mailers.add_mailer(tx, here.segment_id, "relay", said, Secrets(), key, "tests")

    with pytest.raises(Mistake, match='There is no mailer "relay"'):
        here.db.write(send_by_theirs)
    with pytest.raises(Mistake, match='There is no account "app"'):
        here.db.write(use_theirs)


def test_an_address_is_a_user_s_in_one_segment_alone(here: World, there: World) -> None:
    """Mail from it is a stranger's in the other, and it is free there."""
    letter = read(f"From: {ADDRESS}\r\n\r\n".encode()).mail
    ours = here.db.read(lambda tx: senders.look_up(tx, here.segment_id, letter))
    theirs = here.db.read(lambda tx: senders.look_up(tx, there.segment_id, letter))
    assert (ours.user, ours.contact_id) == (None, None)
    assert theirs.user is not None
    here.db.write(lambda tx: mail_accounts.add_mail_account(tx, here.alice, ADDRESS, {}, "tests"))
    ours = here.db.read(lambda tx: senders.look_up(tx, here.segment_id, letter))
    assert ours.user is not None
    assert ours.user.name == "alice"
