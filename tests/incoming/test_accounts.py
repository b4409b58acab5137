"""Accounts: what they are made of, what follows from a change, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from accounting import OAUTH, PASSWORD, Office

import certs
from certs.material import local_files
from imapgate.activities import creators, segments
from imapgate.activities.names import Mistake
from imapgate.incoming import accounts
from imapgate.incoming.account import Place
from imapgate.incoming.settings.flat import BLANK, settings_of
from imapgate.servers.server import Login, OAuth, Secrets, Tls
from storage import accounts as rows

PIN = "ab" * 32


def test_what_was_said_is_what_is_read_back(office: Office, tmp_path: Path) -> None:
    """Every setting, with another value than the usual one."""
    certs.local(tmp_path / "certs")
    ca = local_files(tmp_path / "certs")[1].read_text()
    wanted: dict[str, Any] = {
        "label": "Support, day and night",
        "active": False,
        "protocol": "imap",
        "host": "imap.example.net",
        "port": 1143,
        "security": "starttls",
        "folder": "INBOX/Büro",
        "timeout": 5.0,
        "lowest_tls": "1.3",
        "pin": PIN,
        "ca": ca,
        "user": "grüße",
        "mechanism": "SCRAM-SHA-256",
        "after_reading": "move",
        "move_to": "Done",
        "interval": 60,
        "retries": 0,
        "debug": True,
        "per_round": 7,
        "creator": "Support E-Mails",
        "logging_user": "bob",
        "use_linked_user": True,
        "unknown_sender": "administrator",
        "stranger": "never",
        "hourly": 0,
        "plus": ["support@example.net"],
    }
    made = office.add("Büro", **wanted)
    kept = settings_of(made)
    assert {name: kept[name] for name in wanted} == wanted
    assert [n for n in wanted if wanted[n] == BLANK[n]] == []
    assert office.found("BÜRO") == made
    assert made.place == Place(
        *("imap", "imap.example.net", 1143, "INBOX/Büro"),
        Tls(True, "1.3", True, ca, PIN),
        Login("password", "grüße", "SCRAM-SHA-256"),
        5.0,
    )
    assert office.secrets(made) == PASSWORD


def test_the_settings_of_approvals_and_of_oauth(office: Office) -> None:
    """Those that go with a kind or a way to log in."""
    words = {"approve": ["ja", "passt"], "reject": ["nein"], "reply_to": "ok@example.net"}
    approving = office.add("ok", "approvals", **words).approving
    assert (approving.approve, approving.reject) == (("ja", "passt"), ("nein",))
    assert approving.reply_to == "ok@example.net"
    login = office.add("o", secrets=Secrets(client_secret="s"), scope="mail", **OAUTH).place.login
    assert login == Login(
        "oauth", "support", None, OAuth("https://login.example.net/acme", "imapgate", "mail")
    )


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no host": ({"host": ""}, "The host is empty."),
    "no user": ({"user": ""}, "Say who logs in: the user is missing."),
    "host with port": ({"host": "mail.example.net:993"}, "is no host name"),
    "host as url": ({"host": "imaps://mail"}, "is no host name"),
    "blank in host": ({"host": "mail example"}, "is no host name"),
    "control character": ({"host": "mail\x1b[2J"}, "The host holds control characters."),
    "line in user": ({"user": "a\r\nb"}, "The user holds control characters."),
    "zero in folder": ({"folder": "a\0b"}, "The folder holds control characters."),
    "long folder": ({"folder": "x" * 256}, "The folder is longer than 255 characters."),
    "port 0": ({"port": 0}, 'The port is 1 to 65535, not "0".'),
    "port too high": ({"port": 65536}, 'The port is 1 to 65535, not "65536".'),
    "port a word": ({"port": "imap"}, 'The port is 1 to 65535, not "imap".'),
    "port true": ({"port": True}, 'The port is 1 to 65535, not "True".'),
    "protocol": ({"protocol": "http"}, "The protocol is one of imap, imaps, pop3, pop3s, not"),
    "starttls twice": ({"security": "starttls"}, "STARTTLS goes with imap: imaps is encrypted"),
    "starttls, pop3s": (
        {"protocol": "pop3s", "security": "starttls"},
        "STARTTLS goes with pop3: pop3s is encrypted from the first octet.",
    ),
    "old tls": ({"lowest_tls": "1.0"}, "The lowest TLS version is one of 1.2, 1.3"),
    "pop3 folder": ({"protocol": "pop3s", "folder": "Work"}, "POP3 knows no folder but INBOX"),
    "pop3 move": (
        {"protocol": "pop3s", "after_reading": "move", "move_to": "Done"},
        "POP3 can't move a mail",
    ),
    "move nowhere": ({"after_reading": "move"}, "Say which folder the mails are moved to."),
    "folder, no move": (
        {"after_reading": "keep", "move_to": "Done"},
        "A folder to move to goes with moving after reading.",
    ),
    "move to itself": (
        {"folder": "inbox", "after_reading": "move", "move_to": "INBOX"},
        'The mails are in "inbox" already',
    ),
    "unchecked in clear": (
        {"protocol": "imap", "verify": False},
        "Without TLS there is no certificate, so certificate validation can't be set: use imaps",
    ),
    "pin in clear": ({"protocol": "pop3", "pin": PIN}, "so a pinned certificate can't be set"),
    "pin unchecked": ({"verify": False, "pin": PIN}, "is of no use while certificates aren't"),
    "short pin": ({"pin": "abcd"}, "64 hexadecimal digits"),
    "ca": ({"ca": "-----BEGIN CERTIFICATE-----"}, "holds no certificate in PEM form"),
    "no time-out": ({"timeout": 0}, "The time-out is 1 to 600 seconds"),
    "endless": ({"timeout": float("nan")}, "The time-out is 1 to 600 seconds"),
    "no interval": ({"interval": 0}, "The interval is 10 to 604800 seconds"),
    "retries": ({"retries": -1}, "The number of retries is 0 to 100"),
    "per round": ({"per_round": 0}, "The number of messages per round is 1 to 10000"),
    "debug": ({"debug": "perhaps"}, 'The debug is on or off, not "perhaps".'),
    "mechanism": ({"mechanism": "NTLM"}, "The mechanism is one of SCRAM-SHA-256"),
    "apop on imap": ({"mechanism": "APOP"}, "The mechanism APOP doesn't go with imaps"),
    "xoauth2 with password": (
        {"mechanism": "XOAUTH2"},
        "The mechanism XOAUTH2 doesn't go with imaps and authentication password",
    ),
    "user, no login": ({"authentication": "none"}, "there is neither user nor mechanism"),
    "scope, no oauth": ({"scope": "mail"}, "go with authentication oauth"),
    "oauth in clear": ({"protocol": "imap", **OAUTH}, "OAuth goes with TLS only"),
    "oauth, no client": ({**OAUTH, "client_id": ""}, "OAuth needs an authority and a client id."),
    "oauth, http": ({**OAUTH, "authority": "http://x.example"}, "it begins with https://"),
    "oauth, http here": ({**OAUTH, "authority": "http://localhost"}, "it begins with https://"),
    "oauth, user info": ({**OAUTH, "authority": "https://u:p@x"}, "it begins with https://"),
    "creator": ({"creator": "Nobody's"}, 'There is no creator "Nobody\'s".'),
    "logging user": ({"logging_user": "nobody"}, 'There is no user "nobody@'),
    "plus": ({"plus": ["support"]}, '"support" is no e-mail address.'),
    "many plus": ({"plus": [f"a{n}@x" for n in range(51)]}, "more than 50 plus addresses"),
    "words": ({"approve": ["fine"]}, "approve or reject words go with kind approvals"),
    "hourly": ({"hourly": -1}, "The number of mails per hour is 0 to 1000000"),
    "stranger": ({"stranger": "maybe"}, "The choice for strangers is one of link, known, never"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_makes_no_sense_is_refused_in_one_sentence(office: Office, why: str) -> None:
    """And nothing is kept of it; the same for a change of an account that is there."""
    wanted, said = REFUSED[why]
    secrets = Secrets(password="x", client_secret="y")
    with pytest.raises(Mistake) as refused:
        office.add(secrets=secrets, **wanted)
    sentence = str(refused.value)
    assert said in sentence
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert office.records() == []
    before = office.add("other")
    if why != "user, no login":  # there, the user follows
        with pytest.raises(Mistake, match=r".\.$"):
            office.edit(before, secrets=secrets, **wanted)
        assert office.found("other") == before
        assert len(office.records()) == 1


@pytest.mark.parametrize(
    ("kind", "wanted", "said"),
    [
        ("approvals", {"approve": ["Ja"], "reject": ["JA"]}, '"ja" can\'t both approve and reject'),
        ("approvals", {"approve": []}, "a word to approve and one to reject"),
        ("approvals", {"after_reading": "keep"}, "An approvals account empties its folder"),
        ("approvals", {"reply_to": "me"}, '"me" is no e-mail address.'),
        ("archive", {}, "An archive needs a creator"),
        ("diary", {}, "The kind is one of mailbox, archive, approvals"),
    ],
)
def test_what_a_kind_asks_for(office: Office, kind: str, wanted: Any, said: str) -> None:
    """Each kind's own rules."""
    with pytest.raises(Mistake, match=said):
        office.add("x", kind, **wanted)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The account name is empty."),
        ("  ", "The account name is empty."),
        ("a\tb", "The account name holds control characters."),
        ("a\u2028b", "The account name holds control characters."),
        ("x" * 201, "The account name is longer than 200 characters."),
        (" SUPPORT ", 'There is already an account "SUPPORT".'),
    ],
)
def test_names(office: Office, name: str, said: str) -> None:
    """Unique in the segment, whatever their case; also when one is renamed."""
    office.add()
    other = office.add("other")
    with pytest.raises(Mistake, match=said):
        office.add(name)
    with pytest.raises(Mistake, match=said):
        office.edit(other, new_name=name)
    assert office.edit(other, new_name=" Other ").name == "Other"


def test_another_segment_s_are_neither_found_nor_in_the_way(office: Office) -> None:
    """Nor can its people or creators be named."""
    world = office.world

    def north(tx: Any) -> int:
        made, _ = segments.add_segment(tx, "North", "nora", None, "x")
        creators.add_creator(tx, made.id, "Northern", "E-Mail")
        return made.id

    segment_id = world.db.write(north)
    office.add()
    there = Office(type(world)(world.db, segment_id, world.people, world.groups), office.key)
    with pytest.raises(Mistake, match='There is no account "support"'):
        there.found("support")
    assert there.add().id != office.found("support").id
    with pytest.raises(Mistake, match='"nora@North" is a user of another segment'):
        office.add("x", logging_user="nora@North")
    with pytest.raises(Mistake, match='There is no creator "Northern"'):
        office.add("x", creator="Northern")
    everywhere = world.db.read(accounts.list_accounts)
    assert [one.segment_id for one in everywhere] == [world.segment_id, segment_id]
    assert len(world.db.read(lambda tx: accounts.list_accounts(tx, segment_id))) == 1


@pytest.mark.parametrize(
    ("before", "wanted", "follows"),
    [
        ({}, {"protocol": "pop3s"}, {"port": 995}),
        ({"port": 1993}, {"protocol": "pop3s"}, {"port": 1993}),
        ({"port": 1993}, {"protocol": "pop3s", "port": 1995}, {"port": 1995}),
        ({"folder": "Work"}, {"protocol": "pop3s"}, {"folder": "INBOX"}),
        (
            {"protocol": "imap", "security": "starttls"},
            {"protocol": "imaps"},
            {"security": "none", "port": 993},
        ),
        (
            {"protocol": "imap", "security": "starttls", "pin": PIN},
            {"protocol": "pop3"},
            {"security": "starttls", "pin": PIN},
        ),
        ({"pin": PIN}, {"protocol": "imap"}, {"pin": None}),
        ({"after_reading": "move", "move_to": "A"}, {"after_reading": "keep"}, {"move_to": None}),
        ({"after_reading": "move", "move_to": "A"}, {"after_reading": None}, {"move_to": None}),
        ({"mechanism": "PLAIN"}, OAUTH, {"mechanism": None}),
        ({"mechanism": "PLAIN"}, {"host": "x.example"}, {"mechanism": "PLAIN"}),
        ({}, {"authentication": "none"}, {"user": ""}),
    ],
)
def test_what_hangs_on_a_changed_setting_follows(
    office: Office, before: Any, wanted: Any, follows: Any
) -> None:
    """And what is named by itself doesn't."""
    made = office.add(**before)
    now = settings_of(office.edit(made, secrets=Secrets(client_secret="x"), **wanted))
    assert {name: now[name] for name in follows} == follows


def test_secrets_go_with_the_way_to_log_in(office: Office) -> None:
    """Those of another way are forgotten; each is needed where nobody can log in without it."""
    made = office.add()
    with pytest.raises(Mistake, match="The grant client_credentials needs a client secret"):
        office.edit(made, **OAUTH)
    assert office.secrets(made) == PASSWORD
    made = office.edit(made, secrets=Secrets(client_secret="c"), **OAUTH)
    assert office.secrets(made) == Secrets(client_secret="c")
    made = office.edit(made, grant="refresh_token")
    office.edit(made, secrets=Secrets(refresh_token="r"))
    assert office.secrets(made) == Secrets(client_secret="c", refresh_token="r")
    made = office.edit(made, grant="client_credentials")
    assert office.secrets(made) == Secrets(client_secret="c")
    with pytest.raises(Mistake, match="The account needs a password"):
        office.edit(made, authentication="password")
    made = office.edit(made, authentication="none")
    assert office.secrets(made) == Secrets()
    assert office.world.db.read(lambda tx: rows.secrets(tx, made.id)) is None
    with pytest.raises(Mistake, match="The account needs a password"):
        office.add("x", secrets=Secrets())


@pytest.mark.parametrize("secret", ["", "x" * 8193, "a\nb", "a\0b"])
def test_a_password_that_no_server_takes_is_refused_unquoted(office: Office, secret: str) -> None:
    """Whatever else it is: any text."""
    with pytest.raises(Mistake) as refused:
        office.add(secrets=Secrets(password=secret))
    assert str(refused.value).startswith("The password ")
    assert office.secrets(office.add(secrets=Secrets(password=" 🦆 "))).password == " 🦆 "


def test_with_the_key_gone_settings_can_be_changed_and_the_password_set_anew(
    office: Office,
) -> None:
    """What needs the old secrets says so."""
    made = office.add()
    office.key.path.unlink()
    lost = Office(office.world, type(office.key)(office.key.path))
    lost.edit(made, interval=60)
    with pytest.raises(Mistake, match="is missing: put it back"):
        lost.secrets(made)
    lost.edit(made, secrets=Secrets(password="new"))
    assert lost.secrets(made) == Secrets(password="new")


def test_a_creator_that_accounts_file_by_stays(office: Office) -> None:
    """Else their mails would go elsewhere, unasked."""
    world = office.world
    made = office.add(creator="Support E-Mails")

    def remove() -> None:
        world.db.write(lambda tx: creators.remove_creator(tx, world.segment_id, "support e-mails"))

    with pytest.raises(Mistake, match='what the mails of account "support" become'):
        remove()
    office.edit(made, creator=None)
    remove()


def test_a_removed_account_is_gone_and_its_id_never_comes_back(office: Office) -> None:
    """What an account brought is known by it."""
    made = office.add()
    office.remove(made)
    with pytest.raises(Mistake, match='There is no account "support"'):
        office.found("support")
    assert office.world.db.read(lambda tx: accounts.account_by_id(tx, made.id)) is None
    assert office.add().id > made.id
