"""What mail clients see: through a server, or from the database straight."""

from __future__ import annotations

from typing import Any

import mailroom
from imap import Client, Fetched
from ledger import GROUPS, PERSONAL, PLACES, Found, Place
from stored import Rows
from world import World

WRITTEN_HERE = b"\r\nX-imapgate-Activity: "


def fetched(port: int, rows: Rows) -> Found:
    """All messages of all folders that somebody put there, as FETCH gives them; rows: what was just
    looked at."""
    messages = {}
    for user in ("alice", "bob", "carol"):
        client = Client(port, user, f"look{user}")
        try:
            places = [(user, name) for name in PERSONAL]
            if user == "alice":
                places += GROUPS
            for place in places:
                found, head = client.fetch(place[1])
                assert len(found) == head["EXISTS"], f"{place}: EXISTS {head['EXISTS']}"
                assert head["UIDNEXT"] == rows.heads[place]["UIDNEXT"], place
                assert head["UIDVALIDITY"] == rows.heads[place]["UIDVALIDITY"], place
                messages[place] = put_there(found)
        finally:
            client.close()
    return Found(messages, rows.heads)


def read(world: World, rows: Rows) -> Found:
    """The same without a server, from the bytes that a FETCH would send."""
    messages: dict[Place, list[Fetched]] = {}
    for place in PLACES:
        person = world.people[place[0] or "alice"]
        uids = list(mailroom.opened(world, person, place[1]).uids)
        items = [mailroom.body(), mailroom.item("FLAGS"), mailroom.item("INTERNALDATE")]
        fetched = mailroom.fetch(world, person, place[1], uids, items)
        messages[place] = put_there([_message(uid, values) for uid, values in fetched.items()])
    return Found(messages, rows.heads)


def put_there(found: list[Fetched]) -> list[Fetched]:
    """What somebody put there: without the server's own messages of activities."""
    return [one for one in found if WRITTEN_HERE not in one.content]


def _message(uid: int, values: dict[str, Any]) -> Fetched:
    internal = values["INTERNALDATE"].decode()
    return Fetched(uid, values["BODY[]"], frozenset(values["FLAGS"]), internal)
