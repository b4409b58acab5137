"""Every change of a setting is kept, with who, when and why; secrets never."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from accounting import OAUTH, Office

import certs
from certs.material import local_files
from imapgate.activities.names import Mistake
from imapgate.incoming import accounts, history
from imapgate.servers.server import Secrets
from storage import settings_history


def test_an_account_s_whole_life(office: Office) -> None:
    """Made, changed, failed to be changed, renamed, removed."""
    made = office.add(creator="Support E-Mails", interval=60)
    made = office.edit(made, reason="too often", interval=120, after_reading="delete")
    with pytest.raises(Mistake):
        office.edit(made, port=0)
    made = office.edit(made, interval=120)
    made = office.edit(made, new_name="help")
    made = office.edit(made, active=False)
    office.remove(made)
    told = [(one.who, one.subject, dict(one.changes), one.reason) for one in office.records()]
    removed, disabled, renamed, changed, added = told
    assert added[:2] == ("anna@desk", "account support")
    assert added[2] == {
        "kind": (None, "mailbox"),
        "protocol": (None, "imaps"),
        "host": (None, "mail.example.net"),
        "port": (None, 993),
        "user": (None, "support"),
        "interval": (None, 60),
        "creator": (None, "Support E-Mails"),
        "password": (None, "set"),
    }
    assert changed == (
        "bert@desk",
        "account support",
        {"interval": (60, 120), "after_reading": (None, "delete")},
        "too often",
    )
    assert renamed[1:3] == ("account help", {"name": ("support", "help")})
    assert disabled[2] == {"active": (True, False)}
    assert (removed[0], removed[1], removed[3]) == ("carl@desk", "account help", "over")
    assert removed[2]["secrets"] == ("set", None)
    assert removed[2]["interval"] == (120, None)


def test_the_defaults_stand_in_it_too(office: Office) -> None:
    """As a subject of their own; what changes nothing isn't kept."""
    office.default(interval=60)
    office.default(interval=60)
    (one,) = office.records()
    assert (one.who, one.subject, one.reason) == ("dora@desk", "account defaults", "usual")
    assert one.changes == {"interval": (None, 60)}


def test_secrets_are_told_as_changed_alone(office: Office) -> None:
    """In every way in which they change; nothing of them stands in the database."""
    made = office.add(secrets=Secrets(password="sesame-one"))
    made = office.edit(made, secrets=Secrets(password="sesame-two"))
    made = office.edit(made, secrets=Secrets(client_secret="sesame-three"), **OAUTH)
    made = office.edit(made, grant="refresh_token")
    db, key = office.world.db, office.key
    for who in ("eve@desk", None, "eve@desk"):
        secrets = Secrets(refresh_token=f"sesame-{who}")
        db.write(lambda tx, s=secrets, w=who: accounts.replace_secrets(tx, made, s, key, w, "why"))
    assert office.secrets(made).refresh_token == "sesame-eve@desk"
    names = ("password", "client_secret", "refresh_token")
    told = [
        {name: change for name, change in one.changes.items() if name in names}
        for one in office.records()
    ]
    assert told == [
        {"refresh_token": ("set", "changed")},
        {"refresh_token": (None, "set")},
        {},
        {"password": ("set", None), "client_secret": (None, "set")},
        {"password": ("set", "changed")},
        {"password": (None, "set")},
    ]
    db.close()
    for file in db.path.parent.glob("imapgate.db*"):
        assert b"sesame" not in file.read_bytes()


def test_an_authority_is_told_by_its_hash(office: Office, tmp_path: Path) -> None:
    """The file itself is long, and of no use to people."""
    certs.local(tmp_path / "certs")
    ca = local_files(tmp_path / "certs")[1].read_text()
    office.add(ca=ca)
    told = office.records()[0].changes["ca"]
    assert told == (None, f"SHA-256 {hashlib.sha256(ca.encode()).hexdigest()}")


def test_an_account_s_history_follows_its_names(office: Office) -> None:
    """Not what another account did that later took the name."""
    first = office.edit(office.add("a"), new_name="b")
    office.edit(first, new_name="c")
    second = office.add("b")
    office.edit(second, label="second")

    def subjects(name: str, most: int = 100) -> list[str]:
        wanted = accounts.subject(name)
        found = office.world.db.read(
            lambda tx: history.records_of(tx, office.world.segment_id, wanted, most)
        )
        return [f"{one.subject} {next(iter(one.changes))}" for one in found]

    assert subjects("C") == ["account c name", "account b name", "account a kind"]
    assert subjects("c", 2) == ["account c name", "account b name"]
    assert subjects("b")[:2] == ["account b label", "account b kind"]
    assert subjects("nobody") == []
    everything = office.world.db.read(
        lambda tx: history.records_of(tx, office.world.segment_id, None, 100)
    )
    assert len(everything) == 5


def test_differences_are_those_of_both_sides() -> None:
    """What one of them lacks is None there."""
    found = settings_history.differences({"a": 1, "b": 2, "c": [1]}, {"a": 1, "b": 3, "d": 4})
    assert found == {"b": (2, 3), "c": ([1], None), "d": (None, 4)}
    assert json.loads(json.dumps(found))["b"] == [2, 3]
