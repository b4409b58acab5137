"""Who may come in."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from mailroom import folder
from world import PASSWORD, World, build

from imapgate.activities import passwords, users
from imapgate.activities.names import Mistake
from imapgate.folders import sign_in as sign_in_module
from imapgate.folders.sign_in import Admission, is_one_of, sign_in
from storage import Database, people
from storage.engine import Unavailable

COST = "$argon2id$v=19$m=8,t=1,p=1"
"""Of the passwords that tests sign in with."""


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.mark.parametrize("login", ["alice@Standard", "ALICE@standard", "Alice@Example.org"])
def test_by_name_and_segment_or_by_e_mail_in_any_case(world: World, login: str) -> None:
    admission = sign_in(world.db, login, PASSWORD)
    assert admission is not None
    assert admission.person == world.alice
    assert world.db.read(lambda tx: is_one_of(tx, world.alice, login))


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


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parameters of each Argon2 computation that a sign-in does."""
    done: list[str] = []
    verify, hash_ = PasswordHasher.verify, PasswordHasher.hash

    def counted(self: PasswordHasher, known: str, password: str) -> bool:
        done.append(known.rpartition("$")[0].rpartition("$")[0])
        return verify(self, known, password)

    def hashed(self: PasswordHasher, password: str, *, salt: bytes | None = None) -> str:
        done.append("hash")
        return hash_(self, password, salt=salt)

    passwords.matches(None, "")  # what nobody's password is compared with is made once
    monkeypatch.setattr(PasswordHasher, "verify", counted)
    monkeypatch.setattr(PasswordHasher, "hash", hashed)
    return done


@pytest.mark.usefixtures("dear_passwords")
def test_what_a_password_costs() -> None:
    """RFC 9106's second recommendation: 64 MiB, three passes, four lanes."""
    kept = passwords.hashed("secret")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(kept, "secret")
    assert not passwords.matches(kept, "other")
    assert not passwords.matches(None, "secret")
    assert passwords.is_outdated(PasswordHasher(memory_cost=64).hash("secret"))


def test_every_failure_costs_the_same_work(world: World, verified: list[str]) -> None:
    """Unknown, wrong, disabled, damaged, overlong: one computation with the same parameters
    (rule 22), as where the password is right."""

    def work(login: str, password: str) -> list[str]:
        verified.clear()
        sign_in(world.db, login, password)
        return list(verified)

    world.db.write(lambda tx: users.set_disabled(tx, "bob@Standard"))
    world.db.write(lambda tx: users.set_password(tx, "carol@Standard", "damaged"))
    right = work("alice@Standard", PASSWORD)
    assert right == [COST]
    for login in ("alice@Standard", "bob@Standard", "nobody@Standard", "no segment", ""):
        for password in (PASSWORD + "x", "", "x" * 100_000):
            assert work(login, password) == right, (login, password[:10])
    assert work("bob@Standard", PASSWORD) == right
    # A damaged hash is seen before anything is computed; then nobody's is.
    assert work("carol@Standard", PASSWORD)[-1:] == right


def test_a_hash_of_other_parameters_is_made_anew(world: World, verified: list[str]) -> None:
    """Once, at the first sign-in; a wrong password changes nothing."""
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    world.db.write(lambda tx: users.set_password(tx, "alice@Standard", old))

    def stored() -> str:
        return world.db.read(lambda tx: people.enabled(tx, [world.alice.id]))[world.alice.id]

    assert sign_in(world.db, "alice@Standard", "wrong") is None
    assert stored() == old
    first = sign_in(world.db, "alice@Standard", PASSWORD)
    assert first is not None
    assert first.password_hash == stored() != old
    verified.clear()
    assert sign_in(world.db, "alice@Standard", PASSWORD) == first
    assert verified == [COST]


def test_a_password_changed_meanwhile_is_not_put_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sets another while the old one's hash is being renewed: the old one is wrong."""
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    world.db.write(lambda tx: users.set_password(tx, "alice@Standard", old))
    new, rehashed = passwords.hashed("another"), passwords.rehashed

    def slow(password: str) -> str:
        world.db.write(lambda tx: users.set_password(tx, "alice@Standard", new))
        return rehashed(password)

    monkeypatch.setattr(passwords, "rehashed", slow)
    assert sign_in(world.db, "alice@Standard", PASSWORD) is None
    admission = sign_in(world.db, "alice@Standard", "another")
    assert admission is not None
    assert admission.password_hash == new


def test_a_database_that_takes_no_writes_lets_people_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    world.db.write(lambda tx: users.set_password(tx, "alice@Standard", old))

    def full(*_: object) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(world.db, "write", full)
    assert sign_in(world.db, "alice@Standard", PASSWORD) == Admission(world.alice, old)


def test_who_may_stay(world: World) -> None:
    """Of those asked about: who isn't disabled, and which folders they still see."""
    ids = {
        name: folder(world, person, name).id
        for person, name in (
            (world.alice, "INBOX"),
            (world.bob, "Trackers/Support"),
            (world.alice, "Trackers"),
        )
    }

    def look() -> dict[int, frozenset[int]]:
        people = {
            one.id: (one.segment_id, ids.values()) for one in (world.alice, world.carol, world.dave)
        }
        standing = world.db.read(lambda tx: sign_in_module.standing(tx, people))
        return {person: one.seen for person, one in standing.items()}

    shared = {ids["Trackers/Support"], ids["Trackers"]}
    assert look() == {
        world.alice.id: {*ids.values()},
        world.carol.id: shared,
        world.dave.id: {ids["Trackers"]},
    }
    world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
    assert look().keys() == {world.carol.id, world.dave.id}
    assert sign_in(world.db, "alice@Standard", PASSWORD) is None


@pytest.mark.parametrize(
    ("made", "typed", "right"),
    [
        ("pässword", "pa\u0308ssword", True),
        ("a\u00a0b", "a b", True),
        ("a\u3000b", "a b", True),
        ("ﬁne", "fine", False),
        ("Case", "case", False),
        (" a ", "a", False),
        ('q"\\uote', 'q"\\uote', True),
        ("💙", "💙", True),
        ("x" * 1000, "x" * 1000, True),
        ("x" * 1000, "x" * 1001, False),
    ],
)
def test_what_looks_the_same_is_the_same_password(made: str, typed: str, right: bool) -> None:
    """OpaqueString (RFC 8265 4.2): composed, every blank a blank; case and outer blanks count."""
    assert passwords.matches(passwords.hashed(made), typed) is right


@pytest.mark.parametrize("password", ["", "x" * 1001, "a\0b", "a\r\n", "a\x7f", "\udcff"])
def test_what_no_client_could_send_is_no_password(password: str) -> None:
    with pytest.raises(Mistake):
        passwords.hashed(password)


def test_a_database_that_is_away_is_no_wrong_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr(world.db, "read", away)
    with pytest.raises(Unavailable):
        sign_in(world.db, "alice@Standard", PASSWORD)
