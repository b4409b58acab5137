"""Who may come in."""

from __future__ import annotations

import pytest
from world import PASSWORD, World, build

from imapgate.activities import passwords, users
from imapgate.folders.sign_in import sign_in, still_welcome
from storage import Database
from storage.engine import Unavailable


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.mark.parametrize("login", ["alice@Standard", "ALICE@standard", "Alice@Example.org"])
def test_by_name_and_segment_or_by_e_mail_in_any_case(world: World, login: str) -> None:
    assert sign_in(world.db, login, PASSWORD) == world.alice


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice@Standard", "wrong"),
        ("alice@Standard", ""),
        ("alice", PASSWORD),
        ("nobody@Standard", PASSWORD),
        ("alice@Other", PASSWORD),
        ("", ""),
    ],
)
def test_anything_else_doesnt(world: World, login: str, password: str) -> None:
    assert sign_in(world.db, login, password) is None


def test_an_unknown_login_costs_a_hash_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def matches(password_hash: str | None, password: str) -> bool:
        asked.append(password_hash)
        return False

    monkeypatch.setattr(passwords, "matches", matches)
    sign_in(world.db, "nobody@Standard", "x")
    sign_in(world.db, "alice@Standard", "x")
    assert asked[0] is None
    assert asked[1] is not None


def test_who_is_disabled_is_out_at_once(world: World) -> None:
    assert world.db.read(lambda tx: still_welcome(tx, world.alice))
    world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
    assert not world.db.read(lambda tx: still_welcome(tx, world.alice))
    assert sign_in(world.db, "alice@Standard", PASSWORD) is None


def test_a_database_that_is_away_is_no_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(world.db, "read", away)
    with pytest.raises(Unavailable):
        sign_in(world.db, "alice@Standard", PASSWORD)
