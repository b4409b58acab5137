"""Any UTF-8 password signs in, however a client writes it (RFC 3501 6.2.3, RFC 4616, RFC 4959)."""

from __future__ import annotations

import base64

import pytest
from argon2 import PasswordHasher
from transcript import Stage
from world import World

from imapgate.activities import passwords, users

PASSWORDS = [
    "plain",
    'quo"te',
    "back\\slash\\",
    '\\"',
    " outer blanks ",
    "two  blanks",
    "pässwörd",
    "пароль",
    "💙🔑",
    "{5}",
    "{5+}",
    "NIL",
    "(a) %*[b]",
    "a" * 1000,
    "ä" * 1000,
]
FAILED = "a NO [AUTHENTICATIONFAILED] The login or the password is wrong."


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is hashed is looked at here, not how."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)


def quoted(password: str) -> bytes:
    return b'"%b"' % password.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def literal(password: str, sign: bytes) -> bytes:
    octets = password.encode()
    return b"{%d%b}\r\n%b" % (len(octets), sign, octets)


def plain(*fields: str) -> bytes:
    return base64.b64encode("\0".join(fields).encode())


WAYS = {
    "quoted": lambda one: b"a LOGIN alice@Standard " + quoted(one),
    "quoted login": lambda one: b'a LOGIN "alice@Standard" ' + quoted(one),
    "literal": lambda one: b"a LOGIN alice@Standard " + literal(one, b""),
    "literal+": lambda one: b"a LOGIN {14+}\r\nalice@Standard " + literal(one, b"+"),
    "initial response": lambda one: b"a AUTHENTICATE PLAIN " + plain("", "alice@Standard", one),
    "asked for": lambda one: b"a AUTHENTICATE PLAIN\r\n" + plain("", "alice@Standard", one),
}


def answer(stage: Stage, command: bytes) -> str:
    """To a new connection's one command, which ends with it."""
    client = stage.connect("new")
    client.read().clear()
    client.send(command + b"\r\n")
    last = client.read()[-1]
    client.lose()
    return last


@pytest.mark.parametrize("password", PASSWORDS)
def test_any_password_in_any_form(stage: Stage, world: World, password: str) -> None:
    known = passwords.hashed(password)
    world.db.write(lambda tx: users.set_password(tx, "alice@Standard", known))
    for way, written in WAYS.items():
        assert answer(stage, written(password)).startswith("a OK"), way
        assert answer(stage, written(password + "x")) == FAILED, way


def test_a_password_typed_on_another_keyboard(stage: Stage, world: World) -> None:
    """Decomposed letters and no-break blanks, as some systems send them (RFC 8265 4.2)."""
    known = passwords.hashed("pässwörd hier")
    world.db.write(lambda tx: users.set_password(tx, "alice@Standard", known))
    for way, written in WAYS.items():
        other = "pa\u0308sswo\u0308rd\u00a0hier"
        assert answer(stage, written(other)).startswith("a OK"), way


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (b"a LOGIN alice@Standard {5+}\r\nde\0mo", "a BAD Expected a password without NUL"),
        (b'a LOGIN alice@Standard "de\0mo"', "a BAD Expected a password"),
        (b"a LOGIN alice@Standard {5000}", "a NO [TOOBIG]"),
        (b"a AUTHENTICATE PLAIN " + plain("", "alice@Standard", "de", "mo"), "a BAD Expected auth"),
        (b"a AUTHENTICATE PLAIN " + plain("alice@Standard", "demo"), "a BAD Expected auth"),
        (b"a AUTHENTICATE PLAIN " + plain("", "", ""), FAILED),
        (b"a AUTHENTICATE PLAIN !!!", "a BAD Expected an initial response in base64"),
        (b"a AUTHENTICATE PLAIN " + plain("", "alice@Standard", "x" * 6000), FAILED),
        (b'a LOGIN alice@Standard "' + b"x" * 8000 + b'"', FAILED),
        (b"a AUTHENTICATE PLAIN\r\n" + plain("", "alice@Standard", "x" * 60_000), "a BAD The ans"),
        (b'a LOGIN alice@Standard "\xff\xfe"', FAILED),
    ],
)
def test_what_is_no_password(stage: Stage, command: bytes, said: str) -> None:
    """NUL is an error of syntax everywhere; too long and no UTF-8 are told apart from nothing."""
    assert answer(stage, command).startswith(said)


@pytest.mark.parametrize(
    "other", ["alice@Standard", "ALICE@standard", "alice@example.org", "Alice@Example.ORG"]
)
@pytest.mark.parametrize("login", ["alice@Standard", "alice@example.org"])
def test_ones_own_logins_are_one_authorization_identity(
    stage: Stage, login: str, other: str
) -> None:
    said = answer(stage, b"a AUTHENTICATE PLAIN " + plain(other, login, "demo"))
    assert said.startswith("a OK"), said
    assert said.endswith("Signed in as alice.")


@pytest.mark.parametrize("other", ["bob@Standard", "admin@Standard", "nobody@Standard", "alice"])
def test_nobody_signs_in_as_somebody_else(stage: Stage, other: str) -> None:
    """Told alike whether there is such a user, and only to who knows their own password."""
    right = answer(stage, b"a AUTHENTICATE PLAIN " + plain(other, "alice@Standard", "demo"))
    assert right == "a NO [AUTHORIZATIONFAILED] Nobody may sign in as somebody else."
    assert answer(stage, b"a AUTHENTICATE PLAIN " + plain(other, "alice@Standard", "no")) == FAILED


def test_a_disabled_user_hears_what_everybody_hears(stage: Stage, world: World) -> None:
    """The right password isn't told from a wrong one, nor the user from one who isn't there."""
    world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
    for login, password in (("alice@Standard", "demo"), ("alice@Standard", "no"), ("no@no", "no")):
        for other in ("", login, "bob@Standard"):
            written = b"a AUTHENTICATE PLAIN " + plain(other, login, password)
            assert answer(stage, written) == FAILED, (login, password, other)
