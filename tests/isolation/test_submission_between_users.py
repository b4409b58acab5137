"""Mail that one user sends tells another nothing: neither by answers, nor by what is filed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import world as worlds
from desk import Desk, mail
from posting import REFUSED, with_mailer
from submitting import ALICE, CUSTOMER, Post, letter, plain
from world import World

from imapgate.activities import segments, users
from imapgate.folders import groups as folder_groups
from storage import Database, Tx, people

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    made = worlds.build(db)
    with_mailer(made)
    return made


@pytest.fixture
def post(world: World) -> Iterator[Post]:
    made = Post(world)
    yield made
    made.close()


def test_a_number_that_isn_t_seen_is_as_one_that_doesn_t_exist(post: Post, world: World) -> None:
    """Same answer, same nothing."""
    Desk(world, world.alice).append(SUPPORT, mail())
    for n, number in enumerate((10000001, 99999999)):
        content = letter(f"#{number}", sender="dave@example.org", n=n)
        assert post.submit(content, who="dave") == "250 2.0.0 Handed over: taken as 4711"
    first, second = post.came
    assert (first.state, first.code, first.text) == (second.state, second.code, second.text)
    assert "Incoming/Failed" not in Desk(world, world.dave).names()


def test_the_same_mail_of_another_user_is_another_mail(post: Post, world: World) -> None:
    """Whoever submits somebody else's bytes learns nothing of whether they were sent."""
    assert post.submit(letter()).startswith("250 ")
    answer = post.submit(letter(), who="bob", sender="bob@example.org")
    assert answer.startswith(f"550 5.7.1 Not sent. From {ALICE} isn't yours")
    assert post.relay.got() == [CUSTOMER]


def test_a_segment_sends_by_its_own_mailers_alone(post: Post, world: World) -> None:
    """And a user of another segment signs in there, under the same name."""

    def make(tx: Tx) -> None:
        segment, _ = segments.add_segment(tx, "Elsewhere", "root", "r@other.example", "none")
        password_hash = people.enabled(tx, [world.alice.id])[world.alice.id]
        other = users.add_user(tx, segment.id, "alice", "a@other.example", password_hash)
        folder_groups.make_home(tx, other)

    world.db.write(make)
    client = post.connect("new")
    client.send(f"EHLO x\r\nAUTH PLAIN {plain('alice@Elsewhere')}\r\n".encode())
    client.send(b"MAIL FROM:<a@other.example>\r\nMAIL FROM:<alice@example.org>\r\n")
    *_, none, foreign = client.read()
    client.lines.clear()
    assert none.startswith("451 4.3.5 Not sent. There is no mailer")
    assert foreign.startswith("550 5.7.1 The sender alice@example.org isn't yours")


def test_who_was_disabled_or_has_another_password_sends_no_more(post: Post, world: World) -> None:
    """Also in the middle: the mail that is whole isn't sent."""
    post.client("alice")
    client = post.client("alice2")
    client.send(f"MAIL FROM:<{ALICE}>\r\nRCPT TO:<{CUSTOMER}>\r\nDATA\r\n".encode())
    client.read().clear()
    world.db.write(lambda tx: people.set_disabled(tx, world.alice.id, True))
    client.send(letter())
    assert list(client.read()) == ["535 5.7.8 Sign in again: your account has changed."]
    client.lines.clear()
    assert client.closed
    assert post.submit(letter()).startswith("535 5.7.8 ")
    assert post.relay.attempts == []


def test_what_another_user_s_mail_came_to_is_in_nobody_else_s_sight(
    post: Post, world: World
) -> None:
    """Refused ones, too: neither the administrator's INBOX nor their Incoming/Failed."""
    post.relay.script = [REFUSED]
    post.submit(letter("Private"))
    post.submit(letter("Private", n=2))
    for person in world.people.values():
        desk = Desk(world, person)
        assert desk.contents("INBOX") == []
        assert "Incoming/Failed" not in desk.names()
